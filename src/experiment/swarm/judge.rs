//! One scenario of a swarm: loaded, run, and judged.

use std::fmt;

use super::promises;
use crate::scenario::load::{Loaded, from_text};
use crate::values::time::Time;
use crate::world::result::RunResult;
use crate::world::{self, WorldError};

/// No run goes on for longer in virtual time: a client whose request timeout is shorter than the way to the broker and
/// back may wait for a producer id for ever.
pub const LONGEST: Time = Time::from_millis(150_000);

/// Looks at a run, of a few hundred steps each, after which it has run away.
const MOST_LOOKS: u32 = 20_000;

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The loader refuses what was drawn: a bug of the generator, or of the loader.
    Refused(String),
    /// The simulator contradicts itself.
    Invariant(String),
    /// The run takes far more steps than one of its size should.
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
    let (mut looks, mut moved) = (0, (Time::START, 0));
    let run = world::run_while(&loaded.scenario, &mut |now, _| {
        looks += 1;
        if now > moved.0 {
            moved = (now, looks);
        }
        now < LONGEST && looks < MOST_LOOKS
    });
    let result = match run {
        Ok(result) => result,
        Err(WorldError::Invariant(text)) => return Err(Failure::Invariant(text)),
        Err(WorldError::Input(text)) => return Err(Failure::Refused(text)),
        Err(WorldError::Environment(text)) => return Err(Failure::RunsAway(text)),
    };
    // Some senders turn very fast, and some batches are split very often. But time goes on.
    if looks - moved.1 > MOST_LOOKS / 10 {
        let populations = result.populations;
        return Err(Failure::RunsAway(format!(
            "it is only at {}, with {populations:?}",
            result.ended_at - Time::START
        )));
    }
    match promises::broken(&loaded.scenario, &result) {
        Some(failure) => Err(failure),
        None => Ok((loaded, result)),
    }
}
