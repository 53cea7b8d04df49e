//! A swarm: scenarios that are drawn whole from seeds, run, and judged; those that fail are reduced.

pub mod coverage;
mod draw;
mod faults;
mod judge;
mod producer;
mod promises;
mod reduce;
mod scenario;
mod table;

pub use judge::{Failure, judge};
pub use reduce::reduce;
pub use scenario::drawn;

use toml::Table;

use self::coverage::Coverage;
use super::parallel::share_out;

/// Scenarios that are tried for a reduction, at most.
pub const MOST_TRIES: u32 = 1_000;

/// A scenario that failed.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its seed.
    pub seed: u64,
    /// What is wrong.
    pub failure: Failure,
}

/// What a swarm came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What the runs without failure have reached.
    pub coverage: Coverage,
    /// The failures, in the order of the seeds.
    pub found: Vec<Found>,
}

/// Hears of a seed and a scenario before it is run.
pub type Starts<'s> = dyn Fn(u64, &Table) + Sync + 's;

/// Runs the scenarios of `seeds` seeds from `first` on. The summary is the same for any number of threads. `starts`
/// hears of each scenario on the thread that will run it.
pub fn run(first: u64, seeds: u64, threads: usize, starts: &Starts<'_>) -> Summary {
    let parts = share_out(seeds, threads, |part: &mut Summary, n| {
        let seed = first.wrapping_add(n);
        let scenario = drawn(seed);
        starts(seed, &scenario);
        match judge(text(&scenario), seed) {
            Ok((loaded, result)) => part.coverage.add(&scenario, &loaded.scenario, &result),
            Err(failure) => part.found.push(Found { seed, failure }),
        }
    });
    let mut summary = Summary::default();
    for part in parts {
        summary.coverage.merge(&part.coverage);
        summary.found.extend(part.found);
    }
    summary.found.sort_by_key(|found| found.seed.wrapping_sub(first));
    summary
}

/// A scenario as a file has it.
pub fn text(scenario: &Table) -> String {
    // Tables of numbers, texts and lists can always be written.
    toml::to_string(scenario).unwrap_or_default()
}

impl Found {
    /// The scenario, as small as it fails in the same way. `starts` hears of every one that is tried.
    pub fn reduced(&self, starts: &Starts<'_>) -> Table {
        let class = self.failure.class();
        reduce(&drawn(self.seed), MOST_TRIES, |candidate| {
            starts(self.seed, candidate);
            judge(text(candidate), self.seed).is_err_and(|failure| failure.class() == class)
        })
    }
}
