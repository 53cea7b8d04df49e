//! `lingersim compare`: paired seeds, marks, populations, the sentence, and its forms.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use lingersim::experiment::compare::{Arm, Comparison, ROWS, Relation, reasons, run, winner};
use lingersim::experiment::vary::{Axis, Base, combinations};
use lingersim::metric::Wanted;
use lingersim::scenario::load::Overrides;

const LOAD: [&str; 3] = ["workload.rate=2000/s", "run.duration=3s", "cluster.partitions=6"];

fn compare(set: &[&str], vary: &str, seeds: u32) -> Comparison {
    let set = LOAD.iter().chain(set).map(|text| (*text).to_owned()).collect();
    let base = Base { file: None, overrides: Overrides { set, ..Overrides::default() } };
    let axes = [Axis::parse(vary).expect("an axis")];
    let arms: Vec<Arm> = combinations(&axes, 9)
        .expect("few")
        .iter()
        .map(|point| {
            let scenario = base.with(point).unwrap_or_else(|error| panic!("{error}")).scenario;
            Arm { label: format!("{}={}", point[0].0, point[0].1), scenario }
        })
        .collect();
    let names: Vec<&str> = ROWS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let wanted = names.iter().map(|name| Wanted::parse(name).expect("a figure")).collect();
    run(&arms, 1, seeds, wanted, 2).expect("runs")
}

fn relation(comparison: &Comparison, arm: usize, name: &str) -> Option<Relation> {
    comparison.relation(arm, comparison.row(name).expect("a row"))
}

#[test]
fn a_longer_linger_makes_fewer_requests_and_waits_longer() {
    let comparison = compare(&[], "linger.ms=5,50", 5);
    assert_eq!(relation(&comparison, 1, "sim-requests"), Some(Relation::Better));
    assert_eq!(relation(&comparison, 1, "sim-record-latency p(99)"), Some(Relation::Worse));
    // The same arrivals in both arms: that is what the seeds are for.
    assert_eq!(relation(&comparison, 1, "sim-offered-records"), Some(Relation::Identical));
    assert!(comparison.different_populations().is_empty());
    let sentences = winner(&comparison).join(" ");
    assert!(sentences.contains("linger.ms=5 has the lowest p99"), "{sentences}");
    assert!(sentences.contains("linger.ms=50 needs the fewest requests"), "{sentences}");
    let why = reasons(&comparison, 1).join("\n");
    assert!(why.contains("records a batch") && why.contains("ms in the accumulator"), "{why}");
}

#[test]
fn pairing_by_seed_tells_apart_what_unpaired_runs_would_not() {
    let comparison = compare(&[], "workload.value=100B,101B", 6);
    let row = comparison.row("sim-batch-bytes").expect("a row");
    let difference = comparison.difference(1, row).expect("values");
    let spread = comparison.estimate(0, row).expect("values").sd;
    // The difference is smaller than what seeds differ by, and yet it is seen in every one of them.
    assert!(difference.estimate.mean < spread, "{difference:?} {spread}");
    assert_eq!((difference.more, difference.less), (6, 0));
    assert_eq!(relation(&comparison, 1, "sim-batch-bytes"), Some(Relation::Worse));
}

#[test]
fn what_changes_nothing_is_identical_bit_for_bit() {
    let comparison = compare(&[], "metadata.max.age.ms=300000,299999", 3);
    assert!(comparison.is_identical(1));
    assert_eq!(winner(&comparison), ["No winner: every arm does exactly the same, bit for bit."]);
    assert_eq!(reasons(&comparison, 1), ["the same runs, bit for bit"]);
}

#[test]
fn fewer_records_are_no_win() {
    let comparison = compare(&["max.request.size=200"], "workload.value=100B,1000B", 2);
    assert_eq!(
        comparison.different_populations(),
        ["sim-acked-records", "sim-refused-records"],
        "{:?}",
        comparison.figures
    );
    let sentence = winner(&comparison).join(" ");
    assert!(
        sentence.starts_with("No winner: the arms did not do the same (acked, refused differ)"),
        "{sentence}"
    );
    let text = lingersim::experiment::compare::text::report(&comparison);
    assert!(text.starts_with("!! POPULATIONS DIFFER !!"), "{text}");
}

#[test]
fn threads_do_not_show() {
    let of = |threads: &str| stdout(&lingersim(&["--vary", "linger.ms=0,5", "--threads", threads]));
    assert_eq!(of("1"), of("2"));
}

/// A scenario of three seconds.
static LOAD_FILE: LazyLock<PathBuf> =
    LazyLock::new(|| file("compare-load.toml", "[run]\nduration = \"3s\"\n[workload]\nrate = \"1000/s\"\n"));

/// Runs the program on it.
fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(["compare", LOAD_FILE.to_str().expect("a name"), "--seeds", "3", "-q"])
        .args(args)
        .output()
        .expect("the program")
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a file");
    path
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("a text")
}

#[test]
fn the_text_fits_a_terminal_with_many_arms() {
    let text = stdout(&lingersim(&["--vary", "linger.ms=0,5,10,20,50", "--vary", "acks=1,all"]));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(text.matches("Records\n").count(), 5, "{text}");
}

#[test]
fn every_form_has_the_same_figures() {
    let of = |format: &str| stdout(&lingersim(&["--vary", "linger.ms=0,20", "--format", format]));
    let json: serde_json::Value = serde_json::from_str(&of("json")).expect("JSON");
    assert_eq!(json["schema"], "lingersim/compare/1");
    let requests = json["arms"][1]["metrics"].as_array().expect("a list").iter();
    let requests = requests.clone().find(|metric| metric["metric"] == "sim-requests").expect("requests");
    assert_eq!(requests["difference"]["relation"], "better");
    let values: Vec<f64> =
        requests["values"].as_array().expect("a list").iter().filter_map(|v| v.as_f64()).collect();
    let csv = of("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let from_csv: Vec<f64> = reader
        .records()
        .map(|row| row.expect("a row"))
        .filter(|row| &row[0] == "linger.ms=20" && &row[2] == "sim-requests")
        .map(|row| row[4].parse().expect("a number"))
        .collect();
    assert_eq!(values, from_csv);
    let markdown = of("markdown");
    assert!(markdown.contains("| requests |") && markdown.contains("**linger.ms="), "{markdown}");
}

#[test]
fn properties_files_are_compared_on_one_scenario() {
    let one = file("compare-one.properties", "linger.ms=0\n");
    let two = file("compare-two.properties", "linger.ms=20\n");
    let label = format!("patient={}", two.display());
    let output = lingersim(&[one.to_str().expect("a name"), &label]);
    let text = stdout(&output);
    assert!(text.contains("Why patient differs from compare-one"), "{text}");
}

#[test]
fn wrong_use_says_what_would_be_right() {
    for (args, expected) in [
        (&["--vary", "linger.ms"][..], "write --vary linger.ms=0,5,20"),
        (&["--vary", "linger.ms=5"], "--vary linger.ms=0,5,20"),
        (&[], "--vary linger.ms=0,5,20"),
        (&["--vary", "linger.ms=1,x"], "ConfigException"),
        (&["--vary", "partitioner=stiky,built-in"], "sticky"),
        (&["--vary", "linger.ms=0,5", "--metric", "batch-size"], "batch-size-avg"),
        (&["--vary", "linger.ms=1,2,3,4,5,6", "--vary", "acks=0,1,all", "--vary", "batch.size=1,2"], "sweep"),
    ] {
        let output = lingersim(args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?} {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}
