//! The partitioner lab, held against what was published (validation P1, P4); `docs/partitioners.md` is made of it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use lingersim::experiment::compare::{Comparison, Relation};
use lingersim::experiment::partitioners::{Findings, Lab};
use lingersim::experiment::vary::Base;
use lingersim::scenario::load::Overrides;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn lab(scenario: &str, named: &[&str], set: &[&str], seeds: u32) -> Findings {
    let set = set.iter().map(|text| (*text).to_owned()).collect();
    let base = Base {
        file: Some(root().join("scenarios").join(scenario)),
        overrides: Overrides { set, ..Overrides::default() },
    };
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    let lab = Lab::new(&base, &named).unwrap_or_else(|error| panic!("{error}"));
    lab.run(1, seeds, 1, 2).unwrap_or_else(|error| panic!("{error:?}"))
}

/// KIP-794 with the partitioners in this order.
static KIP_794: LazyLock<Findings> =
    LazyLock::new(|| lab("kip-794.toml", &["sticky", "not-adaptive", "built-in"], &[], 3));
const OLD: usize = 0;
const UNIFORM: usize = 1;
const ADAPTIVE: usize = 2;
const MEAN: &str = "sim-record-latency avg";
const P99: &str = "sim-record-latency p(99)";
const P999: &str = "sim-record-latency p(99.9)";
const MAX: &str = "sim-record-latency max";

fn mean(comparison: &Comparison, arm: usize, name: &str) -> f64 {
    assert!(comparison.row(name).is_some(), "{name}");
    comparison.mean(arm, name)
}

fn kip(arm: usize, name: &str) -> f64 {
    mean(&KIP_794.comparison, arm, name)
}

fn is_within(value: f64, low: f64, high: f64, what: &str) {
    assert!((low..=high).contains(&value), "{what}: {value} is not in {low} to {high}");
}

/// Part of the records that goes to the slow broker, which leads partition 0.
fn slow_share(arm: usize) -> f64 {
    KIP_794.load[arm][0] / KIP_794.load[arm].iter().sum::<f64>()
}

#[test]
fn validation_p1_the_sticky_partitioner_of_kip_480_drowns_the_slow_broker() {
    is_within(kip(OLD, "sim-throughput"), 1640.0, 1820.0, "records/s");
    is_within(slow_share(OLD), 0.86, 0.95, "share of the slow broker");
    // Everything is offered in n / lambda and gone after n / X.
    for seed in &KIP_794.comparison.figures[OLD] {
        let value = |name: &str| seed.values[KIP_794.comparison.row(name).expect("a row")].expect("a value");
        let expected_ms = 122_880.0 / value("sim-throughput") * 1e3 - 122_880.0 / 2048.0 * 1e3;
        assert!((value(MAX) / expected_ms - 1.0).abs() < 0.02, "{} instead of {expected_ms}", value(MAX));
    }
}

#[test]
fn validation_p1_batches_are_even_and_those_for_the_slow_broker_full() {
    let overrides = Overrides { set: vec!["kafka.version=3.1".to_owned()], ..Overrides::default() };
    let loaded = lingersim::scenario::load::from_file(&root().join("scenarios/kip-794.toml"), &overrides);
    let scenario = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
    let result = lingersim::world::run(&scenario, &mut |_, _| ()).expect("a run");
    let batches: Vec<f64> = result.partitions.iter().map(|partition| partition.batches as f64).collect();
    let even = batches.iter().sum::<f64>() / 3.0;
    assert!(batches.iter().all(|batches| (batches / even - 1.0).abs() < 0.05), "{batches:?}");
    is_within(result.partitions[0].records as f64 / batches[0], 30.5, 31.0, "records of a batch of 31");
}

#[test]
fn validation_p1_the_built_in_partitioner_is_within_its_bands() {
    is_within(kip(UNIFORM, MEAN), 40.0, 60.0, "mean, not adaptive");
    is_within(kip(ADAPTIVE, MEAN), 34.0, 48.0, "mean, adaptive");
    is_within(kip(ADAPTIVE, MEAN) / kip(UNIFORM, MEAN), 0.75, 0.90, "adaptive by not adaptive");
    is_within(kip(UNIFORM, P99), 120.0, 260.0, "p99, not adaptive");
    is_within(kip(ADAPTIVE, P99), 105.0, 190.0, "p99, adaptive");
    assert!(kip(OLD, MEAN) > 50.0 * kip(UNIFORM, MEAN) && kip(UNIFORM, MEAN) > kip(ADAPTIVE, MEAN));
    assert!(kip(OLD, P999) > kip(UNIFORM, P999) && kip(UNIFORM, P999) > kip(ADAPTIVE, P999));
}

/// KIP-480: at each number of partitions, round robin and sticky.
static KIP_480: LazyLock<Vec<(u32, Findings)>> = LazyLock::new(|| {
    let at = |partitions: u32| {
        let set = format!("cluster.partitions={partitions}");
        (partitions, lab("kip-480.toml", &["round-robin", "sticky"], &[&set, "run.duration=1s"], 3))
    };
    [1, 16, 128].map(at).into()
});

/// How many times the latency of round robin is that of sticky.
fn gain(findings: &Findings, name: &str) -> f64 {
    mean(&findings.comparison, 0, name) / mean(&findings.comparison, 1, name)
}

#[test]
fn validation_p4_sticky_gains_with_partitions_and_nothing_without() {
    let [one, few, many] = &KIP_480[..] else { panic!("three numbers of partitions") };
    assert!(one.1.comparison.is_identical(1), "with one partition there is nothing to choose");
    for name in ["sim-record-latency p(50)", P99] {
        let gains = [&one.1, &few.1, &many.1].map(|findings| gain(findings, name));
        assert!(gains[0] == 1.0 && gains[1] > 1.1 && gains[2] > gains[1], "{name}: {gains:?}");
        for findings in [&few.1, &many.1] {
            let row = findings.comparison.row(name).expect("a row");
            assert_eq!(findings.comparison.relation(1, row), Some(Relation::Better), "{name}");
        }
    }
    for findings in [&few.1, &many.1] {
        assert!(gain(findings, "sim-batches") > 3.0, "appends fall: {}", gain(findings, "sim-batches"));
    }
}

/// Table C3 of the closed forms: sticky fills a batch with every record, round robin with every sixteenth.
#[test]
fn validation_p4_batches_are_open_for_as_many_times_longer_as_there_are_partitions() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("open-time.toml");
    let text = "[run]\nduration = \"60s\"\n[cluster]\nbrokers = 16\npartitions = 16\nreplication = 1\n[workload]\n\
        arrivals = \"constant\"\nrate = \"1000/s\"\nvalue = \"512B\"\n[producer]\nlinger.ms = 1000\nacks = 1\n\
        enable.idempotence = false\n";
    fs::write(&file, text).expect("a file");
    let lab = Lab::new(
        &Base { file: Some(file), overrides: Overrides::default() },
        &["sticky".to_owned(), "round-robin".to_owned()],
    );
    let findings = lab.unwrap_or_else(|error| panic!("{error}")).run(1, 1, 1, 1).expect("runs");
    let wait = |arm| mean(&findings.comparison, arm, "sim-first-record-wait avg");
    assert!(
        (wait(0) / 31.0 - 1.0).abs() < 0.01 && (wait(1) / 496.0 - 1.0).abs() < 0.01,
        "{} {}",
        wait(0),
        wait(1)
    );
    assert!((wait(1) / wait(0) / 16.0 - 1.0).abs() < 0.01);
}

/// P6: who has keys has order; who has none, or ignores them, has not.
#[test]
fn validation_p6_order_needs_a_key_and_a_partitioner_that_minds_it() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("order.toml");
    let text = "[run]\nduration = \"2s\"\n[workload]\nrate = \"2000/s\"\nkeys = { dist = \"uniform\", count = 100 }\n";
    fs::write(&file, text).expect("a file");
    let base = Base { file: Some(file), overrides: Overrides::default() };
    let findings =
        Lab::new(&base, &[]).unwrap_or_else(|error| panic!("{error}")).run(1, 2, 1, 2).expect("runs");
    let order: Vec<String> = (0..4).map(|arm| findings.order(arm)).collect();
    assert_eq!(order, ["broken 100%", "kept", "kept", "kept"]);
    assert_eq!(findings.minds_keys, [false, true, true, true]);
    let movement = findings.movement.expect("keys");
    assert_eq!((movement.before, movement.after, movement.keys), (6, 7, 100));
    assert!(movement.moved > 70, "{movement:?}");
}

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .arg("partitioners")
        .args(args)
        .output()
        .expect("the program")
}

#[test]
fn the_lab_fits_a_terminal_and_draws_the_same_picture_on_any_number_of_threads() {
    let scenario = root().join("scenarios/kip-480.toml");
    let scenario = scenario.to_str().expect("a name");
    let picture = |threads: &str| {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("lab-{threads}.svg"));
        let set = ["--set", "run.duration=100ms", "--set", "cluster.partitions=6", "--seeds", "2", "-q"];
        let file_name = file.to_str().expect("a name");
        let output = lingersim(&[&[scenario, "--threads", threads, "--svg", file_name][..], &set].concat());
        let text = String::from_utf8(output.stdout).expect("a text");
        assert!(output.status.success() && text.lines().all(|line| line.chars().count() <= 80), "{text}");
        // Client 3.1 has no built-in partitioner.
        assert!(text.contains("built-in is left out: client 3.1 has no built-in partitioner"), "{text}");
        (text, fs::read_to_string(file).expect("a picture"))
    };
    assert_eq!(picture("1"), picture("2"));
}

#[test]
fn wrong_use_says_what_would_be_right() {
    let scenario = root().join("scenarios/kip-794.toml");
    for (args, expected) in [
        (&["--only", "stiky"][..], "sticky"),
        (&["--only", "sticky"], "nothing to compare"),
        (&["--kafka", "2.3"], "newer client"),
    ] {
        let output = lingersim(&[&[scenario.to_str().expect("a name")], args].concat());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?} {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}

/// The tables of `docs/partitioners.md`.
fn tables() -> String {
    let mut text = String::new();
    text.push_str(
        "| partitioner | | records/s | mean ms | p99 ms | p99.9 ms | max ms | to the slow broker |\n",
    );
    text.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (name, arm, published) in [
        ("sticky (KIP-480)", OLD, "1724.87 | 4072.74 | 10992 | 11214 | 11246 | -"),
        ("built-in, not adaptive", UNIFORM, "2048 | 49.92 | 214 | 422 | - | -"),
        ("built-in (KIP-794)", ADAPTIVE, "2048 | 40.06 | 154 | 220 | - | -"),
    ] {
        let _ = writeln!(text, "| {name} | published | {published} |");
        let _ = writeln!(
            text,
            "| | simulated | {:.0} | {:.2} | {:.0} | {:.0} | {:.0} | {:.0} % |",
            kip(arm, "sim-throughput"),
            kip(arm, MEAN),
            kip(arm, P99),
            kip(arm, P999),
            kip(arm, MAX),
            100.0 * slow_share(arm)
        );
    }
    text.push_str("\n| partitions | p50 of round robin | of sticky | ratio | p99 ratio | batches ratio | requests ratio |\n");
    text.push_str("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (partitions, findings) in KIP_480.iter() {
        let p50 = |arm| mean(&findings.comparison, arm, "sim-record-latency p(50)");
        let _ = writeln!(
            text,
            "| {partitions} | {:.2} ms | {:.2} ms | {:.2} | {:.2} | {:.2} | {:.2} |",
            p50(0),
            p50(1),
            gain(findings, "sim-record-latency p(50)"),
            gain(findings, P99),
            gain(findings, "sim-batches"),
            gain(findings, "sim-requests")
        );
    }
    text
}

#[test]
fn the_document_has_the_figures_that_come_out() {
    let tables = tables();
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("partitioners.md"), &tables).expect("a file");
    let document = fs::read_to_string(root().join("docs/partitioners.md")).expect("the document");
    for line in tables.lines().filter(|line| !line.is_empty()) {
        assert!(document.contains(line), "copy target/tmp/partitioners.md into docs/partitioners.md: {line}");
    }
}

/// A scenario whose file names a partitioner can be given the built-in one all the same.
#[test]
fn a_partitioner_of_the_file_gives_way() {
    use lingersim::config::producer::PartitionerKind;
    let base = Base {
        file: Some(root().join("scenarios/half-the-partitions-empty.toml")),
        overrides: Overrides { set: vec!["kafka.version=4.3".to_owned()], ..Overrides::default() },
    };
    let kind = |name: &str| {
        let loaded = base.with(&[("partitioner", name)]).unwrap_or_else(|error| panic!("{error}"));
        loaded.scenario.producers[0].config.partitioner.clone()
    };
    assert_eq!(kind("built-in"), PartitionerKind::BuiltIn);
    assert_eq!(kind("round-robin"), PartitionerKind::RoundRobin);
}
