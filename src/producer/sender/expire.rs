//! `delivery.timeout.ms` in the sender's pass (SND-8, SND-9).

use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::topics::Slot;
use crate::producer::{Outcome, Output, Producer};

impl Producer {
    /// Fails what is too old, queued batches first; gives the time of the next expiry in epoch ms.
    #[inline]
    pub(super) fn expire_batches(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        let next_ms = self.next_batch_expiry_ms();
        if next_ms > now_ms { next_ms } else { self.expire_old_batches(now_ms, out) }
    }

    #[cold]
    fn expire_old_batches(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        let in_flight = self.expired_in_flight(now_ms);
        let queued = self.take_expired_queued(now_ms);
        for batch in queued.into_iter().chain(in_flight) {
            let outcome = Outcome::Failed { exception: Exception::TimeoutException };
            // No sequence is adjusted here, so none can become negative.
            let _ = self.fail_batch(batch, outcome, false, out);
            if self.accumulator.batches[batch].retry {
                self.mark_unresolved(batch);
            }
            self.accumulator.batches.release_if_unused(batch);
        }
        self.next_batch_expiry_ms()
    }

    /// What the sender waits for an answer to, in the order of sending.
    pub(crate) fn in_flight_by_drain(&self) -> Vec<BatchId> {
        let batches = &self.accumulator.batches;
        let mut in_flight: Vec<BatchId> =
            batches.incomplete().filter(|batch| batches[*batch].in_flight).collect();
        in_flight.sort_by_key(|batch| batches[*batch].drain_number);
        in_flight
    }

    /// EXP-3: per partition in the order of sending, up to the first that is young enough; partitions as in HSH-6.
    fn expired_in_flight(&self, now_ms: i64) -> Vec<BatchId> {
        let batches = &self.accumulator.batches;
        let in_flight = self.in_flight_by_drain();
        let mut slots: Vec<Slot> = in_flight.iter().map(|batch| batches[*batch].slot).collect();
        slots.sort_by_key(|slot| self.sender.in_flight[slot.index()].since);
        slots.dedup();
        let hash = |slot: &Slot| self.topics.partition_hash(*slot);
        if self.personality.computes_in_flight_maps {
            self.sender.in_flight_map.sort_computed(&mut slots, hash);
        } else {
            self.sender.in_flight_map.sort(&mut slots, hash);
        }
        let expired_of = |slot| {
            let of_slot = in_flight.iter().copied().filter(move |batch| batches[*batch].slot == slot);
            of_slot.take_while(|batch| self.has_reached_delivery_timeout(*batch, now_ms))
        };
        slots.into_iter().flat_map(expired_of).collect()
    }
}
