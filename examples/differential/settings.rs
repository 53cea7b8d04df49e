//! Random producer configurations that the real client accepts.

use serde_json::{Map, Value};

use crate::draw::Draw;

/// The values that a script decides about beside its configuration.
pub struct Drawn {
    pub config: Map<String, Value>,
    /// A retry waits for nothing: at zero latency it would come back at the same instant, for ever.
    pub retries_at_once: bool,
    pub idempotent: bool,
    pub compressed: bool,
}

/// Keys and values, verbatim.
pub fn draw(draw: &mut Draw, client: &str) -> Drawn {
    let mut config = Map::new();
    let mut put =
        |key: &str, value: &dyn ToString| drop(config.insert(key.to_owned(), value.to_string().into()));
    let modern = matches!(client, "4.3.0" | "3.9.1");
    let jitter = draw.chance(12);

    let linger = draw.one(&[0, 0, 1, 5, 5, 10, 20, 50, 100]);
    put("linger.ms", &linger);
    put("batch.size", &draw.one(&[0, 1, 300, 300, 500, 600, 1000, 1000, 2048, 4096, 16384]));
    let backoff = draw.one(&[0, 10, 30, 50, 100]);
    let reconnect = draw.one(&[10, 20, 50]);
    if !jitter || draw.chance(50) {
        // Constant, or growing by random factors.
        let growth = if jitter { draw.one(&[1, 3, 20]) } else { 1 };
        put("retry.backoff.ms", &backoff);
        put("reconnect.backoff.ms", &reconnect);
        put("reconnect.backoff.max.ms", &(reconnect * growth));
        if modern {
            put("retry.backoff.max.ms", &(backoff * growth));
        }
    }

    let idempotent_by_default = client != "2.3.1";
    let in_flight = draw.one(&[1, 1, 2, 3, 5, 5, 8]);
    let acks = draw.one(&["all", "all", "all", "-1", "1", "1", "0"]);
    let wants = draw.one(&[None, Some(true), Some(false)]);
    let retries = draw.one(&[None, None, None, Some(0), Some(1), Some(2), Some(5)]);
    let can_be = matches!(acks, "all" | "-1") && retries != Some(0);
    let idempotent = match wants {
        Some(true) => can_be && in_flight <= 5,
        Some(false) => false,
        None => idempotent_by_default && can_be,
    };
    // 4.x refuses more than 5 whenever `enable.idempotence` is true, also where other keys switch it off.
    let may_exceed = if client == "4.3.0" { wants == Some(false) } else { !idempotent };
    if in_flight != 5 && (in_flight <= 5 || may_exceed) {
        put("max.in.flight.requests.per.connection", &in_flight);
    }
    if acks != "all" || !idempotent_by_default || draw.chance(50) {
        put("acks", &acks);
    }
    if let Some(retries) = retries {
        put("retries", &retries);
    }
    match wants {
        Some(true) if idempotent => put("enable.idempotence", &true),
        Some(false) => put("enable.idempotence", &false),
        _ => {}
    }

    let request_timeout = draw.one(&[50, 100, 300, 300, 500, 1000]);
    put("request.timeout.ms", &request_timeout);
    let least = linger + request_timeout;
    put("delivery.timeout.ms", &(least + draw.one(&[0, 1, 50, 300, 1000, 3000])));
    put("max.block.ms", &draw.one(&[0, 5, 50, 200, 1000, 2000]));
    if draw.chance(20) {
        put("buffer.memory", &draw.one(&[500, 1000, 2000, 3000, 5000, 20000]));
    }
    if draw.chance(20) {
        put("max.request.size", &draw.one(&[400, 1000, 2000, 5000, 20000]));
    }
    if draw.chance(25) {
        put("metadata.max.age.ms", &draw.one(&[10, 20, 50, 200, 1000]));
    }
    if modern && draw.chance(60) {
        put("metadata.recovery.strategy", &draw.one(&["none", "none", "rebootstrap"]));
    }
    if client == "4.3.0" && draw.chance(15) {
        put("metadata.recovery.rebootstrap.trigger.ms", &draw.one(&[20, 100, 500, 2000]));
    }
    if client != "2.3.1" {
        if draw.chance(10) {
            put("metadata.max.idle.ms", &draw.one(&[5000, 6000]));
        }
        if draw.chance(15) {
            let setup = draw.one(&[5, 20, 100]);
            put("socket.connection.setup.timeout.ms", &setup);
            put(
                "socket.connection.setup.timeout.max.ms",
                &(setup * if jitter { draw.one(&[1, 4]) } else { 1 }),
            );
        }
    }
    partitioner(draw, client, &mut put);
    let compressed = draw.chance(12);
    if compressed {
        let codec = draw.one(&["gzip", "snappy", "lz4", "zstd"]);
        if modern && codec != "snappy" && draw.chance(30) {
            put(&format!("compression.{codec}.level"), &draw.number(1, 9));
        }
        put("compression.type", &codec);
    }
    Drawn { config, retries_at_once: backoff == 0, idempotent, compressed }
}

fn partitioner(draw: &mut Draw, client: &str, put: &mut dyn FnMut(&str, &dyn ToString)) {
    const PACKAGE: &str = "org.apache.kafka.clients.producer";
    let classes: &[&str] = match client {
        "4.3.0" => &["RoundRobinPartitioner"],
        "2.3.1" => &["internals.DefaultPartitioner"],
        _ => &["RoundRobinPartitioner", "UniformStickyPartitioner", "internals.DefaultPartitioner"],
    };
    if draw.chance(20) {
        put("partitioner.class", &format!("{PACKAGE}.{}", draw.one(classes)));
    }
    if matches!(client, "4.3.0" | "3.9.1") {
        if draw.chance(20) {
            put("partitioner.adaptive.partitioning.enable", &draw.chance(50));
        }
        if draw.chance(20) {
            put("partitioner.availability.timeout.ms", &draw.one(&[1, 20, 100]));
        }
        if draw.chance(15) {
            put("partitioner.ignore.keys", &true);
        }
    }
}
