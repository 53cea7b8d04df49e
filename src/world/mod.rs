//! Floor 6: the driver: one clock, one producer per client, one cluster, the links between them.

pub mod result;

use self::result::RunResult;
use crate::scenario::Scenario;
use crate::values::time::Time;

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldError {
    /// A file that is read as the run goes is wrong; a sentence with file and line.
    Input(String),
    /// A file can no longer be read.
    Environment(String),
    /// The simulation contradicts itself.
    Invariant(String),
}

/// Runs a scenario to its end. `observe` hears the time and the number of records so far, now and then.
///
/// # Errors
/// See [`WorldError`].
pub fn run(scenario: &Scenario, observe: &mut dyn FnMut(Time, u64)) -> Result<RunResult, WorldError> {
    observe(Time::START, 0);
    Err(WorldError::Invariant(format!("the world of {} has not landed yet", scenario.name)))
}
