//! `RecordAccumulator`: one queue of batches per partition, and the memory they hold (section 5).
//!
//! The client walks all partitions at every turn of its loop. Here two sets of bits, one in the order of `ready` and
//! one in that of `drain`, name the partitions that hold something, so a turn costs what there is to send.

mod append;
mod drain;
mod expiry;
mod held_back;
mod ready;
mod requeue;

pub(crate) use append::{Append, Appended, Look, Target};
pub(crate) use drain::Drained;
pub use held_back::{Held, HeldBack};
pub(crate) use ready::{LoneBatch, ReadyCheck};

use std::collections::VecDeque;

use crate::planted::{PlantedBug, planted};
use crate::producer::batch::{BatchId, FinalState};
use crate::producer::batches::Batches;
use crate::producer::bits::Bits;
use crate::producer::compression::RatioEstimator;
use crate::producer::network::NodeIx;
use crate::producer::partitioner::built_in::BuiltIn;
use crate::producer::pool::BufferPool;
use crate::producer::topics::{Slot, Topics};
use crate::producer::view::{ClusterView, NO_EPOCH};
use crate::protocol::jvm;
use crate::values::ids::TopicId;

/// The queue of a partition, oldest batch first; only the last one can be open.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) batches: VecDeque<BatchId>,
    /// The last of them.
    tail: Option<BatchId>,
    /// For the order of records (`max.in.flight.requests.per.connection` 1); 0: not muted.
    pub(crate) muted_until_ms: i64,
    leader: Option<NodeIx>,
    leader_epoch: i32,
    /// Place in the order of `ready`.
    scan_place: u32,
    /// Place among its leader's partitions, the order of `drain`.
    drain_place: u32,
}

/// A topic's part of the accumulator (`TopicInfo`).
#[derive(Debug, Default)]
pub(crate) struct TopicInfo {
    pub(crate) built_in: BuiltIn,
    exists: bool,
    /// Its queues in map order (HSH-3).
    queues: Vec<Slot>,
    /// By partition: its queue, once it has been appended to.
    slots: Vec<Option<Slot>>,
}

impl TopicInfo {
    #[inline]
    fn slot(&self, partition: u32) -> Option<Slot> {
        self.slots.get(partition as usize).copied().flatten()
    }
}

/// `RecordAccumulator`.
#[derive(Debug)]
pub(crate) struct Accumulator {
    /// The queues of all topics are in one map.
    one_map: bool,
    pub(crate) batches: Batches,
    pub(crate) pool: BufferPool,
    pub(crate) ratios: RatioEstimator,
    pub(crate) queues: Vec<Queue>,
    pub(crate) topics: Vec<TopicInfo>,
    /// Topics in map order (HSH-4).
    topic_order: Vec<TopicId>,
    /// Queues in the order of `ready`, and which of them hold batches.
    scan: Vec<Slot>,
    filled: Bits,
    /// By node: which places of its list hold batches.
    filled_by_node: Vec<Bits>,
    /// Number of queues that hold batches.
    filled_count: usize,
    pub(crate) flushes: u32,
    pub(crate) closed: bool,
    queue_sizes: Vec<i32>,
    queue_ids: Vec<u32>,
    /// DRN-4: the drain index that clients before 3.3 share between nodes.
    shared_drain_index: u32,
}

impl Accumulator {
    pub(crate) fn new(
        buffer_memory: u64,
        batch_size: u32,
        one_map: bool,
        ratios: RatioEstimator,
    ) -> Accumulator {
        Accumulator {
            one_map,
            batches: Batches::default(),
            pool: BufferPool::new(buffer_memory, u64::from(batch_size)),
            ratios,
            queues: Vec::new(),
            topics: Vec::new(),
            topic_order: Vec::new(),
            scan: Vec::new(),
            filled: Bits::default(),
            filled_by_node: Vec::new(),
            filled_count: 0,
            flushes: 0,
            closed: false,
            queue_sizes: Vec::new(),
            queue_ids: Vec::new(),
            shared_drain_index: 0,
        }
    }

    /// Makes the entry of a topic, on its first record.
    fn ensure_topic(&mut self, topic: TopicId, topics: &Topics) {
        if self.topics.len() <= topic.index() {
            self.topics.resize_with(topic.index() + 1, TopicInfo::default);
        }
        if !self.topics[topic.index()].exists {
            self.topics[topic.index()].exists = true;
            jvm::put_copy_on_write(&mut self.topic_order, topic, |topic| topics.hash(*topic));
        }
    }

    /// Makes the queue of a partition, on its first append.
    fn ensure_queue(&mut self, slot: Slot, topics: &Topics, view: &ClusterView) {
        let tp = topics.partition(slot);
        self.ensure_topic(tp.topic, topics);
        let info = &mut self.topics[tp.topic.index()];
        if info.slot(tp.partition).is_some() {
            return;
        }
        if info.slots.len() <= tp.partition as usize {
            info.slots.resize(tp.partition as usize + 1, None);
        }
        info.slots[tp.partition as usize] = Some(slot);
        jvm::put_copy_on_write(&mut info.queues, slot, |slot| topics.partition(*slot).partition);
        if self.queues.len() <= slot.index() {
            self.queues.resize_with(slot.index() + 1, Queue::default);
        }
        self.index_scan(slot, topics);
        self.index_leaders(view);
    }

    /// Lays the queues, one of them new, out in the order in which `ready` walks them.
    fn index_scan(&mut self, new: Slot, topics: &Topics) {
        if self.one_map {
            jvm::put_copy_on_write(&mut self.scan, new, |slot| topics.partition_hash(*slot));
        } else {
            self.scan.clear();
            for topic in &self.topic_order {
                self.scan.extend_from_slice(&self.topics[topic.index()].queues);
            }
        }
        self.filled.reset(self.scan.len());
        for (place, slot) in self.scan.iter().enumerate() {
            let queue = &mut self.queues[slot.index()];
            queue.scan_place = place as u32;
            self.filled.set(place as u32, !queue.batches.is_empty());
        }
    }

    /// Takes over leaders and list orders of a new snapshot.
    pub(crate) fn index_leaders(&mut self, view: &ClusterView) {
        for bits in &mut self.filled_by_node {
            bits.reset(0);
        }
        for &slot in &self.scan {
            let queue = &mut self.queues[slot.index()];
            queue.leader = view.leader_node(slot);
            queue.leader_epoch = view.leader_epoch(slot);
            let Some(node) = queue.leader else { continue };
            queue.drain_place = view.place(slot);
            if self.filled_by_node.len() <= node.index() {
                self.filled_by_node.resize_with(node.index() + 1, Bits::default);
            }
            let bits = &mut self.filled_by_node[node.index()];
            if bits.is_empty_room() {
                bits.reset(view.led_by(node).len());
            }
            bits.set(queue.drain_place, !queue.batches.is_empty());
        }
    }

    /// A queue has got its first batch or lost its last one.
    #[inline(always)]
    fn note_filled(&mut self, slot: Slot, filled: bool) {
        let queue = &self.queues[slot.index()];
        self.filled.set(queue.scan_place, filled);
        if let Some(node) = queue.leader {
            self.filled_by_node[node.index()].set(queue.drain_place, filled);
        }
        if filled {
            self.filled_count += 1;
        } else {
            self.filled_count -= 1;
        }
    }

    #[inline(always)]
    pub(crate) fn push_back(&mut self, slot: Slot, batch: BatchId) {
        let queue = &mut self.queues[slot.index()];
        queue.batches.push_back(batch);
        queue.tail = Some(batch);
        if queue.batches.len() == 1 {
            self.note_filled(slot, true);
        }
    }

    pub(crate) fn insert(&mut self, slot: Slot, at: usize, batch: BatchId) {
        let queue = &mut self.queues[slot.index()];
        queue.batches.insert(at, batch);
        queue.tail = queue.batches.back().copied();
        if queue.batches.len() == 1 {
            self.note_filled(slot, true);
        }
    }

    #[inline(always)]
    pub(crate) fn pop_front(&mut self, slot: Slot) -> Option<BatchId> {
        let queue = &mut self.queues[slot.index()];
        let first = queue.batches.pop_front();
        if first.is_some() && queue.batches.is_empty() {
            queue.tail = None;
            self.note_filled(slot, false);
        }
        first
    }

    pub(crate) fn remove(&mut self, slot: Slot, batch: BatchId) {
        let queue = &mut self.queues[slot.index()];
        if let Some(at) = queue.batches.iter().position(|other| *other == batch) {
            queue.batches.remove(at);
            queue.tail = queue.batches.back().copied();
            if queue.batches.is_empty() {
                self.note_filled(slot, false);
            }
        }
    }

    /// Whether a queue holds no batch.
    fn is_empty(&self, slot: Slot) -> bool {
        self.queues[slot.index()].batches.is_empty()
    }

    /// ABT-6.
    pub(crate) fn has_undrained(&self) -> bool {
        self.filled_count > 0
    }

    /// Gives a batch's memory back, once; children of splits never had any from the pool (SPL-7).
    pub(crate) fn deallocate(&mut self, batch: BatchId) {
        let batch = &mut self.batches[batch];
        if planted(PlantedBug::BufferKept) && batch.final_state == Some(FinalState::Failed) {
            return;
        }
        let had_buffer = !batch.is_split || planted(PlantedBug::BufferOfPartsGivenBack);
        if std::mem::take(&mut batch.holds_buffer) && had_buffer {
            self.pool.deallocate(batch.write_limit);
        }
    }

    /// The epoch of a queue's leader, [`NO_EPOCH`] if unknown.
    fn leader_epoch(&self, slot: Slot) -> i32 {
        self.queues.get(slot.index()).map_or(NO_EPOCH, |queue| queue.leader_epoch)
    }
}
