//! A partition's log as offsets, and the broker's check of sequence numbers.

use std::collections::{BTreeMap, VecDeque};

use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;

/// A broker remembers this many batches of a producer.
const REMEMBERED: usize = 5;

/// One partition's log.
#[derive(Debug, Default)]
pub(super) struct PartitionLog {
    /// The offset of the next record.
    pub(super) next_offset: i64,
    producers: BTreeMap<i64, ProducerState>,
}

/// What the log knows of a producer.
#[derive(Debug)]
struct ProducerState {
    epoch: i16,
    batches: VecDeque<Remembered>,
}

#[derive(Clone, Copy, Debug)]
struct Remembered {
    first: i32,
    last: i32,
    base_offset: i64,
}

impl PartitionLog {
    /// Appends a batch and gives its base offset; that of the first time for a batch that is there already.
    pub(super) fn append(&mut self, batch: &ProduceBatch, checks_sequences: bool) -> Result<i64, ErrorCode> {
        if !checks_sequences || batch.producer_id < 0 {
            return Ok(self.take(batch.records));
        }
        let first = batch.base_sequence;
        let last = sequence_after(first, batch.records - 1);
        if let Some(state) = self.producers.get(&batch.producer_id)
            && let Some(known) = state.check(batch.producer_epoch, first, last)?
        {
            return Ok(known);
        }
        let base_offset = self.take(batch.records);
        let state = self.producers.entry(batch.producer_id);
        let state = state.or_insert_with(|| ProducerState { epoch: 0, batches: VecDeque::new() });
        if state.epoch != batch.producer_epoch {
            state.batches.clear();
            state.epoch = batch.producer_epoch;
        }
        if state.batches.len() == REMEMBERED {
            state.batches.pop_front();
        }
        state.batches.push_back(Remembered { first, last, base_offset });
        Ok(base_offset)
    }

    fn take(&mut self, records: u32) -> i64 {
        let base_offset = self.next_offset;
        self.next_offset += i64::from(records);
        base_offset
    }
}

impl ProducerState {
    /// Whether a batch may follow; `Some`: it is a duplicate of the batch at this offset.
    fn check(&self, epoch: i16, first: i32, last: i32) -> Result<Option<i64>, ErrorCode> {
        if epoch < self.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if epoch > self.epoch {
            return if first == 0 { Ok(None) } else { Err(ErrorCode::OutOfOrderSequenceNumber) };
        }
        let same = self.batches.iter().find(|known| (known.first, known.last) == (first, last));
        if let Some(known) = same {
            return Ok(Some(known.base_offset));
        }
        let follows = self.batches.back().is_none_or(|newest| sequence_after(newest.last, 1) == first);
        if follows { Ok(None) } else { Err(ErrorCode::OutOfOrderSequenceNumber) }
    }
}

/// The sequence `count` after `sequence`; 0 follows the largest int.
fn sequence_after(sequence: i32, count: u32) -> i32 {
    ((i64::from(sequence) + i64::from(count)) & i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::{BatchMark, TopicId, TopicPartition};

    fn append(log: &mut PartitionLog, producer_epoch: i16, base_sequence: i32) -> Result<i64, ErrorCode> {
        let tp = TopicPartition::new(TopicId(0), 0);
        let batch = ProduceBatch {
            tp,
            records: 2,
            bytes: 100,
            producer_id: 1_000,
            producer_epoch,
            base_sequence,
            mark: BatchMark::NONE,
        };
        log.append(&batch, true)
    }

    #[test]
    fn sequences_go_on_and_duplicates_are_recognised() {
        let mut log = PartitionLog::default();
        assert_eq!(append(&mut log, 0, 7), Ok(0), "without state any sequence is right");
        assert_eq!(append(&mut log, 0, 9), Ok(2));
        assert_eq!(append(&mut log, 0, 7), Ok(0));
        assert_eq!(append(&mut log, 0, 12), Err(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(log.next_offset, 4);
    }

    #[test]
    fn only_the_last_five_batches_are_remembered() {
        let mut log = PartitionLog::default();
        for at in 0..6 {
            assert_eq!(append(&mut log, 0, 2 * at), Ok(i64::from(2 * at)));
        }
        assert_eq!(append(&mut log, 0, 2), Ok(2));
        assert_eq!(append(&mut log, 0, 0), Err(ErrorCode::OutOfOrderSequenceNumber));
    }

    #[test]
    fn a_new_epoch_begins_at_zero_and_ends_the_old_one() {
        let mut log = PartitionLog::default();
        assert_eq!(append(&mut log, 0, 0), Ok(0));
        assert_eq!(append(&mut log, 1, 2), Err(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(append(&mut log, 1, 0), Ok(2));
        assert_eq!(append(&mut log, 0, 2), Err(ErrorCode::InvalidProducerEpoch));
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut log = PartitionLog::default();
        assert_eq!(append(&mut log, 0, i32::MAX - 1), Ok(0));
        assert_eq!(append(&mut log, 0, 0), Ok(2));
    }
}
