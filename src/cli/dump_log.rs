//! `lingersim dump-log`: what logs have in the end, in the lines of Kafka's own tool, and as files that it reads.

use std::path::PathBuf;
use std::process::ExitCode;

use super::exit::Failure;
use super::progress::Progress;
use super::recorded_run::{Flags, RecordedRun};
use super::{out_dir, output};
use crate::protocol::compression::Compression;
use crate::report::dump_log::{LogDump, Shown, file_name};
use crate::scenario::{ProducerGroup, Scenario};
use crate::values::excerpt::short;
use crate::values::ids::{NodeId, TopicId, TopicPartition};
use crate::world::observe::{Asked, AskedLogs, FinalLog};
use crate::world::run_observed;

/// `lingersim dump-log`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct DumpLogArgs {
    /// A scenario (.toml), or a folder that `run --out` has written
    #[arg(value_name = "SCENARIO|RUN")]
    run: PathBuf,

    /// Only the log of this partition, orders-0; repeatable
    #[arg(long, value_name = "TOPIC-N")]
    partition: Vec<String>,

    /// The logs of this broker's replicas, instead of each leader's in the end
    #[arg(long, value_name = "ID")]
    broker: Option<i32>,

    /// Also print the records, each with its key and payload
    #[arg(long)]
    print_data_log: bool,

    /// Of records print only key and payload
    #[arg(long)]
    skip_record_metadata: bool,

    /// At most so many records of each log, and the batches that have them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_messages: Option<u64>,

    /// Also write the logs as files that Kafka's own tools read: DIR/orders-0/00000000000000000000.log
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// The master seed
    #[arg(long, value_name = "N")]
    seed: Option<String>,

    /// Send this many records in all, then stop
    #[arg(long, value_name = "N")]
    records: Option<String>,

    /// Send for this long, 10s, then stop
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim dump-log scenarios/linger.toml --records 100 --print-data-log\n  \
    lingersim dump-log scenarios/lost-on-leader-move.toml --partition orders-0 --broker 2\n  \
    lingersim dump-log scenarios/linger.toml --out logs/\n  \
    kafka-dump-log.sh --print-data-log --files logs/orders-0/00000000000000000000.log";

/// Logs, and batches on their way to them, that are kept in memory.
const MOST_BYTES: u64 = 1 << 30;
/// So much text is printed at once.
const TEXT_BYTES: usize = 1 << 20;

/// Runs the command.
pub fn run(args: &DumpLogArgs) -> Result<ExitCode, Failure> {
    let run = RecordedRun::load_with(&args.run, &args.set, flags(args))?;
    let scenario = &run.loaded.scenario;
    let asked = AskedLogs {
        broker: broker(args, scenario)?,
        partitions: partitions(args, scenario)?,
        most_bytes: MOST_BYTES,
    };
    if !args.quiet {
        run.loaded.notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
        tell_of_compression(scenario);
    }
    let logs = logs(args, &run, &asked)?;
    if let Some(folder) = &args.out {
        for log in &logs {
            let folder = folder.join(name_of(scenario, log.tp));
            out_dir::write_bytes(&folder, &file_name(log.start), &log.batches)?;
        }
    }
    let shown = Shown {
        data: args.print_data_log,
        no_metadata: args.skip_record_metadata,
        most_records: args.max_messages.unwrap_or(u64::MAX),
    };
    logs.iter().try_for_each(|log| print(scenario, log, shown))?;
    Ok(ExitCode::SUCCESS)
}

/// Flags that are paths of a scenario.
fn flags(args: &DumpLogArgs) -> Flags {
    let flags = [
        ("--seed", "seed", &args.seed),
        ("--records", "run.records", &args.records),
        ("--duration", "run.duration", &args.duration),
    ];
    flags.into_iter().filter_map(|(flag, path, value)| Some((flag, path, value.clone()?))).collect()
}

fn broker(args: &DumpLogArgs, scenario: &Scenario) -> Result<Option<NodeId>, Failure> {
    let Some(id) = args.broker else { return Ok(None) };
    let brokers = scenario.cluster.brokers.len();
    match usize::try_from(id).is_ok_and(|id| (1..=brokers).contains(&id)) {
        true => Ok(Some(NodeId(id))),
        false => Err(Failure::Input(format!(
            "error: there is no broker {id}\n = help: brokers are numbered from 1 to {brokers}"
        ))),
    }
}

/// The partitions that are named, in the order of the cluster.
fn partitions(args: &DumpLogArgs, scenario: &Scenario) -> Result<Vec<TopicPartition>, Failure> {
    let topics = || scenario.cluster.topics.iter().zip(0..);
    let known: Vec<TopicPartition> = topics()
        .flat_map(|(topic, id)| {
            (0..topic.assignment.len() as u32).map(move |at| TopicPartition::new(TopicId(id), at))
        })
        .collect();
    let is_known = |name: &&String| known.iter().any(|tp| name_of(scenario, *tp) == **name);
    let unknown: Vec<String> = args
        .partition
        .iter()
        .filter(|name| !is_known(name))
        .map(|name| format!("`{}`", short(name)))
        .collect();
    if unknown.is_empty() {
        return Ok(known.into_iter().filter(|tp| args.partition.contains(&name_of(scenario, *tp))).collect());
    }
    let ranges: Vec<String> = topics()
        .take(10)
        .map(|(topic, _)| match topic.assignment.len() {
            1 => format!("{}-0", topic.name),
            count => format!("{0}-0 to {0}-{1}", topic.name, count - 1),
        })
        .collect();
    Err(Failure::Input(format!(
        "error: there is no partition {}\n = help: there are {}",
        unknown.join(", "),
        ranges.join(", ")
    )))
}

fn name_of(scenario: &Scenario, tp: TopicPartition) -> String {
    let topic = scenario.cluster.topics.get(tp.topic.index()).map_or("", |topic| topic.name.as_str());
    format!("{topic}-{}", tp.partition)
}

/// Sizes of the dump are not those by which the run went.
fn tell_of_compression(scenario: &Scenario) {
    let by_ratio = |group: &ProducerGroup| {
        let is_real = group.preparation.as_ref().is_some_and(|plan| plan.keeps_bytes);
        group.config.compression != Compression::None && !is_real
    };
    if scenario.producers.iter().any(by_ratio) {
        output::tell(
            "note: the run takes compressed sizes from compression-ratio, the dump has batches as their codec makes them: \
             sizes differ; with real-compression = true in [producer] they are the same",
        );
    }
}

/// Runs it, and gives the logs that are asked for.
fn logs(args: &DumpLogArgs, run: &RecordedRun, asked: &AskedLogs) -> Result<Vec<FinalLog>, Failure> {
    let scenario = &run.loaded.scenario;
    let mut progress = Progress::new(scenario.end, args.quiet);
    let observed =
        run_observed(scenario, &Asked { logs: Some(asked.clone()), ..Asked::default() }, &mut |glance| {
            progress.tick(glance.now, glance.records);
            true
        });
    progress.finish();
    let observed = observed?;
    run.is_the_same(observed.result.digest)?;
    let logs = observed.logs;
    let missing: Vec<String> = (asked.partitions.iter())
        .filter(|tp| !logs.iter().any(|log| log.tp == **tp))
        .map(|tp| name_of(scenario, *tp))
        .collect();
    match (args.broker, missing.is_empty()) {
        (Some(id), false) => Err(Failure::Input(format!(
            "error: broker {id} has no replica of {} in the end\n = help: without --broker, the leader's log is printed",
            missing.join(", ")
        ))),
        (Some(id), true) if logs.is_empty() => Err(Failure::Input(format!(
            "error: broker {id} has no replica of any partition in the end\n = help: name another one"
        ))),
        _ => Ok(logs),
    }
}

fn print(scenario: &Scenario, log: &FinalLog, shown: Shown) -> Result<(), Failure> {
    let mut text = String::new();
    let mut dump = LogDump::new(&name_of(scenario, log.tp), log.start, shown, &mut text);
    for batch in &log.batches {
        if !dump.goes_on() {
            break;
        }
        let read = dump.batch(batch, &mut text);
        read.map_err(|error| Failure::Bug(format!("a batch of the dump cannot be read: {error}")))?;
        if text.len() >= TEXT_BYTES {
            output::print(&text)?;
            text.clear();
        }
    }
    output::print(&text)
}
