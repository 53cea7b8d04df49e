//! What a scenario need not say. Kafka's own keys have their defaults in the key table of [`crate::config`].
//!
//! Timings describe brokers on fast machines in one data centre, about as measured on real brokers that are warm;
//! they are good for comparing settings, not for promises about a certain cluster.

use crate::values::time::Span;
use crate::values::units::{BitRate, Bytes, PerByte, Rate};

/// `seed`.
pub const SEED: u64 = 1;
/// `run.duration`, where neither a duration nor a number of records nor a trace says when to stop.
pub const DURATION: Span = Span::from_secs(10);

/// `cluster.brokers`.
pub const BROKERS: u64 = 3;
/// `cluster.partitions`, of topics that don't say.
pub const PARTITIONS: u64 = 6;
/// `cluster.replication`, of topics that don't say, but at most the number of brokers.
pub const REPLICATION: u64 = 3;
/// The name of the one topic of a scenario without topics.
pub const TOPIC: &str = "events";
/// `min.insync.replicas`, Kafka's default.
pub const MIN_INSYNC_REPLICAS: u64 = 1;
/// `max.message.bytes`, Kafka's default.
pub const MAX_MESSAGE_BYTES: u64 = 1_048_588;
/// `segment.bytes`, Kafka's default.
pub const SEGMENT_BYTES: u64 = 1 << 30;
/// `segment.ms` and `retention.ms`, Kafka's default: a week.
pub const SEGMENT_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// `log.retention.check.interval.ms`, Kafka's default.
pub const RETENTION_CHECK_INTERVAL_MS: u64 = 300_000;
/// `num.io.threads`, Kafka's default.
pub const IO_THREADS: u64 = 8;
/// `num.network.threads`, Kafka's default.
pub const NETWORK_THREADS: u64 = 3;
/// `cluster.service`: the fixed part of a produce request.
pub const SERVICE: Span = Span::from_micros(100);
/// `cluster.service-per-byte`.
pub const SERVICE_PER_BYTE: PerByte = PerByte(2_000);
/// `cluster.service-per-batch`: each batch of a request after the first.
pub const SERVICE_PER_BATCH: Span = Span::from_micros(8);
/// `cluster.service-other`: requests that are not produce requests.
pub const SERVICE_OTHER: Span = Span::from_micros(100);

/// `replica.lag.time.max.ms`, Kafka's default.
pub const REPLICA_LAG_TIME_MAX_MS: u64 = 30_000;
/// `replica.fetch.wait.max.ms`, Kafka's default.
pub const REPLICA_FETCH_WAIT_MAX_MS: u64 = 500;
/// `broker.session.timeout.ms`, Kafka's default.
pub const BROKER_SESSION_TIMEOUT_MS: u64 = 9_000;
/// `broker.heartbeat.interval.ms`, Kafka's default.
pub const BROKER_HEARTBEAT_INTERVAL_MS: u64 = 2_000;
/// `zookeeper.session.timeout.ms`, Kafka's default.
pub const ZOOKEEPER_SESSION_TIMEOUT_MS: u64 = 18_000;
/// `replica.fetch.backoff.ms`, Kafka's default.
pub const REPLICA_FETCH_BACKOFF_MS: u64 = 1_000;
/// `leader.imbalance.check.interval.seconds`, Kafka's default.
pub const REBALANCE_SECONDS: u64 = 300;
/// `cluster.broker-latency`: one way between two brokers.
pub const BROKER_LATENCY: Span = Span::from_micros(100);
/// `cluster.follower-append`: the fixed part of a follower's append.
pub const FOLLOWER_APPEND: Span = Span::from_micros(100);
/// `cluster.follower-per-byte`.
pub const FOLLOWER_PER_BYTE: PerByte = PerByte(3_000);
/// `cluster.metadata-propagation`: from the controller's decision to the brokers' caches.
pub const METADATA_PROPAGATION: Span = Span::from_millis(50);

/// `cluster.metadata-propagation-jitter`: on top of it, drawn for each broker.
pub const METADATA_PROPAGATION_JITTER: Span = Span::from_millis(20);
/// `cluster.controller-failover`: from the loss of a controller to the first decision of the next.
pub const CONTROLLER_FAILOVER: Span = Span::from_secs(2);
/// `cluster.broker-startup`: from the start of a process to its registration.
pub const BROKER_STARTUP: Span = Span::from_secs(3);
/// `cluster.broker-shutdown`: from the controller's consent to the end of the process.
pub const BROKER_SHUTDOWN: Span = Span::from_millis(500);
/// `cluster.os-flush-interval`: Linux looks for old pages to write this often.
pub const OS_FLUSH_INTERVAL: Span = Span::from_secs(5);

/// `network.latency`: one way.
pub const LATENCY: Span = Span::from_micros(250);
/// `network.jitter`.
pub const JITTER: Span = Span::ZERO;
/// `network.bandwidth` of one connection.
pub const BANDWIDTH: BitRate = BitRate(10_000_000_000);
/// `network.connect`: the time to set up a connection.
pub const CONNECT: Span = Span::from_millis(1);

/// `producer.count` and `producer.threads`.
pub const ONE: u64 = 1;
/// `workload.rate` of one application thread.
pub const RATE: Rate = Rate(10_000_000);
/// `workload.value`.
pub const VALUE: Bytes = Bytes(100);
/// `workload.keys.prefix` of keys in text form.
pub const KEY_PREFIX: &str = "key-";

/// `producer.compression-ratio` without compression.
pub const UNCOMPRESSED_PERMILLE: u32 = 1_000;
/// The same with gzip, of JSON-like text.
pub const GZIP_PERMILLE: u32 = 213;
/// The same with snappy.
pub const SNAPPY_PERMILLE: u32 = 369;
/// The same with lz4.
pub const LZ4_PERMILLE: u32 = 348;
/// The same with zstd.
pub const ZSTD_PERMILLE: u32 = 208;
