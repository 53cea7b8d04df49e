//! The checked, effective configuration that a producer runs with.

use crate::protocol::message::Acks;

/// Which release of the Java client is imitated (`kafka.version`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientVersion {
    /// 2.3: round-robin for null keys, idempotence off.
    V2_3,
    /// 3.1: KIP-480 sticky partitioner.
    V3_1,
    /// 3.9: KIP-794 partitioner, linger 0.
    V3_9,
    /// 4.3: linger 5.
    #[default]
    V4_3,
}

/// `compression.type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Kafka's own")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// Who chooses the partition of a record that names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PartitionerKind {
    /// `partitioner.class` unset from 3.3 on: keyed hash, otherwise KIP-794.
    #[default]
    BuiltIn,
    /// `DefaultPartitioner` of 2.4 to 3.2: keyed hash, otherwise KIP-480 sticky.
    DefaultSticky,
    /// `DefaultPartitioner` up to 2.3: keyed hash, otherwise round-robin.
    DefaultRoundRobin,
    /// `UniformStickyPartitioner` (KIP-480), keys ignored.
    UniformSticky,
    /// `RoundRobinPartitioner`, keys ignored.
    RoundRobin,
    /// Any other class: the driver must supply the partitioner.
    Custom(String),
}

/// `metadata.recovery.strategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryStrategy {
    /// Never forget the known brokers.
    None,
    /// Start again from the bootstrap servers when no known broker is left.
    Rebootstrap,
}

/// Effective values of all modelled keys, after parsing, cross-key rules and post-processing (9.1, 9.3).
/// Names are Kafka's with underscores; times are milliseconds and sizes bytes, as in the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "every field is the Kafka key of the same name; `config explain` documents them"
)]
pub struct ProducerConfig {
    pub version: ClientVersion,
    pub client_id: String,
    /// Number of bootstrap addresses, at least 1.
    pub bootstrap_servers: Vec<String>,
    pub acks: Acks,
    /// At least 1 (CON-3).
    pub batch_size: u32,
    /// At most 2^31 - 1 (CON-4).
    pub linger_ms: i64,
    pub buffer_memory: u64,
    pub max_block_ms: i64,
    pub max_request_size: u32,
    pub compression: Compression,
    pub retries: i32,
    pub max_in_flight: u32,
    pub request_timeout_ms: i64,
    /// Already raised to linger + request timeout where the client does so (V-6).
    pub delivery_timeout_ms: i64,
    pub retry_backoff_ms: i64,
    pub retry_backoff_max_ms: i64,
    pub reconnect_backoff_ms: i64,
    pub reconnect_backoff_max_ms: i64,
    pub socket_connection_setup_timeout_ms: i64,
    pub socket_connection_setup_timeout_max_ms: i64,
    pub connections_max_idle_ms: i64,
    pub metadata_max_age_ms: i64,
    pub metadata_max_idle_ms: i64,
    pub metadata_recovery_strategy: RecoveryStrategy,
    pub metadata_recovery_rebootstrap_trigger_ms: i64,
    /// After the cross-key rules V-1 to V-4.
    pub enable_idempotence: bool,
    pub transactional_id: Option<String>,
    pub transaction_timeout_ms: i32,
    pub partitioner: PartitionerKind,
    pub partitioner_adaptive_partitioning_enable: bool,
    pub partitioner_availability_timeout_ms: i64,
    pub partitioner_ignore_keys: bool,
    pub metrics_sample_window_ms: i64,
    pub metrics_num_samples: u32,
}

impl ProducerConfig {
    /// The defaults of client 4.3 with one bootstrap server.
    pub fn defaults_4_3() -> ProducerConfig {
        ProducerConfig {
            version: ClientVersion::V4_3,
            client_id: "producer-1".to_owned(),
            bootstrap_servers: vec!["localhost:9092".to_owned()],
            acks: Acks::All,
            batch_size: 16_384,
            linger_ms: 5,
            buffer_memory: 33_554_432,
            max_block_ms: 60_000,
            max_request_size: 1_048_576,
            compression: Compression::None,
            retries: i32::MAX,
            max_in_flight: 5,
            request_timeout_ms: 30_000,
            delivery_timeout_ms: 120_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            socket_connection_setup_timeout_ms: 10_000,
            socket_connection_setup_timeout_max_ms: 30_000,
            connections_max_idle_ms: 540_000,
            metadata_max_age_ms: 300_000,
            metadata_max_idle_ms: 300_000,
            metadata_recovery_strategy: RecoveryStrategy::Rebootstrap,
            metadata_recovery_rebootstrap_trigger_ms: 300_000,
            enable_idempotence: true,
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            partitioner: PartitionerKind::BuiltIn,
            partitioner_adaptive_partitioning_enable: true,
            partitioner_availability_timeout_ms: 0,
            partitioner_ignore_keys: false,
            metrics_sample_window_ms: 30_000,
            metrics_num_samples: 2,
        }
    }
}
