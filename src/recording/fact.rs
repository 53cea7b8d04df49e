//! Facts of batches, requests and records, as lessons ask for them.

use super::story::{BatchStory, RecordStory, RequestStory};
use crate::cluster::Stored;
use crate::scenario::lesson_field::{BatchField, RecordField, RequestField};
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::{Span, Time};
use crate::world::happening::Ending;

/// Something of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A number.
    Number(i64),
    /// A number of bytes.
    Bytes(u64),
    /// A share in thousandths.
    Permille(u64),
    /// A virtual time.
    At(Time),
    /// A duration.
    Lasted(Span),
    /// A word, such as a reason.
    Word(&'static str),
    /// A partition.
    Partition(TopicPartition),
    /// Brokers.
    Brokers(Vec<NodeId>),
}

/// `None`: it has none.
pub(super) fn of_batch(batch: &BatchStory, field: BatchField) -> Option<Fact> {
    let first = batch.attempts.first();
    let last = batch.attempts.last();
    let number = |number: u64| Some(Fact::Number(number as i64));
    match field {
        BatchField::Records => number(batch.records.len() as u64),
        BatchField::Bytes => Some(Fact::Bytes(u64::from(first?.bytes))),
        BatchField::Fill => Some(Fact::Permille(batch.fill_permille())),
        BatchField::Reason => Some(Fact::Word(first?.reason.code())),
        BatchField::Waited => Some(Fact::Lasted(first?.sent - batch.opened)),
        BatchField::Opened => Some(Fact::At(batch.opened)),
        BatchField::Ready => Some(Fact::At(batch.ready?.0)),
        BatchField::Held => Some(Fact::Word(batch.held.first()?.1.code())),
        BatchField::Sent => Some(Fact::At(first?.sent)),
        // Steps know.
        BatchField::Written => None,
        BatchField::Acked => match batch.ended? {
            (at, Ending::Acked(_)) => Some(Fact::At(at)),
            _ => None,
        },
        BatchField::Ended => Some(Fact::At(batch.ended?.0)),
        BatchField::Attempts => number(batch.attempts.len() as u64),
        BatchField::Sequence => Some(Fact::Number(i64::from(first?.sequence))),
        BatchField::Partition => Some(Fact::Partition(batch.tp)),
        BatchField::Request => number(u64::from(first?.request)),
        BatchField::Offset => number(batch.offset()?),
        BatchField::Stored => Some(Fact::Word(match last?.stored?.1 {
            Stored::Appended(_) => "appended",
            Stored::Duplicate(_) => "duplicate",
            Stored::Rejected(error) => error.name(),
        })),
        BatchField::Error => {
            batch.attempts.iter().find_map(|attempt| attempt.failed).map(|(_, error)| Fact::Word(error))
        }
        BatchField::Exception => match batch.ended? {
            (_, Ending::Failed { exception, .. }) => Some(Fact::Word(exception)),
            _ => None,
        },
    }
}

/// `None`: it has none.
pub(super) fn of_request(request: &RequestStory, field: RequestField) -> Option<Fact> {
    Some(match field {
        RequestField::Batches => Fact::Number(request.batches.len() as i64),
        RequestField::Bytes => Fact::Bytes(request.bytes),
        RequestField::Sent => Fact::At(request.sent),
        RequestField::Arrived => Fact::At(request.arrived?),
        RequestField::Answered => Fact::At(request.response?),
        RequestField::Broker => Fact::Brokers(vec![request.node]),
    })
}

/// `None`: it has none.
pub(super) fn of_record(batch: &BatchStory, record: &RecordStory, field: RecordField) -> Option<Fact> {
    Some(match field {
        RecordField::Partition => Fact::Partition(batch.tp),
        RecordField::Batch => Fact::Number(i64::from(batch.number)),
        RecordField::Latency => match batch.ended? {
            (at, Ending::Acked(_)) => Fact::Lasted(at - record.since),
            _ => return None,
        },
        RecordField::Key if record.key.len < 0 => return None,
        RecordField::Key => Fact::Number(i64::from(record.key.murmur2 & 0x7fff_ffff)),
        RecordField::Called => Fact::At(record.called),
        RecordField::Blocked => Fact::Lasted(record.appended - record.called),
    })
}
