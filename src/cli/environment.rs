//! What the surroundings of the process say: whether this is a job in CI, and which task of how many. Never an input of a run.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment says where output goes and which shard this is"
)]

use std::env;

/// Whether this is a CI job: there nothing is written but what was asked for.
pub fn is_ci() -> bool {
    is_set("CI")
}

/// Whether a variable is there, and does not say no.
pub fn is_set(variable: &str) -> bool {
    env::var(variable).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// The number that a variable has, if it has one.
pub fn number(variable: &str) -> Option<usize> {
    env::var(variable).ok()?.parse().ok()
}
