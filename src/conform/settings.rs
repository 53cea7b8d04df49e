//! The configuration of a script's producer.

use super::script::Script;
use crate::config::producer::{
    ClientVersion, Compression, PartitionerKind, ProducerConfig, RecoveryStrategy,
};
use crate::protocol::message::Acks;

pub(super) fn producer_config(script: &Script) -> Result<ProducerConfig, String> {
    let mut c = ProducerConfig::defaults_4_3();
    c.version = script.version;
    c.client_id = "oracle".to_owned();
    c.socket_connection_setup_timeout_max_ms = 10_000;
    if script.version != ClientVersion::V4_3 {
        c.linger_ms = 0;
        c.metadata_recovery_strategy = RecoveryStrategy::None;
    }
    if script.version == ClientVersion::V2_3 {
        c.acks = Acks::Leader;
        c.enable_idempotence = false;
        c.partitioner = PartitionerKind::DefaultRoundRobin;
    }
    if script.version == ClientVersion::V3_1 {
        c.partitioner = PartitionerKind::DefaultSticky;
    }
    let mut idem = None;
    let mut acks = None;
    let mut retries = None;
    let mut dt = None;
    for (k, v) in &script.config {
        let n = || v.parse::<i64>().map_err(|_| format!("`{k}` is {v}"));
        match k.as_str() {
            "acks" => {
                acks = Some(match v.as_str() {
                    "0" => Acks::None,
                    "1" => Acks::Leader,
                    _ => Acks::All,
                })
            }
            "batch.size" => c.batch_size = (n()? as u32).max(1),
            "buffer.memory" => c.buffer_memory = n()? as u64,
            "compression.type" => {
                c.compression = match v.as_str() {
                    "gzip" => Compression::Gzip,
                    "snappy" => Compression::Snappy,
                    "lz4" => Compression::Lz4,
                    "zstd" => Compression::Zstd,
                    _ => Compression::None,
                }
            }
            "delivery.timeout.ms" => dt = Some(n()?),
            "enable.idempotence" => idem = Some(v == "true"),
            "linger.ms" => c.linger_ms = n()?,
            "max.block.ms" => c.max_block_ms = n()?,
            "max.in.flight.requests.per.connection" => c.max_in_flight = n()? as u32,
            "max.request.size" => c.max_request_size = n()? as u32,
            "metadata.max.age.ms" => c.metadata_max_age_ms = n()?,
            "metadata.recovery.strategy" => c.metadata_recovery_strategy = RecoveryStrategy::None,
            "partitioner.adaptive.partitioning.enable" => {
                c.partitioner_adaptive_partitioning_enable = v == "true"
            }
            "partitioner.availability.timeout.ms" => c.partitioner_availability_timeout_ms = n()?,
            "partitioner.class" => {
                c.partitioner = if v.contains("UniformSticky") {
                    PartitionerKind::UniformSticky
                } else if v.contains("RoundRobin") {
                    PartitionerKind::RoundRobin
                } else if script.version == ClientVersion::V2_3 {
                    PartitionerKind::DefaultRoundRobin
                } else {
                    PartitionerKind::DefaultSticky
                }
            }
            "partitioner.ignore.keys" => c.partitioner_ignore_keys = v == "true",
            "reconnect.backoff.max.ms" => c.reconnect_backoff_max_ms = n()?,
            "reconnect.backoff.ms" => c.reconnect_backoff_ms = n()?,
            "request.timeout.ms" => c.request_timeout_ms = n()?,
            "retries" => retries = Some(n()? as i32),
            "retry.backoff.max.ms" => c.retry_backoff_max_ms = n()?,
            "retry.backoff.ms" => c.retry_backoff_ms = n()?,
            _ => return Err(format!("unknown key {k}")),
        }
    }
    if let Some(a) = acks {
        c.acks = a;
    }
    if let Some(r) = retries {
        c.retries = r;
    }
    c.enable_idempotence =
        idem.unwrap_or(c.enable_idempotence && c.acks == Acks::All && c.retries > 0 && c.max_in_flight <= 5);
    if idem == Some(true) && acks.is_none() {
        c.acks = Acks::All;
    }
    c.delivery_timeout_ms = dt.unwrap_or(120_000.max(c.linger_ms + c.request_timeout_ms));
    Ok(c)
}
