//! `delivery.timeout.ms` in the sender's pass (SND-8, SND-9).

use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::topics::Slot;
use crate::producer::{Outcome, Output, Producer};
use crate::protocol::jvm;

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
            self.fail_batch(batch, outcome, false, out);
            if self.accumulator.batches[batch].retry {
                self.mark_unresolved(batch);
            }
            self.accumulator.batches.release_if_unused(batch);
        }
        self.next_batch_expiry_ms()
    }

    /// EXP-3: per partition in the order of sending, up to the first that is young enough; partitions as in HSH-6.
    fn expired_in_flight(&self, now_ms: i64) -> Vec<BatchId> {
        let in_flight = &self.sender.in_flight;
        let slots = (0..in_flight.len() as u32).map(Slot);
        let mut slots: Vec<Slot> = slots.filter(|slot| !in_flight[slot.index()].batches.is_empty()).collect();
        slots.sort_by_key(|slot| in_flight[slot.index()].since);
        let capacity = jvm::grown(jvm::DEFAULT_CAPACITY, self.sender.most_slots_in_flight);
        let hash = |slot: &Slot| self.topics.partition_hash(*slot);
        if self.personality.computes_in_flight_maps {
            jvm::sort_as_computed_table(&mut slots, capacity, hash);
        } else {
            jvm::sort_as_table(&mut slots, capacity, hash);
        }
        let expired_of = |slot: Slot| {
            let of_slot = in_flight[slot.index()].batches.iter().copied();
            of_slot.take_while(|batch| self.has_reached_delivery_timeout(*batch, now_ms))
        };
        slots.into_iter().flat_map(expired_of).collect()
    }
}
