//! Producer id, epochs and sequence numbers: the part of `TransactionManager` that every idempotent producer has
//! (section 8). Transactions add their states, their request queue and their errors here.

use crate::planted::{PlantedBug, planted};
use crate::producer::accumulator::HeldBack;
use crate::producer::batch::{BatchId, NO_PRODUCER_ID, NO_SEQUENCE};
use crate::producer::exception::Exception;
use crate::producer::personality::{InitErrors, Personality};
use crate::producer::producer_id_reset::BrokenSequence;
use crate::producer::topics::Slot;
use crate::producer::{Output, Producer};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::BatchResult;

/// The states that an idempotent producer without transactions can be in (8.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Uninitialized,
    Initializing,
    Ready,
    AbortableError,
    FatalError,
}

/// A request of the `TransactionManager`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    FindCoordinator,
    InitProducerId,
}

/// Producer id and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProducerIdAndEpoch {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

impl ProducerIdAndEpoch {
    pub(crate) const NONE: ProducerIdAndEpoch = ProducerIdAndEpoch { id: NO_PRODUCER_ID, epoch: -1 };

    fn is_valid(self) -> bool {
        self.id != NO_PRODUCER_ID
    }
}

/// `TxnPartitionEntry` (8.1).
#[derive(Debug)]
pub(super) struct PartitionState {
    /// A batch has been numbered.
    used: bool,
    pid_epoch: ProducerIdAndEpoch,
    pub(super) next_sequence: i32,
    last_acked_sequence: i32,
    pub(super) last_acked_offset: i64,
    /// Batches with a sequence that are in flight or in retry, in the order of their keys
    /// ([`Producer::key_in_flight`]).
    pub(super) in_flight: Vec<BatchId>,
}

impl Default for PartitionState {
    fn default() -> PartitionState {
        PartitionState {
            used: false,
            pid_epoch: ProducerIdAndEpoch::NONE,
            next_sequence: 0,
            last_acked_sequence: NO_SEQUENCE,
            last_acked_offset: -1,
            in_flight: Vec::new(),
        }
    }
}

/// The idempotent half of `TransactionManager`.
#[derive(Debug)]
pub(crate) struct Idempotence {
    pub(crate) state: State,
    pub(crate) current: ProducerIdAndEpoch,
    pub(crate) last_error: Option<Exception>,
    /// A FindCoordinator waits to be sent, before the InitProducerId; true: it is a retry.
    queued_lookup: Option<bool>,
    /// An InitProducerId waits to be sent; true: it is a retry.
    queued_init: Option<bool>,
    pub(crate) init_in_flight: bool,
    pub(super) partitions: Vec<PartitionState>,
    /// EPO-1.
    rewrite: Vec<Slot>,
    /// UNR-1: partitions with a gap, and the sequence behind it.
    pub(super) unresolved: Vec<(Slot, i32)>,
}

/// SEQ-1: wraps from 2^31 - 1 to 0.
fn increment_sequence(sequence: i32, by: u32) -> i32 {
    (sequence as u32).wrapping_add(by) as i32 & i32::MAX
}

impl Idempotence {
    pub(crate) fn new() -> Idempotence {
        Idempotence {
            state: State::Uninitialized,
            current: ProducerIdAndEpoch::NONE,
            last_error: None,
            queued_lookup: None,
            queued_init: None,
            init_in_flight: false,
            partitions: Vec::new(),
            rewrite: Vec::new(),
            unresolved: Vec::new(),
        }
    }

    pub(crate) fn has_fatal_error(&self) -> bool {
        self.state == State::FatalError
    }

    /// There is a producer id, and nothing to be done about sequences, epochs or errors.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        self.state == State::Ready
            && self.current.is_valid()
            && self.queued_lookup.is_none()
            && self.queued_init.is_none()
            && !self.init_in_flight
            && self.rewrite.is_empty()
            && self.unresolved.is_empty()
    }

    #[inline]
    pub(crate) fn has_error(&self) -> bool {
        matches!(self.state, State::AbortableError | State::FatalError)
    }

    pub(crate) fn has_producer_id(&self) -> bool {
        self.current.is_valid()
    }

    /// The state of a partition, made on first use.
    pub(super) fn partition(&mut self, slot: Slot) -> &mut PartitionState {
        if self.partitions.len() <= slot.index() {
            self.partitions.resize_with(slot.index() + 1, PartitionState::default);
        }
        &mut self.partitions[slot.index()]
    }

    pub(super) fn looks_after(&self, slot: Slot) -> bool {
        self.partitions.get(slot.index()).is_some_and(|partition| partition.used)
    }

    pub(super) fn in_flight(&self, slot: Slot) -> &[BatchId] {
        self.partitions.get(slot.index()).map_or(&[], |partition| &partition.in_flight)
    }

    pub(super) fn unresolved(&self, slot: Slot) -> Option<i32> {
        self.unresolved.iter().find(|(other, _)| *other == slot).map(|(_, sequence)| *sequence)
    }

    /// SEQ-3.
    pub(super) fn is_next_sequence(&mut self, slot: Slot, sequence: i32) -> bool {
        sequence.wrapping_sub(self.partition(slot).last_acked_sequence) == 1
    }

    fn request_epoch_bump(&mut self, slot: Slot) {
        if !self.rewrite.contains(&slot) {
            self.rewrite.push(slot);
        }
    }

    pub(super) fn fail(&mut self, state: State, error: Exception) {
        self.state = state;
        self.last_error = Some(error);
    }

    /// PID-1: asks for a producer id if there is none.
    fn maybe_request_producer_id(&mut self) {
        if self.state != State::Initializing && !self.current.is_valid() {
            self.state = State::Initializing;
            self.queued_init = Some(false);
        }
    }

    /// Takes what is to be sent next, the lookup first; true: it is a retry.
    pub(crate) fn next_call(&mut self) -> Option<(Call, bool)> {
        let lookup = self.queued_lookup.take().map(|is_retry| (Call::FindCoordinator, is_retry));
        lookup.or_else(|| self.queued_init.take().map(|is_retry| (Call::InitProducerId, is_retry)))
    }

    pub(crate) fn queue_again(&mut self, call: Call) {
        match call {
            Call::FindCoordinator => self.queued_lookup = Some(true),
            Call::InitProducerId => self.queued_init = Some(true),
        }
    }

    /// PID-2, PID-3: an InitProducerId has been answered.
    pub(crate) fn init_answered(&mut self, producer_id: i64, epoch: i16, personality: &Personality) {
        self.current = ProducerIdAndEpoch { id: producer_id, epoch };
        if personality.init_errors == InitErrors::FatalAsTheyAre && self.has_fatal_error() {
            // This client does not take the answer for the end of what has befallen it meanwhile.
            return;
        }
        self.state = State::Ready;
        self.last_error = None;
    }

    /// PID-2, PID-3: an InitProducerId has failed.
    pub(crate) fn init_failed(&mut self, error: ErrorCode, personality: &Personality) {
        let seeks_coordinator =
            matches!(error, ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable);
        if seeks_coordinator && personality.init_errors != InitErrors::FatalAsTheyAre {
            (self.queued_lookup, self.queued_init) = (Some(false), Some(true));
            return;
        }
        let retriable = match personality.init_errors {
            InitErrors::MostlyFatal => matches!(
                error,
                // The first is what a broken connection leaves.
                ErrorCode::NetworkException
                    | ErrorCode::CoordinatorLoadInProgress
                    | ErrorCode::ConcurrentTransactions
            ),
            InitErrors::Recoverable | InitErrors::FatalAsTheyAre => personality.is_retriable(error),
        };
        if retriable {
            self.queued_init = Some(true);
            return;
        }
        let unauthorized = matches!(
            error,
            ErrorCode::ClusterAuthorizationFailed | ErrorCode::TransactionalIdAuthorizationFailed
        );
        match (personality.init_errors, error) {
            (InitErrors::Recoverable, _) if unauthorized => {
                self.fail(State::AbortableError, Exception::Broker(error));
            }
            (InitErrors::MostlyFatal, _) if unauthorized => {
                self.fail(State::FatalError, Exception::Broker(error));
            }
            (InitErrors::FatalAsTheyAre, _) => self.fail(State::FatalError, personality.exception(error)),
            (_, ErrorCode::InvalidProducerEpoch | ErrorCode::ProducerFenced) => {
                self.fail(State::FatalError, Exception::Broker(ErrorCode::ProducerFenced));
            }
            _ => self.fail(State::FatalError, Exception::KafkaException),
        }
    }
}

impl Producer {
    /// 6.2 steps 1 and 4: gaps that will never close, and epoch bumps asked for since the last turn.
    pub(crate) fn resolve_sequences(&mut self) {
        let drops_id = self.drops_id_at_gap();
        let Some(manager) = &mut self.idempotence else { return };
        if manager.unresolved.is_empty() {
            return;
        }
        if drops_id {
            return self.resolve_gaps_by_new_id();
        }
        // UNR-2.
        for (slot, sequence) in std::mem::take(&mut manager.unresolved) {
            if !manager.in_flight(slot).is_empty() {
                manager.unresolved.push((slot, sequence));
                continue;
            }
            let next = manager.partition(slot).next_sequence;
            if !manager.is_next_sequence(slot, next) {
                manager.request_epoch_bump(slot);
            }
        }
    }

    /// EPO-2, EPO-3, then PID-1.
    pub(crate) fn bump_epoch_if_needed(&mut self) {
        let Some(manager) = &mut self.idempotence else { return };
        let rewrite = std::mem::take(&mut manager.rewrite);
        if !rewrite.is_empty() {
            if manager.current.epoch == i16::MAX {
                manager.current = ProducerIdAndEpoch::NONE;
                manager.state = State::Uninitialized;
            } else {
                manager.current.epoch += i16::from(!planted(PlantedBug::EpochNotBumped));
            }
        }
        for slot in rewrite {
            self.start_sequences_at_beginning(slot);
            if let Some(manager) = &mut self.idempotence {
                manager.unresolved.retain(|(other, _)| *other != slot);
            }
        }
        if let Some(manager) = &mut self.idempotence {
            manager.maybe_request_producer_id();
        }
    }

    /// SEQ-4.
    pub(super) fn start_sequences_at_beginning(&mut self, slot: Slot) {
        let Some(manager) = &mut self.idempotence else { return };
        let current = manager.current;
        let partition = manager.partition(slot);
        let mut sequence = 0;
        for &batch in &partition.in_flight {
            let batch = &mut self.accumulator.batches[batch];
            batch.set_producer_state(current.id, current.epoch, sequence);
            batch.reopened = true;
            sequence = increment_sequence(sequence, batch.count());
        }
        partition.pid_epoch = current;
        partition.next_sequence = sequence;
        partition.last_acked_sequence = NO_SEQUENCE;
    }

    /// 5.5: whether the head of a partition has to wait, and with it the rest of its node.
    pub(crate) fn must_not_drain(&self, slot: Slot, head: BatchId) -> Option<HeldBack> {
        let manager = self.idempotence.as_ref()?;
        if manager.has_fatal_error() || !manager.current.is_valid() {
            return Some(HeldBack::NoProducerId);
        }
        let batches = &self.accumulator.batches;
        let in_flight = manager.in_flight(slot);
        if !batches[head].has_sequence() {
            let partition = manager.partitions.get(slot.index());
            let stale = !self.drops_id_at_gap() && partition.is_some_and(|p| p.pid_epoch != manager.current);
            if !in_flight.is_empty() && stale {
                return Some(HeldBack::StaleEpoch);
            }
            return manager.unresolved(slot).map(|_| HeldBack::UnresolvedSequence);
        }
        let is_behind = |first: &BatchId| batches[*first].base_sequence != batches[head].base_sequence;
        in_flight.first().is_some_and(is_behind).then_some(HeldBack::RetryOrder)
    }

    /// 8.2: a batch that leaves for the first time gets its numbers.
    pub(crate) fn number_batch(&mut self, slot: Slot, batch: BatchId) {
        let drops_id = self.drops_id_at_gap();
        let Some(manager) = &mut self.idempotence else { return };
        if self.accumulator.batches[batch].has_sequence() {
            return;
        }
        // EPO-4.
        let current = manager.current;
        if !drops_id && manager.partition(slot).pid_epoch != current && manager.in_flight(slot).is_empty() {
            self.start_sequences_at_beginning(slot);
        }
        let Some(manager) = &mut self.idempotence else { return };
        let partition = manager.partition(slot);
        partition.used = true;
        let sequence = partition.next_sequence;
        let count = self.accumulator.batches[batch].count();
        partition.next_sequence = increment_sequence(sequence, count);
        self.accumulator.batches[batch].set_producer_state(current.id, current.epoch, sequence);
        self.track_in_flight(slot, batch);
    }

    /// What the numbered batches of a partition are told apart by, (producer id, epoch, sequence); before KIP-360 by
    /// their sequence alone.
    fn key_in_flight(&self, batch: BatchId) -> (i64, i16, i32) {
        let batch = &self.accumulator.batches[batch];
        if self.drops_id_at_gap() {
            (0, 0, batch.base_sequence)
        } else {
            (batch.producer_id, batch.producer_epoch, batch.base_sequence)
        }
    }

    /// Adds a numbered batch to those of its partition that are not acknowledged, a set by their keys.
    pub(crate) fn track_in_flight(&mut self, slot: Slot, batch: BatchId) {
        let Some(manager) = &self.idempotence else { return };
        let (key, in_flight) = (self.key_in_flight(batch), manager.in_flight(slot));
        let after = in_flight.iter().rposition(|other| self.key_in_flight(*other) <= key);
        if after.is_some_and(|at| self.key_in_flight(in_flight[at]) == key) {
            return;
        }
        if let Some(manager) = &mut self.idempotence {
            manager.partition(slot).in_flight.insert(after.map_or(0, |at| at + 1), batch);
            self.accumulator.batches[batch].tracked = true;
        }
    }

    /// Takes the batch with the key of this one out of that set.
    pub(crate) fn untrack_in_flight(&mut self, slot: Slot, batch: BatchId) {
        let Some(manager) = &self.idempotence else { return };
        let in_flight = manager.in_flight(slot);
        let itself = in_flight.iter().position(|other| *other == batch);
        let Some(at) = itself.or_else(|| {
            let key = self.key_in_flight(batch);
            in_flight.iter().position(|other| self.key_in_flight(*other) == key)
        }) else {
            return;
        };
        if let Some(manager) = &mut self.idempotence {
            let other = manager.partition(slot).in_flight.remove(at);
            self.accumulator.batches[other].tracked = false;
            self.accumulator.batches.release_if_unused(other);
        }
    }

    /// SEQ-2.
    pub(crate) fn sequences_acked(&mut self, batch: BatchId, base_offset: i64) {
        if self.belongs_to_former_producer_id(batch) {
            return;
        }
        let Some(manager) = &mut self.idempotence else { return };
        let batch_ref = &self.accumulator.batches[batch];
        let partition = manager.partition(batch_ref.slot);
        partition.last_acked_sequence = partition.last_acked_sequence.max(batch_ref.last_sequence());
        if base_offset >= 0 {
            let last_offset = base_offset + i64::from(batch_ref.count()) - 1;
            partition.last_acked_offset = partition.last_acked_offset.max(last_offset);
        }
        let slot = batch_ref.slot;
        self.untrack_in_flight(slot, batch);
    }

    /// 8.6: whether a failed batch may be sent again, as far as sequences are concerned.
    pub(crate) fn sequences_allow_retry(
        &mut self,
        batch: BatchId,
        result: &BatchResult,
    ) -> Result<bool, BrokenSequence> {
        if self.drops_id_at_gap() {
            return self.former_sequences_allow_retry(batch, result);
        }
        let Some(manager) = &mut self.idempotence else {
            return Ok(self.personality.is_retriable(result.error));
        };
        let batch = &self.accumulator.batches[batch];
        let slot = batch.slot;
        Ok(match result.error {
            ErrorCode::UnknownProducerId => {
                if result.log_start_offset != -1 && !batch.reopened {
                    manager.request_epoch_bump(slot);
                }
                true
            }
            ErrorCode::OutOfOrderSequenceNumber => {
                let unresolved = manager.unresolved(slot);
                let earlier_missing = batch.reopened || !manager.is_next_sequence(slot, batch.base_sequence);
                if unresolved.is_none() && earlier_missing {
                    return Ok(true);
                }
                if unresolved.is_none_or(|sequence| sequence == batch.base_sequence) {
                    manager.request_epoch_bump(slot);
                }
                true
            }
            error => self.personality.is_retriable(error),
        })
    }

    /// 8.7: a batch has failed for good.
    pub(crate) fn sequences_failed(
        &mut self,
        batch: BatchId,
        error: Exception,
        adjust: bool,
    ) -> Result<(), BrokenSequence> {
        if self.drops_id_at_gap() {
            return self.former_sequences_failed(batch, error, adjust);
        }
        let Some(manager) = &mut self.idempotence else { return Ok(()) };
        let slot = self.accumulator.batches[batch].slot;
        if error.ends_idempotence() {
            manager.fail(State::FatalError, error);
        }
        let fatal = manager.has_fatal_error();
        let out_of_order = matches!(
            error,
            Exception::Broker(ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId)
        );
        if !fatal && (out_of_order || adjust) {
            manager.request_epoch_bump(slot);
        }
        self.untrack_in_flight(slot, batch);
        Ok(())
    }

    /// UNR-1: a batch in retry has expired; its records may or may not be in the log.
    pub(crate) fn mark_unresolved(&mut self, batch: BatchId) {
        let Some(manager) = &mut self.idempotence else { return };
        let batch = &self.accumulator.batches[batch];
        let (slot, next) = (batch.slot, batch.last_sequence().wrapping_add(1));
        match manager.unresolved.iter_mut().find(|(other, _)| *other == slot) {
            Some((_, sequence)) => *sequence = next.max(*sequence),
            None => manager.unresolved.push((slot, next)),
        }
    }

    /// 6.2 step 3: an error of InitProducerId that a later attempt may overcome. True: this turn of the loop is over.
    pub(crate) fn recover_from_abortable(&mut self, out: &mut Vec<Output>) -> bool {
        let Some(manager) = &mut self.idempotence else { return false };
        let (State::AbortableError, Some(error)) = (manager.state, manager.last_error) else { return false };
        manager.state = State::Uninitialized;
        manager.last_error = None;
        (manager.queued_lookup, manager.queued_init) = (None, None);
        self.abort_incomplete(error, out);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seq_1_numbers_wrap_to_zero() {
        assert_eq!(increment_sequence(i32::MAX, 100), 99);
        assert_eq!(increment_sequence(i32::MAX, i32::MAX as u32), i32::MAX - 1);
        assert_eq!(increment_sequence(5, 3), 8);
    }
}
