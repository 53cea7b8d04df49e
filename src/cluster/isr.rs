//! In-sync replicas: who leaves them, who comes back, and the high watermark that follows from them (11.4).
//!
//! Changes take effect at once; in Kafka the leader asks the controller first (REP-8), which takes a few milliseconds.

use super::partition::PartitionIx;
use super::{Cluster, Event};
use crate::values::time::Time;

impl Cluster {
    /// REP-3. Answers that waited for the high watermark leave.
    pub(super) fn advance_high_watermark(&mut self, now: Time, ix: PartitionIx) {
        let brokers = &self.brokers;
        let fenced = |broker: u32| brokers[broker as usize].fenced;
        let lag_max = self.replication.replica_lag_time_max;
        if self.partitions[ix.index()].advance_high_watermark(now, lag_max, fenced) {
            self.complete_delayed(now, ix);
        }
    }

    /// A follower's fetch tells where its log ends. A log that departs from the leader's says nothing (REP-10).
    pub(super) fn note_fetch(&mut self, now: Time, ix: PartitionIx, follower: u32) {
        let partition = &mut self.partitions[ix.index()];
        if partition.fetch(follower).diverges {
            return;
        }
        let leader_end = partition.leader_log().end;
        let joins_from = partition.isr_entry();
        let Some(replica) = partition.replica(follower) else { return };
        let offset = replica.log.end;
        replica.fetched_up_to(offset, leader_end, now);
        replica.in_sync |= offset >= joins_from && !self.brokers[follower as usize].fenced;
        self.advance_high_watermark(now, ix);
    }

    /// REP-6: leaders look for laggards every half `replica.lag.time.max.ms`; here only as long as somebody lags.
    pub(super) fn schedule_isr_check(&mut self, now: Time, leader: u32) {
        let broker = &mut self.brokers[leader as usize];
        if !broker.isr_check_scheduled {
            broker.isr_check_scheduled = true;
            let every = (self.replication.replica_lag_time_max.0 / 2).max(1);
            let next = Time((now.0 / every + 1).saturating_mul(every));
            self.events.push(next, Event::IsrCheck { broker: leader });
        }
    }

    pub(super) fn check_isr(&mut self, now: Time, leader: u32) {
        self.brokers[leader as usize].isr_check_scheduled = false;
        let mut lagging = false;
        for at in 0..self.partitions.len() {
            if self.partitions[at].leader == Some(leader) && self.brokers[leader as usize].is_up() {
                lagging |= self.shrink_isr(now, PartitionIx(at as u32));
            }
        }
        if lagging {
            self.schedule_isr_check(now, leader);
        }
    }

    /// True: a follower in the ISR lacks something, but not for long enough.
    fn shrink_isr(&mut self, now: Time, ix: PartitionIx) -> bool {
        let lag_max = self.replication.replica_lag_time_max;
        let partition = &mut self.partitions[ix.index()];
        let (leader, leader_end) = (partition.leader, partition.leader_log().end);
        let (mut lagging, mut shrunk) = (false, false);
        for replica in &mut partition.replicas {
            if replica.in_sync && Some(replica.broker) != leader {
                let caught_up = replica.is_caught_up(leader_end, now, lag_max);
                lagging |= caught_up && replica.fetched != Some(leader_end);
                shrunk |= !caught_up;
                replica.in_sync = caught_up;
            }
        }
        if shrunk {
            self.advance_high_watermark(now, ix);
        }
        lagging
    }
}
