//! Produce requests in a broker: validation in Kafka's order (11.2), append, and who is answered when (11.3).

use super::broker::Taken;
use super::partition::PartitionIx;
use super::purgatory::Wait;
use super::sequences::Verdict;
use super::{Cluster, ClusterOutput};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Acks, BatchResult, LeaderHint, ProduceBatch};
use crate::values::time::{Span, Time};

impl Cluster {
    /// Appends what is valid. With acks=all the answer may have to wait for followers.
    pub(super) fn append_request(&mut self, now: Time, taken: Taken, acks: Acks, timeout_ms: i64) {
        let Taken { broker, connection, request, .. } = taken;
        let response = self.responses.open();
        // A recorded response time has the wait for followers in it.
        let waits_for_followers = acks == Acks::All && self.brokers[broker as usize].spec.recorded.is_none();
        let mut failed = false;
        for at in 0..self.requests[request].batches.len() {
            let batch = self.requests[request].batches[at];
            let result = self.append_batch(now, broker, acks, &batch);
            self.responses.push(response, result);
            failed |= result.error != ErrorCode::None;
            if waits_for_followers && let Some((partition, offset)) = self.uncommitted(&batch, &result) {
                self.purgatory.expect(Wait { partition, offset, at: at as u32 });
            }
        }
        self.answer_waiting_fetches(now, broker);
        if acks == Acks::None {
            self.responses.release(response);
            match failed {
                true => self.drop_connection(connection),
                false => self.unmute(now, connection),
            }
        } else if self.purgatory.expects_nothing() {
            let (conn, token) = (self.connections[connection].conn, self.requests[request].token);
            self.answer(now, connection, ClusterOutput::Produced { conn, token, response });
        } else {
            let timeout = Span::from_millis(timeout_ms.max(0).unsigned_abs());
            let token = self.requests[request].token;
            self.purgatory.insert(now, broker, connection, token, response, timeout);
        }
    }

    fn append_batch(&mut self, now: Time, broker: u32, acks: Acks, batch: &ProduceBatch) -> BatchResult {
        let Some(ix) = self.partition(batch.tp) else {
            return BatchResult::failed(ErrorCode::UnknownTopicOrPartition);
        };
        let partition = &self.partitions[ix.index()];
        if partition.leader != Some(broker) {
            return BatchResult {
                leader_hint: self.leader_hint(ix),
                ..BatchResult::failed(ErrorCode::NotLeaderOrFollower)
            };
        }
        if acks == Acks::All && partition.is_under_min_isr() {
            return BatchResult::failed(ErrorCode::NotEnoughReplicas);
        }
        if batch.bytes > partition.max_message_bytes {
            return BatchResult::failed(ErrorCode::MessageTooLarge);
        }
        match partition.sequences.check(batch) {
            Verdict::Reject(error) => BatchResult::failed(error),
            Verdict::Duplicate { offset } => BatchResult::ok(offset as i64),
            Verdict::Append => BatchResult::ok(self.append_at_leader(now, ix, batch) as i64),
        }
    }

    fn leader_hint(&self, ix: PartitionIx) -> Option<LeaderHint> {
        let partition = &self.partitions[ix.index()];
        let node = self.brokers[partition.leader? as usize].node;
        Some(LeaderHint { node, leader_epoch: partition.leader_epoch })
    }

    /// Gives the base offset.
    fn append_at_leader(&mut self, now: Time, ix: PartitionIx, batch: &ProduceBatch) -> u64 {
        let partition = &mut self.partitions[ix.index()];
        let base = partition.append(u64::from(batch.records), u64::from(batch.bytes));
        partition.sequences.appended(now, batch, base);
        if partition.is_replicated() {
            self.note_append(now, ix, base);
            self.advance_high_watermark(now, ix);
        } else {
            partition.high_watermark = base + u64::from(batch.records);
        }
        self.audit_append(ix, base, batch);
        base
    }

    /// Where the high watermark must be before a stored batch, new or duplicate, can be confirmed to acks=all.
    fn uncommitted(&self, batch: &ProduceBatch, result: &BatchResult) -> Option<(PartitionIx, u64)> {
        let base = u64::try_from(result.base_offset).ok()?;
        let ix = self.partition(batch.tp)?;
        let end = base + u64::from(batch.records);
        (self.partitions[ix.index()].high_watermark < end).then_some((ix, end))
    }
}
