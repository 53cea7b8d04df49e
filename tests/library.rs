//! The library: scenarios for people with a symptom. Each says at its top what one sees, why, and what cures it; these
//! tests hold it to that, and `docs/library.md` to what comes out.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use lingersim::report::grouped;
use lingersim::scenario::load::{Loaded, Overrides, from_file};
use lingersim::world::observe::Asked;
use lingersim::world::result::{Audit, RunResult};
use lingersim::world::run_observed;

/// A scenario of the library.
#[derive(Debug)]
struct Case {
    name: &'static str,
    /// The symptom in figures, for the table.
    shows: fn(&RunResult) -> String,
    /// Whether a run has it.
    is_ill: fn(&RunResult) -> bool,
    /// Whether the second run has it no more, or far less.
    is_cured: fn(&RunResult, &RunResult) -> bool,
}

const CASES: [Case; 19] = [
    Case {
        name: "same-key-other-partition",
        shows: |run| format!("{} of 1,000 keys in several partitions", grouped(split_keys(run))),
        is_ill: |run| split_keys(run) > 800 && unsuccessful(run) == 0,
        is_cured: |_, run| split_keys(run) == 0 && unsuccessful(run) == 0,
    },
    Case {
        name: "slower-after-upgrade",
        shows: |run| format!("{:.1} ms a record", mean_ms(run)),
        is_ill: |run| mean_ms(run) > 5.0,
        is_cured: |before, run| mean_ms(run) * 3.0 < mean_ms(before),
    },
    Case {
        name: "one-message-every-linger",
        shows: |run| format!("{} records take {:.0} s", grouped(run.populations.acked), ended_s(run)),
        is_ill: |run| ended_s(run) >= 5.0 * run.populations.acked as f64,
        is_cured: |before, run| ended_s(run) * 5.0 < ended_s(before) && unsuccessful(run) == 0,
    },
    Case {
        name: "many-small-batches",
        shows: |run| format!("p50 {:.0} ms, p99 {:.0} ms", quantile_ms(run, 0.5), quantile_ms(run, 0.99)),
        is_ill: |run| quantile_ms(run, 0.5) > 100.0,
        is_cured: |before, run| {
            [0.5, 0.99].into_iter().all(|q| quantile_ms(run, q) * 4.0 < quantile_ms(before, q))
        },
    },
    Case {
        name: "sticky-to-the-slow-broker",
        shows: |run| {
            format!(
                "{:.0}% for the slow broker, p50 {:.1} ms",
                slow_share(run) * 100.0,
                quantile_ms(run, 0.5)
            )
        },
        is_ill: |run| slow_share(run) > 0.5,
        // A third is what it would get of a partitioner that looks at nothing.
        is_cured: |_, run| slow_share(run) < 0.4,
    },
    Case {
        name: "half-the-partitions-empty",
        shows: |run| format!("{} of {} partitions are empty", empty(run), run.partitions.len()),
        is_ill: |run| empty(run) * 2 == run.partitions.len(),
        is_cured: |_, run| empty(run) == 0,
    },
    Case {
        name: "buffer-exhausted",
        shows: |run| {
            format!(
                "{} of {} are refused",
                grouped(run.populations.refused),
                grouped(run.populations.offered)
            )
        },
        is_ill: |run| run.errors.get("BufferExhaustedException") == Some(&unsuccessful(run)),
        is_cured: |_, run| unsuccessful(run) == 0,
    },
    Case {
        name: "expiring-under-load",
        shows: |run| format!("{} of {} expire", grouped(unsuccessful(run)), grouped(run.populations.offered)),
        is_ill: |run| expired(run) * 10 > run.populations.offered && run.faults.is_empty(),
        is_cured: |_, run| unsuccessful(run) == 0,
    },
    Case {
        name: "expiring-one-broker-down",
        shows: |run| format!("{} of {} expire", grouped(unsuccessful(run)), grouped(run.populations.offered)),
        is_ill: |run| expired(run) * 20 > run.populations.offered,
        is_cured: |_, run| unsuccessful(run) == 0,
    },
    Case {
        name: "more-stored-than-sent",
        shows: |run| format!("{} sent, {} stored", grouped(run.populations.offered), grouped(stored(run))),
        is_ill: |run| stored(run) > run.populations.offered && unsuccessful(run) == 0,
        is_cured: |_, run| stored(run) == run.populations.offered && run.audit == Audit::default(),
    },
    Case {
        name: "failed-but-delivered",
        shows: |run| {
            let present = grouped(run.audit.failed_but_present);
            format!("{} fail, {present} of them are there", grouped(unsuccessful(run)))
        },
        is_ill: |run| run.audit.failed_but_present > 0 && expired(run) == unsuccessful(run),
        is_cured: |_, run| unsuccessful(run) == 0 && run.audit == Audit::default(),
    },
    Case {
        name: "out-of-order-sequence",
        shows: |run| {
            let refused = grouped(sent_again(run, "OUT_OF_ORDER_SEQUENCE_NUMBER"));
            format!("{refused} times out of order, {} fail", grouped(unsuccessful(run)))
        },
        is_ill: |run| sent_again(run, "OUT_OF_ORDER_SEQUENCE_NUMBER") > 0 && expired(run) > 0,
        is_cured: |_, run| sent_again(run, "OUT_OF_ORDER_SEQUENCE_NUMBER") == 0 && unsuccessful(run) == 0,
    },
    Case {
        name: "lost-on-leader-move",
        shows: |run| format!("{} of {} lost", grouped(run.audit.lost), grouped(run.populations.acked)),
        is_ill: |run| run.audit.lost > 0 && unsuccessful(run) == 0,
        is_cured: |_, run| run.audit.lost == 0 && unsuccessful(run) == 0,
    },
    Case {
        name: "not-enough-replicas",
        shows: |run| {
            let refused = grouped(sent_again(run, "NOT_ENOUGH_REPLICAS"));
            format!("{refused} times not enough replicas, {} fail", grouped(unsuccessful(run)))
        },
        is_ill: |run| sent_again(run, "NOT_ENOUGH_REPLICAS") > 0 && unsuccessful(run) > 0,
        is_cured: |_, run| sent_again(run, "NOT_ENOUGH_REPLICAS") == 0 && unsuccessful(run) == 0,
    },
    Case {
        name: "stuck-to-a-dead-leader",
        shows: |run| format!("{:.1} s of silence", silence_s(run)),
        is_ill: |run| (30.0..32.0).contains(&silence_s(run)),
        // The session of the leader is 9 s from its last heartbeat.
        is_cured: |_, run| silence_s(run) < 11.0 && unsuccessful(run) == 0,
    },
    Case {
        name: "pulled-cable",
        shows: |run| format!("{} later than 1 s", grouped(late(run))),
        is_ill: |run| late(run) * 20 > run.populations.offered,
        is_cured: |before, run| late(run) * 5 < late(before) && unsuccessful(run) == 0,
    },
    Case {
        name: "one-slow-broker-stops-all",
        shows: |run| format!("{:.1} s blocked, {} acked", blocked_s(run), grouped(run.populations.acked)),
        is_ill: |run| blocked_s(run) > 10.0,
        is_cured: |_, run| blocked_s(run) < 0.5,
    },
    Case {
        name: "schema-change",
        shows: |run| format!("{} of {} refused", grouped(refused(run)), grouped(run.populations.offered)),
        is_ill: |run| refused(run) * 10 > run.populations.offered && refused(run) == unsuccessful(run),
        is_cured: |_, run| unsuccessful(run) == 0,
    },
    Case {
        name: "interceptor-changes-key",
        shows: |run| format!("{} of {} partitions are empty", empty(run), run.partitions.len()),
        is_ill: |run| empty(run) > 0 && unsuccessful(run) == 0,
        is_cured: |_, run| empty(run) == 0 && unsuccessful(run) == 0,
    },
];

/// Records that the application has not heard a success of.
fn unsuccessful(run: &RunResult) -> u64 {
    run.populations.offered - run.populations.acked
}

/// Records whose error is that of `delivery.timeout.ms`.
fn expired(run: &RunResult) -> u64 {
    run.errors.get("TimeoutException").copied().unwrap_or(0)
}

/// Records whose serializer threw.
fn refused(run: &RunResult) -> u64 {
    run.errors.get("SerializationException").copied().unwrap_or(0)
}

fn sent_again(run: &RunResult, code: &str) -> u64 {
    run.retries.get(code).copied().unwrap_or(0)
}

fn stored(run: &RunResult) -> u64 {
    run.partitions.iter().map(|partition| partition.log_end).sum()
}

fn silence_s(run: &RunResult) -> f64 {
    run.longest_silence.span.0 as f64 / 1e9
}

fn blocked_s(run: &RunResult) -> f64 {
    run.blocked_ns as f64 / 1e9
}

/// Records that were not acked within a second.
fn late(run: &RunResult) -> u64 {
    unsuccessful(run) + run.latency.count_between(1_000_000_000, u64::MAX)
}

fn ended_s(run: &RunResult) -> f64 {
    run.ended_at.0 as f64 / 1e9
}

fn mean_ms(run: &RunResult) -> f64 {
    run.latency_sum_ns as f64 / run.populations.acked as f64 / 1e6
}

fn quantile_ms(run: &RunResult, quantile: f64) -> f64 {
    run.latency.value_at_quantile(quantile) as f64 / 1e6
}

/// Partitions that got nothing.
fn empty(run: &RunResult) -> usize {
    run.partitions.iter().filter(|partition| partition.records == 0).count()
}

/// Of all records, those for broker 1, which leads every third partition.
fn slow_share(run: &RunResult) -> f64 {
    let slow: u64 = run.partitions.iter().step_by(3).map(|partition| partition.records).sum();
    slow as f64 / run.populations.acked as f64
}

/// What stands at the top of a scenario.
#[derive(Debug, Default)]
struct Head {
    symptom: String,
    cause: String,
    cures: Vec<Cure>,
}

/// Each of several cures is one by itself.
#[derive(Debug)]
struct Cure {
    /// For `--set`.
    set: Vec<String>,
    price: String,
}

impl Head {
    /// `# Word: text`, with lines that begin with `#   ` going on; ends with the first other line.
    fn parse(text: &str) -> Head {
        let mut head = Head::default();
        let mut lines = text.lines().peekable();
        while let Some((word, rest)) = lines.next().and_then(|line| line.strip_prefix("# ")?.split_once(": "))
        {
            let mut said = rest.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("#   ")) {
                said = format!("{said} {}", more.trim_start_matches(['#', ' ']));
            }
            match word {
                "Symptom" => head.symptom = said,
                "Cause" => head.cause = said,
                "Cure" => {
                    let set = said.split_whitespace().map(str::to_owned).collect();
                    head.cures.push(Cure { set, price: String::new() });
                }
                "Price" => head.cures.last_mut().expect("a cure with this price").price = said,
                _ => panic!("what is `{word}`?"),
            }
        }
        head
    }
}

/// A scenario as it is, and once for each of its cures.
#[derive(Debug)]
struct Ran {
    case: &'static Case,
    head: Head,
    before: RunResult,
    after: Vec<RunResult>,
}

static LIBRARY: LazyLock<Vec<Ran>> = LazyLock::new(|| {
    let of = |case: &'static Case| {
        let head = Head::parse(&fs::read_to_string(root().join(path(case))).expect("a scenario"));
        let after = head.cures.iter().map(|cure| run(&load(case, &cure.set))).collect();
        Ran { case, head, before: run(&load(case, &[])), after }
    };
    CASES.iter().map(of).collect()
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn path(case: &Case) -> String {
    format!("scenarios/{}.toml", case.name)
}

fn load(case: &Case, set: &[String]) -> Loaded {
    let overrides = Overrides { set: set.to_vec(), ..Overrides::default() };
    from_file(&root().join(path(case)), &overrides).unwrap_or_else(|error| panic!("{error}"))
}

fn run(loaded: &Loaded) -> RunResult {
    let asked = Asked { keys: true, ..Asked::default() };
    run_observed(&loaded.scenario, &asked, &mut |_| true).unwrap_or_else(|error| panic!("{error:?}")).result
}

/// Keys that are in several partitions.
fn split_keys(run: &RunResult) -> u64 {
    run.split_keys.expect("they are asked for").split
}

#[test]
fn every_scenario_shows_its_symptom() {
    for Ran { case, before, .. } in LIBRARY.iter() {
        assert!((case.is_ill)(before), "{}: {}", case.name, (case.shows)(before));
        assert!(before.warnings.is_empty(), "{}: {:?}", case.name, before.warnings);
    }
}

#[test]
fn every_cure_works() {
    for Ran { case, head, before, after } in LIBRARY.iter() {
        for (cure, after) in head.cures.iter().zip(after) {
            let said = (case.shows)(after);
            assert!((case.is_cured)(before, after), "{} with {:?}: {said}", case.name, cure.set);
            assert!(!(case.is_ill)(after), "{} with {:?}: {said}", case.name, cure.set);
        }
    }
}

#[test]
fn every_head_is_complete_and_its_scenario_in_the_table() {
    for Ran { case, head, .. } in LIBRARY.iter() {
        let Head { symptom, cause, cures } = head;
        assert!(!symptom.is_empty() && cause.ends_with('.') && !cures.is_empty(), "{}", case.name);
        assert!(cures.iter().all(|cure| !cure.price.is_empty()), "{}", case.name);
    }
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(root().join("scenarios")).expect("the scenarios") {
        let path = entry.expect("a file").path();
        if path.is_file() && fs::read_to_string(&path).expect("text").starts_with("# Symptom: ") {
            files.insert(path.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }
    assert_eq!(files, CASES.iter().map(|case| case.name.to_owned()).collect());
}

/// What tells the two expiries from each other: which partitions they strike.
#[test]
fn under_load_all_partitions_expire_and_without_a_leader_only_its_own() {
    let acked = |run: &RunResult| run.partitions.iter().map(|p| p.records).collect::<Vec<u64>>();
    let case = |name: &str| CASES.iter().find(|case| case.name == name).expect("a case");
    let well = |name: &str| {
        let mut loaded = load(case(name), &["delivery.timeout.ms=600000".to_owned()]);
        loaded.scenario.faults.clear();
        acked(&run(&loaded))
    };
    let ill = |name: &str| acked(&LIBRARY.iter().find(|ran| ran.case.name == name).expect("a case").before);
    let (load, down) = ("expiring-under-load", "expiring-one-broker-down");
    assert!(ill(load).iter().zip(well(load)).all(|(ill, well)| *ill < well), "{:?}", ill(load));
    let (ill, well) = (ill(down), well(down));
    assert!(ill[0] < well[0], "{ill:?}, {well:?}");
    assert_eq!(ill[1..], well[1..]);
}

/// The table of the docs.
fn table() -> String {
    let mut table = String::new();
    for Ran { case, head, before, after } in LIBRARY.iter() {
        let Head { symptom, cause, cures } = head;
        let mut first = format!(" {symptom} | [{0}](../{1}) | {cause} | ", case.name, path(case));
        let mut shows = (case.shows)(before);
        for (Cure { set, price }, after) in cures.iter().zip(after) {
            let set = set.iter().map(|set| format!("`{set}`")).collect::<Vec<_>>().join(" ");
            let _ = writeln!(table, "|{first}{set} ({price}) | {shows} | {} |", (case.shows)(after));
            // A further cure of the same symptom.
            first = " | | | or ".to_owned();
            shows.clear();
        }
    }
    table
}

#[test]
fn the_table_of_the_docs_is_what_comes_out() {
    let table = table();
    let docs = fs::read_to_string(root().join("docs/library.md")).expect("the docs");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library.md");
    fs::write(&to, &table).expect("a temporary file");
    assert!(docs.contains(&table), "docs/library.md should have the rows of {}", to.display());
}
