//! Floor 6: the driver: one clock, the producers, the cluster, and the links between them.
//!
//! At one instant the order is: what arrives over the network, then the brokers, then the producers, and of a producer
//! first its application threads, then its sender. Records are not events: a producer that has been woken goes on by
//! itself up to the next event of the world.

mod client;
mod facts;
mod links;
mod many;
pub mod result;
mod sender;
mod threads;
mod wire;

pub use many::run_many;

use self::client::{Client, First};
use self::facts::Facts;
use self::links::Links;
use self::result::RunResult;
use self::wire::Wires;
use crate::cluster::{Cluster, ClusterOutput};
use crate::engine::queue::EventQueue;
use crate::engine::rng::Streams;
use crate::engine::wakes::Wakes;
use crate::scenario::{End, Scenario};
use crate::values::time::Time;
use crate::workload::error::WorkloadError;
use crate::workload::thread::Plan;

/// Why a run has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorldError {
    /// A file that is read as the run goes is wrong; a sentence with file and line.
    Input(String),
    /// A file can no longer be read.
    Environment(String),
    /// The simulation contradicts itself.
    Invariant(String),
}

impl From<WorkloadError> for WorldError {
    fn from(error: WorkloadError) -> WorldError {
        WorldError::Input(error.to_string())
    }
}

/// Steps without any record being offered or completed after which a run is given up: whatever its configuration
/// waits for, it would wait for years.
const PATIENCE: u64 = 20_000_000;
/// Steps between two calls of the observer.
const OBSERVE_EVERY: u64 = 1 << 8;

/// Something that happens between the producers and the cluster.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The oldest message of a link arrives.
    Arrival(links::LinkIx),
    /// The time to set up a connection is over.
    ConnectEnds(links::PathIx, u32),
}

/// Everything that the parts of a run share.
#[derive(Debug)]
struct World {
    events: EventQueue<Event>,
    cluster: Cluster,
    links: Links,
    wires: Wires,
    facts: Facts,
    end: End,
}

/// A run under way.
#[derive(Debug)]
struct Run {
    world: World,
    clients: Vec<Client>,
    /// When each client has something to do.
    wakes: Wakes,
    outbox: Vec<ClusterOutput>,
}

/// Runs a scenario to its end. `observe` hears the time and the number of records so far, now and then; it changes
/// nothing.
///
/// # Errors
/// See [`WorldError`].
pub fn run(scenario: &Scenario, observe: &mut dyn FnMut(Time, u64)) -> Result<RunResult, WorldError> {
    let mut run = Run::new(scenario)?;
    let mut steps = 0u64;
    let (mut progress, mut since) = (0, 0);
    let mut now = Time::START;
    while !run.is_over() {
        let next = run.next();
        if next == Time::NEVER {
            break;
        }
        now = now.max(next);
        run.step(now);
        steps += 1;
        if run.world.facts.progress() != progress {
            (progress, since) = (run.world.facts.progress(), steps);
        } else if steps - since > PATIENCE {
            run.world
                .facts
                .warn("The run was given up: nothing has happened to any record for a very long time.");
            break;
        }
        if steps.is_multiple_of(OBSERVE_EVERY) {
            observe(now, run.world.facts.populations.offered);
        }
    }
    run.finish(scenario, now)
}

impl Run {
    fn new(scenario: &Scenario) -> Result<Run, WorldError> {
        let streams = Streams::new(scenario.seed);
        let mut clients = Vec::new();
        let mut first = First::default();
        for group in &scenario.producers {
            let plan = Plan::new(&group.source);
            for copy in 0..group.count {
                let client = Client::new(scenario, group, copy, first, &plan, &streams)?;
                first.client += 1;
                first.thread += group.threads;
                first.path += client.path_count();
                clients.push(client);
            }
        }
        let paths = first.path as usize;
        let mut wakes = Wakes::new(clients.len());
        (0..first.client).for_each(|client| wakes.set(client, Time::START));
        Ok(Run {
            world: World {
                events: EventQueue::with_capacity(4 * paths),
                cluster: Cluster::new(&scenario.cluster),
                links: Links::new(&scenario.network, paths, &streams),
                wires: Wires::default(),
                facts: Facts::new(&scenario.cluster),
                end: scenario.end,
            },
            clients,
            wakes,
            outbox: Vec::new(),
        })
    }

    fn next(&self) -> Time {
        self.world.next().min(self.wakes.first().0)
    }

    fn is_over(&self) -> bool {
        self.world.facts.ended_clients == self.clients.len()
    }

    /// One thing at `now`: an arrival, or what the cluster has to do, or one client.
    #[inline]
    fn step(&mut self, now: Time) {
        if self.world.events.peek_time() <= now {
            if let Some((_, event)) = self.world.events.pop() {
                self.happen(now, event);
            }
        } else if self.world.cluster.next_poll() <= now {
            self.poll_cluster(now);
        } else {
            self.run_client(self.wakes.first().1, now);
        }
    }

    fn poll_cluster(&mut self, now: Time) {
        self.world.cluster.poll(now, &mut self.outbox);
        for output in self.outbox.drain(..) {
            self.world.send_to_client(now, output);
        }
    }

    fn happen(&mut self, now: Time, event: Event) {
        let client = match event {
            Event::Arrival(link) if link.is_upstream() => {
                self.world.arrive_at_broker(now, link);
                return;
            }
            Event::Arrival(link) => self.world.arrive_at_client(now, link, &mut self.clients),
            Event::ConnectEnds(path, opened) => self.world.connect_ends(path, opened, &mut self.clients),
        };
        if let Some(client) = client {
            let state = &mut self.clients[client as usize];
            state.update_sender(now);
            self.wakes.set(client, state.next());
        }
    }

    /// Lets a client do what is due, and go on by itself until something else happens anywhere.
    fn run_client(&mut self, client: u32, now: Time) {
        let state = &mut self.clients[client as usize];
        state.run(&mut self.world, now, self.wakes.first_but(client));
        self.wakes.set(client, state.next());
    }

    fn finish(mut self, scenario: &Scenario, now: Time) -> Result<RunResult, WorldError> {
        for client in &mut self.clients {
            client.finish(&mut self.world.facts, now)?;
        }
        let World { facts, cluster, .. } = self.world;
        let result = facts.into_result(scenario, &cluster, now);
        match result.populations.add_up() {
            true => Ok(result),
            false => Err(WorldError::Invariant(format!(
                "the populations of records do not add up: {:?}",
                result.populations
            ))),
        }
    }
}

impl World {
    /// Whether a record that is due at this time is no longer sent.
    #[inline]
    fn is_over_at(&self, due: Time) -> bool {
        due == Time::NEVER
            || self.end.at.is_some_and(|end| due >= end)
            || self.end.records.is_some_and(|records| self.facts.populations.offered >= records)
    }

    /// The next thing that happens outside the producers.
    #[inline]
    fn next(&self) -> Time {
        self.events.peek_time().min(self.cluster.next_poll())
    }
}
