//! Faults of real clusters: what a real producer made of each, and what the simulator makes of it.
//!
//! `tests/real/faults.csv` has what came out of each real run; `docs/real-faults.md` shows the comparison, and these
//! tests hold it to what the simulator really gives. The phases of heartbeats and checks were chance in the real runs,
//! and are drawn from the seed: each scenario runs with many seeds.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use lingersim::report::grouped;
use lingersim::scenario::load::{Overrides, from_file};

const SEEDS: u64 = 20;

/// A real time agrees if it is in the range of the simulated ones, widened by this.
const WIDER_PERMILLE: u64 = 50;
const WIDER_MS: u64 = 150;

/// What never happened in a real run happens in no more than so many of the simulated ones.
const STRAYS: usize = 2;

/// One real run.
#[derive(Debug, serde::Deserialize)]
struct Real {
    scenario: String,
    /// The longest time between two acknowledgements.
    gap_ms: u64,
    /// Error codes of answers that were tried again.
    seen: String,
    #[serde(flatten)]
    counts: Counts,
}

/// What is counted in both, in records.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
struct Counts {
    lost: u64,
    duplicates: u64,
    reordered: u64,
    failed_but_present: u64,
    failed: u64,
    retried_records: u64,
}

impl Counts {
    fn columns(self) -> [(&'static str, u64); 6] {
        [
            ("lost", self.lost),
            ("duplicates", self.duplicates),
            ("reordered", self.reordered),
            ("failed but present", self.failed_but_present),
            ("failed", self.failed),
            ("retried", self.retried_records),
        ]
    }
}

/// One simulated run.
#[derive(Debug)]
struct Simulated {
    gap_ms: u64,
    seen: BTreeSet<&'static str>,
    counts: Counts,
}

/// All runs of a scenario.
#[derive(Debug)]
struct Compared {
    scenario: String,
    real: Vec<Real>,
    simulated: Vec<Simulated>,
}

/// What differs between real and simulated runs; `docs/real-faults.md` tells why, under the same name.
const EXPLAINED: [(&str, &str); 5] = [
    ("A-kill9-leader-acks1", "duplicates"),
    ("C-not-enough-replicas-term-idem", "retried"),
    ("C-not-enough-replicas-term-idem", "seen"),
    ("D-delivery-timeout-5s", "gap"),
    ("D-delivery-timeout-5s-paused", "seen"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn simulate(scenario: &str, seed: u64) -> Simulated {
    let file = root().join(format!("scenarios/measured-faults/{scenario}.toml"));
    let overrides = Overrides { flags: vec![("--seed", "seed", seed.to_string())], ..Overrides::default() };
    let loaded = from_file(&file, &overrides).unwrap_or_else(|error| panic!("{scenario}: {error}"));
    let result = lingersim::world::run(&loaded.scenario, &mut |_, _| {}).unwrap_or_else(|e| panic!("{e:?}"));
    let audit = &result.audit;
    assert!(audit.findings.is_empty(), "{scenario}, seed {seed}: {:?}", audit.findings);
    let metric = |name: &str| {
        let metrics = &result.producers[0].metrics;
        metrics.iter().find(|(metric, _)| *metric == name).map_or(0.0, |(_, value)| *value) as u64
    };
    let populations = &result.populations;
    Simulated {
        gap_ms: (result.longest_silence.span.as_nanos() + 500_000) / 1_000_000,
        seen: result.retries.keys().copied().collect(),
        counts: Counts {
            lost: audit.lost,
            duplicates: audit.duplicates,
            reordered: audit.reordered,
            failed_but_present: audit.failed_but_present,
            failed: populations.failed + populations.unknown,
            retried_records: metric("record-retry-total"),
        },
    }
}

/// All scenarios, simulated on both cores of a small machine.
static RUNS: LazyLock<Vec<Compared>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_path(root().join("tests/real/faults.csv")).expect("the runs");
    let mut all: Vec<Compared> = Vec::new();
    for row in reader.deserialize() {
        let real: Real = row.expect("a run");
        match all.last_mut().filter(|last| last.scenario == real.scenario) {
            Some(last) => last.real.push(real),
            None => all.push(Compared {
                scenario: real.scenario.clone(),
                real: vec![real],
                simulated: Vec::new(),
            }),
        }
    }
    let todo: Vec<(usize, String, u64)> = (all.iter().enumerate())
        .flat_map(|(at, compared)| (1..=SEEDS).map(move |seed| (at, compared.scenario.clone(), seed)))
        .collect();
    let todo = Mutex::new(todo.into_iter());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, scenario, seed)) = { todo.lock().expect("no panic").next() } {
                    let simulated = simulate(&scenario, seed);
                    done.lock().expect("no panic").push((at, seed, simulated));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic");
    done.sort_by_key(|(at, seed, _)| (*at, *seed));
    done.into_iter().for_each(|(at, _, simulated)| all[at].simulated.push(simulated));
    all
});

/// `7`, or `7–9`.
fn range(values: impl Iterator<Item = u64> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    if least == most { grouped(least) } else { format!("{}–{}", grouped(least), grouped(most)) }
}

/// Milliseconds as seconds.
fn seconds(values: impl Iterator<Item = u64> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    let of = |ms: u64| format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10);
    if of(least) == of(most) { of(least) } else { format!("{}–{}", of(least), of(most)) }
}

impl Compared {
    fn column(&self, at: usize) -> (Vec<u64>, Vec<u64>) {
        let real = self.real.iter().map(|run| run.counts.columns()[at].1).collect();
        (real, self.simulated.iter().map(|run| run.counts.columns()[at].1).collect())
    }

    fn seen(&self) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let real = self.real.iter().flat_map(|run| run.seen.split_whitespace()).collect();
        (real, self.simulated.iter().flat_map(|run| run.seen.iter().copied()).collect())
    }

    /// What does not agree.
    fn differences(&self) -> Vec<&'static str> {
        let mut differences = Vec::new();
        let gaps = || self.simulated.iter().map(|run| run.gap_ms);
        let (least, most) = (gaps().min().unwrap_or(0), gaps().max().unwrap_or(0));
        let below = (least * (1_000 - WIDER_PERMILLE) / 1_000).saturating_sub(WIDER_MS);
        let above = most * (1_000 + WIDER_PERMILLE) / 1_000 + WIDER_MS;
        if self.real.iter().any(|run| !(below..=above).contains(&run.gap_ms)) {
            differences.push("gap");
        }
        for (at, (name, _)) in self.real[0].counts.columns().into_iter().enumerate() {
            let (real, simulated) = self.column(at);
            let happens = |values: &[u64]| values.iter().filter(|value| **value > 0).count();
            let agrees = match happens(&real) {
                0 => happens(&simulated) <= STRAYS,
                _ => happens(&simulated) > 0,
            };
            if !agrees {
                differences.push(name);
            }
        }
        let (real, simulated) = self.seen();
        if real != simulated {
            differences.push("seen");
        }
        differences
    }

    fn row(&self) -> String {
        let mut row = format!(
            "| {} | {} / {} |",
            self.scenario,
            seconds(self.real.iter().map(|run| run.gap_ms)),
            seconds(self.simulated.iter().map(|run| run.gap_ms)),
        );
        for at in 0..6 {
            let (real, simulated) = self.column(at);
            let happens = simulated.iter().filter(|value| **value > 0).count();
            let often = match happens {
                0 => String::new(),
                all if all == simulated.len() => String::new(),
                some => format!(" ({some})"),
            };
            let _ = write!(row, " {} / {}{often} |", range(real.into_iter()), range(simulated.into_iter()));
        }
        let (real, simulated) = self.seen();
        let list = |codes: BTreeSet<&str>| {
            if codes.is_empty() { "–".to_owned() } else { codes.into_iter().collect::<Vec<_>>().join(", ") }
        };
        let answers =
            if real == simulated { list(real) } else { format!("{} / {}", list(real), list(simulated)) };
        let _ = writeln!(row, " {answers} |");
        row
    }
}

fn docs() -> String {
    std::fs::read_to_string(root().join("docs/real-faults.md")).expect("the docs")
}

fn rows() -> String {
    RUNS.iter().map(Compared::row).collect()
}

#[test]
fn every_run_agrees_but_for_what_is_explained() {
    let found: Vec<(&str, &str)> = RUNS
        .iter()
        .flat_map(|run| run.differences().into_iter().map(|what| (run.scenario.as_str(), what)))
        .collect();
    assert_eq!(found, EXPLAINED);
}

#[test]
fn every_difference_is_told_in_the_docs() {
    let docs = docs();
    let reasons = docs.split("## What differs").nth(1).expect("the reasons");
    for (scenario, _) in EXPLAINED {
        assert!(reasons.contains(&format!("**{scenario}**")), "{scenario}");
    }
}

/// KAFKA-14312: the first batch is refused, the second one is taken, and the first one never again.
#[test]
fn on_a_fresh_topic_the_first_batch_is_refused_until_its_delivery_times_out() {
    for (in_flight, fails) in [(5, true), (1, false)] {
        let overrides = Overrides {
            set: vec![format!("max.in.flight.requests.per.connection={in_flight}")],
            ..Overrides::default()
        };
        let file = root().join("scenarios/measured-faults/fresh-topic.toml");
        let scenario = from_file(&file, &overrides).unwrap_or_else(|error| panic!("{error}")).scenario;
        let result = lingersim::world::run(&scenario, &mut |_, _| {}).unwrap_or_else(|e| panic!("{e:?}"));
        let failed = result.populations.failed + result.populations.unknown;
        assert_eq!(failed > 0, fails, "{in_flight} in flight");
        assert_eq!(result.populations.acked + failed, 40_000);
        let refused = result.retries.get("OUT_OF_ORDER_SEQUENCE_NUMBER").copied().unwrap_or(0);
        assert_eq!(refused > 3, fails, "{in_flight} in flight: {:?}", result.retries);
        assert_eq!(result.retries["NOT_LEADER_OR_FOLLOWER"], 1);
        assert_eq!(result.errors.contains_key("TimeoutException"), fails);
    }
}

#[test]
fn the_table_of_the_docs_is_what_comes_out() {
    let docs = docs();
    let rows = rows();
    if !docs.contains(&rows) {
        println!("docs/real-faults.md should have these rows:\n{rows}");
    }
    assert!(docs.contains(&rows));
}
