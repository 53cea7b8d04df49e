//! Appending a record (5.2): the partition, the open batch, or memory for a new one.

use crate::config::producer::Compression;
use crate::producer::Producer;
use crate::producer::batch::{BatchId, NewBatch, RecordEntry};
use crate::producer::exception::Exception;
use crate::producer::partitioner::built_in::Sticky;
use crate::producer::pool::Allocation;
use crate::producer::topics::Slot;
use crate::protocol::size;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::time::Time;

/// A record on its way into the accumulator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Append {
    pub(crate) topic: TopicId,
    /// `None`: the built-in partitioner chooses (5.2 step 1).
    pub(crate) partition: Option<u32>,
    pub(crate) entry: RecordEntry,
    pub(crate) thread: u32,
    /// SEND-10: give up rather than open a batch, so that the partitioner is asked again.
    pub(crate) abort_on_new_batch: bool,
    /// Memory for a new batch has already been granted.
    pub(crate) granted: Option<u64>,
    /// The partition of the last round of the loop, for the callback (5.2 step 2).
    pub(crate) last_partition: Option<u32>,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Appended {
    /// It is in this batch; the sender must be woken if `wake`.
    Done {
        batch: BatchId,
        tp: TopicPartition,
        wake: bool,
    },
    /// A batch would have to be opened on this partition.
    AbortedForNewBatch {
        partition: u32,
    },
    /// This many bytes must be waited for.
    NeedsMemory {
        bytes: u64,
    },
    Failed(Exception),
}

impl Producer {
    /// 5.2 steps 1 and 2. Everything but the wait for memory happens at once.
    #[inline]
    pub(crate) fn append(&mut self, append: &mut Append, now: Time) -> Appended {
        self.accumulator.ensure_topic(append.topic, &self.topics);
        loop {
            let (sticky, partition) = self.target_partition(append);
            append.last_partition = Some(partition);
            let tp = TopicPartition::new(append.topic, partition);
            let slot = match self.topics.known_slot(tp) {
                Some(slot) => slot,
                None => self.topics.slot(tp),
            };
            self.accumulator.ensure_queue(slot, &self.topics, &self.view);
            if self.partition_changed(append, sticky, slot) {
                continue;
            }
            if let Some((batch, growth)) = self.try_append(slot, append.entry, now) {
                self.account(append, sticky, slot, growth);
                if let Some(bytes) = append.granted.take() {
                    self.accumulator.pool.deallocate(bytes);
                }
                let queue = &self.accumulator.queues[slot.index()];
                let wake = queue.batches.len() > 1 || self.accumulator.batches[batch].is_full();
                return Appended::Done { batch, tp, wake };
            }
            if self.accumulator.closed {
                return self.release_grant(append, Exception::KafkaException);
            }
            if append.abort_on_new_batch {
                return Appended::AbortedForNewBatch { partition };
            }
            if append.granted.is_none() {
                let bytes = self.bytes_for_new_batch(append.entry);
                match self.accumulator.pool.allocate(bytes) {
                    Allocation::Granted => append.granted = Some(bytes),
                    Allocation::MustWait => return Appended::NeedsMemory { bytes },
                    Allocation::Impossible => return Appended::Failed(Exception::IllegalArgumentException),
                    Allocation::Closed => return Appended::Failed(Exception::KafkaException),
                }
                // ACC-5: with the memory in hand the whole check runs once more, as after a wait.
                continue;
            }
            return self.open_batch(append, sticky, slot, tp, now);
        }
    }

    #[inline]
    fn target_partition(&mut self, append: &Append) -> (Option<Sticky>, u32) {
        match append.partition {
            Some(partition) => (None, partition),
            None => {
                let partitions = self.view.partitions(append.topic);
                let draws = &mut self.threads[append.thread as usize].draws;
                let sticky = self.accumulator.topics[append.topic.index()].built_in.peek(partitions, draws);
                (Some(sticky), sticky.partition)
            }
        }
    }

    /// BIP-6.
    #[inline]
    fn partition_changed(&mut self, append: &Append, sticky: Option<Sticky>, slot: Slot) -> bool {
        let Some(sticky) = sticky else { return false };
        if self.accumulator.topics[append.topic.index()].built_in.changed(sticky) {
            return true;
        }
        self.all_full(slot) && self.account_bytes(append, 0, true)
    }

    /// BIP-5: an empty queue counts as full.
    #[inline]
    fn all_full(&self, slot: Slot) -> bool {
        let last = self.accumulator.queues[slot.index()].batches.back();
        last.is_none_or(|batch| self.accumulator.batches[*batch].is_full())
    }

    #[inline]
    fn account(&mut self, append: &Append, sticky: Option<Sticky>, slot: Slot, bytes: u64) {
        if sticky.is_some() {
            let all_full = self.all_full(slot);
            self.account_bytes(append, bytes, all_full);
        }
    }

    #[inline]
    fn account_bytes(&mut self, append: &Append, bytes: u64, enable_switch: bool) -> bool {
        let partitions = self.view.partitions(append.topic);
        let draws = &mut self.threads[append.thread as usize].draws;
        let built_in = &mut self.accumulator.topics[append.topic.index()].built_in;
        built_in.update(bytes, self.config.batch_size as i32, enable_switch, partitions, draws)
    }

    /// 5.2.1: into the last batch of the queue, if it takes it.
    #[inline]
    fn try_append(&mut self, slot: Slot, entry: RecordEntry, now: Time) -> Option<(BatchId, u64)> {
        if self.accumulator.closed {
            return None;
        }
        let batch = *self.accumulator.queues[slot.index()].batches.back()?;
        let now_ms = self.millis(now);
        let growth = self.accumulator.batches[batch].try_append(entry, now_ms)?;
        Some((batch, growth))
    }

    fn bytes_for_new_batch(&self, entry: RecordEntry) -> u64 {
        u64::from(self.config.batch_size).max(size::batch_upper_bound(u64::from(entry.fixed_bytes)))
    }

    /// 5.2 step 2.10.
    fn open_batch(
        &mut self,
        append: &mut Append,
        sticky: Option<Sticky>,
        slot: Slot,
        tp: TopicPartition,
        now: Time,
    ) -> Appended {
        let write_limit = append.granted.take().unwrap_or_else(|| self.bytes_for_new_batch(append.entry));
        let new = NewBatch {
            slot,
            tp,
            now,
            now_ms: self.millis(now),
            write_limit,
            compressed: self.config.compression != Compression::None,
            ratio: self.accumulator.ratios.get(tp.topic.index()),
        };
        let batch = self.accumulator.batches.open(new, append.entry);
        self.accumulator.push_back(slot, batch);
        let bytes = self.accumulator.batches[batch].estimated_bytes();
        self.account(append, sticky, slot, bytes);
        Appended::Done { batch, tp, wake: true }
    }

    /// Fails an append; memory it holds goes back.
    pub(crate) fn release_grant(&mut self, append: &mut Append, exception: Exception) -> Appended {
        if let Some(bytes) = append.granted.take() {
            self.accumulator.pool.deallocate(bytes);
        }
        Appended::Failed(exception)
    }
}
