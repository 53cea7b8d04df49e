//! Taking the oldest batch of every partition of a node (5.4), and when a partition may not be touched (5.5).

use super::LoneBatch;
use crate::producer::Producer;
use crate::producer::accumulator::HeldBack;
use crate::producer::batch::{BatchId, Reason};
use crate::producer::network::NodeIx;
use crate::producer::topics::Slot;
use crate::protocol::size::BATCH_OVERHEAD;

/// What one pass takes out of the accumulator; kept for its room.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    pub(crate) batches: Vec<BatchId>,
    /// Nodes that were drained, and which of the batches go there.
    pub(crate) nodes: Vec<(NodeIx, std::ops::Range<usize>)>,
}

impl Drained {
    pub(crate) fn clear(&mut self) {
        self.batches.clear();
        self.nodes.clear();
    }
}

impl Producer {
    /// 5.4 for one node: appends what leaves to `drained`, in order.
    pub(crate) fn drain_node(&mut self, node: NodeIx, drained: &mut Vec<BatchId>, now_ms: i64) {
        let parts = self.view.led_by(node).len() as u32;
        if parts == 0 {
            return;
        }
        let start = within(self.drain_index(node), parts);
        let mut bytes = 0u64;
        let mut taken = 0usize;
        // Places from `start` to the end, then from 0 to `start`: only those that hold batches matter.
        for (from, to) in [(start, parts), (0, start)] {
            let mut place = from;
            while let Some(at) = self.next_filled(node, place, to) {
                let slot = self.view.led_by(node)[at as usize];
                match self.try_drain(slot, bytes, taken, now_ms) {
                    Visit::Skip => {}
                    Visit::EndNode(why) => {
                        let behind = if to == parts { start } else { 0 };
                        self.note_node_held(node, &[(at, to), (0, behind)], why, now_ms);
                        self.stop_drain_at(node, at, parts);
                        return;
                    }
                    Visit::Take(batch) => {
                        bytes += u64::from(self.accumulator.batches[batch].encoded_bytes);
                        taken += 1;
                        drained.push(batch);
                    }
                }
                place = at + 1;
            }
        }
        // DRN-3: a full circle stops at the place before its start.
        self.stop_drain_at(node, before(start, parts), parts);
    }

    /// The same if there is but one batch to drain.
    #[inline(always)]
    pub(crate) fn drain_lone_batch(&mut self, lone: LoneBatch, now_ms: i64) -> Option<BatchId> {
        let LoneBatch { slot, node } = lone;
        let parts = self.view.led_by(node).len() as u32;
        let start = within(self.drain_index(node), parts);
        let visit = self.try_drain(slot, 0, 0, now_ms);
        let place = match visit {
            Visit::EndNode(why) => {
                self.note_held(slot, why, now_ms);
                self.view.place(slot)
            }
            Visit::Skip | Visit::Take(_) => before(start, parts),
        };
        self.stop_drain_at(node, place, parts);
        match visit {
            Visit::Take(batch) => Some(batch),
            Visit::Skip | Visit::EndNode(_) => None,
        }
    }

    #[inline]
    fn next_filled(&self, node: NodeIx, from: u32, to: u32) -> Option<u32> {
        self.accumulator.filled_by_node.get(node.index())?.next(from).filter(|at| *at < to)
    }

    fn drain_index(&self, node: NodeIx) -> u32 {
        if self.personality.drain_index_per_node {
            self.network[node].drain_index
        } else {
            self.accumulator.shared_drain_index
        }
    }

    /// Newer clients store the place they looked at last, older ones the place behind it (DRN-3, DRN-4).
    fn stop_drain_at(&mut self, node: NodeIx, place: u32, parts: u32) {
        if self.personality.drain_index_per_node {
            self.network[node].drain_index = place;
        } else {
            self.accumulator.shared_drain_index = within(place + 1, parts);
        }
    }

    /// 5.4 steps 3.2 to 3.7 for one partition that holds batches.
    #[inline(always)]
    fn try_drain(&mut self, slot: Slot, bytes: u64, taken: usize, now_ms: i64) -> Visit {
        let queue = &self.accumulator.queues[slot.index()];
        if queue.muted_until_ms > now_ms {
            self.note_held(slot, HeldBack::Muted, now_ms);
            return Visit::Skip;
        }
        let Some(&head) = queue.batches.front() else { return Visit::Skip };
        let (several, epoch) = (queue.batches.len() > 1, self.accumulator.leader_epoch(slot));
        self.accumulator.batches[head].update_leader_epoch(epoch);
        if self.is_backing_off(head, now_ms) {
            self.note_held(slot, HeldBack::Backoff, now_ms);
            return Visit::Skip;
        }
        let batch = &self.accumulator.batches[head];
        let too_much = bytes + batch.estimated_bytes() > u64::from(self.config.max_request_size) && taken > 0;
        if too_much {
            return Visit::EndNode(HeldBack::RequestSize);
        }
        if let Some(why) = self.must_not_drain(slot, head) {
            return Visit::EndNode(why);
        }
        let reason = self.ready_reason(batch, several, batch.waited_ms(now_ms)).unwrap_or(Reason::Piggyback);
        self.accumulator.batches[head].reason = reason;
        self.accumulator.pop_front(slot);
        if self.idempotence.is_some() {
            self.number_batch(slot, head);
        }
        self.build(head);
        let batch = &mut self.accumulator.batches[head];
        batch.drained_ms = batch.drained_ms.max(now_ms);
        Visit::Take(head)
    }

    /// Closes a batch: its size is known now, and the estimate of its topic learns from it (CRE-3).
    #[inline(always)]
    fn build(&mut self, id: BatchId) {
        let batch = &mut self.accumulator.batches[id];
        batch.close_for_appends();
        batch.reopened = false;
        if batch.encoded_bytes == 0 {
            let records = match &mut self.codec {
                Some(codec) => codec.compressed_bytes(batch, &self.tails),
                None => batch.uncompressed_bytes(),
            };
            batch.encoded_bytes = (u64::from(BATCH_OVERHEAD) + records).min(u64::from(u32::MAX)) as u32;
        }
        if self.codec.is_some() {
            let (topic, ratio) = (batch.partition().topic, batch.compression_ratio());
            self.accumulator.ratios.observe(topic.index(), ratio);
        }
    }
}

/// `index % parts`; mostly it is already below, and a division takes its time.
#[inline]
fn within(index: u32, parts: u32) -> u32 {
    if index < parts { index } else { index % parts }
}

/// The place before `index` in a circle of `parts`.
#[inline]
fn before(index: u32, parts: u32) -> u32 {
    index.checked_sub(1).unwrap_or(parts - 1)
}

enum Visit {
    Skip,
    /// The rest of the node stays as well.
    EndNode(HeldBack),
    Take(BatchId),
}
