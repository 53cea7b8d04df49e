//! A run's memory does not depend on its length, and nothing is allocated per record or event once it runs.

#[path = "support/counting.rs"]
mod counting;
mod support;

use lingersim::world;
use support::{RICH, load};

/// Records that are sent before counting begins, by which time all tables have their size.
const WARM_UP: u64 = 100_000;

/// Allocations between the first [`WARM_UP`] records and the last one.
fn allocations_when_warm(name: &str, records: u64, text: &str) -> u64 {
    let text = format!("run = {{ records = {} }}\n{text}", WARM_UP + records);
    let loaded = load(&format!("allocation-{name}"), &text);
    let (mut warm, mut last) = (None, 0);
    let result = world::run(&loaded.scenario, &mut |_, offered| {
        last = counting::allocations();
        if offered >= WARM_UP {
            warm.get_or_insert(last);
        }
    });
    let populations = result.unwrap_or_else(|error| panic!("{error:?}")).populations;
    assert_eq!((populations.offered, populations.acked), (WARM_UP + records, WARM_UP + records));
    last - warm.expect("the run is observed after its warm-up")
}

/// A queue or histogram may still grow when it sees more than ever before. That is rare, and rarer the longer it runs.
const STRAGGLERS: u64 = 8;

#[test]
fn full_batches_allocate_nothing() {
    let allocations = allocations_when_warm(
        "full",
        900_000,
        "[cluster]\nbrokers = 3\npartitions = 12\n\
         [workload]\narrivals = \"poisson\"\nrate = \"100000/s\"\nvalue = \"100B\"\n\
         [producer]\nacks = 1\nenable.idempotence = false\n",
    );
    assert!(allocations <= STRAGGLERS, "{allocations} allocations in 900,000 records");
}

#[test]
fn a_request_a_record_allocates_nothing() {
    let allocations = allocations_when_warm(
        "single",
        200_000,
        "[cluster]\nbrokers = 3\npartitions = 12\n\
         [workload]\narrivals = \"poisson\"\nrate = \"1000/s\"\nvalue = \"100B\"\n\
         keys = { dist = \"uniform\", count = 1000 }\n\
         [producer]\nacks = 1\nenable.idempotence = false\nlinger.ms = 0\n",
    );
    assert!(allocations <= STRAGGLERS, "{allocations} allocations in 200,000 requests");
}

#[test]
fn replication_and_idempotence_allocate_nothing() {
    let allocations = allocations_when_warm(
        "replicated",
        300_000,
        "[cluster]\nbrokers = 3\npartitions = 12\nreplication = 3\nmin.insync.replicas = 2\n\
         [network]\njitter = \"200us\"\n\
         [workload]\narrivals = \"poisson\"\nrate = \"5000/s\"\n\
         value = { dist = \"log-normal\", median = \"200B\", p99 = \"2kB\", max = \"20kB\" }\n\
         keys = { dist = \"zipf\", count = 1000, exponent = 0.99 }\n\
         [producer]\ncount = 2\nthreads = 2\nacks = \"all\"\ncompression.type = \"lz4\"\n",
    );
    assert!(allocations <= STRAGGLERS, "{allocations} allocations in 300,000 records");
}

#[test]
fn ten_times_as_long_takes_no_more_memory() {
    let peak = |seconds: u32| {
        let text = RICH.replace("duration = \"8s\"", &format!("duration = \"{seconds}s\""));
        let loaded = load(&format!("memory-{seconds}"), &text);
        let (result, bytes) = counting::peak_bytes(|| support::run(&loaded.scenario));
        assert!(result.ended_at.0 >= u64::from(seconds) * 1_000_000_000);
        bytes
    };
    let (short, long) = (peak(60), peak(600));
    assert!(long * 100 < short * 105, "{short} bytes in 60 simulated seconds, {long} in 600");
}

/// A real codec needs the bytes of records, and each until its batch has ended, however it ends: here batches are split,
/// expire and are refused, and records never get into one.
#[test]
fn bytes_of_records_are_kept_no_longer_than_their_batches() {
    let peak = |seconds: u32| {
        let text = format!(
            "run.duration = \"{seconds}s\"\n[cluster]\nbrokers = 1\nreplication = 1\npartitions = 3\n\
             message.max.bytes = 3000\n[workload]\narrivals = \"poisson\"\nrate = \"1500/s\"\nkeys = {{ count = 100 }}\n\
             value = {{ dist = \"uniform\", min = \"0B\", max = \"600B\" }}\npayload.content = \"random\"\n\
             [producer]\nreal-compression = true\ncompression.type = \"zstd\"\nlinger.ms = 20\n\
             buffer.memory = 300000\nmax.block.ms = 100\ndelivery.timeout.ms = 600\nrequest.timeout.ms = 500\n\
             interceptors = [{{ kind = \"add-header\" }}]\n\
             [[fault]]\nat = \"2s\"\nfor = \"1s\"\ncrash = 1\n"
        );
        let loaded = load(&format!("memory-tails-{seconds}"), &text);
        let (result, bytes) = counting::peak_bytes(|| support::run(&loaded.scenario));
        let populations = result.populations;
        assert!(populations.acked > 3_000 && populations.refused > 20, "{populations:?}");
        assert!(
            populations.failed + populations.unknown > 100 && result.reasons.split > 50,
            "{populations:?}"
        );
        bytes
    };
    let (short, long) = (peak(6), peak(40));
    assert!(long * 100 < short * 105, "{short} bytes in 6 simulated seconds, {long} in 40");
}
