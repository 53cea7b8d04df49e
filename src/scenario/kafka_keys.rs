//! Kafka's own keys in a scenario: where they were given, and what the client makes of them.

use std::path::Path;

use super::input::{self, InputError};
use super::intake::Intake;
use super::limits;
use super::problem::Problem;
use super::section::{Section, short, value_text};
use super::source::{Place, SourceId};
use super::tree::{Entry, Value};
use crate::config::producer::{ClientVersion, ProducerConfig};

/// A Kafka key that was given, with its value as a properties file would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where the key stands.
    pub key_place: Place,
    /// Where the value stands.
    pub value_place: Place,
}

/// Keys that stand in the scenario itself.
pub fn from_entries(intake: &mut Intake, entries: Vec<&Entry>) -> Vec<Given> {
    let mut given = Vec::new();
    for entry in entries {
        match value_as_property(&entry.node.value) {
            Some(value) => given.push(Given {
                key: entry.key.clone(),
                value,
                key_place: entry.key_place,
                value_place: entry.node.place,
            }),
            None => {
                let message = format!("`{}` is {}", short(&entry.key), value_text(&entry.node.value));
                let help = "expected a string, a number, a boolean or a list of strings";
                intake.problem(Problem::at(entry.node.place, message).help(help));
            }
        }
    }
    given
}

/// A value as a properties file would have it; a list is joined by commas.
fn value_as_property(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Integer(text) | Value::Float(text) | Value::Argument(text) => {
            Some(text.clone())
        }
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::List(items) => {
            let items: Option<Vec<String>> =
                items.iter().map(|item| value_as_property(&item.value)).collect();
            items.map(|items| items.join(","))
        }
        Value::Table(_) | Value::Datetime => None,
    }
}

/// The keys of `properties = """..."""`.
pub fn from_block(intake: &mut Intake, place: Place, text: &str) -> Vec<Given> {
    // Without escapes, the text stands in the scenario as it is; with them, problems point at the whole block.
    let offset = intake.sources.slice(place).find(text).unwrap_or(0);
    parse(intake, text, place.part(offset, offset + text.len()))
}

/// The keys of `properties-file = "FILE"`, which stands at `place`.
pub fn from_file(intake: &mut Intake, place: Place, file: &str, folder: &Path) -> Vec<Given> {
    let path = folder.join(file);
    match input::read_latin1(&path, limits::PROPERTIES_BYTES) {
        Ok(text) => {
            let id = intake.sources.add_file(&path.display().to_string(), text.clone());
            let whole = intake.sources.place(id, 0, text.len());
            parse(intake, &text, whole)
        }
        Err(InputError { message, help }) => {
            let message = format!("the properties file {} {message}", path.display());
            intake.problem(Problem::at(place, message).help(help));
            Vec::new()
        }
    }
}

/// Splits properties into keys with places inside `whole`.
fn parse(_intake: &mut Intake, text: &str, whole: Place) -> Vec<Given> {
    let mut given = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.trim_end().split_once('=')
            && !line.starts_with('#')
        {
            let place = whole.part(start, start + line.trim_end().len());
            given.push(Given {
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                key_place: place,
                value_place: place,
            });
        }
        start += line.len();
    }
    given
}

/// PROVISIONAL until config lands.
pub fn effective(
    section: &mut Section<'_, '_>,
    version: ClientVersion,
    given: &[Given],
    _number: Option<usize>,
) -> Option<ProducerConfig> {
    let mut config = ProducerConfig::defaults_4_3();
    config.version = version;
    for key in given {
        let number = key.value.parse::<i64>().ok();
        match (key.key.as_str(), number) {
            ("linger.ms", Some(n)) => config.linger_ms = n,
            ("batch.size", Some(n)) => config.batch_size = n as u32,
            ("buffer.memory", Some(n)) => config.buffer_memory = n as u64,
            ("max.block.ms", Some(n)) => config.max_block_ms = n,
            ("delivery.timeout.ms", Some(n)) => config.delivery_timeout_ms = n,
            ("acks", None) => config.acks = crate::protocol::message::Acks::All,
            ("enable.idempotence", None) => config.enable_idempotence = key.value == "true",
            ("partitioner.adaptive.partitioning.enable", None) => {
                config.partitioner_adaptive_partitioning_enable = key.value == "true"
            }
            ("max.in.flight.requests.per.connection", Some(n)) => config.max_in_flight = n as u32,
            ("retries", Some(n)) => config.retries = n as i32,
            ("acks", Some(0)) => config.acks = crate::protocol::message::Acks::None,
            ("acks", Some(1)) => config.acks = crate::protocol::message::Acks::Leader,
            _ => section.intake.problem(Problem::at(key.key_place, format!("unknown {}", key.key))),
        }
    }
    Some(config)
}

#[allow(dead_code)]
fn unused(_: SourceId) {}
