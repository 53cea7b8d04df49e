//! Why an arm differs from the base: which reasons made batches leave, how long they waited where, what requests did.

use super::{Comparison, Relation};
use crate::report::numbers::number;

/// A change of a share by less than this, in hundredths of all batches, is not worth a word.
const LEAST_POINTS: f64 = 1.0;

/// What has changed between the base and an arm, one line each; only what can be told apart.
pub fn reasons(comparison: &Comparison, arm: usize) -> Vec<String> {
    if comparison.is_identical(arm) {
        return vec!["the same runs, bit for bit".to_owned()];
    }
    let mut lines = Vec::new();
    lines.extend(closing(comparison, arm));
    for (what, rows) in [
        ("batching", &[("sim-records-per-batch avg", "records a batch"), ("sim-requests", "requests")][..]),
        (
            "queueing",
            &[
                ("sim-first-record-wait avg", "ms in the accumulator"),
                ("request-latency-avg", "ms a request"),
                ("sim-blocked-time", "s blocked in send"),
            ],
        ),
        (
            "retries and silence",
            &[("record-retry-total", "records sent again"), ("sim-longest-silence", "ms longest silence")],
        ),
    ] {
        let told: Vec<String> =
            rows.iter().filter_map(|(name, unit)| change(comparison, arm, name, unit)).collect();
        if !told.is_empty() {
            lines.push(format!("{what}: {}", told.join(", ")));
        }
    }
    if lines.is_empty() {
        lines.push("nothing that these seeds can tell apart".to_owned());
    }
    lines
}

/// Why batches left, in shares.
fn closing(comparison: &Comparison, arm: usize) -> Option<String> {
    let mut changes: Vec<(f64, String)> = Vec::new();
    for (row, wanted) in comparison.wanted.iter().enumerate() {
        let Some(reason) = wanted.metric.label("reason") else { continue };
        let Some(difference) = comparison.difference(arm, row) else { continue };
        let points = 100.0 * difference.estimate.mean;
        if points.abs() >= LEAST_POINTS && !difference.estimate.may_be_zero() {
            let (before, after) = (100.0 * difference.base, 100.0 * difference.base + points);
            changes.push((points.abs(), format!("{reason} {before:.0}% -> {after:.0}%")));
        }
    }
    changes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let told: Vec<String> = changes.into_iter().map(|(_, text)| text).collect();
    (!told.is_empty()).then(|| format!("batches left by {}", told.join(", ")))
}

fn change(comparison: &Comparison, arm: usize, name: &str, unit: &str) -> Option<String> {
    let row = comparison.row(name)?;
    let distinct = matches!(
        comparison.relation(arm, row),
        Some(Relation::Better | Relation::Worse | Relation::Different)
    );
    let difference = comparison.difference(arm, row)?;
    let (before, after) = (difference.base, difference.base + difference.estimate.mean);
    // A change that no figure would show is none worth telling.
    let (before, after) = (number(before), number(after));
    (distinct && before != after).then(|| format!("{before} -> {after} {unit}"))
}
