//! What an application has put before its serializers and behind its results (`ProducerInterceptor`).

mod builtin;
mod chain;

pub use builtin::{AddHeader, Count, Rekey, Sample, Stumble};
pub use chain::{Chain, Tally};

use crate::producer::Exception;
use crate::protocol::record::Record;
use crate::serializer::datum::Datum;
use crate::serializer::headers::Headers;
use crate::values::ids::TopicPartition;

/// A key or a value before it is serialized.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Nobody says what it is, only what the serializer has made of it: the record's own sizes and hash.
    Opaque,
    /// The object that the application hands over.
    Object(Datum),
}

/// A record as `send` gets it (`ProducerRecord`).
#[derive(Clone, Debug)]
pub struct Draft {
    /// Topic, partition, timestamp; and sizes and hash of what is opaque.
    pub record: Record,
    /// The key.
    pub key: Part,
    /// The value.
    pub value: Part,
    /// Headers beside those of which the record has only sizes.
    pub headers: Headers,
}

impl Draft {
    /// The opaque record `record`.
    pub fn of(record: Record) -> Draft {
        Draft { record, key: Part::Opaque, value: Part::Opaque, headers: Headers::new() }
    }
}

/// What became of a record (`RecordMetadata` and an exception).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Where it went; -1 as partition if it never got one.
    pub topic: crate::values::ids::TopicId,
    /// Partition number, -1 for none.
    pub partition: i32,
    /// Its offset, -1 if it is unknown.
    pub offset: i64,
    /// Why it failed.
    pub exception: Option<Exception>,
}

impl Acknowledged {
    /// A record that the broker has.
    pub fn at(tp: TopicPartition, offset: i64) -> Acknowledged {
        Acknowledged { topic: tp.topic, partition: tp.partition as i32, offset, exception: None }
    }
}

/// An exception of an interceptor: its message. The client logs it and goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thrown(pub String);

/// Kafka's `ProducerInterceptor`: what a user implements.
pub trait Interceptor: std::fmt::Debug {
    /// The name in the client's log and in reports.
    fn name(&self) -> String;

    /// `onSend`: may change the record. What it has changed is forgotten if it throws, but for headers, which in Java are
    /// changed in place.
    ///
    /// # Errors
    /// An exception, which the client swallows.
    fn on_send(&mut self, draft: &mut Draft) -> Result<(), Thrown>;

    /// `onAcknowledgement`: hears what became of a record, in the sender thread, before the application's callback does
    /// (CB-1).
    ///
    /// # Errors
    /// An exception, which the client swallows.
    fn on_acknowledgement(&mut self, record: &Acknowledged) -> Result<(), Thrown>;

    /// What it has found out, for the report: lines of text.
    fn findings(&self) -> Vec<String> {
        Vec::new()
    }
}
