//! What becomes of records: acked, failed, unknown, refused; and that it adds up in every way a record can end.

mod support;

use lingersim::values::time::Time;
use lingersim::world::result::{Populations, RunResult};
use lingersim::world::run_while;
use support::{RICH, load, run, simulate};

fn populations(run: &RunResult) -> Populations {
    assert!(run.populations.add_up(), "{:?}", run.populations);
    assert_eq!(run.populations.pending, 0, "everything has ended");
    let errors: u64 = run.errors.values().sum();
    let Populations { failed, unknown, refused, .. } = run.populations;
    assert_eq!(errors, failed + unknown + refused, "one exception for every record that was not acked");
    run.populations
}

/// A broker that never answers in time: service of an hour.
const SILENT: &str = "[cluster]\nbrokers = 1\npartitions = 1\nservice = \"1h\"\nservice-other = \"0ns\"\n";

#[test]
fn everything_is_acked_where_nothing_goes_wrong() {
    let run = simulate(
        "populations-good",
        "[run]\nrecords = 5000\n[cluster]\nbrokers = 3\npartitions = 6\nreplication = 3\n\
         [workload]\narrivals = \"poisson\"\nrate = \"2000/s\"\nvalue = \"100B\"\n[producer]\nacks = \"all\"\n",
    );
    assert_eq!(populations(&run), Populations { offered: 5_000, acked: 5_000, ..Populations::default() });
    assert_eq!(run.partitions.iter().map(|partition| partition.log_end).sum::<u64>(), 5_000);
    assert_eq!(run.partitions.iter().map(|partition| partition.records).sum::<u64>(), 5_000);
}

#[test]
fn a_record_too_large_is_refused_by_send() {
    let run = simulate(
        "populations-large",
        "[run]\nrecords = 2000\n[workload]\nrate = \"1000/s\"\n\
         value = { dist = \"empirical\", sizes = [\"100B\", \"2MB\"], weights = [3, 1] }\n",
    );
    let populations = populations(&run);
    assert_eq!(run.errors["RecordTooLargeException"], populations.refused);
    assert!((400..600).contains(&populations.refused), "{populations:?}");
    assert_eq!(populations.acked + populations.refused, 2_000);
}

#[test]
fn a_full_buffer_blocks_and_then_refuses() {
    let run = simulate(
        "populations-buffer",
        &format!(
            "[run]\nrecords = 1000\n{SILENT}\
             [workload]\narrivals = \"constant\"\nrate = \"10000/s\"\nvalue = \"1000B\"\n\
             [producer]\nbuffer.memory = 65536\nmax.block.ms = 20\n"
        ),
    );
    let populations = populations(&run);
    assert_eq!(run.errors["BufferExhaustedException"], populations.refused);
    assert!(populations.refused > 900, "{populations:?}");
    // All but the first few records wait for their full time, one after the other.
    let blocked_ms = run.blocked_ns / 1_000_000;
    // The first record waits for metadata, which takes one or two milliseconds.
    assert!((1..=2).contains(&(blocked_ms - populations.refused * 20)), "{blocked_ms} ms, {populations:?}");
    assert_eq!(populations.acked, 0);
}

#[test]
fn what_was_sent_and_never_answered_is_unknown_what_was_never_sent_has_failed() {
    let run = simulate(
        "populations-expiry",
        &format!(
            "[run]\nrecords = 1000\n{SILENT}\
             [workload]\narrivals = \"constant\"\nrate = \"1000/s\"\nvalue = \"1000B\"\n\
             [producer]\nmax.in.flight.requests.per.connection = 1\nrequest.timeout.ms = 1000\n\
             delivery.timeout.ms = 3000\nenable.idempotence = false\nacks = 1\n"
        ),
    );
    let populations = populations(&run);
    assert_eq!(run.errors["TimeoutException"], 1_000);
    assert!(populations.unknown > 0 && populations.failed > 0, "{populations:?}");
    // One request in flight: until the first batch expires, all others wait in the accumulator.
    assert!(populations.unknown < 100, "{populations:?}");
}

#[test]
fn close_with_a_timeout_ends_everything() {
    let run = simulate(
        "populations-close",
        &format!(
            "[run]\nrecords = 100\nclose-timeout = \"500ms\"\n{SILENT}\
             [workload]\narrivals = \"constant\"\nrate = \"1000/s\"\nvalue = \"1000B\"\n"
        ),
    );
    let populations = populations(&run);
    assert_eq!(populations.acked, 0);
    assert!(populations.unknown > 0, "{populations:?}");
    // The last record comes after 100 ms.
    assert_eq!(run.ended_at.0 / 1_000_000, 600, "{}", run.ended_at.0);
}

#[test]
fn what_is_open_when_a_run_is_left_is_pending() {
    let loaded = load(
        "populations-left",
        "[run]\nrecords = 5000\n[network]\nlatency = \"5ms\"\n\
         [workload]\narrivals = \"constant\"\nrate = \"1000/s\"\n[producer]\nlinger.ms = 0\n",
    );
    let run = run_while(&loaded.scenario, &mut |now, _| now < Time::from_millis(1_000));
    let run = run.unwrap_or_else(|error| panic!("{error:?}"));
    let Populations { offered, acked, pending, .. } = run.populations;
    // A record takes about 12 ms, and the run is looked at every few hundred steps.
    assert!((1_000..2_000).contains(&offered) && (5..50).contains(&pending), "{:?}", run.populations);
    assert_eq!(acked + pending, offered);
}

#[test]
fn a_synchronous_thread_waits_for_every_record() {
    let run = simulate(
        "populations-sync",
        "[run]\nrecords = 200\n[cluster]\nbrokers = 1\npartitions = 1\nservice = \"0ns\"\nservice-per-byte = \"0ns/B\"\n\
         service-per-batch = \"0ns\"\n[network]\nlatency = \"1ms\"\nbandwidth = \"unlimited\"\n\
         [workload]\narrivals = \"closed\"\nvalue = \"100B\"\n\
         [producer]\nsend-mode = \"sync\"\nacks = 1\nenable.idempotence = false\nlinger.ms = 0\n",
    );
    assert_eq!(populations(&run).acked, 200);
    assert_eq!((run.requests, run.batches), (200, 200));
    // The first one waits for metadata too.
    assert_eq!(run.latency.value_at_quantile(0.5) / 10_000, 200);
}

/// Coordinated omission: a record that could not be sent in time is late from the moment it was meant to be sent.
#[test]
fn open_loop_latency_counts_from_the_intended_time() {
    // Service of 10 ms, one request a record and one at a time: 100 records/s at most, 200 are wanted.
    let text = |arrivals: &str| {
        format!(
            "[run]\nrecords = 400\n[cluster]\nbrokers = 1\npartitions = 1\nservice = \"10ms\"\nservice-per-byte = \"0ns/B\"\n\
             [network]\nlatency = \"0ns\"\n[workload]\n{arrivals}\nvalue = \"100B\"\n\
             [producer]\nsend-mode = \"sync\"\nacks = 1\nenable.idempotence = false\nlinger.ms = 0\n"
        )
    };
    let open = simulate("populations-open", &text("arrivals = \"constant\"\nrate = \"200/s\""));
    let closed = simulate("populations-closed", &text("arrivals = \"closed\""));
    assert_eq!((populations(&open).acked, populations(&closed).acked), (400, 400));
    // Record n is due at 5 n ms and is answered at about 10 (n + 1) ms.
    let last_ms = open.latency.max() / 1_000_000;
    assert!((1_990..2_050).contains(&last_ms), "{last_ms} ms");
    assert_eq!(closed.latency.value_at_quantile(0.9) / 1_000_000, 10);
}

#[test]
fn faults_lose_no_record_from_the_sum() {
    let loaded = load("populations-rich", RICH);
    for seed in 0..5 {
        let scenario = lingersim::scenario::Scenario { seed, ..loaded.scenario.clone() };
        let populations = populations(&run(&scenario));
        assert!(populations.acked > 0 && populations.refused > 0, "{populations:?}");
    }
}
