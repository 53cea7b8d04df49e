//! Several arms on the same arrivals: what differs, how surely, and why. Every seed is run in every arm, and differences
//! are taken within a seed, so that what the seeds have in common cancels out (common random numbers).

pub mod csv;
pub mod json;
pub mod markdown;
mod rows;
pub mod text;
mod verdict;
mod why;

pub use self::rows::ROWS;
pub use self::verdict::winner;
pub use self::why::reasons;

use super::figures::{Figures, of_runs};
use super::stats::{Estimate, wilcoxon};
use crate::metric::{Better, Stat, Wanted};
use crate::scenario::Scenario;
use crate::world::WorldError;

/// One of the things that are compared.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What it is called.
    pub label: String,
    /// What it runs.
    pub scenario: Scenario,
}

/// Arms that have been run; the first one is the base.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Names of the arms.
    pub labels: Vec<String>,
    /// Seeds, the same in every arm.
    pub seeds: Vec<u64>,
    /// What was read of each run.
    pub wanted: Vec<Wanted>,
    /// By arm and seed.
    pub figures: Vec<Vec<Figures>>,
}

/// How a figure of an arm compares with that of the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Of the arm less the base, within each seed; in the unit of the metric.
    pub estimate: Estimate,
    /// The mean of the base, over the same seeds.
    pub base: f64,
    /// Seeds in which the arm has more, and less.
    pub more: usize,
    /// See above.
    pub less: usize,
    /// Wilcoxon's signed-rank test; `None` with fewer than two differences.
    pub p: Option<f64>,
}

/// What a difference is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Every seed has the same value: `=`.
    Identical,
    /// The seeds do not tell: `~`.
    Indistinguishable,
    /// There is one, and it is for the better.
    Better,
    /// For the worse.
    Worse,
    /// Neither way is better.
    Different,
}

/// Runs all arms with `count` seeds from `first` on.
///
/// # Errors
/// The first run that has no result: index of the arm, seed, and why.
pub fn run(
    arms: &[Arm],
    first: u64,
    count: u32,
    wanted: Vec<Wanted>,
    threads: usize,
) -> Result<Comparison, (usize, u64, WorldError)> {
    let seeds: Vec<u64> = (0..u64::from(count)).map(|n| first.wrapping_add(n)).collect();
    let scenarios: Vec<&Scenario> = arms.iter().map(|arm| &arm.scenario).collect();
    let figures = of_runs(&scenarios, &seeds, &wanted, threads)?;
    Ok(Comparison { labels: arms.iter().map(|arm| arm.label.clone()).collect(), seeds, wanted, figures })
}

impl Comparison {
    /// The place of a figure, by its name.
    pub fn row(&self, name: &str) -> Option<usize> {
        self.wanted.iter().position(|wanted| wanted.name() == name)
    }

    /// The values of a figure in an arm, by seed.
    pub fn values(&self, arm: usize, row: usize) -> impl Iterator<Item = Option<f64>> {
        self.figures[arm].iter().map(move |figures| figures.values[row])
    }

    /// The mean over the seeds that have a value.
    pub fn estimate(&self, arm: usize, row: usize) -> Option<Estimate> {
        Estimate::of(&self.values(arm, row).flatten().collect::<Vec<_>>())
    }

    /// The mean of a figure by its name, 0 where there is none.
    pub fn mean(&self, arm: usize, name: &str) -> f64 {
        self.row(name).and_then(|row| self.estimate(arm, row)).map_or(0.0, |estimate| estimate.mean)
    }

    /// How an arm compares with the base, over the seeds in which both have a value.
    pub fn difference(&self, arm: usize, row: usize) -> Option<Difference> {
        let pairs: Vec<(f64, f64)> =
            self.values(0, row).zip(self.values(arm, row)).filter_map(|(base, arm)| base.zip(arm)).collect();
        let differences: Vec<f64> = pairs.iter().map(|(base, arm)| arm - base).collect();
        Some(Difference {
            estimate: Estimate::of(&differences)?,
            base: pairs.iter().map(|(base, _)| base).sum::<f64>() / pairs.len() as f64,
            more: differences.iter().filter(|d| **d > 0.0).count(),
            less: differences.iter().filter(|d| **d < 0.0).count(),
            p: wilcoxon(&differences),
        })
    }

    /// The same in a word; `None` without a value in both.
    pub fn relation(&self, arm: usize, row: usize) -> Option<Relation> {
        let difference = self.difference(arm, row)?;
        Some(if difference.more + difference.less == 0 {
            Relation::Identical
        } else if difference.estimate.may_be_zero() {
            Relation::Indistinguishable
        } else {
            match (better(&self.wanted[row]), difference.estimate.mean < 0.0) {
                (Better::Neither, _) => Relation::Different,
                (Better::Lower, true) | (Better::Higher, false) => Relation::Better,
                (Better::Lower, false) | (Better::Higher, true) => Relation::Worse,
            }
        })
    }

    /// Whether an arm does exactly what the base does, with every seed.
    pub fn is_identical(&self, arm: usize) -> bool {
        self.figures[arm].iter().zip(&self.figures[0]).all(|(arm, base)| arm.digest == base.digest)
    }

    /// Names of populations that are not the same in all arms: latencies are then those of different records.
    pub fn different_populations(&self) -> Vec<&'static str> {
        let differs = |name: &&&str| {
            let row = self.row(name);
            row.is_some_and(|row| {
                (1..self.labels.len()).any(|arm| !self.values(0, row).eq(self.values(arm, row)))
            })
        };
        rows::POPULATIONS.iter().filter(differs).copied().collect()
    }
}

impl Difference {
    /// As a share of the base; `None` if that is 0.
    pub fn relative(&self) -> Option<f64> {
        (self.base != 0.0).then(|| self.estimate.mean / self.base.abs())
    }

    /// Half the width of its interval as a share of the base.
    pub fn relative_half(&self) -> Option<f64> {
        self.estimate.half.filter(|_| self.base != 0.0).map(|half| half / self.base.abs())
    }
}

/// Which way is better; how many values a distribution has is no merit.
fn better(wanted: &Wanted) -> Better {
    match wanted.stat {
        Stat::Count | Stat::StdDev => Better::Neither,
        _ => wanted.metric.metric.better,
    }
}
