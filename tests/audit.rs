//! The audit of a run: what the logs have in the end, against what producers were told.

mod support;

use lingersim::world::result::{Audit, Promise, RunResult};
use support::simulate;

/// Three brokers, one partition; its leader, broker 1, dies after 2 s and comes back after 12 s.
fn crash(name: &str, cluster: &str, producer: &str) -> RunResult {
    let text = format!(
        "seed = 3\n[run]\nduration = \"20s\"\n[cluster]\nbrokers = 3\npartitions = 1\nreplication = 3\n{cluster}\n\
         [workload]\narrivals = \"poisson\"\nrate = \"2000/s\"\nvalue = \"100B\"\n[producer]\n{producer}\n\
         [[fault]]\nat = \"2s\"\ncrash = 1\n[[fault]]\nat = \"12s\"\nrestart = 1\n"
    );
    simulate(&format!("audit-{name}"), &text)
}

/// One broker that takes 1.5 s for a request, and a client that waits for one second.
fn slow(name: &str, producer: &str) -> RunResult {
    let text = format!(
        "[run]\nrecords = 40\n[cluster]\nbrokers = 1\npartitions = 1\nservice = \"1500ms\"\nnum.io.threads = 1\n\
         [workload]\narrivals = \"constant\"\nrate = \"10/s\"\nvalue = \"100B\"\n\
         [producer]\nrequest.timeout.ms = 1000\n{producer}\n"
    );
    simulate(&format!("audit-{name}"), &text)
}

fn log_end(run: &RunResult) -> u64 {
    run.partitions.iter().map(|partition| partition.log_end).sum()
}

#[test]
fn an_idempotent_producer_with_acks_all_keeps_everything_through_a_crash() {
    let run = crash("idempotent", "min.insync.replicas = 2", "acks = \"all\"");
    assert_eq!(run.audit, Audit::default());
    assert_eq!(run.populations.acked, run.populations.offered);
    assert_eq!(log_end(&run), run.populations.acked);
    assert_eq!(run.warnings, [""; 0]);
}

#[test]
fn a_leader_that_dies_leaves_a_silence_until_the_next_one() {
    let silence = crash("silence", "", "acks = \"all\"").longest_silence;
    // The session of a dead broker lasts 9 s, no heartbeat is older than 2 s, and the controller looks every 1.125 s.
    let (start_ms, span_ms) = (silence.start.0 / 1_000_000, silence.span.0 / 1_000_000);
    assert!((1_990..=2_000).contains(&start_ms) && (7_000..10_600).contains(&span_ms), "{silence:?}");
}

#[test]
fn acks_1_loses_what_followers_had_not_fetched() {
    let producer = "acks = 1\nenable.idempotence = false\nlinger.ms = 0";
    let run = crash("acks-1", "broker-latency = \"20ms\"", producer);
    // 20 to 60 ms of 2000 records/s.
    assert!((20..150).contains(&run.audit.lost), "{:?}", run.audit);
    assert_eq!(run.audit.duplicates, 0);
    assert_eq!(log_end(&run), run.populations.acked - run.audit.lost);
    assert!(run.audit.findings.is_empty(), "acks=1 promises nothing: {:?}", run.audit);
}

#[test]
fn acks_0_loses_what_nobody_answers_for() {
    let producer = "acks = 0\nenable.idempotence = false\nlinger.ms = 0";
    let run = crash("acks-0", "", producer);
    let Audit { lost, under_way, .. } = run.audit;
    assert!((1..100).contains(&lost), "{:?}", run.audit);
    assert_eq!(log_end(&run), run.populations.acked - lost - under_way);
}

#[test]
fn retries_without_idempotence_reorder_and_one_request_in_flight_does_not() {
    let producer = "acks = \"all\"\nenable.idempotence = false\nlinger.ms = 0\nbatch.size = 200";
    let run = crash("reorder", "service = \"2ms\"", producer);
    assert!(run.audit.reordered > 0 && run.audit.findings.is_empty(), "{:?}", run.audit);
    let one = format!("{producer}\nmax.in.flight.requests.per.connection = 1");
    assert_eq!(crash("one-in-flight", "service = \"2ms\"", &one).audit, Audit::default());
}

#[test]
fn retries_after_a_timeout_are_there_twice_unless_the_producer_is_idempotent() {
    let producer = "acks = 1\nenable.idempotence = false\ndelivery.timeout.ms = 100000";
    let run = slow("duplicates", producer);
    assert!(run.audit.duplicates > 0, "{:?}", run.audit);
    let once = run.populations.acked + run.audit.failed_but_present;
    assert_eq!(log_end(&run), once + run.audit.duplicates);
    let run = slow("no-duplicates", "acks = \"all\"\ndelivery.timeout.ms = 100000");
    assert_eq!((run.audit.duplicates, run.audit.lost, run.audit.sequence_gaps), (0, 0, 0));
}

#[test]
fn what_expires_on_its_way_is_reported_as_failed_and_is_there() {
    let run =
        slow("present", "acks = 1\nenable.idempotence = false\nretries = 0\ndelivery.timeout.ms = 2000");
    assert!(run.audit.failed_but_present > 0, "{:?}", run.audit);
    assert!(run.audit.failed_but_present <= run.populations.unknown);
    assert_eq!(log_end(&run), run.populations.acked + run.audit.failed_but_present);
}

#[test]
fn a_promise_has_a_name_and_a_sentence() {
    let finding = lingersim::world::result::Finding {
        promise: Promise::NoLoss,
        producer: "p".to_owned(),
        topic: "t".to_owned(),
        partition: 3,
        partitions: 2,
        count: 17,
    };
    assert_eq!(finding.promise.name(), "no-loss");
    let expected = "A broken promise to p: acks=all promises that nothing acknowledged is lost; lost records: 17 (t-3 \
                    and 1 more partition).";
    assert_eq!(finding.sentence(), expected);
}
