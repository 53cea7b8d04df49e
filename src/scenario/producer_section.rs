//! `[producer]` or `[[producer]]`: Kafka's keys as they are, and what surrounds each producer.

use super::kafka_keys::{self, Given};
use super::section::Section;
use super::tree::{Table, Value};
use super::workload_section::{self, Surroundings};
use super::{ApplicationSleep, ProducerGroup, SendMode, SenderCost, defaults, limits, preparation_section};
use crate::config::producer::ClientVersion;
use crate::protocol::compression::Compression;
use crate::registry::error::Generation;
use crate::values::time::Span;
use crate::values::units::Permille;
use crate::workload::spec::Source;

/// The keys of `[producer]` that are not Kafka's.
pub const OWN_KEYS: [&str; 13] = [
    "count",
    "threads",
    "send-mode",
    "flush-every",
    "compression-ratio",
    "real-compression",
    "interceptors",
    "cpu",
    "application",
    "sender",
    "workload",
    "properties",
    "properties-file",
];

/// What the command line does to Kafka's keys.
#[derive(Clone, Copy)]
pub struct KeyOverrides<'a> {
    /// Keys that get a value if nothing else gives them one.
    pub assumed: &'a [Given],
    /// Keys that get a value.
    pub given: &'a [Given],
    /// Keys that are taken out first.
    pub unset: &'a [String],
}

/// What all groups share.
pub struct Common<'t, 'a> {
    /// `kafka.version`.
    pub version: ClientVersion,
    /// `[workload]`, for groups without their own.
    pub workload: Option<&'t Table>,
    /// Kafka keys of the command line, for all groups.
    pub keys: KeyOverrides<'a>,
    /// Number of brokers.
    pub brokers: u64,
    /// Whose release the schema registry is of, if there is one.
    pub registry: Option<Generation>,
    /// Topics and the folder of relative paths.
    pub around: Surroundings<'a>,
}

/// Reads all groups; one with defaults if the scenario has none.
pub fn read(root: &mut Section<'_, '_>, common: &Common<'_, '_>) -> Vec<ProducerGroup> {
    let mut tables: Vec<(String, Option<&Table>)> = root
        .tables("producer", limits::GROUPS)
        .into_iter()
        .map(|(path, table)| (path, Some(table)))
        .collect();
    let groups_in_file = tables.len();
    let own_workload = |table: Option<&Table>| table.is_some_and(|table| table.get("workload").is_some());
    let has_own_workload = tables.iter().filter(|(_, table)| own_workload(*table)).count();
    if tables.is_empty() {
        tables.push(("producer".to_owned(), None));
    }
    let only = tables.len() == 1;
    let mut groups: Vec<ProducerGroup> = Vec::new();
    for (index, (path, table)) in tables.into_iter().enumerate() {
        let flat = table.map(|table| table.flattened(&["application", "cpu", "sender", "workload"]));
        let mut section = Section::new(path, flat.as_ref(), root.intake);
        let number = if only { None } else { Some(index + 1) };
        groups.extend(group(&mut section, common, number));
    }
    if common.workload.is_some() && has_own_workload == groups_in_file && groups_in_file > 0 {
        root.problem(
            "workload",
            "is used by no [[producer]]",
            "each has a workload of its own: remove one of them",
        );
    }
    check_totals(root, &groups, common);
    groups
}

fn group(
    section: &mut Section<'_, '_>,
    common: &Common<'_, '_>,
    number: Option<usize>,
) -> Option<ProducerGroup> {
    let count = section.count("count", 1..=limits::THREADS, defaults::ONE) as u32;
    let threads = section.count("threads", 1..=limits::THREADS, defaults::ONE) as u32;
    let modes = [
        ("fire-and-forget", SendMode::FireAndForget),
        ("sync", SendMode::Synchronous),
        ("callback", SendMode::Callback),
    ];
    let send_mode = section.choice("send-mode", &modes, 0);
    let flush_every_records = section.optional_count("flush-every", 1..=limits::RECORDS).unwrap_or(0);
    let ratio = section.optional_measure::<Permille>("compression-ratio");
    let application = application(section.section("application"));
    let sender = sender(section.section("sender"));
    let said = preparation_section::read(section);
    let source = workload(section, common);
    let given = given_keys(section, common);
    let config = kafka_keys::effective(section, common.version, &given, number);
    let config = config?;
    let preparation = preparation_section::preparation(
        section,
        said,
        &preparation_section::Group {
            given: &given,
            source: &source,
            compression: config.compression,
            registry: common.registry,
        },
    );
    kafka_keys::note_guests(section.intake, &given, preparation.as_deref());
    let compression_permille = compression(section, ratio, config.compression);
    Some(ProducerGroup {
        count,
        threads,
        config,
        source,
        send_mode,
        application,
        sender,
        compression_permille,
        preparation,
        flush_every_records,
    })
}

fn application(mut section: Section<'_, '_>) -> ApplicationSleep {
    let application = ApplicationSleep {
        timer: section.span("timer", Span::ZERO),
        timer_jitter: section.span("timer-jitter", Span::ZERO),
        stall_every: section.span("stall-every", Span::ZERO),
        stall: section.span("stall", Span::ZERO),
    };
    for (key, given, other) in [
        ("stall", application.stall, application.stall_every),
        ("stall-every", application.stall_every, application.stall),
    ] {
        if given > Span::ZERO && other == Span::ZERO {
            section.problem(key, "has no effect alone", "give both `stall-every` and `stall`, or neither");
        }
    }
    section.finish();
    application
}

fn sender(mut section: Section<'_, '_>) -> SenderCost {
    let sender = SenderCost {
        wake: section.span("wake", Span::ZERO),
        wake_jitter: section.span("wake-jitter", Span::ZERO),
        timer: section.span("timer", Span::ZERO),
        spin: section.span("spin", Span::ZERO),
        held_permille: section.measure("held", Permille(0)).0,
        turn: section.span("turn", Span::ZERO),
        per_request: section.span("per-request", Span::ZERO),
    };
    if sender.held_permille >= 1_000 {
        let message = format_args!("is {}", Permille(sender.held_permille));
        section.problem("held", message, "expected less than 100%, or the sender might never run");
    }
    section.finish();
    sender
}

/// The group's own workload, or the one all groups share.
fn workload(section: &mut Section<'_, '_>, common: &Common<'_, '_>) -> Source {
    match section.has("workload") {
        true => workload_section::read(section.section("workload"), &common.around),
        false => {
            let shared = Section::new("workload".to_owned(), common.workload, section.intake);
            workload_section::read(shared, &common.around)
        }
    }
}

/// All Kafka keys of a group, later ones winning: properties file, properties block, keys, command line.
fn given_keys(section: &mut Section<'_, '_>, common: &Common<'_, '_>) -> Vec<Given> {
    let mut given = common.keys.assumed.to_vec();
    if let Some(file) = section.optional_text("properties-file")
        && let Some(place) = section.place("properties-file")
    {
        given.extend(kafka_keys::from_file(section.intake, place, &file, common.around.folder));
    }
    if let Some(entry) = section.entry("properties") {
        match &entry.node.value {
            Value::Text(text) => given.extend(kafka_keys::from_block(section.intake, entry.node.place, text)),
            _ => section.problem("properties", "is no text", "expected properties between triple quotes"),
        }
    }
    given.extend(kafka_keys::from_entries(section.intake, section.rest()));
    given.retain(|given| !common.keys.unset.contains(&given.key));
    given.extend(common.keys.given.iter().cloned());
    given
}

/// The compressed size of a batch: what the scenario says, else what the codec does to JSON-like text.
fn compression(section: &mut Section<'_, '_>, ratio: Option<Permille>, codec: Compression) -> u32 {
    let usual = match codec {
        Compression::None => defaults::UNCOMPRESSED_PERMILLE,
        Compression::Gzip => defaults::GZIP_PERMILLE,
        Compression::Snappy => defaults::SNAPPY_PERMILLE,
        Compression::Lz4 => defaults::LZ4_PERMILLE,
        Compression::Zstd => defaults::ZSTD_PERMILLE,
    };
    let Some(Permille(given)) = ratio else {
        let name = section.name("compression-ratio");
        section.intake.defaulted(name, Permille(usual).to_string());
        return usual;
    };
    if codec == Compression::None {
        let help = "set compression.type, or remove it";
        section.problem("compression-ratio", "has no effect without compression", help);
    }
    if !(1..=2_000).contains(&given) {
        let help = "expected the compressed size of a batch as a share of its size, 0.1% to 200%";
        section.problem("compression-ratio", format_args!("is {}", Permille(given)), help);
    }
    given
}

/// Threads, queues, connections and keys of all groups together must fit a machine.
fn check_totals(root: &mut Section<'_, '_>, groups: &[ProducerGroup], common: &Common<'_, '_>) {
    let threads: u64 = groups.iter().map(|group| u64::from(group.count) * u64::from(group.threads)).sum();
    let producers: u64 = groups.iter().map(|group| u64::from(group.count)).sum();
    let partitions: u64 = common.around.partitions.iter().map(|&count| u64::from(count)).sum();
    let connections = groups
        .iter()
        .map(|group| u64::from(group.count) * (common.brokers + group.config.bootstrap_servers.len() as u64));
    // Neighbours with equal workloads share one table of keys.
    let mut sources: Vec<&Source> = groups.iter().map(|group| &group.source).collect();
    sources.dedup();
    for (what, count, limit) in [
        ("application threads in all", threads, limits::THREADS),
        ("producers times partitions", producers * partitions, limits::QUEUES),
        ("connections to brokers", connections.sum(), limits::CONNECTIONS),
        ("keys in all", sources.into_iter().map(Source::key_count).sum(), limits::KEYS),
    ] {
        if count > limit {
            let help = format!("at most {limit} are allowed");
            root.problem("producer", format_args!("makes {count} {what}"), help);
        }
    }
    let replayed = |group: &&ProducerGroup| matches!(group.source, Source::Trace(_));
    if groups.iter().find(replayed).is_some_and(|group| u64::from(group.count) * u64::from(group.threads) > 1)
    {
        let help = "a trace is replayed by one thread of one producer: remove `count` and `threads`";
        root.problem("producer", "replays a trace with several threads", help);
    }
}
