//! `lingersim compare`: what differs between scenarios, property files, or values of a key.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use super::exit::Failure;
use super::run::{absolute, tell_defaults};
use super::{effort, output, threads};
use crate::experiment::compare::{Arm, ROWS, csv, json, markdown, run, text};
use crate::experiment::vary::{Axis, Base, combinations};
use crate::metric::Wanted;
use crate::scenario::load::{Loaded, Overrides};

/// More arms than this belong into a sweep.
const MOST_ARMS: usize = 24;

/// `lingersim compare`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CompareArgs {
    /// Scenarios (.toml), or properties files of producers, perhaps after one scenario; LABEL=FILE names a column
    #[arg(value_name = "FILE")]
    files: Vec<String>,

    /// Run once for each value: linger.ms=0,5,20, kafka.version=2.3,4.3, partitioner=round-robin,sticky,built-in;
    /// repeatable, for all combinations
    #[arg(long, value_name = "KEY=A,B,..")]
    vary: Vec<String>,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (workload.rate=5000/s); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Runs of each arm, with the same seeds in all
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    seeds: u32,

    /// The first seed [default: that of the scenario]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Another figure to show, as gates name it: "batch-size-avg", "sim-record-latency p(95)"; repeatable
    #[arg(long, value_name = "METRIC")]
    metric: Vec<String>,

    /// Threads to use; the outcome is the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Form of the report on stdout
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    format: CompareFormat,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim compare my.toml --vary linger.ms=0,5,20\n  \
    lingersim compare old.properties new.properties --set workload.rate=5000/s\n  \
    lingersim compare my.toml --vary partitioner=round-robin,sticky,built-in\n  \
    lingersim compare before=old.toml after=new.toml --format markdown";

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// For people
    Text,
    /// To paste into a change or a page
    Markdown,
    /// One figure of one run a line
    Csv,
    /// Everything, versioned
    Json,
}

/// Runs the command.
pub fn run_command(args: &CompareArgs) -> Result<ExitCode, Failure> {
    let stopwatch = effort::Stopwatch::start();
    let wanted = wanted(&args.metric)?;
    let arms = arms(args)?;
    let first = args.seed.unwrap_or(arms[0].scenario.seed);
    let comparison =
        run(&arms, first, args.seeds, wanted, threads(args.threads)).map_err(|(at, seed, error)| {
            Failure::from(error).with(&format!("in {} with seed {seed}", arms[at].label))
        })?;
    output::print(&match args.format {
        CompareFormat::Text => text::report(&comparison),
        CompareFormat::Markdown => markdown::report(&comparison),
        CompareFormat::Csv => csv::report(&comparison),
        CompareFormat::Json => json::report(&comparison),
    })?;
    if !args.quiet {
        effort::tell_runs(&stopwatch, u64::from(args.seeds) * arms.len() as u64);
    }
    Ok(ExitCode::SUCCESS)
}

/// The usual figures, and those that are asked for.
fn wanted(more: &[String]) -> Result<Vec<Wanted>, Failure> {
    let mut wanted =
        Wanted::all(&ROWS.iter().flat_map(|(_, names)| names.iter().copied()).collect::<Vec<_>>());
    for name in more {
        match Wanted::parse(name) {
            Ok(figure) if wanted.contains(&figure) => {}
            Ok(figure) => wanted.push(figure),
            Err((message, help)) => return Err(Failure::Input(format!("error: {message}\n = help: {help}"))),
        }
    }
    Ok(wanted)
}

/// Everything that is compared, the base first.
fn arms(args: &CompareArgs) -> Result<Vec<Arm>, Failure> {
    let axes: Vec<Axis> =
        args.vary.iter().map(|text| Axis::parse(text)).collect::<Result<_, _>>().map_err(Failure::Input)?;
    let bases = bases(args)?;
    let too_many = || {
        let help = format!("at most {MOST_ARMS} can be compared; `lingersim sweep` runs more");
        Failure::Input(format!("error: that makes too many arms\n = help: {help}"))
    };
    let points = combinations(&axes, MOST_ARMS).ok_or_else(too_many)?;
    if bases.len() * points.len() > MOST_ARMS {
        return Err(too_many());
    }
    let mut arms = Vec::new();
    let mut loaded_first: Option<Loaded> = None;
    for (name, base) in &bases {
        for point in &points {
            let loaded = base.with(point).map_err(|error| Failure::Input(error.to_string()))?;
            let values: Vec<String> = point.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let label = match (bases.len() > 1, &values[..]) {
                (true, []) => name.clone(),
                (true, _) => format!("{name} {}", values.join(" ")),
                (false, _) => values.join(" "),
            };
            arms.push(Arm { label, scenario: loaded.scenario.clone() });
            loaded_first.get_or_insert(loaded);
        }
    }
    if arms.len() < 2 {
        let help = "name a second file, or vary something: --vary linger.ms=0,5,20";
        return Err(Failure::Input(format!("error: there is nothing to compare with\n = help: {help}")));
    }
    if let (Some(loaded), false) = (loaded_first, args.quiet) {
        loaded.notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
        if bases.iter().all(|(_, base)| base.file.is_none()) {
            tell_defaults(&loaded);
        }
    }
    Ok(arms)
}

/// The files as they were named: scenarios, or properties files on one scenario.
fn bases(args: &CompareArgs) -> Result<Vec<(String, Base)>, Failure> {
    let named: Vec<(String, PathBuf)> = args.files.iter().map(|text| labelled(text)).collect();
    let is_scenario = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    let (scenarios, properties): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|(_, path)| is_scenario(path));
    let base = |file: Option<PathBuf>, flags| Base {
        file,
        overrides: Overrides { set: args.set.clone(), flags, ..Overrides::default() },
    };
    match (&scenarios[..], properties.is_empty()) {
        ([], true) => {
            let help = "name a scenario or a properties file; `lingersim compare --help` has examples";
            Err(Failure::Input(format!("error: there is nothing to compare\n = help: {help}")))
        }
        (_, true) => {
            Ok(scenarios.into_iter().map(|(label, path)| (label, base(Some(path), Vec::new()))).collect())
        }
        ([] | [_], false) => {
            let scenario = scenarios.first().map(|(_, path)| path.clone());
            let one = |(label, path): (String, PathBuf)| {
                let file = absolute(&path.display().to_string());
                (label, base(scenario.clone(), vec![("--properties", "producer.properties-file", file)]))
            };
            Ok(properties.into_iter().map(one).collect())
        }
        _ => {
            let help = "properties files are compared on one scenario";
            Err(Failure::Input(format!(
                "error: several scenarios stand beside properties files\n = help: {help}"
            )))
        }
    }
}

/// `label=path`, or a path whose name is the label.
fn labelled(text: &str) -> (String, PathBuf) {
    match text.split_once('=') {
        Some((label, path)) if !label.is_empty() && !label.contains('/') && !Path::new(text).exists() => {
            (label.to_owned(), PathBuf::from(path))
        }
        _ => {
            let path = PathBuf::from(text);
            let label = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            (label.unwrap_or_else(|| text.to_owned()), path)
        }
    }
}
