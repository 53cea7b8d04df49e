//! `lingersim perf-test`: the flags and lines of `kafka-producer-perf-test`, so that an alias is enough.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::exit::Failure;
use super::output;
use super::run::absolute;
use crate::experiment::perf_test::{PerfTest, SEND_COST, burst_delay, footnote, run as run_test, table};
use crate::scenario::load::{self, Loaded, Overrides};
use crate::scenario::{End, Scenario, SendMode};
use crate::values::file::open_regular;
use crate::values::ids::TopicId;
use crate::workload::spec::{Arrivals, Keys, Pace, Sizes, Source, Synthetic};

/// A payload file is never larger.
const MAX_PAYLOADS: u64 = 256 << 20;
/// What perf-test calls its client.
const CLIENT_ID: &str = "perf-producer-client";

/// `lingersim perf-test`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, group(clap::ArgGroup::new("payload").required(true).args(["record_size", "payload_file", "payload_monotonic"])))]
pub struct PerfTestArgs {
    /// Produce messages to this topic
    #[arg(long, value_name = "TOPIC")]
    topic: String,

    /// Number of messages to produce
    #[arg(long, value_name = "NUM-RECORDS", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    num_records: u64,

    /// Message size in bytes
    #[arg(long, value_name = "RECORD-SIZE", value_parser = clap::value_parser!(u32).range(1..=i64::from(i32::MAX)))]
    record_size: Option<u32>,

    /// File with payloads, of which one is chosen at random for each message
    #[arg(long, value_name = "PAYLOAD-FILE")]
    payload_file: Option<PathBuf>,

    /// Payloads are the numbers of the messages
    #[arg(long)]
    payload_monotonic: bool,

    /// What is between payloads in their file
    #[arg(long, value_name = "PAYLOAD-DELIMITER", default_value = "\\n")]
    payload_delimiter: String,

    /// Messages per second, approximately; -1 for as many as the client takes
    #[arg(long, value_name = "THROUGHPUT", allow_negative_numbers = true)]
    throughput: f64,

    /// Producer properties; they take precedence over those of --producer.config
    #[arg(long, value_name = "PROP-NAME=PROP-VALUE", num_args = 1..)]
    producer_props: Vec<String>,

    /// Producer properties file
    #[arg(long = "producer.config", value_name = "CONFIG-FILE")]
    producer_config: Option<String>,

    /// The servers to connect to; takes precedence over properties (4.2 and newer)
    #[arg(long, value_name = "SERVERS")]
    bootstrap_server: Option<String>,

    /// As --producer-props (4.2 and newer)
    #[arg(long, value_name = "PROP-NAME=PROP-VALUE", num_args = 1..)]
    command_property: Vec<String>,

    /// As --producer.config (4.2 and newer)
    #[arg(long, value_name = "CONFIG-FILE", conflicts_with = "producer_config")]
    command_config: Option<String>,

    /// Print the producer's metrics at the end
    #[arg(long)]
    print_metrics: bool,

    /// The first so many messages warm up; a second last line tells of the others (4.1 and newer)
    #[arg(long, value_name = "WARMUP-RECORDS", default_value_t = 0)]
    warmup_records: u64,

    /// Not simulated yet
    #[arg(long, value_name = "TRANSACTIONAL-ID")]
    transactional_id: Option<String>,

    /// Not simulated yet
    #[arg(long, value_name = "TRANSACTION-DURATION")]
    transaction_duration_ms: Option<u64>,

    /// Ours: cluster, network and faults are those of this scenario
    #[arg(long, value_name = "SCENARIO.toml")]
    scenario: Option<PathBuf>,

    /// Ours: number of brokers
    #[arg(long, value_name = "N")]
    brokers: Option<String>,

    /// Ours: partitions of the topic
    #[arg(long, value_name = "N")]
    partitions: Option<String>,

    /// Ours: version of the Java client: 4.3, 3.9, 3.1 or 2.3
    #[arg(long, value_name = "VERSION")]
    kafka: Option<String>,

    /// Ours: set a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Ours: the master seed
    #[arg(long, value_name = "N")]
    seed: Option<String>,

    /// Ours: nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Example:\n  \
    alias kafka-producer-perf-test='lingersim perf-test'\n  \
    kafka-producer-perf-test --topic orders --num-records 100000 --record-size 512 \\\n    \
    --throughput 5000 --producer-props bootstrap.servers=localhost:9092 linger.ms=5\n\n\
    Nothing is connected to: the run is simulated. docs/perf-test.md says what is like the real tool.";

/// Runs the command.
pub fn run(args: &PerfTestArgs) -> Result<ExitCode, Failure> {
    check(args)?;
    let Loaded { scenario, settings, notes, .. } = load(args)?;
    let names_client =
        settings.iter().any(|s| s.name.ends_with("client.id") && s.origin != "numbered by the client");
    let (scenario, payloads) = with_workload(args, scenario, names_client)?;
    if let (Some(count), Some(file)) = (payloads, &args.payload_file) {
        output::print(&format!("Reading payloads from: {}\n", absolute(&file.display().to_string())))?;
        output::print(&format!("Number of messages read: {count}\n"))?;
    }
    if !args.quiet {
        notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
    }
    let test = PerfTest { records: args.num_records, warmup: args.warmup_records };
    let perf = run_test(&scenario, test)?;
    output::print(&perf.lines)?;
    if args.print_metrics {
        output::print(&table(&perf.result.producers))?;
    }
    if !args.quiet {
        output::tell(footnote(&perf, args.throughput > 0.0).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

fn wrong(message: &str, help: &str) -> Failure {
    Failure::Input(format!("error: {message}\n = help: {help}"))
}

/// What the flags alone say.
fn check(args: &PerfTestArgs) -> Result<(), Failure> {
    if args.transactional_id.is_some() || args.transaction_duration_ms.is_some() {
        return Err(wrong(
            "transactions are not simulated yet",
            "leave out --transactional-id and --transaction-duration-ms",
        ));
    }
    if args.warmup_records >= args.num_records {
        return Err(wrong(
            "--warmup-records is not below --num-records",
            "warm up with fewer records than there are in all",
        ));
    }
    if args.throughput == 0.0 || args.throughput.is_nan() || args.throughput > 1e9 {
        let help = "expected messages per second, at most 1000000000, or -1 for as many as the client takes";
        return Err(wrong(&format!("--throughput is {}", args.throughput), help));
    }
    Ok(())
}

fn load(args: &PerfTestArgs) -> Result<Loaded, Failure> {
    let mut set = args.set.clone();
    for property in args.producer_props.iter().chain(&args.command_property) {
        if !property.contains('=') {
            return Err(wrong(&format!("`{property}` is no property"), "write for example linger.ms=5"));
        }
        set.push(format!("producer.{property}"));
    }
    set.extend(args.bootstrap_server.iter().map(|servers| format!("producer.bootstrap.servers={servers}")));
    let properties = args.producer_config.as_ref().map(|file| ("--producer.config", file));
    let properties = properties.or(args.command_config.as_ref().map(|file| ("--command-config", file)));
    let mut flags = Vec::new();
    flags.extend(properties.map(|(flag, file)| (flag, "producer.properties-file", absolute(file))));
    for (flag, path, value) in [
        ("--kafka", "kafka.version", &args.kafka),
        ("--brokers", "cluster.brokers", &args.brokers),
        ("--partitions", "cluster.partitions", &args.partitions),
        ("--seed", "seed", &args.seed),
    ] {
        flags.extend(value.clone().map(|value| (flag, path, value)));
    }
    let overrides = Overrides { set, flags, ..Overrides::default() };
    let loaded = match &args.scenario {
        Some(file) => load::from_file(file, &overrides),
        None => load::from_arguments("perf-test", &overrides),
    };
    loaded.map_err(|error| Failure::Input(error.to_string()))
}

/// The scenario with perf-test's own workload: one thread, null keys. Gives the number of payloads, if they are from a file.
fn with_workload(
    args: &PerfTestArgs,
    mut scenario: Scenario,
    names_client: bool,
) -> Result<(Scenario, Option<usize>), Failure> {
    let names: Vec<&str> = scenario.cluster.topics.iter().map(|topic| topic.name.as_str()).collect();
    let topic = match names.iter().position(|name| *name == args.topic) {
        Some(at) => TopicId(at as u32),
        None if args.scenario.is_none() => {
            scenario.cluster.topics[0].name.clone_from(&args.topic);
            TopicId(0)
        }
        None => {
            let help = format!("it has {}", names.join(", "));
            return Err(wrong(&format!("the scenario has no topic {}", args.topic), &help));
        }
    };
    let (sizes, payloads) = sizes(args)?;
    let rate = if args.throughput > 0.0 { args.throughput } else { 1e9 / SEND_COST.0 as f64 };
    scenario.producers.truncate(1);
    let group = &mut scenario.producers[0];
    (group.count, group.threads, group.flush_every_records) = (1, 1, 0);
    group.send_mode = SendMode::Callback;
    if !names_client {
        group.config.client_id = CLIENT_ID.to_owned();
    }
    if args.throughput > 0.0 {
        group.application.timer = burst_delay(rate);
    }
    group.source = Source::Synthetic(Synthetic {
        pace: Pace::Open(Arrivals::Constant { per_1000_s: ((rate * 1e3) as u64).max(1), phase_permille: 0 }),
        value_bytes: sizes,
        keys: Keys::None,
        topics: vec![(topic, 1)],
        partition: None,
        placement: None,
        headers: Vec::new(),
    });
    scenario.end = End { at: None, records: Some(args.num_records), close_timeout: None };
    Ok((scenario, payloads))
}

fn sizes(args: &PerfTestArgs) -> Result<(Sizes, Option<usize>), Failure> {
    match (args.record_size, &args.payload_file) {
        (Some(bytes), _) => Ok((Sizes::Constant(bytes), None)),
        (None, Some(file)) => {
            let delimiter = if args.payload_delimiter == "\\n" { "\n" } else { &args.payload_delimiter };
            let lengths = payload_lengths(file, delimiter)?;
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            lengths.iter().for_each(|length| *counts.entry(*length).or_default() += 1);
            Ok((Sizes::Empirical(counts.into_iter().collect()), Some(lengths.len())))
        }
        (None, None) => Ok((Sizes::Digits, None)),
    }
}

/// Lengths of the payloads in a file, as a `java.util.Scanner` cuts them: a delimiter at the end ends the last one.
fn payload_lengths(file: &Path, delimiter: &str) -> Result<Vec<u32>, Failure> {
    let name = file.display();
    let unread = |error| Failure::Input(format!("error: {name} cannot be read: {error}"));
    let mut text = String::new();
    let limit = MAX_PAYLOADS + 1;
    open_regular(file).map_err(unread)?.take(limit).read_to_string(&mut text).map_err(unread)?;
    if text.len() as u64 > MAX_PAYLOADS {
        return Err(wrong(&format!("{name} is larger than 256 MiB"), "take a sample of the payloads"));
    }
    if delimiter.is_empty() {
        return Err(wrong("--payload-delimiter is empty", "leave it out for one payload a line"));
    }
    let body = text.strip_suffix(delimiter).unwrap_or(&text);
    if body.is_empty() {
        return Err(wrong(&format!("{name} has no payload"), "expected text with one payload a line"));
    }
    Ok(body.split(delimiter).map(|payload| payload.len() as u32).collect())
}
