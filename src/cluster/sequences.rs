//! What a leader remembers of idempotent producers (11.5): the last five batches of each on a partition.

use std::collections::VecDeque;

use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;

/// Batches that can be recognized as duplicates.
const REMEMBERED: usize = 5;
/// A few more are kept, so that a new leader that lacks the last ones still knows five.
const KEPT: usize = 2 * REMEMBERED;

#[derive(Clone, Copy, Debug)]
struct Entry {
    first: i32,
    last: i32,
    offset: u64,
}

#[derive(Debug)]
struct Producer {
    id: i64,
    epoch: i16,
    entries: VecDeque<Entry>,
}

/// Producer states of one partition.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    producers: Vec<Producer>,
}

/// What to do with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Append,
    /// It is in the log already, from this offset on.
    Duplicate {
        offset: u64,
    },
    Reject(ErrorCode),
}

/// The sequence behind `last`: it wraps from 2^31 - 1 to 0.
fn after(last: i32) -> i32 {
    last.checked_add(1).unwrap_or(0)
}

fn last_sequence(batch: &ProduceBatch) -> i32 {
    let last = i64::from(batch.base_sequence) + i64::from(batch.records) - 1;
    (last % (i64::from(i32::MAX) + 1)) as i32
}

impl Sequences {
    /// PID-10 to PID-14. A batch without producer id is always taken; so is the first one of a producer, whatever
    /// its sequence (KAFKA-14359).
    pub(super) fn check(&self, batch: &ProduceBatch) -> Verdict {
        if batch.producer_id < 0 {
            return Verdict::Append;
        }
        let Some(producer) = self.producers.iter().find(|producer| producer.id == batch.producer_id) else {
            return Verdict::Append;
        };
        if batch.producer_epoch < producer.epoch {
            return Verdict::Reject(ErrorCode::InvalidProducerEpoch);
        }
        if batch.producer_epoch > producer.epoch {
            return match batch.base_sequence {
                0 => Verdict::Append,
                _ => Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber),
            };
        }
        let last = last_sequence(batch);
        let same = |entry: &&Entry| entry.first == batch.base_sequence && entry.last == last;
        if let Some(entry) = producer.entries.iter().rev().take(REMEMBERED).find(same) {
            return Verdict::Duplicate { offset: entry.offset };
        }
        match producer.entries.back() {
            Some(newest) if batch.base_sequence != after(newest.last) => {
                Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber)
            }
            _ => Verdict::Append,
        }
    }

    /// A batch has been appended at `offset`.
    pub(super) fn appended(&mut self, batch: &ProduceBatch, offset: u64) {
        if batch.producer_id < 0 {
            return;
        }
        let known = self.producers.iter().position(|producer| producer.id == batch.producer_id);
        let at = known.unwrap_or_else(|| {
            let entries = VecDeque::with_capacity(KEPT + 1);
            self.producers.push(Producer { id: batch.producer_id, epoch: batch.producer_epoch, entries });
            self.producers.len() - 1
        });
        let producer = &mut self.producers[at];
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.entries.clear();
        }
        if producer.entries.len() == KEPT {
            producer.entries.pop_front();
        }
        producer.entries.push_back(Entry { first: batch.base_sequence, last: last_sequence(batch), offset });
    }

    /// The log has been cut off at `end`.
    pub(super) fn truncate(&mut self, end: u64) {
        for producer in &mut self.producers {
            producer.entries.retain(|entry| entry.offset < end);
        }
        self.producers.retain(|producer| !producer.entries.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::{TopicId, TopicPartition};

    fn batch(epoch: i16, base_sequence: i32, records: u32) -> ProduceBatch {
        let tp = TopicPartition::new(TopicId(0), 0);
        ProduceBatch { tp, records, bytes: 100, producer_id: 7, producer_epoch: epoch, base_sequence }
    }

    #[test]
    fn consecutive_batches_are_taken_and_the_last_five_are_recognized() {
        let mut sequences = Sequences::default();
        for n in 0..6 {
            assert_eq!(sequences.check(&batch(0, n * 10, 10)), Verdict::Append);
            sequences.appended(&batch(0, n * 10, 10), n as u64 * 10);
        }
        assert_eq!(sequences.check(&batch(0, 10, 10)), Verdict::Duplicate { offset: 10 });
        let out_of_order = Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber);
        assert_eq!(sequences.check(&batch(0, 0, 10)), out_of_order, "the sixth last is forgotten");
        assert_eq!(sequences.check(&batch(0, 70, 1)), out_of_order);
    }

    #[test]
    fn a_new_epoch_starts_at_zero_and_an_old_one_is_fenced() {
        let mut sequences = Sequences::default();
        sequences.appended(&batch(1, 5, 1), 0);
        assert_eq!(sequences.check(&batch(0, 6, 1)), Verdict::Reject(ErrorCode::InvalidProducerEpoch));
        assert_eq!(sequences.check(&batch(2, 1, 1)), Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(sequences.check(&batch(2, 0, 1)), Verdict::Append);
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut sequences = Sequences::default();
        sequences.appended(&batch(0, i32::MAX - 1, 2), 0);
        assert_eq!(sequences.check(&batch(0, 0, 3)), Verdict::Append);
        sequences.appended(&batch(0, i32::MAX, 3), 2);
        assert_eq!(sequences.check(&batch(0, 2, 1)), Verdict::Append);
    }

    #[test]
    fn truncation_forgets_what_was_cut_off() {
        let mut sequences = Sequences::default();
        sequences.appended(&batch(0, 0, 10), 0);
        sequences.appended(&batch(0, 10, 10), 10);
        sequences.truncate(10);
        assert_eq!(sequences.check(&batch(0, 10, 10)), Verdict::Append);
    }
}
