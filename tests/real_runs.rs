//! Seven recorded runs of a real producer, replayed: how many batches and requests come of the same records.
//!
//! `tests/real/` has what went in and what came out; `docs/real-runs.md` shows the comparison, and these tests hold it
//! to what the simulator really gives.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lingersim::report::grouped;
use lingersim::scenario::load::{Overrides, from_file};
use lingersim::world::result::RunResult;

/// How far simulated counts may be from real ones, in permille: the issue's bands for a lingering producer, and for
/// one whose sender thread decides by its own speed.
const LINGERING_PERMILLE: u64 = 50;
const LINGER_0_PERMILLE: u64 = 150;

/// One recorded run: what it was, and what came out of it.
#[derive(Debug, serde::Deserialize)]
struct Recorded {
    run: String,
    brokers: u32,
    partitions: String,
    keys: String,
    #[serde(flatten)]
    figures: Figures,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
struct Figures {
    batches: u64,
    requests: u64,
    records_p10: u64,
    records_p50: u64,
    records_p90: u64,
    wait_p5_us: u64,
    wait_p50_us: u64,
    wait_p95_us: u64,
}

/// Where the response times come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Responses {
    /// Each request takes as long as in the recorded run.
    Recorded,
    /// The model of the cluster, with the timings of the measured machine.
    Model,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> PathBuf {
    root().join("tests/real").join(name)
}

fn recorded_runs() -> Vec<Recorded> {
    let mut reader = csv::Reader::from_path(file("runs.csv")).expect("the list of runs");
    reader.deserialize().map(|row| row.expect("a run")).collect()
}

/// What the command of `docs/real-runs.md` does.
fn simulate(recorded: &Recorded, responses: Responses, seed: u64) -> RunResult {
    let Recorded { run, brokers, partitions, keys, .. } = recorded;
    let path = |name: &str| file(name).display().to_string();
    let mut flags = vec![
        ("--properties", "producer.properties-file", path(&format!("{run}.properties"))),
        ("--trace", "workload.trace", path("trace.csv")),
        ("--late", "workload.late", path(&format!("{run}.late.csv"))),
        ("--partitions", "cluster.partitions", partitions.clone()),
        ("--seed", "seed", seed.to_string()),
    ];
    if keys == "no" {
        flags.push(("--no-keys", "workload.keys", "none".to_owned()));
    }
    if responses == Responses::Recorded {
        flags.push(("--responses", "cluster.responses", path(&format!("{run}.responses.csv"))));
    }
    let machine = match brokers {
        1 => "scenarios/measured-one-broker.toml",
        _ => "scenarios/measured-three-brokers.toml",
    };
    let loaded = from_file(&root().join(machine), &Overrides { flags, ..Overrides::default() });
    let scenario = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
    lingersim::world::run(&scenario, &mut |_, _| {}).unwrap_or_else(|error| panic!("{error:?}"))
}

impl Figures {
    fn of(result: &RunResult) -> Figures {
        let records = |quantile| result.records_per_batch.value_at_quantile(quantile);
        let wait_us = |quantile| result.first_record_wait.value_at_quantile(quantile) / 1_000;
        Figures {
            batches: result.batches,
            requests: result.requests,
            records_p10: records(0.1),
            records_p50: records(0.5),
            records_p90: records(0.9),
            wait_p5_us: wait_us(0.05),
            wait_p50_us: wait_us(0.5),
            wait_p95_us: wait_us(0.95),
        }
    }

    /// A row of the table in the docs.
    fn row(&self, run: &str, what: &str, records: u64) -> String {
        let ms = |us: u64| format!("{:.2}", us as f64 / 1_000.0);
        format!(
            "| {run} | {what} | {} | {} | {:.2} | {} / {} / {} | {} / {} / {} |",
            grouped(self.batches),
            grouped(self.requests),
            records as f64 / self.batches as f64,
            self.records_p10,
            self.records_p50,
            self.records_p90,
            ms(self.wait_p5_us),
            ms(self.wait_p50_us),
            ms(self.wait_p95_us),
        )
    }
}

fn assert_within(what: &str, simulated: u64, real: u64, permille: u64) {
    let off = simulated.abs_diff(real) * 1_000;
    assert!(off <= real * permille, "{what}: {simulated} simulated, {real} real");
}

fn compare(responses: Responses) {
    for recorded in recorded_runs() {
        let permille = if recorded.run.contains("linger0") { LINGER_0_PERMILLE } else { LINGERING_PERMILLE };
        for seed in [1, 2, 3] {
            let result = simulate(&recorded, responses, seed);
            assert_eq!(result.populations.acked, 18_833, "{}", recorded.run);
            let (simulated, real) = (Figures::of(&result), recorded.figures);
            let what = |figure| format!("{} of {}, seed {seed}, {responses:?}", figure, recorded.run);
            assert_within(&what("batches"), simulated.batches, real.batches, permille);
            assert_within(&what("requests"), simulated.requests, real.requests, permille);
        }
    }
}

#[test]
fn recorded_response_times_give_the_real_batches_and_requests() {
    compare(Responses::Recorded);
}

#[test]
fn the_model_of_the_measured_machine_gives_the_real_batches_and_requests() {
    compare(Responses::Model);
}

#[test]
fn the_command_of_the_docs_works() {
    let docs = std::fs::read_to_string(root().join("docs/real-runs.md")).expect("the docs");
    let commands: Vec<Vec<&str>> = docs
        .split("```console\n$ lingersim ")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(|command| command.split_whitespace().filter(|word| *word != "\\").collect())
        .collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    for words in commands {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_lingersim"))
            .args(&words)
            .args(["--quiet", "--format", "json"])
            .current_dir(file(""))
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let batches = grouped(report["requests"]["batches"].as_u64().expect("a number"));
        assert!(
            docs.contains(&format!("| recorded responses | {batches} |")),
            "{words:?}: {batches} batches"
        );
    }
}

#[test]
fn the_table_of_the_docs_is_what_comes_out() {
    let docs = std::fs::read_to_string(root().join("docs/real-runs.md")).expect("the docs");
    let mut table = String::new();
    for recorded in recorded_runs() {
        let mut row = |what, figures: Figures| {
            let _ = writeln!(table, "{}", figures.row(&recorded.run, what, 18_833));
        };
        row("real", recorded.figures);
        row("recorded responses", Figures::of(&simulate(&recorded, Responses::Recorded, 1)));
        row("model", Figures::of(&simulate(&recorded, Responses::Model, 1)));
    }
    assert!(docs.contains(&table), "docs/real-runs.md should have this table:\n{table}");
}
