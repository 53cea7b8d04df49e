//! Floor 7: replaying golden traces of the real client.

use std::path::PathBuf;

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// For people, with a newline at the end.
    pub text: String,
    /// Cases that differ.
    pub failed: usize,
}

/// Replays every case below `paths`.
///
/// # Errors
/// A sentence about a path that holds no cases or cannot be read.
pub fn run(paths: &[PathBuf]) -> Result<Report, String> {
    Err(format!("{} paths, and no driver yet", paths.len()))
}
