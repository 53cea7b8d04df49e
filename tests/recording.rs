//! A run that is written down is the run itself, and what is written down adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lingersim::experiment::swarm;
use lingersim::producer::Reason;
use lingersim::recording::stages::{self, Stage};
use lingersim::recording::step::Kind;
use lingersim::recording::totals::reason_place;
use lingersim::recording::{Limits, Recording, record};
use lingersim::scenario::Scenario;
use lingersim::scenario::load::{self, Overrides, from_text};
use lingersim::values::time::Time;
use lingersim::world::happening::{Ending, Event};
use lingersim::world::run;

/// Scenarios of the library that are small enough to be kept whole.
const NAMES: [&str; 9] = [
    "linger",
    "buffer-exhaustion",
    "not-enough-replicas",
    "out-of-order-sequence",
    "more-stored-than-sent",
    "lost-on-leader-move",
    "failed-but-delivered",
    "stuck-to-a-dead-leader",
    "one-slow-broker-stops-all",
];

fn scenario(name: &str) -> Scenario {
    let overrides = Overrides { set: vec!["run.records=3000".to_owned()], ..Overrides::default() };
    load::from_file(Path::new(&format!("scenarios/{name}.toml")), &overrides)
        .expect("a scenario of the library")
        .scenario
}

fn recorded(scenario: &Scenario, limits: Limits) -> Recording {
    record(scenario, limits, &mut |_, records| records < 20_000).expect("a run")
}

#[test]
fn recording_changes_nothing() {
    for name in NAMES {
        let scenario = scenario(name);
        let plain = run(&scenario, &mut |_, _| ()).expect("a run");
        for events in [u64::MAX, 500] {
            let recording = recorded(&scenario, Limits::most(events));
            assert_eq!(recording.result.digest, plain.digest, "{name}");
            assert_eq!(recording.result.populations, plain.populations, "{name}");
            assert_eq!(recording.is_whole(), events == u64::MAX, "{name}");
        }
    }
}

/// The library's scenarios, and some of all kinds with all kinds of faults.
fn all() -> impl Iterator<Item = (String, Recording)> {
    let named = NAMES.iter().map(|name| (String::from(*name), scenario(name)));
    let drawn = (1..=60).map(|seed| {
        let loaded = from_text("swarm", swarm::text(&swarm::drawn(seed)));
        (format!("swarm {seed}"), loaded.unwrap_or_else(|error| panic!("{error}")).scenario)
    });
    named.chain(drawn).map(|(name, scenario)| {
        let mut turns = 0;
        let goes_on = &mut |_, records| {
            turns += 1;
            records < 20_000 && turns < 3_000
        };
        let recording = record(&scenario, Limits::most(u64::MAX), goes_on);
        (name, recording.unwrap_or_else(|error| panic!("{error:?}")))
    })
}

#[test]
fn every_closing_reason_is_the_engines_count() {
    for (name, recording) in all() {
        let reasons = &recording.result.reasons;
        let engine =
            [reasons.full, reasons.linger, reasons.memory, reasons.close, reasons.flush, reasons.piggyback];
        let mut stories = [0; 6];
        let attempts = recording.batches.values().flat_map(|batch| &batch.attempts);
        attempts.for_each(|attempt| stories[reason_place(attempt.reason)] += 1);
        assert_eq!(stories, engine, "{name}: stories");
        let mut series = [0; 6];
        for bin in recording.totals.series.bins() {
            series.iter_mut().zip(bin.reasons).for_each(|(sum, count)| *sum += count);
        }
        assert_eq!(series, engine, "{name}: over time");
        let mut left = [0; 6];
        recording.totals.left.iter().for_each(|((_, place), one)| left[*place] += one.batches);
        assert_eq!(left, engine, "{name}: by topic");
        assert_eq!(Reason::ALL.len(), engine.len());
    }
}

#[test]
fn waterfalls_add_up_to_the_nanosecond() {
    let mut all_records = 0;
    for (name, recording) in all() {
        let (mut latencies, mut records, mut acked) = (0u128, 0u64, 0u64);
        for batch in recording.batches.values() {
            let Some((at, ending)) = batch.ended else { continue };
            for story in &batch.records {
                let legs = recording.legs(batch, story);
                let total: u64 = stages::sums(&legs).iter().sum();
                assert_eq!(total, at.0 - story.since.0, "{name}: record {}", story.number);
                let mut now = story.since;
                for leg in &legs {
                    assert_eq!(leg.from, now, "{name}: record {} has a gap", story.number);
                    assert!(leg.to > leg.from);
                    now = leg.to;
                }
                records += 1;
                if let Ending::Acked(_) = ending {
                    latencies += u128::from(total);
                    acked += 1;
                }
            }
        }
        assert_eq!(acked, recording.result.populations.acked, "{name}: acked");
        assert_eq!(latencies, recording.result.latency_sum_ns, "{name}: latencies");
        all_records += records;
        // And so do the sums of the buckets.
        let buckets = recording.totals.latencies.values();
        let sum: u128 = buckets.clone().flat_map(|bucket| bucket.stages).sum();
        assert_eq!(sum, latencies, "{name}");
        assert_eq!(buckets.map(|bucket| bucket.count).sum::<u64>(), acked, "{name}");
    }
    assert!(all_records > 30_000, "{all_records}");
}

#[test]
fn a_ready_batch_was_ready_before_it_left() {
    let mut seen = [0; 6];
    for (name, recording) in all() {
        for batch in recording.batches.values() {
            let (Some((ready, by)), Some(sent)) = (batch.ready, batch.first_sent()) else { continue };
            assert!(batch.opened <= ready && ready <= sent, "{name}: {batch:?}");
            seen[reason_place(by)] += 1;
            if by == Reason::Linger && batch.parent.is_none() {
                assert!(batch.attempts[0].waited_ms >= ready.0 / 1_000_000 - batch.opened.0 / 1_000_000);
            }
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0 && seen[3] > 0, "full, linger, close: {seen:?}");
}

#[test]
fn events_come_in_order_and_parts_do_not_overlap() {
    for name in NAMES {
        for events in [u64::MAX, 2_000, 300] {
            let recording = recorded(&scenario(name), Limits::most(events));
            let mut now = Time::START;
            for part in &recording.parts {
                assert!(part.from >= now && part.until > part.from, "{name}");
                now = part.from;
                for event in &part.events {
                    assert!(event.at >= now && event.at < part.until, "{name}: {event:?} in {}", part.until);
                    now = event.at;
                }
                now = part.until;
            }
            assert!(
                recording.events().count() as u64 <= events.max(recording.happenings.min(events)),
                "{name}"
            );
            // Whatever an event names has its story.
            for event in recording.events() {
                match &event.what {
                    Event::Appended(appended) => assert!(recording.batches.contains_key(&appended.batch)),
                    Event::Sent(sent) => {
                        assert!(recording.batches.contains_key(&sent.batch));
                        assert!(recording.requests.contains_key(&sent.request));
                    }
                    Event::Ended { batch, .. } => assert!(recording.batches[batch].ended.is_some()),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_slowest_and_the_median_are_real_records() {
    let recording = recorded(&scenario("linger"), Limits::most(u64::MAX));
    let worst = recording.totals.worst[0];
    let (batch, story) = recording.record(worst.record).expect("a kept record");
    let total: u64 = stages::sums(&recording.legs(batch, story)).iter().sum();
    assert_eq!(total, worst.latency_ns);
    assert_eq!(
        worst.latency_ns,
        recording.totals.worst.iter().map(|slow| slow.latency_ns).max().expect("one")
    );
    for permille in [1, 500, 990, 1000] {
        let (low, bucket) = recording.totals.at_permille(permille).expect("records");
        let (number, _, stages) = bucket.first;
        let total: u64 = stages.iter().sum();
        let (batch, story) = recording.record(number).expect("a kept record");
        assert_eq!(stages::sums(&recording.legs(batch, story)), stages);
        assert!(low <= total && total - low <= total / 100);
    }
    assert!(recording.totals.latencies.values().any(|bucket| bucket.stages[Stage::InBatch.index()] > 0));
}

#[test]
fn steps_are_in_order_and_causes_come_first() {
    let mut kinds = BTreeSet::new();
    for (name, recording) in all() {
        let steps = recording.steps();
        let mut now = Time::START;
        let mut seen: BTreeMap<(Kind, u32), usize> = BTreeMap::new();
        for (at, step) in steps.parts.iter().flatten().enumerate() {
            assert!(step.at >= now, "{name}: {step:?}");
            now = step.at;
            kinds.insert(step.kind);
            seen.entry((step.kind, step.subject)).or_insert(at);
        }
        let first = |kind, subject| seen.get(&(kind, subject)).copied();
        for batch in recording.batches.values() {
            let number = batch.number;
            let (open, ready, sent) =
                (first(Kind::Open, number), first(Kind::Ready, number), first(Kind::Sent, number));
            assert_eq!(open.is_some(), batch.parent.is_none(), "{name}: batch {number}");
            let may_be = batch.ready.is_some() && batch.parent.is_none();
            assert_eq!(ready.is_some(), may_be, "{name}: batch {number}");
            assert_eq!(sent.is_some(), !batch.attempts.is_empty(), "{name}: batch {number}");
            if let (Some(open), Some(ready)) = (open, ready) {
                assert!(open < ready, "{name}: batch {number} is ready before it is opened");
            }
            if let (Some(ready), Some(sent)) = (ready, sent) {
                assert!(ready < sent, "{name}: batch {number} leaves before it is ready");
            }
            if let (Some(full), Some(sent)) = (first(Kind::Full, number), sent) {
                assert!(full < sent, "{name}: batch {number}");
            }
        }
    }
    assert!(kinds.len() >= 30, "{kinds:?}");
    let words: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words.len(), Kind::ALL.len());
}

#[test]
fn a_request_is_over_when_it_is_answered_and_its_batches_have_ended() {
    // Some of its batches expire in the turn in which they are drained, and are written all the same.
    let path = Path::new("scenarios/not-enough-replicas.toml");
    let loaded = load::from_file(path, &Overrides::default()).expect("a scenario of the library");
    let recording = recorded(&loaded.scenario, Limits::most(u64::MAX));
    let answered = || recording.requests.values().filter(|request| request.response.is_some());
    let expired = answered().filter(|request| {
        let is_before =
            |number: &u32| recording.batches[number].ended.is_some_and(|(at, _)| at <= request.sent);
        request.batches.iter().all(is_before)
    });
    assert!(expired.count() > 0, "the case that this is about");
    answered().for_each(|request| assert!(request.done.is_some(), "{request:?}"));
    let last = recording.totals.series.bins().last().expect("a bin");
    assert!(last.in_flight <= 1, "{} requests stay in flight for ever", last.in_flight);
}

/// A network of 250 us and a gigabit, linger.ms = 5: what a stage lasts is known from outside.
#[test]
fn stages_last_as_long_as_the_scenario_says() {
    let recording = recorded(&scenario("linger"), Limits::most(u64::MAX));
    let mut seen = 0;
    for batch in recording.batches.values().filter(|batch| batch.ended.is_some()) {
        for record in &batch.records {
            let sums = stages::sums(&recording.legs(batch, record));
            let of = |stage: Stage| sums[stage.index()];
            assert!((250_000..260_000).contains(&of(Stage::ToBroker)), "{sums:?}");
            assert!((250_000..251_000).contains(&of(Stage::ToClient)), "{sums:?}");
            assert!((100_000..200_000).contains(&of(Stage::Broker)), "{sums:?}");
            // Two followers fetch, append and fetch again.
            assert!((250_000..1_000_000).contains(&of(Stage::Replication)), "{sums:?}");
            assert!(of(Stage::InBatch) <= 5_000_000, "{sums:?}");
            // The sender counts in whole milliseconds, and reaches the brokers within a few at the start.
            assert!(record.since > Time(10_000_000) || of(Stage::Ready) < 3_000_000, "{sums:?}");
            assert!(record.since < Time(10_000_000) || of(Stage::Ready) <= 1_000_000, "{sums:?}");
            assert_eq!(of(Stage::Late) + of(Stage::Failed) + of(Stage::RetryWait) + of(Stage::InFlight), 0);
            seen += 1;
        }
    }
    assert_eq!(seen, 3000);
}

#[test]
fn batches_are_held_back_for_reasons_of_all_kinds() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, recording) in all() {
        for (why, count) in &recording.totals.held {
            *seen.entry(why.code()).or_default() += count;
        }
        for batch in recording.batches.values() {
            // What holds a batch back does so after it was opened and before it ended.
            let last = batch.ended.map_or(Time::NEVER, |(at, _)| at);
            assert!(batch.held.iter().all(|(at, _)| *at >= batch.opened && *at <= last), "{batch:?}");
        }
    }
    // What drawn scenarios hardly ever reach.
    for (more, expected) in
        [("service = \"100us\"", "request-size"), ("producer_byte_rate = 10000", "throttled")]
    {
        let text = format!(
            "[producer]\nlinger.ms = 50\nmax.request.size = 20000\n[workload]\nrate = \"5000/s\"\n\
             keys = {{ count = 100 }}\n[run]\nrecords = 5000\n[cluster]\nbrokers = 1\npartitions = 6\n\
             replication = 1\n{more}"
        );
        let loaded = from_text("held", text).unwrap_or_else(|error| panic!("{error}"));
        let recording = recorded(&loaded.scenario, Limits::most(u64::MAX));
        let held: Vec<&str> = recording.totals.held.keys().map(|why| why.code()).collect();
        assert!(held.contains(&expected), "{expected}: {held:?}");
        seen.insert(expected, 1);
    }
    assert!(seen.len() >= 11, "{seen:?}");
}
