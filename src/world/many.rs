//! Several runs of a scenario, with a seed each, on several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::result::RunResult;
use super::{WorldError, run};
use crate::scenario::Scenario;

/// Runs `scenario` once for each seed, on `threads` threads; results in the order of the seeds, whatever thread was
/// faster.
///
/// # Errors
/// Per run, see [`WorldError`].
pub fn run_many(scenario: &Scenario, seeds: &[u64], threads: usize) -> Vec<Result<RunResult, WorldError>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(seeds.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(&seed) = seeds.get(at) else { return };
            let result = run(&Scenario { seed, ..scenario.clone() }, &mut |_, _| ());
            if let Ok(mut results) = results.lock() {
                results.push((at, result));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
