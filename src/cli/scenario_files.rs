//! Which scenarios paths mean: files, and whatever folders have in them.

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::scenario::load::{self, Loaded, Overrides};

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 16;

/// The scenario files that paths mean, in order; without paths those of the folder `scenarios`, or of the current one. In
/// a folder every file that ends in `.toml` is one; hidden ones, `target` and translations of lessons are left out.
///
/// # Errors
/// [`Failure::Input`] for what does not exist, or if there is no scenario at all.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let usual = [PathBuf::from(if Path::new("scenarios").is_dir() { "scenarios" } else { "." })];
    let paths = if paths.is_empty() { &usual } else { paths };
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            collect(path, 0, &mut files)?;
        } else if path.exists() {
            files.push(path.clone());
        } else {
            let help = "name scenario files, or folders with some; `lingersim list` has examples";
            return Err(Failure::Input(format!("error: {} does not exist\n = help: {help}", path.display())));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    if files.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let help = "a scenario is a file that ends in .toml; `lingersim init` makes one";
        return Err(Failure::Input(format!(
            "error: there is no scenario in {}\n = help: {help}",
            places.join(", ")
        )));
    }
    Ok(files)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error| Failure::Environment(format!("cannot read {}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        // A link to a folder may lead upwards, and with two of them there would be no end.
        if path.is_dir() && !path.is_symlink() && depth < MAX_DEPTH {
            collect(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml")
            && !is_translation(&name)
            && path.is_file()
        {
            files.push(path);
        }
    }
    Ok(())
}

/// `NAME.ko.toml`: the words of a lesson in another language, by the two letters of the language.
fn is_translation(name: &str) -> bool {
    let language = name.strip_suffix(".toml").and_then(|stem| stem.rsplit_once('.')).map(|(_, last)| last);
    language.is_some_and(|word| word.len() == 2 && word.chars().all(|c| c.is_ascii_lowercase()))
}

/// Loads all of them, in order.
///
/// # Errors
/// [`Failure::Input`] with the problems of every file that has some.
pub fn load_all(files: &[PathBuf], overrides: &Overrides) -> Result<Vec<Loaded>, Failure> {
    let (mut loaded, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match load::from_file(file, overrides) {
            Ok(scenario) => loaded.push(scenario),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(Failure::Input(problems.join("\n\n"))) }
}

#[cfg(test)]
mod tests {
    use super::is_translation;

    #[test]
    fn translations_have_two_letters_before_the_end() {
        assert!(is_translation("01-pipeline.ko.toml") && is_translation("a.b.de.toml"));
        for name in ["01-pipeline.toml", "ko.toml", "v1.22.toml", "a.old.toml", "a.KO.toml", "a.ko.tom"] {
            assert!(!is_translation(name), "{name}");
        }
    }
}
