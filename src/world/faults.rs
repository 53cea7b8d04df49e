//! The scenario's faults: each happens at its time, is undone at its end, and counts what it has touched.

use super::links::LinkFault;
use super::result::FaultResult;
use super::{Event, Run};
use crate::cluster::{CutOff, Injection};
use crate::engine::rng::{Purpose, Streams};
use crate::scenario::fault::{Direction, Fault, FaultKind, Peers, Target, When};
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// Service times as usual, in permille.
const USUAL: u64 = 1_000;

/// A fault of the scenario under way.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) fault: Fault,
    /// When it happens in this run.
    pub(super) at: Time,
    /// Whom it has struck.
    pub(super) node: Option<NodeId>,
    /// What it has touched when it happened: connections, partitions, processes.
    pub(super) touched: u64,
}

impl Planned {
    /// The faults of a scenario, with times for this run.
    pub(super) fn all(faults: &[Fault], streams: &Streams) -> Vec<Planned> {
        let plan = |(fault, number): (&Fault, u32)| Planned {
            fault: fault.clone(),
            at: match fault.at {
                When::At(at) => at,
                When::Between(first, last) => {
                    let spread = u128::from((last - first).0) + 1;
                    let word = streams.stream(Purpose::Fault, 2 * number).next_u64();
                    first + Span(((u128::from(word) * spread) >> 64) as u64)
                }
            },
            node: None,
            touched: 0,
        };
        faults.iter().zip(0..).map(plan).collect()
    }
}

impl Run {
    /// A fault happens.
    #[cold]
    pub(super) fn begin_fault(&mut self, number: u32) {
        let now = self.now;
        let fault = self.faults[number as usize].fault.clone();
        let until = fault.lasts.map(|lasts| now + lasts);
        let ends = until.unwrap_or(Time::NEVER);
        let struck = fault.kind.target().map(|target| self.world.find(target));
        if let Some(None) = struck {
            // There is no such broker at this time.
            return;
        }
        let node = struck.flatten();
        if let Some(observers) = &mut self.world.facts.observers {
            observers.fault(now, number, node);
        }
        self.faults[number as usize].node = node;
        let touched = match (&fault.kind, node) {
            (FaultKind::RegistryDown, _) => {
                self.world.registry.iter_mut().for_each(|registry| registry.go_down(number));
                0
            }
            (FaultKind::RegistrySlow { permille }, _) => {
                self.world.registry.iter_mut().for_each(|registry| registry.slow_down(number, *permille));
                0
            }
            (FaultKind::Restart(node), _) => u64::from(self.world.cluster.restart(now, *node)),
            (FaultKind::ControllerLoss, _) => {
                self.world.cluster.fail_controller(now, number);
                0
            }
            (FaultKind::PauseClient(groups), _) => self.pause_clients(groups, ends),
            (FaultKind::ElectPreferred, _) => self.world.cluster.elect_preferred(now),
            (FaultKind::Elect { partition, to }, _) => {
                u64::from(self.world.cluster.elect_replica(now, *partition, *to))
            }
            (FaultKind::Reassign { partition, to }, _) => {
                u64::from(self.world.cluster.reassign(now, *partition, to))
            }
            (FaultKind::Inject { injection, .. }, node) => {
                let chance = self.streams.stream(Purpose::Fault, 2 * number + 1);
                let injection = Injection { broker: node, ..*injection };
                self.world.cluster.inject(number, injection, chance);
                0
            }
            (FaultKind::Link { change, .. }, node) => {
                let chance = self.streams.stream(Purpose::Fault, 2 * number + 1);
                self.world.links.worsen(LinkFault::new(number, node, *change, chance));
                0
            }
            (kind, Some(node)) => self.strike(number, kind, node, ends),
            (_, None) => 0,
        };
        self.faults[number as usize].touched += touched;
        if fault.kind.has_to_be_undone()
            && let Some(until) = until
        {
            self.world.events.push(until, Event::FaultEnds(number));
        }
        self.poll_cluster();
    }

    /// What strikes one broker.
    fn strike(&mut self, number: u32, kind: &FaultKind, node: NodeId, ends: Time) -> u64 {
        let (now, world) = (self.now, &mut self.world);
        world.cluster.watch(number, node);
        match *kind {
            FaultKind::Crash { loses_unflushed, .. } => world.cluster.crash(now, node, loses_unflushed),
            FaultKind::Shutdown(_) => world.cluster.shut_down(now, node),
            FaultKind::Pause(_) => {
                world.cluster.pause(now, node, ends);
                0
            }
            FaultKind::Slow { permille, .. } => {
                world.cluster.slow_down(node, permille);
                0
            }
            FaultKind::Cut(_) => {
                world.cluster.unwatch(number);
                world.cluster.cut_connections(node)
            }
            FaultKind::Isolate { from, direction, .. } => {
                let Peers { clients, brokers, controller } = from;
                world.cluster.cut_off(now, node, ends, CutOff { brokers, controller });
                if clients {
                    let (up, down) = (direction != Direction::Out, direction != Direction::In);
                    world.links.worsen(LinkFault::block(number, node, up, down, ends));
                }
                0
            }
            _ => 0,
        }
    }

    /// What became of the faults: those that the run did not live to see have touched nothing.
    pub(super) fn fault_results(&self) -> Vec<FaultResult> {
        let result = |(planned, number): (&Planned, u32)| FaultResult {
            at: planned.at,
            said: planned.fault.said.clone(),
            node: planned.node,
            touched: planned.touched
                + self.world.cluster.touched(number)
                + self.world.links.touched(number)
                + self.world.registry.as_ref().map_or(0, |registry| registry.touched(number)),
        };
        let mut results: Vec<FaultResult> = self.faults.iter().zip(0..).map(result).collect();
        results.sort_by_key(|fault| fault.at);
        results
    }

    fn pause_clients(&mut self, groups: &[usize], until: Time) -> u64 {
        let mut paused = 0;
        for client in &mut self.clients {
            if groups.contains(&client.group) && !client.producer.has_ended() {
                client.paused_until = client.paused_until.max(until);
                paused += 1;
            }
        }
        paused
    }

    /// A fault that has an end is over.
    #[cold]
    pub(super) fn end_fault(&mut self, number: u32) {
        let (now, world) = (self.now, &mut self.world);
        let Planned { fault, node, .. } = &self.faults[number as usize];
        match (&fault.kind, *node) {
            (FaultKind::Crash { .. } | FaultKind::Shutdown(_), Some(node)) => {
                world.cluster.restart(now, node);
            }
            (FaultKind::Slow { .. }, Some(node)) => world.cluster.slow_down(node, USUAL),
            (FaultKind::Link { .. }, _) => world.links.restore(number),
            (FaultKind::Inject { .. }, _) => world.cluster.withdraw(number),
            (FaultKind::Isolate { .. }, _) => world.links.restore(number),
            (FaultKind::RegistryDown | FaultKind::RegistrySlow { .. }, _) => {
                world.registry.iter_mut().for_each(|registry| registry.recover(number));
            }
            _ => {}
        }
        world.cluster.unwatch(number);
        if let Some(diary) = world.facts.diary() {
            diary.fault_ends(now, number);
        }
        self.poll_cluster();
    }
}

impl FaultKind {
    fn target(&self) -> Option<Target> {
        match *self {
            FaultKind::Crash { broker, .. }
            | FaultKind::Shutdown(broker)
            | FaultKind::Pause(broker)
            | FaultKind::Slow { broker, .. }
            | FaultKind::Isolate { broker, .. }
            | FaultKind::Cut(broker) => Some(broker),
            FaultKind::Link { broker, .. } | FaultKind::Inject { broker, .. } => broker,
            FaultKind::Restart(_)
            | FaultKind::ControllerLoss
            | FaultKind::RegistryDown
            | FaultKind::RegistrySlow { .. }
            | FaultKind::PauseClient(_)
            | FaultKind::ElectPreferred
            | FaultKind::Elect { .. }
            | FaultKind::Reassign { .. } => None,
        }
    }

    fn has_to_be_undone(&self) -> bool {
        let has_no_target = matches!(
            self,
            FaultKind::Link { .. }
                | FaultKind::Inject { .. }
                | FaultKind::RegistryDown
                | FaultKind::RegistrySlow { .. }
        );
        self.target().is_some() || has_no_target
    }
}

impl super::World {
    /// The broker that a target is now.
    fn find(&self, target: Target) -> Option<NodeId> {
        match target {
            Target::Broker(node) => Some(node),
            Target::LeaderOf(tp) => self.cluster.leader(tp),
            Target::FollowerOf(tp) => self.cluster.first_follower(tp),
            Target::Controller => self.cluster.controller(),
        }
    }
}
