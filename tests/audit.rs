//! The audit of a run: what the logs have in the end, against what producers were told.

mod support;

use lingersim::world::result::{Audit, RunResult};
use support::{RICH, load, run, simulate};

/// Three brokers, one partition; its leader, broker 1, dies after 2 s and comes back after 12 s.
fn crash(name: &str, cluster: &str, workload: &str, producer: &str) -> RunResult {
    let text = format!(
        "seed = 3\n[run]\nduration = \"20s\"\n[cluster]\nbrokers = 3\npartitions = 1\nreplication = 3\n{cluster}\n\
         [workload]\narrivals = \"poisson\"\n{workload}\n[producer]\n{producer}\n\
         [[fault]]\nat = \"2s\"\ncrash = 1\n[[fault]]\nat = \"12s\"\nrestart = 1\n"
    );
    simulate(&format!("audit-{name}"), &text)
}

#[test]
fn an_idempotent_producer_with_acks_all_keeps_everything_through_a_crash() {
    let run = crash(
        "idempotent",
        "min.insync.replicas = 2",
        "rate = \"2000/s\"\nvalue = \"100B\"",
        "acks = \"all\"",
    );
    assert_eq!(run.audit, Audit::default());
    assert_eq!(run.populations.acked, run.populations.offered);
    let log_ends: u64 = run.partitions.iter().map(|partition| partition.log_end).sum();
    assert_eq!(log_ends, run.populations.acked);
    // The session of the dead broker lasts 9 s.
    let silence = run.longest_silence;
    assert!((1.9e9..2.1e9).contains(&(silence.start.0 as f64)), "{silence:?}");
    assert!((7.0e9..11.0e9).contains(&(silence.span.0 as f64)), "{silence:?}");
}

#[test]
fn acks_1_loses_what_followers_had_not_fetched() {
    let run = crash(
        "acks-1",
        "",
        "rate = \"2000/s\"\nvalue = \"100B\"",
        "acks = 1\nenable.idempotence = false\nlinger.ms = 0",
    );
    dbg!(&run.audit);
    assert!(run.audit.lost > 0, "{:?}", run.audit);
    assert!(run.audit.findings.is_empty(), "acks=1 promises nothing: {:?}", run.audit);
}

#[test]
fn acks_0_loses_what_nobody_answers_for() {
    let run = crash(
        "acks-0",
        "",
        "rate = \"2000/s\"\nvalue = \"100B\"",
        "acks = 0\nenable.idempotence = false\nlinger.ms = 0",
    );
    dbg!(&run.audit);
    assert!(run.audit.lost > 0, "{:?}", run.audit);
}

#[test]
fn a_retry_without_idempotence() {
    let run = crash(
        "retry",
        "service = \"2ms\"",
        "rate = \"2000/s\"\nvalue = \"100B\"",
        "acks = \"all\"\nenable.idempotence = false\nlinger.ms = 0\nrequest.timeout.ms = 200\nbatch.size = 200",
    );
    dbg!(&run.audit, &run.populations);
}

#[test]
fn rich() {
    let run = run(&load("audit-rich", RICH).scenario);
    dbg!(&run.audit, run.longest_silence, &run.populations);
}
