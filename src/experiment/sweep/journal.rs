//! What a sweep has found so far: a file that only grows, one line a point. After a kill its last line may be torn; that
//! is cut off, and the sweep goes on with what is missing.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::plan::{Plan, SCHEMA};
use crate::values::file::open_regular;

/// What has become of a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointResult {
    /// Its number in the plan, from 0.
    pub point: usize,
    /// Why it has no result, if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// By seed: the digest of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// By seed: the figures, in the order of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Vec<Option<f64>>>,
}

/// Why a file of results cannot be used.
#[derive(Debug)]
pub enum JournalError {
    /// It cannot be read or written.
    Io(PathBuf, io::Error),
    /// It has something else in it; a sentence.
    Other(PathBuf, String),
}

/// Which points a process takes: those whose number is `index` more than a multiple of `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: usize,
    /// At least 1.
    pub count: usize,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// Whether it takes a point.
    pub fn takes(&self, point: usize) -> bool {
        point % self.count == self.index
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("part-{}-of-{}.jsonl", self.index + 1, self.count)
    }
}

/// A file of results that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens the file of a shard in a folder, or begins it; gives the points that are in it already.
    ///
    /// # Errors
    /// It cannot be read or written, or it is of another plan.
    pub fn open(
        folder: &Path,
        shard: Shard,
        plan: &Plan,
    ) -> Result<(Journal, BTreeMap<usize, PointResult>), JournalError> {
        let path = folder.join(shard.file_name());
        let failed = |error| JournalError::Io(path.clone(), error);
        fs::create_dir_all(folder).map_err(failed)?;
        let known = match read(&path)? {
            Some(found) if found.plan == *plan => {
                let file = OpenOptions::new().write(true).open(&path).map_err(failed)?;
                file.set_len(found.whole_bytes).map_err(failed)?;
                found.results
            }
            Some(Found { plan: found, .. }) => {
                let text = format!(
                    "it is of another sweep ({}, {} points)\n = help: choose another folder, or remove it",
                    found.scenario,
                    found.points.len()
                );
                return Err(JournalError::Other(path, text));
            }
            None => {
                // The head appears with its first line whole, or not at all.
                let head = line(plan);
                let temporary = path.with_extension("tmp");
                fs::write(&temporary, head).and_then(|()| fs::rename(&temporary, &path)).map_err(failed)?;
                BTreeMap::new()
            }
        };
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        Ok((Journal { path, file: Mutex::new(file) }, known))
    }

    /// Writes down what has become of a point, in one piece.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn push(&self, result: &PointResult) -> Result<(), JournalError> {
        let text = line(result);
        let mut file = self.file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        file.write_all(text.as_bytes()).map_err(|error| JournalError::Io(self.path.clone(), error))
    }
}

/// One line of JSON. Structures of texts and numbers always have one.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

/// What is in a file of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What was asked.
    pub plan: Plan,
    /// By point.
    pub results: BTreeMap<usize, PointResult>,
    /// How many bytes of the file are whole lines.
    pub whole_bytes: u64,
}

/// What is in a file; `None` if there is no file.
///
/// # Errors
/// It cannot be read, or is no file of results.
pub fn read(path: &Path) -> Result<Option<Found>, JournalError> {
    let failed = |error| JournalError::Io(path.to_owned(), error);
    let mut bytes = Vec::new();
    match open_regular(path) {
        Ok(mut file) => file.read_to_end(&mut bytes).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let other = |why: String| JournalError::Other(path.to_owned(), why);
    // What a kill has torn is cut off before anything is read.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole == 0 && bytes.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(&bytes[..whole]).map_err(|error| other(error.to_string()))?;
    let mut lines = text.lines();
    let head = lines.next().ok_or_else(|| other("it has no whole line".to_owned()))?;
    let plan: Plan =
        serde_json::from_str(head).map_err(|error| other(format!("its first line is no plan: {error}")))?;
    if plan.schema != SCHEMA {
        return Err(other(format!("its format is {:?}, not {SCHEMA:?}", plan.schema)));
    }
    if let Err(why) = plan.check() {
        return Err(other(format!("its plan is broken: {why}")));
    }
    let mut results = BTreeMap::new();
    for (number, line) in lines.enumerate() {
        let result: PointResult = serde_json::from_str(line)
            .map_err(|error| other(format!("line {} is no result: {error}", number + 2)))?;
        let is_right = result.point < plan.points.len()
            && (result.error.is_some() || result.values.len() == plan.seeds.len())
            && result.values.iter().all(|values| values.len() == plan.metrics.len());
        if !is_right {
            return Err(other(format!("line {} does not fit its plan", number + 2)));
        }
        results.insert(result.point, result);
    }
    Ok(Some(Found { plan, results, whole_bytes: whole as u64 }))
}

/// All files of results in folders, in order of their names.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>, JournalError> {
    let mut files = Vec::new();
    for folder in folders {
        let failed = |error| JournalError::Io(folder.clone(), error);
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with("part-") && name.ends_with(".jsonl") {
                found.push(path);
            }
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
