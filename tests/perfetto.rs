//! A trace is what Perfetto wants: slices nest, arrows begin and end in slices, counters go forward, nothing is missing.

use std::collections::BTreeMap;
use std::path::Path;

use lingersim::experiment::swarm;
use lingersim::recording::{Limits, Recording, record};
use lingersim::report::perfetto;
use lingersim::scenario::Scenario;
use lingersim::scenario::load::{self, Overrides, from_text};
use serde_json::Value;

const NAMES: [&str; 7] = [
    "linger",
    "buffer-exhaustion",
    "not-enough-replicas",
    "out-of-order-sequence",
    "lost-on-leader-move",
    "failed-but-delivered",
    "stuck-to-a-dead-leader",
];

fn scenario(name: &str, set: &[&str]) -> Scenario {
    let set = set.iter().map(|set| String::from(*set)).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    load::from_file(Path::new(&format!("scenarios/{name}.toml")), &overrides)
        .expect("a scenario of the library")
        .scenario
}

fn recorded(scenario: &Scenario, events: u64) -> Recording {
    let mut turns = 0;
    let goes_on = &mut |_, records| {
        turns += 1;
        records < 5_000 && turns < 3_000
    };
    record(scenario, Limits::most(events), goes_on).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Scenarios of the library and of the swarm, each with its recording and its trace.
fn all() -> impl Iterator<Item = (String, Recording, Value)> {
    let named = NAMES.iter().map(|name| (String::from(*name), scenario(name, &["run.records=1500"])));
    let no_acks = ["producer.acks=0", "producer.enable.idempotence=false", "run.records=1500"];
    let others = [("acks=0".to_owned(), scenario("linger", &no_acks))];
    let drawn = (1..=20).map(|seed| {
        let loaded = from_text("swarm", swarm::text(&swarm::drawn(seed)));
        (format!("swarm {seed}"), loaded.unwrap_or_else(|error| panic!("{error}")).scenario)
    });
    named.chain(others).chain(drawn).map(|(name, scenario)| {
        let recording = recorded(&scenario, u64::MAX);
        let trace = perfetto::trace(&scenario, &recording);
        let value = serde_json::from_str(&trace).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, recording, value)
    })
}

fn events(trace: &Value) -> &[Value] {
    trace["traceEvents"].as_array().expect("a list")
}

/// Nanoseconds of a number of microseconds. It has three decimals, and these tests need no more than a double has.
fn ns(value: &Value) -> u64 {
    (value.as_f64().expect("a number") * 1e3).round() as u64
}

fn phase(event: &Value) -> &str {
    event["ph"].as_str().expect("a phase")
}

fn track(event: &Value) -> (u64, u64) {
    (event["pid"].as_u64().expect("a process"), event["tid"].as_u64().expect("a thread"))
}

/// By track: beginnings and ends of slices, in the order of the file.
fn slices(trace: &Value) -> BTreeMap<(u64, u64), Vec<(u64, u64)>> {
    let mut slices: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    for event in events(trace).iter().filter(|event| phase(event) == "X") {
        let from = ns(&event["ts"]);
        slices.entry(track(event)).or_default().push((from, from + ns(&event["dur"])));
    }
    slices
}

#[test]
fn slices_of_a_track_nest() {
    let mut all_slices = 0;
    for (name, _, trace) in all() {
        for (track, slices) in slices(&trace) {
            let mut open: Vec<(u64, u64)> = Vec::new();
            let mut last = 0;
            for (from, to) in slices {
                assert!(from >= last, "{name}: {track:?} goes back to {from}");
                last = from;
                while open.last().is_some_and(|(_, end)| *end <= from) {
                    open.pop();
                }
                let fits = open.last().is_none_or(|(_, end)| to <= *end);
                assert!(fits, "{name}: {track:?}: {from} to {to} overlaps {open:?}");
                open.push((from, to));
                all_slices += 1;
            }
        }
    }
    assert!(all_slices > 30_000, "{all_slices}");
}

#[test]
fn arrows_are_whole_and_end_in_slices() {
    for (name, recording, trace) in all() {
        let slices = slices(&trace);
        let mut flows: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
        for event in events(&trace).iter().filter(|event| "stf".contains(phase(event))) {
            let at = ns(&event["ts"]);
            let on = slices.get(&track(event)).map_or(&[][..], |list| list);
            assert!(on.iter().any(|(from, to)| *from <= at && at <= *to), "{name}: {event}");
            flows.entry(event["id"].as_u64().expect("an id")).or_default().push(event);
        }
        let attempts: usize = recording.batches.values().map(|batch| batch.attempts.len()).sum();
        assert_eq!(flows.len(), attempts, "{name}: an arrow for each transmission");
        for flow in flows.values() {
            let phases: String = flow.iter().map(|event| phase(event)).collect();
            let is_whole = phases.starts_with('s') && phases.ends_with('f');
            assert!(
                is_whole && phases.trim_matches(['s', 'f']).chars().all(|c| c == 't'),
                "{name}: {phases}"
            );
            assert_eq!(phases.matches(['s', 'f']).count(), 2, "{name}: {phases}");
            assert_eq!(flow.last().expect("an end")["bp"], "e", "{name}");
            let times: Vec<u64> = flow.iter().map(|event| ns(&event["ts"])).collect();
            assert!(times.is_sorted(), "{name}: {times:?}");
        }
    }
}

#[test]
fn counters_go_forward() {
    for (name, recording, trace) in all() {
        let mut last: BTreeMap<(u64, &str), u64> = BTreeMap::new();
        let mut most = 0;
        for event in events(&trace).iter().filter(|event| phase(event) == "C") {
            let key = (event["pid"].as_u64().expect("a process"), event["name"].as_str().expect("a name"));
            let at = ns(&event["ts"]);
            assert!(last.insert(key, at).is_none_or(|before| before <= at), "{name}: {event}");
            let value = event["args"].as_object().and_then(|args| args.values().next()?.as_u64());
            let value = value.unwrap_or_else(|| panic!("{name}: {event}"));
            if key.1 == "buffer.memory in use" {
                most = most.max(value);
            }
        }
        let peak = recording.totals.series.bins().iter().map(|bin| bin.buffer).max();
        if recording.result.producers.len() == 1 {
            assert_eq!(Some(most), peak, "{name}: the most memory in use");
        }
        assert!(last.keys().any(|(_, counter)| counter.starts_with("in-sync replicas")), "{name}");
    }
}

#[test]
fn there_is_a_slice_for_each_departure_by_reason() {
    for (name, recording, trace) in all() {
        let reasons = &recording.result.reasons;
        let all = [
            ("full", reasons.full),
            ("linger", reasons.linger),
            ("memory", reasons.memory),
            ("close", reasons.close),
            ("flush", reasons.flush),
            ("piggyback", reasons.piggyback),
        ];
        for (reason, count) in all {
            let is_it = |event: &&Value| {
                phase(event) == "X" && event["cat"] == "batch" && event["args"]["reason"] == reason
            };
            assert_eq!(events(&trace).iter().filter(is_it).count() as u64, count, "{name}: {reason}");
        }
    }
}

#[test]
fn a_part_of_a_run_says_what_is_missing_and_nests_as_well() {
    let scenario = scenario("lost-on-leader-move", &["run.records=4000"]);
    let recording = recorded(&scenario, 2_000);
    let text = perfetto::trace(&scenario, &recording);
    assert!(text == perfetto::trace(&scenario, &recorded(&scenario, 2_000)), "the same bytes twice");
    let trace: Value = serde_json::from_str(&text).expect("JSON");
    let metadata = &trace["metadata"];
    let kept = recording.events().count() as u64;
    assert_eq!(metadata["happenings-left-out"], recording.happenings - kept);
    assert!(kept < recording.happenings && metadata["what-is-left-out"] != "nothing");
    assert_eq!(metadata["digest"], format!("{:016x}", recording.result.digest));
    for slices in slices(&trace).into_values() {
        let mut open: Vec<u64> = Vec::new();
        for (from, to) in slices {
            open.retain(|end| *end > from);
            assert!(open.iter().all(|end| to <= *end));
            open.push(to);
        }
    }
}
