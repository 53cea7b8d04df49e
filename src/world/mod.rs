//! Floor 7: the driver: one clock, the producers, the cluster, and the links between them.
//!
//! At one instant the order is: what arrives over the network, then the brokers, then the producers, and of a producer
//! first its application threads, then its sender. Records are not events: a producer that has been woken goes on by
//! itself up to the next event of the world.

mod cadence;
mod client;
mod diary;
mod facts;
mod faults;
pub mod happening;
mod key_places;
mod link_faults;
mod links;
mod log_keeper;
mod many;
mod marks;
pub mod observe;
mod observers;
mod parts;
mod preparer;
mod preparing;
mod promises;
mod record_bytes;
mod registry_node;
pub mod result;
mod sender;
mod silence;
mod sleep;
mod tally;
mod threads;
mod wake;
mod wire;

pub use key_places::SplitKeys;
pub use many::run_many;

use self::client::{Client, First};
use self::facts::Facts;
use self::faults::Planned;
use self::links::Links;
use self::observe::{Asked, Glance, Observed};
use self::observers::Observers;
use self::registry_node::RegistryNode;
use self::result::RunResult;
use crate::cluster::{Cluster, ClusterOutput};
use crate::config::producer::ClientVersion;
use crate::engine::queue::EventQueue;
use crate::engine::rng::Streams;
use crate::engine::wakes::Wakes;
use crate::producer::Producer;
use crate::scenario::{LatencyFrom, ProducerGroup, Scenario};
use crate::values::time::Time;
use crate::workload::error::WorkloadError;
use crate::workload::spec::Source;
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

/// Version of the model: same scenario, seed and model version, same bytes. It is raised with every change that can
/// change a result, and baselines of another one are not taken for those of this.
pub const MODEL_VERSION: u32 = 1;

/// Steps without any record being offered or completed after which a run is given up: whatever its configuration
/// waits for, it would wait for years.
const PATIENCE: u64 = 20_000_000;
/// More records under way at once are refused: each takes 24 bytes in its batch, a batch of its own some hundred.
const MOST_PENDING: u64 = 50_000_000;
/// Steps between two looks at how the run goes.
const STEPS: u64 = 1 << 8;

/// Something that happens between the producers and the cluster.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The oldest message of a link arrives.
    Arrival(links::LinkIx),
    /// The time to set up a connection is over.
    ConnectEnds(links::PathIx, u32),
    /// A fault of the scenario happens.
    Fault(u32),
    /// Its end.
    FaultEnds(u32),
}

/// Everything that the parts of a run share.
#[derive(Debug)]
struct World {
    events: EventQueue<Event>,
    cluster: Cluster,
    links: Links,
    facts: Facts,
    /// No new records from this time on, and no more than so many.
    end_at: Time,
    most_records: u64,
    /// The latency of a record counts from the call of `send`.
    latency_from_call: bool,
    /// That, or somebody asks where keys go: single calls of `send` are looked at.
    looks_at_sends: bool,
    /// The number of the record whose call of `send` is asked for.
    watched_call: u64,
    /// The next end of a part of the run that is asked for.
    part_ends: Time,
    /// The schema registry, if there is one.
    registry: Option<RegistryNode>,
}

/// A run under way.
#[derive(Debug)]
struct Run {
    now: Time,
    world: World,
    clients: Vec<Client>,
    /// When each client has something to do.
    wakes: Wakes,
    outbox: Vec<ClusterOutput>,
    streams: Streams,
    faults: Vec<Planned>,
}

/// Runs a scenario to its end. `observe` hears the time and the number of records so far, now and then; it changes
/// nothing.
///
/// # Errors
/// See [`WorldError`].
pub fn run(scenario: &Scenario, observe: &mut dyn FnMut(Time, u64)) -> Result<RunResult, WorldError> {
    run_while(scenario, &mut |now, records| {
        observe(now, records);
        true
    })
}

/// Like [`run`], but `goes_on` says whether the run goes on; it is asked every few hundred steps. A run that does not is
/// left as it is then: some clients wait for ever in some situations, as the real ones do.
///
/// # Errors
/// See [`WorldError`].
pub fn run_while(
    scenario: &Scenario,
    goes_on: &mut dyn FnMut(Time, u64) -> bool,
) -> Result<RunResult, WorldError> {
    let observed =
        run_observed(scenario, &Asked::default(), &mut |glance| goes_on(glance.now, glance.records));
    Ok(observed?.result)
}

/// Like [`run_while`], with what is asked for. The result is that of a run without an observer.
///
/// # Errors
/// See [`WorldError`].
pub fn run_observed(
    scenario: &Scenario,
    asked: &Asked,
    goes_on: &mut dyn FnMut(Glance<'_>) -> bool,
) -> Result<Observed, WorldError> {
    let mut run = Run::new(scenario, asked)?;
    let (mut progress, mut idle) = (0, 0);
    loop {
        let is_over = !run.steps(STEPS);
        if is_over {
            // What has happened since the last glance.
            run.show(&mut |glance| glance.is_quiet() || goes_on(glance));
            break;
        }
        if !run.show(goes_on) {
            break;
        }
        run.check_logs()?;
        if run.world.facts.under_way() > MOST_PENDING {
            let message =
                "more than 50 million records would be under way at once, which takes too much memory";
            return Err(WorldError::Environment(format!("{message}: lower buffer.memory or the load")));
        }
        idle = if run.world.facts.progress() == progress { idle + STEPS } else { 0 };
        progress = run.world.facts.progress();
        if idle > PATIENCE {
            run.world
                .facts
                .warn("The run was given up: nothing has become of any record for a very long time.");
            break;
        }
    }
    run.finish(scenario)
}

impl Run {
    fn new(scenario: &Scenario, asked: &Asked) -> Result<Run, WorldError> {
        let streams = Streams::new(scenario.seed);
        let mut clients = Vec::new();
        let mut first = First::default();
        let mut shared: Option<(&Source, Plan)> = None;
        for group in &scenario.producers {
            let plan = match shared.take() {
                Some((source, plan)) if *source == group.source => plan,
                _ => Plan::new(&group.source),
            };
            for copy in 0..group.count {
                let client =
                    Client::new(scenario, group, copy, first, &plan, (&streams, asked.logs.is_some()))?;
                first.client += 1;
                first.thread += group.threads;
                first.path += client.path_count();
                clients.push(client);
            }
            shared = Some((&group.source, plan));
            first.group += 1;
        }
        let paths = first.path as usize;
        let mut wakes = Wakes::new(clients.len());
        (0..first.client).for_each(|client| wakes.set(client, Time::START));
        let faults = Planned::all(&scenario.faults, &streams);
        let fault_times: Vec<_> = faults.iter().map(|planned| (planned.at, &planned.fault)).collect();
        let observers = Observers::new(asked, scenario, &fault_times);
        let part_ends = observers.as_ref().map_or(Time::NEVER, |observers| observers.next_end(Time::START));
        let mut events = EventQueue::with_capacity(4 * paths);
        for (planned, number) in faults.iter().zip(0..) {
            events.push(planned.at, Event::Fault(number));
        }
        let mut cluster = Cluster::new(&scenario.cluster, &streams);
        if asked.happenings || asked.logs.is_some() {
            cluster.watch_served();
        }
        if asked.happenings {
            clients.iter_mut().for_each(|client| client.producer.watch_held());
        }
        Ok(Run {
            now: Time::START,
            world: World {
                events,
                cluster,
                links: Links::new(&scenario.network, &scenario.cluster.brokers, paths, &streams),
                facts: Facts::new(&scenario.cluster, observers),
                end_at: scenario.end.at.unwrap_or(Time::NEVER),
                most_records: scenario.end.records.unwrap_or(u64::MAX),
                latency_from_call: scenario.latency_from == LatencyFrom::Call,
                looks_at_sends: asked.keys
                    || asked.happenings
                    || asked.call_of.is_some()
                    || scenario.latency_from == LatencyFrom::Call,
                watched_call: asked.call_of.unwrap_or(u64::MAX),
                part_ends,
                registry: scenario.registry.as_ref().map(|spec| RegistryNode::new(spec, &streams)),
            },
            clients,
            wakes,
            outbox: Vec::new(),
            streams,
            faults,
        })
    }

    /// The next `count` things that happen. False: the run is over.
    fn steps(&mut self, count: u64) -> bool {
        for _ in 0..count {
            let arrival_at = self.world.events.peek_time();
            let cluster_at = self.world.cluster.next_poll();
            let client_at = self.wakes.earliest();
            let next = arrival_at.min(cluster_at).min(client_at);
            if next == Time::NEVER || self.world.facts.ended_clients == self.clients.len() {
                return false;
            }
            if next >= self.world.part_ends {
                self.end_parts(next);
            }
            self.now = self.now.max(next);
            if next == arrival_at {
                self.next_arrival();
            } else if next == cluster_at {
                self.poll_cluster();
            } else {
                let (client, others) = self.wakes.first();
                self.run_client(client, others);
            }
        }
        true
    }

    /// Shows what has happened since the last time; whether the run goes on.
    fn show(&mut self, goes_on: &mut dyn FnMut(Glance<'_>) -> bool) -> bool {
        let (now, facts) = (self.now, &mut self.world.facts);
        let records = facts.populations.offered;
        let Some(observers) = &mut facts.observers else {
            return goes_on(Glance { now, records, facts: &[], acks: &[], called: None, happenings: &[] });
        };
        let (noted, acks) = (observers.facts.as_deref(), observers.acks.as_deref());
        let (facts, acks, called) = (noted.unwrap_or(&[]), acks.unwrap_or(&[]), observers.called);
        let happenings = observers.diary.as_ref().map_or(&[][..], |diary| &diary.happenings);
        let answer = goes_on(Glance { now, records, facts, acks, called, happenings });
        if let Some(diary) = &mut observers.diary {
            diary.happenings.clear();
        }
        observers.facts.iter_mut().for_each(Vec::clear);
        observers.acks.iter_mut().for_each(Vec::clear);
        answer
    }

    /// Parts of the run that are asked for end before what happens `next`.
    #[cold]
    fn end_parts(&mut self, next: Time) {
        self.world.facts.close_parts(&self.clients, next);
        self.world.part_ends = self.world.facts.next_part_end(next);
    }

    /// Whether logs that are asked for can still be had.
    fn check_logs(&mut self) -> Result<(), WorldError> {
        let Run { world: World { facts, cluster, .. }, .. } = self;
        let logs = facts.observers.as_mut().and_then(|observers| observers.logs.as_mut());
        logs.map_or(Ok(()), |logs| logs.check(cluster))
    }

    fn poll_cluster(&mut self) {
        self.world.cluster.poll(self.now, &mut self.outbox);
        self.world.note_cluster(self.now);
        for output in self.outbox.drain(..) {
            self.world.send_to_client(self.now, output);
        }
    }

    fn next_arrival(&mut self) {
        let now = self.now;
        let Some((_, event)) = self.world.events.pop() else { return };
        let client = match event {
            Event::Arrival(link) if link.is_upstream() => {
                self.world.arrive_at_broker(now, link);
                return;
            }
            Event::Arrival(link) => self.world.arrive_at_client(now, link, &mut self.clients),
            Event::ConnectEnds(path, opened) => self.world.connect_ends(now, path, opened, &mut self.clients),
            Event::Fault(number) => {
                self.begin_fault(number);
                None
            }
            Event::FaultEnds(number) => {
                self.end_fault(number);
                None
            }
        };
        if let Some(client) = client {
            self.wake_client(client);
        }
    }

    /// A client has heard of something. It need not be put in line for its turn if nothing else happens now.
    fn wake_client(&mut self, client: u32) {
        let state = &mut self.clients[client as usize];
        state.update_sender(self.now);
        let at = state.next();
        if at > self.now || self.wakes.earliest() <= self.now || self.world.next() <= self.now {
            self.wakes.set(client, at);
        } else {
            self.run_client(client, self.wakes.first_but(client));
        }
    }

    /// Lets a client do what is due, and go on by itself until something else happens anywhere, or until it is another
    /// client's turn at `others`.
    #[inline]
    fn run_client(&mut self, client: u32, others: Time) {
        let state = &mut self.clients[client as usize];
        if state.paused_until > self.now {
            // Its process stands still.
            self.wakes.set(client, state.paused_until);
            return;
        }
        self.now = state.run(&mut self.world, self.now, others);
        self.wakes.set(client, state.next());
    }

    fn finish(mut self, scenario: &Scenario) -> Result<Observed, WorldError> {
        let now = self.now;
        self.check_logs()?;
        for client in &mut self.clients {
            client.finish(&mut self.world.facts, now)?;
            check_buffer(&client.producer)?;
        }
        let faults = self.fault_results();
        let preparation = self.preparation_result(scenario);
        let World { mut facts, mut cluster, .. } = self.world;
        let all_ended = facts.ended_clients == self.clients.len();
        let ledger = cluster.finish_audit();
        if let Some(contradiction) = ledger.contradiction() {
            return Err(WorldError::Invariant(contradiction.to_owned()));
        }
        let logs = facts.observers.as_mut().and_then(|observers| observers.logs.take());
        let mut observed = facts.into_result(scenario, &cluster, &ledger, faults, now);
        if let Some(logs) = logs {
            observed.logs = logs.finish(&cluster, scenario)?;
        }
        let result = &mut observed.result;
        result.preparation = preparation;
        let populations = result.populations;
        if !populations.add_up() {
            return Err(WorldError::Invariant(format!("the populations do not add up: {populations:?}")));
        }
        if all_ended && populations.pending > 0 {
            if !may_forget_batches(scenario) {
                let message = format!("every producer has ended, but records are pending: {populations:?}");
                return Err(WorldError::Invariant(message));
            }
            let pending = populations.pending;
            result.warnings.push(format!(
                "{pending} records never complete: client 2.3 has lost track of batches whose sequences it could not \
                 change."
            ));
        }
        Ok(observed)
    }
}

/// Memory of a producer's buffer is free, or somebody has it.
fn check_buffer(producer: &Producer) -> Result<(), WorldError> {
    let (found, total) = producer.buffer_balance();
    if found == total {
        return Ok(());
    }
    let id = &producer.config().client_id;
    Err(WorldError::Invariant(format!("of {total} bytes of buffer.memory {id} has {found}")))
}

/// An idempotent client 2.3 throws out of the handling of a response when a sequence cannot be changed, and then may end
/// without having completed the batch.
fn may_forget_batches(scenario: &Scenario) -> bool {
    let is_one = |group: &ProducerGroup| {
        group.config.enable_idempotence && group.config.version == ClientVersion::V2_3
    };
    scenario.producers.iter().any(is_one)
}

impl World {
    /// Whether a record that is due at this time is no longer sent; one that never is due is not.
    #[inline]
    fn is_over_at(&self, due: Time) -> bool {
        due >= self.end_at || self.facts.populations.offered >= self.most_records
    }

    /// The next thing that happens outside the producers.
    #[inline]
    fn next(&self) -> Time {
        self.events.peek_time().min(self.cluster.next_poll()).min(self.part_ends)
    }
}
