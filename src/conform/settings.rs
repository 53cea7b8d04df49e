//! The configuration of a script's producer.

use std::ops::RangeInclusive;

use super::script::Script;
use crate::config::producer::{
    ClientVersion, Compression, PartitionerKind, ProducerConfig, RecoveryStrategy,
};
use crate::protocol::message::Acks;

/// The client id of every recorded producer.
const CLIENT_ID: &str = "oracle";

const INT: RangeInclusive<i64> = 0..=i32::MAX as i64;
const LONG: RangeInclusive<i64> = 0..=i64::MAX >> 20;

/// Keys whose presence matters to other keys.
#[derive(Debug, Default)]
struct Given {
    acks: bool,
    idempotence: bool,
    delivery_timeout: bool,
}

/// What the script's producer runs with: the defaults of its release, what every recorded client was given, and then
/// the keys of the script.
///
/// # Errors
/// A sentence about a key or value that is not understood.
pub(super) fn producer_config(script: &Script) -> Result<ProducerConfig, String> {
    let mut config = defaults(script.version);
    let mut given = Given::default();
    for (key, value) in &script.config {
        set(&mut config, &mut given, key, value)?;
    }
    if given.idempotence && config.enable_idempotence && !given.acks {
        config.acks = Acks::All;
    }
    let can_be_idempotent = config.acks == Acks::All && config.retries > 0 && config.max_in_flight <= 5;
    if config.enable_idempotence && !can_be_idempotent {
        if given.idempotence {
            return Err(
                "`config`: enable.idempotence needs acks=all, retries and at most 5 in flight".to_owned()
            );
        }
        config.enable_idempotence = false;
    }
    let least_ms = config.linger_ms + config.request_timeout_ms;
    if config.delivery_timeout_ms < least_ms {
        if given.delivery_timeout {
            return Err(
                "`config`: delivery.timeout.ms is less than linger.ms + request.timeout.ms".to_owned()
            );
        }
        config.delivery_timeout_ms = least_ms;
    }
    Ok(config)
}

fn defaults(version: ClientVersion) -> ProducerConfig {
    let newest = ProducerConfig {
        version,
        client_id: CLIENT_ID.to_owned(),
        socket_connection_setup_timeout_max_ms: 10_000,
        ..ProducerConfig::defaults(ClientVersion::V4_3)
    };
    let v3_9 =
        ProducerConfig { linger_ms: 0, metadata_recovery_strategy: RecoveryStrategy::None, ..newest.clone() };
    match version {
        ClientVersion::V4_3 => newest,
        ClientVersion::V3_9 => v3_9,
        ClientVersion::V3_1 => ProducerConfig { partitioner: PartitionerKind::DefaultSticky, ..v3_9 },
        ClientVersion::V2_3 => ProducerConfig {
            acks: Acks::Leader,
            enable_idempotence: false,
            partitioner: PartitionerKind::DefaultRoundRobin,
            ..v3_9
        },
    }
}

fn set(config: &mut ProducerConfig, given: &mut Given, key: &str, value: &str) -> Result<(), String> {
    let wrong = || format!("`config` key `{key}` cannot be \"{value}\"");
    let number =
        |range: RangeInclusive<i64>| value.parse().ok().filter(|n| range.contains(n)).ok_or_else(wrong);
    let truth = || value.parse::<bool>().map_err(|_| wrong());
    match key {
        "acks" => {
            given.acks = true;
            config.acks = match value {
                "0" => Acks::None,
                "1" => Acks::Leader,
                "all" | "-1" => Acks::All,
                _ => return Err(wrong()),
            };
        }
        "batch.size" => config.batch_size = number(INT)?.max(1) as u32,
        "buffer.memory" => config.buffer_memory = number(LONG)? as u64,
        "compression.type" => {
            config.compression = match value {
                "none" => Compression::None,
                "gzip" => Compression::Gzip,
                "snappy" => Compression::Snappy,
                "lz4" => Compression::Lz4,
                "zstd" => Compression::Zstd,
                _ => return Err(wrong()),
            };
        }
        "delivery.timeout.ms" => {
            given.delivery_timeout = true;
            config.delivery_timeout_ms = number(INT)?;
        }
        "enable.idempotence" => {
            given.idempotence = true;
            config.enable_idempotence = truth()?;
        }
        "linger.ms" => config.linger_ms = number(INT)?,
        "max.block.ms" => config.max_block_ms = number(LONG)?,
        "max.in.flight.requests.per.connection" => {
            config.max_in_flight = number(1..=i64::from(i32::MAX))? as u32;
        }
        "max.request.size" => config.max_request_size = number(INT)? as u32,
        "metadata.max.age.ms" => config.metadata_max_age_ms = number(LONG)?,
        "metadata.recovery.strategy" => {
            config.metadata_recovery_strategy = match value {
                "none" => RecoveryStrategy::None,
                "rebootstrap" => RecoveryStrategy::Rebootstrap,
                _ => return Err(wrong()),
            };
        }
        "partitioner.adaptive.partitioning.enable" => {
            config.partitioner_adaptive_partitioning_enable = truth()?;
        }
        "partitioner.availability.timeout.ms" => config.partitioner_availability_timeout_ms = number(LONG)?,
        "partitioner.class" => config.partitioner = partitioner(config.version, value).ok_or_else(wrong)?,
        "partitioner.ignore.keys" => config.partitioner_ignore_keys = truth()?,
        "reconnect.backoff.max.ms" => config.reconnect_backoff_max_ms = number(INT)?,
        "reconnect.backoff.ms" => config.reconnect_backoff_ms = number(INT)?,
        "request.timeout.ms" => config.request_timeout_ms = number(INT)?,
        "retries" => config.retries = number(INT)? as i32,
        "retry.backoff.max.ms" => config.retry_backoff_max_ms = number(INT)?,
        "retry.backoff.ms" => config.retry_backoff_ms = number(INT)?,
        _ => return Err(format!("`config` key `{key}` is not replayed")),
    }
    Ok(())
}

fn partitioner(version: ClientVersion, class: &str) -> Option<PartitionerKind> {
    match class.strip_prefix("org.apache.kafka.clients.producer.")? {
        "RoundRobinPartitioner" => Some(PartitionerKind::RoundRobin),
        "UniformStickyPartitioner" => Some(PartitionerKind::UniformSticky),
        "internals.DefaultPartitioner" if version == ClientVersion::V2_3 => {
            Some(PartitionerKind::DefaultRoundRobin)
        }
        "internals.DefaultPartitioner" => Some(PartitionerKind::DefaultSticky),
        _ => None,
    }
}
