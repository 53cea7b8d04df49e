//! Many runs of which only some figures are wanted: a run's own result is dropped as soon as they are read.

use super::parallel::share_out;
use crate::metric::Wanted;
use crate::report::measure::View;
use crate::scenario::Scenario;
use crate::world::observe::Asked;
use crate::world::{WorldError, run_observed};

/// What is wanted of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The digest of the run.
    pub digest: u64,
    /// In the order of what is wanted; `None` where the run has no value.
    pub values: Vec<Option<f64>>,
}

/// Runs a scenario, and reads what is wanted.
///
/// # Errors
/// See [`WorldError`].
pub fn of_run(scenario: &Scenario, wanted: &[Wanted]) -> Result<Figures, WorldError> {
    let keys = wanted.iter().any(|wanted| wanted.metric.metric.name.starts_with("sim-split-keys"));
    let observed = run_observed(scenario, &Asked { keys, ..Asked::default() }, &mut |_| true)?;
    let view = View { scenario, result: &observed.result };
    let values = wanted.iter().map(|wanted| view.value(&wanted.metric, wanted.stat)).collect();
    Ok(Figures { digest: observed.result.digest, values })
}

/// Runs each scenario with each seed, on `threads` threads; results by scenario, then by seed.
///
/// # Errors
/// The first run that has none: index of the scenario, seed, and why.
pub fn of_runs(
    scenarios: &[&Scenario],
    seeds: &[u64],
    wanted: &[Wanted],
    threads: usize,
) -> Result<Vec<Vec<Figures>>, (usize, u64, WorldError)> {
    let count = (scenarios.len() * seeds.len()) as u64;
    let parts = share_out(count, threads, |part: &mut Vec<(u64, _)>, n| {
        let (at, seed) = (n as usize / seeds.len(), seeds[n as usize % seeds.len()]);
        part.push((n, of_run(&Scenario { seed, ..scenarios[at].clone() }, wanted)));
    });
    let mut outcomes: Vec<_> = parts.into_iter().flatten().collect();
    outcomes.sort_by_key(|(n, _)| *n);
    let mut results: Vec<Vec<Figures>> = scenarios.iter().map(|_| Vec::with_capacity(seeds.len())).collect();
    for (n, outcome) in outcomes {
        let (at, seed) = (n as usize / seeds.len(), seeds[n as usize % seeds.len()]);
        results[at].push(outcome.map_err(|error| (at, seed, error))?);
    }
    Ok(results)
}
