//! A run that is made again: from a scenario, or from the folder of an earlier `run --out`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde::{Deserialize, Serialize};

use super::args::{Args, Command, RunArgs};
use super::exit::Failure;
use super::run;
use crate::scenario::load::{self, Loaded, Overrides};

/// The file of a run's folder that says how it was made.
pub const COMMAND_FILE: &str = "command.json";
const SCHEMA: &str = "lingersim/command/1";

/// How a run was made, and its digest.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    schema: String,
    arguments: Vec<String>,
    digest: String,
}

/// Flags with their paths in a scenario and their values: `("--seed", "seed", "7")`.
pub type Flags = Vec<(&'static str, &'static str, String)>;

/// A run to be made, again or for the first time.
#[derive(Debug)]
pub struct RecordedRun {
    /// What to run.
    pub loaded: Loaded,
    /// What distinguishes it from others.
    pub name: String,
    /// The digest that it had.
    digest: Option<(PathBuf, String)>,
}

/// The text of [`COMMAND_FILE`].
pub fn command_file(arguments: Vec<String>, digest: u64) -> String {
    let made = Made { schema: SCHEMA.to_owned(), arguments, digest: format!("{digest:016x}") };
    // A few texts are always JSON.
    serde_json::to_string_pretty(&made).unwrap_or_default() + "\n"
}

impl RecordedRun {
    /// Of a scenario file, or of a folder that `run --out` has written, with more settings and another seed.
    ///
    /// # Errors
    /// [`Failure::Input`] if there is nothing to run.
    pub fn load(path: &Path, set: &[String], seed: Option<u64>) -> Result<RecordedRun, Failure> {
        let seed = seed.map(|seed| ("--seed", "seed", seed.to_string()));
        RecordedRun::load_with(path, set, seed.into_iter().collect())
    }

    /// Likewise, with what flags say: each flag with its path in a scenario and its value.
    ///
    /// # Errors
    /// [`Failure::Input`] if there is nothing to run.
    pub fn load_with(path: &Path, set: &[String], flags: Flags) -> Result<RecordedRun, Failure> {
        if !path.is_dir() {
            let overrides = Overrides { set: set.to_vec(), flags, ..Overrides::default() };
            let loaded = load::from_file(path, &overrides).map_err(input)?;
            let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            return Ok(RecordedRun { loaded, name, digest: None });
        }
        let (made, args) = read(path)?;
        let is_as_it_was = set.is_empty() && flags.is_empty();
        let mut overrides =
            Overrides { set: args.set.clone(), flags: run::flags(&args), ..Overrides::default() };
        overrides.set.extend(set.iter().cloned());
        overrides.flags.retain(|(_, known, _)| !flags.iter().any(|(_, path, _)| path == known));
        overrides.flags.extend(flags);
        let loaded = match &args.scenario {
            Some(scenario) => load::from_file(&found(scenario, path), &overrides),
            None => load::from_arguments("command line", &overrides),
        };
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let digest = is_as_it_was.then(|| (path.to_owned(), made.digest));
        Ok(RecordedRun { loaded: loaded.map_err(input)?, name, digest })
    }

    /// What was made again is what it was.
    ///
    /// # Errors
    /// [`Failure::Input`] if it is not.
    pub fn is_the_same(&self, digest: u64) -> Result<(), Failure> {
        let now = format!("{digest:016x}");
        match &self.digest {
            Some((path, before)) if *before != now => {
                let path = path.display();
                Err(Failure::Input(format!(
                    "error: the run of {path} had digest {before}, and is {now} now\n = help: its scenario, or the model, \
                     has changed since; run it again with --out {path}"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// The scenario as it was named, from here or from a folder above that of the run: the run may be asked about from elsewhere.
fn found(scenario: &Path, run: &Path) -> PathBuf {
    if scenario.exists() {
        return scenario.to_owned();
    }
    let run = std::path::absolute(run).unwrap_or_else(|_| run.to_owned());
    let places = run.ancestors().map(|folder| folder.join(scenario));
    places.into_iter().find(|place| place.exists()).unwrap_or_else(|| scenario.to_owned())
}

fn input(error: impl ToString) -> Failure {
    Failure::Input(error.to_string())
}

fn read(folder: &Path) -> Result<(Made, RunArgs), Failure> {
    let path = folder.join(COMMAND_FILE);
    let shown = path.display();
    let wrong = |what: &str| {
        let help = "name a scenario (.toml), or a folder that `lingersim run --out` has written";
        Failure::Input(format!("error: {shown}: {what}\n = help: {help}"))
    };
    let text = fs::read_to_string(&path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let made: Made = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    if made.schema != SCHEMA {
        return Err(wrong(&format!("its schema is {}, not {SCHEMA}", made.schema)));
    }
    let args = Args::try_parse_from(&made.arguments)
        .map_err(|_| wrong("its arguments are not those of a run of this release"))?;
    match args.command {
        Command::Run(args) => Ok((made, *args)),
        _ => Err(wrong("its arguments are not those of a run")),
    }
}
