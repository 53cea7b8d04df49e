//! The controller (11.6): it notices dead brokers when their sessions time out, elects leaders, and tells the brokers.
//!
//! A decision reaches each broker `metadata_propagation` later, and some jitter, and takes effect there: until then it
//! leads, fetches and answers metadata requests as before. The controller itself can be lost: then nothing is decided
//! until another one has taken over, and every session begins anew.

use std::collections::VecDeque;

use super::partition::PartitionIx;
use super::spec::ControllerSpec;
use super::{Cluster, Event, broker_index};
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::planted::{PlantedBug, planted};
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::{Span, Time};

/// Among those that have a phase the controller has this number, and brokers theirs.
const THE_CONTROLLER: u32 = u32::MAX;

/// The controller's own state.
#[derive(Debug)]
pub(super) struct Controller {
    pub(super) spec: ControllerSpec,
    /// The broker that is the active controller as well.
    pub(super) broker: Option<u32>,
    /// No decision before this time.
    available_at: Time,
    /// Decisions so far.
    pub(super) decisions: u32,
    /// Elections that some broker has not heard of: number of the decision, and the partition.
    changes: VecDeque<(u32, PartitionIx)>,
    jitter: Stream,
    rebalance_scheduled: bool,
    /// When in its period it looks for sessions that are over.
    session_check_phase: Span,
}

impl Controller {
    pub(super) fn new(spec: &ControllerSpec, streams: &Streams) -> Controller {
        Controller {
            spec: spec.clone(),
            broker: spec.broker.map(broker_index),
            available_at: Time::START,
            decisions: 0,
            changes: VecDeque::new(),
            jitter: streams.stream(Purpose::MetadataPropagation, 0),
            rebalance_scheduled: false,
            session_check_phase: streams
                .stream(Purpose::Phase, THE_CONTROLLER)
                .phase(spec.session_check_interval()),
        }
    }

    pub(super) fn is_available(&self, now: Time) -> bool {
        now >= self.available_at
    }

    /// The partitions of which `heard` knows nothing newer, up to decision `until`.
    pub(super) fn changed(&self, heard: u32, until: u32) -> Vec<PartitionIx> {
        let from = self.changes.partition_point(|(decision, _)| *decision <= heard);
        let news = self.changes.iter().skip(from).take_while(|(decision, _)| *decision <= until);
        let mut changed: Vec<PartitionIx> = news.map(|(_, ix)| *ix).collect();
        changed.sort_unstable_by_key(|ix| ix.0);
        changed.dedup();
        changed
    }

    /// When it notices that no heartbeat has come since `heard`: with its first look after the session, which has begun
    /// anew if the controller is newer than that.
    pub(super) fn session_end(&self, heard: Time) -> Time {
        let end = heard.max(self.available_at) + self.spec.broker_session_timeout;
        let before = Time(end.0.saturating_sub(1));
        before.next_in_period(self.spec.session_check_interval(), self.session_check_phase)
    }

    pub(super) fn propagation(&mut self) -> Span {
        let jitter = self.spec.metadata_propagation_jitter;
        if jitter == Span::ZERO {
            return self.spec.metadata_propagation;
        }
        let spread = u128::from(jitter.0) + 1;
        let drawn = (u128::from(self.jitter.next_u64()) * spread) >> 64;
        self.spec.metadata_propagation + Span(drawn as u64)
    }
}

impl Cluster {
    /// Begins a decision; [`Cluster::publish`] tells of it.
    pub(super) fn decide(&mut self) {
        self.controller.decisions += 1;
    }

    /// The brokers will hear of the decision, each in its own time.
    pub(super) fn publish(&mut self, now: Time) {
        let decision = self.controller.decisions;
        for broker in 0..self.brokers.len() as u32 {
            let arrives = now + self.controller.propagation();
            let state = &mut self.brokers[broker as usize];
            // A broker hears of decisions in their order.
            state.hears_last = state.hears_last.max(arrives);
            let (at, life) = (state.hears_last, state.life);
            self.events.push(at, Event::Heard { broker, decision, life });
        }
    }

    /// The decision up to which every broker that is up has heard of everything.
    fn heard_by_all(&self) -> u32 {
        let alive = self.brokers.iter().filter(|broker| broker.is_up());
        alive.map(|broker| broker.heard).min().unwrap_or(0)
    }

    /// Nothing has been heard of a broker for too long (CTL-1).
    pub(super) fn session_ended(&mut self, now: Time, broker: u32, contact: u32) {
        if self.brokers[broker as usize].contact != contact {
            return;
        }
        if !self.controller.is_available(now) {
            self.marks.without_controller();
            return;
        }
        self.decide();
        self.fence(broker);
        self.publish(now);
    }

    /// CTL-2: the broker leaves every ISR of which it is not the last member, and leads nothing any more.
    pub(super) fn fence(&mut self, broker: u32) {
        let decision = self.controller.decisions;
        if self.brokers[broker as usize].set_fenced(true, decision) {
            self.take_out_of_isrs(broker);
        }
    }

    /// It is no longer a member of any ISR, or leader of any partition, where that can be helped.
    pub(super) fn take_out_of_isrs(&mut self, broker: u32) {
        for at in 0..self.partitions.len() {
            let partition = &self.partitions[at];
            let is_replica = partition.replicas.iter().any(|replica| replica.broker == broker);
            let leads = partition.elections.newest().leader == Some(broker);
            if !is_replica {
                continue;
            }
            let ix = PartitionIx(at as u32);
            let changed = self.leave_isr(ix, broker);
            match leads {
                true => self.elect(ix),
                false if changed => self.controller.changes.push_back((self.controller.decisions, ix)),
                false => {}
            }
        }
    }

    /// KIP-966: who leaves an ISR that becomes too small for promises has everything that was promised. Without that
    /// the last member stays. True if the ISR has changed.
    fn leave_isr(&mut self, ix: PartitionIx, broker: u32) -> bool {
        let remembers = self.controller.spec.eligible_leader_replicas;
        let partition = &mut self.partitions[ix.index()];
        let (members, least) = (partition.isr_len(), partition.min_insync_replicas);
        let Some(replica) = partition.replica(broker) else { return false };
        if !replica.in_sync || (members == 1 && !remembers) {
            return false;
        }
        replica.in_sync = false;
        replica.eligible = remembers && members <= least;
        true
    }

    /// CTL-3, CTL-4: the first active member of the ISR in the order of the assignment; then one that has everything
    /// promised; then, if that is allowed, any active one. The controller knows who is fenced, not who is dead.
    pub(super) fn elect(&mut self, ix: PartitionIx) {
        let may_lead = |broker: u32| {
            let state = &self.brokers[broker as usize];
            !state.fenced && !state.is_leaving
        };
        let partition = &self.partitions[ix.index()];
        let active = || partition.replicas.iter().filter(|replica| may_lead(replica.broker));
        let clean = active().find(|replica| replica.in_sync).or_else(|| active().find(|r| r.eligible));
        let unclean_is_allowed =
            self.controller.spec.unclean_elections || planted(PlantedBug::UncleanElection);
        let unclean = active().next().filter(|_| unclean_is_allowed);
        let candidate = clean.or(unclean).map(|replica| replica.broker);
        if candidate.is_none() && partition.elections.newest().leader.is_none() {
            return;
        }
        let counter = match (clean, unclean) {
            (Some(_), _) => &mut self.counters.clean_elections,
            (None, Some(_)) => &mut self.counters.unclean_elections,
            (None, None) => &mut self.counters.partitions_without_leader,
        };
        *counter += 1;
        self.appoint(ix, candidate);
    }

    /// This replica is to lead. If it was not in the ISR, it is all of it now.
    pub(super) fn appoint(&mut self, ix: PartitionIx, candidate: Option<u32>) {
        let (decision, heard_by_all) = (self.controller.decisions, self.heard_by_all());
        if let Some(candidate) = candidate {
            self.audit_trust(ix, candidate);
        }
        let partition = &mut self.partitions[ix.index()];
        if let Some(replica) = candidate.and_then(|broker| partition.replica(broker))
            && !replica.in_sync
        {
            partition.replicas.iter_mut().for_each(|replica| {
                replica.in_sync = Some(replica.broker) == candidate;
                replica.eligible = false;
            });
        }
        partition.elections.elect(decision, candidate, heard_by_all);
        self.controller.changes.push_back((decision, ix));
        while self.controller.changes.front().is_some_and(|(decision, _)| *decision <= heard_by_all) {
            self.controller.changes.pop_front();
        }
        self.schedule_rebalance();
    }

    /// A broker may take part again. It leads where there is no leader; where it follows, its next fetch may bring it
    /// into the ISR.
    pub(super) fn unfence(&mut self, now: Time, broker: u32) {
        let decision = self.controller.decisions;
        self.brokers[broker as usize].set_fenced(false, decision);
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            let partition = &self.partitions[at];
            if partition.replicas.iter().all(|replica| replica.broker != broker) {
                continue;
            }
            if partition.elections.newest().leader.is_none() {
                self.elect(ix);
            }
            self.start_fetching(now, ix, broker);
        }
    }

    /// The active controller is gone: until another one has taken over nothing is decided, and every broker has a
    /// whole session from then on.
    pub(super) fn lose_controller(&mut self, now: Time, successor: Option<u32>) {
        self.counters.controller_failovers += 1;
        let back = now + self.controller.spec.failover;
        self.controller.available_at = back;
        self.controller.broker = successor;
        let looks_every = self.controller.spec.session_check_interval();
        self.controller.session_check_phase = Span(back.0 % looks_every.0);
        let ends = self.controller.session_end(back);
        self.events.push(back, Event::ControllerActive);
        for broker in 0..self.brokers.len() as u32 {
            let state = &mut self.brokers[broker as usize];
            if !state.is_in_contact() && !state.fenced {
                // What was known of its session is lost.
                state.lose_contact();
                self.events.push(ends, Event::SessionEnded { broker, contact: state.contact });
            }
        }
    }

    /// A controller has taken over, and hears of whoever is alive.
    pub(super) fn controller_active(&mut self, now: Time) {
        if !self.controller.is_available(now) {
            return;
        }
        for broker in 0..self.brokers.len() as u32 {
            let state = &self.brokers[broker as usize];
            if state.is_in_contact() && state.fenced {
                self.events.push(now, Event::Rejoin { broker, contact: state.contact });
            }
        }
    }

    /// The next broker in order that is up and in contact becomes the controller.
    pub(super) fn next_controller(&self, but: u32) -> Option<u32> {
        let count = self.brokers.len() as u32;
        let after = (1..count).map(|step| (but + step) % count);
        after.into_iter().find(|broker| self.brokers[*broker as usize].is_in_contact())
    }

    /// `auto.leader.rebalance.enable`: from time to time leadership goes back to preferred replicas.
    fn schedule_rebalance(&mut self) {
        let Some(every) = self.controller.spec.rebalance_every else { return };
        if !std::mem::replace(&mut self.controller.rebalance_scheduled, true) {
            let next = Time((self.now.0 / every.0.max(1) + 1).saturating_mul(every.0.max(1)));
            self.events.push(next, Event::Rebalance);
        }
    }

    /// The periodic look at who leads.
    pub(super) fn rebalance(&mut self, now: Time) {
        self.controller.rebalance_scheduled = false;
        self.elect_preferred(now);
        let away = |partition: &super::partition::Partition| {
            partition.elections.newest().leader != partition.replicas.first().map(|replica| replica.broker)
        };
        if self.partitions.iter().any(away) {
            self.schedule_rebalance();
        }
    }

    /// Every preferred replica leads that is in sync and active. Gives how many partitions move.
    pub fn elect_preferred(&mut self, now: Time) -> u64 {
        if !self.controller.is_available(now) {
            return 0;
        }
        self.decide();
        let mut moved = 0;
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            if let Some(preferred) = self.partitions[at].replicas.first().map(|replica| replica.broker) {
                moved += u64::from(self.move_leader(ix, preferred));
            }
        }
        if moved > 0 {
            self.publish(now);
        }
        moved
    }

    /// A planned move of one partition's leader (preferred election, reassignment). False: that replica leads already,
    /// or cannot.
    pub fn elect_replica(&mut self, now: Time, tp: TopicPartition, to: NodeId) -> bool {
        let Some(ix) = self.partition(tp).filter(|_| self.controller.is_available(now)) else { return false };
        self.decide();
        let moved = self.move_leader(ix, broker_index(to));
        if moved {
            self.publish(now);
        }
        moved
    }

    /// The active controller dies. If that is a broker, the broker lives on.
    /// The caller's mark of the fault is `fault`.
    pub fn fail_controller(&mut self, now: Time, fault: u32) {
        self.blame_controller_loss(fault);
        let successor = self.controller.broker.and_then(|broker| self.next_controller(broker));
        self.lose_controller(now, successor);
    }

    /// A planned move, as part of a decision. False: that replica leads already, or cannot.
    pub(super) fn move_leader(&mut self, ix: PartitionIx, to: u32) -> bool {
        let partition = &self.partitions[ix.index()];
        let state = &self.brokers[to as usize];
        let is_in_sync = partition.isr().any(|member| member == to) || planted(PlantedBug::MovedOutOfIsr);
        let can = is_in_sync && !state.fenced && !state.is_leaving;
        if !can || partition.elections.newest().leader == Some(to) {
            return false;
        }
        self.counters.planned_moves += 1;
        self.appoint(ix, Some(to));
        true
    }
}
