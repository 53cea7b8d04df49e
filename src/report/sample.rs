//! A made-up result for the tests of the reports.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::Run;
use crate::scenario::load::{Loaded, Overrides, from_arguments};
use crate::values::time::{Span, Time};
use crate::world::result::{
    Audit, PartitionResult, Populations, ProducerResult, Reasons, RunResult, Silence,
};

fn histogram(values: impl Iterator<Item = u64>) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).expect("three digits are allowed");
    values.for_each(|value| histogram.record(value).expect("the histogram grows"));
    histogram
}

/// A run in which most things happened.
pub fn result() -> RunResult {
    let partition = |number: u32, records: u64| PartitionResult {
        topic: "events".to_owned(),
        partition: number,
        records,
        batches: records / 10,
        bytes: records * 117,
        log_end: records,
        log_start: 0,
    };
    RunResult {
        ended_at: Time(10_012_345_678),
        populations: Populations {
            offered: 1_000,
            acked: 979,
            failed: 11,
            unknown: 5,
            refused: 3,
            pending: 2,
        },
        latency: histogram((1..=979).map(|n| n * 10_000)),
        latency_sum_ns: (1..=979u128).map(|n| n * 10_000).sum(),
        reasons: Reasons { full: 40, linger: 50, piggyback: 8, close: 1, retry: 3, ..Reasons::default() },
        partitions: vec![partition(0, 500), partition(1, 479)],
        producers: vec![ProducerResult {
            client_id: "producer-1".to_owned(),
            metrics: vec![("batch-size-avg", 1_170.25), ("produce-throttle-time-avg", f64::NAN)],
        }],
        requests: 80,
        batches: 99,
        batch_bytes: 115_000,
        batch_records: 989,
        records_per_batch: histogram((0..99).map(|n| if n < 98 { 1 + n % 19 } else { 25 })),
        first_record_wait: histogram((1..=99).map(|n| n * 50_000)),
        blocked_ns: 1_500_000_000,
        preparation: None,
        errors: BTreeMap::from([("RecordTooLargeException", 3), ("TimeoutException", 11)]),
        audit: Audit::default(),
        longest_silence: Silence { start: Time(4_000_000_000), span: Span(1_250_000_000) },
        retries: BTreeMap::new(),
        retry_waits: Vec::new(),
        split_keys: None,
        digest: 0x0123_4567_89ab_cdef,
        faults: Vec::new(),
        cluster: Vec::new(),
        warnings: vec![
            "this warning is long enough that it has to be broken into two lines of a summary".to_owned(),
        ],
    }
}

/// A run in which nothing happened.
pub fn empty() -> RunResult {
    RunResult {
        ended_at: Time::START,
        populations: Populations::default(),
        latency: histogram(std::iter::empty()),
        latency_sum_ns: 0,
        reasons: Reasons::default(),
        partitions: Vec::new(),
        producers: Vec::new(),
        requests: 0,
        batches: 0,
        batch_bytes: 0,
        batch_records: 0,
        records_per_batch: histogram(std::iter::empty()),
        first_record_wait: histogram(std::iter::empty()),
        blocked_ns: 0,
        preparation: None,
        errors: BTreeMap::new(),
        audit: Audit::default(),
        longest_silence: Silence::default(),
        retries: BTreeMap::new(),
        retry_waits: Vec::new(),
        split_keys: None,
        digest: 0,
        faults: Vec::new(),
        cluster: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A run with large numbers and long names.
pub fn huge() -> RunResult {
    const MANY: u64 = 999_999_999_999;
    let partition = |partition: u32| PartitionResult {
        topic: "a-topic-with-a-very-long-name-indeed".to_owned(),
        partition,
        records: MANY / 100,
        batches: MANY / 1_000,
        bytes: MANY,
        log_end: MANY / 100,
        log_start: MANY / 200,
    };
    RunResult {
        ended_at: Time(u64::MAX - 1),
        populations: Populations { offered: MANY, acked: MANY, ..Populations::default() },
        latency: histogram([1, 3_600_000_000_000, 86_400_000_000_000].into_iter()),
        reasons: Reasons { full: MANY, linger: MANY, retry: MANY, ..Reasons::default() },
        partitions: (0..100).map(partition).collect(),
        requests: MANY,
        batches: MANY,
        batch_bytes: MANY * 16_384,
        batch_records: MANY,
        blocked_ns: u64::MAX,
        preparation: None,
        audit: Audit {
            lost: MANY,
            duplicates: MANY,
            reordered: MANY,
            failed_but_present: MANY,
            sequence_gaps: MANY,
            under_way: MANY,
            ..Audit::default()
        },
        longest_silence: Silence { start: Time(u64::MAX - 1), span: Span(u64::MAX) },
        faults: Vec::new(),
        cluster: Vec::new(),
        warnings: vec!["x".repeat(200)],
        ..result()
    }
}

/// Calls `report` with a run of defaults and this result.
pub fn with_result<T>(result: RunResult, report: impl FnOnce(&Run<'_>) -> T) -> T {
    let Loaded { scenario, settings, .. } =
        from_arguments("sample", &Overrides::default()).expect("defaults are a scenario");
    report(&Run { scenario: &scenario, settings: &settings[..3.min(settings.len())], result: &result })
}

/// Calls `report` with the usual sample.
pub fn with_run<T>(report: impl FnOnce(&Run<'_>) -> T) -> T {
    with_result(result(), report)
}
