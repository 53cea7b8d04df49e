//! `[[producer]]` of a drawn scenario: Kafka's keys within their rules, and a workload.

use toml::{Table, Value};

use super::draw::Draw;
use super::scenario::Shape;
use super::table::{bytes, ms, number, put, us};
use crate::config::version::ClientVersion;

/// One group of producers of `groups`.
pub fn group(draw: &mut Draw, shape: &Shape, groups: u64) -> Table {
    let mut group = Table::new();
    let (count, threads) = (draw.pick(&[1, 1, 1, 2]), draw.pick(&[1, 1, 2]));
    put(&mut group, "count", number(count));
    put(&mut group, "threads", number(threads));
    put(&mut group, "send-mode", draw.pick(&["fire-and-forget", "callback", "callback", "sync"]));
    if draw.chance(15) {
        put(&mut group, "flush-every", number(draw.magnitude(1, 100)));
    }
    safety(draw, &mut group);
    times(draw, &mut group);
    memory(draw, &mut group);
    partitioner(draw, &mut group, shape.version);
    if draw.chance(20) {
        put(&mut group, "sender", sender(draw));
    }
    put(&mut group, "workload", workload(draw, shape, groups * count * threads));
    group
}

/// Idempotence asks for `acks=all`, retries, and at most five requests in flight.
fn safety(draw: &mut Draw, group: &mut Table) {
    let idempotence = draw.chance(50);
    put(group, "enable.idempotence", idempotence);
    let acks = if idempotence { "all" } else { draw.pick(&["0", "1", "all", "all"]) };
    put(group, "acks", acks);
    let in_flight = if idempotence { draw.between(1, 5) } else { draw.pick(&[1, 2, 5, 5, 20]) };
    put(group, "max.in.flight.requests.per.connection", number(in_flight));
    if draw.chance(30) {
        put(group, "retries", number(draw.between(u64::from(idempotence), 10)));
    }
}

/// The delivery timeout is at least `linger.ms` and the request timeout together.
fn times(draw: &mut Draw, group: &mut Table) {
    let linger_ms = if draw.chance(40) { 0 } else { draw.magnitude(1, 500) };
    let request_ms = draw.magnitude(20, 10_000);
    put(group, "linger.ms", number(linger_ms));
    put(group, "request.timeout.ms", number(request_ms));
    put(group, "delivery.timeout.ms", number(linger_ms + request_ms + draw.magnitude(1, 20_000)));
    // Threads that wait here for each record make a run long.
    let least_ms = draw.pick(&[1, 100, 500, 500]);
    put(group, "max.block.ms", number(draw.magnitude(least_ms, 3_000)));
    if draw.chance(50) {
        put(group, "retry.backoff.ms", number(draw.magnitude(1, 2_000)));
    }
    if draw.chance(30) {
        put(group, "reconnect.backoff.ms", number(draw.magnitude(1, 2_000)));
    }
    if draw.chance(30) {
        put(group, "metadata.max.age.ms", number(draw.magnitude(100, 100_000)));
    }
}

fn memory(draw: &mut Draw, group: &mut Table) {
    if draw.chance(60) {
        put(group, "batch.size", number(draw.magnitude(1, 65_536)));
    }
    if draw.chance(30) {
        put(group, "buffer.memory", number(draw.magnitude(2_000, 1_000_000)));
    }
    if draw.chance(20) {
        put(group, "max.request.size", number(draw.magnitude(500, 1_000_000)));
    }
    let codec = draw.pick(&["none", "none", "gzip", "snappy", "lz4", "zstd"]);
    put(group, "compression.type", codec);
    if codec != "none" && draw.chance(50) {
        put(group, "compression-ratio", format!("{}%", draw.magnitude(5, 150)));
    }
}

fn partitioner(draw: &mut Draw, group: &mut Table, version: ClientVersion) {
    let has_round_robin = version >= ClientVersion::V3_1;
    if has_round_robin && draw.chance(20) {
        put(group, "partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner");
    } else if version >= ClientVersion::V3_9 {
        put(group, "partitioner.adaptive.partitioning.enable", draw.chance(50));
        put(group, "partitioner.ignore.keys", draw.chance(20));
        if draw.chance(30) {
            put(group, "partitioner.availability.timeout.ms", number(draw.magnitude(1, 5_000)));
        }
    }
}

fn sender(draw: &mut Draw) -> Table {
    let mut sender = Table::new();
    put(&mut sender, "wake", us(draw.magnitude(1, 1_000)));
    put(&mut sender, "wake-jitter", us(draw.magnitude(1, 1_000)));
    put(&mut sender, "turn", us(draw.magnitude(1, 1_000)));
    sender
}

/// Of one of `threads` threads.
fn workload(draw: &mut Draw, shape: &Shape, threads: u64) -> Table {
    let mut workload = Table::new();
    arrivals(draw, shape, threads, &mut workload);
    let value = match draw.chance(70) {
        true => bytes(draw.magnitude(1, 4_000)),
        false => {
            let mut sizes = Table::new();
            let (min, more) = (draw.magnitude(1, 1_000), draw.magnitude(1, 20_000));
            put(&mut sizes, "dist", "uniform");
            put(&mut sizes, "min", bytes(min));
            put(&mut sizes, "max", bytes(min + more));
            Value::Table(sizes)
        }
    };
    put(&mut workload, "value", value);
    if draw.chance(50) {
        let mut keys = Table::new();
        put(&mut keys, "dist", draw.pick(&["uniform", "zipf", "hot-set"]));
        put(&mut keys, "count", number(draw.magnitude(1, 200)));
        put(&mut workload, "keys", keys);
    }
    if draw.chance(30) {
        let topic = &shape.topics[draw.between(0, shape.topics.len() as u64 - 1) as usize];
        put(&mut workload, "topic", topic.name);
        if draw.chance(40) {
            put(&mut workload, "partition", number(draw.between(0, topic.partitions - 1)));
        }
    }
    workload
}

/// About as many records in the time of the run as it may have, at a rate that differs from that now and then.
fn arrivals(draw: &mut Draw, shape: &Shape, threads: u64, workload: &mut Table) {
    let fitting = shape.records * 1_000 / shape.duration_ms / threads;
    let per_second = (fitting * draw.pick(&[1, 1, 1, 4, 20]) / draw.pick(&[1, 1, 2])).max(1);
    // A wave takes as long to prepare as three whole runs.
    let kind = match draw.chance(1) {
        true => "wave",
        false => draw.pick(&["poisson", "poisson", "constant", "on-off", "ramp", "closed"]),
    };
    put(workload, "arrivals", kind);
    if kind == "closed" {
        // Without a pause, a record that is refused at once would be followed by the next in the same instant.
        put(workload, "think", us(draw.magnitude(100, 200_000)));
        return;
    }
    put(workload, "rate", format!("{per_second}/s"));
    match kind {
        "on-off" => {
            put(workload, "on-for", ms(draw.magnitude(1, 2_000)));
            put(workload, "off-for", ms(draw.magnitude(1, 2_000)));
        }
        "ramp" => put(workload, "over", ms(draw.magnitude(1, shape.duration_ms))),
        "wave" => put(workload, "period", ms(draw.magnitude(1, shape.duration_ms))),
        _ => {}
    }
}
