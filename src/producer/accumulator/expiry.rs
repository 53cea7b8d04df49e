//! `delivery.timeout.ms` (5.8).

use crate::producer::Producer;
use crate::producer::batch::BatchId;

impl Producer {
    /// PB-2.
    pub(crate) fn has_reached_delivery_timeout(&self, batch: BatchId, now_ms: i64) -> bool {
        self.config.delivery_timeout_ms <= now_ms - self.accumulator.batches[batch].created_ms
    }

    /// The earliest time at which a batch expires, in epoch ms; `i64::MAX` if there is none (EXP-4).
    /// Batches are created in order of time, so the oldest incomplete one decides, unless it may be behind a younger one.
    #[inline]
    pub(crate) fn next_batch_expiry_ms(&self) -> i64 {
        let batches = &self.accumulator.batches;
        if batches.split_children > 0 || batches.retried > 0 {
            return self.next_expiry_of_first_ms();
        }
        batches.oldest_incomplete().map_or(i64::MAX, |batch| self.expiry_ms(batch))
    }

    #[inline]
    fn expiry_ms(&self, batch: BatchId) -> i64 {
        self.accumulator.batches[batch].created_ms.saturating_add(self.config.delivery_timeout_ms)
    }

    /// The client looks only at the first batch of each queue, and at the first in flight of each partition.
    fn next_expiry_of_first_ms(&self) -> i64 {
        let queues = self.accumulator.scan.iter().map(|slot| &self.accumulator.queues[slot.index()].batches);
        let queued = queues.filter_map(|batches| batches.front().copied());
        let first = queued.chain(self.first_in_flight());
        first.map(|batch| self.expiry_ms(batch)).min().unwrap_or(i64::MAX)
    }

    /// EXP-1: takes expired batches off their queues, in the order of `ready`.
    pub(crate) fn take_expired_queued(&mut self, now_ms: i64) -> Vec<BatchId> {
        let mut expired = Vec::new();
        for at in 0..self.accumulator.scan.len() {
            let slot = self.accumulator.scan[at];
            while let Some(&head) = self.accumulator.queues[slot.index()].batches.front() {
                if !self.has_reached_delivery_timeout(head, now_ms) {
                    break;
                }
                self.accumulator.pop_front(slot);
                expired.push(head);
            }
        }
        expired
    }
}
