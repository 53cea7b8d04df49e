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
        let Taken { broker, conn, opened, request, .. } = taken;
        let response = self.responses.open();
        let mut waits = self.purgatory.take_waits();
        let mut failed = false;
        for at in 0..self.request(request).batches.len() {
            let batch = self.request(request).batches[at];
            let result = self.append_batch(now, broker, acks, &batch);
            self.responses.push(response, result);
            failed |= result.error != ErrorCode::None;
            if let Some(required) = self.must_wait_for(acks, &batch, &result) {
                waits.push(Wait { partition: required.0, offset: required.1, at: at as u32 });
            }
        }
        let token = self.request(request).token;
        if acks == Acks::None {
            self.responses.release(response);
            self.purgatory.put_waits(waits);
            match failed {
                true => self.drop_connection(conn, opened),
                false => self.no_answer(now, conn, opened),
            }
        } else if waits.is_empty() {
            self.purgatory.put_waits(waits);
            self.answer(now, conn, opened, ClusterOutput::Produced { conn, token, response });
        } else {
            let timeout = Span::from_millis(timeout_ms.max(0) as u64);
            self.delay(now, taken, token, response, timeout, waits);
        }
    }

    fn append_batch(&mut self, now: Time, broker: u32, acks: Acks, batch: &ProduceBatch) -> BatchResult {
        let Some(ix) = self.partition(batch.tp) else {
            return BatchResult::failed(ErrorCode::UnknownTopicOrPartition);
        };
        let partition = &self.partitions[ix.index()];
        if partition.leader != Some(broker) {
            let node = |leader: u32| self.brokers[leader as usize].node;
            let hint = partition
                .leader
                .map(|leader| LeaderHint { node: node(leader), leader_epoch: partition.leader_epoch });
            return BatchResult { leader_hint: hint, ..BatchResult::failed(ErrorCode::NotLeaderOrFollower) };
        }
        if acks == Acks::All && partition.isr_len() < partition.min_insync_replicas {
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

    fn append_at_leader(&mut self, now: Time, ix: PartitionIx, batch: &ProduceBatch) -> u64 {
        let partition = &mut self.partitions[ix.index()];
        let base = partition.append(u64::from(batch.records), u64::from(batch.bytes));
        partition.sequences.appended(batch, base);
        if partition.replicas.len() > 1 {
            if partition.advance_high_watermark() {
                self.complete_waiting(now, ix);
            }
            self.wake_followers(now, ix);
        }
        base
    }

    /// ACK-3: acks=all waits until the high watermark has passed the batch.
    fn must_wait_for(
        &self,
        acks: Acks,
        batch: &ProduceBatch,
        result: &BatchResult,
    ) -> Option<(PartitionIx, u64)> {
        if acks != Acks::All || result.error != ErrorCode::None {
            return None;
        }
        let ix = self.partition(batch.tp)?;
        let end = result.base_offset as u64 + u64::from(batch.records);
        (self.partitions[ix.index()].high_watermark < end).then_some((ix, end))
    }
}
