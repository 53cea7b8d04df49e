//! `[cluster]` and `[[cluster.broker]]`: brokers and replication.

use std::path::Path;

use super::controller_section::Mode;
use super::section::Section;
use super::tree::{Table, Value};
use super::{controller_section, defaults, limits, responses_file, retention_section, topic_section};
use crate::cluster::spec::{BrokerSpec, ClusterSpec, QuotaSpec, ReplicationSpec};
use crate::values::ids::NodeId;
use crate::values::time::Span;
use crate::values::units::PerByte;

/// Reads `[cluster]`. Without topics, there is one of each of the names `topics`.
pub fn read(root: &mut Section<'_, '_>, topics: &[String], folder: &Path) -> ClusterSpec {
    let flat = root.section("cluster").table().map(flattened);
    let mut section = Section::new("cluster".to_owned(), flat.as_ref(), root.intake);
    let mut brokers = brokers(&mut section);
    if let Some(file) = section.optional_text("responses") {
        recorded_responses(&mut section, &mut brokers, &folder.join(file));
    }
    let mode = controller_section::mode(&mut section);
    let replication = replication(&mut section, mode);
    let logs = retention_section::logs(&mut section);
    let quotas = QuotaSpec {
        producer_byte_rate: section.count("producer_byte_rate", 0..=limits::BYTES_PER_SECOND, 0),
        request_percentage: section.count("request_percentage", 0..=100_000, 0),
    };
    let controller = controller_section::read(&mut section, mode, brokers.len() as u64);
    let topics = topic_section::read(&mut section, brokers.len() as u64, topics);
    section.finish();
    ClusterSpec {
        brokers,
        topics,
        replication,
        logs,
        controller,
        quotas,
        reassigns: false,
        logs_can_be_lost: false,
    }
}

/// `broker.session.timeout.ms` and `broker.heartbeat.interval.ms` make a table `broker` that is no broker.
fn flattened(cluster: &Table) -> Table {
    let has_timings = |below: &Table| below.get("session").or(below.get("heartbeat")).is_some();
    match cluster.get("broker").map(|entry| &entry.node.value) {
        Some(Value::Table(below)) if has_timings(below) => cluster.flattened(&["topic"]),
        _ => cluster.flattened(&["broker", "topic"]),
    }
}

fn brokers(section: &mut Section<'_, '_>) -> Vec<BrokerSpec> {
    let count = section.count("brokers", 1..=limits::BROKERS, defaults::BROKERS);
    let like = BrokerSpec {
        node: NodeId(1),
        rack: None,
        io_threads: section.count("num.io.threads", 1..=1_000, defaults::IO_THREADS) as u32,
        network_threads: section.count("num.network.threads", 1..=1_000, defaults::NETWORK_THREADS) as u32,
        network_per_request: section.span("network-per-request", Span::ZERO),
        network_ps_per_byte: section.measure("network-per-byte", PerByte(0)).0,
        service: section.span("service", defaults::SERVICE),
        service_ps_per_byte: section.measure("service-per-byte", defaults::SERVICE_PER_BYTE).0,
        service_per_batch: section.span("service-per-batch", defaults::SERVICE_PER_BATCH),
        service_other: section.span("service-other", defaults::SERVICE_OTHER),
        service_is_exponential: section.choice(
            "service-distribution",
            &[("fixed", false), ("exponential", true)],
            0,
        ),
        distance: Span::ZERO,
        recorded: None,
    };
    let mut brokers: Vec<BrokerSpec> =
        (1..=count).map(|id| BrokerSpec { node: NodeId(id as i32), ..like.clone() }).collect();
    for (path, table) in section.tables("broker", limits::BROKERS as usize) {
        let flat = table.flattened(&[]);
        one_broker(Section::new(path, Some(&flat), section.intake), &mut brokers);
    }
    brokers
}

/// Reads what one broker has of its own.
fn one_broker(mut section: Section<'_, '_>, brokers: &mut [BrokerSpec]) {
    let last = brokers.len() as u64;
    let id = section.optional_count("id", 1..=last);
    if !section.has("id") {
        section.problem("id", "is missing", format!("say which broker: id = 1 to {last}"));
    }
    let mut own = brokers[id.unwrap_or(1) as usize - 1].clone();
    if let Some(rack) = section.optional_text("broker.rack") {
        own.rack = Some(rack);
    }
    if let Some(threads) = section.optional_count("num.io.threads", 1..=1_000) {
        own.io_threads = threads as u32;
    }
    if let Some(threads) = section.optional_count("num.network.threads", 1..=1_000) {
        own.network_threads = threads as u32;
    }
    for (key, span) in [
        ("service", &mut own.service),
        ("service-per-batch", &mut own.service_per_batch),
        ("service-other", &mut own.service_other),
        ("distance", &mut own.distance),
    ] {
        if let Some(given) = section.optional_span(key) {
            *span = given;
        }
    }
    if let Some(PerByte(picoseconds)) = section.optional_measure("service-per-byte") {
        own.service_ps_per_byte = picoseconds;
    }
    if section.has("slowdown") {
        slow_down(&mut own, section.decimal("slowdown", 1..=1_000_000_000, 1_000));
    }
    section.finish();
    if let Some(id) = id {
        brokers[id as usize - 1] = own;
    }
}

/// Gives each broker the response times that were recorded of it.
fn recorded_responses(section: &mut Section<'_, '_>, brokers: &mut [BrokerSpec], file: &Path) {
    match responses_file::read(file, brokers.len() as u64) {
        Ok(recorded) => {
            brokers.iter_mut().zip(recorded).for_each(|(broker, recorded)| broker.recorded = recorded);
        }
        Err(error) => section.problem(
            "responses",
            format_args!("cannot be used: {error}"),
            "expected a CSV file with the columns node, sent_us and received_us",
        ),
    }
}

/// Multiplies all service times by `permille` thousandths.
fn slow_down(broker: &mut BrokerSpec, permille: u64) {
    let slower = |n: u64| u64::try_from(u128::from(n) * u128::from(permille) / 1_000).unwrap_or(u64::MAX);
    broker.service = Span(slower(broker.service.0));
    broker.service_per_batch = Span(slower(broker.service_per_batch.0));
    broker.service_other = Span(slower(broker.service_other.0));
    broker.service_ps_per_byte = slower(broker.service_ps_per_byte);
}

fn replication(section: &mut Section<'_, '_>, mode: Mode) -> ReplicationSpec {
    let replica_lag_time_max = section.millis("replica.lag.time.max.ms", defaults::REPLICA_LAG_TIME_MAX_MS);
    let replica_fetch_wait_max =
        section.millis("replica.fetch.wait.max.ms", defaults::REPLICA_FETCH_WAIT_MAX_MS);
    if replica_fetch_wait_max > replica_lag_time_max {
        let help = format!("expected at most `replica.lag.time.max.ms` ({replica_lag_time_max})");
        let message = format!("is {replica_fetch_wait_max}: idle followers would leave the ISR");
        section.problem("replica.fetch.wait.max.ms", message, help);
    }
    ReplicationSpec {
        replica_lag_time_max,
        replica_fetch_wait_max,
        replica_fetch_backoff: section.millis("replica.fetch.backoff.ms", defaults::REPLICA_FETCH_BACKOFF_MS),
        broker_latency: section.span("broker-latency", defaults::BROKER_LATENCY),
        rack_latency: section.span("rack-latency", Span::ZERO),
        follower_append: section.span("follower-append", defaults::FOLLOWER_APPEND),
        follower_ps_per_byte: section.measure("follower-per-byte", defaults::FOLLOWER_PER_BYTE).0,
        watermark_needs_min_isr: mode == Mode::KRaft,
        os_flush_interval: section.span("os-flush-interval", defaults::OS_FLUSH_INTERVAL),
    }
}
