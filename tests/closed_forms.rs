//! Figures that follow from the rules by arithmetic, met within 1 %: forms A to D.
//!
//! `tail(a, k)` is the chance of at least k arrivals where a are expected. Rows are chosen so that the client's clock of
//! whole milliseconds does not matter: the sender is not awake by chance in the last millisecond of a linger, or the
//! linger is so long that a millisecond is nothing.

mod support;

use lingersim::world::result::RunResult;
use support::simulate;

/// Wire and broker take this long in all, where a test does not say otherwise.
const ROUND_TRIP_MS: f64 = 0.2;

/// One scenario: sections as text.
struct Setup<'a> {
    name: &'a str,
    records: u64,
    cluster: &'a str,
    latency: &'a str,
    workload: &'a str,
    producer: &'a str,
}

impl Setup<'_> {
    fn run(&self) -> RunResult {
        let Setup { name, records, cluster, latency, workload, producer } = self;
        simulate(
            name,
            &format!(
                "[run]\nrecords = {records}\n\
                 [cluster]\nreplication = 1\nservice = \"0ns\"\nservice-per-byte = \"0ns/B\"\n\
                 service-per-batch = \"0ns\"\nservice-other = \"0ns\"\nnum.io.threads = 100\n{cluster}\n\
                 [network]\nlatency = \"{latency}\"\nbandwidth = \"unlimited\"\nconnect = \"0ns\"\n\
                 [workload]\n{workload}\n\
                 [producer]\nacks = 1\nenable.idempotence = false\n{producer}\n"
            ),
        )
    }
}

fn records_per_batch(run: &RunResult) -> f64 {
    run.batch_records as f64 / run.batches as f64
}

fn records_per_request(run: &RunResult) -> f64 {
    run.batch_records as f64 / run.requests as f64
}

fn mean_latency_ms(run: &RunResult) -> f64 {
    run.latency_sum_ns as f64 / run.populations.acked as f64 / 1e6
}

fn assert_close(what: &str, measured: f64, expected: f64) {
    let off = (measured - expected).abs() / expected;
    assert!(off <= 0.01, "{what}: {measured:.5}, expected {expected:.5}, {:.2} % off", off * 100.0);
}

/// Poisson: the chance of at least `k` where `a` are expected. In logarithms, since exp(-1000) is zero.
fn tail(a: f64, k: u64) -> f64 {
    let mut ln_term = -a;
    let mut below = 0.0;
    for n in 0..k {
        below += libm::exp(ln_term);
        ln_term += libm::log(a / (n + 1) as f64);
    }
    1.0 - below
}

/// A: Poisson arrivals on one partition; a batch closes when record N + 1 does not fit, or with its linger.
/// E\[B\] = 1 + Σ tail(k) for k < N, E\[wait\] = Σ k tail(k) / (λ E\[B\]) for k ≤ N.
#[test]
fn a_size_or_timeout() {
    // Values of 512 bytes take 521 in a batch.
    for (rate, capacity, batch_size, linger_ms) in [
        (1_000, 10, 5_500, 5),
        (1_000, 10, 5_500, 10),
        (1_000, 10, 5_500, 20),
        (1_000, 31, 16_384, 5),
        (200, 31, 16_384, 100),
        (2_000, 31, 16_384, 20),
        (300, 2, 1_200, 5),
        (100, 31, 16_384, 5),
    ] {
        let run = Setup {
            name: &format!("closed-a-{rate}-{capacity}-{linger_ms}"),
            records: 400_000,
            cluster: "brokers = 1\npartitions = 1",
            latency: "100us",
            workload: &format!("arrivals = \"poisson\"\nrate = \"{rate}/s\"\nvalue = \"512B\""),
            producer: &format!("batch.size = {batch_size}\nlinger.ms = {linger_ms}"),
        }
        .run();
        let row = format!("λ {rate}, N {capacity}, T {linger_ms}");
        let a = f64::from(rate) * f64::from(linger_ms) / 1000.0;
        let size = 1.0 + (1..capacity).map(|k| tail(a, k)).sum::<f64>();
        let waits = (1..=capacity).map(|k| k as f64 * tail(a, k)).sum::<f64>();
        assert_close(&format!("E[B], {row}"), records_per_batch(&run), size);
        let wait_ms = waits / (f64::from(rate) / 1000.0 * size);
        assert_close(&format!("E[wait], {row}"), mean_latency_ms(&run) - ROUND_TRIP_MS, wait_ms);
    }
}

/// B, bytes: records in a full batch of 16,384 bytes, and the bytes they take, to the byte.
#[test]
fn b_bytes_of_full_batches() {
    for (value, count, bytes) in
        [(10, 910, 16_377), (100, 148, 16_277), (256, 61, 16_226), (512, 31, 16_212), (1_000, 16, 16_205)]
    {
        let run = Setup {
            name: &format!("closed-b-bytes-{value}"),
            records: count * 50,
            cluster: "brokers = 1\npartitions = 1",
            latency: "100us",
            workload: &format!("arrivals = \"constant\"\nrate = \"200000/s\"\nvalue = \"{value}B\""),
            producer: "linger.ms = 1000",
        }
        .run();
        assert_eq!((run.batches, run.batch_records), (50, count * 50), "{value}");
        assert_eq!(run.batch_bytes, bytes * 50, "{value}");
    }
}

/// B, constant arrivals every d: with n records of room, a batch closes by size and a record waits (n + 1) d / 2 on
/// average, if n d is not longer than the linger L; else k = ⌊L / d⌋ + 1 records wait L - (k - 1) d / 2.
#[test]
fn b_constant_arrivals() {
    for (value, room, rate, linger_ms) in [
        (512, 31, 1_000u32, 50),
        (512, 31, 10_000, 5),
        (1_000, 16, 10_000, 5),
        (100, 148, 3_000, 5),
        (100, 148, 100_000, 5),
        (512, 31, 3_000, 7),
    ] {
        let run = Setup {
            name: &format!("closed-b-{value}-{rate}-{linger_ms}"),
            records: 100_000,
            cluster: "brokers = 1\npartitions = 1",
            latency: "100us",
            workload: &format!("arrivals = \"constant\"\nrate = \"{rate}/s\"\nvalue = \"{value}B\""),
            producer: &format!("linger.ms = {linger_ms}"),
        }
        .run();
        let (gap_ms, linger_ms) = (1000.0 / f64::from(rate), f64::from(linger_ms));
        let by_linger = (linger_ms / gap_ms + 1e-9).floor() + 1.0;
        let (count, wait_ms) = if f64::from(room) * gap_ms <= linger_ms {
            (f64::from(room), (f64::from(room) + 1.0) * gap_ms / 2.0)
        } else {
            (by_linger, linger_ms - (by_linger - 1.0) * gap_ms / 2.0)
        };
        let row = format!("{value} B, {rate}/s, linger {linger_ms}");
        assert_close(&format!("records, {row}"), records_per_batch(&run), count);
        assert_close(&format!("wait, {row}"), mean_latency_ms(&run) - ROUND_TRIP_MS, wait_ms);
    }
}

/// C1: round robin over P partitions on a broker each: E\[B\] = 1 + Σ tail(k P).
#[test]
fn c1_round_robin() {
    for (partitions, linger_ms) in [(3, 300), (16, 1_000), (16, 200)] {
        let run = Setup {
            name: &format!("closed-c1-{partitions}-{linger_ms}"),
            records: 400_000,
            cluster: &format!("brokers = {partitions}\npartitions = {partitions}"),
            latency: "100us",
            workload: "arrivals = \"poisson\"\nrate = \"1000/s\"\nvalue = \"10B\"",
            producer: &format!(
                "linger.ms = {linger_ms}\nbatch.size = 1000000\n\
                 partitioner.class = \"org.apache.kafka.clients.producer.RoundRobinPartitioner\""
            ),
        }
        .run();
        let a = f64::from(linger_ms);
        let expected = 1.0 + (1..2_000).map(|k| tail(a, k * partitions)).sum::<f64>();
        assert_close(&format!("E[B], P {partitions}, T {linger_ms}"), records_per_batch(&run), expected);
    }
}

/// C2: P partitions on B brokers; a broker's request takes all its open batches along. With keys spread evenly, λ/B
/// a broker: records a request 1 + λT/B, batches a request 1 + (m - 1)(1 - exp(-λT/(B m))), m = P/B.
#[test]
fn c2_piggybacking() {
    for (rate, partitions, brokers, linger_ms) in
        [(20u32, 16u32, 4u32, 500u32), (100, 48, 3, 300), (60, 6, 3, 400)]
    {
        let run = Setup {
            name: &format!("closed-c2-{rate}-{partitions}"),
            records: 150_000,
            cluster: &format!("brokers = {brokers}\npartitions = {partitions}"),
            latency: "100us",
            workload: &format!(
                "arrivals = \"poisson\"\nrate = \"{rate}/s\"\nvalue = \"10B\"\n\
                 keys = {{ dist = \"uniform\", count = 200000 }}"
            ),
            producer: &format!("linger.ms = {linger_ms}\nbatch.size = 1000000"),
        }
        .run();
        let per_broker = f64::from(rate * linger_ms) / 1000.0 / f64::from(brokers);
        let m = f64::from(partitions / brokers);
        let row = format!("λ {rate}, P {partitions}, B {brokers}, T {linger_ms}");
        assert_close(&format!("records a request, {row}"), records_per_request(&run), 1.0 + per_broker);
        let batches = 1.0 + (m - 1.0) * (1.0 - libm::exp(-per_broker / m));
        assert_close(&format!("batches a request, {row}"), run.batches as f64 / run.requests as f64, batches);
    }
}

/// C2, sticky: everything shares a batch: 1 + λT records, one batch a request.
#[test]
fn c2_sticky() {
    let run = Setup {
        name: "closed-c2-sticky",
        records: 200_000,
        cluster: "brokers = 4\npartitions = 16",
        latency: "100us",
        workload: "arrivals = \"poisson\"\nrate = \"1000/s\"\nvalue = \"10B\"",
        producer: "linger.ms = 20\nbatch.size = 1000000",
    }
    .run();
    assert_close("records a batch", records_per_batch(&run), 21.0);
    assert_eq!(run.batches, run.requests);
}

/// D1: linger 0 and one request in flight: what comes during a response time r shares a batch.
/// E\[B\] = λr + exp(-λr), mean latency r + (λr / E\[B\]) r / 2.
#[test]
fn d1_one_in_flight() {
    for (rate, half, r_ms) in
        [(100, "500us", 1.0), (1_000, "500us", 1.0), (1_000, "2500us", 5.0), (2_048, "10ms", 20.0)]
    {
        let run = Setup {
            name: &format!("closed-d1-{rate}-{half}"),
            records: 300_000,
            cluster: "brokers = 1\npartitions = 1",
            latency: half,
            workload: &format!("arrivals = \"poisson\"\nrate = \"{rate}/s\"\nvalue = \"10B\""),
            producer: "linger.ms = 0\nbatch.size = 1000000\nmax.in.flight.requests.per.connection = 1",
        }
        .run();
        let a = f64::from(rate) * r_ms / 1000.0;
        let size = a + libm::exp(-a);
        assert_close(&format!("E[B], λ {rate}, r {r_ms}"), records_per_batch(&run), size);
        let latency_ms = r_ms + a / size * r_ms / 2.0;
        assert_close(&format!("latency, λ {rate}, r {r_ms}"), mean_latency_ms(&run), latency_ms);
    }
}

/// D2: linger 0, c requests in flight, constant arrivals: B = λr / c.
#[test]
fn d2_several_in_flight() {
    for (rate, half, r_ms, c) in
        [(10_000u32, "1ms", 2u32, 5u32), (50_000, "2500us", 5, 5), (50_000, "2500us", 5, 1)]
    {
        let run = Setup {
            name: &format!("closed-d2-{rate}-{c}"),
            records: 400_000,
            cluster: "brokers = 1\npartitions = 1",
            latency: half,
            workload: &format!("arrivals = \"constant\"\nrate = \"{rate}/s\"\nvalue = \"10B\""),
            producer: &format!(
                "linger.ms = 0\nbatch.size = 1000000\nmax.in.flight.requests.per.connection = {c}"
            ),
        }
        .run();
        let expected = f64::from(rate * r_ms) / 1000.0 / f64::from(c);
        assert_close(&format!("B, λ {rate}, r {r_ms}, c {c}"), records_per_batch(&run), expected);
    }
}
