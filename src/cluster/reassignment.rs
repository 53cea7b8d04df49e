//! Reassignment: a partition gets other replicas. New ones are added and catch up; when all of them are in sync the others
//! go, and leadership moves if the leader is among these.

use super::partition::PartitionIx;
use super::replica::Replica;
use super::{Cluster, broker_index};
use crate::planted::{PlantedBug, planted};
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;

impl Cluster {
    /// Begins to move a partition to the brokers `target`, the preferred leader first. False: it is there already, or
    /// on its way somewhere else.
    pub fn reassign(&mut self, now: Time, tp: TopicPartition, target: &[NodeId]) -> bool {
        let Some(ix) = self.partition(tp) else { return false };
        let target: Vec<u32> = target.iter().map(|node| broker_index(*node)).collect();
        let partition = &mut self.partitions[ix.index()];
        let now_at: Vec<u32> = partition.replicas.iter().map(|replica| replica.broker).collect();
        if partition.target.is_some() || now_at == target || !self.controller.is_available(now) {
            return false;
        }
        partition.target = Some(target.clone());
        let mut added = Vec::new();
        for broker in target {
            if !now_at.contains(&broker) {
                partition.replicas.push(Replica::added(broker));
                added.push(broker);
            }
        }
        self.counters.reassignments += 1;
        for broker in added {
            self.start_fetching(now, ix, broker);
        }
        self.finish_reassignment(ix);
        true
    }

    /// If every target is in sync, the reassignment is complete.
    pub(super) fn finish_reassignment(&mut self, ix: PartitionIx) {
        let partition = &mut self.partitions[ix.index()];
        let Some(target) = &partition.target else { return };
        let in_sync = |broker: &u32| {
            partition.replicas.iter().any(|replica| replica.broker == *broker && replica.in_sync)
        };
        if !target.iter().all(in_sync) && !planted(PlantedBug::ReassignedTooEarly) {
            return;
        }
        let Some(target) = partition.target.take() else { return };
        let place = |replica: &Replica| target.iter().position(|broker| *broker == replica.broker);
        let leader = partition.elections.newest().leader;
        // The leader's log is needed until its successor leads.
        partition.replicas.sort_by_key(|replica| place(replica).unwrap_or(target.len()));
        for replica in partition.replicas.iter_mut().skip(target.len()) {
            (replica.in_sync, replica.counts_as_in_sync, replica.is_leaving) = (false, false, true);
        }
        if leader.is_some_and(|leader| target.contains(&leader)) {
            // One that still leads because its successor has not heard goes when that one begins.
            if partition.leader.is_none_or(|leader| target.contains(&leader)) {
                self.drop_leaving(ix);
            }
        } else {
            let now = self.now;
            self.decide();
            self.appoint(ix, target.first().copied());
            self.publish(now);
        }
    }

    /// Replicas that are no longer wanted go with their logs.
    pub(super) fn drop_leaving(&mut self, ix: PartitionIx) {
        let partition = &mut self.partitions[ix.index()];
        let leaving = |replica: &&Replica| replica.is_leaving;
        let gone: Vec<u32> =
            partition.replicas.iter().filter(leaving).map(|replica| replica.broker).collect();
        partition.replicas.retain(|replica| !replica.is_leaving);
        partition.deposed.retain(|deposed| !gone.contains(&deposed.broker));
        gone.into_iter().for_each(|broker| self.fetchers.leave(ix, broker));
    }
}
