//! Whether what guards the simulator finds what it is there for: bugs are planted one at a time, and a swarm has to fail.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lingersim::experiment::swarm::{drawn, judge, text};
use lingersim::planted::{PlantedBug, plant};

/// A bug that so many scenarios do not show is not found.
const MOST_SEEDS: u64 = 5_000;

/// What showed a bug first.
#[derive(Debug)]
struct Shown {
    seed: u64,
    /// The class of the failure.
    by: String,
}

/// The first seed of a swarm that fails with this bug.
fn first_failure(bug: Option<PlantedBug>, seeds: u64) -> Option<Shown> {
    plant(bug);
    let shown = (1..=seeds).find_map(|seed| {
        let scenario = text(&drawn(seed));
        let by = match catch_unwind(AssertUnwindSafe(|| judge(scenario, seed))) {
            Ok(Ok(_)) => return None,
            Ok(Err(failure)) => {
                println!("{bug:?}, seed {seed}: {failure}");
                failure.class().to_owned()
            }
            Err(_) => "panic".to_owned(),
        };
        Some(Shown { seed, by })
    });
    plant(None);
    shown
}

/// Every bug with what showed it, in the order of the list; on all cores.
fn hunt() -> Vec<(PlantedBug, Option<Shown>)> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&bug) = PlantedBug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let shown = first_failure(Some(bug), MOST_SEEDS);
                    found.lock().expect("no hunter panics").push((bug, shown));
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no hunter panics");
    found.sort_by_key(|(bug, _)| PlantedBug::ALL.iter().position(|other| other == bug));
    found
}

fn rows(found: &[(PlantedBug, Option<Shown>)]) -> String {
    let mut rows = String::new();
    for (bug, shown) in found {
        let (seed, by) = shown.as_ref().map_or((0, "nothing"), |shown| (shown.seed, shown.by.as_str()));
        let (what, place) = (bug.sentence(), bug.place());
        let _ = writeln!(rows, "| `{bug:?}` | `{place}` | {what} | {by} | {seed} |");
    }
    rows
}

#[test]
fn every_bug_is_found_and_without_one_nothing_is() {
    assert!(PlantedBug::ALL.len() >= 15);
    let found = hunt();
    let rows = rows(&found);
    let printed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted-bugs.md");
    std::fs::write(&printed, &rows).expect("a file for the rows");
    let missed: Vec<_> = found.iter().filter(|(_, shown)| shown.is_none()).map(|(bug, _)| bug).collect();
    assert!(missed.is_empty(), "{MOST_SEEDS} seeds do not show {missed:?}:\n{rows}");
    let needed =
        found.iter().filter_map(|(_, shown)| shown.as_ref()).map(|shown| shown.seed).max().unwrap_or(0);
    let alarm = first_failure(None, needed);
    assert!(alarm.is_none(), "a false alarm: {alarm:?}");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/planted-bugs.md");
    let docs = std::fs::read_to_string(path).expect("docs/planted-bugs.md");
    assert!(docs.contains(&rows), "docs/planted-bugs.md should have the rows of {}", printed.display());
}
