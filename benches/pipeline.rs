//! The producer alone, without workload, cluster and reports: what a record costs in the pipeline.
//!
//! Machines are noisy, so the figure is a ratio: the time of the pipeline over that of a bare loop which does the
//! arithmetic of batches and nothing else. `cargo bench --bench pipeline`.

#![expect(clippy::disallowed_methods, reason = "a bench measures wall time")]

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Instant;

use lingersim::config::producer::{ClientVersion, ProducerConfig};
use lingersim::producer::{Draws, Outcome, Output, Producer, START_MS, Sent, Setup};
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{
    Acks, BatchResult, Endpoint, MetadataResponse, PartitionMetadata, TopicMetadata,
};
use lingersim::protocol::record::Record;
use lingersim::protocol::size;
use lingersim::values::ids::{NodeId, TopicId};
use lingersim::values::time::{Span, Time};

const RECORDS: u64 = 2_000_000;
const GAP: Span = Span::from_micros(20);
const ROUND_TRIP: Span = Span::from_millis(1);
const PARTITIONS: u32 = 12;
const VALUE_LEN: i32 = 100;
const ROUNDS: usize = 5;

/// A cluster of one broker that answers everything after a fixed time.
struct Driver {
    producer: Producer,
    outputs: Vec<Output>,
    answers: VecDeque<(Time, NodeId, Answer)>,
    results: Vec<BatchResult>,
    next_offset: i64,
    acked: u64,
    batches: u64,
    latency_ns: u64,
    now: Time,
}

enum Answer {
    Metadata(Box<MetadataResponse>),
    Produced(usize),
}

impl Driver {
    fn new() -> Driver {
        let mut config = ProducerConfig::defaults(ClientVersion::V4_3);
        config.enable_idempotence = false;
        config.acks = Acks::Leader;
        config.partitioner_adaptive_partitioning_enable = false;
        let setup = Setup {
            start_ms: START_MS,
            bootstrap: vec![endpoint(-1)],
            topics: vec!["topic".to_owned()],
            thread_draws: vec![Draws::recorded((0..RECORDS).map(|n| (n * 2_654_435_761) >> 3).collect())],
            sender_draws: Draws::recorded(Vec::new()),
            codec: None,
            partitioner: None,
        };
        Driver {
            producer: Producer::new(config, setup),
            outputs: Vec::new(),
            answers: VecDeque::new(),
            results: Vec::new(),
            next_offset: 0,
            acked: 0,
            batches: 0,
            latency_ns: 0,
            now: Time::START,
        }
    }

    /// Everything that happens up to `until`.
    fn run_until(&mut self, until: Time) {
        loop {
            let answer = self.answers.front().map_or(Time::NEVER, |(at, ..)| *at);
            let next = answer.min(self.producer.next_poll());
            if next > until {
                self.now = until;
                return;
            }
            self.now = self.now.max(next);
            if answer <= self.now {
                self.deliver();
            }
            self.step();
        }
    }

    fn deliver(&mut self) {
        let Some((_, node, answer)) = self.answers.pop_front() else { return };
        match answer {
            Answer::Metadata(response) => self.producer.metadata_arrived(node, response),
            Answer::Produced(batches) => {
                self.results.clear();
                self.results.resize(batches, BatchResult::ok(self.next_offset));
                self.next_offset += 1;
                self.producer.produced(node, &self.results, &[], -1);
            }
        }
    }

    fn step(&mut self) {
        let mut outputs = std::mem::take(&mut self.outputs);
        self.producer.poll(self.now, &mut outputs);
        for output in outputs.drain(..) {
            self.act(output);
        }
        self.outputs = outputs;
    }

    fn act(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Connect { node } => self.producer.connected(node),
            Output::MetadataRequest { node, .. } => {
                self.answers.push_back((now, node, Answer::Metadata(Box::new(metadata()))));
            }
            Output::ProduceRequest { node, request } => {
                let batches = self.producer.request(request).batches().len();
                self.answers.push_back((now + ROUND_TRIP, node, Answer::Produced(batches)));
            }
            Output::Completed { batch, outcome: Outcome::Acked { .. } } => {
                let records = self.producer.batch(batch).records();
                self.acked += records.len() as u64;
                self.batches += 1;
                self.latency_ns += records.iter().map(|record| now.0 - record.tag).sum::<u64>();
            }
            _ => {}
        }
    }
}

fn endpoint(node: i32) -> Endpoint {
    Endpoint { node: NodeId(node), host: "localhost".to_owned(), port: 9092, rack: None }
}

fn metadata() -> MetadataResponse {
    let partition = |partition| PartitionMetadata {
        partition,
        error: ErrorCode::None,
        leader: Some(NodeId(1)),
        leader_epoch: 0,
    };
    let partitions = (0..PARTITIONS).map(partition).collect();
    let topic = TopicMetadata { topic: TopicId(0), error: ErrorCode::None, partitions };
    MetadataResponse { brokers: vec![endpoint(1)], topics: vec![topic] }
}

fn record(at: Time) -> Record {
    Record { value_len: VALUE_LEN, tag: at.0, ..Record::EMPTY }
}

/// The whole pipeline. Gives records acknowledged, batches and the sum of latencies.
fn pipeline() -> (u64, u64, u64) {
    let mut driver = Driver::new();
    let mut at = Time::from_millis(1);
    let first = driver.producer.send(Time::START, 0, &record(Time::START));
    assert!(matches!(first, Sent::Blocked { .. }), "metadata is not there yet");
    driver.run_until(at);
    assert!(matches!(driver.producer.resume(at, 0), Sent::Appended { .. }));
    for _ in 1..RECORDS {
        if driver.next() <= at {
            driver.run_until(at);
        }
        driver.now = at;
        driver.producer.send(at, 0, &record(at));
        at += GAP;
    }
    driver.run_until(at + Span::from_secs(1));
    (driver.acked, driver.batches, driver.latency_ns)
}

impl Driver {
    #[inline]
    fn next(&self) -> Time {
        self.answers.front().map_or(Time::NEVER, |(at, ..)| *at).min(self.producer.next_poll())
    }
}

/// Batches that fill or linger on one partition, and nothing else.
fn bare_loop() -> (u64, u64, u64) {
    let linger = Span::from_millis(5);
    let (mut acked, mut batches, mut latency_ns) = (0, 0, 0);
    let mut tags: Vec<u64> = Vec::new();
    let (mut bytes, mut opened, mut at) = (61, Time::START, Time::START);
    for _ in 0..RECORDS {
        let fixed = black_box(record(at)).fixed_bytes();
        let delta_ms = at.as_millis() - opened.as_millis();
        let grown = bytes + size::record(fixed, delta_ms, tags.len() as u32);
        if !tags.is_empty() && (grown > 16_384 || at >= opened + linger) {
            let done = at.min(opened + linger) + ROUND_TRIP;
            acked += tags.len() as u64;
            batches += 1;
            latency_ns += tags.drain(..).map(|tag| done.0 - tag).sum::<u64>();
            bytes = 61 + size::record(fixed, 0, 0);
        } else {
            bytes = grown;
        }
        if tags.is_empty() {
            opened = at;
        }
        tags.push(at.0);
        at += GAP;
    }
    (acked + tags.len() as u64, batches, latency_ns)
}

fn seconds(run: fn() -> (u64, u64, u64)) -> f64 {
    let started = Instant::now();
    assert_eq!(black_box(run()).0, RECORDS);
    started.elapsed().as_secs_f64()
}

fn main() {
    let (mut pipeline_s, mut bare_s) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        pipeline_s = pipeline_s.min(seconds(pipeline));
        bare_s = bare_s.min(seconds(bare_loop));
    }
    let (_, batches, latency_ns) = pipeline();
    let ns = |seconds: f64| seconds * 1e9 / RECORDS as f64;
    println!("bare loop  {:6.1} ns a record", ns(bare_s));
    println!(
        "pipeline   {:6.1} ns a record, {:.1} records a batch, {:.3} ms mean latency",
        ns(pipeline_s),
        RECORDS as f64 / batches as f64,
        latency_ns as f64 / RECORDS as f64 / 1e6
    );
    println!("ratio      {:6.2}", pipeline_s / bare_s);
}
