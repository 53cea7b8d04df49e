//! `[workload]`: what one application thread sends, and when.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::distribution_section::{keys, size_of, sizes};
use super::payload_section::{self, Payload, PayloadPool};
use super::section::{Section, count_of};
use super::{defaults, input, limits};
use crate::protocol::key_hash::KeyHash;
use crate::values::excerpt::short;
use crate::values::file::open_regular;
use crate::values::ids::TopicId;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::time::Span;
use crate::values::units::{Permille, Rate};
use crate::workload::payload::fill::Fill;
use crate::workload::spec::{Arrivals, Keys, Pace, Placement, Sizes, Source, Synthetic, TraceFile};

/// What the workload needs to know about the rest of the scenario.
pub struct Surroundings<'a> {
    /// Names of all topics, by id.
    pub topics: &'a [String],
    /// Partitions of each topic.
    pub partitions: &'a [u32],
    /// Relative paths begin here.
    pub folder: &'a Path,
    /// What workloads share.
    pub pool: &'a PayloadPool,
}

/// Keys that only say how synthetic records look or come.
const SYNTHETIC_KEYS: [&str; 15] = [
    "arrivals",
    "rate",
    "phase",
    "off-rate",
    "on-for",
    "off-for",
    "from-rate",
    "over",
    "swing",
    "period",
    "think",
    "value",
    "topics",
    "headers",
    "key-partitioner",
];

/// Reads `[workload]`.
pub fn read(mut section: Section<'_, '_>, around: &Surroundings<'_>) -> Source {
    let source = match section.optional_text("trace") {
        Some(path) => Source::Trace(trace(&mut section, &path, around)),
        None => Source::Synthetic(synthetic(&mut section, around)),
    };
    section.finish();
    source
}

fn trace(section: &mut Section<'_, '_>, path: &str, around: &Surroundings<'_>) -> TraceFile {
    section.refuse(&SYNTHETIC_KEYS, "a trace, which says it itself");
    section.refuse(&["partition"], "a trace, whose column `partition` says it");
    let late = section.optional_text("late").map(|late| around.folder.join(late));
    let default_topic = topic(section, around).unwrap_or(TopicId(0));
    let ignore_keys = section.choice("keys", &[("recorded", false), ("none", true)], 0);
    let path = around.folder.join(path);
    for (key, file) in [("trace", Some(&path)), ("late", late.as_ref())] {
        check_file(section, key, file);
    }
    let fill = payload_section::read_fill(section);
    let (topics, partitions) = (around.topics.to_vec(), around.partitions.to_vec());
    TraceFile { path, default_topic, topics, partitions, late, ignore_keys, fill }
}

fn check_file(section: &mut Section<'_, '_>, key: &str, file: Option<&PathBuf>) {
    let Some(file) = file else { return };
    let shown = short(&file.display().to_string());
    match open_regular(file) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            section.problem(key, format_args!("\"{shown}\" does not exist"), input::neighbours(file));
        }
        Err(error) => {
            let message = format_args!("\"{shown}\" cannot be read: {error}");
            section.problem(key, message, "expected a CSV file");
        }
    }
}

fn synthetic(section: &mut Section<'_, '_>, around: &Surroundings<'_>) -> Synthetic {
    section.refuse(&["late"], "synthetic records; it belongs to a trace");
    let pace = pace(section);
    let drawn = match payload_section::has_sizes(section) {
        true => {
            section.refuse(&["value"], "a payload that has its own size");
            Sizes::Constant(0)
        }
        false => sizes(section, "value", defaults::VALUE),
    };
    let keys = keys(section, "keys");
    let (payload, handed) = payload_section::read(section, &keys, around);
    let (value_bytes, fill) = match payload {
        Payload::Filled(fill) => (drawn, fill),
        Payload::Written(written) => (written, Fill::Zeros),
    };
    let topics = topics(section, around);
    let partition = partition(section, &topics, around);
    let placement = placement(section, &keys, partition, around);
    let headers = headers(section);
    Synthetic { pace, value_bytes, fill, handed, keys, topics, partition, placement, headers }
}

/// Keys may choose partitions as another client would.
fn placement(
    section: &mut Section<'_, '_>,
    keys: &Keys,
    partition: Option<u32>,
    around: &Surroundings<'_>,
) -> Option<Placement> {
    let hash = section.choice("key-partitioner", &KeyHash::NAMES, 0)?;
    if *keys == Keys::None {
        let help = "give records keys: keys = { dist = \"uniform\", count = 1000 }";
        section.problem("key-partitioner", "has no effect without keys", help);
    }
    if partition.is_some() {
        let help = "remove one of them";
        section.problem("key-partitioner", "has no effect with an explicit partition", help);
    }
    Some(Placement { hash, partitions: around.partitions.to_vec() })
}

/// The six ways records come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Constant,
    Poisson,
    OnOff,
    Ramp,
    Wave,
    Closed,
}

const KINDS: [(&str, Kind); 6] = [
    ("poisson", Kind::Poisson),
    ("constant", Kind::Constant),
    ("on-off", Kind::OnOff),
    ("ramp", Kind::Ramp),
    ("wave", Kind::Wave),
    ("closed", Kind::Closed),
];

fn pace(section: &mut Section<'_, '_>) -> Pace {
    let Some(kind) = section.checked_choice("arrivals", &KINDS, 0) else {
        // Which other keys belong here is unknown: look at none of them, so that no follow-up problems arise.
        refuse_none(section);
        return Pace::Closed { think: Span::ZERO };
    };
    let keys: &[&str] = match kind {
        Kind::Poisson => &["rate"],
        Kind::Constant => &["rate", "phase"],
        Kind::OnOff => &["rate", "off-rate", "on-for", "off-for"],
        Kind::Ramp => &["rate", "from-rate", "over"],
        Kind::Wave => &["rate", "swing", "period"],
        Kind::Closed => &["think"],
    };
    let arrivals = match kind {
        Kind::Closed => {
            let pace = Pace::Closed { think: section.span("think", Span::ZERO) };
            refuse_others(section, kind, keys);
            return pace;
        }
        Kind::Poisson => Arrivals::Poisson { per_1000_s: rate(section, "rate", defaults::RATE, 1) },
        Kind::Constant => Arrivals::Constant {
            per_1000_s: rate(section, "rate", defaults::RATE, 1),
            phase_permille: share(section, "phase", Permille(0)),
        },
        Kind::OnOff => Arrivals::OnOff {
            on_per_1000_s: rate(section, "rate", defaults::RATE, 1),
            off_per_1000_s: rate(section, "off-rate", Rate(0), 0),
            on_for: needed_span(section, "on-for"),
            off_for: needed_span(section, "off-for"),
        },
        Kind::Ramp => Arrivals::Ramp {
            from_per_1000_s: rate(section, "from-rate", Rate(0), 0),
            to_per_1000_s: rate(section, "rate", defaults::RATE, 1),
            over: needed_span(section, "over"),
        },
        Kind::Wave => Arrivals::Wave {
            mean_per_1000_s: rate(section, "rate", defaults::RATE, 1),
            swing_permille: share(section, "swing", Permille(500)),
            period: needed_span(section, "period"),
        },
    };
    refuse_others(section, kind, keys);
    Pace::Open(arrivals)
}

/// Keys of all kinds of arrivals.
const ARRIVAL_KEYS: [&str; 10] =
    ["rate", "phase", "off-rate", "on-for", "off-for", "from-rate", "over", "swing", "period", "think"];

fn refuse_none(section: &mut Section<'_, '_>) {
    for key in ARRIVAL_KEYS {
        section.entry(key);
    }
}

/// Keys of the other kinds have no place here.
fn refuse_others(section: &mut Section<'_, '_>, kind: Kind, own: &[&str]) {
    let others: Vec<&'static str> = ARRIVAL_KEYS.into_iter().filter(|key| !own.contains(key)).collect();
    let word = KINDS.iter().find(|(_, other)| *other == kind).map_or("", |(word, _)| word);
    section.refuse(&others, &format!("arrivals = \"{word}\""));
}

fn rate(section: &mut Section<'_, '_>, key: &'static str, default: Rate, least: u64) -> u64 {
    let Rate(per_1000_s) = section.measure(key, default);
    if per_1000_s < least {
        section.problem(key, "is 0/s: nothing would ever be sent", "expected a rate above 0");
    }
    if per_1000_s > limits::RATE_PER_1000_S {
        let limit = Rate(limits::RATE_PER_1000_S);
        section.problem(
            key,
            format_args!("is {}", Rate(per_1000_s)),
            format!("expected at most {limit} of a thread"),
        );
    }
    per_1000_s
}

fn share(section: &mut Section<'_, '_>, key: &'static str, default: Permille) -> u32 {
    let share = section.measure(key, default);
    if share > Permille(1_000) {
        section.problem(key, format_args!("is {share}"), "expected 0% to 100%");
    }
    share.0
}

/// A duration above 0 that must be given.
fn needed_span(section: &mut Section<'_, '_>, key: &'static str) -> Span {
    let span = section.optional_span(key);
    if !section.has(key) {
        section.problem(key, "is missing", format!("say how long: {key} = \"1s\""));
    }
    if span == Some(Span::ZERO) {
        section.problem(key, "is 0", "expected a duration above 0");
    }
    span.unwrap_or(Span::from_secs(1))
}

/// `topic = "events"`, if given.
fn topic(section: &mut Section<'_, '_>, around: &Surroundings<'_>) -> Option<TopicId> {
    let name = section.optional_text("topic")?;
    let found = find_topic(&name, around);
    if found.is_none() {
        let message = format!("\"{}\" is none of the cluster's topics", short(&name));
        section.problem("topic", message, topic_help(&name, around));
    }
    found
}

fn find_topic(name: &str, around: &Surroundings<'_>) -> Option<TopicId> {
    around.topics.iter().position(|topic| topic == name).map(|index| TopicId(index as u32))
}

fn topic_help(name: &str, around: &Surroundings<'_>) -> String {
    let names: Vec<&str> = around.topics.iter().map(String::as_str).collect();
    did_you_mean(&nearest(name, names.iter().copied()))
        .unwrap_or_else(|| format!("the cluster has {}", short(&names.join(", "))))
}

/// `topics = { events = 3, audit = 1 }`, or the one topic, or all of them alike.
fn topics(section: &mut Section<'_, '_>, around: &Surroundings<'_>) -> Vec<(TopicId, u32)> {
    if section.has("topics") {
        section.refuse(&["topic"], "`topics`");
    } else if let Some(topic) = topic(section, around) {
        return vec![(topic, 1)];
    }
    let all = || (0..around.topics.len()).map(|index| (TopicId(index as u32), 1)).collect();
    if !section.has("topics") {
        return all();
    }
    let below = section.section("topics");
    let mut weights = Vec::new();
    for entry in below.rest() {
        let name = below.name(&entry.key);
        match find_topic(&entry.key, around) {
            Some(topic) => {
                let weight = count_of(below.intake, &name, &entry.node, 1..=1_000_000);
                weights.extend(weight.map(|weight| (topic, weight as u32)));
            }
            None => {
                let message = format!("\"{}\" is none of the cluster's topics", short(&entry.key));
                let problem = super::problem::Problem::at(entry.key_place, message);
                below.intake.problem(problem.help(topic_help(&entry.key, around)));
            }
        }
    }
    if weights.is_empty() { all() } else { weights }
}

fn partition(
    section: &mut Section<'_, '_>,
    topics: &[(TopicId, u32)],
    around: &Surroundings<'_>,
) -> Option<u32> {
    let fewest = topics.iter().map(|(topic, _)| around.partitions[topic.index()]).min().unwrap_or(1);
    section.optional_count("partition", 0..=u64::from(fewest) - 1).map(|partition| partition as u32)
}

/// `headers = [{ name = "5B", value = "36B" }]`; without a value the header's value is null.
fn headers(section: &mut Section<'_, '_>) -> Vec<(u32, Option<u32>)> {
    let headers = section.list("headers", |intake, name, node| {
        let super::tree::Value::Table(table) = &node.value else {
            let message = format!("`{name}` has an item that is no table");
            let help = "expected sizes: { name = \"5B\", value = \"36B\" }";
            intake.problem(super::problem::Problem::at(node.place, message).help(help));
            return None;
        };
        let mut header = Section::new(name.to_owned(), Some(table), intake);
        let name_node = header.entry("name").map(|entry| &entry.node);
        let value_node = header.entry("value").map(|entry| &entry.node);
        if name_node.is_none() {
            header.problem("name", "is missing", "expected the size of the header's name: name = \"5B\"");
        }
        let mut size = |key: &str, node| size_of(header.intake, &format!("{name}.{key}"), node);
        let sizes =
            (name_node.and_then(|node| size("name", node)), value_node.and_then(|node| size("value", node)));
        header.finish();
        Some((sizes.0?, sizes.1))
    });
    if headers.len() > limits::HEADERS {
        let help = format!("at most {} are allowed", limits::HEADERS);
        section.problem("headers", format_args!("has {} items", headers.len()), help);
    }
    headers
}
