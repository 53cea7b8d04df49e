//! Which copies of batches are in their partition's log for good, for the audit of a run.

use super::Cluster;
use super::log::Log;
use super::partition::{Partition, PartitionIx};
use crate::audit::{Auditor, Decision, Ledger, LogCopy, Session};
use crate::protocol::message::ProduceBatch;

impl Cluster {
    /// The audit of the run, which hears here what clients do.
    #[inline]
    pub fn auditor(&mut self) -> &mut Auditor {
        &mut self.auditor
    }

    /// A leader has appended a batch at offset `base`.
    #[inline]
    pub(super) fn audit_append(
        &mut self,
        ix: PartitionIx,
        leader_epoch: i32,
        base: u64,
        batch: &ProduceBatch,
    ) {
        if batch.mark.is_none() {
            return;
        }
        let partition = &self.partitions[ix.index()];
        let copy = LogCopy {
            mark: batch.mark,
            leader_epoch,
            offset: base,
            records: batch.records,
            base_sequence: batch.base_sequence,
            session: Session { producer_id: batch.producer_id, epoch: batch.producer_epoch },
        };
        if self.appends_are_final && !partition.is_replicated() {
            self.auditor.appended_for_good(ix.index(), &copy);
        } else if self.auditor.appended(ix.index(), copy) {
            self.sweep(ix);
        }
    }

    /// The audit takes note of what can no longer change.
    #[cold]
    fn sweep(&mut self, ix: PartitionIx) {
        let partition = &self.partitions[ix.index()];
        let settled = partition.settled(self.commits_are_final, self.next_flush);
        self.auditor.sweep(ix.index(), |copy| partition.decide(copy, settled));
    }

    /// The high watermark has moved: enough replicas must have what is below it, unless it may move without (11.3), or
    /// logs may be lost anyway.
    #[inline]
    pub(super) fn audit_commit(&mut self, ix: PartitionIx) {
        let partition = &self.partitions[ix.index()];
        let committed = partition.high_watermark;
        let copies = partition.replicas.iter().filter(|replica| replica.log.end >= committed).count();
        let promised = partition.min_insync_replicas;
        if copies < promised && self.commits_are_final && self.replication.watermark_needs_min_isr {
            self.auditor.committed_too_early(ix.index(), committed, copies, promised);
        }
    }

    /// Who joins the ISR or is elected must have whatever is committed, unless commits may be lost anyway.
    #[cold]
    pub(super) fn audit_trust(&mut self, ix: PartitionIx, broker: u32) {
        let partition = &self.partitions[ix.index()];
        let trusted = partition.replicas.iter().find(|replica| replica.broker == broker);
        let Some(replica) = trusted.filter(|_| self.commits_are_final) else { return };
        let end = replica.log.common_end(partition.leader_log());
        let node = self.brokers[broker as usize].node;
        self.auditor.trusted(ix.index(), node.0 as u32, end, partition.high_watermark);
    }

    /// The run is over: what the logs have now is what they have.
    pub fn finish_audit(&mut self) -> Ledger {
        let mut auditor = std::mem::replace(&mut self.auditor, Auditor::new(0));
        for (at, partition) in self.partitions.iter().enumerate() {
            let log = partition.final_log();
            auditor.sweep(at, |copy| is_there(log, copy));
            auditor.close_log(at, log.end);
        }
        auditor.finish()
    }
}

impl Partition {
    /// Below this offset the log is what it will be in the end: every replica has it, or it is promised to be kept.
    fn settled(&self, commits_are_final: bool, next_flush: u64) -> u64 {
        let leader = self.leader_log();
        let common = self.replicas.iter().map(|replica| replica.log.common_end(leader));
        let common = common.fold(leader.end, u64::min);
        if commits_are_final {
            return common.max(self.high_watermark);
        }
        let on_disk = self.replicas.iter().map(|replica| replica.end_on_disk(next_flush));
        on_disk.fold(common, u64::min)
    }

    /// What lies above `settled` is gone only if no replica has it: whoever leads next may bring it back.
    fn decide(&self, copy: &LogCopy, settled: u64) -> Decision {
        if copy.end() <= settled {
            return is_there(self.leader_log(), copy);
        }
        let has_it = |log: &Log| log.contains(copy.leader_epoch, copy.offset);
        match self.replicas.iter().any(|replica| has_it(&replica.log)) {
            true => Decision::Open,
            false => Decision::Absent,
        }
    }
}

fn is_there(log: &Log, copy: &LogCopy) -> Decision {
    match log.contains(copy.leader_epoch, copy.offset) {
        true => Decision::Present,
        false => Decision::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{RetentionSpec, TopicSpec};
    use super::*;
    use crate::values::ids::{BatchMark, NodeId};

    /// Ten records in epoch 0 at three replicas, of which the third lacks the last two and the first, which led, has two
    /// more; then two of epoch 1 at the second, which leads now.
    fn partition() -> Partition {
        let topic = TopicSpec {
            name: "t".to_owned(),
            assignment: vec![vec![NodeId(1), NodeId(2), NodeId(3)]],
            min_insync_replicas: 1,
            max_message_bytes: 1_048_588,
            retention: RetentionSpec::KEEPS_ALL,
        };
        let mut partition = Partition::new(vec![0, 1, 2], &topic);
        partition.append(1, 12, 0);
        partition.follow(1, 10, 0);
        partition.follow(2, 8, 0);
        (partition.leader, partition.leader_epoch) = (Some(1), 1);
        partition.append(1, 2, 0);
        partition.high_watermark = 10;
        partition
    }

    fn copy(leader_epoch: i32, offset: u64) -> LogCopy {
        let (mark, session) = (BatchMark(1), Session::NONE);
        LogCopy { mark, leader_epoch, offset, records: 2, base_sequence: -1, session }
    }

    #[test]
    fn what_every_replica_has_is_settled_and_so_are_commits_that_are_final() {
        assert_eq!(partition().settled(false, 2), 8);
        assert_eq!(partition().settled(true, 2), 10);
    }

    #[test]
    fn above_that_a_copy_is_gone_when_no_replica_has_it() {
        let mut partition = partition();
        for (epoch, offset, settled, expected) in [
            (0, 6, 8, Decision::Present),
            (0, 8, 8, Decision::Open),
            (0, 8, 10, Decision::Present),
            (0, 10, 10, Decision::Open),
            (1, 10, 10, Decision::Open),
            (1, 10, 12, Decision::Present),
            (0, 10, 12, Decision::Absent),
        ] {
            assert_eq!(
                partition.decide(&copy(epoch, offset), settled),
                expected,
                "{epoch} {offset} {settled}"
            );
        }
        partition.follow(0, 12, 0);
        assert_eq!(partition.decide(&copy(0, 10), 10), Decision::Absent, "the former leader has cut it off");
    }
}
