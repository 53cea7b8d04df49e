//! The files that a run is made of, and whether somebody has saved one of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::args::RunArgs;
use super::run::flags;

/// Keys of a scenario that name files.
const FILE_KEYS: [&str; 5] = ["properties-file", "compression-sample", "trace", "late", "responses"];

/// Files, each as it was at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched(Vec<(PathBuf, Option<Stamp>)>);

/// Time of the last change and length. A file that is not there has none.
type Stamp = (Duration, u64);

impl Watched {
    /// The scenario and the files that it or the arguments name, as they are now. A scenario with errors may name fewer.
    pub fn now(scenario: &Path, args: &RunArgs) -> Watched {
        let folder = scenario.parent().unwrap_or(Path::new(""));
        let mut names = Vec::new();
        let table = fs::read_to_string(scenario).ok().and_then(|text| text.parse::<toml::Table>().ok());
        table.into_iter().for_each(|table| collect(&table, &mut names));
        let is_file = |path: &str| FILE_KEYS.iter().any(|key| path.rsplit('.').next() == Some(*key));
        names.extend(flags(args).into_iter().filter(|(_, path, _)| is_file(path)).map(|(.., file)| file));
        let set = args.set.iter().filter_map(|set| set.split_once('='));
        names.extend(set.filter(|(path, _)| is_file(path.trim())).map(|(_, file)| file.trim().to_owned()));
        let mut files = vec![scenario.to_owned()];
        files.extend(names.into_iter().map(|name| folder.join(name)));
        files.sort();
        files.dedup();
        Watched(files.into_iter().map(|file| (file.clone(), stamp(&file))).collect())
    }

    /// The same files, as they are now.
    pub fn again(&self) -> Watched {
        Watched(self.0.iter().map(|(file, _)| (file.clone(), stamp(file))).collect())
    }
}

/// Files in a table and those below it.
fn collect(table: &toml::Table, names: &mut Vec<String>) {
    for (key, value) in table {
        match value {
            toml::Value::String(file) if FILE_KEYS.contains(&key.as_str()) => names.push(file.clone()),
            toml::Value::Table(below) => collect(below, names),
            toml::Value::Array(items) => {
                items.iter().filter_map(toml::Value::as_table).for_each(|below| collect(below, names));
            }
            _ => (),
        }
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    // A time before 1970 is as good as none: the length is left.
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some((changed.unwrap_or_default(), metadata.len()))
}
