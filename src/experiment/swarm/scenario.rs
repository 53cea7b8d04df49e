//! A whole scenario from one seed. Everything that is drawn must be right: the loader is the judge of that.
//!
//! Scenarios are small, and bounded in records and in virtual time, so that many of them fit into a second.

use toml::Table;

use super::draw::Draw;
use super::faults;
use super::producer;
use super::table::{ms, number, put, put_tables, us};
use crate::config::version::ClientVersion;

/// What the parts of a scenario must know of each other.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Number of brokers.
    pub brokers: u64,
    /// Topics with their partitions and replicas.
    pub topics: Vec<Topic>,
    /// Nothing is sent later.
    pub duration_ms: u64,
    /// Records of the whole run, at most.
    pub records: u64,
    /// The client.
    pub version: ClientVersion,
}

/// A topic.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// Its partitions.
    pub partitions: u64,
    /// Replicas of each.
    pub replication: u64,
}

/// The scenario of a seed.
pub fn drawn(seed: u64) -> Table {
    let mut draw = Draw::new(seed);
    let shape = shape(&mut draw);
    let mut scenario = Table::new();
    // A seed larger than TOML's numbers is given on the command line.
    if let Ok(seed) = i64::try_from(seed) {
        put(&mut scenario, "seed", seed);
    }
    put(&mut scenario, "kafka", one("version", shape.version.name().into()));
    put(&mut scenario, "run", run(&mut draw, &shape));
    put(&mut scenario, "cluster", cluster(&mut draw, &shape));
    put(&mut scenario, "network", network(&mut draw));
    let groups = draw.pick(&[1, 1, 2]);
    let producers = (0..groups).map(|_| producer::group(&mut draw, &shape, groups)).collect();
    put_tables(&mut scenario, "producer", producers);
    put_tables(&mut scenario, "fault", faults::drawn(&mut draw, &shape));
    scenario
}

fn one(key: &str, value: toml::Value) -> Table {
    let mut table = Table::new();
    put(&mut table, key, value);
    table
}

fn shape(draw: &mut Draw) -> Shape {
    let brokers = draw.pick(&[1, 2, 3, 3, 3, 3, 4, 5]);
    let names = if draw.chance(30) { &["orders", "audit"][..] } else { &["events"] };
    let topics = names
        .iter()
        .map(|name| Topic {
            name,
            partitions: draw.pick(&[1, 1, 2, 3, 6]),
            replication: draw.pick(&[1, 2, 3, 3, 3]).min(brokers),
        })
        .collect();
    Shape {
        brokers,
        topics,
        duration_ms: draw.magnitude(500, 20_000),
        records: draw.magnitude(10, 600),
        version: draw.pick(&ClientVersion::ALL),
    }
}

fn run(draw: &mut Draw, shape: &Shape) -> Table {
    let mut run = Table::new();
    put(&mut run, "duration", ms(shape.duration_ms));
    put(&mut run, "records", number(shape.records));
    // Without it, a client 2.3 that never gets a producer id would wait for one for ever (as the real one does).
    let patience_ms = if draw.chance(25) { draw.magnitude(1, 10_000) } else { 60_000 };
    put(&mut run, "close-timeout", ms(patience_ms));
    run
}

fn cluster(draw: &mut Draw, shape: &Shape) -> Table {
    let mut cluster = Table::new();
    put(&mut cluster, "brokers", number(shape.brokers));
    let topics = shape.topics.iter().map(|topic| topic_table(draw, topic)).collect();
    put_tables(&mut cluster, "topic", topics);
    let session_ms = draw.magnitude(300, 9_000);
    put(&mut cluster, "broker.session.timeout.ms", number(session_ms));
    put(&mut cluster, "broker.heartbeat.interval.ms", number(session_ms / draw.between(2, 6)));
    let lag_ms = draw.magnitude(100, 30_000);
    put(&mut cluster, "replica.lag.time.max.ms", number(lag_ms));
    put(&mut cluster, "replica.fetch.wait.max.ms", number(draw.magnitude(1, lag_ms.min(1_000))));
    if draw.chance(50) {
        put(&mut cluster, "metadata-propagation", us(draw.magnitude(1, 500_000)));
    }
    put(&mut cluster, "broker-startup", us(draw.magnitude(1, 5_000_000)));
    if draw.chance(50) {
        put(&mut cluster, "metadata-propagation-jitter", us(draw.magnitude(1, 500_000)));
        put(&mut cluster, "replica.fetch.backoff.ms", number(draw.magnitude(1, 2_000)));
        put(&mut cluster, "broker-shutdown", us(draw.magnitude(1, 2_000_000)));
        put(&mut cluster, "controller-failover", us(draw.magnitude(1_000, 10_000_000)));
    }
    let has_zookeeper = draw.chance(15);
    if has_zookeeper {
        put(&mut cluster, "mode", "zookeeper");
    }
    if draw.chance(15) {
        put(&mut cluster, "producer_byte_rate", number(draw.magnitude(100, 1_000_000)));
    }
    if draw.chance(10) {
        put(&mut cluster, "request_percentage", number(draw.magnitude(1, 200)));
    }
    if draw.chance(15) {
        put(&mut cluster, "producer-state", "with-records");
    }
    if draw.chance(20) {
        put(&mut cluster, "segment-roll", us(draw.magnitude(1, 200_000)));
    }
    put(&mut cluster, "log.retention.check.interval.ms", number(draw.magnitude(50, 300_000)));
    if draw.chance(20) {
        put(&mut cluster, "resignation", us(draw.magnitude(1, 1_000_000)));
    }
    if draw.chance(40) {
        put(&mut cluster, "unclean.leader.election.enable", draw.chance(50));
        put(&mut cluster, "eligible-leader-replicas", draw.chance(50) && !has_zookeeper);
        put(&mut cluster, "os-flush-interval", us(draw.magnitude(1_000, 10_000_000)));
        put(&mut cluster, "leader.imbalance.check.interval.seconds", number(draw.magnitude(1, 20)));
        put(&mut cluster, "controller", number(draw.between(0, shape.brokers)));
    }
    if draw.chance(40) {
        put(&mut cluster, "service", us(draw.magnitude(10, 50_000)));
        put(&mut cluster, "service-other", us(draw.magnitude(1, 5_000)));
        put(&mut cluster, "num.io.threads", number(draw.pick(&[1, 2, 8])));
        put(&mut cluster, "service-distribution", draw.pick(&["fixed", "exponential"]));
    }
    if draw.chance(15) {
        put(&mut cluster, "num.network.threads", number(draw.pick(&[1, 3])));
        put(&mut cluster, "network-per-request", us(draw.magnitude(1, 20_000)));
    }
    if draw.chance(40) {
        put(&mut cluster, "broker-latency", us(draw.magnitude(1, 20_000)));
        put(&mut cluster, "follower-append", us(draw.magnitude(1, 50_000)));
        put(&mut cluster, "rack-latency", us(draw.magnitude(1, 50_000)));
    }
    if draw.chance(25) {
        let mut broker = Table::new();
        put(&mut broker, "id", number(draw.between(1, shape.brokers)));
        put(&mut broker, "broker.rack", "far");
        put(&mut broker, "slowdown", draw.magnitude(2, 200) as f64 / 2.0);
        put_tables(&mut cluster, "broker", vec![broker]);
    }
    cluster
}

fn topic_table(draw: &mut Draw, topic: &Topic) -> Table {
    let mut table = Table::new();
    put(&mut table, "name", topic.name);
    put(&mut table, "partitions", number(topic.partitions));
    put(&mut table, "replication", number(topic.replication));
    put(&mut table, "min.insync.replicas", number(draw.between(1, topic.replication)));
    if draw.chance(15) {
        put(&mut table, "max.message.bytes", number(draw.magnitude(200, 20_000)));
    }
    if draw.chance(25) {
        put(&mut table, "segment.bytes", number(draw.magnitude(100, 50_000)));
        put(&mut table, "segment.ms", number(draw.magnitude(10, 60_000)));
        put(&mut table, "retention.bytes", number(draw.magnitude(100, 100_000)));
        put(&mut table, "retention.ms", number(draw.magnitude(10, 60_000)));
    }
    table
}

fn network(draw: &mut Draw) -> Table {
    let mut network = Table::new();
    put(&mut network, "latency", us(draw.magnitude(1, 100_000)));
    if draw.chance(60) {
        put(&mut network, "jitter", us(draw.magnitude(1, 100_000)));
    }
    if draw.chance(20) {
        put(&mut network, "bandwidth", format!("{}kbit/s", draw.magnitude(200, 100_000)));
    }
    if draw.chance(40) {
        put(&mut network, "connect", us(draw.magnitude(1, 200_000)));
    }
    network
}
