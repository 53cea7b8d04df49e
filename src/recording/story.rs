//! The life of a batch, of a request, of a record: every time in it.

use crate::cluster::Stored;
use crate::producer::{HeldBack, Reason};
use crate::protocol::record::Key;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;
use crate::world::happening::Ending;

/// The life of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchStory {
    /// Its number, from 1.
    pub number: u32,
    /// Its producer.
    pub client: u32,
    /// Its partition.
    pub tp: TopicPartition,
    /// Bytes that it has room for, header included.
    pub limit: u64,
    /// The batch that it is a part of, if it comes from a split.
    pub parent: Option<u32>,
    /// When its first record came in.
    pub opened: Time,
    /// From when on it was full: it had no room, or a newer batch was behind it.
    pub full_at: Option<Time>,
    /// When it became ready, and by what; `None`: it never was before it left, or has not left.
    pub ready: Option<(Time, Reason)>,
    /// Its records in order.
    pub records: Vec<RecordStory>,
    /// Why it stayed although it was ready, each since when.
    pub held: Vec<(Time, HeldBack)>,
    /// Of a part of a split: when the whole was sent, and when that had come to nothing.
    pub earlier: Vec<(Time, Time)>,
    /// Its transmissions in order.
    pub attempts: Vec<Attempt>,
    /// How it ended.
    pub ended: Option<(Time, Ending)>,
    /// The last estimate of its size in bytes.
    pub estimated: u64,
}

/// One transmission of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its request.
    pub request: u32,
    /// When it was written.
    pub sent: Time,
    /// Why it left.
    pub reason: Reason,
    /// Its records.
    pub records: u32,
    /// Its encoded bytes.
    pub bytes: u32,
    /// Its first sequence number, -1 without idempotence.
    pub sequence: i32,
    /// For how long it had waited, as the client counts it, in ms.
    pub waited_ms: u64,
    /// What a leader did with it, and when.
    pub stored: Option<(Time, Stored)>,
    /// When it went back to be sent again, and the error.
    pub failed: Option<(Time, &'static str)>,
}

/// A record in its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordStory {
    /// Its number, from 1, in the order in which records came into batches.
    pub number: u64,
    /// The application thread.
    pub thread: u32,
    /// From where its latency counts.
    pub since: Time,
    /// When `send` was called.
    pub called: Time,
    /// When it was in its batch.
    pub appended: Time,
    /// Encoded bytes without deltas and length.
    pub fixed_bytes: u32,
    /// Its key.
    pub key: Key,
}

/// The life of a produce request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestStory {
    /// Its number, from 1.
    pub number: u32,
    /// Its producer.
    pub client: u32,
    /// Its broker.
    pub node: NodeId,
    /// Its bytes.
    pub bytes: u64,
    /// Its batches in wire order.
    pub batches: Vec<u32>,
    /// When it was written.
    pub sent: Time,
    /// When it reached the broker.
    pub arrived: Option<Time>,
    /// When its answer left.
    pub answered: Option<Time>,
    /// When the answer reached the client's machine.
    pub response: Option<Time>,
    /// When the last of its batches was done with.
    pub done: Option<Time>,
}

impl BatchStory {
    /// The share of its room that was used, in permille; of the encoded bytes once it has been sent.
    pub fn fill_permille(&self) -> u64 {
        let bytes = self.attempts.first().map_or(self.estimated, |attempt| u64::from(attempt.bytes));
        (bytes * 1000).checked_div(self.limit).unwrap_or(0).min(1000)
    }

    /// When it was sent first.
    pub fn first_sent(&self) -> Option<Time> {
        self.attempts.first().map(|attempt| attempt.sent)
    }

    /// The offset of its first record, once it is known.
    pub fn offset(&self) -> Option<u64> {
        self.attempts.iter().rev().find_map(|attempt| match attempt.stored {
            Some((_, Stored::Appended(offset) | Stored::Duplicate(offset))) => Some(offset),
            _ => None,
        })
    }

    /// The times at which it can have become ready, each with its reason, of a client with this linger.
    pub(super) fn lingered_at(&self, linger_ms: u64) -> Time {
        // The client counts in whole milliseconds of its clock.
        let opened_ms = self.opened.0 / 1_000_000;
        Time(opened_ms.saturating_add(linger_ms).saturating_mul(1_000_000)).max(self.opened)
    }
}
