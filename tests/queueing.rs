//! Figures of queueing theory that brokers and windows must meet: forms E to G.

mod support;

use lingersim::world::result::RunResult;
use support::simulate;

/// Wire and broker without any time of their own, but what a test says.
fn run(name: &str, records: u64, cluster: &str, network: &str, producer: &str) -> RunResult {
    simulate(
        name,
        &format!(
            "[run]\nrecords = {records}\nduration = \"100000s\"\n\
             [cluster]\nservice-per-byte = \"0ns/B\"\nservice-per-batch = \"0ns\"\nservice-other = \"0ns\"\n\
             partitions = 1\n{cluster}\n\
             [network]\nconnect = \"0ns\"\n{network}\n\
             [producer]\nenable.idempotence = false\nlinger.ms = 0\ndelivery.timeout.ms = 2000000000\n\
             request.timeout.ms = 100000000\n{producer}\n"
        ),
    )
}

fn assert_within(what: &str, measured: f64, expected: f64, tolerance: f64) {
    let off = (measured - expected).abs();
    assert!(off <= tolerance, "{what}: {measured:.5}, expected {expected:.5} within {tolerance:.5}");
}

fn mean_latency_ms(run: &RunResult) -> f64 {
    run.latency_sum_ns as f64 / run.populations.acked as f64 / 1e6
}

const SERVICE_MS: f64 = 1.0;

/// Requests of one record from many producers come to a broker with `handlers` handlers that need a millisecond each,
/// and are busy for `load` of the time.
fn queue(handlers: u32, load: f64, distribution: &str, records: u64) -> RunResult {
    let producers = 500;
    let per_day = load * f64::from(handlers) / SERVICE_MS * 1000.0 * 3600.0 / f64::from(producers);
    run(
        &format!("queueing-e-{handlers}-{load}-{distribution}"),
        records,
        &format!(
            "brokers = 1\nreplication = 1\nservice = \"1ms\"\nservice-distribution = \"{distribution}\"\n\
             num.io.threads = {handlers}"
        ),
        "latency = \"0ns\"\nbandwidth = \"unlimited\"",
        &format!(
            "count = {producers}\nbatch.size = 1\nacks = 1\n\
             workload = {{ arrivals = \"poisson\", rate = \"{}/h\", value = \"10B\" }}",
            per_day.round()
        ),
    )
}

/// Four standard errors of the mean wait that so many records of a queue with one handler and exponential service give,
/// in service times: they are far from independent.
fn four_errors(load: f64, records: u64) -> f64 {
    let variance = load * (2.0 + 5.0 * load - 4.0 * load * load + load.powi(3)) / (1.0 - load).powi(4);
    4.0 * (variance / records as f64).sqrt()
}

/// E: M/D/1 and M/M/1.
#[test]
fn e_one_handler() {
    for (load, records) in [(0.5, 200_000), (0.7, 200_000), (0.8, 400_000), (0.9, 600_000), (0.95, 800_000)] {
        let exponential = load / (1.0 - load);
        for (distribution, wait) in [("fixed", exponential / 2.0), ("exponential", exponential)] {
            let run = queue(1, load, distribution, records);
            let measured = mean_latency_ms(&run) / SERVICE_MS - 1.0;
            let tolerance = (0.02 * wait).max(four_errors(load, records) * wait / exponential);
            assert_within(&format!("wait, {distribution}, load {load}"), measured, wait, tolerance);
            if load <= 0.8 {
                let p99 = match distribution {
                    "fixed" => 1.0 + quantile_of_fixed(load, 0.99),
                    _ => libm::log(100.0) / (1.0 - load),
                };
                let measured = run.latency.value_at_quantile(0.99) as f64 / 1e6 / SERVICE_MS;
                assert_within(&format!("p99, {distribution}, load {load}"), measured, p99, 0.05 * p99);
            }
        }
    }
}

/// Wait of M/D/1 in service times that is not exceeded in a share of `q` of the cases (Erlang).
fn quantile_of_fixed(load: f64, q: f64) -> f64 {
    let share_below = |wait: f64| {
        let mut sum = 0.0;
        let mut factorial = 1.0;
        for k in 0..=wait.floor() as i32 {
            factorial *= f64::from(k.max(1));
            let x = load * (f64::from(k) - wait);
            sum += libm::exp(-x) * x.powi(k) / factorial;
        }
        (1.0 - load) * sum
    };
    let (mut low, mut high) = (0.0, 40.0);
    while high - low > 1e-6 {
        let middle = f64::midpoint(low, high);
        if share_below(middle) < q { low = middle } else { high = middle }
    }
    low
}

/// E: M/M/8, Erlang's C.
#[test]
fn e_eight_handlers() {
    for (load, records) in [(0.8, 400_000), (0.9, 800_000)] {
        let run = queue(8, load, "exponential", records);
        let offered = 8.0 * load;
        let term = |k: i32| offered.powi(k) / (1..=k).map(f64::from).product::<f64>();
        let all_busy = term(8) / (1.0 - load);
        let must_wait = all_busy / ((0..8).map(term).sum::<f64>() + all_busy);
        let wait = must_wait / (8.0 * (1.0 - load));
        let tolerance = (0.02 * wait).max(four_errors(load, records) / 8.0);
        let measured = mean_latency_ms(&run) / SERVICE_MS - 1.0;
        assert_within(&format!("wait, load {load}"), measured, wait, tolerance);
    }
}

/// F1: c requests in flight, a delay of r and one server of s: min(1/s, c/(r+s)); exponential: mean value analysis.
#[test]
fn f1_windows() {
    for (r_us, s_us) in [(1_000u32, 100u32), (1_000, 500), (1_000, 2_000), (50_000, 8_000)] {
        for (c, distribution) in [(1, "fixed"), (2, "fixed"), (5, "fixed"), (10, "fixed"), (5, "exponential")]
        {
            let (r, s) = (f64::from(r_us) / 1e6, f64::from(s_us) / 1e6);
            let expected = match distribution {
                "fixed" => (1.0 / s).min(f64::from(c) / (r + s)),
                _ => throughput_by_mean_values(c, r, s),
            };
            let records = if distribution == "fixed" { 4_000 } else { 150_000 };
            let run = run(
                &format!("queueing-f1-{r_us}-{s_us}-{c}-{distribution}"),
                records,
                &format!(
                    "brokers = 1\nreplication = 1\nservice = \"{s_us}us\"\n\
                     service-distribution = \"{distribution}\""
                ),
                &format!("latency = \"{}us\"\nbandwidth = \"unlimited\"", r_us / 2),
                &format!(
                    "acks = 1\nbatch.size = 1\nmax.in.flight.requests.per.connection = {c}\n\
                     workload = {{ arrivals = \"constant\", rate = \"50000/s\", value = \"10B\" }}"
                ),
            );
            let measured = run.requests as f64 / (run.ended_at.0 as f64 / 1e9);
            let row = format!("requests/s, r {r_us} µs, s {s_us} µs, c {c}, {distribution}");
            assert_within(&row, measured, expected, 0.01 * expected);
        }
    }
}

fn throughput_by_mean_values(window: u32, delay: f64, service: f64) -> f64 {
    let (mut queued, mut throughput) = (0.0, 0.0);
    for n in 1..=window {
        let response = service * (1.0 + queued);
        throughput = f64::from(n) / (delay + response);
        queued = throughput * response;
    }
    throughput
}

/// F2: a window of c batches of b bytes over a link: min(link, c b / (rtt + b/link)).
#[test]
fn f2_bandwidth() {
    for (rtt_us, link, mbit_per_s, batch_size, c) in [
        (1_000u32, "1Gbit/s", 1_000.0f64, 16_384u32, 1u32),
        (1_000, "1Gbit/s", 1_000.0, 16_384, 5),
        (10_000, "10Gbit/s", 10_000.0, 131_072, 1),
        (10_000, "10Gbit/s", 10_000.0, 131_072, 5),
        (80_000, "1Gbit/s", 1_000.0, 1_048_576, 1),
        (80_000, "1Gbit/s", 1_000.0, 1_048_576, 5),
        (1_000, "1Gbit/s", 1_000.0, 131_072, 5),
    ] {
        let value = batch_size / 16 - 100;
        let batches = 4_000u64;
        let run = run(
            &format!("queueing-f2-{rtt_us}-{batch_size}-{c}"),
            batches * 16,
            "brokers = 1\nreplication = 1\nservice = \"0ns\"\nmessage.max.bytes = 2000000",
            &format!("latency = \"{}us\"\nbandwidth = \"{link}\"", rtt_us / 2),
            &format!(
                "acks = 1\nbatch.size = {batch_size}\nmax.request.size = 2000000\nbuffer.memory = 1000000000\n\
                 max.in.flight.requests.per.connection = {c}\n\
                 workload = {{ arrivals = \"constant\", rate = \"10000000/s\", value = \"{value}B\" }}"
            ),
        );
        let bytes = run.batch_bytes as f64 / run.batches as f64;
        let link_bytes: f64 = mbit_per_s * 1e6 / 8.0;
        let expected = link_bytes.min(f64::from(c) * bytes / (f64::from(rtt_us) / 1e6 + bytes / link_bytes));
        let measured = run.batch_bytes as f64 / (run.ended_at.0 as f64 / 1e9);
        let row = format!("bytes/s, rtt {rtt_us} µs, {link}, b {batch_size}, c {c}");
        assert_within(&row, measured, expected, 0.01 * expected);
    }
}

/// Records of `producers` producers with these acks, to followers that need `period_ms` for a round.
fn replicated(acks: &str, replicas: u32, min_isr: u32, period_ms: u32, load: (u32, &str)) -> RunResult {
    let (producers, arrivals) = load;
    run(
        &format!("queueing-g-{}-{replicas}-{min_isr}-{producers}", acks.trim_matches('"')),
        10_000,
        &format!(
            "brokers = 3\nreplication = {replicas}\nmin.insync.replicas = {min_isr}\nservice = \"0ns\"\n\
             num.io.threads = 100\nbroker-latency = \"{}us\"\nfollower-append = \"0ns\"\n\
             follower-per-byte = \"0ns/B\"",
            period_ms * 500
        ),
        "latency = \"0ns\"\nbandwidth = \"unlimited\"",
        &format!(
            "count = {producers}\nbatch.size = 1\nacks = {acks}\n\
             workload = {{ {arrivals}, value = \"10B\" }}"
        ),
    )
}

/// G: an idle follower has a fetch waiting, so that a record takes the way there, and the next fetch back: one period. A
/// busy one comes by after a rest of a period, takes the record with it, and says so a period later.
#[test]
fn g_followers() {
    let added_ms = |load| {
        let latency_ms = |acks| mean_latency_ms(&replicated(acks, 2, 1, 10, load));
        latency_ms("\"all\"") - latency_ms("1")
    };
    let idle = (1, "arrivals = \"constant\", rate = \"5/s\"");
    assert_within("idle", added_ms(idle), 10.0, 0.1);
    let busy = (2_000, "arrivals = \"poisson\", rate = \"1/s\"");
    assert_within("busy", added_ms(busy), 15.0, 0.6);
}

/// G: as long as all replicas are in sync, `min.insync.replicas` changes nothing.
#[test]
fn g_min_insync_replicas() {
    let load = (100, "arrivals = \"poisson\", rate = \"50/s\"");
    let latencies = [1, 2, 3].map(|min_isr| replicated("\"all\"", 3, min_isr, 2, load).latency_sum_ns);
    assert_eq!(latencies, [latencies[0]; 3]);
}
