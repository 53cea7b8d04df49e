//! One scenario of a swarm: loaded, run, and judged.

use std::fmt;

use super::promises;
use crate::scenario::load::{Loaded, from_text};
use crate::values::time::{Span, Time};
use crate::world::result::RunResult;
use crate::world::{self, WorldError};

/// Virtual time after which a run of a scenario as small as these has run away.
const LONGEST: Span = Span::from_secs(24 * 3_600);

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The loader refuses what was drawn: a bug of the generator, or of the loader.
    Refused(String),
    /// The simulator contradicts itself.
    Invariant(String),
    /// The run does not end.
    RunsAway(String),
    /// The client or the cluster broke a promise.
    Promise {
        /// Which one.
        promise: &'static str,
        /// How.
        how: String,
    },
}

impl Failure {
    /// Failures of one class are taken for the same one while a scenario is reduced.
    pub fn class(&self) -> &'static str {
        match self {
            Failure::Refused(_) => "scenario refused",
            Failure::Invariant(_) => "simulator contradicts itself",
            Failure::RunsAway(_) => "run does not end",
            Failure::Promise { promise, .. } => promise,
        }
    }

    /// A bug of the simulator for certain; a broken promise is one of the simulated code's.
    pub fn is_a_contradiction(&self) -> bool {
        !matches!(self, Failure::Promise { .. })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Refused(text)
        | Failure::Invariant(text)
        | Failure::RunsAway(text)
        | Failure::Promise { how: text, .. }) = self;
        write!(f, "{}: {text}", self.class())
    }
}

/// Loads and runs the scenario `text` with `seed`.
///
/// # Errors
/// The first thing that is wrong.
pub fn judge(text: String, seed: u64) -> Result<(Loaded, RunResult), Failure> {
    let mut loaded = from_text("swarm.toml", text).map_err(|error| Failure::Refused(error.to_string()))?;
    loaded.scenario.seed = seed;
    let result = match world::run(&loaded.scenario, &mut |_, _| ()) {
        Ok(result) => result,
        Err(WorldError::Invariant(text)) => return Err(Failure::Invariant(text)),
        Err(WorldError::Input(text)) => return Err(Failure::Refused(text)),
        Err(WorldError::Environment(text)) => return Err(Failure::RunsAway(text)),
    };
    if let Some(warning) = result.warnings.iter().find(|warning| warning.contains("given up")) {
        return Err(Failure::RunsAway(warning.clone()));
    }
    if result.ended_at > Time::START + LONGEST {
        return Err(Failure::RunsAway(format!("it ended at {} only", result.ended_at - Time::START)));
    }
    match promises::broken(&loaded.scenario, &result) {
        Some(failure) => Err(failure),
        None => Ok((loaded, result)),
    }
}
