//! Quotas as a producer feels them.

mod support;

use support::{load, run};

/// QUO-2: in the long run a producer gets what its quota allows, and the client knows of it (NET-5).
#[test]
fn a_producer_sends_no_faster_than_its_quota() {
    let scenario = |acks: &str| {
        format!(
            "[cluster]\nbrokers = 1\npartitions = 1\nproducer_byte_rate = 100000\n\
             [run]\nduration = \"120s\"\nclose-timeout = \"0ms\"\n\
             [workload]\nrate = \"1000/s\"\nvalue = \"1000B\"\n\
             [producer]\nacks = {acks}\nenable.idempotence = false\nbuffer.memory = 1000000\n"
        )
    };
    for acks in ["0", "1", "\"all\""] {
        let result = run(&load("quota.toml", &scenario(acks)).scenario);
        let seconds = result.ended_at.0 as f64 / 1e9;
        let logged: u64 = result.partitions.iter().map(|partition| partition.log_end).sum();
        // The first ten seconds' worth is free.
        let bytes_per_second = logged as f64 * 1_013.0 / (seconds + 10.0);
        assert!((92_000.0..105_000.0).contains(&bytes_per_second), "acks={acks}: {bytes_per_second}");
        let throttle =
            result.producers[0].metrics.iter().find(|(name, _)| *name == "produce-throttle-time-avg");
        let is_told = throttle.is_some_and(|(_, ms)| *ms > 100.0);
        assert_eq!(is_told, acks != "0", "acks={acks}: {throttle:?}");
    }
}

/// QUO-3: a client gets as much of a handler thread as its quota allows: requests of 10 ms each, for 20 % of a thread, are 20 a
/// second.
#[test]
fn a_producer_takes_no_more_of_a_handler_than_its_quota() {
    let text = "[cluster]\nbrokers = 1\npartitions = 1\nreplication = 1\nrequest_percentage = 20\nservice = \"10ms\"\n\
                service-per-byte = \"0ns/B\"\n[run]\nduration = \"120s\"\nclose-timeout = \"0ms\"\n\
                [workload]\nrate = \"60/s\"\nvalue = \"10B\"\n\
                [producer]\nbatch.size = 1\nlinger.ms = 0\nacks = 1\nenable.idempotence = false\n";
    let result = run(&load("quota-time.toml", text).scenario);
    let seconds = result.ended_at.0 as f64 / 1e9;
    // What ten seconds may have is free at the beginning.
    let per_second = result.requests as f64 / (seconds + 10.0);
    assert!((18.5..21.0).contains(&per_second), "{per_second}");
}
