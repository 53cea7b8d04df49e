//! Idempotence before KIP-360: a gap in the sequence numbers of one partition costs the producer id. All partitions start
//! again with a new one, and what was numbered under the former id is no longer looked after.

use crate::producer::Producer;
use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::idempotence::{ProducerIdAndEpoch, State};
use crate::producer::personality::GapRepair;
use crate::producer::topics::Slot;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::BatchResult;

/// A sequence number would fall below 0, cannot be changed, or is not looked after any more: the client throws out of the handling of a
/// response, and the rest of it is not looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenSequence;

impl Producer {
    #[inline]
    pub(super) fn drops_id_at_gap(&self) -> bool {
        self.personality.gap_repair == GapRepair::NewProducerId
    }

    /// A batch was numbered under a producer id that has been dropped since: it must not be sent again.
    pub(super) fn belongs_to_former_producer_id(&self, batch: BatchId) -> bool {
        let Some(manager) = self.idempotence.as_ref().filter(|_| self.drops_id_at_gap()) else {
            return false;
        };
        let batch = &self.accumulator.batches[batch];
        manager.current != ProducerIdAndEpoch { id: batch.producer_id, epoch: batch.producer_epoch }
    }

    /// The producer id has been dropped, and since then no batch of the partition has been numbered.
    pub(super) fn has_forgotten_sequences(&self, slot: Slot) -> bool {
        self.drops_id_at_gap() && self.idempotence.as_ref().is_some_and(|manager| !manager.looks_after(slot))
    }

    /// Gaps that will never close.
    pub(super) fn resolve_gaps_by_new_id(&mut self) {
        let Some(manager) = &mut self.idempotence else { return };
        let mut hopeless = false;
        for (slot, sequence) in std::mem::take(&mut manager.unresolved) {
            if !manager.in_flight(slot).is_empty() {
                manager.unresolved.push((slot, sequence));
                continue;
            }
            let next = manager.partition(slot).next_sequence;
            hopeless |= !manager.is_next_sequence(slot, next);
        }
        if hopeless {
            self.drop_producer_id();
        }
    }

    fn drop_producer_id(&mut self) {
        let Some(manager) = &mut self.idempotence else { return };
        manager.current = ProducerIdAndEpoch::NONE;
        manager.unresolved.clear();
        for partition in std::mem::take(&mut manager.partitions) {
            for batch in partition.in_flight {
                self.accumulator.batches[batch].tracked = false;
                self.accumulator.batches.release_if_unused(batch);
            }
        }
    }

    /// What 8.6 was: retriable errors are retried anyway; two others as long as the producer id is the same.
    pub(super) fn former_sequences_allow_retry(
        &mut self,
        batch: BatchId,
        result: &BatchResult,
    ) -> Result<bool, BrokenSequence> {
        if self.personality.is_retriable(result.error) {
            return Ok(true);
        }
        if self.belongs_to_former_producer_id(batch) {
            return Ok(false);
        }
        let Some(manager) = &mut self.idempotence else { return Ok(false) };
        let batch = &self.accumulator.batches[batch];
        let slot = batch.slot;
        Ok(match result.error {
            ErrorCode::OutOfOrderSequenceNumber => {
                manager.unresolved(slot).is_none()
                    && (batch.reopened || !manager.is_next_sequence(slot, batch.base_sequence))
            }
            ErrorCode::UnknownProducerId if result.log_start_offset == -1 || batch.reopened => true,
            ErrorCode::UnknownProducerId => {
                // The log's head is gone, and the broker's memory of the producer with it.
                let forgotten = manager.partition(slot).last_acked_offset < result.log_start_offset;
                if forgotten && self.has_unchangeable_sequences(slot) {
                    return Err(BrokenSequence);
                }
                if forgotten {
                    self.start_sequences_at_beginning(slot);
                }
                forgotten
            }
            _ => false,
        })
    }

    /// One of the partition's numbered batches can get no other number.
    fn has_unchangeable_sequences(&self, slot: Slot) -> bool {
        let in_flight = self.idempotence.as_ref().map_or(&[][..], |manager| manager.in_flight(slot));
        in_flight.iter().any(|batch| self.accumulator.batches[*batch].appends_aborted)
    }

    /// What 8.7 was.
    pub(super) fn former_sequences_failed(
        &mut self,
        batch: BatchId,
        error: Exception,
        adjust: bool,
    ) -> Result<(), BrokenSequence> {
        let former = self.belongs_to_former_producer_id(batch);
        let Some(manager) = &mut self.idempotence else { return Ok(()) };
        if error.ends_idempotence() {
            manager.fail(State::FatalError, error);
        }
        if former {
            return Ok(());
        }
        if let Exception::Broker(ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId) = error {
            self.drop_producer_id();
            return Ok(());
        }
        let slot = self.accumulator.batches[batch].slot;
        self.untrack_in_flight(slot, batch);
        if adjust { self.close_gap_of(slot, batch) } else { Ok(()) }
    }

    /// The broker has rejected a batch for good: those behind it move up.
    fn close_gap_of(&mut self, slot: Slot, failed: BatchId) -> Result<(), BrokenSequence> {
        let Some(manager) = &mut self.idempotence else { return Ok(()) };
        let batches = &mut self.accumulator.batches;
        let (base, count) = (batches[failed].base_sequence, batches[failed].count() as i32);
        let partition = manager.partition(slot);
        if partition.next_sequence < count {
            return Err(BrokenSequence);
        }
        partition.next_sequence -= count;
        for &other in &partition.in_flight {
            let other = &mut batches[other];
            if other.base_sequence < base {
                continue;
            }
            if other.base_sequence < count || other.appends_aborted {
                return Err(BrokenSequence);
            }
            let (id, epoch) = (other.producer_id, other.producer_epoch);
            other.set_producer_state(id, epoch, other.base_sequence - count);
            other.reopened = true;
        }
        Ok(())
    }
}
