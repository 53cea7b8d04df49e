//! Copies of batches in logs, as long as an election may still take them out, or bring them back.

use std::collections::VecDeque;

use crate::values::ids::BatchMark;

/// In which an idempotent producer numbers its batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// Producer id, -1 without idempotence.
    pub producer_id: i64,
    /// Its epoch, -1 without idempotence.
    pub epoch: i16,
}

impl Session {
    /// Without idempotence.
    pub const NONE: Session = Session { producer_id: -1, epoch: -1 };

    /// Whether the producer is not idempotent.
    #[inline]
    pub const fn is_none(self) -> bool {
        self.producer_id < 0
    }
}

/// A batch in the log of a leader. Leader epoch and offset name it in every log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCopy {
    /// The batch.
    pub mark: BatchMark,
    /// The leader's epoch when it appended.
    pub leader_epoch: i32,
    /// Offset of the first record.
    pub offset: u64,
    /// Number of records.
    pub records: u32,
    /// Sequence number of the first record, -1 without idempotence.
    pub base_sequence: i32,
    /// What that counts in.
    pub session: Session,
}

impl LogCopy {
    /// Offset behind the last record.
    #[inline]
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.records)
    }
}

/// What is known of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is in the log for good.
    Present,
    /// It is gone for good.
    Absent,
    /// Neither.
    Open,
}

/// Undecided copies of one partition in the order of their appends.
#[derive(Debug, Default)]
pub(super) struct Copies {
    queue: VecDeque<LogCopy>,
    /// A sweep is worth its while when there are more.
    most: usize,
}

impl Copies {
    /// So many copies are not looked at again.
    const FEW: usize = 64;

    /// True: there are twice as many as the last sweep has left, so that a copy costs the same however many there are.
    #[inline]
    pub(super) fn push(&mut self, copy: LogCopy) -> bool {
        self.queue.push_back(copy);
        self.queue.len() > self.most.max(Self::FEW)
    }

    #[inline]
    pub(super) fn front(&self) -> Option<LogCopy> {
        self.queue.front().copied()
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        self.queue.pop_front();
    }

    pub(super) fn swept(&mut self) {
        self.most = 2 * self.queue.len();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }
}
