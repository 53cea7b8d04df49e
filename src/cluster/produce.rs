//! Produce requests in a broker: validation in Kafka's order (11.2), append, and who is answered when (11.3).

use super::Cluster;
use super::broker::Taken;
use super::connections::ConnectionIx;
use super::injections::Injected;
use super::partition::PartitionIx;
use super::purgatory::{Answer, Wait};
use super::quota::Use;
use super::requests::RequestIx;
use super::sequences::Verdict;
use crate::planted::{PlantedBug, planted};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Acks, BatchResult, LeaderHint, ProduceBatch};
use crate::values::time::{Span, Time};

impl Cluster {
    /// Appends what is valid. With acks=all the answer may have to wait for followers.
    pub(super) fn append_request(&mut self, now: Time, taken: Taken, acks: Acks, timeout_ms: i64) {
        let Taken { broker, connection, request, .. } = taken;
        if !self.injections.is_empty() && self.meets_mishap(connection, broker, request, acks) {
            return self.unmute(now, connection);
        }
        if !self.marks.is_empty() {
            self.note_marks(broker, request);
        }
        let response = self.responses.open();
        // A recorded response time has the wait for followers in it.
        let waits_for_followers = acks == Acks::All
            && self.brokers[broker as usize].spec.recorded.is_none()
            && !planted(PlantedBug::AckBeforeHighWatermark);
        let mut failed = false;
        for at in 0..self.requests[request].batches.len() {
            let batch = self.requests[request].batches[at];
            let end = self.end_before(broker, &batch);
            let result = match self.injections.is_empty() {
                true => self.append_batch(now, broker, acks, &batch),
                false => self.append_or_err(now, broker, acks, &batch),
            };
            self.note_served((broker, request, at), end, &batch, &result);
            self.responses.push(response, result);
            failed |= result.error != ErrorCode::None;
            if waits_for_followers
                && let Some((partition, offset)) = self.uncommitted(broker, &batch, &result)
            {
                self.purgatory.expect(Wait { partition, offset, at: at as u32 });
            }
        }
        self.answer_waiting_fetches(now, broker);
        if acks == Acks::None {
            self.responses.release(response);
            match failed {
                true => self.drop_connection(connection),
                false => self.unmute_or_throttle(now, connection, request),
            }
        } else {
            let (token, had) = (self.requests[request].token, self.requests[request].had());
            let answer = Answer { broker, connection, token, response, had };
            if self.purgatory.expects_nothing() {
                self.answer_produce(now, answer);
            } else {
                let timeout = Span::from_millis(timeout_ms.max(0).unsigned_abs());
                self.purgatory.insert(now, answer, timeout);
            }
        }
    }

    /// QUO-4: without an answer only the broker's mute throttles.
    fn unmute_or_throttle(&mut self, now: Time, connection: ConnectionIx, request: RequestIx) {
        let had = Use { time: Span::ZERO, ..self.requests[request].had() };
        match self.throttle_ms(now, connection, had) {
            0 => self.unmute(now, connection),
            throttle_ms => self.throttle(now, connection, throttle_ms),
        }
    }

    /// A planned mishap of the whole request. True: it is lost. Of an answer that is to be lost, the connection makes a
    /// note.
    #[cold]
    fn meets_mishap(
        &mut self,
        connection: ConnectionIx,
        broker: u32,
        request: RequestIx,
        acks: Acks,
    ) -> bool {
        let batches = &self.requests[request].batches;
        if self.injections.strikes(broker, batches, Injected::LoseRequest) {
            self.break_connection(connection);
            return true;
        }
        if acks != Acks::None && self.injections.strikes(broker, batches, Injected::LoseResponse) {
            self.connections[connection].loses_answer = true;
        }
        false
    }

    /// The request concerns a broker that is watched: it is served there, or its data goes there.
    #[cold]
    fn note_marks(&mut self, broker: u32, request: RequestIx) {
        let batches = &self.requests[request].batches;
        let partitions: Vec<PartitionIx> =
            batches.iter().filter_map(|batch| self.partition(batch.tp)).collect();
        let has_replica = |watched| {
            let is_it = |ix: &PartitionIx| {
                self.partitions[ix.index()].replicas.iter().any(|replica| replica.broker == watched)
            };
            partitions.iter().any(is_it)
        };
        self.marks.concerning(|watched| watched == broker || has_replica(watched));
    }

    /// A batch may be answered with a planned error.
    #[cold]
    fn append_or_err(&mut self, now: Time, broker: u32, acks: Acks, batch: &ProduceBatch) -> BatchResult {
        let Some((error, after_append)) = self.injections.error_for(broker, batch) else {
            return self.append_batch(now, broker, acks, batch);
        };
        if after_append {
            self.append_batch(now, broker, acks, batch);
        }
        BatchResult::failed(error)
    }

    #[inline(always)]
    fn append_batch(&mut self, now: Time, broker: u32, acks: Acks, batch: &ProduceBatch) -> BatchResult {
        let Some(ix) = self.partition(batch.tp) else {
            return BatchResult::failed(ErrorCode::UnknownTopicOrPartition);
        };
        let partition = &self.partitions[ix.index()];
        if partition.leader != Some(broker) {
            if let Some(at) = partition.deposed.iter().position(|deposed| deposed.broker == broker) {
                return self.append_at_deposed(now, ix, at, acks, batch);
            }
            return BatchResult {
                leader_hint: self.leader_hint(ix, broker),
                ..BatchResult::failed(ErrorCode::NotLeaderOrFollower)
            };
        }
        if acks == Acks::All && partition.is_under_min_isr() {
            return BatchResult::failed(ErrorCode::NotEnoughReplicas);
        }
        if batch.bytes > partition.max_message_bytes {
            return BatchResult::failed(ErrorCode::MessageTooLarge);
        }
        // These three answers say where the log begins.
        let log_start_offset = partition.segments.log_start as i64;
        if self.logs.producers_go_with_records && partition.sequences.have_forgotten(batch) {
            let unknown = BatchResult::failed(ErrorCode::UnknownProducerId);
            return BatchResult { log_start_offset, ..unknown };
        }
        let result = match partition.sequences.check(batch) {
            Verdict::Reject(error) => BatchResult::failed(error),
            Verdict::Duplicate { .. } if planted(PlantedBug::DuplicateAckedAtOnce) => BatchResult::ok(-1),
            Verdict::Duplicate { offset } => BatchResult::ok(offset as i64),
            Verdict::Append => BatchResult::ok(self.append_at_leader(now, ix, batch) as i64),
        };
        BatchResult { log_start_offset, ..result }
    }

    /// Whom a broker takes for the leader.
    pub(super) fn leader_hint(&self, ix: PartitionIx, broker: u32) -> Option<LeaderHint> {
        let known = self.partitions[ix.index()].elections.known_at(self.brokers[broker as usize].heard);
        let node = self.brokers[known.leader? as usize].node;
        Some(LeaderHint { node, leader_epoch: known.epoch })
    }

    /// A leader that has not heard of its successor appends to its own log; what it promises on its own is lost. Nobody
    /// fetches from it, so acks=all waits until it hears.
    #[cold]
    fn append_at_deposed(
        &mut self,
        now: Time,
        ix: PartitionIx,
        at: usize,
        acks: Acks,
        batch: &ProduceBatch,
    ) -> BatchResult {
        let number = self.next_flush;
        let partition = &mut self.partitions[ix.index()];
        let (broker, is_too_small) = (partition.deposed[at].broker, partition.is_under_min_isr());
        if acks == Acks::All && is_too_small {
            return BatchResult::failed(ErrorCode::NotEnoughReplicas);
        }
        if batch.bytes > partition.max_message_bytes {
            return BatchResult::failed(ErrorCode::MessageTooLarge);
        }
        match partition.deposed[at].sequences.check(batch) {
            Verdict::Reject(error) => return BatchResult::failed(error),
            Verdict::Duplicate { offset } => return BatchResult::ok(offset as i64),
            Verdict::Append => {}
        }
        if let Some(replica) = partition.replica(broker) {
            replica.note_flush(number);
        }
        let (records, bytes) = (u64::from(batch.records), u64::from(batch.bytes));
        let Some(base) = partition.append_at_deposed(broker, records, bytes) else {
            return BatchResult::failed(ErrorCode::NotLeaderOrFollower);
        };
        partition.deposed[at].sequences.appended(now, batch, base);
        let epoch = partition.deposed[at].epoch;
        self.audit_append(ix, epoch, base, batch);
        self.counters.appends_at_deposed_leaders += 1;
        BatchResult::ok(base as i64)
    }

    /// Gives the base offset.
    #[inline(always)]
    fn append_at_leader(&mut self, now: Time, ix: PartitionIx, batch: &ProduceBatch) -> u64 {
        if now >= self.next_flush_at {
            self.pass_flush(now);
        }
        let number = self.next_flush;
        if self.partitions[ix.index()].needs_roll(now, batch.bytes) {
            self.roll_segment(now, ix);
        }
        let partition = &mut self.partitions[ix.index()];
        partition.segments.appended(now);
        let base = partition.append(number, u64::from(batch.records), u64::from(batch.bytes));
        let leader_epoch = partition.leader_epoch;
        partition.sequences.appended(now, batch, base);
        if partition.is_replicated() {
            self.note_append(now, ix, base);
            self.advance_high_watermark(now, ix);
        } else {
            partition.high_watermark = base + u64::from(batch.records);
        }
        self.audit_append(ix, leader_epoch, base, batch);
        base
    }

    /// The operating system writes its logs to disk.
    #[cold]
    fn pass_flush(&mut self, now: Time) {
        self.next_flush = self.flush_number(now);
        let every = self.replication.os_flush_interval.0.max(1);
        self.next_flush_at = Time(self.next_flush.saturating_mul(every));
    }

    /// Where the high watermark must be before a stored batch, new or duplicate, can be confirmed to acks=all. A leader
    /// that is deposed cannot confirm anything.
    fn uncommitted(
        &self,
        broker: u32,
        batch: &ProduceBatch,
        result: &BatchResult,
    ) -> Option<(PartitionIx, u64)> {
        let base = u64::try_from(result.base_offset).ok()?;
        let ix = self.partition(batch.tp)?;
        let partition = &self.partitions[ix.index()];
        let end = base + u64::from(batch.records);
        (partition.high_watermark < end || partition.leader != Some(broker)).then_some((ix, end))
    }
}
