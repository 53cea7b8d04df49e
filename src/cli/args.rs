//! The shape of the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::baseline::BaselineArgs;
use super::check::CheckArgs;
use super::compare::CompareArgs;
use super::dump_log::DumpLogArgs;
use super::exit;
use super::explain::ExplainArgs;
use super::exports::ExportArgs;
use super::init::InitArgs;
use super::list::ListArgs;
use super::look::LookArgs;
use super::measure::MeasureArgs;
use super::metrics::MetricsArgs;
use super::partitioners::PartitionersArgs;
use super::perf_test::PerfTestArgs;
use super::report::ReportArgs;
use super::sweep::SweepArgs;
use crate::config::version::ClientVersion;

/// A deterministic simulator of Apache Kafka producers.
#[derive(Parser)]
#[command(name = "lingersim", version, after_help = exit::CODES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// How output looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Simulate one scenario and report what happened
    Run(Box<RunArgs>),
    /// Explain why batches left when they did, where the time of records went, and what would change it
    Explain(Box<ExplainArgs>),
    /// Show a run as a page: a replay to step through, charts, why each batch left
    Report(Box<ReportArgs>),
    /// Print what the logs of partitions have in the end, in the lines of Kafka's kafka-dump-log
    DumpLog(Box<DumpLogArgs>),
    /// Compare scenarios, properties files, or values of a key: what differs, how surely, and why
    Compare(Box<CompareArgs>),
    /// The partitioner lab: the same arrivals through every partitioner
    Partitioners(Box<PartitionersArgs>),
    /// Run a scenario at many points of a grid or a Latin hypercube
    Sweep(Box<SweepArgs>),
    /// List the figures that gates, comparisons and sweeps can speak of
    Metrics(MetricsArgs),
    /// Write a scenario to begin with
    Init(InitArgs),
    /// List the library of scenarios by symptom, or print one of them
    List(ListArgs),
    /// Check scenarios: gates, promises, baselines; exit 1 if one fails
    Check(Box<CheckArgs>),
    /// Accept, review or reject what scenarios do now as their baselines
    Baseline(BaselineArgs),
    /// kafka-producer-perf-test on the simulator: its flags, its lines, and what they leave out
    PerfTest(Box<PerfTestArgs>),
    /// Measure what codecs make of a sample of payloads, by batch size, for a scenario to use
    Measure(MeasureArgs),
    /// List and explain the keys of the producer's configuration
    Config(ConfigArgs),
    /// Replay traces of the real client and compare every event; exit 1 on any difference
    Conform(ConformArgs),
    /// Show what faults do to records, by acks, min.insync.replicas, idempotence and requests in flight
    TruthTable(TruthTableArgs),
    /// Run scenarios that are drawn at random, and look for anything that must never happen
    Swarm(SwarmArgs),
    /// Print the JSON Schema of scenarios, with which an editor completes and checks them
    Schema,
    /// Print the script with which a shell completes commands and flags
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, or write all pages
    #[command(after_help = MAN_HELP)]
    Man {
        /// Write a page for each command, and those about scenarios and Kafka's keys, into this folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

const COMPLETIONS_HELP: &str = "Where the script belongs:\n  \
    bash        ~/.local/share/bash-completion/completions/lingersim\n  \
    zsh         a file _lingersim in a folder of $fpath\n  \
    fish        ~/.config/fish/completions/lingersim.fish\n  \
    elvish      appended to ~/.config/elvish/rc.elv\n  \
    powershell  appended to the file $PROFILE";

const MAN_HELP: &str = "Examples:\n  \
    lingersim man | man -l -\n  \
    lingersim man --out pages && man -l pages/lingersim-run.1";

/// `lingersim run`.
#[derive(clap::Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunArgs {
    /// The scenario, a TOML file; without one, `--properties` or `--trace` is needed
    #[arg(value_name = "SCENARIO.toml")]
    pub scenario: Option<PathBuf>,

    /// The producer's configuration as a Java properties file
    #[arg(long, value_name = "FILE")]
    pub properties: Option<String>,

    /// The records to send, a CSV file with a header: `t_us`, `value_len`, and if known `topic`, `key`, `partition`
    #[arg(long, value_name = "FILE.csv")]
    pub trace: Option<String>,

    /// A CSV file whose row i has `late_us`: microseconds to add to the time of row i of the trace
    #[arg(long, value_name = "FILE.csv", requires = "trace")]
    pub late: Option<String>,

    /// Send the records of the trace without their keys
    #[arg(long, requires = "trace")]
    pub no_keys: bool,

    /// Number of brokers
    #[arg(long, value_name = "N")]
    pub brokers: Option<String>,

    /// Partitions of each topic that does not say
    #[arg(long, value_name = "N")]
    pub partitions: Option<String>,

    /// Replicas of each partition of topics that do not say
    #[arg(long, value_name = "N")]
    pub replication: Option<String>,

    /// Recorded response times: a CSV file with node, sent_us, received_us of each produce request
    #[arg(long, value_name = "FILE.csv")]
    pub responses: Option<String>,

    /// The topic of records that name none
    #[arg(long, value_name = "NAME")]
    pub topic: Option<String>,

    /// Version of the Java client: 4.3, 3.9, 3.1 or 2.3
    #[arg(long, value_name = "VERSION")]
    pub kafka: Option<String>,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// The master seed
    #[arg(long, value_name = "N")]
    pub seed: Option<String>,

    /// Run this many times (at most 1000), with seeds from the master seed on, and show how much the results vary
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,

    /// Send this many records in all, then stop
    #[arg(long, value_name = "N")]
    pub records: Option<String>,

    /// Form of the report on stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Show the run over time in the summary; a terminal shows it anyway
    #[arg(long, conflicts_with_all = ["bench", "runs"])]
    pub over_time: bool,

    /// Run again whenever the scenario or a file that it names is saved, and show what that has changed
    #[arg(long, requires = "scenario", conflicts_with_all = ["bench", "runs", "format", "show_config"])]
    pub watch: bool,

    /// Also write summary.txt, result.json, result.csv, configuration.txt and command.json (for `report` and `explain`) into
    /// this folder; with `--runs` runs.txt, runs.json, runs.csv and configuration.txt
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Print the effective configuration with the origin of each value first; on stderr unless the report is a text
    #[arg(long)]
    pub show_config: bool,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    pub quiet: bool,

    /// Instead of the report, one line of JSON: records, wall clock, processor time, records a second, latencies
    #[arg(long, conflicts_with = "runs")]
    pub bench: bool,

    /// Traces and pictures of the run.
    #[command(flatten)]
    pub exports: ExportArgs,
}

const RUN_EXAMPLES: &str = "Examples:\n  \
    lingersim run scenarios/linger.toml\n  \
    lingersim run scenarios/linger.toml --set linger.ms=50 --seed 7\n  \
    lingersim run my.toml --watch\n  \
    lingersim run --properties producer.properties --trace trace.csv --brokers 3 --partitions 12\n  \
    lingersim run scenarios/linger.toml --format json --out results/\n\n\
    What the figures mean: docs/reports.md. What a scenario can say: docs/scenarios.md.";

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A summary for people
    Text,
    /// Everything, versioned
    Json,
    /// One figure a line: run, seed, metric, labels, stat, value, unit
    Csv,
}

/// `lingersim conform`.
#[derive(clap::Args)]
pub struct ConformArgs {
    /// Folders or files with scripts and their traces, or with vectors
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Compress the records' own bytes, instead of taking compressed sizes from the traces
    #[arg(long)]
    pub real_codecs: bool,
}

/// `lingersim truth-table`.
#[derive(clap::Args)]
pub struct TruthTableArgs {
    /// Runs of each cell, with seeds from `--first` on
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub seeds: u64,

    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub first: u64,

    /// Only cells with one of these values: fault=leader-crash,none or acks=all; repeatable
    #[arg(long, value_name = "KEY=VALUES")]
    pub only: Vec<String>,

    /// Form of the table on stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Also draw the table into this file
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<PathBuf>,

    /// Threads to use; the table is the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// `lingersim swarm`.
#[derive(clap::Args)]
#[command(after_help = SWARM_HELP)]
pub struct SwarmArgs {
    /// How many scenarios, one a seed
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub seeds: u64,

    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub first: u64,

    /// Threads to use; the report is the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Where scenarios that fail are written, reduced to what the failure needs
    #[arg(long, value_name = "DIR", default_value = "swarm-failures")]
    pub out: PathBuf,

    /// Also write what was reached into this file: group, name, runs
    #[arg(long, value_name = "FILE.csv")]
    pub coverage: Option<PathBuf>,

    /// Print the scenario of the first seed, and run nothing
    #[arg(long)]
    pub show: bool,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    pub quiet: bool,
}

const SWARM_HELP: &str = "A failure is told with its seed and scenario. One of each kind is reduced and written into \
    --out, with the command that runs it. Exit code 4: the simulator contradicts itself; 1: a promise of the client or \
    the cluster was broken.";

/// `lingersim config`.
#[derive(clap::Args)]
pub struct ConfigArgs {
    /// What to show.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What `lingersim config` can show.
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// All keys with type and default
    List(KeyArgs),
    /// What a key does, its default, its valid values, and what differs between versions
    Explain {
        /// The key, for example linger.ms
        #[arg(value_name = "KEY")]
        key: String,

        /// How to show it.
        #[command(flatten)]
        args: KeyArgs,
    },
    /// All keys of all versions as a document in Markdown
    Markdown,
}

/// How keys are shown.
#[derive(clap::Args)]
pub struct KeyArgs {
    /// Version of the Java client: 4.3, 3.9, 3.1 or 2.3
    #[arg(long, value_name = "VERSION", default_value_t, hide_default_value = true, value_parser = version)]
    pub kafka: ClientVersion,

    /// Form of the answer
    #[arg(long, value_enum, default_value_t = KeyFormat::Text)]
    pub format: KeyFormat,
}

/// Forms in which keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

fn version(name: &str) -> Result<ClientVersion, String> {
    let names = ClientVersion::ALL.map(ClientVersion::name).join(", ");
    ClientVersion::named(name).ok_or_else(|| format!("expected one of {names}"))
}
