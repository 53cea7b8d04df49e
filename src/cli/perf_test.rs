//! `lingersim perf-test`: `kafka-producer-perf-test` on the simulator, with its flags and its lines.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgGroup;

use super::exit::Failure;
use super::output;
use super::perf_test_scenario::{self as scenario_of, Throughput};
use super::run::populations_add_up;
use crate::config::version::ClientVersion;
use crate::experiment::perf_test::{self, Sampling, Test};
use crate::scenario::limits;
use crate::values::quantity::Measure;
use crate::values::time::Span;
use crate::workload::payload::PayloadFile;
use crate::workload::spec::{Generator, Sizes};

/// Bytes of a file of payloads.
const PAYLOAD_FILE_BYTES: u64 = 256 << 20;

/// `lingersim perf-test`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("payload").required(true))]
pub struct PerfTestArgs {
    /// Produce records to this topic
    #[arg(long, value_name = "TOPIC")]
    pub topic: String,

    /// Number of records to produce
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=limits::RECORDS))]
    pub num_records: u64,

    /// Record size in bytes; one of this, --payload-file and --payload-monotonic
    #[arg(long, value_name = "BYTES", group = "payload", value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    pub record_size: Option<u32>,

    /// File of payloads in UTF-8, of which one is chosen at random for each record
    #[arg(long, value_name = "FILE", group = "payload")]
    pub payload_file: Option<PathBuf>,

    /// Payloads are numbers that count up
    #[arg(long, group = "payload")]
    pub payload_monotonic: bool,

    /// What divides payloads of the file, as plain text
    #[arg(long, value_name = "TEXT", default_value = "\\n")]
    pub payload_delimiter: String,

    /// Records per second; -1: as fast as the client takes them
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = scenario_of::throughput)]
    pub throughput: Throughput,

    /// Producer keys, as in acks=1 linger.ms=10; they win over files
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub producer_props: Vec<String>,

    /// The same, under its name since 4.2
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., conflicts_with = "producer_props")]
    pub command_property: Vec<String>,

    /// Properties file of the producer
    #[arg(long = "producer.config", value_name = "FILE")]
    pub producer_config: Option<String>,

    /// The same, under its name since 4.2
    #[arg(long, value_name = "FILE", conflicts_with = "producer_config")]
    pub command_config: Option<String>,

    /// Servers to connect to; wins over bootstrap.servers
    #[arg(long, value_name = "HOST:PORT")]
    pub bootstrap_server: Option<String>,

    /// Print the client's metrics at the end
    #[arg(long)]
    pub print_metrics: bool,

    /// Not simulated yet: transactions
    #[arg(long, value_name = "ID")]
    pub transactional_id: Option<String>,

    /// Not simulated yet: transactions
    #[arg(long, value_name = "MS")]
    pub transaction_duration_ms: Option<String>,

    /// Leave so many first records out of a second summary
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub warmup_records: u64,

    /// Milliseconds of virtual time from line to line
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub reporting_interval: u64,

    /// Cluster, network, faults and producer of this scenario; not its workload
    #[arg(long, value_name = "FILE.toml", help_heading = SIMULATION)]
    pub scenario: Option<PathBuf>,

    /// Set a path of the scenario (network.latency=2ms) or a producer key; repeatable
    #[arg(long, value_name = "KEY=VALUE", help_heading = SIMULATION)]
    pub set: Vec<String>,

    /// The master seed
    #[arg(long, value_name = "N", help_heading = SIMULATION)]
    pub seed: Option<String>,

    /// Version of the Java client: 4.3, 3.9, 3.1 or 2.3
    #[arg(long, value_name = "VERSION", help_heading = SIMULATION)]
    pub kafka: Option<String>,

    /// Number of brokers
    #[arg(long, value_name = "N", help_heading = SIMULATION)]
    pub brokers: Option<String>,

    /// Partitions of the topic
    #[arg(long, value_name = "N", help_heading = SIMULATION)]
    pub partitions: Option<String>,

    /// What a call of send costs: no more records are sent than this allows
    #[arg(long, value_name = "DURATION", default_value = "1us", value_parser = send_time, help_heading = SIMULATION)]
    pub send_time: Span,

    /// Nothing on stderr but errors
    #[arg(long, short, help_heading = SIMULATION)]
    pub quiet: bool,
}

const SIMULATION: &str = "Simulation";

const EXAMPLES: &str = "Examples:\n  \
    lingersim perf-test --topic test --num-records 100000 --record-size 100 \\\n    \
    --throughput 10000 --producer-props bootstrap.servers=localhost:9092 acks=1\n  \
    alias kafka-producer-perf-test='lingersim perf-test'\n\n\
    What is as in Kafka's tool, and what is not: docs/perf-test.md.";

/// Longer calls are no calls.
const LONGEST_SEND: Span = Span::from_secs(1);

fn send_time(text: &str) -> Result<Span, String> {
    let span = Span::parse(text).map_err(|error| error.to_string())?;
    let allowed = Span::from_nanos(1)..=LONGEST_SEND;
    allowed.contains(&span).then_some(span).ok_or_else(|| "expected 1ns to 1s".to_owned())
}

/// Runs the command.
pub fn run(args: &PerfTestArgs) -> Result<ExitCode, Failure> {
    refuse(args)?;
    let mut loaded = scenario_of::load(args)?;
    let version = scenario_of::version(&loaded)?;
    let sizes = payloads(args, version)?;
    let per_1000_s = scenario_of::replace_workload(args, &mut loaded.scenario, sizes)?;
    if !args.quiet {
        loaded.notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
    }
    if args.warmup_records > 0 {
        let warmup = args.warmup_records;
        output::print(&format!(
            "Warmup first {warmup} records. Steady state results will print after the complete test summary.\n"
        ))?;
    }
    let test = Test {
        records: args.num_records,
        warmup: args.warmup_records,
        per_1000_s,
        reporting_interval_ms: args.reporting_interval,
        sampling: Sampling::of(version),
    };
    let mut printed = Ok(());
    let tested = perf_test::run(&loaded.scenario, &test, &mut |lines| {
        printed = output::print(lines);
        printed.is_ok()
    })?;
    printed?;
    let Some(tested) = tested else { return Ok(ExitCode::SUCCESS) };
    output::print(&tested.totals)?;
    if args.print_metrics {
        tested
            .from_call
            .producers
            .iter()
            .try_for_each(|producer| output::print(&perf_test::metrics_table(producer)))?;
    }
    if !args.quiet {
        tested.from_call.warnings.iter().for_each(|warning| output::tell(&format!("warning: {warning}")));
        let footnote = perf_test::footnote(&tested, args.throughput.is_kept_with(args.send_time));
        output::tell(footnote.trim_end());
    }
    populations_add_up(&[tested.from_call])
}

/// What the flags say together that they may not.
fn refuse(args: &PerfTestArgs) -> Result<(), Failure> {
    if args.transactional_id.is_some() || args.transaction_duration_ms.is_some() {
        return Err(scenario_of::no_transactions());
    }
    if args.warmup_records >= args.num_records {
        let message = "error: --warmup-records must be fewer than --num-records";
        return Err(Failure::Input(format!("{message}\n = help: the other records are the steady state")));
    }
    Ok(())
}

/// Sizes of payloads; of a file, it says what it has, as Kafka's tool does.
fn payloads(args: &PerfTestArgs, version: ClientVersion) -> Result<Sizes, Failure> {
    let Some(file) = &args.payload_file else {
        return Ok(args.record_size.map_or(Sizes::Digits, Sizes::Constant));
    };
    let read = PayloadFile::read(file, "--payload-delimiter", &args.payload_delimiter, PAYLOAD_FILE_BYTES)
        .map_err(|error| Failure::Input(error.to_string()))?;
    let sizes: Vec<u32> = read.payloads().iter().map(|payload| payload.len() as u32).collect();
    let (what, generator) = match version {
        ClientVersion::V4_3 => ("records", Generator::SplittableRandom),
        ClientVersion::V3_9 => ("messages", Generator::SplittableRandom),
        ClientVersion::V3_1 | ClientVersion::V2_3 => ("messages", Generator::Random),
    };
    let (file, count) = (absolute(file), sizes.len());
    output::print(&format!("Reading payloads from: {file}\nNumber of {what} read: {count}\n"))?;
    Ok(Sizes::Payloads { sizes: sizes.into(), generator })
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).map_or_else(|_| path.display().to_string(), |path| path.display().to_string())
}
