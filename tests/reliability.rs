//! What becomes of records when requests, answers and brokers are lost: form J, and measurements that others have published
//! (Z1 to Z4, Z8).

mod support;

use lingersim::world::result::RunResult;
use support::simulate;

fn assert_share(what: &str, hits: u64, of: u64, expected: f64) {
    let share = hits as f64 / of as f64;
    let four_errors = 4.0 * (expected * (1.0 - expected) / of as f64).sqrt();
    let tolerance = (0.01 * expected).max(four_errors);
    assert!(
        (share - expected).abs() <= tolerance,
        "{what}: {share:.6}, expected {expected:.6} ± {tolerance:.6}"
    );
}

fn stored(run: &RunResult) -> u64 {
    run.partitions.iter().map(|partition| partition.log_end).sum()
}

fn not_acked(run: &RunResult) -> u64 {
    run.populations.offered - run.populations.acked
}

/// Requests of one record that are lost with chance `requests`, answers with chance `answers`; `attempts` in all.
fn lossy(requests: f64, answers: f64, attempts: u32, producer: &str) -> RunResult {
    let fault = |kind: &str, chance: f64| match chance {
        0.0 => String::new(),
        _ => format!("[[fault]]\nat = \"0s\"\nfor = \"1h\"\n{kind} = \"all\"\nchance = {chance}\n"),
    };
    simulate(
        &format!("reliability-j-{requests}-{answers}-{attempts}-{}", producer.len()),
        &format!(
            "[run]\nrecords = 60000\nduration = \"3000s\"\n\
             [cluster]\nbrokers = 1\nreplication = 1\npartitions = 1\n\
             [workload]\narrivals = \"constant\"\nrate = \"1/s\"\nvalue = \"10B\"\n\
             [producer]\ncount = 50\nbatch.size = 1\nlinger.ms = 0\nretries = {}\n\
             delivery.timeout.ms = 2000000000\nmax.in.flight.requests.per.connection = 1\n{producer}\n{}{}",
            attempts - 1,
            fault("drop-requests", requests),
            fault("drop-responses", answers),
        ),
    )
}

/// J: copies of a record, and what its producer is told.
#[test]
fn j_lost_requests_and_lost_answers() {
    const FOR_EVER: u32 = i32::MAX as u32;
    for (requests, answers, attempts) in
        [(0.05, 0.05, 1), (0.05, 0.05, 4), (0.2, 0.2, 4), (0.5, 0.5, 4), (0.1, 0.1, FOR_EVER)]
    {
        let row = format!("pr {requests}, pa {answers}, A {attempts}");
        let run = lossy(requests, answers, attempts, "acks = 1\nenable.idempotence = false");
        let records = run.populations.offered;
        assert_eq!(records, 60_000);
        let success = (1.0 - requests) * (1.0 - answers);
        let in_vain = |chance: f64| libm::pow(chance, f64::from(attempts));
        let copies = (1.0 - requests) * (1.0 - in_vain(1.0 - success)) / success;
        // A copy is a success or one of a row of lost answers: its count varies less than that of coin tosses does.
        let measured = stored(&run) as f64 / records as f64;
        assert!(
            (measured - copies).abs() <= 0.01 * copies,
            "copies, {row}: {measured:.5}, expected {copies:.5}"
        );
        let distinct = stored(&run) - run.audit.duplicates;
        assert_share(&format!("never stored, {row}"), records - distinct, records, in_vain(requests));
        let stored_but_failed = in_vain(1.0 - success) - in_vain(requests);
        assert_share(
            &format!("stored, but failed, {row}"),
            run.audit.failed_but_present,
            records,
            stored_but_failed,
        );
        assert_share(&format!("failed, {row}"), not_acked(&run), records, in_vain(1.0 - success));
        assert_eq!(run.audit.lost, 0, "{row}");
    }
}

/// J: with acks=0 nothing is sent twice, and what is lost is lost; an idempotent producer stores everything once.
#[test]
fn j_acks_0_and_idempotence() {
    let run = lossy(0.1, 0.0, 1, "acks = 0\nenable.idempotence = false");
    assert_eq!((run.audit.duplicates, run.audit.reordered), (0, 0));
    let records = run.populations.offered;
    assert_share("lost with acks=0", records - stored(&run), records, 0.1);
    let run = lossy(0.2, 0.2, i32::MAX as u32, "acks = \"all\"\nenable.idempotence = true");
    assert_eq!((run.audit.duplicates, run.audit.lost), (0, 0));
    assert_eq!((stored(&run), run.populations.acked), (60_000, 60_000));
}

/// A topic with one partition and three replicas; 2,000 values of 4 KB, unless something else is said.
fn three(name: &str, min_isr: u32, cluster: &str, producer: &str, rest: &str) -> RunResult {
    simulate(
        &format!("reliability-{name}"),
        &format!(
            "[cluster]\nbrokers = 3\nreplication = 3\npartitions = 1\nmin.insync.replicas = {min_isr}\n{cluster}\n\
             [producer]\n{producer}\n{rest}"
        ),
    )
}

/// Z1: with min.insync.replicas as high as the replication factor, one broker that is down stops every write.
#[test]
fn z1_a_broker_down_of_three_that_are_needed() {
    let run = |name: &str, fault: &str| {
        let rest = format!(
            "[run]\nrecords = 2000\nduration = \"100s\"\n\
             [workload]\narrivals = \"constant\"\nrate = \"100/s\"\nvalue = \"4kB\"\n{fault}"
        );
        let producer = "acks = \"all\"\ndelivery.timeout.ms = 5000\nrequest.timeout.ms = 2000";
        three(name, 3, "", producer, &rest)
    };
    let all_up = run("z1-up", "");
    assert_eq!((all_up.populations.acked, all_up.audit.lost), (2_000, 0));
    let down = run("z1-down", "[[fault]]\nat = \"0s\"\ncrash = 3\n");
    assert_eq!((down.populations.offered, down.populations.acked), (2_000, 0));
    assert!(down.retries.contains_key("NOT_ENOUGH_REPLICAS"), "{:?}", down.retries);
}

/// Form I, and the measured cadence of a producer that finds the ISR too small: 127, 211, 445, 683, 965, 1,019 … ms, each
/// 100 ms doubled up to a second, 20 % more or less. The sender looks once in a while, so that some come a little late.
#[test]
fn i_retries_come_ever_more_rarely() {
    let rest = "[run]\nrecords = 1\nduration = \"60s\"\n\
                [workload]\narrivals = \"constant\"\nrate = \"2/s\"\nvalue = \"100B\"\n\
                [[fault]]\nat = \"0s\"\ncrash = 3\nfor = \"45s\"\n";
    let run = three("i-cadence", 3, "", "acks = \"all\"\nlinger.ms = 0\nrequest.timeout.ms = 5000", rest);
    assert!(run.retry_waits.len() >= 9, "{:?}", run.retry_waits);
    assert_eq!(
        run.retry_waits.iter().map(|wait| wait.batches).sum::<u64>(),
        run.retries.values().sum::<u64>()
    );
    for wait in &run.retry_waits {
        let nominal_ms = (100 << (wait.retry - 1)).min(1_000);
        let least = (nominal_ms * 8 / 10).min(800);
        let mean_ms = wait.sum_ms as f64 / wait.batches as f64;
        assert!(wait.min_ms >= least, "{wait:?}");
        assert!(mean_ms <= nominal_ms as f64 * 1.2, "{wait:?}");
    }
}

/// Z2: with acks=1, followers that stand still for less than a session stay in the ISR with nothing. If the leader dies
/// then, everything that it has acknowledged is lost; without the pause nothing is.
#[test]
fn z2_the_followers_pause_and_the_leader_dies() {
    let run = |name: &str, pause: &str| {
        let rest = format!(
            "[run]\nduration = \"20s\"\n\
             [workload]\narrivals = \"on-off\"\nrate = \"4000/s\"\non-for = \"500ms\"\noff-for = \"1h\"\nvalue = \"4kB\"\n\
             {pause}[[fault]]\nat = \"2500ms\"\ncrash = 1\n"
        );
        three(name, 1, "", "acks = 1\nenable.idempotence = false", &rest)
    };
    let pause =
        "[[fault]]\nat = \"0s\"\npause = 2\nfor = \"3s\"\n[[fault]]\nat = \"0s\"\npause = 3\nfor = \"3s\"\n";
    let paused = run("z2-paused", pause);
    assert!(paused.populations.acked > 1_500, "{:?}", paused.populations);
    assert_eq!((paused.audit.lost, stored(&paused)), (paused.populations.acked, 0));
    let not_paused = run("z2-not-paused", "");
    assert_eq!((not_paused.audit.lost, stored(&not_paused)), (0, not_paused.populations.acked));
}

/// Z3: a follower that all need is frozen three times in two minutes, for longer than requests may take. What was appended,
/// and then timed out, is there again; not with idempotence.
#[test]
fn z3_a_frozen_follower_makes_duplicates() {
    let run = |in_flight: u32, idempotence: bool| {
        let rest = "[run]\nduration = \"120s\"\n\
                    [workload]\narrivals = \"constant\"\nrate = \"500/s\"\nvalue = \"100B\"\n\
                    [[fault]]\nat = \"20s\"\npause = 2\nfor = \"7s\"\n\
                    [[fault]]\nat = \"50s\"\npause = 2\nfor = \"7s\"\n\
                    [[fault]]\nat = \"80s\"\npause = 2\nfor = \"7s\"\n";
        let producer = format!(
            "acks = \"all\"\nlinger.ms = 0\nrequest.timeout.ms = 5000\nenable.idempotence = {idempotence}\n\
             max.in.flight.requests.per.connection = {in_flight}"
        );
        three(&format!("z3-{in_flight}-{idempotence}"), 3, "", &producer, rest)
    };
    for in_flight in [1, 5] {
        let plain = run(in_flight, false);
        assert_eq!((plain.populations.acked, plain.audit.lost), (plain.populations.offered, 0));
        assert_eq!(stored(&plain), plain.populations.offered + plain.audit.duplicates);
        let metrics = &plain.producers[0].metrics;
        let retried = metrics.iter().find(|(name, _)| *name == "record-retry-total").map_or(0.0, |(_, n)| *n);
        match in_flight {
            // One request is with the broker when it times out, and it has been appended.
            1 => assert_eq!(plain.audit.duplicates as f64, retried),
            _ => {
                assert!((3..=retried as u64).contains(&plain.audit.duplicates), "{}", plain.audit.duplicates)
            }
        }
        assert!(retried >= 3.0, "each freeze makes some");
        let idempotent = run(in_flight, true);
        assert!(idempotent.retries.values().sum::<u64>() >= 3, "{:?}", idempotent.retries);
        assert_eq!((idempotent.audit.duplicates, idempotent.audit.reordered), (0, 0));
        assert_eq!(stored(&idempotent), idempotent.populations.offered);
    }
}

/// Z4: a dead broker is found out by its session, whatever replicas may lag; then the others go on, and it does not lead
/// again by itself.
#[test]
fn z4_a_session_tells_of_a_dead_broker() {
    for (lag_ms, seed) in [(1_000, 1), (30_000, 2), (30_000, 3), (100_000, 4)] {
        let rest = "[run]\nduration = \"60s\"\n\
             [workload]\narrivals = \"constant\"\nrate = \"100/s\"\nvalue = \"100B\"\n\
             [[fault]]\nat = [\"10s\", \"12s\"]\ncrash = 1\nfor = \"20s\"\n";
        let cluster = format!("replica.lag.time.max.ms = {lag_ms}");
        let run = simulate(
            &format!("reliability-z4-{seed}"),
            &format!(
                "seed = {seed}\n[cluster]\nbrokers = 3\nreplication = 3\npartitions = 1\nmin.insync.replicas = 2\n\
                 {cluster}\n[producer]\nacks = \"all\"\n{rest}"
            ),
        );
        let silence_s = run.longest_silence.span.0 as f64 / 1e9;
        assert!((7.0..11.0).contains(&silence_s), "{silence_s} s, lag {lag_ms}, seed {seed}");
        assert_eq!((run.populations.acked, run.audit.lost), (run.populations.offered, 0));
        let count = |name: &str| run.cluster.iter().find(|(known, _)| *known == name).map_or(0, |(_, n)| *n);
        assert_eq!(
            (count("clean elections"), count("planned leader moves"), count("ISR expansions")),
            (1, 0, 1)
        );
    }
}

/// Z8: the leader dies while records come. What is lost: the more, the less the producer waits for; with acks=all nothing.
#[test]
fn z8_what_acks_is_worth() {
    let lost = |acks: &str, seed: u32| {
        let run = simulate(
            &format!("reliability-z8-{}-{seed}", acks.trim_matches('"')),
            &format!(
                "seed = {seed}\n[run]\nrecords = 20000\nduration = \"60s\"\n\
                 [cluster]\nbrokers = 3\nreplication = 3\npartitions = 1\n\
                 [workload]\nrate = \"2000/s\"\nvalue = \"100B\"\n\
                 [producer]\nacks = {acks}\nlinger.ms = 0\nenable.idempotence = false\n\
                 [[fault]]\nat = [\"2s\", \"4s\"]\ncrash = 1\n"
            ),
        );
        run.audit.lost
    };
    let [zero, one, all] =
        ["0", "1", "\"all\""].map(|acks| (1..=20).map(|seed| lost(acks, seed)).sum::<u64>());
    assert!(zero > one && one > 0, "{zero}, {one}");
    assert_eq!(all, 0);
}
