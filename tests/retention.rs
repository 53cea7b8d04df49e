//! Segments and retention, as far as producers can feel them.

mod support;

use lingersim::world::result::{Audit, RunResult};
use support::{load, run};

fn result(file: &str, toml: &str) -> RunResult {
    run(&load(file, toml).scenario)
}

fn retries(result: &RunResult, code: &str) -> u64 {
    result.retries.get(code).copied().unwrap_or(0)
}

#[test]
fn a_log_keeps_what_it_must_and_little_more_and_what_goes_is_not_lost() {
    for acks in ["1", "\"all\""] {
        let result = result(
            "retention-bytes.toml",
            &format!(
                "[cluster]\npartitions = 1\nlog.segment.bytes = 10000\nlog.retention.bytes = 50000\n\
             log.retention.check.interval.ms = 1000\n[run]\nduration = \"30s\"\n\
             [workload]\nrate = \"100/s\"\nvalue = \"100B\"\n[producer]\nacks = {acks}\nlinger.ms = 0\n\
             enable.idempotence = false\n"
            ),
        );
        let partition = &result.partitions[0];
        // A batch of one record takes 171 bytes; a second brings 100 of them, and a segment ends 171 bytes early.
        let bytes = (partition.log_end - partition.log_start) * 171;
        assert!((50_000..50_000 + 10_000 + 2 * 17_100).contains(&bytes), "{bytes}");
        assert!(partition.log_start > 2_000);
        assert_eq!((result.populations.acked, &result.audit), (partition.log_end, &Audit::default()));
    }
}

/// A producer that is silent for longer than its records are kept.
fn silent_producer(version: &str, broker: &str) -> RunResult {
    result(
        "retention-silent.toml",
        &format!(
            "[kafka]\nversion = \"{version}\"\n[cluster]\npartitions = 1\nproducer-state = \"{broker}\"\n\
         log.retention.ms = 2000\nlog.retention.check.interval.ms = 500\n[run]\nduration = \"19s\"\n\
         [workload]\narrivals = \"on-off\"\nrate = \"100/s\"\non-for = \"2s\"\noff-for = \"7s\"\n\
         [producer]\nacks = \"all\"\nenable.idempotence = true\n"
        ),
    )
}

/// KAFKA-7190, and 8.6: the client finds out that it was forgotten, and begins anew.
#[test]
fn old_brokers_forget_a_producer_with_its_last_record() {
    for version in ["2.3", "3.1", "3.9", "4.3"] {
        let forgotten = silent_producer(version, "with-records");
        // Silent from 2 s to 9 s, and from 11 s to 18 s.
        assert!(retries(&forgotten, "UNKNOWN_PRODUCER_ID") >= 2, "{version}: {:?}", forgotten.retries);
        let remembered = silent_producer(version, "kept");
        assert_eq!(retries(&remembered, "UNKNOWN_PRODUCER_ID"), 0, "{version}");
        for result in [forgotten, remembered] {
            assert!(result.partitions[0].log_start > 0, "{version}");
            assert_eq!(result.populations.acked, result.populations.offered, "{version}");
            assert_eq!((result.audit.lost, result.audit.duplicates), (0, 0), "{version}");
        }
    }
}

#[test]
fn a_new_segment_holds_up_its_partition_and_no_other() {
    let result = |roll: &str| {
        result(
            "retention-roll.toml",
            &format!(
                "[cluster]\nbrokers = 1\nreplication = 1\nsegment-roll = \"{roll}\"\n\
             [[cluster.topic]]\nname = \"small\"\npartitions = 1\nsegment.bytes = 100000\n\
             [[cluster.topic]]\nname = \"large\"\npartitions = 1\n\
             [run]\nduration = \"20s\"\n\
             [[producer]]\nlinger.ms = 0\nclient.id = \"small\"\nworkload = {{ topic = \"small\", rate = \"100/s\" }}\n\
             [[producer]]\nlinger.ms = 0\nclient.id = \"large\"\nworkload = {{ topic = \"large\", rate = \"100/s\" }}\n"
            ),
        )
    };
    let longest = |result: &RunResult, at: usize| {
        let metrics = &result.producers[at].metrics;
        metrics.iter().find(|(name, _)| *name == "request-latency-max").map_or(f64::NAN, |(_, ms)| *ms)
    };
    let rolls = |result: &RunResult| {
        result
            .cluster
            .iter()
            .find(|(name, _)| *name == "waits for new segments")
            .map_or(0, |(_, count)| *count)
    };
    let (slow, fast) = (result("80ms"), result("0ms"));
    assert!((80.0..90.0).contains(&longest(&slow, 0)), "{}", longest(&slow, 0));
    for other in [longest(&slow, 1), longest(&fast, 0), longest(&fast, 1)] {
        assert!(other < 10.0, "{other}");
    }
    // 2,000 records of 171 bytes, and fewer batches while it rolls.
    assert!((2..=3).contains(&rolls(&slow)), "{}", rolls(&slow));
}
