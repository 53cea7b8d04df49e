//! A batch from its first record to its last callback (3.5, 3.7).

use crate::producer::topics::Slot;
use crate::protocol::message::ProduceBatch;
use crate::protocol::record::TailId;
use crate::protocol::size::{self, BATCH_OVERHEAD};
use crate::values::ids::{BatchMark, TopicPartition};
use crate::values::time::Time;

/// A batch, valid from the `send` that opened it until the `poll` after the one that reported its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub(crate) u32);

impl BatchId {
    /// A dense index; small numbers are used again.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// No producer id, epoch or sequence.
pub(crate) const NO_PRODUCER_ID: i64 = -1;
pub(crate) const NO_SEQUENCE: i32 = -1;

/// What the pipeline keeps of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordEntry {
    /// The driver's mark.
    pub tag: u64,
    /// Create time in epoch ms.
    pub timestamp_ms: i64,
    /// Encoded bytes without deltas and length ([`crate::protocol::record::Record::fixed_bytes`]).
    pub fixed_bytes: u32,
    /// Its bytes, if they are kept.
    pub tail: TailId,
}

/// Why a batch was ready, the first reason in the client's own order (5.3 step 6), or that it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No room left, a newer batch behind it, or closed before.
    Full,
    /// `linger.ms` over (or no linger).
    Linger,
    /// A `send` waits for `buffer.memory`.
    Memory,
    /// The producer is closing.
    Close,
    /// A `flush` is under way.
    Flush,
    /// It left with another partition's batch (6.4).
    Piggyback,
}

impl Reason {
    /// All of them, in the client's own order.
    pub const ALL: [Reason; 6] =
        [Reason::Full, Reason::Linger, Reason::Memory, Reason::Close, Reason::Flush, Reason::Piggyback];

    /// The code of reports: a word.
    pub const fn code(self) -> &'static str {
        match self {
            Reason::Full => "full",
            Reason::Linger => "linger",
            Reason::Memory => "memory",
            Reason::Close => "close",
            Reason::Flush => "flush",
            Reason::Piggyback => "piggyback",
        }
    }
}

/// The final state of a batch; the first transition wins (PB-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinalState {
    Aborted,
    Failed,
    Succeeded,
}

/// Records for one partition that travel together.
#[derive(Debug)]
pub struct Batch {
    pub(crate) slot: Slot,
    tp: TopicPartition,
    records: Vec<RecordEntry>,
    opened_at: Time,
    pub(crate) created_ms: i64,
    pub(crate) last_attempt_ms: i64,
    pub(crate) last_append_ms: i64,
    pub(crate) drained_ms: i64,
    base_timestamp_ms: i64,
    /// Room of the buffer, which is also what the pool charged for it.
    pub(crate) write_limit: u64,
    /// The largest upper bound of a batch with one of its records (3.4).
    pub(crate) max_record_size: u64,
    uncompressed: u64,
    ratio: f32,
    compressed: bool,
    estimated: u64,
    append_closed: bool,
    /// It has expired in its queue, or been aborted: the client can never give it other numbers.
    pub(crate) appends_aborted: bool,
    /// Encoded size once it has been built, 0 before.
    pub(crate) encoded_bytes: u32,
    pub(crate) reopened: bool,
    pub(crate) attempts: u32,
    pub(crate) retry: bool,
    pub(crate) is_split: bool,
    /// A part of a split that went wrong: the whole is still there, and ends with the same records.
    pub(crate) is_ghost: bool,
    pub(crate) holds_buffer: bool,
    pub(crate) in_flight: bool,
    /// One of the numbered batches of its partition that are not acknowledged.
    pub(crate) tracked: bool,
    /// It is no longer incomplete.
    pub(crate) ended: bool,
    pub(crate) released: bool,
    /// An attempt has ended without an answer that excludes an append.
    pub(crate) maybe_logged: bool,
    /// Its place in the order of drains.
    pub(crate) drain_number: u64,
    leader_epoch: i32,
    attempts_when_leader_last_changed: u32,
    pub(crate) final_state: Option<FinalState>,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
    /// Creation number; children of a split have that of their parent.
    pub(crate) number: u64,
    pub(crate) reason: Reason,
    pub(crate) previous: Option<BatchId>,
    pub(crate) next: Option<BatchId>,
}

impl Batch {
    pub(crate) fn empty() -> Batch {
        Batch {
            slot: Slot(0),
            tp: TopicPartition::new(crate::values::ids::TopicId(0), 0),
            records: Vec::new(),
            opened_at: Time::START,
            created_ms: 0,
            last_attempt_ms: 0,
            last_append_ms: 0,
            drained_ms: 0,
            base_timestamp_ms: 0,
            write_limit: 0,
            max_record_size: 0,
            uncompressed: 0,
            ratio: 1.0,
            compressed: false,
            estimated: u64::from(BATCH_OVERHEAD),
            append_closed: false,
            appends_aborted: false,
            encoded_bytes: 0,
            reopened: false,
            attempts: 0,
            retry: false,
            is_split: false,
            is_ghost: false,
            holds_buffer: false,
            in_flight: false,
            tracked: false,
            ended: false,
            released: false,
            maybe_logged: false,
            drain_number: 0,
            leader_epoch: -1,
            attempts_when_leader_last_changed: 0,
            final_state: None,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: -1,
            base_sequence: NO_SEQUENCE,
            number: 0,
            reason: Reason::Full,
            previous: None,
            next: None,
        }
    }

    /// Makes a new batch of a used one, with its first record, which always fits (BLD-3). Its list of records keeps
    /// its room.
    pub(crate) fn reopen(&mut self, new: NewBatch, number: u64, first: RecordEntry) {
        let mut records = std::mem::take(&mut self.records);
        records.clear();
        *self = Batch {
            slot: new.slot,
            tp: new.tp,
            records,
            opened_at: new.now,
            created_ms: new.now_ms,
            last_attempt_ms: new.now_ms,
            base_timestamp_ms: first.timestamp_ms,
            write_limit: new.write_limit,
            compressed: new.compressed,
            ratio: new.ratio,
            holds_buffer: true,
            number,
            ..Batch::empty()
        };
        self.push(first, size::record(u64::from(first.fixed_bytes), 0, 0), new.now_ms);
    }

    /// Topic and partition.
    #[inline]
    pub fn partition(&self) -> TopicPartition {
        self.tp
    }

    /// Its records in append order.
    #[inline]
    pub fn records(&self) -> &[RecordEntry] {
        &self.records
    }

    /// When its first record was appended; a child of a split has its parent's.
    pub fn opened_at(&self) -> Time {
        self.opened_at
    }

    /// Number of earlier transmissions that failed.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Why it left the accumulator, or would have, at its last drain.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Whether it came from the split of a larger one.
    pub fn is_split(&self) -> bool {
        self.is_split
    }

    /// Whether its records end with another batch: client 2.3 can lose track of a split. It ends all the same.
    pub fn is_ghost(&self) -> bool {
        self.is_ghost
    }

    /// Whether it may be in a log although it was never acknowledged: an attempt is still in flight, or ended without
    /// an answer that excludes it.
    pub fn may_be_logged(&self) -> bool {
        self.maybe_logged || self.in_flight
    }

    /// Bytes of its records before compression, header excluded.
    pub fn uncompressed_bytes(&self) -> u64 {
        self.uncompressed
    }

    /// Room of its buffer in bytes, header included.
    pub fn room_bytes(&self) -> u64 {
        self.write_limit
    }

    /// Its size as the client estimates it, header included (BLD-6).
    pub fn expected_bytes(&self) -> u64 {
        self.estimated_bytes()
    }

    /// Whether it takes no more records.
    pub fn has_no_room(&self) -> bool {
        self.is_full()
    }

    /// What a produce request says of it, not audited. Meaningful once it has been drained.
    pub fn on_wire(&self) -> ProduceBatch {
        ProduceBatch {
            tp: self.tp,
            records: self.count(),
            bytes: self.encoded_bytes,
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: self.base_sequence,
            mark: BatchMark::NONE,
        }
    }

    /// Epoch ms of its first record, from which the others are counted.
    pub fn base_timestamp_ms(&self) -> i64 {
        self.base_timestamp_ms
    }

    /// Its place in the order in which the producer opened its batches; children of a split have that of their parent.
    #[inline]
    pub fn number(&self) -> u64 {
        self.number
    }

    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.records.len() as u32
    }

    /// BLD-6: the estimate until it is built, the actual size afterwards, and the estimate again where new numbers have
    /// reopened it (SEQ-4).
    #[inline]
    pub(crate) fn estimated_bytes(&self) -> u64 {
        let is_built = self.encoded_bytes > 0 && !self.reopened;
        if is_built { u64::from(self.encoded_bytes) } else { self.estimated }
    }

    /// BLD-2.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.append_closed || (!self.records.is_empty() && size::is_full(self.write_limit, self.estimated))
    }

    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.final_state.is_some()
    }

    /// Done, or split.
    #[inline]
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    #[inline]
    pub(crate) fn has_sequence(&self) -> bool {
        self.base_sequence != NO_SEQUENCE
    }

    /// PB-8: without wrap-around.
    pub(crate) fn last_sequence(&self) -> i32 {
        self.base_sequence.wrapping_add(self.count() as i32 - 1)
    }

    /// Appends a record if there is room (BLD-3), and gives the growth of the estimate. Without room the batch
    /// takes no more records at all (BLD-4).
    #[inline(always)]
    pub(crate) fn try_append(&mut self, record: RecordEntry, now_ms: i64) -> Option<u64> {
        let before = self.estimated;
        let delta = record.timestamp_ms.wrapping_sub(self.base_timestamp_ms);
        let size = size::record(u64::from(record.fixed_bytes), delta, self.records.len() as u32);
        if self.append_closed || !size::has_room(self.write_limit, before, size) {
            self.append_closed = true;
            return None;
        }
        self.push(record, size, now_ms);
        Some(self.estimated - before)
    }

    #[inline(always)]
    fn push(&mut self, record: RecordEntry, size: u64, now_ms: i64) {
        self.records.push(record);
        self.uncompressed += size;
        self.max_record_size =
            self.max_record_size.max(size::batch_upper_bound(u64::from(record.fixed_bytes)));
        self.last_append_ms = now_ms;
        self.estimate();
    }

    /// BLD-1.
    #[inline]
    fn estimate(&mut self) {
        self.estimated = size::batch_estimate(self.uncompressed, self.compressed.then_some(self.ratio));
    }

    pub(crate) fn close_for_appends(&mut self) {
        self.append_closed = true;
    }

    pub(crate) fn set_append_closed(&mut self, closed: bool) {
        self.append_closed = closed;
    }

    /// BLD-8: the ratio that was reached, a 32-bit float in the client; 1 before it is built.
    pub(crate) fn compression_ratio(&self) -> f32 {
        if self.encoded_bytes == 0 || self.uncompressed == 0 || !self.compressed {
            return 1.0;
        }
        (self.encoded_bytes - BATCH_OVERHEAD) as f32 / self.uncompressed as f32
    }

    /// PB-1.
    #[inline]
    pub(crate) fn waited_ms(&self, now_ms: i64) -> i64 {
        (now_ms - self.last_attempt_ms).max(0)
    }

    /// PB-3.
    pub(crate) fn reenqueued(&mut self, now_ms: i64) {
        self.attempts += 1;
        self.last_attempt_ms = self.last_append_ms.max(now_ms);
        self.last_append_ms = self.last_append_ms.max(now_ms);
        self.retry = true;
    }

    /// PB-5; `epoch` -1: the leader epoch is unknown.
    #[inline]
    pub(crate) fn update_leader_epoch(&mut self, epoch: i32) {
        if self.leader_epoch < epoch {
            self.attempts_when_leader_last_changed = self.attempts;
            self.leader_epoch = epoch;
        }
    }

    /// PB-6.
    #[inline]
    pub(crate) fn leader_changed_for_retry(&self) -> bool {
        self.attempts >= 1 && self.attempts == self.attempts_when_leader_last_changed
    }

    /// Stamps producer id, epoch and sequence; a built batch is thereby opened again (BLD-9).
    pub(crate) fn set_producer_state(&mut self, producer_id: i64, epoch: i16, base_sequence: i32) {
        (self.producer_id, self.producer_epoch, self.base_sequence) = (producer_id, epoch, base_sequence);
    }
}

/// What a new batch starts with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewBatch {
    pub(crate) slot: Slot,
    pub(crate) tp: TopicPartition,
    pub(crate) now: Time,
    pub(crate) now_ms: i64,
    pub(crate) write_limit: u64,
    pub(crate) compressed: bool,
    pub(crate) ratio: f32,
}
