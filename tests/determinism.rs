//! Same scenario and seed: same bytes out, whatever watches and on however many threads.

mod support;

use lingersim::scenario::Scenario;
use lingersim::scenario::load::Loaded;
use lingersim::world::{self, run_many};
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
