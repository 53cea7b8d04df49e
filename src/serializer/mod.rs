//! Floor 3: Kafka's serializers: how the objects of an application become the bytes of keys and values.
//!
//! `org.apache.kafka.common.serialization` of client 4.3.0, byte for byte, and two serializers of JSON. [`datum::Datum`]
//! is the object, [`classes::configured`] finds a serializer by its Java class, and
//! [`producer_serializer::ProducerSerializer`] is what a producer has one of for keys and one for values.

mod charset;
pub mod classes;
pub mod datum;
pub mod error;
pub mod headers;
mod java_decimal;
pub mod json;
pub mod json_text;
pub mod list;
pub mod object;
pub mod plain;
pub mod producer_serializer;
pub mod text;
pub mod uuid;
pub mod wire_format;

use std::fmt::Debug;

use self::datum::Datum;
use self::error::SerializerError;
use self::headers::Headers;

/// The properties that a serializer is configured with: value by key, `None` for what is not set.
pub type Settings<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// The properties that a serializer of keys may look at.
pub const SETTINGS_OF_KEYS: [&str; 3] =
    ["key.serializer.encoding", "serializer.encoding", "default.list.key.serde.inner"];

/// The properties that a serializer of values may look at.
pub const SETTINGS_OF_VALUES: [&str; 3] =
    ["value.serializer.encoding", "serializer.encoding", "default.list.value.serde.inner"];

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serialized {
    /// A null: no key, or a tombstone. Nothing was appended.
    Null,
    /// What was appended, be it nothing: an empty key is a key.
    Bytes,
}

/// Kafka's `Serializer`.
pub trait Serializer: Debug {
    /// The full name of the Java class, which messages speak of.
    fn class_name(&self) -> &str;

    /// Appends the bytes of `datum` to `out`.
    ///
    /// May add to `headers`. After an error, what stands behind the former end of `out` is worth nothing.
    ///
    /// # Errors
    ///
    /// What the Java serializer throws. For an object of another class that is a `ClassCastException`, see
    /// [`SerializerError::wrong_class`].
    fn serialize(
        &mut self,
        topic: &str,
        headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError>;
}
