//! `lingersim partitioners`: the same arrivals through every partitioner.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::exit::Failure;
use super::run::absolute;
use super::{effort, out_dir, output, threads};
use crate::experiment::compare::{csv, json};
use crate::experiment::partitioners::{Lab, markdown, plot, text};
use crate::experiment::vary::Base;
use crate::scenario::load::Overrides;

/// `lingersim partitioners`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct PartitionersArgs {
    /// The scenario, or a properties file of a producer
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,

    /// Only these: built-in (KIP-794), not-adaptive (the same without adaptive partitioning), sticky (KIP-480), round-robin
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    only: Vec<String>,

    /// Version of the Java client: 4.3, 3.9 or 3.1
    #[arg(long, value_name = "VERSION")]
    kafka: Option<String>,

    /// Partitions that are added to see which keys move
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    add: u32,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (workload.rate=5000/s); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Runs of each partitioner, with the same seeds for all
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    seeds: u32,

    /// The first seed [default: that of the scenario]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Also draw it into this file
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<PathBuf>,

    /// Threads to use; the outcome is the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Form of the report on stdout
    #[arg(long, value_enum, default_value_t = LabFormat::Text)]
    format: LabFormat,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim partitioners my.toml --svg lab.svg\n  \
    lingersim partitioners scenarios/kip-794.toml\n  \
    lingersim partitioners my.toml --only sticky,built-in --add 6";

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LabFormat {
    /// For people
    Text,
    /// To paste into a change or a page
    Markdown,
    /// One figure of one run a line
    Csv,
    /// Everything, versioned, in the form of `compare`
    Json,
}

/// Runs the command.
pub fn run(args: &PartitionersArgs) -> Result<ExitCode, Failure> {
    let stopwatch = effort::Stopwatch::start();
    let lab = Lab::new(&base(args), &args.only).map_err(|error| Failure::Input(error.to_string()))?;
    if lab.arms.len() < 2 {
        let why: Vec<String> = lab.left_out.iter().map(|(name, why)| format!("{name}: {why}")).collect();
        let help = "choose a newer client, or name several partitioners";
        return Err(Failure::Input(format!(
            "error: there is nothing to compare ({})\n = help: {help}",
            why.join("; ")
        )));
    }
    let first = args.seed.unwrap_or(lab.scenario.seed);
    let findings =
        lab.run(first, args.seeds, args.add, threads(args.threads)).map_err(|(at, seed, error)| {
            Failure::from(error).with(&format!("with {} and seed {seed}", lab.arms[at].label))
        })?;
    if let Some(file) = &args.svg {
        let picture = plot::lab(&findings, &lab.scenario.title).map_err(Failure::Environment)?;
        out_dir::write_file(file, &picture)?;
    }
    output::print(&match args.format {
        LabFormat::Text => text::report(&findings, &lab.scenario.title, &lab.left_out),
        LabFormat::Markdown => markdown::report(&findings, &lab.left_out),
        LabFormat::Csv => csv::report(&findings.comparison),
        LabFormat::Json => json::report(&findings.comparison),
    })?;
    if !args.quiet {
        effort::tell_runs(&stopwatch, u64::from(args.seeds) * lab.arms.len() as u64);
    }
    Ok(ExitCode::SUCCESS)
}

fn base(args: &PartitionersArgs) -> Base {
    let is_scenario = args.scenario.extension().is_some_and(|extension| extension == "toml");
    let mut flags = Vec::new();
    if !is_scenario {
        let file = absolute(&args.scenario.display().to_string());
        flags.push(("--properties", "producer.properties-file", file));
    }
    flags.extend(args.kafka.iter().map(|version| ("--kafka", "kafka.version", version.clone())));
    let overrides = Overrides { set: args.set.clone(), flags, ..Overrides::default() };
    Base { file: is_scenario.then(|| args.scenario.clone()), overrides }
}
