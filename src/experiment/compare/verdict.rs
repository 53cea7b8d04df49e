//! Who wins, in words, or why nobody does.

use super::{Comparison, Relation};
use crate::report::numbers::number;

const P99: &str = "sim-record-latency p(99)";
const REQUESTS: &str = "sim-requests";

/// One sentence or two.
pub fn winner(comparison: &Comparison) -> Vec<String> {
    let arms = 1..comparison.labels.len();
    if arms.clone().all(|arm| comparison.is_identical(arm)) {
        return vec!["No winner: every arm does exactly the same, bit for bit.".to_owned()];
    }
    let different = comparison.different_populations();
    if !different.is_empty() {
        let names: Vec<String> = different.iter().map(|name| super::rows::label(name)).collect();
        return vec![format!(
            "No winner: the arms did not do the same ({} differ), so their latencies are those of different records.",
            names.join(", ")
        )];
    }
    let best = |name: &str| {
        let row = comparison.row(name)?;
        let mean = |arm: usize| comparison.estimate(arm, row).map_or(f64::INFINITY, |estimate| estimate.mean);
        (0..comparison.labels.len()).min_by(|a, b| mean(*a).total_cmp(&mean(*b)))
    };
    let (Some(fastest), Some(thriftiest)) = (best(P99), best(REQUESTS)) else { return Vec::new() };
    // The best arm against the base, or, if it is that itself, against the one that comes next.
    let told = |arm: usize, name: &str| {
        let row = comparison.row(name)?;
        let rival = rival(comparison, arm, row)?;
        Some((rival, ratio(comparison, arm, rival, row)?))
    };
    let label = |arm: usize| &comparison.labels[arm];
    let shown = |arm: usize, name: &str| number(comparison.mean(arm, name));
    match (told(fastest, P99), told(thriftiest, REQUESTS)) {
        (None, None) => vec!["No winner: p99 latency and requests are indistinguishable.".to_owned()],
        (Some((slower, faster)), Some((busier, fewer))) if fastest == thriftiest && slower == busier => {
            vec![format!(
                "{} wins: {faster} lower p99 latency and {fewer} fewer requests than {}.",
                label(fastest),
                label(slower)
            )]
        }
        (faster, fewer) => {
            let faster = faster.map(|(slower, faster)| {
                format!(
                    "{} has the lowest p99 latency: {faster} lower than {}, with {} requests instead of {}.",
                    label(fastest),
                    label(slower),
                    shown(fastest, REQUESTS),
                    shown(slower, REQUESTS)
                )
            });
            let fewer = fewer.map(|(busier, fewer)| {
                format!(
                    "{} needs the fewest requests: {fewer} fewer than {}, at a p99 latency of {} instead of {} ms.",
                    label(thriftiest),
                    label(busier),
                    shown(thriftiest, P99),
                    shown(busier, P99)
                )
            });
            faster.into_iter().chain(fewer).collect()
        }
    }
}

/// Whom the best arm is measured against: the base, or, if it is that itself, the nearest of the others; `None` if it is
/// indistinguishable from that.
fn rival(comparison: &Comparison, best: usize, row: usize) -> Option<usize> {
    let distinct = |arm: usize| {
        matches!(
            comparison.relation(arm, row),
            Some(Relation::Better | Relation::Worse | Relation::Different)
        )
    };
    if best > 0 {
        return distinct(best).then_some(0);
    }
    let mean = |arm: usize| comparison.estimate(arm, row).map_or(f64::INFINITY, |estimate| estimate.mean);
    let nearest = (1..comparison.labels.len()).min_by(|a, b| mean(*a).total_cmp(&mean(*b)))?;
    distinct(nearest).then_some(nearest)
}

/// `1.42 ± 0.03 ×`: how many times the other has what this one has, over the seeds.
fn ratio(comparison: &Comparison, arm: usize, rival: usize, row: usize) -> Option<String> {
    let pairs = comparison.values(arm, row).zip(comparison.values(rival, row));
    let ratios: Vec<f64> = pairs
        .filter_map(|(arm, rival)| arm.zip(rival))
        .filter(|(arm, _)| *arm != 0.0)
        .map(|(arm, rival)| rival / arm)
        .collect();
    let estimate = super::super::stats::Estimate::of(&ratios)?;
    Some(match estimate.half {
        Some(half) => format!("{:.2} ± {half:.2} ×", estimate.mean),
        None => format!("{:.2} ×", estimate.mean),
    })
}
