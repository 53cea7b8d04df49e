//! A record as the pipeline sees it: sizes, the key's hash, and where its bytes are if somebody keeps them.

use super::murmur2::murmur2;
use crate::values::ids::TopicId;

/// The serialized key, reduced to its length and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Length in bytes, -1 for a null key.
    pub len: i32,
    /// murmur2 of the bytes; meaningless for a null key.
    pub murmur2: u32,
}

impl Key {
    /// No key.
    pub const NULL: Key = Key { len: -1, murmur2: 0 };

    /// The key with these serialized bytes. Empty bytes are a key (2.2).
    #[inline]
    pub fn of(bytes: &[u8]) -> Key {
        Key { len: bytes.len() as i32, murmur2: murmur2(bytes) as u32 }
    }
}

/// Where the producer keeps the bytes of a record: key, value and headers as they are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailId(pub u32);

impl TailId {
    /// Nobody needs its bytes.
    pub const NONE: TailId = TailId(u32::MAX);
}

/// What an application hands to `send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The topic.
    pub topic: TopicId,
    /// The explicit partition, -1 for none.
    pub partition: i32,
    /// The key.
    pub key: Key,
    /// Length of the serialized value in bytes, -1 for null.
    pub value_len: i32,
    /// Encoded size of the headers without their count.
    pub headers_bytes: u32,
    /// Number of headers.
    pub headers_count: u32,
    /// Its bytes, if they are kept.
    pub tail: TailId,
    /// Create time in ms, -1: the time of `send`. Epoch milliseconds, as in Kafka.
    pub timestamp_ms: i64,
    /// The driver's own mark, handed back when the record completes. The pipeline never looks at it.
    pub tag: u64,
}

impl Record {
    /// A record of topic 0 with nothing in it.
    pub const EMPTY: Record = Record {
        topic: TopicId(0),
        partition: -1,
        key: Key::NULL,
        value_len: 0,
        headers_bytes: 0,
        headers_count: 0,
        tail: TailId::NONE,
        timestamp_ms: -1,
        tag: 0,
    };
}
