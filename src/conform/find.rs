//! Which files below a path hold cases.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are not searched.
const MAX_DEPTH: usize = 16;

const SCRIPT: &str = ".script.json";
const TRACE: &str = ".trace.jsonl";
const PACKED: &str = ".jsonl";
const ZIPPED: &str = ".jsonl.gz";

/// Where cases are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CaseFile {
    /// One case in two files.
    Pair {
        /// The script.
        script: PathBuf,
        /// The trace.
        trace: PathBuf,
    },
    /// Many cases in one file, or vectors.
    Packed(PathBuf),
    /// Vectors, compressed.
    Zipped(PathBuf),
}

/// The case files at or below `path`, in the order of their names.
///
/// # Errors
/// A sentence about a path that cannot be read, or a file that is no case.
pub(super) fn case_files(path: &Path) -> Result<Vec<CaseFile>, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut found = Vec::new();
    if metadata.is_dir() {
        search(path, 0, &mut found)?;
    } else {
        let file = case_file(path).ok_or_else(|| {
            format!(
                "{}: no case; expected NAME{SCRIPT}, NAME{TRACE}, a packed NAME{PACKED} or vectors, NAME{PACKED} or NAME{ZIPPED}",
                path.display()
            )
        })?;
        found.push(file);
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<CaseFile>) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("{}: folders nested more than {MAX_DEPTH} deep", folder.display()));
    }
    let problem = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        entries.push((entry.path(), entry.file_type().map_err(problem)?));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, kind) in entries {
        if kind.is_dir() {
            search(&path, depth + 1, found)?;
        } else if !ends_with(&path, TRACE) {
            found.extend(case_file(&path));
        }
    }
    Ok(())
}

fn case_file(path: &Path) -> Option<CaseFile> {
    let name = path.file_name()?.to_str()?;
    if let Some(stem) = name.strip_suffix(SCRIPT).or_else(|| name.strip_suffix(TRACE)) {
        let beside = |suffix: &str| path.with_file_name(format!("{stem}{suffix}"));
        return Some(CaseFile::Pair { script: beside(SCRIPT), trace: beside(TRACE) });
    }
    if name.ends_with(ZIPPED) {
        return Some(CaseFile::Zipped(path.to_owned()));
    }
    name.ends_with(PACKED).then(|| CaseFile::Packed(path.to_owned()))
}

fn ends_with(path: &Path, suffix: &str) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(suffix))
}
