//! `delivery.timeout.ms` (5.8).

use crate::producer::Producer;
use crate::producer::batch::BatchId;
use crate::producer::topics::Slot;

impl Producer {
    /// PB-2.
    pub(crate) fn has_reached_delivery_timeout(&self, batch: BatchId, now_ms: i64) -> bool {
        self.config.delivery_timeout_ms <= now_ms - self.accumulator.batches[batch].created_ms
    }

    /// The earliest time at which a batch expires, in epoch ms; `i64::MAX` if there is none (EXP-4).
    /// Batches are created in order of time, so the oldest incomplete one decides, unless some are older than their
    /// place.
    #[inline]
    pub(crate) fn next_batch_expiry_ms(&self) -> i64 {
        let batches = &self.accumulator.batches;
        let oldest = if batches.are_in_order() {
            batches.oldest_incomplete().map(|batch| batches[batch].created_ms)
        } else {
            self.oldest_looked_at_ms()
        };
        oldest.map_or(i64::MAX, |created_ms| created_ms.saturating_add(self.config.delivery_timeout_ms))
    }

    /// EXP-2, EXP-3: of each queue, and of each partition in flight, only the first batch is looked at. An older one
    /// behind it waits for its turn.
    #[cold]
    fn oldest_looked_at_ms(&self) -> Option<i64> {
        let (accumulator, batches) = (&self.accumulator, &self.accumulator.batches);
        let mut oldest: Option<i64> = None;
        let mut note = |batch: BatchId| {
            let created_ms = batches[batch].created_ms;
            oldest = Some(oldest.map_or(created_ms, |oldest| oldest.min(created_ms)));
        };
        let mut place = 0;
        while let Some(at) = accumulator.filled.next(place) {
            note(accumulator.queues[accumulator.scan[at as usize].index()].batches[0]);
            place = at + 1;
        }
        let mut seen: Vec<Slot> = Vec::new();
        for batch in self.in_flight_by_drain() {
            if !seen.contains(&batches[batch].slot) {
                seen.push(batches[batch].slot);
                note(batch);
            }
        }
        oldest
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
                self.accumulator.batches[head].appends_aborted = true;
                expired.push(head);
            }
        }
        expired
    }
}
