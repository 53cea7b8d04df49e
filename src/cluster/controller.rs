//! The controller (11.6): a dead broker is noticed when its session times out; then every partition that it led gets
//! the first in-sync replica of its assignment as the new leader.
//!
//! A decision reaches all brokers `metadata_propagation` later and takes effect there: until then they lead, fetch and
//! answer metadata requests as before. As it reaches all of them at the same instant, one state is every broker's
//! metadata cache.

use super::broker::Process;
use super::partition::PartitionIx;
use super::{Cluster, Event};
use crate::values::time::Time;

impl Cluster {
    /// The process dies, its log survives. Whoever has connections to it notices at once, the controller when no
    /// heartbeat has come for `broker.session.timeout.ms` (CTL-1).
    pub(super) fn crash(&mut self, now: Time, broker: u32) {
        if !self.brokers[broker as usize].is_up() {
            self.brokers[broker as usize].process = Process::Down;
            return;
        }
        self.brokers[broker as usize].stop();
        self.drop_delayed_of(broker);
        for connection in self.connections.of_broker(broker) {
            self.drop_connection(connection);
        }
        self.fetchers.stop(now, broker, &mut self.partitions);
        let noticed = self.last_heartbeat(now, broker) + self.replication.broker_session_timeout;
        let life = self.brokers[broker as usize].life;
        let known = noticed.max(now) + self.replication.metadata_propagation;
        self.events.push(known, Event::SessionEnded { broker, life });
    }

    /// Heartbeats of the brokers are spread evenly over their interval.
    fn last_heartbeat(&self, now: Time, broker: u32) -> Time {
        let every = self.replication.broker_heartbeat_interval.0.max(1);
        let phase = every / self.brokers.len() as u64 * u64::from(broker);
        match now.0.checked_sub(phase) {
            Some(since) => Time(since / every * every + phase),
            None => Time::START,
        }
    }

    /// Nothing has been heard of a broker for too long.
    pub(super) fn session_ended(&mut self, now: Time, broker: u32, life: u32) {
        if self.brokers[broker as usize].life == life {
            self.fence(now, broker);
        }
    }

    /// CTL-2: the broker leaves every ISR of which it is not the last member, and leads nothing any more.
    fn fence(&mut self, now: Time, broker: u32) {
        if std::mem::replace(&mut self.brokers[broker as usize].fenced, true) {
            return;
        }
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            let partition = &mut self.partitions[at];
            let last_member = partition.isr_len() == 1;
            let Some(replica) = partition.replica(broker) else { continue };
            replica.in_sync &= last_member;
            match partition.leader {
                Some(leader) if leader == broker => self.elect(now, ix),
                Some(leader) if self.brokers[leader as usize].is_up() => self.advance_high_watermark(now, ix),
                _ => {}
            }
        }
    }

    /// CTL-3: a clean election. The controller knows who is fenced, not who is dead; without candidate the partition
    /// has no leader.
    fn elect(&mut self, now: Time, ix: PartitionIx) {
        let partition = &mut self.partitions[ix.index()];
        let fenced = |broker: u32| self.brokers[broker as usize].fenced;
        let candidate = partition.isr().find(|broker| !fenced(*broker));
        partition.leader = candidate;
        partition.leader_epoch += 1;
        if let Some(leader) = candidate
            && self.brokers[leader as usize].is_up()
        {
            self.become_leader(now, ix, leader);
        }
    }

    /// The new leader's log is the truth from now on.
    fn become_leader(&mut self, now: Time, ix: PartitionIx, leader: u32) {
        let partition = &mut self.partitions[ix.index()];
        let end = partition.leader_log().end;
        partition.epoch_start = end;
        partition.sequences.truncate(end);
        partition.replicas.iter_mut().for_each(|replica| replica.forget_fetches(now));
        self.advance_high_watermark(now, ix);
        self.schedule_isr_check(now, leader);
        for at in 0..self.partitions[ix.index()].replicas.len() {
            let follower = self.partitions[ix.index()].replicas[at].broker;
            self.start_fetching(now, ix, follower);
        }
    }

    /// The process starts again. It takes part when it has registered.
    pub(super) fn restart(&mut self, now: Time, broker: u32) {
        let state = &mut self.brokers[broker as usize];
        if state.process == Process::Down {
            let until = now + self.replication.metadata_propagation;
            state.process = Process::Starting { until };
            self.events.push(until, Event::Registered { broker });
        }
    }

    /// A restarted broker is known to all. If its former life had not been noticed to be over, it is now. It follows
    /// where there is a leader, and leads where it is the last in-sync replica.
    pub(super) fn registered(&mut self, now: Time, broker: u32) {
        if self.brokers[broker as usize].process != (Process::Starting { until: now }) {
            return;
        }
        self.fence(now, broker);
        let state = &mut self.brokers[broker as usize];
        (state.process, state.fenced) = (Process::Up, false);
        state.life += 1;
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            let partition = &self.partitions[at];
            match partition.leader {
                None if partition.isr().any(|member| member == broker) => self.elect(now, ix),
                _ => self.start_fetching(now, ix, broker),
            }
        }
    }
}
