//! What a leader remembers of idempotent producers (11.5): the last batches of each on a partition.

use std::collections::VecDeque;

use crate::planted::{PlantedBug, planted};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;
use crate::values::time::{Span, Time};

/// Batches that can be recognized as duplicates.
const REMEMBERED: usize = 5;
/// A producer has at most [`REMEMBERED`] batches on their way to the followers. With these kept as well, a new leader
/// that lacks them still knows the five before.
const KEPT: usize = 2 * REMEMBERED;
/// `producer.id.expiration.ms`. It bounds the memory; a silent producer is dropped when the next new one comes.
const EXPIRATION: Span = Span::from_secs(24 * 60 * 60);

/// A batch in the log.
#[derive(Clone, Copy, Debug)]
struct Batch {
    epoch: i16,
    first: i32,
    last: i32,
    offset: u64,
}

impl Batch {
    /// Offset behind its last record.
    fn end(&self) -> u64 {
        let records = (i64::from(self.last) - i64::from(self.first)).rem_euclid(1 << 31) + 1;
        self.offset + records.unsigned_abs()
    }
}

#[derive(Clone, Debug)]
struct Producer {
    id: i64,
    /// Oldest first, never empty.
    batches: VecDeque<Batch>,
    last_append: Time,
}

/// Producer states of one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequences {
    /// By id, ascending.
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
    /// The checks of 11.5 in their order. A batch without producer id is always taken; so is the first one of a
    /// producer, whatever its sequence.
    pub(super) fn check(&self, batch: &ProduceBatch) -> Verdict {
        let Ok(at) = self.place(batch.producer_id) else { return Verdict::Append };
        let batches = &self.producers[at].batches;
        let Some(newest) = batches.back() else { return Verdict::Append };
        let (epoch, last) = (batch.producer_epoch, last_sequence(batch));
        let ignores_epoch = planted(PlantedBug::EpochIgnoredInDuplicates);
        let same = |b: &&Batch| {
            (b.first, b.last) == (batch.base_sequence, last) && (b.epoch == epoch || ignores_epoch)
        };
        if (epoch == newest.epoch || ignores_epoch)
            && let Some(stored) = batches.iter().rev().take(REMEMBERED).find(same)
        {
            if planted(PlantedBug::DuplicateAppended) {
                return Verdict::Append;
            }
            return Verdict::Duplicate { offset: stored.offset };
        }
        if epoch < newest.epoch {
            return Verdict::Reject(ErrorCode::InvalidProducerEpoch);
        }
        let expected = if epoch > newest.epoch { 0 } else { after(newest.last) };
        if batch.base_sequence != expected && !planted(PlantedBug::OutOfOrderAccepted) {
            return Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber);
        }
        Verdict::Append
    }

    fn place(&self, producer_id: i64) -> Result<usize, usize> {
        self.producers.binary_search_by_key(&producer_id, |producer| producer.id)
    }

    /// A batch has been appended at `offset`.
    pub(super) fn appended(&mut self, now: Time, batch: &ProduceBatch, offset: u64) {
        if batch.producer_id < 0 {
            return;
        }
        let at = self.place(batch.producer_id).unwrap_or_else(|_| self.insert(now, batch.producer_id));
        let producer = &mut self.producers[at];
        producer.last_append = now;
        if producer.batches.len() == KEPT {
            producer.batches.pop_front();
        }
        let (epoch, first, last) = (batch.producer_epoch, batch.base_sequence, last_sequence(batch));
        producer.batches.push_back(Batch { epoch, first, last, offset });
    }

    fn insert(&mut self, now: Time, id: i64) -> usize {
        self.producers.retain(|producer| now - producer.last_append <= EXPIRATION);
        let at = self.place(id).unwrap_or_else(|at| at);
        let batches = VecDeque::with_capacity(KEPT);
        self.producers.insert(at, Producer { id, batches, last_append: now });
        at
    }

    /// Whether there is nothing about the producer of a batch, which does not begin with it either: brokers before 2.4
    /// took that for a sign that its records were deleted.
    pub(super) fn have_forgotten(&self, batch: &ProduceBatch) -> bool {
        batch.producer_id >= 0 && batch.base_sequence != 0 && self.place(batch.producer_id).is_err()
    }

    /// The log begins at `log_start` now. Brokers before 2.4 forget producers that have no record behind that.
    pub(super) fn forget_before(&mut self, log_start: u64) {
        self.producers
            .retain(|producer| producer.batches.back().is_some_and(|newest| newest.end() > log_start));
    }

    /// The log has been cut off at `end`.
    pub(super) fn truncate(&mut self, end: u64) {
        self.producers.retain_mut(|producer| {
            producer.batches.retain(|batch| batch.offset < end);
            !producer.batches.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::{BatchMark, TopicId, TopicPartition};

    const OUT_OF_ORDER: Verdict = Verdict::Reject(ErrorCode::OutOfOrderSequenceNumber);

    fn batch(epoch: i16, base_sequence: i32, records: u32) -> ProduceBatch {
        let tp = TopicPartition::new(TopicId(0), 0);
        ProduceBatch {
            tp,
            records,
            bytes: 100,
            producer_id: 7,
            producer_epoch: epoch,
            base_sequence,
            mark: BatchMark::NONE,
        }
    }

    fn sequences(batches: &[(ProduceBatch, u64)]) -> Sequences {
        let mut sequences = Sequences::default();
        for (batch, offset) in batches {
            sequences.appended(Time::START, batch, *offset);
        }
        sequences
    }

    #[test]
    fn consecutive_batches_are_taken_and_the_last_five_are_recognized() {
        let mut sequences = Sequences::default();
        for n in 0..20 {
            assert_eq!(sequences.check(&batch(0, n * 10, 10)), Verdict::Append);
            sequences.appended(Time::START, &batch(0, n * 10, 10), n as u64 * 10);
        }
        assert_eq!(sequences.check(&batch(0, 190, 10)), Verdict::Duplicate { offset: 190 });
        assert_eq!(sequences.check(&batch(0, 150, 10)), Verdict::Duplicate { offset: 150 });
        assert_eq!(sequences.check(&batch(0, 140, 10)), OUT_OF_ORDER, "the sixth last is forgotten");
        assert_eq!(
            sequences.check(&batch(0, 150, 9)),
            OUT_OF_ORDER,
            "another batch from the same sequence on"
        );
        assert_eq!(sequences.check(&batch(0, 201, 1)), OUT_OF_ORDER);
    }

    #[test]
    fn the_first_batch_of_a_producer_is_taken_whatever_its_sequence() {
        assert_eq!(Sequences::default().check(&batch(3, 55, 5)), Verdict::Append);
        let other = ProduceBatch { producer_id: 8, ..batch(0, 55, 5) };
        assert_eq!(sequences(&[(batch(0, 0, 5), 0)]).check(&other), Verdict::Append);
    }

    /// EPO-6.
    #[test]
    fn a_new_epoch_starts_at_zero_and_an_old_one_is_fenced() {
        let sequences = sequences(&[(batch(0, 0, 5), 0), (batch(1, 0, 5), 5)]);
        assert_eq!(sequences.check(&batch(0, 0, 5)), Verdict::Reject(ErrorCode::InvalidProducerEpoch));
        assert_eq!(sequences.check(&batch(2, 5, 1)), OUT_OF_ORDER);
        assert_eq!(sequences.check(&batch(2, 0, 1)), Verdict::Append);
        assert_eq!(sequences.check(&batch(1, 0, 5)), Verdict::Duplicate { offset: 5 });
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let ends = sequences(&[(batch(0, i32::MAX - 1, 2), 0)]);
        assert_eq!(ends.check(&batch(0, 0, 3)), Verdict::Append);
        let crosses = sequences(&[(batch(0, i32::MAX, 3), 0)]);
        assert_eq!(crosses.check(&batch(0, 2, 1)), Verdict::Append);
        assert_eq!(crosses.check(&batch(0, i32::MAX, 3)), Verdict::Duplicate { offset: 0 });
    }

    #[test]
    fn truncation_forgets_what_was_cut_off() {
        let mut sequences = sequences(&[(batch(0, 0, 10), 0), (batch(0, 10, 10), 10), (batch(1, 0, 10), 20)]);
        sequences.truncate(20);
        assert_eq!(sequences.check(&batch(0, 20, 10)), Verdict::Append, "epoch 1 has never begun");
        sequences.truncate(10);
        assert_eq!(sequences.check(&batch(0, 10, 10)), Verdict::Append);
        sequences.truncate(0);
        assert_eq!(sequences.check(&batch(0, 70, 10)), Verdict::Append);
    }

    #[test]
    fn silent_producers_expire() {
        let mut sequences = sequences(&[(batch(0, 0, 10), 0)]);
        let new = |id| ProduceBatch { producer_id: id, ..batch(0, 0, 1) };
        sequences.appended(Time::START + EXPIRATION, &new(9), 10);
        assert_eq!(sequences.check(&batch(0, 5, 1)), OUT_OF_ORDER);
        sequences.appended(Time::START + EXPIRATION + Span(1), &new(8), 11);
        assert_eq!(sequences.check(&batch(0, 5, 1)), Verdict::Append);
        assert_eq!(sequences.check(&new(8)), Verdict::Duplicate { offset: 11 });
        assert_eq!(sequences.check(&new(9)), Verdict::Duplicate { offset: 10 });
    }
}
