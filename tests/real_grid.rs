//! A grid of real runs at constant rates: what a real producer made of each point, and what the simulator makes of it.
//!
//! `tests/real/grid-*.csv` has the points and what came out of them; `docs/real-grid.md` shows the comparison, and these
//! tests hold it to what the simulator really gives.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use lingersim::report::grouped;
use lingersim::scenario::load::{Overrides, from_file};

/// How far simulated records per batch may be from real ones, in permille, and simulated requests.
const ONE_BROKER_PERMILLE: u64 = 50;
const THREE_BROKERS_PERMILLE: u64 = 100;
const REQUESTS_PERMILLE: u64 = 100;

/// A cluster of the grid.
#[derive(Debug)]
struct Machine {
    name: &'static str,
    scenario: &'static str,
    points: &'static str,
    records_permille: u64,
}

const MACHINES: [Machine; 2] = [
    Machine {
        name: "one broker",
        scenario: "scenarios/measured-one-broker.toml",
        points: "tests/real/grid-one-broker.csv",
        records_permille: ONE_BROKER_PERMILLE,
    },
    Machine {
        name: "three brokers",
        scenario: "scenarios/measured-three-brokers.toml",
        points: "tests/real/grid-three-brokers.csv",
        records_permille: THREE_BROKERS_PERMILLE,
    },
];

/// A point of the grid: what went in, and what came out of the real run.
#[derive(Debug, serde::Deserialize)]
struct Point {
    point: String,
    replication: String,
    acks: String,
    linger_ms: u64,
    batch_size: u64,
    rate: u64,
    partitions: u32,
    value_bytes: u32,
    keys: Option<u32>,
    records: u64,
    records_per_batch: f64,
    requests: u64,
    /// By how much the application was late with its records, the worst of a hundred.
    late_p99_us: u64,
    /// How long batches waited in the producer on average, as it says itself.
    queue_avg_ms: f64,
    /// What a second run of the same point gave, if there was one.
    again_records_per_batch: Option<f64>,
    again_requests_per_1000: Option<f64>,
}

/// What came out of a simulated run.
#[derive(Clone, Copy, Debug)]
struct Simulated {
    records_per_batch: f64,
    largest_batch: u64,
    requests: u64,
    full: u64,
    batches: u64,
}

/// A point with both results.
#[derive(Debug)]
struct Compared {
    machine: &'static Machine,
    real: Point,
    simulated: Simulated,
}

impl Point {
    /// What the command of `docs/real-grid.md` does.
    fn simulate(&self, machine: &Machine) -> Simulated {
        let mut set = vec![
            format!("acks={}", self.acks),
            format!("linger.ms={}", self.linger_ms),
            format!("batch.size={}", self.batch_size),
            "workload.arrivals=constant".to_owned(),
            format!("workload.rate={}/s", self.rate),
            format!("workload.value={}B", self.value_bytes),
        ];
        match self.keys {
            None => set.push("workload.keys=none".to_owned()),
            Some(count) => {
                set.extend(["workload.keys.dist=uniform".to_owned(), format!("workload.keys.count={count}")]);
            }
        }
        let flags = vec![
            ("--partitions", "cluster.partitions", self.partitions.to_string()),
            ("--replication", "cluster.replication", self.replication.clone()),
            ("--records", "run.records", self.records.to_string()),
        ];
        let file = root().join(machine.scenario);
        let loaded = from_file(&file, &Overrides { flags, set, ..Overrides::default() });
        let scenario = loaded.unwrap_or_else(|error| panic!("{}: {error}", self.point)).scenario;
        let result = lingersim::world::run(&scenario, &mut |_, _| {}).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(result.populations.acked, self.records, "{}", self.point);
        Simulated {
            records_per_batch: result.batch_records as f64 / result.batches as f64,
            largest_batch: result.records_per_batch.max(),
            requests: result.requests,
            full: result.reasons.full,
            batches: result.batches,
        }
    }
}

impl Compared {
    fn records_off(&self) -> f64 {
        self.simulated.records_per_batch / self.real.records_per_batch - 1.0
    }

    fn requests_off(&self) -> f64 {
        self.simulated.requests as f64 / self.real.requests as f64 - 1.0
    }

    fn is_within_the_bands(&self) -> bool {
        let within = |off: f64, permille: u64| off.abs() * 1_000.0 <= permille as f64;
        within(self.records_off(), self.machine.records_permille)
            && within(self.requests_off(), REQUESTS_PERMILLE)
    }

    /// A batch of a simulated run that left because it was full.
    fn fills(&self) -> bool {
        self.real.partitions > 1 && self.simulated.full * 10 > self.simulated.batches * 4
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All points, simulated on both cores of a small machine.
static GRID: LazyLock<Vec<Compared>> = LazyLock::new(|| {
    let mut points = Vec::new();
    for machine in &MACHINES {
        let mut reader = csv::Reader::from_path(root().join(machine.points)).expect("the points");
        points.extend(reader.deserialize().map(|row| (machine, row.expect("a point"))));
    }
    let todo = Mutex::new(points.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, (machine, real))) = { todo.lock().expect("no panic").next() } {
                    let real: Point = real;
                    let simulated = real.simulate(machine);
                    done.lock().expect("no panic").push((at, Compared { machine, real, simulated }));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, compared)| compared).collect()
});

fn percent(off: f64) -> String {
    format!("{:+.1} %", 100.0 * off)
}

/// The rows of one cluster in the docs.
fn rows(machine: &str) -> String {
    let mut rows = String::new();
    for compared in GRID.iter().filter(|compared| compared.machine.name == machine) {
        let Compared { real, simulated, .. } = compared;
        let Point { point, acks, linger_ms, batch_size, rate, partitions, value_bytes, keys, .. } = real;
        let keys = keys.map_or(String::new(), |count| format!(", {} keys", grouped(count.into())));
        let mark = if compared.is_within_the_bands() { "" } else { "**" };
        let again = match (real.again_records_per_batch, real.again_requests_per_1000) {
            (Some(records), Some(requests)) => {
                let requests = requests * real.records as f64 / 1_000.0;
                format!(
                    "{} / {}",
                    percent(records / real.records_per_batch - 1.0),
                    percent(requests / real.requests as f64 - 1.0)
                )
            }
            _ => String::new(),
        };
        let _ = writeln!(
            rows,
            "| {mark}{point}{mark} | {}/s x {} B{keys} | {partitions} | {acks} | {linger_ms} | {} \
             | {:.2} | {:.2} | {} | {} | {} | {} | {again} |",
            grouped(*rate),
            grouped((*value_bytes).into()),
            grouped(*batch_size),
            real.records_per_batch,
            simulated.records_per_batch,
            percent(compared.records_off()),
            grouped(real.requests),
            grouped(simulated.requests),
            percent(compared.requests_off()),
        );
    }
    rows
}

/// Twelve partitions whose batches fill before linger ends: how full they are.
fn fill_rows() -> String {
    let mut rows = String::new();
    for Compared { machine, real, simulated } in GRID.iter().filter(|compared| compared.fills()) {
        let of_cap = |records: f64| records / simulated.largest_batch as f64;
        let _ = writeln!(
            rows,
            "| {} | {} | {} | {:.2} | {:.2} |",
            machine.name,
            real.point,
            simulated.largest_batch,
            of_cap(real.records_per_batch),
            of_cap(simulated.records_per_batch),
        );
    }
    rows
}

fn docs() -> String {
    std::fs::read_to_string(root().join("docs/real-grid.md")).expect("the docs")
}

/// Points outside the bands, each with the reason that the last test of them looks at.
const OUTLIERS: [&str; 2] = ["t02", "t05"];

#[test]
fn every_point_is_within_the_bands_but_the_outliers() {
    let off: Vec<String> = GRID
        .iter()
        .filter(|compared| !compared.is_within_the_bands())
        .filter(|compared| !OUTLIERS.contains(&compared.real.point.as_str()))
        .map(|compared| {
            let (records, requests) = (percent(compared.records_off()), percent(compared.requests_off()));
            format!("{}: records {records}, requests {requests}", compared.real.point)
        })
        .collect();
    assert!(GRID.len() == 40 && off.is_empty(), "{off:#?}");
}

/// Three brokers that had just been started left no time for the application, which was late by many lingers, nor for
/// the sender, so that batches waited for much longer than linger. That wait explains how full they were.
#[test]
fn outliers_are_batches_that_waited_for_a_core() {
    for point in OUTLIERS {
        let compared =
            GRID.iter().find(|compared| compared.real.point == point).expect("a point of the grid");
        let real = &compared.real;
        assert!(compared.records_off() < -0.2 && compared.requests_off() > 0.2, "{compared:?}");
        assert!(real.late_p99_us > 5_000 * real.linger_ms, "{compared:?}");
        assert!(real.queue_avg_ms > 1.3 * real.linger_ms as f64, "{compared:?}");
        let by_wait = 1.0 + real.rate as f64 * real.queue_avg_ms / 1_000.0;
        assert!((by_wait / real.records_per_batch - 1.0).abs() < 0.05, "{by_wait}: {compared:?}");
    }
}

#[test]
fn batches_of_one_broker_fill_to_little_more_than_half_and_of_three_to_nearly_all() {
    let mut seen = [0, 0];
    for compared in GRID.iter().filter(|compared| compared.fills()) {
        let Compared { machine, real, simulated } = compared;
        // Where eight records fill a batch, one or two newcomers are a larger share of it.
        if simulated.largest_batch < 10 {
            continue;
        }
        let (band, at) = if machine.name == "one broker" { (0.51..=0.59, 0) } else { (0.85..=0.90, 1) };
        for records in [real.records_per_batch, simulated.records_per_batch] {
            let fill = records / simulated.largest_batch as f64;
            assert!(band.contains(&fill), "{}: {fill} of the cap", real.point);
        }
        seen[at] += 1;
    }
    assert_eq!(seen, [7, 4]);
}

#[test]
fn the_tables_of_the_docs_are_what_comes_out() {
    let docs = docs();
    let tables = [rows("one broker"), rows("three brokers"), fill_rows()];
    let missing: Vec<&String> = tables.iter().filter(|&table| !docs.contains(table)).collect();
    for table in &missing {
        println!("docs/real-grid.md should have these rows:\n{table}");
    }
    assert!(missing.is_empty());
}

#[test]
fn the_command_of_the_docs_works() {
    let docs = docs();
    let command = docs.split("```console\n$ lingersim ").nth(1).and_then(|rest| rest.split("```").next());
    let words = command.expect("a command").split_whitespace().filter(|word| *word != "\\");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(words)
        .args(["--quiet", "--format", "json"])
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let s10 = GRID.iter().find(|compared| compared.real.point == "s10").expect("a point of the grid");
    assert_eq!(report["requests"]["batches"].as_u64(), Some(s10.simulated.batches));
    assert_eq!(report["requests"]["requests"].as_u64(), Some(s10.simulated.requests));
}
