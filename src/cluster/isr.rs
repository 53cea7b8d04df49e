//! In-sync replicas: who leaves them, who comes back, and the high watermark that follows from them (11.4).
//!
//! Changes take effect at once, but only with a controller that the leader can reach; in Kafka the leader asks it first
//! (REP-8), which takes a few milliseconds.

use super::partition::PartitionIx;
use super::{Cluster, Event};
use crate::planted::{PlantedBug, planted};
use crate::values::time::Time;

impl Cluster {
    /// REP-3. Answers that waited for the high watermark leave.
    pub(super) fn advance_high_watermark(&mut self, now: Time, ix: PartitionIx) {
        let brokers = &self.brokers;
        let may_join = |broker: u32| !brokers[broker as usize].fenced && !brokers[broker as usize].is_leaving;
        let lag_max = self.replication.replica_lag_time_max;
        let needs_min_isr = self.replication.watermark_needs_min_isr;
        if self.partitions[ix.index()].advance_high_watermark(now, lag_max, needs_min_isr, may_join) {
            self.audit_commit(ix);
            self.complete_delayed(now, ix);
        }
    }

    /// A follower's fetch tells where its log ends. A log that departs from the leader's says nothing (REP-10).
    pub(super) fn note_fetch(&mut self, now: Time, ix: PartitionIx, follower: u32) {
        let partition = &mut self.partitions[ix.index()];
        if partition.fetch(follower).diverges {
            return;
        }
        let Some(leader) = partition.leader else { return };
        let leader_end = partition.leader_log().end;
        let joins_from = partition.isr_entry();
        let Some(replica) = partition.replica(follower) else { return };
        let offset = replica.log.end;
        replica.fetched_up_to(offset, leader_end, now);
        let is_caught_up = offset >= joins_from || planted(PlantedBug::IsrJoinedTooEarly);
        let joins = !replica.counts_as_in_sync && is_caught_up;
        if joins && self.accepts_isr_of(now, ix, leader) && self.may_be_in_sync(follower) {
            self.expand_isr(ix, follower);
        }
        self.advance_high_watermark(now, ix);
    }

    /// Whether the controller would take a leader's word for who is in sync.
    fn accepts_isr_of(&mut self, now: Time, ix: PartitionIx, leader: u32) -> bool {
        if !self.controller.is_available(now) {
            self.marks.without_controller();
            return false;
        }
        let elected = self.partitions[ix.index()].elections.newest();
        elected.leader == Some(leader)
            && elected.epoch == self.partitions[ix.index()].leader_epoch
            && self.brokers[leader as usize].is_in_contact()
    }

    fn may_be_in_sync(&self, broker: u32) -> bool {
        let state = &self.brokers[broker as usize];
        !state.fenced && !state.is_leaving
    }

    fn expand_isr(&mut self, ix: PartitionIx, follower: u32) {
        self.counters.isr_expansions += 1;
        self.audit_trust(ix, follower);
        let partition = &mut self.partitions[ix.index()];
        let Some(replica) = partition.replica(follower) else { return };
        (replica.in_sync, replica.counts_as_in_sync) = (true, true);
        if partition.isr_len() >= partition.min_insync_replicas {
            partition.replicas.iter_mut().for_each(|replica| replica.eligible = false);
        }
        self.finish_reassignment(ix);
    }

    /// REP-6: leaders look for laggards every half `replica.lag.time.max.ms`; here only as long as somebody lags.
    pub(super) fn schedule_isr_check(&mut self, now: Time, leader: u32) {
        let broker = &mut self.brokers[leader as usize];
        if !broker.isr_check_scheduled {
            broker.isr_check_scheduled = true;
            let next = now.next_in_period(self.replication.isr_check_interval(), broker.isr_check_phase);
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
        let remembers = self.controller.spec.eligible_leader_replicas;
        let Some(leader) = self.partitions[ix.index()].leader else { return false };
        let accepted = self.accepts_isr_of(now, ix, leader);
        let partition = &mut self.partitions[ix.index()];
        let leader_end = partition.leader_log().end;
        let (mut lagging, mut shrunk) = (false, Vec::new());
        for replica in &mut partition.replicas {
            if replica.counts_as_in_sync && replica.broker != leader {
                let caught_up = replica.is_caught_up(leader_end, now, lag_max);
                lagging |= !(caught_up && replica.fetched == Some(leader_end));
                if !caught_up && planted(PlantedBug::IsrShrunkUnasked) {
                    replica.counts_as_in_sync = false;
                }
                if !caught_up && accepted {
                    (replica.in_sync, replica.counts_as_in_sync) = (false, false);
                    shrunk.push(replica.broker);
                }
            }
        }
        if !shrunk.is_empty() {
            self.counters.isr_shrinks += shrunk.len() as u64;
            let is_too_small = partition.isr_len() < partition.min_insync_replicas;
            for broker in shrunk {
                if let Some(replica) = partition.replica(broker) {
                    replica.eligible = remembers && is_too_small;
                }
            }
            self.advance_high_watermark(now, ix);
        }
        lagging
    }
}
