//! What the end of a produce request means for its batches (section 7).

use crate::planted::{PlantedBug, planted};
use crate::producer::batch::{BatchId, FinalState};
use crate::producer::exception::Exception;
use crate::producer::network::{Ending, NodeIx, RequestId};
use crate::producer::producer_id_reset::BrokenSequence;
use crate::producer::topics::Slot;
use crate::producer::view::{Entry, Leader};
use crate::producer::{Outcome, Output, Producer};
use crate::protocol::error::ErrorCode;
use crate::protocol::jvm;
use crate::protocol::message::{BatchResult, LeaderHint};

/// A batch of a request that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    batch: BatchId,
    request: RequestId,
    /// Its place in the request.
    at: u32,
}

impl Producer {
    /// 7.1.
    pub(crate) fn produce_ended(
        &mut self,
        request: RequestId,
        ending: Ending,
        now_ms: i64,
        out: &mut Vec<Output>,
    ) {
        let result = match ending {
            Ending::Answered => return self.complete_answered(request, now_ms, out),
            Ending::Written => BatchResult::ok(-1),
            Ending::TimedOut if self.personality.tells_request_timeouts => {
                BatchResult::failed(ErrorCode::RequestTimedOut)
            }
            Ending::Disconnected | Ending::TimedOut => BatchResult::failed(ErrorCode::NetworkException),
        };
        // HSH-5: a map that was filled in the order of the drain.
        let mut parts = self.parts_of(request);
        parts.sort_unstable_by_key(|part| self.accumulator.batches[part.batch].drain_number);
        let capacity = jvm::capacity_for(parts.len());
        self.sort_as_map(&mut parts, capacity);
        let _ = parts.iter().try_for_each(|part| self.complete_batch(*part, &result, now_ms, out));
        self.sender.parts = parts;
    }

    /// CB-7: in the order of the response; then leader hints, then the latency.
    fn complete_answered(&mut self, request: RequestId, now_ms: i64, out: &mut Vec<Output>) {
        let mut hints = Vec::new();
        if self.personality.messages_are_maps {
            let mut parts = self.parts_of(request);
            self.sort_as_answer(request, &mut parts);
            self.sort_as_map(&mut parts, jvm::DEFAULT_CAPACITY);
            let done = parts.iter().try_for_each(|part| self.complete_part(*part, &mut hints, now_ms, out));
            self.sender.parts = parts;
            if done.is_err() {
                return;
            }
        } else {
            for at in 0..self.network.requests[request].batches.len() {
                let part = Part { batch: self.network.requests[request].batches[at], request, at: at as u32 };
                if self.complete_part(part, &mut hints, now_ms, out).is_err() {
                    return;
                }
            }
        }
        if self.personality.follows_leader_hints && !hints.is_empty() {
            self.follow_hints(&hints);
        }
        let latency_ms = now_ms - self.network.requests[request].created_ms;
        self.metrics.request_answered(latency_ms, now_ms);
    }

    /// What the response says of one batch.
    #[inline(always)]
    fn complete_part(
        &mut self,
        part: Part,
        hints: &mut Vec<(Slot, LeaderHint)>,
        now_ms: i64,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        let Some(&result) = self.network.requests[part.request].results.get(part.at as usize) else {
            return Ok(());
        };
        let result = BatchResult { error: self.personality.known(result.error), ..result };
        if let Some(hint) = result.leader_hint {
            hints.push((self.accumulator.batches[part.batch].slot, hint));
        }
        self.complete_batch(part, &result, now_ms, out)
    }

    /// The batches of a request, in the list that is kept for them.
    fn parts_of(&mut self, request: RequestId) -> Vec<Part> {
        let mut parts = std::mem::take(&mut self.sender.parts);
        parts.clear();
        let batches = &self.network.requests[request].batches;
        parts.extend((0..).zip(batches).map(|(at, &batch)| Part { batch, request, at }));
        parts
    }

    /// The order of an answer that a broker has built as a map by topic, filled in the order of the request.
    fn sort_as_answer(&mut self, request: RequestId, parts: &mut [Part]) {
        let (names, topics) = (&self.topics, &mut self.network.requests[request].topics);
        jvm::sort_as_computed_table(topics, jvm::DEFAULT_CAPACITY, |topic| names.hash(*topic));
        parts.sort_by_key(|part| {
            let topic = self.accumulator.batches[part.batch].partition().topic;
            topics.iter().position(|other| *other == topic)
        });
    }

    /// The order of a hash map by partition.
    fn sort_as_map(&self, parts: &mut [Part], capacity: usize) {
        let (topics, slab) = (&self.topics, &self.accumulator.batches);
        jvm::sort_as_table(parts, capacity, |part| topics.partition_hash(slab[part.batch].slot));
    }

    /// 7.2.
    fn complete_batch(
        &mut self,
        part: Part,
        result: &BatchResult,
        now_ms: i64,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        let batch = part.batch;
        self.leave_flight(batch, result.error);
        let ended = &self.accumulator.batches[batch];
        let (slot, count, done) = (ended.slot, ended.count(), ended.is_done());
        let handled = match result.error {
            // A duplicate is what was wanted, and not among the errors that are retried.
            ErrorCode::None | ErrorCode::DuplicateSequenceNumber => {
                self.succeed(batch, result.base_offset, out);
                Ok(())
            }
            ErrorCode::MessageTooLarge if count > 1 && !done => self.split_batch(batch, out),
            error => self.retry_or_fail(&part, error, result, now_ms, out),
        };
        if handled.is_err() {
            self.stay_in_flight(batch);
            return handled;
        }
        if self.personality.is_invalid_metadata(result.error) {
            self.metadata.request_update();
        }
        if self.max_in_flight == 1 {
            self.accumulator.queues[slot.index()].muted_until_ms = self.muted_until_ms(&part, now_ms);
        }
        self.accumulator.batches.release_if_unused(batch);
        Ok(())
    }

    /// 7.2 steps 2 and 4.
    fn retry_or_fail(
        &mut self,
        part: &Part,
        error: ErrorCode,
        result: &BatchResult,
        now_ms: i64,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        let batch = part.batch;
        if !self.can_retry(batch, result, now_ms)? {
            if planted(PlantedBug::ExhaustedRetriesAcked) {
                self.succeed(batch, -1, out);
                return Ok(());
            }
            let adjust = i64::from(self.accumulator.batches[batch].attempts) < i64::from(self.config.retries);
            let exception = self.personality.exception(error);
            return self.fail_batch(batch, self.failure(part, exception), adjust, out);
        }
        if self.belongs_to_former_producer_id(batch) {
            let exception = Exception::Broker(ErrorCode::OutOfOrderSequenceNumber);
            return self.fail_batch(batch, self.failure(part, exception), false, out);
        }
        self.retry(batch, error, now_ms, out)
    }

    /// 5.6.
    fn retry(
        &mut self,
        batch: BatchId,
        error: ErrorCode,
        now_ms: i64,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        self.reenqueue(batch, now_ms)?;
        self.metrics.record_retries += u64::from(self.accumulator.batches[batch].count());
        out.push(Output::Retried { batch, error });
        Ok(())
    }

    /// Until when a partition stays muted although its batch has come back; 0: it does not.
    fn muted_until_ms(&self, part: &Part, now_ms: i64) -> i64 {
        let throttle_ms = self.network.requests[part.request].throttle_time_ms;
        if self.personality.mutes_while_throttled && throttle_ms > 0 { now_ms + throttle_ms } else { 0 }
    }

    /// The answer to a batch has come, or will never come.
    fn leave_flight(&mut self, batch: BatchId, error: ErrorCode) {
        if !self.accumulator.batches[batch].is_ended() {
            self.forget_in_flight(batch);
        }
        let ended = &mut self.accumulator.batches[batch];
        ended.in_flight = false;
        ended.maybe_logged |= leaves_doubt(error);
        if ended.is_ended() {
            self.accumulator.deallocate(batch);
        }
    }

    /// An exception has kept the client from noting that a batch is no longer in flight: it expires there.
    #[cold]
    fn stay_in_flight(&mut self, batch: BatchId) {
        if self.accumulator.batches[batch].is_ended() {
            self.accumulator.batches.release_if_unused(batch);
        } else {
            self.note_in_flight(batch);
            self.accumulator.batches[batch].in_flight = true;
        }
    }

    /// 7.3.
    fn can_retry(
        &mut self,
        batch: BatchId,
        result: &BatchResult,
        now_ms: i64,
    ) -> Result<bool, BrokenSequence> {
        let attempts = i64::from(self.accumulator.batches[batch].attempts);
        if self.has_reached_delivery_timeout(batch, now_ms)
            || attempts >= i64::from(self.config.retries)
            || self.accumulator.batches[batch].is_done()
        {
            return Ok(false);
        }
        self.sequences_allow_retry(batch, result)
    }

    /// 7.2 step 3. A late success still counts for the sequences (7.7).
    fn succeed(&mut self, batch: BatchId, base_offset: i64, out: &mut Vec<Output>) {
        if self.idempotence.is_some() {
            self.sequences_acked(batch, base_offset);
        }
        if self.accumulator.batches[batch].is_done() {
            if planted(PlantedBug::CompletedTwice) {
                out.push(Output::Completed { batch, outcome: Outcome::Acked { base_offset } });
            }
            return;
        }
        self.accumulator.batches[batch].final_state = Some(FinalState::Succeeded);
        out.push(Output::Completed { batch, outcome: Outcome::Acked { base_offset } });
        self.end_batch(batch);
    }

    /// 7.2 step 1.
    fn split_batch(&mut self, batch: BatchId, out: &mut Vec<Output>) -> Result<(), BrokenSequence> {
        let slot = self.accumulator.batches[batch].slot;
        self.untrack_in_flight(slot, batch);
        self.split_and_reenqueue(batch, out)?;
        self.end_batch(batch);
        self.metrics.batch_splits += 1;
        Ok(())
    }

    /// 7.5.
    fn failure(&self, part: &Part, exception: Exception) -> Outcome {
        let errors = &self.network.requests[part.request].record_errors;
        if errors.iter().any(|(at, _)| *at == part.at) {
            return Outcome::FailedByRecord { exception, request: part.request, at: part.at };
        }
        Outcome::Failed { exception }
    }

    /// 7.6.
    fn follow_hints(&mut self, hints: &[(Slot, LeaderHint)]) {
        let mut entries = Vec::new();
        for &(slot, hint) in hints {
            let known =
                self.view.leader(slot).is_some() && self.metadata.is_newer_epoch(slot, hint.leader_epoch);
            let Some(node) = self.network.find(hint.node).filter(|_| known) else { continue };
            self.metadata.note_epoch(slot, hint.leader_epoch);
            entries.push(Entry { slot, leader: Leader { node: Some(node), epoch: hint.leader_epoch } });
        }
        if !entries.is_empty() {
            // The client gathers them in a hash map.
            let topics = &self.topics;
            jvm::sort_as_table(&mut entries, jvm::DEFAULT_CAPACITY, |entry| {
                topics.partition_hash(entry.slot)
            });
            self.view.merge(&entries, |_| true, &self.topics);
            self.put_leaders_first(hints);
            self.accumulator.index_leaders(&self.view);
        }
    }

    /// The snapshot's nodes are gathered anew, those of the response before the known ones: it shows where two share a
    /// bucket.
    fn put_leaders_first(&mut self, hints: &[(Slot, LeaderHint)]) {
        let leaders = hints.iter().filter_map(|(_, hint)| self.network.find(hint.node));
        let mut nodes: Vec<(NodeIx, i32)> = Vec::new();
        for node in leaders.chain(self.view.nodes.iter().copied()) {
            if nodes.iter().all(|(other, _)| *other != node) {
                nodes.push((node, self.network.id(node).0));
            }
        }
        self.view.set_nodes(nodes, true);
    }
}

/// Whether a batch may be in the log although this is what came of sending it.
fn leaves_doubt(error: ErrorCode) -> bool {
    if planted(PlantedBug::DisconnectLeavesNoDoubt) && error == ErrorCode::NetworkException {
        return false;
    }
    matches!(
        error,
        ErrorCode::NetworkException
            | ErrorCode::RequestTimedOut
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::KafkaStorageError
            | ErrorCode::UnknownServerError
    )
}
