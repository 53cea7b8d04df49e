//! `delivery.timeout.ms` (5.8).

use crate::producer::Producer;
use crate::producer::batch::BatchId;

impl Producer {
    /// PB-2.
    pub(crate) fn has_reached_delivery_timeout(&self, batch: BatchId, now_ms: i64) -> bool {
        self.config.delivery_timeout_ms <= now_ms - self.accumulator.batches[batch].created_ms
    }

    /// The earliest time at which a batch expires, in epoch ms; `i64::MAX` if there is none (EXP-4).
    /// Batches are created in order of time, so the oldest incomplete one decides; only children of splits are
    /// older than their place.
    #[inline]
    pub(crate) fn next_batch_expiry_ms(&self) -> i64 {
        let batches = &self.accumulator.batches;
        let oldest = if batches.split_children == 0 {
            batches.oldest_incomplete().map(|batch| batches[batch].created_ms)
        } else {
            batches.incomplete().map(|batch| batches[batch].created_ms).min()
        };
        oldest.map_or(i64::MAX, |created_ms| created_ms.saturating_add(self.config.delivery_timeout_ms))
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
