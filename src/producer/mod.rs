//! Floor 4: the producer, a state machine without clock, socket or thread.
//!
//! A driver calls [`Producer::send`] for its application threads and [`Producer::poll`] for the sender thread, tells
//! what the network did ([`Producer::connected`], [`Producer::disconnected`], [`Producer::produced`], …) and acts on
//! the [`Output`]s. Nothing happens outside these calls, and all of them take the time at which they happen.

mod accumulator;
mod application;
mod batch;
mod batches;
mod bits;
mod compression;
mod exception;
mod idempotence;
mod inbox;
pub mod interceptor;
mod metadata;
mod metrics;
mod network;
mod output;
pub mod partitioner;
mod personality;
mod pool;
mod producer_id_reset;
mod random;
mod ratio_curve;
mod sender;
mod tails;
mod topics;
mod view;

pub use accumulator::{Held, HeldBack};
pub use application::{BlockedOn, FlushMark, Sent};
pub use batch::{Batch, BatchId, Reason, RecordEntry};
pub use compression::{Codec, FixedRatio, RatioEstimator, RealCodec};
pub use exception::Exception;
pub use metrics::Snapshot;
pub use network::{Request, RequestId};
pub use output::{Outcome, Output};
pub use random::Draws;
pub use ratio_curve::{CurveError, RatioCurve};
pub use tails::Tails;

use self::accumulator::Accumulator;
use self::application::AppThread;
use self::idempotence::Idempotence;
use self::metadata::Metadata;
use self::metrics::Metrics;
use self::network::{Arrival, Network};
use self::partitioner::Partitioner;
use self::personality::Personality;
use self::sender::Sender;
use self::topics::Topics;
use self::view::ClusterView;
use crate::config::producer::ProducerConfig;
use crate::protocol::backoff::Backoff;
use crate::protocol::message::Endpoint;
use crate::values::ids::TopicId;
use crate::values::time::{Span, Time};

pub use crate::values::time::START_MS;

/// What a poll without timeout takes when nothing ends it (HAZ-2).
const SPIN: Span = Span::from_millis(1);

/// What a producer needs besides its configuration.
#[derive(Debug)]
pub struct Setup {
    /// Kafka's clock at [`Time::START`], in epoch ms.
    pub start_ms: i64,
    /// The bootstrap addresses, nodes -1, -2, … (CON-8); never empty.
    pub bootstrap: Vec<Endpoint>,
    /// Names of the topics; their place is their [`TopicId`].
    pub topics: Vec<String>,
    /// Draws of each application thread; their number is that of the threads.
    pub thread_draws: Vec<Draws>,
    /// Draws of the sender thread.
    pub sender_draws: Draws,
    /// What compression achieves; `None` without compression.
    pub codec: Option<Box<dyn Codec>>,
    /// The `partitioner.class` of a kind that is not Kafka's own.
    pub partitioner: Option<Box<dyn Partitioner>>,
}

/// One producer: application threads, accumulator, sender thread and network client.
#[derive(Debug)]
pub struct Producer {
    config: ProducerConfig,
    personality: Personality,
    start_ms: i64,
    topics: Topics,
    metadata: Metadata,
    view: ClusterView,
    accumulator: Accumulator,
    network: Network,
    idempotence: Option<Idempotence>,
    metrics: Metrics,
    threads: Vec<AppThread>,
    partitioner: Option<Box<dyn Partitioner>>,
    codec: Option<Box<dyn Codec>>,
    tails: Tails,
    sender: Sender,
    sender_draws: Draws,
    retry_backoff: Backoff,
    max_block: Span,
    /// What `max.request.size` and `buffer.memory` leave for the upper bound of a record.
    most_record_bytes: u64,
    max_in_flight: usize,
    /// CON-5.
    adaptive: bool,
    /// When the sender's poll ends; [`Time::START`]: at once, since something has been written, has arrived, or
    /// somebody has woken it.
    poll_ends: Time,
    /// Somebody has woken the sender since it last looked.
    wakeup: bool,
    /// What the poll under way handed over; kept for its room.
    arrivals: Vec<Arrival>,
    /// Batches that stayed in the last poll, if somebody asks for them.
    held: Option<Vec<Held>>,
}

impl Producer {
    /// CON-1 to CON-9. The sender takes its first step at the first [`Producer::poll`].
    pub fn new(config: ProducerConfig, setup: Setup) -> Producer {
        let personality = Personality::of(config.version);
        let retry_backoff = personality.backoff(config.retry_backoff_ms, config.retry_backoff_max_ms);
        let network = Network::new(
            personality.reconnect_backoff(&config),
            personality.setup_backoff(&config),
            personality,
        );
        let partitioner = setup.partitioner.or_else(|| partitioner::of_kind(&config.partitioner));
        let mut producer = Producer {
            personality,
            start_ms: setup.start_ms,
            topics: Topics::default(),
            metadata: if personality.partial_metadata {
                Metadata::new(retry_backoff, config.metadata_max_age_ms, config.metadata_max_idle_ms)
            } else {
                Metadata::whole(
                    retry_backoff,
                    config.metadata_max_age_ms,
                    config.metadata_max_idle_ms,
                    setup.start_ms,
                )
            },
            view: ClusterView::default(),
            accumulator: Accumulator::new(
                config.buffer_memory,
                config.batch_size,
                personality.one_map_of_queues,
                RatioEstimator::new(personality.ratio_has_floor),
            ),
            network,
            idempotence: config.enable_idempotence.then(Idempotence::new),
            metrics: Metrics::new(
                config.metrics_sample_window_ms,
                config.metrics_num_samples,
                personality.metric_windows_overlap,
            ),
            threads: setup.thread_draws.into_iter().map(AppThread::new).collect(),
            adaptive: partitioner.is_none() && config.partitioner_adaptive_partitioning_enable,
            partitioner,
            codec: setup.codec,
            tails: Tails::default(),
            sender: Sender::default(),
            sender_draws: setup.sender_draws,
            retry_backoff,
            most_record_bytes: config.buffer_memory.min(u64::from(config.max_request_size)),
            max_block: Span::from_millis(config.max_block_ms.max(0) as u64),
            max_in_flight: config.max_in_flight as usize,
            poll_ends: Time::START,
            wakeup: false,
            arrivals: Vec::new(),
            held: None,
            config,
        };
        for name in &setup.topics {
            producer.topics.intern(name);
        }
        producer.start_from(&setup.bootstrap);
        producer
    }

    fn start_from(&mut self, bootstrap: &[Endpoint]) {
        let nodes = bootstrap.iter().map(|endpoint| self.network.node(endpoint)).collect::<Vec<_>>();
        self.network.bootstrap = nodes.clone();
        self.view.bootstrap(nodes, &self.topics);
    }

    /// The id of a topic, given out now if the name is new.
    pub fn topic(&mut self, name: &str) -> TopicId {
        self.topics.intern(name)
    }

    /// The name of a topic.
    pub fn topic_name(&self, topic: TopicId) -> &str {
        self.topics.name(topic)
    }

    /// A batch that is valid now (see [`BatchId`]).
    #[inline]
    pub fn batch(&self, id: BatchId) -> &Batch {
        &self.accumulator.batches[id]
    }

    /// A request that is valid now (see [`RequestId`]).
    pub fn request(&self, id: RequestId) -> &Request {
        &self.network.requests[id]
    }

    /// The effective configuration.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Bytes of `buffer.memory`: those that are free or held by somebody, and all. They are the same, unless memory has
    /// not been given back, or was never taken.
    pub fn buffer_balance(&self) -> (u64, u64) {
        let Accumulator { pool, batches, .. } = &self.accumulator;
        (pool.available() + pool.gathered() + batches.held_bytes(), pool.total())
    }

    /// How long a batch waits since its last transmission failed, or since it was opened, in ms.
    pub fn waited_ms(&self, now: Time, batch: &Batch) -> u64 {
        batch.waited_ms(self.millis(now)).unsigned_abs()
    }

    /// Kafka's clock, in epoch ms.
    #[inline]
    fn millis(&self, now: Time) -> i64 {
        self.start_ms + now.as_millis()
    }
}
