//! A broker's process: it dies, starts, stops in order, stands still, or cannot be reached by its peers.
//!
//! These are the inputs for whoever injects faults. A broker that stands still or is cut off does later what it would have
//! done now: events for it are put off until then.

use super::broker::Process;
use super::{Cluster, Event, broker_index};
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

impl Cluster {
    /// The process dies (`kill -9`). Its log survives, without what the operating system had not written to disk if
    /// the machine dies with it. Whoever has connections to it notices at once, the controller when no heartbeat has
    /// come for `broker.session.timeout.ms` (CTL-1). Gives how many client connections break.
    pub fn crash(&mut self, now: Time, node: NodeId, loses_unflushed: bool) -> u64 {
        let broker = broker_index(node);
        match self.brokers[broker as usize].process {
            Process::Down => return 0,
            Process::Starting { registered } => {
                self.brokers[broker as usize].stop();
                if registered {
                    self.lose_contact(now, broker);
                }
                return 0;
            }
            Process::Up => {}
        }
        if self.controller.broker == Some(broker) {
            let successor = self.next_controller(broker);
            self.lose_controller(now, successor);
        }
        let broken = self.end_process(now, broker);
        if loses_unflushed {
            self.lose_unflushed(now, broker);
        }
        self.lose_contact(now, broker);
        broken
    }

    /// The process is gone, with its connections and what it was doing.
    fn end_process(&mut self, now: Time, broker: u32) -> u64 {
        self.brokers[broker as usize].stop();
        self.drop_delayed_of(broker);
        let connections = self.connections.of_broker(broker);
        for &connection in &connections {
            self.drop_connection(connection);
        }
        self.fetchers.stop(now, broker, &mut self.partitions);
        for partition in &mut self.partitions {
            partition.end_deposed(broker);
            if let Some(replica) = partition.replica(broker) {
                replica.follows = None;
            }
        }
        connections.len() as u64
    }

    fn lose_unflushed(&mut self, now: Time, broker: u32) {
        let number = self.flush_number(now);
        for partition in &mut self.partitions {
            if let Some(replica) = partition.replica(broker) {
                let end = replica.log.end;
                replica.lose_unflushed(number);
                replica.is_damaged |= replica.log.end < end;
            }
        }
    }

    /// Number of the operating system's next write to disk.
    #[inline]
    pub(super) fn flush_number(&self, now: Time) -> u64 {
        now.0 / self.replication.os_flush_interval.0.max(1) + 1
    }

    fn last_heartbeat(&self, now: Time, broker: u32) -> Time {
        let every = self.controller.spec.broker_heartbeat_interval;
        let next = now.next_in_period(every, self.brokers[broker as usize].heartbeat_phase);
        Time(next.0.saturating_sub(every.0))
    }

    /// The controller hears nothing of a broker any more.
    fn lose_contact(&mut self, now: Time, broker: u32) {
        let noticed = self.controller.session_end(self.last_heartbeat(now, broker)).max(now);
        let state = &mut self.brokers[broker as usize];
        if state.is_in_contact() {
            state.lose_contact();
            let contact = state.contact;
            self.events.push(noticed, Event::SessionEnded { broker, contact });
        }
    }

    /// It hears of the broker again. If it has been fenced meanwhile it takes part anew.
    fn regain_contact(&mut self, now: Time, broker: u32) {
        let state = &mut self.brokers[broker as usize];
        if state.is_up() && !state.is_stalled(now) && !state.is_cut_off(now) {
            state.regain_contact();
            if state.fenced {
                self.events.push(now, Event::Rejoin { broker, contact: state.contact });
            }
        }
    }

    /// A fenced broker that is alive sends heartbeats, and is let in again.
    pub(super) fn rejoin(&mut self, now: Time, broker: u32, contact: u32) {
        let state = &self.brokers[broker as usize];
        if state.contact == contact && state.fenced && self.controller.is_available(now) {
            self.decide();
            self.unfence(now, broker);
            self.publish(now);
        }
    }

    /// The process starts again; it registers when it has read its logs.
    pub fn restart(&mut self, now: Time, node: NodeId) -> bool {
        let broker = broker_index(node);
        let state = &mut self.brokers[broker as usize];
        if state.process != Process::Down {
            return false;
        }
        state.process = Process::Starting { registered: false };
        state.life += 1;
        let life = state.life;
        self.events.push(now + self.controller.spec.broker_startup, Event::Register { broker, life });
        true
    }

    /// A started broker registers, fenced. If its former life had not been noticed to be over, it is now. One that has lost
    /// what it may have promised is no candidate of KIP-966 any more.
    pub(super) fn register(&mut self, now: Time, broker: u32, life: u32) {
        let state = &self.brokers[broker as usize];
        if state.life != life || state.process != (Process::Starting { registered: false }) {
            return;
        }
        if !self.controller.is_available(now) {
            self.marks.without_controller();
            let again = now + self.controller.spec.broker_heartbeat_interval;
            self.events.push(again, Event::Register { broker, life });
            return;
        }
        self.decide();
        self.fence(broker);
        self.note_damage(broker);
        let state = &mut self.brokers[broker as usize];
        state.process = Process::Starting { registered: true };
        state.is_leaving = false;
        state.regain_contact();
        self.publish(now);
    }

    /// A started broker has the metadata. It follows from now on, and asks with its next heartbeat to be let in; the
    /// answer takes as long as any decision.
    pub(super) fn ask_to_be_unfenced(&mut self, now: Time, broker: u32) {
        let at = now + self.controller.propagation();
        self.events.push(at, Event::Rejoin { broker, contact: self.brokers[broker as usize].contact });
    }

    fn note_damage(&mut self, broker: u32) {
        let remembers = self.controller.spec.eligible_leader_replicas;
        for partition in &mut self.partitions {
            if let Some(replica) = partition.replica(broker)
                && std::mem::take(&mut replica.is_damaged)
                && remembers
            {
                replica.eligible = false;
                replica.in_sync = false;
            }
        }
    }

    /// A controlled shutdown (CTL-5): the controller moves what the broker leads, then its process ends. One that leads
    /// nothing gets the controller's consent at once, and is fenced with it. Gives how many partitions it led.
    pub fn shut_down(&mut self, now: Time, node: NodeId) -> u64 {
        let broker = broker_index(node);
        let state = &mut self.brokers[broker as usize];
        if !state.is_up() || state.is_leaving {
            return 0;
        }
        if !self.controller.is_available(now) {
            self.marks.without_controller();
            let again = now + self.controller.spec.broker_heartbeat_interval;
            self.events.push(again, Event::AsksToLeave { broker, life: state.life });
            return 0;
        }
        state.is_leaving = true;
        let leads =
            |partition: &&super::partition::Partition| partition.elections.newest().leader == Some(broker);
        let led = self.partitions.iter().filter(leads).count() as u64;
        self.decide();
        self.brokers[broker as usize].leaves_with = Some((self.controller.decisions, led > 0));
        match led {
            0 => self.fence(broker),
            _ => self.take_out_of_isrs(broker),
        }
        self.publish(now);
        led
    }

    /// It could not before.
    pub(super) fn ask_to_leave(&mut self, now: Time, broker: u32, life: u32) {
        if self.brokers[broker as usize].life == life {
            self.shut_down(now, self.brokers[broker as usize].node);
        }
    }

    /// A broker that leaves has heard that it leads nothing any more. If it did before, it asks again for consent with
    /// its next heartbeat.
    pub(super) fn finish_shutdown(&mut self, now: Time, broker: u32) {
        let state = &mut self.brokers[broker as usize];
        let Some((_, led)) = state.leaves_with.filter(|(decision, _)| state.heard >= *decision) else {
            return;
        };
        state.leaves_with = None;
        let spec = &self.controller.spec;
        let consent = if led { spec.broker_heartbeat_interval } else { Span::ZERO };
        let life = state.life;
        self.events.push(now + consent + spec.broker_shutdown, Event::ShutDown { broker, life });
    }

    /// Its process ends. The controller has been told.
    pub(super) fn shut_down_ended(&mut self, now: Time, broker: u32, life: u32) {
        if self.brokers[broker as usize].life != life || !self.brokers[broker as usize].is_up() {
            return;
        }
        if self.controller.broker == Some(broker) {
            self.controller.broker = self.next_controller(broker);
        }
        self.end_process(now, broker);
        self.lose_contact(now, broker);
        if self.controller.is_available(now) {
            self.decide();
            self.fence(broker);
            self.publish(now);
        }
    }

    /// The process stands still until `until` (a long garbage collection, SIGSTOP). Connections stay; new ones come up
    /// when it goes on.
    pub fn pause(&mut self, now: Time, node: NodeId, until: Time) -> bool {
        let broker = broker_index(node);
        if !self.brokers[broker as usize].is_up() {
            return false;
        }
        self.fetchers.freeze(now, broker);
        self.lose_contact(now, broker);
        self.stand_still(broker, until);
        true
    }

    /// What it would do before `until` it does then.
    pub(super) fn stand_still(&mut self, broker: u32, until: Time) {
        let state = &mut self.brokers[broker as usize];
        state.stalled_until = state.stalled_until.max(until);
        self.holds_until = self.holds_until.max(until);
        self.events.push(until, Event::GoesOn { broker });
    }

    /// No message passes between the broker and the other brokers until `until`, or between it and the controller.
    pub fn cut_off(&mut self, now: Time, node: NodeId, until: Time, from: CutOff) {
        let broker = broker_index(node);
        self.holds_until = self.holds_until.max(until);
        if from.brokers {
            if self.brokers[broker as usize].is_up() {
                self.fetchers.freeze(now, broker);
            }
            let state = &mut self.brokers[broker as usize];
            state.unreachable_until = state.unreachable_until.max(until);
        }
        if from.controller {
            if self.brokers[broker as usize].is_up() {
                self.lose_contact(now, broker);
            }
            let state = &mut self.brokers[broker as usize];
            state.cut_off_until = state.cut_off_until.max(until);
        }
        self.events.push(until, Event::GoesOn { broker });
    }

    /// What held a broker up is over.
    pub(super) fn goes_on(&mut self, now: Time, broker: u32) {
        let state = &self.brokers[broker as usize];
        if state.is_stalled(now) || !state.is_up() {
            return;
        }
        if !state.is_unreachable(now) {
            self.thaw_fetchers(now, broker);
        }
        self.regain_contact(now, broker);
        self.start_handlers(now, broker);
    }

    /// The broker's service times are so many thousandths of what they usually are, from now on.
    pub fn slow_down(&mut self, node: NodeId, permille: u64) {
        self.brokers[broker_index(node) as usize].slowness_permille = permille;
    }

    /// Whatever has connections to the broker loses them; the broker lives. Gives how many.
    pub fn cut_connections(&mut self, node: NodeId) -> u64 {
        let connections = self.connections.of_broker(broker_index(node));
        connections.iter().for_each(|connection| self.break_connection(*connection));
        connections.len() as u64
    }

    /// A request waits for a broker that stands still.
    #[cold]
    pub(super) fn note_wait(&mut self, event: &Event) {
        let broker = match *event {
            Event::Served(taken) => taken.broker,
            Event::Read { connection, .. } => self.connections[connection].broker,
            _ => return,
        };
        self.marks.concerning(|watched| watched == broker);
    }

    /// When an event for a broker can happen that its own state puts off; `None`: now.
    #[cold]
    pub(super) fn held_up_until(&self, now: Time, event: &Event) -> Option<Time> {
        let until = match *event {
            Event::Served(taken) => self.brokers[taken.broker as usize].stalled_until,
            Event::Read { connection, .. } | Event::Written { connection, .. } => {
                self.brokers[self.connections[connection].broker as usize].stalled_until
            }
            Event::IsrCheck { broker }
            | Event::RetentionCheck { broker }
            | Event::ShutDown { broker, .. } => self.brokers[broker as usize].stalled_until,
            Event::Heard { broker, .. } => {
                let state = &self.brokers[broker as usize];
                state.stalled_until.max(state.cut_off_until)
            }
            Event::FollowerAppended(round) | Event::FetchArrived(round) => {
                let (leader, follower) =
                    (&self.brokers[round.leader as usize], &self.brokers[round.follower as usize]);
                let stalled = match event {
                    Event::FetchArrived(_) => leader.stalled_until,
                    _ => follower.stalled_until,
                };
                stalled.max(leader.unreachable_until).max(follower.unreachable_until)
            }
            _ => return None,
        };
        (until > now).then_some(until)
    }
}

/// Whom a broker cannot reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// The other brokers.
    pub brokers: bool,
    /// The controller.
    pub controller: bool,
}
