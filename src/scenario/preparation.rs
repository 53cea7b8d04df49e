//! How records of a group of producers become bytes before the pipeline sees them: plain checked values.

use std::sync::Arc;

use crate::registry::settings::{self, Settings};
use crate::registry::store::Registry;
use crate::serializer;
use crate::serializer::object::Object;
use crate::values::time::Span;
use crate::values::units::PerByte;

/// What happens to records between the application's `send` and the accumulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// In the order in which they are asked.
    pub interceptors: Vec<InterceptorSpec>,
    /// What keys are; `None`: what the key's serializer has made is given.
    pub key_object: Option<Object>,
    /// The class of `key.serializer`, if it is one that is known here.
    pub key_serializer: Option<String>,
    /// What values are, likewise.
    pub value_object: Option<Object>,
    /// What makes bytes of values.
    pub value_serializer: ValueSerializer,
    /// All of the producer's properties, among which serializers find their own.
    pub properties: Vec<(String, String)>,
    /// Processor time of the application thread.
    pub cpu: CpuCost,
    /// The real codec compresses: the bytes of records are kept until they are answered.
    pub keeps_bytes: bool,
}

impl Preparation {
    /// A property, the last of equal ones counting.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a serializer, or its client of a registry, looks at this property.
    pub fn reads(&self, name: &str) -> bool {
        let (of_keys, of_values) = match &self.value_serializer {
            ValueSerializer::Schema(..) if settings::KEYS.contains(&name) => return true,
            ValueSerializer::Plain(_) => (self.key_object.is_some(), self.value_object.is_some()),
            _ => (self.key_object.is_some(), false),
        };
        let reads = |keys: &[&str]| keys.contains(&name);
        of_keys && reads(&serializer::SETTINGS_OF_KEYS) || of_values && reads(&serializer::SETTINGS_OF_VALUES)
    }
}

/// What makes bytes of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSerializer {
    /// Lengths of values are those of their bytes.
    Opaque,
    /// A class that asks nobody.
    Plain(String),
    /// One of Confluent's, which ask a schema registry.
    Schema(SchemaFormat, Box<Settings>),
}

/// What a serializer with a schema writes behind the schema's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaFormat {
    /// Avro binary (`KafkaAvroSerializer`).
    Avro,
    /// JSON text (`KafkaJsonSchemaSerializer`).
    Json,
    /// Message indexes and the message's own bytes (`KafkaProtobufSerializer`).
    Protobuf,
}

/// One of the interceptors that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterceptorSpec {
    /// Adds a header.
    AddHeader {
        /// Its name.
        name: String,
        /// Bytes of its value.
        value_bytes: u32,
    },
    /// Counts.
    Count,
    /// Keeps every n-th result.
    Sample {
        /// n.
        every: u64,
    },
    /// Another key for all records.
    KeyTo(String),
    /// The first characters of the key.
    KeyFirst(usize),
    /// No key.
    KeyNull,
    /// Throws at every n-th record.
    Throw {
        /// n.
        every: u64,
    },
}

/// Processor time that an application thread takes for a record before the pipeline gets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuCost {
    /// Each record.
    pub serialize: Span,
    /// Each byte of it.
    pub serialize_per_byte: PerByte,
    /// Each byte of it, with a codec: records are compressed while they are appended.
    pub compress_per_byte: PerByte,
}

impl CpuCost {
    /// Nothing.
    pub const NONE: CpuCost =
        CpuCost { serialize: Span::ZERO, serialize_per_byte: PerByte(0), compress_per_byte: PerByte(0) };

    /// For a record of so many bytes.
    pub fn of(&self, bytes: u64, is_compressed: bool) -> Span {
        let compress = if is_compressed { self.compress_per_byte.0 } else { 0 };
        let picos = self.serialize_per_byte.0.saturating_add(compress).saturating_mul(bytes);
        Span(self.serialize.0.saturating_add(picos / 1_000))
    }
}

impl PartialEq for RegistrySpec {
    fn eq(&self, other: &RegistrySpec) -> bool {
        let content = |registry: &Registry| -> Vec<(String, Vec<(u32, u32)>)> {
            let versions =
                |subject: &str| registry.versions(subject).iter().map(|one| (one.version, one.id)).collect();
            registry.subjects().into_iter().map(|subject| (subject.to_owned(), versions(subject))).collect()
        };
        (self.latency, self.jitter) == (other.latency, other.jitter)
            && content(&self.initial) == content(&other.initial)
    }
}

/// The schema registry that serializers ask.
#[derive(Clone, Debug)]
pub struct RegistrySpec {
    /// What it has when the run begins.
    pub initial: Arc<Registry>,
    /// From a call to its answer.
    pub latency: Span,
    /// Up to this much is added, uniformly.
    pub jitter: Span,
}
