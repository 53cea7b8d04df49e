//! Same scenario and seed: same bytes out, whatever watches and on however many threads.

mod support;

use lingersim::experiment::swarm;
use lingersim::scenario::Scenario;
use lingersim::scenario::load::{Loaded, from_text};
use lingersim::values::time::Time;
use lingersim::world::observe::{Asked, AskedLogs, Glance, Part, Places, Window};
use lingersim::world::result::RunResult;
use lingersim::world::{self, run_many, run_observed};
use support::{RICH, load, report, run};

fn rich(name: &str) -> Loaded {
    load(&format!("determinism-{name}"), RICH)
}

/// A test of equality is worth nothing if nothing happens.
#[test]
fn the_scenario_has_everything_in_it() {
    let result = run(&rich("everything").scenario);
    let populations = result.populations;
    assert!(populations.acked > 30_000, "{populations:?}");
    assert!(populations.unknown > 0 && populations.refused > 0, "{populations:?}");
    assert!(result.reasons.retry > 0 && result.reasons.linger > 0 && result.reasons.piggyback > 0);
    assert!(result.blocked_ns > 0);
}

#[test]
fn twice_the_same() {
    let loaded = rich("twice");
    let reports = [(); 2].map(|()| report(&loaded, &run(&loaded.scenario)));
    assert_eq!(reports[0], reports[1]);
}

/// These digests hold on any machine. They change with the model, and then CHANGELOG.md says so.
#[test]
fn the_same_on_every_machine() {
    let Loaded { scenario, .. } = rich("machine");
    let digests =
        [7, 8, 9].map(|seed| format!("{:016x}", run(&Scenario { seed, ..scenario.clone() }).digest));
    assert_eq!(digests, ["1b7c07aad1ec3c08", "18e40b799179dcd1", "362231158953d93e"]);
}

#[test]
fn observers_change_nothing() {
    let loaded = rich("observers");
    let (mut calls, mut last) = (0u64, None);
    let watched = world::run(&loaded.scenario, &mut |now, records| {
        calls += 1;
        assert!(last <= Some((now, records)), "time and records only grow");
        last = Some((now, records));
    });
    let watched = watched.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(calls > 100, "{calls}");
    assert_eq!(report(&loaded, &watched), report(&loaded, &run(&loaded.scenario)));
}

#[test]
fn threads_change_nothing() {
    let loaded = rich("threads");
    let seeds = [1, 2, 3, 4, 5];
    let reports = [1, 2].map(|threads| {
        let results = run_many(&loaded.scenario, &seeds, threads);
        results
            .into_iter()
            .map(|result| report(&loaded, &result.unwrap_or_else(|error| panic!("{error:?}"))))
            .collect::<Vec<_>>()
    });
    assert_eq!(reports[0], reports[1]);
    let alone = seeds.map(|seed| report(&loaded, &run(&Scenario { seed, ..loaded.scenario.clone() })));
    assert_eq!(reports[0], alone);
    assert!((1..alone.len()).all(|n| alone[n] != alone[n - 1]), "seeds make a difference");
}

/// Whoever asks for anything beside the result gets the same result, in scenarios of all kinds. Windows end in the middle of
/// things, and those of two halves add up to the whole.
#[test]
fn whatever_is_asked_of_a_run_changes_nothing() {
    const SEEDS: u64 = 150;
    let instant = |share: u64, end: Time| Time(end.0 / 7 * share);
    let mut seen = (0, 0);
    for seed in 1..=SEEDS {
        let loaded =
            from_text("swarm", swarm::text(&swarm::drawn(seed))).unwrap_or_else(|error| panic!("{error}"));
        let mut turns = 0;
        let mut most = |glance: Glance<'_>| {
            turns += 1;
            glance.records < 20_000 && turns < 3_000
        };
        let Ok(plain) = run_observed(&loaded.scenario, &Asked::default(), &mut most) else { continue };
        let end = plain.result.ended_at;
        let half = instant(3, end);
        let between = |from, to| Part { window: Window::Between(from, to), places: None };
        let asked = Asked {
            facts: true,
            acks: true,
            happenings: true,
            keys: true,
            logs: Some(AskedLogs { broker: None, partitions: Vec::new(), most_bytes: u64::MAX }),
            call_of: Some(17),
            parts: vec![
                between(Time::START, half),
                between(half, Time::NEVER),
                between(instant(1, end), instant(2, end)),
                Part { window: Window::Fault(0), places: Some(Places { topic: None, partitions: 0..=0 }) },
            ],
        };
        let (mut facts, mut acks, mut turns) = (0, 0, 0);
        let watched = run_observed(&loaded.scenario, &asked, &mut |glance| {
            (facts, acks, turns) =
                (facts + glance.facts.len() as u64, acks + glance.acks.len() as u64, turns + 1);
            glance.records < 20_000 && turns < 3_000
        });
        let watched = watched.unwrap_or_else(|error| panic!("{error:?}"));
        if plain.result.ended_at != watched.result.ended_at {
            // It was stopped on the way, after as many steps; those of an observer are others.
            continue;
        }
        let (mut result, expected) = (watched.result, plain.result);
        assert_eq!(acks, expected.populations.acked, "seed {seed}");
        let [first, second, ..] = &watched.parts[..] else { panic!("two halves") };
        let sum = |count: fn(&RunResult) -> u64| count(&first.figures) + count(&second.figures);
        assert_eq!(sum(|half| half.populations.acked), expected.populations.acked, "seed {seed}");
        assert_eq!(sum(|half| half.batches), expected.batches, "seed {seed}");
        assert_eq!(sum(|half| half.requests), expected.requests, "seed {seed}");
        assert_eq!(sum(|half| half.latency.len()), expected.latency.len(), "seed {seed}");
        result.split_keys = None;
        assert_eq!(report(&loaded, &result), report(&loaded, &expected), "seed {seed}");
        seen = (seen.0 + 1, seen.1 + facts);
    }
    assert!(seen.0 > SEEDS / 2 && seen.1 > 40_000, "{seen:?}");
}
