//! What an observer may ask of a run beside its result. Nothing of it changes what happens.

use std::ops::RangeInclusive;

use super::happening::Happening;
use super::result::RunResult;
use crate::producer::Reason;
use crate::scenario::Scenario;
use crate::scenario::fault::Fault;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;

/// What is asked of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Every [`Fact`] as it happens.
    pub facts: bool,
    /// Figures of parts of the run.
    pub parts: Vec<Part>,
    /// In how many partitions each key is; takes some memory for each key.
    pub keys: bool,
    /// When each record was acknowledged.
    pub acks: bool,
    /// Everything that happens, one thing at a time. Takes the more time the more partitions there are.
    pub happenings: bool,
    /// What is in logs in the end, as bytes.
    pub logs: Option<AskedLogs>,
    /// When the record with this number, from 0, was handed to `send`, whoever did it.
    pub call_of: Option<u64>,
}

/// Which logs are asked for. Every client then keeps the bytes of its records until they are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedLogs {
    /// The replicas at this broker; `None`: at whichever leads in the end.
    pub broker: Option<NodeId>,
    /// The partitions; none: all.
    pub partitions: Vec<TopicPartition>,
    /// A run in which logs, and batches on their way to them, take more bytes than this is given up.
    pub most_bytes: u64,
}

/// The log of a replica when the run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalLog {
    /// The partition.
    pub tp: TopicPartition,
    /// The replica's broker.
    pub broker: NodeId,
    /// Offset of the first record that retention has left.
    pub start: u64,
    /// Offset behind the last record.
    pub end: u64,
    /// Its record batches in order, as bytes.
    pub batches: Vec<Vec<u8>>,
}

/// A part of a run: a time, and perhaps some partitions only. Records belong to the time in which they were due to be sent,
/// batches and requests to that in which they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The time.
    pub window: Window,
    /// The partitions; `None`: all.
    pub places: Option<Places>,
}

/// A time of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// From the first instant, to the second without it. [`Time::NEVER`]: to the end.
    Between(Time, Time),
    /// As long as the fault with this index lasts; to the end of the run if it is not undone.
    Fault(usize),
    /// From the end of the fault with this index to the end of the run.
    Recovery(usize),
}

/// Some partitions of one topic, or of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Index of the topic; `None`: each.
    pub topic: Option<u32>,
    /// Partition numbers.
    pub partitions: RangeInclusive<u32>,
}

impl Places {
    /// Whether a partition is one of them.
    pub fn have(&self, tp: TopicPartition) -> bool {
        self.topic.is_none_or(|topic| topic == tp.topic.0) && self.partitions.contains(&tp.partition)
    }
}

impl Window {
    /// Its first instant, and the first one after it, in a run in which faults happen at these times.
    pub(super) fn bounds(self, faults: &[(Time, &Fault)]) -> (Time, Time) {
        let ends = |at: Time, fault: &Fault| fault.lasts.map_or(Time::NEVER, |lasts| at + lasts);
        match self {
            Window::Between(start, end) => (start, end),
            Window::Fault(number) => {
                faults.get(number).map_or((Time::NEVER, Time::NEVER), |&(at, fault)| (at, ends(at, fault)))
            }
            Window::Recovery(number) => faults
                .get(number)
                .map_or((Time::NEVER, Time::NEVER), |&(at, fault)| (ends(at, fault), Time::NEVER)),
        }
    }
}

/// A run between two steps.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    /// Virtual time.
    pub now: Time,
    /// Records offered so far.
    pub records: u64,
    /// What has happened since the last glance, if that was asked for.
    pub facts: &'a [Fact],
    /// Records acknowledged since the last glance, if they were asked for, in the order of their callbacks.
    pub acks: &'a [Ack],
    /// What has happened since the last glance, if that was asked for.
    pub happenings: &'a [Happening],
    /// When the record of [`Asked::call_of`] was handed to `send`, if it has been.
    pub called: Option<Time>,
}

impl Glance<'_> {
    /// Whether it shows nothing but the time.
    pub(super) fn is_quiet(&self) -> bool {
        self.facts.is_empty() && self.acks.is_empty() && self.happenings.is_empty()
    }
}

/// A record has been acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// When.
    pub at: Time,
    /// From where its latency counts, see [`Scenario::latency_from`].
    pub since: Time,
    /// Its encoded bytes without deltas and length: [`crate::protocol::record::Record::fixed_bytes`].
    pub fixed_bytes: u32,
}

/// A finished run with what was asked of it.
#[derive(Clone, Debug)]
pub struct Observed {
    /// What the run would be without an observer.
    pub result: RunResult,
    /// In the order of [`Asked::parts`].
    pub parts: Vec<PartResult>,
    /// Of [`Asked::logs`], by topic and partition; partitions of which the broker has no replica are left out.
    pub logs: Vec<FinalLog>,
}

/// Figures of a part of a run.
#[derive(Clone, Debug)]
pub struct PartResult {
    /// Its first instant.
    pub start: Time,
    /// The first instant after it.
    pub end: Time,
    /// What happened in it. What only a whole run has (digest, audit, offered and pending records, faults, logs, the
    /// cluster) is empty; the clients' own metrics are those at its end.
    pub figures: RunResult,
}

/// Something that has happened in a run. Two runs with equal facts have equal digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// When.
    pub at: Time,
    /// Number of the producer, from 0.
    pub client: u32,
    /// What.
    pub what: What,
}

/// Kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum What {
    /// A produce request has been written.
    Requested { batches: u32 },
    /// It has this batch.
    Sent { tp: TopicPartition, records: u32, bytes: u32, reason: Reason, attempts: u32, sequence: i64 },
    /// A batch has been acknowledged.
    Acked { tp: TopicPartition, records: u32, base_offset: i64 },
    /// A batch has failed.
    Failed { tp: TopicPartition, records: u32, exception: &'static str },
    /// `send` would not take a record.
    Refused { exception: &'static str },
    /// A batch goes back to be sent again.
    Retried { error: &'static str },
    /// A fault of the scenario has begun, by its index; it strikes this broker.
    Fault { number: u32, node: Option<NodeId> },
}

impl Fact {
    /// The fact in words, without the time.
    pub fn sentence(&self, scenario: &Scenario) -> String {
        let place = |tp: TopicPartition| {
            let name = scenario.cluster.topics.get(tp.topic.index()).map_or("?", |topic| topic.name.as_str());
            format!("{name}-{}", tp.partition)
        };
        let client = client_id(scenario, self.client);
        match self.what {
            What::Requested { batches } => {
                format!("{client} writes a produce request with {batches} batches")
            }
            What::Sent { tp, records, bytes, reason, attempts, sequence } => {
                let mut text = format!("{client} sends {records} records, {bytes} bytes, to {}", place(tp));
                text.push_str(&format!(", left by {}", reason.code()));
                if attempts > 0 {
                    text.push_str(&format!(", retry {attempts}"));
                }
                if sequence >= 0 {
                    text.push_str(&format!(", sequence {sequence}"));
                }
                text
            }
            What::Acked { tp, records, base_offset } => {
                let offset =
                    if base_offset < 0 { String::new() } else { format!(" at offset {base_offset}") };
                format!("{client} has {records} records acknowledged by {}{offset}", place(tp))
            }
            What::Failed { tp, records, exception } => {
                format!("{client} fails {records} records for {} with {exception}", place(tp))
            }
            What::Refused { exception } => format!("send of {client} refuses a record with {exception}"),
            What::Retried { error } => format!("{client} will send a batch again after {error}"),
            What::Fault { number, node } => {
                let said = scenario.faults.get(number as usize).map_or("", |fault| fault.said.as_str());
                node.map_or_else(
                    || format!("fault `{said}`"),
                    |node| format!("fault `{said}` at broker {node}"),
                )
            }
        }
    }
}

/// `client.id` of producer number `client`: copies have a number behind that of their group.
pub fn client_id(scenario: &Scenario, client: u32) -> String {
    let mut first = 0;
    for group in &scenario.producers {
        if client < first + group.count {
            let copy = client - first;
            let id = &group.config.client_id;
            return if copy == 0 { id.clone() } else { format!("{id}-{}", copy + 1) };
        }
        first += group.count;
    }
    format!("producer {client}")
}
