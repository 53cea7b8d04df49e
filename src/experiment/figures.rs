//! Many runs of which only some figures are wanted: a run's own result is dropped as soon as they are read.

use super::parallel::share_out;
use crate::metric::{MetricRef, Stat};
use crate::report::measure::View;
use crate::scenario::Scenario;
use crate::world::observe::Asked;
use crate::world::{WorldError, run_observed};

/// A figure that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Of what.
    pub metric: MetricRef,
    /// Which statistic.
    pub stat: Stat,
}

/// What is wanted of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The digest of the run.
    pub digest: u64,
    /// In the order of what is wanted; `None` where the run has no value.
    pub values: Vec<Option<f64>>,
}

impl Wanted {
    /// Reads `metric` or `metric stat`: `sim-record-latency p(99)`.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str) -> Result<Wanted, (String, String)> {
        let (name, stat) = match text.rsplit_once(' ') {
            Some((name, stat)) if !stat.contains('}') => (name, Some(stat)),
            _ => (text, None),
        };
        let metric = MetricRef::parse(name.trim()).map_err(|error| (error.message, error.help))?;
        let usual = if metric.metric.kind == crate::metric::Kind::Distribution { "avg" } else { "value" };
        let stat =
            Stat::parse(metric.metric, stat.unwrap_or(usual)).map_err(|error| (error.message, error.help))?;
        Ok(Wanted { metric, stat })
    }

    /// Of the names in this program itself.
    pub(crate) fn all(names: &[&str]) -> Vec<Wanted> {
        names.iter().filter_map(|name| Wanted::parse(name).ok()).collect()
    }

    /// Its name: `metric stat`, the plain value of a metric without the word.
    pub fn name(&self) -> String {
        match self.stat {
            Stat::Value => self.metric.to_string(),
            stat => format!("{} {stat}", self.metric),
        }
    }
}

/// Runs a scenario, and reads what is wanted.
///
/// # Errors
/// See [`WorldError`].
pub fn of_run(scenario: &Scenario, wanted: &[Wanted]) -> Result<Figures, WorldError> {
    let keys = wanted.iter().any(|wanted| wanted.metric.metric.name.starts_with("sim-split-keys"));
    let observed = run_observed(scenario, &Asked { keys, ..Asked::default() }, &mut |_| true)?;
    let view = View { scenario, result: &observed.result, keys: observed.keys };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_figures_are_named_as_in_gates() {
        let name = |text: &str| Wanted::parse(text).expect("right").name();
        assert_eq!(name("sim-record-latency p(99)"), "sim-record-latency p(99)");
        assert_eq!(name("sim-record-latency"), "sim-record-latency avg");
        assert_eq!(name("sim-batches-left{reason=linger}"), "sim-batches-left{reason=linger}");
        assert!(Wanted::parse("sim-record-latency q").is_err() && Wanted::parse("nothing").is_err());
    }
}
