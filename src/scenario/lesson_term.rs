//! What the texts of a lesson have computed: `batch 1 waited`, `sim-record-latency p(99)`, `setting linger.ms`.

use super::lesson::{Highlight, PARTS, Piece, Prose};
use super::lesson_field::{BatchField, PartitionField, RecordField, RequestField};
use crate::metric::Wanted;
use crate::values::excerpt::short;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::nearest::{did_you_mean, nearest};

/// Something that is computed from a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// As it is written, with single blanks.
    pub text: String,
    /// What it means.
    pub meaning: Meaning,
}

/// What is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Something of a batch, by its number from 1.
    Batch(u32, BatchField),
    /// Of a produce request.
    Request(u32, RequestField),
    /// Of a record.
    Record(u64, RecordField),
    /// Of a partition that there is.
    Partition(TopicPartition, PartitionField),
    /// A figure of the whole run.
    Figure(Wanted),
    /// What a setting is.
    Setting(String),
}

/// What a lesson can speak of.
pub struct Subjects<'a> {
    /// Topic names, by id.
    pub topics: &'a [String],
    /// Partitions of each.
    pub partitions: &'a [u32],
    /// Ids from 1 to this.
    pub brokers: u64,
    /// Names and values of all settings.
    pub settings: &'a [(String, String)],
}

/// A sentence, and what would be right.
pub type Wrong = (String, String);

const TERM_HELP: &str = "write ENTITY NUMBER FIELD (batch 1 records), the name of a figure (sim-record-latency p(99)), \
                         or setting linger.ms";
const HIGHLIGHT_HELP: &str = "expected batch N, request N, record N, partition TOPIC-N, broker N, producer, buffer, \
                              linger or in-flight";

impl Term {
    /// Reads what is between the braces of a placeholder, or an answer.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str, subjects: &Subjects<'_>) -> Result<Term, Wrong> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let meaning = match words[..] {
            [] => return Err(("a placeholder is empty".to_owned(), TERM_HELP.to_owned())),
            ["batch", number, field] => {
                Meaning::Batch(counted(&text, number)?, field_of(&text, field, BatchField::ALL)?)
            }
            ["request", number, field] => {
                Meaning::Request(counted(&text, number)?, field_of(&text, field, RequestField::ALL)?)
            }
            ["record", number, field] => {
                Meaning::Record(counted(&text, number)?, field_of(&text, field, RecordField::ALL)?)
            }
            ["partition", name, field] => {
                Meaning::Partition(partition(name, subjects)?, field_of(&text, field, PartitionField::ALL)?)
            }
            ["batch" | "request" | "record" | "partition", ..] => {
                return Err((format!("`{}` has no three words", short(&text)), TERM_HELP.to_owned()));
            }
            ["setting", name] => Meaning::Setting(setting(name, subjects)?),
            _ => Meaning::Figure(figure(&text)?),
        };
        Ok(Term { text, meaning })
    }
}

impl Prose {
    /// Reads a text with placeholders in braces.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str, subjects: &Subjects<'_>) -> Result<Prose, Wrong> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let Some(end) = closing(behind) else {
                let message = format!("`{{{}` has no closing brace", short(behind));
                return Err((message, "write {batch 1 records}".to_owned()));
            };
            if !before.is_empty() {
                pieces.push(Piece::Plain(before.to_owned()));
            }
            pieces.push(Piece::Term(Term::parse(&behind[..end], subjects)?));
            rest = &behind[end + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Plain(rest.to_owned()));
        }
        Ok(Prose(pieces))
    }
}

/// Where the brace ends that a text begins behind; labels of figures have braces of their own.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    text.char_indices().find_map(|(at, c)| {
        open += i32::from(c == '{') - i32::from(c == '}');
        (open == 0).then_some(at)
    })
}

impl Highlight {
    /// Reads what a step points at.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str, subjects: &Subjects<'_>) -> Result<Highlight, Wrong> {
        const ENTITIES: [&str; 5] = ["batch", "request", "record", "partition", "broker"];
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["batch", number] => counted(text, number).map(Highlight::Batch),
            ["request", number] => counted(text, number).map(Highlight::Request),
            ["record", number] => counted(text, number).map(Highlight::Record),
            ["partition", name] => Ok(Highlight::Partition(partition(name, subjects)?, name.to_owned())),
            ["broker", number] => {
                let broker: u32 = counted(text, number)?;
                match u64::from(broker) <= subjects.brokers {
                    true => Ok(Highlight::Broker(broker)),
                    false => {
                        let help = format!("expected a broker from 1 to {}", subjects.brokers);
                        Err((format!("there is no broker {broker}"), help))
                    }
                }
            }
            [word] if PARTS.contains(&word) => {
                let part = PARTS.into_iter().find(|part| *part == word).unwrap_or(PARTS[0]);
                Ok(Highlight::Part(part))
            }
            ref words => {
                let first = words.first().copied().unwrap_or("");
                let known = ENTITIES.into_iter().chain(PARTS).filter(|known| *known != first);
                let help = did_you_mean(&nearest(first, known));
                let help =
                    help.map_or_else(|| HIGHLIGHT_HELP.to_owned(), |help| format!("{help} {HIGHLIGHT_HELP}"));
                Err((format!("\"{}\" is nothing to point at", short(text)), help))
            }
        }
    }
}

/// A number from 1.
fn counted<N: std::str::FromStr + PartialOrd + From<u8>>(text: &str, number: &str) -> Result<N, Wrong> {
    let parsed = number.parse::<N>().ok().filter(|number| *number >= N::from(1));
    parsed.ok_or_else(|| {
        let message = format!("`{}` in `{}` is no number from 1 on", short(number), short(text));
        (message, "batches, requests and records are numbered from 1, in the order of the run".to_owned())
    })
}

fn field_of<F: Copy>(text: &str, word: &str, all: &[(&'static str, F)]) -> Result<F, Wrong> {
    if let Some((_, field)) = all.iter().find(|(known, _)| *known == word) {
        return Ok(*field);
    }
    let words = || all.iter().map(|(known, _)| *known);
    let help = did_you_mean(&nearest(word, words()))
        .unwrap_or_else(|| format!("known: {}", words().collect::<Vec<_>>().join(", ")));
    Err((format!("there is no `{}` in `{}`", short(word), short(text)), help))
}

fn partition(name: &str, subjects: &Subjects<'_>) -> Result<TopicPartition, Wrong> {
    let found = name.rsplit_once('-').and_then(|(topic, number)| {
        let topic = subjects.topics.iter().position(|other| other == topic)?;
        let number = number.parse::<u32>().ok().filter(|number| *number < subjects.partitions[topic])?;
        Some(TopicPartition::new(TopicId(topic as u32), number))
    });
    found.ok_or_else(|| {
        let all: Vec<String> = subjects.topics.iter().map(|topic| format!("{topic}-0")).collect();
        let help = did_you_mean(&nearest(name, all.iter().map(String::as_str))).unwrap_or_else(|| {
            format!("a partition is written TOPIC-NUMBER: {}", all.first().map_or("events-0", String::as_str))
        });
        (format!("there is no partition `{}`", short(name)), help)
    })
}

/// The value of a setting: by its whole name, or, of producers that agree, by Kafka's.
fn setting(name: &str, subjects: &Subjects<'_>) -> Result<String, Wrong> {
    let exact = subjects.settings.iter().rev().find(|(other, _)| other == name);
    let of_producers = || subjects.settings.iter().filter(|(other, _)| of_producer(other) == Some(name));
    let Some((_, value)) = exact.or_else(|| of_producers().next()) else {
        let known = subjects.settings.iter().map(|(other, _)| of_producer(other).unwrap_or(other));
        let help = did_you_mean(&nearest(name, known))
            .unwrap_or_else(|| "`lingersim run --show-config` shows all names".to_owned());
        return Err((format!("there is no setting `{}`", short(name)), help));
    };
    if exact.is_none() && of_producers().any(|(_, other)| other != value) {
        let message = format!("producers have different values of `{}`", short(name));
        return Err((message, format!("say whose: setting producer[1].{}", short(name))));
    }
    Ok(value.clone())
}

/// `linger.ms` of `producer.linger.ms` and of `producer[2].linger.ms`.
fn of_producer(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("producer")?;
    match rest.strip_prefix('[').and_then(|rest| rest.split_once("].")) {
        Some((_, key)) => Some(key),
        None => rest.strip_prefix('.'),
    }
}

fn figure(text: &str) -> Result<Wanted, Wrong> {
    Wanted::parse(text).map_err(|(message, help)| {
        let entities = ["batch", "request", "record", "partition", "setting"];
        let first = text.split(' ').next().unwrap_or("");
        match (text.contains(' '), did_you_mean(&nearest(first, entities))) {
            (true, Some(meant)) => (message, meant),
            _ => (message, help),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<R>(ask: impl FnOnce(&Subjects<'_>) -> R) -> R {
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = [
            setting("producer[1].linger.ms", "5"),
            setting("producer[2].linger.ms", "5"),
            setting("producer[1].acks", "0"),
            setting("producer[2].acks", "1"),
            setting("network.latency", "2ms"),
        ];
        let topics = ["events".to_owned()];
        ask(&Subjects { topics: &topics, partitions: &[2], brokers: 3, settings: &settings })
    }

    fn wrong(text: &str) -> Wrong {
        with(|subjects| Term::parse(text, subjects)).expect_err(text)
    }

    #[test]
    fn terms_are_read() {
        let read = |text: &str| with(|subjects| Term::parse(text, subjects)).expect("a term").meaning;
        assert_eq!(read("batch  1 waited"), Meaning::Batch(1, BatchField::Waited));
        assert_eq!(read("record 7 latency"), Meaning::Record(7, RecordField::Latency));
        let tp = TopicPartition::new(TopicId(0), 1);
        assert_eq!(read("partition events-1 isr"), Meaning::Partition(tp, PartitionField::Isr));
        assert_eq!(read("setting linger.ms"), Meaning::Setting("5".to_owned()));
        assert_eq!(read("setting producer[2].acks"), Meaning::Setting("1".to_owned()));
        assert_eq!(read("setting network.latency"), Meaning::Setting("2ms".to_owned()));
        assert!(matches!(read("sim-record-latency p(99)"), Meaning::Figure(_)));
    }

    #[test]
    fn what_there_is_not_names_the_nearest() {
        assert!(wrong("batch 1 record").1.contains("`records`"));
        assert!(wrong("batch 0 records").0.contains("no number from 1"));
        assert!(wrong("partition event-0 leader").1.contains("`events-0`"));
        assert!(wrong("setting lingr.ms").1.contains("`linger.ms`"));
        assert!(wrong("setting acks").1.contains("producer[1].acks"));
        assert!(wrong("bacth 1 records").1.contains("`batch`"));
        assert!(wrong("batch 1").0.contains("three words"));
        assert!(wrong(" ").0.contains("empty"));
        let highlight = with(|subjects| Highlight::parse("broker 4", subjects)).expect_err("none");
        assert!(highlight.1.contains("1 to 3"));
        let highlight = with(|subjects| Highlight::parse("bufer", subjects)).expect_err("none");
        assert!(highlight.1.contains("`buffer`"), "{}", highlight.1);
    }

    #[test]
    fn placeholders_may_have_labels_in_braces() {
        let text = "a {batch 1 records} b {sim-errors{exception=TimeoutException}}.";
        let prose = with(|subjects| Prose::parse(text, subjects)).expect("right");
        let terms: Vec<&str> = prose.terms().map(|term| term.text.as_str()).collect();
        assert_eq!(terms, ["batch 1 records", "sim-errors{exception=TimeoutException}"]);
        assert_eq!(prose.0.last(), Some(&Piece::Plain(".".to_owned())));
        assert!(with(|subjects| Prose::parse("a {batch 1", subjects)).is_err());
    }
}
