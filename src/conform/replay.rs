//! The rounds in which a script is played: world, application threads, sender (one after the other, in virtual ms).

use serde_json::{Map, Value};

use super::Codecs;
use super::application::Application;
use super::case::TraceLine;
use super::codec::RecordedCodec;
use super::compare::Slack;
use super::event::{End, Event};
use super::ledger::Ledger;
use super::network::Network;
use super::script::Script;
use super::trace::{Divergence, Header, Trace};
use crate::config::producer::{ClientVersion, ProducerConfig};
use crate::producer::{Codec, Output, Producer, RealCodec, Setup};
use crate::protocol::compression::Compression;
use crate::protocol::message::Endpoint;
use crate::values::ids::NodeId;
use crate::values::time::Time;

/// More rounds than this are a script that makes the client spin; the longest real case has some thousands.
const MAX_ROUNDS: u64 = 3_000_000;

/// The metric that the recorded clients could not have: nothing fed it, so a trace has no value, where the real client
/// counts the zero of every response (NET-5).
const UNRECORDED: &str = "produce-throttle-time-avg";

/// One case under way.
#[derive(Debug)]
pub(super) struct Replay<'c> {
    pub(super) script: &'c Script,
    pub(super) producer: Producer,
    pub(super) network: Network<'c>,
    pub(super) threads: Vec<Application<'c>>,
    pub(super) ledger: Ledger,
    pub(super) trace: Trace<'c>,
    pub(super) now: Time,
    /// Ordinals of produce requests by the client's request index.
    pub(super) ordinals: Vec<u64>,
    pub(super) outputs: Vec<Output>,
    /// Records are sent with their bytes.
    pub(super) keeps_bytes: bool,
    rounds: u64,
}

impl<'c> Replay<'c> {
    /// Builds the producer and the world around it.
    pub(super) fn new(
        script: &'c Script,
        header: &Header,
        config: ProducerConfig,
        trace: &'c [TraceLine],
        codecs: Codecs,
    ) -> Replay<'c> {
        let network = Network::new(script, config.enable_idempotence);
        let codec = codec(&config, trace, codecs);
        let keeps_bytes = codecs == Codecs::Real && codec.is_some();
        let setup = Setup {
            start_ms: script.start_ms,
            bootstrap: bootstrap(&script.nodes),
            topics: script.topic_names.all().to_vec(),
            thread_draws: header.thread_draws(),
            sender_draws: header.sender_draws(),
            codec,
            partitioner: None,
        };
        Replay {
            script,
            trace: Trace::new(trace, slack(&config, codecs)),
            producer: Producer::new(config, setup),
            network,
            threads: script.threads.iter().map(|ops| Application::new(ops)).collect(),
            ledger: Ledger::default(),
            now: Time::START,
            ordinals: Vec::new(),
            outputs: Vec::new(),
            keeps_bytes,
            rounds: 0,
        }
    }

    /// Plays the script to its end or to the first difference.
    ///
    /// # Errors
    /// A sentence about a script that never ends.
    pub(super) fn run(mut self) -> Result<Option<Divergence>, String> {
        loop {
            while self.round() {
                self.rounds += 1;
                if self.rounds > MAX_ROUNDS {
                    return Err(format!("the client does nothing but spin: {MAX_ROUNDS} rounds and no end"));
                }
            }
            if self.trace.has_diverged() || self.is_over() {
                break;
            }
            let next = self.next_instant();
            self.now = next.min(self.script.until);
            if next >= self.script.until {
                break;
            }
        }
        self.end();
        Ok(self.trace.finish())
    }

    /// What the world has ready, then each thread in order, then the sender; whether anything ran.
    fn round(&mut self) -> bool {
        if self.trace.has_diverged() {
            return false;
        }
        let mut ran = self.network.happen(self.now, &mut self.producer);
        for thread in 0..self.threads.len() {
            ran |= self.run_thread(thread);
        }
        if self.producer.next_poll() <= self.now {
            self.run_sender();
            ran = true;
        }
        ran
    }

    /// All ops are done, and no record will ever complete any more.
    fn is_over(&self) -> bool {
        let nothing_open = self.ledger.totals().open == 0 || self.producer.has_ended();
        nothing_open && self.threads.iter().all(Application::is_done)
    }

    fn next_instant(&self) -> Time {
        let threads = (0..self.threads.len()).map(|thread| self.thread_deadline(thread));
        threads.fold(self.network.next().min(self.producer.next_poll()), Time::min)
    }

    fn end(&mut self) {
        let log_ends = self.network.cluster.log_ends();
        let log_end: Map<String, Value> = log_ends
            .map(|(topic, ends)| (self.script.topic_names.name(topic).to_owned(), ends.into()))
            .collect();
        let metrics = self.producer.metrics(self.now);
        let metrics = metrics.iter().map(|(name, value)| {
            let value = if name == UNRECORDED { Value::Null } else { value.into() };
            (name.to_owned(), value)
        });
        let end = End {
            totals: self.ledger.totals(),
            requests: self.network.produce_requests,
            log_end,
            metrics: metrics.collect(),
        };
        self.trace.event(self.now, Event::End(Box::new(end)));
    }
}

/// What compresses: the traces know, or the codec itself does.
fn codec(config: &ProducerConfig, trace: &[TraceLine], codecs: Codecs) -> Option<Box<dyn Codec>> {
    match (config.compression, codecs) {
        (Compression::None, _) => None,
        (_, Codecs::Recorded) => Some(Box::new(RecordedCodec::of_trace(trace))),
        (_, Codecs::Real) => RealCodec::of(config).map(|codec| Box::new(codec) as Box<dyn Codec>),
    }
}

/// zlib and lz4 give the bytes that every client's library gives, zstd those of a client since 3.9. snappy-java has a newer
/// snappy, and older clients have older editions of zstd.
fn slack(config: &ProducerConfig, codecs: Codecs) -> Slack {
    let is_same_edition = match config.compression {
        Compression::None | Compression::Gzip | Compression::Lz4 => true,
        Compression::Snappy => false,
        Compression::Zstd => config.version >= ClientVersion::V3_9,
    };
    if codecs == Codecs::Recorded || is_same_edition { Slack::NONE } else { Slack::OTHER_CODEC }
}

/// The addresses that the client starts from: nodes -1, -2, … without rack.
fn bootstrap(nodes: &[Endpoint]) -> Vec<Endpoint> {
    let ids = (1..).map(|at: i32| NodeId(-at));
    let bootstrap = ids.zip(nodes).map(|(node, endpoint)| Endpoint { node, rack: None, ..endpoint.clone() });
    bootstrap.collect()
}
