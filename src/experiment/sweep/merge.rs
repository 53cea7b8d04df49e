//! Shards put together: the same as one run of everything, whoever has done what.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Sweep;
use super::journal::{Found, JournalError, PointResult, files, read};
use super::plan::Plan;

/// Why there is no whole sweep.
#[derive(Debug)]
pub enum MergeError {
    /// A file cannot be used.
    Journal(JournalError),
    /// There is no file of results at all.
    Nothing,
    /// Two files are of different sweeps.
    Different(PathBuf, PathBuf),
    /// Two files disagree about a point.
    Contradiction(usize, PathBuf),
    /// Points are missing; the plan, and which.
    Missing(Box<Plan>, Vec<usize>),
}

/// The sweep whose parts are in these folders.
///
/// # Errors
/// See [`MergeError`].
pub fn merge(folders: &[PathBuf]) -> Result<Sweep, MergeError> {
    let mut plan: Option<(Plan, PathBuf)> = None;
    let mut results: BTreeMap<usize, PointResult> = BTreeMap::new();
    for path in files(folders).map_err(MergeError::Journal)? {
        let Some(Found { plan: found, results: part, .. }) = read(&path).map_err(MergeError::Journal)? else {
            continue;
        };
        match &plan {
            Some((plan, first)) if *plan != found => {
                return Err(MergeError::Different(first.clone(), path));
            }
            Some(_) => {}
            None => plan = Some((found, path.clone())),
        }
        for (point, result) in part {
            // A shard that was done twice has to have come out alike.
            if results.get(&point).is_some_and(|other| *other != result) {
                return Err(MergeError::Contradiction(point, path));
            }
            results.insert(point, result);
        }
    }
    let (plan, _) = plan.ok_or(MergeError::Nothing)?;
    complete(plan, results)
}

/// A sweep with all its points.
///
/// # Errors
/// [`MergeError::Missing`].
pub fn complete(plan: Plan, results: BTreeMap<usize, PointResult>) -> Result<Sweep, MergeError> {
    let missing: Vec<usize> = (0..plan.points.len()).filter(|point| !results.contains_key(point)).collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing(Box::new(plan), missing));
    }
    Ok(Sweep { plan, results: results.into_values().collect() })
}
