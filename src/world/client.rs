//! One producer with its application threads: what it does next, and when.

use super::marks::Marks;
use super::preparer::Preparer;
use super::sleep::Sleep;
use super::threads::AppThread;
use super::wake::Waker;
use super::{Facts, World, WorldError};
use crate::config::producer::ProducerConfig;
use crate::engine::rng::{Purpose, Streams};
use crate::producer::{Codec, Draws, FixedRatio, Output, Producer, RealCodec, START_MS, Setup};
use crate::protocol::compression::Compression;
use crate::protocol::message::Endpoint;
use crate::scenario::{Compressing, ProducerGroup, Scenario, SendMode, SenderCost};
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};
use crate::workload::thread::Plan;

/// A producer under way.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) number: u32,
    /// The group of equal producers that it is one of.
    pub(super) group: usize,
    /// Its process stands still until then.
    pub(super) paused_until: Time,
    pub(super) producer: Producer,
    pub(super) threads: Vec<AppThread>,
    /// What happens to records before the pipeline gets them, if it can be seen.
    pub(super) preparer: Option<Box<Preparer>>,
    /// Records do not just go into the pipeline: there is a preparer, or somebody wants their bytes.
    pub(super) takes_detour: bool,
    pub(super) mode: SendMode,
    pub(super) flush_every_records: u64,
    /// A thread goes on after a plain `send` without looking at anything.
    pub(super) is_carefree: bool,
    pub(super) waker: Waker,
    pub(super) close_timeout: Option<Span>,
    /// The first of its paths, the number of its bootstrap addresses and that of the brokers.
    pub(super) first_path: u32,
    pub(super) bootstrap: u32,
    pub(super) brokers: u32,
    pub(super) outputs: Vec<Output>,
    /// By batch, what the audit knows it by.
    pub(super) marks: Marks,
    /// The thread whose turn is next, and when: [`Client::next_thread`] after all that may change it.
    turn: (usize, Time),
    /// When the sender runs next.
    pub(super) sender_at: Time,
    /// The sender thread is busy until then.
    pub(super) busy_until: Time,
    /// Turns of the sender in one instant from which nothing came.
    pub(super) spins: Spins,
    /// The application has nothing more to send, and has called `close`; then the time of its patience.
    pub(super) closing: bool,
    pub(super) force_close_at: Time,
}

/// A sender without any node to talk to turns as fast as it can: it resets its list of nodes, which lets a blocked thread
/// ask again, which wakes the sender (MDU-3). In a world without processor time that would never end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spins {
    at: Time,
    turns: u32,
}

impl Spins {
    /// A few turns in one instant are what equal times make; no honest sender needs more of them for nothing.
    const MOST: u32 = 8;
    /// What they take then.
    const MOMENT: Span = Span::from_millis(1);

    /// A turn at `now`; how long it takes.
    pub(super) fn turn(&mut self, now: Time, came_to_nothing: bool) -> Span {
        let again = came_to_nothing && self.at == now;
        self.turns = if again { self.turns + 1 } else { 0 };
        self.at = now;
        if self.turns < Self::MOST { Span::ZERO } else { Self::MOMENT }
    }
}

/// Turns of a client without a look at the run.
const MOST_TURNS: u32 = 1 << 10;

/// The numbers that a client's own things begin with, counted over the whole run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct First {
    pub(super) group: usize,
    pub(super) client: u32,
    pub(super) thread: u32,
    pub(super) path: u32,
}

impl Client {
    pub(super) fn new(
        scenario: &Scenario,
        group: &ProducerGroup,
        copy: u32,
        first: First,
        plan: &Plan,
        (streams, wants_bytes): (&Streams, bool),
    ) -> Result<Client, WorldError> {
        let mut config = group.config.clone();
        let preparer = group.preparation.as_ref().map(|plan| {
            let handed = group.source.handed();
            let mut preparer = Preparer::new(plan, handed, config.compression, streams, first.client);
            preparer.keeps_bytes |= wants_bytes;
            Box::new(preparer)
        });
        if copy > 0 {
            config.client_id = format!("{}-{}", config.client_id, copy + 1);
        }
        let brokers = scenario.cluster.brokers.len() as u32;
        let bootstrap: Vec<Endpoint> =
            config.bootstrap_servers.iter().enumerate().map(|(at, address)| endpoint(at, address)).collect();
        let First { client: number, thread, path, .. } = first;
        let entities = thread..thread + group.threads;
        let draws = |purpose, entity| Draws::Stream(Box::new(streams.stream(purpose, entity)));
        let setup = Setup {
            start_ms: START_MS,
            topics: scenario.cluster.topics.iter().map(|topic| topic.name.clone()).collect(),
            thread_draws: entities.clone().map(|entity| draws(Purpose::StickyChoice, entity)).collect(),
            sender_draws: draws(Purpose::RetryJitter, number),
            codec: codec(&config, group),
            partitioner: None,
            bootstrap,
        };
        let paths = config.bootstrap_servers.len() as u32;
        let threads: Result<Vec<AppThread>, _> = entities
            .map(|entity| {
                let sleep = Sleep::new(group.application, &group.source, streams, entity);
                plan.thread(streams, entity).map(|workload| AppThread::new(workload, sleep))
            })
            .collect();
        let threads = threads?;
        let sender = match threads.iter().any(AppThread::sleeps) {
            true => SenderCost { spin: Span::ZERO, ..group.sender },
            false => group.sender,
        };
        let is_carefree = preparer.is_none()
            && group.send_mode != SendMode::Synchronous
            && group.flush_every_records == 0
            && !threads.iter().any(|thread| thread.workload.is_closed_loop());
        let mut client = Client {
            number,
            group: first.group,
            paused_until: Time::START,
            producer: Producer::new(config, setup),
            threads,
            takes_detour: wants_bytes || preparer.is_some(),
            preparer,
            is_carefree,
            mode: group.send_mode,
            flush_every_records: group.flush_every_records,
            waker: Waker::new(sender, streams, number),
            close_timeout: scenario.end.close_timeout,
            first_path: path,
            bootstrap: paths,
            brokers,
            outputs: Vec::new(),
            marks: Marks::default(),
            turn: (0, Time::NEVER),
            sender_at: Time::START,
            busy_until: Time::START,
            spins: Spins::default(),
            closing: false,
            force_close_at: Time::NEVER,
        };
        client.turn = client.next_thread();
        Ok(client)
    }

    /// One path for each bootstrap address and each broker.
    pub(super) fn path_count(&self) -> u32 {
        self.bootstrap + self.brokers
    }

    /// When it has something to do; [`Time::NEVER`] once it has ended.
    #[inline]
    pub(super) fn next(&self) -> Time {
        self.turn.1.min(self.sender_at).min(self.force_close_at)
    }

    /// Does what is due at `now`, and then goes on until just before anything else happens: an event of the world, or
    /// another client's turn at `others`. Gives the time that it has come to.
    pub(super) fn run(&mut self, world: &mut World, mut now: Time, others: Time) -> Time {
        let mut horizon = world.next().min(others);
        let mut turns = 0;
        loop {
            if turns == MOST_TURNS {
                // A sender that waits for what never comes would turn for ever; somebody has to look at that.
                return now;
            }
            turns += 1;
            let (thread, thread_at) = self.turn;
            let at = thread_at.min(self.sender_at).min(self.force_close_at);
            if at > now && at >= horizon {
                return now;
            }
            now = now.max(at);
            if thread_at <= now {
                now = self.run_thread(world, thread, now, horizon);
            } else if self.sender_at <= now {
                if self.waker.is_held(now, thread_at) {
                    self.sender_at = thread_at + self.waker.delay();
                } else {
                    self.run_sender(world, now);
                    horizon = world.next().min(others);
                }
            } else {
                self.force_close(now);
            }
            self.turn = self.next_thread();
        }
    }

    /// CLO-3: the patience of `close` has run out.
    fn force_close(&mut self, now: Time) {
        self.force_close_at = Time::NEVER;
        self.producer.force_close();
        self.update_sender(now);
    }

    /// What is still open at the end, and what went wrong with the workload.
    pub(super) fn finish(&mut self, facts: &mut Facts, now: Time) -> Result<(), WorldError> {
        for thread in &self.threads {
            if let Some(error) = thread.workload.error() {
                return Err(error.clone().into());
            }
            thread.workload.notes().into_iter().for_each(|note| facts.warn(&note));
        }
        facts.producer_ended(self, now);
        Ok(())
    }
}

/// Bootstrap address number `at` as a node; only its hash matters.
fn endpoint(at: usize, address: &str) -> Endpoint {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    let port = port.parse().unwrap_or(9092);
    Endpoint { node: NodeId(-1 - at as i32), host: host.to_owned(), port, rack: None }
}

fn codec(config: &ProducerConfig, group: &ProducerGroup) -> Option<Box<dyn Codec>> {
    let is_real = group.preparation.as_ref().is_some_and(|plan| plan.keeps_bytes);
    match config.compression {
        Compression::None => None,
        _ if is_real => RealCodec::of(config).map(|codec| Box::new(codec) as Box<dyn Codec>),
        _ => Some(match &group.compressing {
            Compressing::Ratio(permille) => Box::new(FixedRatio { permille: *permille }),
            Compressing::Curve(curve) => Box::new(curve.clone()),
        }),
    }
}
