//! Where baselines are: in the folder `baselines` beside a scenario, one file each. What a check proposes instead lies
//! beside it, with `.new` at the end of its name, until somebody accepts or rejects it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::out_dir;
use crate::experiment::check::baseline::Baseline;
use crate::values::file::open_regular;

/// A baseline is never larger.
const MAX_BYTES: u64 = 16 << 20;

/// The baseline's file of a scenario.
pub fn path(scenario: &Path) -> PathBuf {
    let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
    scenario.parent().unwrap_or(Path::new("")).join("baselines").join(format!("{stem}.json"))
}

/// The file of what is proposed instead.
pub fn proposal(scenario: &Path) -> PathBuf {
    let mut name = path(scenario).into_os_string();
    name.push(".new");
    PathBuf::from(name)
}

/// A baseline's text; `None` if there is none, an error is a sentence.
pub fn read(path: &Path) -> Option<Result<String, String>> {
    match open_regular(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Err(format!("{} cannot be read: {error}", path.display()))),
        Ok(file) => {
            let size = file.metadata().map_or(0, |data| data.len());
            if size > MAX_BYTES {
                return Some(Err(format!("{} is no baseline: it has {size} bytes", path.display())));
            }
            Some(
                fs::read_to_string(path)
                    .map_err(|error| format!("{} cannot be read: {error}", path.display())),
            )
        }
    }
}

/// Writes what a check proposes.
///
/// # Errors
/// [`Failure::Environment`].
pub fn propose(scenario: &Path, baseline: &Baseline) -> Result<(), Failure> {
    write(&proposal(scenario), baseline)
}

/// Writes a baseline, and removes what was proposed.
///
/// # Errors
/// [`Failure::Environment`].
pub fn accept(scenario: &Path, baseline: &Baseline) -> Result<(), Failure> {
    write(&path(scenario), baseline)?;
    reject(scenario).map(|_| ())
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    out_dir::write(folder, &[(&name, baseline.to_text())])
}

/// Removes what was proposed; whether there was something.
///
/// # Errors
/// [`Failure::Environment`].
pub fn reject(scenario: &Path) -> Result<bool, Failure> {
    let path = proposal(scenario);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::Environment(format!("cannot remove {}: {error}", path.display()))),
    }
}
