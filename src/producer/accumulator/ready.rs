//! Which nodes have something to send, and when to look again (5.3).

use crate::producer::Producer;
use crate::producer::accumulator::HeldBack;
use crate::producer::batch::{Batch, Reason};
use crate::producer::network::{NodeIx, draw_backoff};
use crate::producer::topics::Slot;
use crate::protocol::jvm;
use crate::values::ids::TopicId;

/// Result of [`Producer::check_ready`].
#[derive(Debug, Default)]
pub(crate) struct ReadyCheck {
    /// Nodes in set order (HSH-2).
    pub(crate) nodes: Vec<NodeIx>,
    /// Time to the next check in ms, `i64::MAX`: no need.
    pub(crate) next_check_ms: i64,
    /// Topics with data for partitions without leader.
    pub(crate) unknown_leader: Vec<TopicId>,
}

/// The only batch that waits, which has never been sent and may leave: its queue and its node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoneBatch {
    pub(crate) slot: Slot,
    pub(crate) node: NodeIx,
}

impl Producer {
    /// What [`Producer::check_ready`] comes to if there is no more than that; `None` if there is more to it.
    #[inline(always)]
    pub(crate) fn lone_batch(&mut self, now_ms: i64) -> Option<LoneBatch> {
        if self.accumulator.filled_count > 1 {
            return None;
        }
        let place = self.accumulator.filled.next(0)?;
        let slot = self.accumulator.scan[place as usize];
        let queue = &self.accumulator.queues[slot.index()];
        let (node, epoch) = (queue.leader?, queue.leader_epoch);
        if queue.muted_until_ms > now_ms || queue.batches.len() > 1 {
            return None;
        }
        let head = queue.tail?;
        let batch = &self.accumulator.batches[head];
        if batch.attempts > 0 {
            return None;
        }
        self.ready_reason(batch, false, batch.waited_ms(now_ms))?;
        self.accumulator.batches[head].update_leader_epoch(epoch);
        Some(LoneBatch { slot, node })
    }

    /// `RecordAccumulator.ready`.
    pub(crate) fn check_ready(&mut self, check: &mut ReadyCheck, now_ms: i64) {
        check.nodes.clear();
        check.unknown_leader.clear();
        check.next_check_ms = i64::MAX;
        let mut place = 0;
        while let Some(at) = self.accumulator.filled.next(place) {
            self.check_queue(self.accumulator.scan[at as usize], check, now_ms);
            place = at + 1;
        }
        if self.adaptive {
            self.update_load();
        }
        if check.nodes.len() > 1 {
            let network = &self.network;
            jvm::sort_as_table(&mut check.nodes, jvm::DEFAULT_CAPACITY, |node| network[*node].node_hash);
        }
    }

    /// 5.3 steps 2 to 6 for one queue that holds batches.
    #[inline]
    fn check_queue(&mut self, slot: Slot, check: &mut ReadyCheck, now_ms: i64) {
        let queue = &self.accumulator.queues[slot.index()];
        let (leader, epoch, muted) = (queue.leader, queue.leader_epoch, queue.muted_until_ms > now_ms);
        let (head, several) = (queue.batches[0], queue.batches.len() > 1);
        self.accumulator.batches[head].update_leader_epoch(epoch);
        let backing_off = self.is_backing_off(head, now_ms);
        let Some(leader) = leader else {
            self.note_held(slot, HeldBack::LeaderUnknown, now_ms);
            let topic = self.topics.partition(slot).topic;
            if !check.unknown_leader.contains(&topic) {
                check.unknown_leader.push(topic);
            }
            return;
        };
        if muted {
            self.note_held(slot, HeldBack::Muted, now_ms);
            return;
        }
        if check.nodes.contains(&leader) {
            return;
        }
        let batch = &self.accumulator.batches[head];
        let waited_ms = batch.waited_ms(now_ms);
        let to_wait_ms = if backing_off {
            let attempts = batch.attempts.saturating_sub(1);
            draw_backoff(&self.retry_backoff, attempts, &mut self.sender_draws)
        } else {
            self.config.linger_ms
        };
        if !backing_off && (waited_ms >= to_wait_ms || self.ready_reason(batch, several, waited_ms).is_some())
        {
            check.nodes.push(leader);
        } else {
            if backing_off {
                self.note_held(slot, HeldBack::Backoff, now_ms);
            }
            check.next_check_ms = check.next_check_ms.min((to_wait_ms - waited_ms).max(0));
        }
    }

    /// RND-3: a draw at every look at a batch that has failed before.
    pub(crate) fn is_backing_off(&mut self, batch: crate::producer::batch::BatchId, now_ms: i64) -> bool {
        let batch = &self.accumulator.batches[batch];
        let Some(attempts) = batch.attempts.checked_sub(1) else { return false };
        let (waited_ms, leader_changed) = (
            batch.waited_ms(now_ms),
            self.personality.follows_leader_hints && batch.leader_changed_for_retry(),
        );
        let backoff_ms = draw_backoff(&self.retry_backoff, attempts, &mut self.sender_draws);
        waited_ms < backoff_ms && !leader_changed
    }

    /// The first reason for which a batch at the head of its queue may go, in the client's order.
    #[inline(always)]
    pub(crate) fn ready_reason(&self, batch: &Batch, several: bool, waited_ms: i64) -> Option<Reason> {
        if several || batch.is_full() {
            Some(Reason::Full)
        } else if waited_ms >= self.config.linger_ms {
            Some(Reason::Linger)
        } else if self.accumulator.pool.queued() > 0 {
            Some(Reason::Memory)
        } else if self.accumulator.closed {
            Some(Reason::Close)
        } else if self.accumulator.flushes > 0 {
            Some(Reason::Flush)
        } else {
            None
        }
    }

    /// 2.6: queue lengths become weights for the next draws.
    pub(crate) fn update_load(&mut self) {
        let (mut sizes, mut ids) = (
            std::mem::take(&mut self.accumulator.queue_sizes),
            std::mem::take(&mut self.accumulator.queue_ids),
        );
        for at in 0..self.accumulator.topic_order.len() {
            let topic = self.accumulator.topic_order[at];
            let queues = self.accumulator.topics[topic.index()].queues.len();
            if queues < self.view.partition_count(topic).unwrap_or(0) as usize {
                self.accumulator.topics[topic.index()].built_in.forget_load();
                continue;
            }
            let claimed = self.claim_queues(topic, &mut sizes, &mut ids);
            self.accumulator.topics[topic.index()].built_in.set_load(&sizes, &ids, claimed);
        }
        (self.accumulator.queue_sizes, self.accumulator.queue_ids) = (sizes, ids);
    }

    /// ADP-2 to ADP-5. A slot that a slow node gave up keeps its old length if the next claimant's queue is empty,
    /// as in the client.
    fn claim_queues(&self, topic: TopicId, sizes: &mut Vec<i32>, ids: &mut Vec<u32>) -> usize {
        let queues = &self.accumulator.topics[topic.index()].queues;
        sizes.clear();
        sizes.resize(queues.len(), 0);
        ids.clear();
        ids.resize(queues.len(), 0);
        let mut claimed = 0;
        for &slot in queues {
            let queue = &self.accumulator.queues[slot.index()];
            let Some(leader) = queue.leader else { continue };
            ids[claimed] = self.topics.partition(slot).partition;
            claimed += 1;
            if !queue.batches.is_empty() {
                sizes[claimed - 1] = queue.batches.len() as i32;
                if self.is_slow(leader) {
                    claimed -= 1;
                }
            }
        }
        claimed
    }

    /// AVL-4.
    fn is_slow(&self, node: NodeIx) -> bool {
        let timeout_ms = self.config.partitioner_availability_timeout_ms;
        let node = &self.network[node];
        timeout_ms > 0 && node.ready_ms - node.drain_ms > timeout_ms
    }

    /// AVL-2, AVL-3.
    pub(crate) fn update_node_latency(&mut self, node: NodeIx, now_ms: i64, can_drain: bool) {
        if self.config.partitioner_availability_timeout_ms <= 0 {
            return;
        }
        let node = &mut self.network[node];
        if can_drain || node.ready_ms == 0 {
            node.drain_ms = now_ms;
        }
        node.ready_ms = now_ms;
    }
}
