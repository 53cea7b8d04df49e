//! The checked, effective configuration that a producer runs with.

use super::check::Checked;
use super::classes;
use super::effective::Effective;
use super::value::Raw;
pub use super::version::ClientVersion;
use crate::protocol::compression::Compression;
use crate::protocol::message::Acks;

/// From this `batch.size` on, twice of it overflows the int in which the client counts what a partition got, and its
/// built-in partitioner changes partitions without end: `send` never returns (BIP-4).
pub const ENDLESS_BATCH_SIZE: u32 = 1 << 30;

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
    /// Addresses as they were given, at least one.
    pub bootstrap_servers: Vec<String>,
    pub acks: Acks,
    /// From 3.3 on at least 1 (CON-3).
    pub batch_size: u32,
    /// At most 2^31 - 1 (CON-4).
    pub linger_ms: i64,
    pub buffer_memory: u64,
    pub max_block_ms: i64,
    pub max_request_size: u32,
    pub compression: Compression,
    /// The level of that codec: its own key's value, or what a client without such a key has.
    pub compression_level: i32,
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
    /// A producer for which nothing is given but what a version requires.
    pub fn defaults(version: ClientVersion) -> ProducerConfig {
        let serializer = Raw::Text("org.apache.kafka.common.serialization.ByteArraySerializer");
        let required = [
            ("bootstrap.servers", Raw::Text("localhost:9092")),
            ("key.serializer", serializer),
            ("value.serializer", serializer),
        ];
        let checked = Checked::parsed(version, &required).constructed(1);
        ProducerConfig::of(&checked.effective)
    }

    /// The values of an accepted configuration. Keys that its version does not know get what that version does.
    pub(super) fn of(effective: &Effective) -> ProducerConfig {
        let version = effective.version;
        let integer = |name, otherwise| effective.integer(name).unwrap_or(otherwise);
        let flag = |name| effective.boolean(name).unwrap_or(false);
        let owned = |name| effective.text(name).map(str::to_owned);
        let retry_backoff_ms = integer("retry.backoff.ms", 100);
        let compression =
            effective.text("compression.type").and_then(Compression::of_word).unwrap_or_default();
        let level = compression.default_level().unwrap_or(0);
        ProducerConfig {
            version,
            client_id: owned("client.id").unwrap_or_default(),
            bootstrap_servers: effective.list("bootstrap.servers").unwrap_or_default().to_vec(),
            acks: acks(effective.text("acks")),
            batch_size: integer("batch.size", 0) as u32,
            linger_ms: integer("linger.ms", 0),
            buffer_memory: integer("buffer.memory", 0) as u64,
            max_block_ms: integer("max.block.ms", 0),
            max_request_size: integer("max.request.size", 0) as u32,
            compression,
            compression_level: integer(&format!("compression.{}.level", compression.word()), level.into())
                as i32,
            retries: integer("retries", 0) as i32,
            max_in_flight: integer("max.in.flight.requests.per.connection", 1) as u32,
            request_timeout_ms: integer("request.timeout.ms", 0),
            delivery_timeout_ms: integer("delivery.timeout.ms", 0),
            retry_backoff_ms,
            retry_backoff_max_ms: integer("retry.backoff.max.ms", retry_backoff_ms),
            reconnect_backoff_ms: integer("reconnect.backoff.ms", 0),
            reconnect_backoff_max_ms: integer("reconnect.backoff.max.ms", 0),
            socket_connection_setup_timeout_ms: integer("socket.connection.setup.timeout.ms", UNLIMITED_MS),
            socket_connection_setup_timeout_max_ms: integer(
                "socket.connection.setup.timeout.max.ms",
                UNLIMITED_MS,
            ),
            connections_max_idle_ms: integer("connections.max.idle.ms", UNLIMITED_MS),
            metadata_max_age_ms: integer("metadata.max.age.ms", 0),
            metadata_max_idle_ms: integer("metadata.max.idle.ms", TOPIC_EXPIRY_MS),
            metadata_recovery_strategy: recovery_strategy(effective.text("metadata.recovery.strategy")),
            metadata_recovery_rebootstrap_trigger_ms: integer(
                "metadata.recovery.rebootstrap.trigger.ms",
                UNLIMITED_MS,
            ),
            enable_idempotence: flag("enable.idempotence"),
            transactional_id: owned("transactional.id"),
            transaction_timeout_ms: integer("transaction.timeout.ms", 0) as i32,
            partitioner: partitioner(version, effective.text("partitioner.class")),
            partitioner_adaptive_partitioning_enable: flag("partitioner.adaptive.partitioning.enable"),
            partitioner_availability_timeout_ms: integer("partitioner.availability.timeout.ms", 0),
            partitioner_ignore_keys: flag("partitioner.ignore.keys"),
            metrics_sample_window_ms: integer("metrics.sample.window.ms", 0),
            metrics_num_samples: integer("metrics.num.samples", 1) as u32,
        }
    }
}

/// Longer than anything waits: a limit that a version does not have.
const UNLIMITED_MS: i64 = i32::MAX as i64;
/// How long 2.3 keeps a topic to which nothing is sent.
const TOPIC_EXPIRY_MS: i64 = 300_000;

fn acks(word: Option<&str>) -> Acks {
    match word {
        Some("0") => Acks::None,
        Some("1") => Acks::Leader,
        _ => Acks::All,
    }
}

fn recovery_strategy(word: Option<&str>) -> RecoveryStrategy {
    match word {
        Some(word) if word.eq_ignore_ascii_case("rebootstrap") => RecoveryStrategy::Rebootstrap,
        _ => RecoveryStrategy::None,
    }
}

fn partitioner(version: ClientVersion, class: Option<&str>) -> PartitionerKind {
    let Some(class) = class else { return PartitionerKind::BuiltIn };
    match class.strip_prefix(classes::PRODUCER) {
        Some("RoundRobinPartitioner") => PartitionerKind::RoundRobin,
        Some("UniformStickyPartitioner") => PartitionerKind::UniformSticky,
        Some("internals.DefaultPartitioner") if version == ClientVersion::V2_3 => {
            PartitionerKind::DefaultRoundRobin
        }
        Some("internals.DefaultPartitioner") => PartitionerKind::DefaultSticky,
        _ => PartitionerKind::Custom(class.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_follow_the_version() {
        let newest = ProducerConfig::defaults(ClientVersion::V4_3);
        assert_eq!((newest.linger_ms, newest.acks, newest.enable_idempotence), (5, Acks::All, true));
        assert_eq!((newest.client_id.as_str(), newest.delivery_timeout_ms), ("producer-1", 120_000));
        assert_eq!(newest.metadata_recovery_strategy, RecoveryStrategy::Rebootstrap);
        let oldest = ProducerConfig::defaults(ClientVersion::V2_3);
        assert_eq!((oldest.linger_ms, oldest.acks, oldest.enable_idempotence), (0, Acks::Leader, false));
        assert_eq!((oldest.retry_backoff_max_ms, oldest.metadata_max_idle_ms), (100, 300_000));
        let partitioners = ClientVersion::ALL.map(|version| ProducerConfig::defaults(version).partitioner);
        let (sticky, round_robin) = (PartitionerKind::DefaultSticky, PartitionerKind::DefaultRoundRobin);
        assert_eq!(partitioners, [PartitionerKind::BuiltIn, PartitionerKind::BuiltIn, sticky, round_robin]);
    }
}
