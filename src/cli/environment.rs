//! What the surroundings of the process say: whether this is a job in CI, which task of how many, and what a terminal
//! can show (of colours, `anstream` reads it, for the help as for reports). Never an input of a run.

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

/// Whether the locale has UTF-8. Of the variables that say it the first that is set counts, as POSIX has it.
pub fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|variable| env::var(variable).ok().filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_uppercase();
        locale.contains("UTF-8") || locale.contains("UTF8")
    })
}
