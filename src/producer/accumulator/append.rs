//! Appending a record (5.2): the partition, the open batch, or memory for a new one.
//!
//! Nearly every record goes into an open batch. That way, [`Producer::look`], is inlined into `send` and touches
//! little; everything else is in [`Producer::append_slowly`].

use crate::producer::Producer;
use crate::producer::application::AppThread;
use crate::producer::batch::{BatchId, NewBatch, RecordEntry};
use crate::producer::exception::Exception;
use crate::producer::pool::Allocation;
use crate::producer::topics::Slot;
use crate::protocol::compression::Compression;
use crate::protocol::size;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::time::Time;

/// Where a record goes, and who sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) topic: TopicId,
    /// `None`: the built-in partitioner chooses (5.2 step 1).
    pub(crate) partition: Option<u32>,
    pub(crate) thread: u32,
}

/// A record on its way into the accumulator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Append {
    pub(crate) target: Target,
    pub(crate) entry: RecordEntry,
    /// SEND-10: give up rather than open a batch, so that the partitioner is asked again.
    pub(crate) abort_on_new_batch: bool,
    /// Memory for a new batch has already been granted.
    pub(crate) granted: Option<u64>,
    /// Which choice of the built-in partitioner the loop has found to be without room.
    pub(crate) tried: Option<u32>,
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

/// What one round of the loop finds (5.2 steps 1 to 5).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    Done {
        batch: BatchId,
        tp: TopicPartition,
        wake: bool,
    },
    /// The topic, or the queue of this partition, has never been used.
    New {
        partition: u32,
    },
    /// BIP-6: the built-in partitioner has moved on.
    PartitionChanged,
    NoRoom {
        slot: Slot,
        tp: TopicPartition,
    },
}

impl Producer {
    /// 5.2 steps 1 to 5 for one record. Between choosing the built-in partition and using it nothing else can happen
    /// here, so the client's check for a partition that changed meanwhile reduces to that for enough bytes.
    #[inline(always)]
    pub(crate) fn look(&mut self, target: Target, entry: RecordEntry, now_ms: i64) -> Look {
        let (topic, sticky) = (target.topic, target.partition.is_none());
        let Some(info) = self.accumulator.topics.get_mut(topic.index()) else {
            return self.look_at_new_topic(target);
        };
        let partition = match target.partition {
            Some(partition) => partition,
            None => match info.built_in.current() {
                Some(partition) => partition,
                None => return self.look_at_new_topic(target),
            },
        };
        let Some(slot) = info.slot(partition) else { return Look::New { partition } };
        let tp = TopicPartition::new(topic, partition);
        let queue = &self.accumulator.queues[slot.index()];
        let (tail, several) = (queue.tail, queue.batches.len() > 1);
        let sticky_size = self.config.batch_size as i32;
        if sticky && info.built_in.has_enough(sticky_size) {
            let all_full = tail.is_none_or(|batch| self.accumulator.batches[batch].is_full());
            if all_full && self.account_bytes(target, 0, true) {
                return Look::PartitionChanged;
            }
        }
        let Some(batch) = tail.filter(|_| !self.accumulator.closed) else { return Look::NoRoom { slot, tp } };
        let open = &mut self.accumulator.batches[batch];
        let Some(growth) = open.try_append(entry, now_ms) else { return Look::NoRoom { slot, tp } };
        let full = open.is_full();
        if sticky && self.accumulator.topics[topic.index()].built_in.add(growth, sticky_size) {
            self.account_bytes(target, 0, full);
        }
        Look::Done { batch, tp, wake: several || full }
    }

    /// The first record of a topic, or the first that the built-in partitioner sees (BIP-1).
    #[cold]
    fn look_at_new_topic(&mut self, target: Target) -> Look {
        self.accumulator.ensure_topic(target.topic, &self.topics);
        let partition = target.partition.unwrap_or_else(|| {
            let partitions = self.view.partitions(target.topic);
            let draws = &mut self.threads[target.thread as usize].draws;
            self.accumulator.topics[target.topic.index()].built_in.peek(partitions, draws)
        });
        Look::New { partition }
    }

    /// 5.2 from wherever the first round led. Everything but the wait for memory happens at once.
    #[inline(always)]
    pub(crate) fn append_slowly(&mut self, append: &mut Append, first: Look, now: Time) -> Appended {
        let now_ms = self.millis(now);
        let mut look = first;
        loop {
            match look {
                Look::Done { batch, tp, wake } => {
                    if let Some(bytes) = append.granted.take() {
                        self.accumulator.pool.deallocate(bytes);
                    }
                    return Appended::Done { batch, tp, wake };
                }
                Look::New { partition } => {
                    let slot = self.topics.slot(TopicPartition::new(append.target.topic, partition));
                    self.accumulator.ensure_queue(slot, &self.topics, &self.view);
                }
                Look::PartitionChanged => {}
                Look::NoRoom { slot, tp } => {
                    append.last_partition = Some(tp.partition);
                    if self.accumulator.closed {
                        return self.release_grant(append, Exception::KafkaException);
                    }
                    if append.abort_on_new_batch {
                        return Appended::AbortedForNewBatch { partition: tp.partition };
                    }
                    // ACC-5: a batch is opened once the memory is in hand and the same choice is found without room
                    // again. After a wait the choice may be another one.
                    let tried = append.tried.replace(self.choice(append.target));
                    if append.granted.is_some() {
                        if tried == append.tried {
                            return self.open_batch(append, slot, tp, now);
                        }
                    } else {
                        let bytes = self.bytes_for_new_batch(append.entry);
                        match self.accumulator.pool.allocate(bytes) {
                            Allocation::Granted => {
                                append.granted = Some(bytes);
                                if append.target.partition.is_some() || self.accumulator.is_empty(slot) {
                                    // Another look would find the same.
                                    return self.open_batch(append, slot, tp, now);
                                }
                            }
                            Allocation::MustWait => return Appended::NeedsMemory { bytes },
                            Allocation::Impossible => {
                                return Appended::Failed(Exception::IllegalArgumentException);
                            }
                            Allocation::Closed => return Appended::Failed(Exception::KafkaException),
                        }
                    }
                }
            }
            look = self.look(append.target, append.entry, now_ms);
        }
    }

    /// 5.2 as a whole.
    pub(crate) fn append(&mut self, append: &mut Append, now: Time) -> Appended {
        let look = self.look(append.target, append.entry, self.millis(now));
        self.append_slowly(append, look, now)
    }

    /// BIP-3.
    fn account_bytes(&mut self, target: Target, bytes: u64, enable_switch: bool) -> bool {
        let AppThread { known, draws, .. } = &mut self.threads[target.thread as usize];
        let partitions = match known {
            Some(topic) => topic.partitions(),
            None => self.view.partitions(target.topic),
        };
        let built_in = &mut self.accumulator.topics[target.topic.index()].built_in;
        built_in.update(bytes, self.config.batch_size as i32, enable_switch, partitions, draws)
    }

    /// Which choice of the built-in partitioner a record goes to; 0 if it chooses nothing.
    fn choice(&self, target: Target) -> u32 {
        match target.partition {
            Some(_) => 0,
            None => self.accumulator.topics[target.topic.index()].built_in.choice(),
        }
    }

    fn bytes_for_new_batch(&self, entry: RecordEntry) -> u64 {
        u64::from(self.config.batch_size).max(size::batch_upper_bound(u64::from(entry.fixed_bytes)))
    }

    /// 5.2 step 2.10.
    #[inline(always)]
    fn open_batch(&mut self, append: &mut Append, slot: Slot, tp: TopicPartition, now: Time) -> Appended {
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
        if append.target.partition.is_none() {
            let opened = &self.accumulator.batches[batch];
            self.account_bytes(append.target, opened.estimated_bytes(), opened.is_full());
        }
        Appended::Done { batch, tp, wake: true }
    }

    /// Fails an append; memory it holds goes back.
    fn release_grant(&mut self, append: &mut Append, exception: Exception) -> Appended {
        if let Some(bytes) = append.granted.take() {
            self.accumulator.pool.deallocate(bytes);
        }
        Appended::Failed(exception)
    }
}
