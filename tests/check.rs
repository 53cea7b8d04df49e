//! `lingersim check` and `baseline`: what a job in CI sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCENARIO: &str = "title = \"Orders\"\n[run]\nduration = \"2s\"\n[workload]\nrate = \"1000/s\"\n[producer]\nlinger.ms = 5\n\
    [thresholds]\n\"sim-record-latency\" = \"p(99) < 12ms\"\n\"record-queue-time-avg\" = \"value < 12ms\"\n\
    \"sim-lost-records\" = \"value == 0\"\n";

/// A folder with that scenario and its baseline.
fn guarded(name: &str) -> PathBuf {
    let folder = empty(name);
    fs::write(folder.join("orders.toml"), SCENARIO).expect("a file");
    let output = run(&folder, &["baseline", "accept", "orders.toml"]);
    assert!(output.status.success(), "{}", told(&output));
    folder
}

fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lingersim"));
    command.args(args).current_dir(folder).env_remove("CI").env_remove("GITHUB_ACTIONS");
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("the program")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Sets the linger of the scenario.
fn change_linger(folder: &Path, linger_ms: u32) {
    let text = SCENARIO.replace("linger.ms = 5", &format!("linger.ms = {linger_ms}"));
    fs::write(folder.join("orders.toml"), text).expect("a file");
}

fn proposal(folder: &Path) -> PathBuf {
    folder.join("baselines/orders.json.new")
}

#[test]
fn a_regression_of_one_setting_fails_and_names_everything() {
    let folder = guarded("regression");
    assert_eq!(run(&folder, &["check", "."]).status.code(), Some(0));
    change_linger(&folder, 50);
    let output = run(&folder, &["check", "."]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in [
        "sim-record-latency p(99) < 12ms: observed 5",
        "record-queue-time-avg value < 12ms: observed 4",
        "set    producer.linger.ms: 5 -> 50",
        "first divergent event: number ",
        "before: 0.00",
        "now: 0.05",
        "worse  sim-record-latency p(99)",
        "better records-per-request-avg",
        "lingersim baseline accept ./orders.toml",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

/// JUnit as another program reads it.
fn junit(path: &Path) -> junit_parser::TestSuites {
    let file = fs::File::open(path).expect("a file");
    junit_parser::from_reader(std::io::BufReader::new(file)).expect("JUnit")
}

#[test]
fn junit_is_read_by_an_independent_parser() {
    let folder = guarded("junit");
    let out = folder.join("check.xml");
    let args = ["check", "orders.toml", "--junit", "check.xml", "-q"];
    assert!(run(&folder, &args).status.success());
    let passed = junit(&out);
    assert_eq!((passed.tests, passed.failures, passed.suites.len()), (5, 0, 1));
    change_linger(&folder, 50);
    assert_eq!(run(&folder, &args).status.code(), Some(1));
    let failed = junit(&out);
    assert_eq!((failed.tests, failed.failures), (5, 3));
    let case = |name: &str| {
        let found = failed.suites[0].cases.iter().find(|case| case.name.contains(name));
        found.unwrap_or_else(|| panic!("{name}: {failed:?}")).status.clone()
    };
    let junit_parser::TestStatus::Failure(gate) = case("record-queue-time-avg value < 12ms") else {
        panic!("{failed:?}")
    };
    assert!(gate.message.contains("observed 4") && gate.text.contains("orders.toml:10:1"), "{gate:?}");
    let junit_parser::TestStatus::Failure(baseline) = case("baseline") else { panic!("{failed:?}") };
    assert!(
        baseline.text.contains("first divergent event") && baseline.text.contains("producer.linger.ms: 5"),
        "{baseline:?}"
    );
}

#[test]
fn markdown_and_annotations_point_at_the_line() {
    let folder = guarded("markdown");
    change_linger(&folder, 50);
    let output = command(&folder, &["check", "orders.toml", "--markdown", "summary.md", "-q"])
        .env("GITHUB_ACTIONS", "true")
        .output()
        .expect("the program");
    let text = told(&output);
    assert!(
        text.contains("::error file=orders.toml,line=10,title=lingersim check::record-queue-time-avg"),
        "{text}"
    );
    let markdown = fs::read_to_string(folder.join("summary.md")).expect("a file");
    assert!(
        markdown.contains("| ❌ | orders.toml |") && markdown.contains("first divergent event"),
        "{markdown}"
    );
}

#[test]
fn nothing_is_written_in_ci() {
    let folder = guarded("ci");
    change_linger(&folder, 7);
    let check = |ci: bool| {
        let mut command = command(&folder, &["check", "."]);
        if ci {
            command.env("CI", "true");
        }
        command.output().expect("the program").status.code()
    };
    assert_eq!(check(true), Some(1));
    assert!(!proposal(&folder).exists());
    let refused = command(&folder, &["baseline", "accept", "orders.toml"])
        .env("CI", "1")
        .output()
        .expect("the program");
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert_eq!(check(false), Some(1));
    assert!(proposal(&folder).exists());
}

#[test]
fn a_change_is_proposed_reviewed_and_accepted_or_rejected() {
    let folder = guarded("review");
    change_linger(&folder, 7);
    run(&folder, &["check", "."]);
    assert_eq!(run(&folder, &["baseline", "pending", "."]).status.code(), Some(1));
    let review = told(&run(&folder, &["baseline", "review", "."]));
    assert!(review.contains("set    producer.linger.ms: 5 -> 7") && review.contains("digest "), "{review}");
    run(&folder, &["baseline", "reject", "."]);
    assert!(!proposal(&folder).exists());
    run(&folder, &["check", "."]);
    let accepted = told(&run(&folder, &["baseline", "accept", "."]));
    assert!(accepted.contains("accepted ./baselines/orders.json"), "{accepted}");
    assert!(!proposal(&folder).exists());
    assert_eq!(run(&folder, &["check", "."]).status.code(), Some(0));
    assert_eq!(run(&folder, &["baseline", "pending", "."]).status.code(), Some(0));
}

#[test]
fn another_question_is_not_compared() {
    let folder = guarded("question");
    fs::write(folder.join("orders.toml"), SCENARIO.replace("1000/s", "900/s")).expect("a file");
    let output = run(&folder, &["check", "."]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("workload.rate: 1000/s -> 900/s"), "{text}");
}

#[test]
fn baselines_that_are_missing_or_broken_have_their_own_code() {
    let folder = guarded("missing");
    let file = folder.join("baselines/orders.json");
    fs::write(&file, "{\"schema\": 5}").expect("a file");
    assert_eq!(run(&folder, &["check", "."]).status.code(), Some(3));
    fs::remove_file(&file).expect("a file");
    assert_eq!(run(&folder, &["check", "."]).status.code(), Some(0), "only a note");
    assert_eq!(run(&folder, &["check", ".", "--require-baseline"]).status.code(), Some(3));
}

#[test]
fn with_a_tolerance_only_what_is_worse_by_more_fails() {
    let folder = guarded("tolerance");
    let check = |tolerance: &str, linger: &str| {
        let text = SCENARIO.replace("linger.ms = 5", linger).replace("< 12ms", "< 100ms");
        fs::write(
            folder.join("orders.toml"),
            format!("{text}[check]\nbaseline = \"tolerance\"\n{tolerance}"),
        )
        .expect("a file");
        let output = run(&folder, &["check", "."]);
        (output.status.code(), told(&output))
    };
    let (code, text) = check("tolerance = \"2%\"\n", "linger.ms = 6");
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = check("tolerance = \"1000%\"\n", "linger.ms = 6");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("The run differs from the baseline."), "{text}");
}

#[test]
fn wrong_gates_are_errors_with_their_place_and_what_would_be_right() {
    let folder = empty("wrong");
    for (gate, expected) in [
        ("[thresholds]\n\"batch-size-average\" = \"value > 1\"\n", "batch-size-avg"),
        ("[thresholds]\n\"sim-record-latency\" = \"p(101) < 1ms\"\n", "p(99.9)"),
        ("[thresholds]\n\"sim-record-latency{topic=x}\" = \"max < 1ms\"\n", "known are events"),
        ("[thresholds]\n\"sim-record-latency{partition=9}\" = \"max < 1ms\"\n", "0..5"),
        ("[thresholds]\n\"sim-batches\" = 5\n", "expected a condition in quotes"),
        (
            "[[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max < 1s\"\nduring = \"fault:x\"\n",
            "no [[fault]]",
        ),
        (
            "[[gate]]\nmetric = \"sim-lost-records\"\nexpr = \"value == 0\"\nduring = \"1s..2s\"\n",
            "remove `during`",
        ),
        ("[[gate]]\nmetric = \"sim-batches\"\nexpr = \"value > 0\"\nseeds = \"most\"\n", "95%"),
        (
            "[[gate]]\nmetric = \"record-send-total\"\nexpr = \"rate > 0\"\nduring = \"1s..2s\"\n",
            "use `value`",
        ),
        ("[[gate]]\nexpr = \"value > 0\"\n", "metric = \"sim-record-latency\""),
        ("[check]\ntolerance = \"much\"\n", "2%"),
        ("[check]\nmay-break = [\"all\"]\n", "no-loss"),
    ] {
        fs::write(folder.join("wrong.toml"), gate).expect("a file");
        let output = run(&folder, &["check", "wrong.toml"]);
        let text = told(&output);
        assert_eq!(output.status.code(), Some(2), "{gate} {text}");
        assert!(text.contains(expected) && text.contains("--> wrong.toml:"), "{gate}\n{text}");
    }
}

#[test]
fn a_part_of_the_run_without_any_value_is_an_error() {
    let folder = empty("window");
    let gate = |more: &str| {
        format!(
            "[run]\nduration = \"1s\"\n[[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max < 1s\"\nduring = \"5s..\"\n{more}"
        )
    };
    fs::write(folder.join("a.toml"), gate("")).expect("a file");
    let output = run(&folder, &["check", "a.toml"]);
    assert!(
        output.status.code() == Some(1) && told(&output).contains("there is nothing to look at"),
        "{}",
        told(&output)
    );
    fs::write(folder.join("a.toml"), gate("allow-empty = true\n")).expect("a file");
    assert_eq!(run(&folder, &["check", "a.toml"]).status.code(), Some(0));
}

/// What the README promises: the scenarios of this repository pass, and every one of the library has gates and a baseline.
#[test]
fn our_own_scenarios_pass_with_their_baselines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let junit_file = empty("own").join("check.xml");
    let output =
        command(root, &["check", "scenarios/", "--junit", junit_file.to_str().expect("a name"), "-q"])
            .env("CI", "true")
            .output()
            .expect("the program");
    let text = told(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let suites = junit(&junit_file);
    assert_eq!(suites.failures, 0);
    let listed = String::from_utf8(run(root, &["list"]).stdout).expect("a text");
    let names =
        listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    for name in names {
        let line = text.lines().find(|line| line.contains(&format!("/{name}.toml"))).expect("a line");
        assert!(line.contains("gates  = baseline") && !line.contains("no gates"), "{line}");
    }
}

#[test]
fn a_check_without_baselines_leaves_proposals_alone() {
    let folder = guarded("alone");
    change_linger(&folder, 7);
    let check = |args: &[&str]| run(&folder, &[&["check", "."], args].concat());
    check(&[]);
    assert!(proposal(&folder).exists());
    check(&["--no-baseline"]);
    assert!(proposal(&folder).exists(), "it was removed");
}

#[test]
fn seeds_and_threads_do_not_show_in_the_report() {
    let folder = guarded("threads");
    let of = |threads: &str| {
        told(&run(
            &folder,
            &["check", ".", "--seeds", "5", "--no-baseline", "-v", "-q", "--threads", threads],
        ))
    };
    assert_eq!(of("1"), of("2"));
    assert!(of("1").contains("(seed "), "{}", of("1"));
}

#[test]
fn the_document_lists_all_figures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = String::from_utf8(run(root, &["metrics", "--markdown"]).stdout).expect("a text");
    let document = fs::read_to_string(root.join("docs/check.md")).expect("the document");
    assert!(
        document.ends_with(&table),
        "put what `lingersim metrics --markdown` prints at the end of docs/check.md"
    );
}
