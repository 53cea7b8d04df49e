//! Sweeps: one scenario at many points of a plan, each with several seeds; on all processors, in shards on several
//! machines, in one piece or after interruptions. What comes out is the same for all of these.

pub mod journal;
pub mod merge;
pub mod pareto;
pub mod plan;
pub mod plot;
pub mod tables;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use self::journal::{Journal, JournalError, PointResult, Shard};
use self::plan::Plan;
use super::figures::of_run;
use super::parallel::share_out;
use super::stats::Estimate;
use super::vary::Base;
use crate::metric::Wanted;
use crate::scenario::Scenario;
use crate::world::WorldError;

/// A sweep that is complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// What was asked.
    pub plan: Plan,
    /// By point.
    pub results: Vec<PointResult>,
}

impl Sweep {
    /// The mean of a figure at a point, over the seeds that have it.
    pub fn estimate(&self, point: usize, metric: usize) -> Option<Estimate> {
        let values: Vec<f64> = self.results[point].values.iter().filter_map(|seed| seed[metric]).collect();
        Estimate::of(&values)
    }

    /// The place of a figure, by its name.
    pub fn metric(&self, name: &str) -> Option<usize> {
        self.plan.metrics.iter().position(|metric| metric == name)
    }

    /// Points without a result, with why.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &str)> {
        self.results.iter().filter_map(|result| Some((result.point, result.error.as_deref()?)))
    }
}

/// Runs the points of a shard that are not in its journal yet, on `threads` threads. `tell` hears how many points have
/// been done, of how many. Gives all results of the shard.
///
/// # Errors
/// The journal cannot be written, or the simulator contradicts itself.
pub fn run(
    base: &Base,
    plan: &Plan,
    shard: Shard,
    journal: &Journal,
    known: BTreeMap<usize, PointResult>,
    threads: usize,
    tell: &(dyn Fn(u64, u64) + Sync),
) -> Result<BTreeMap<usize, PointResult>, SweepError> {
    let wanted = plan.wanted();
    let missing: Vec<usize> =
        (0..plan.points.len()).filter(|point| shard.takes(*point) && !known.contains_key(point)).collect();
    let done = AtomicU64::new(0);
    let stopped: Mutex<Option<SweepError>> = Mutex::new(None);
    let is_stopped = || stopped.lock().map_or(true, |stopped| stopped.is_some());
    let parts = share_out(missing.len() as u64, threads, |part: &mut Vec<PointResult>, n| {
        if is_stopped() {
            return;
        }
        let point = missing[n as usize];
        let outcome = at_point(base, plan, point, &wanted)
            .and_then(|result| journal.push(&result).map(|()| result).map_err(SweepError::Journal));
        match outcome {
            Ok(result) => part.push(result),
            Err(error) => {
                if let Ok(mut stopped) = stopped.lock() {
                    stopped.get_or_insert(error);
                }
            }
        }
        tell(done.fetch_add(1, Ordering::Relaxed) + 1, missing.len() as u64);
    });
    if let Some(error) = stopped.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        return Err(error);
    }
    let mut results = known;
    results.extend(parts.into_iter().flatten().map(|result| (result.point, result)));
    Ok(results)
}

/// Why a sweep stops.
#[derive(Debug)]
pub enum SweepError {
    /// Its file of results cannot be used.
    Journal(JournalError),
    /// The machine is at its end: memory, a file that can no longer be read.
    Environment(String),
    /// The simulator contradicts itself; at which point, with which seed.
    Bug(String, u64, String),
}

/// A point whose configuration is invalid, or whose run has no result, is a result itself; only a bug of ours stops the
/// sweep.
fn at_point(base: &Base, plan: &Plan, point: usize, wanted: &[Wanted]) -> Result<PointResult, SweepError> {
    let failed =
        |error: String| PointResult { point, error: Some(error), digests: Vec::new(), values: Vec::new() };
    let loaded = match base.with(&plan.point(point)) {
        Ok(loaded) => loaded,
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
            return Ok(failed(first));
        }
    };
    let (mut digests, mut values) = (Vec::new(), Vec::new());
    for &seed in &plan.seeds {
        match of_run(&Scenario { seed, ..loaded.scenario.clone() }, wanted) {
            Ok(figures) => {
                digests.push(format!("{:016x}", figures.digest));
                values.push(figures.values);
            }
            Err(WorldError::Invariant(text)) => {
                return Err(SweepError::Bug(plan.label(point), seed, text));
            }
            // What another machine, or another hour, would do is no result of a point.
            Err(WorldError::Environment(text)) => return Err(SweepError::Environment(text)),
            Err(WorldError::Input(text)) => return Ok(failed(text)),
        }
    }
    Ok(PointResult { point, error: None, digests, values })
}
