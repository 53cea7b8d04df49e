//! Truth table and swarm: the same for any number of threads, only legal scenarios, and documents that tell the truth.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lingersim::experiment::swarm::{drawn, judge, text};
use lingersim::experiment::truth_table::all_cells;
use lingersim::experiment::truth_table::faults::FAULTS;
use lingersim::scenario::load::from_text;
use proptest::prelude::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn lingersim(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lingersim"));
    command.args(args).current_dir(root()).output().expect("the program starts")
}

/// What a run of the program says on stdout.
fn told(args: &[&str]) -> String {
    let output = lingersim(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn threads_change_nothing_in_a_table() {
    let svg = temporary("threads.svg");
    let svg = svg.to_str().expect("a path in UTF-8");
    let table = |threads: &str, format: &str| {
        let only = ["--only", "fault=leader-crash,none", "--only", "acks=1,all"];
        let rest = ["--seeds", "3", "--threads", threads, "--format", format, "--svg", svg, "-q"];
        let table = told(&[&["truth-table"], &only[..], &rest[..]].concat());
        (table, fs::read_to_string(svg).expect("a picture"))
    };
    for format in ["text", "csv", "json"] {
        let once = table("1", format);
        assert!(once.0.lines().count() > 24 && once.1.contains("leader-crash"), "{}", once.0);
        assert_eq!(once, table("1", format), "{format}");
        assert_eq!(once, table("2", format), "{format}");
    }
}

#[test]
fn seeds_make_a_difference_in_a_table() {
    let table = |first| {
        told(&["truth-table", "-q", "--seeds", "2", "--only", "fault=leader-crash", "--first", first])
    };
    let rows = |table: &str| table.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_ne!(rows(&table("1")), rows(&table("3")));
}

#[test]
fn a_part_of_the_table_is_what_it_is_in_the_whole() {
    let csv =
        |only: &[&str]| told(&[&["truth-table", "-q", "--seeds", "1", "--format", "csv"], only].concat());
    let whole = csv(&["--only", "fault=leader-crash,follower-crash"]);
    let part = csv(&["--only", "fault=leader-crash,follower-crash", "--only", "enable.idempotence=true"]);
    let rows: Vec<&str> = whole.lines().filter(|row| row.contains("fault") || row.contains("true")).collect();
    assert_eq!(rows, part.lines().collect::<Vec<_>>());
    assert_eq!(rows.len(), 1 + 2 * 4);
}

#[test]
fn every_cell_is_a_scenario() {
    let mut names: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "names are unique");
    let cells = all_cells();
    assert_eq!(cells.len(), 16 * count);
    for cell in cells {
        let scenario = cell.scenario().unwrap_or_else(|error| panic!("{}: {error}", cell.fault.name));
        let config = &scenario.producers[0].config;
        assert_eq!(config.enable_idempotence, cell.setting.idempotence);
        assert_eq!(config.max_in_flight, cell.setting.in_flight);
        assert_eq!(scenario.cluster.topics[0].min_insync_replicas, cell.setting.min_insync_replicas);
        assert_eq!(scenario.faults.is_empty(), cell.fault.faults.is_empty());
    }
}

#[test]
fn what_is_not_in_the_table_is_refused() {
    for (only, expected) in [
        ("fualt=none", "did you mean `fault`?"),
        ("fault=leader-crsh", "did you mean `leader-crash`"),
        ("acks=2", "expected one of 0, 1, all"),
        ("acks", "`acks` is never \"\""),
    ] {
        let output = lingersim(&["truth-table", "--only", only]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{only}");
        assert!(error.contains(expected), "{only}: {error}");
    }
    let nothing = lingersim(&["truth-table", "--only", "acks=0", "--only", "enable.idempotence=true"]);
    assert_eq!(nothing.status.code(), Some(2));
}

#[test]
fn the_document_shows_the_real_table() {
    let path = root().join("docs/truth-table.md");
    let document = fs::read_to_string(&path).expect("docs/truth-table.md");
    let block = document.split("```console\n").nth(1).and_then(|rest| rest.split("```").next());
    let (command, shown) = block.and_then(|block| block.split_once('\n')).expect("a command with its output");
    let args: Vec<&str> = command.strip_prefix("$ lingersim ").expect("a command").split(' ').collect();
    let picture = temporary("truth-table.svg");
    let args: Vec<&str> = args
        .into_iter()
        .map(
            |arg| {
                if arg == "docs/truth-table.svg" { picture.to_str().expect("a path in UTF-8") } else { arg }
            },
        )
        .collect();
    let real = told(&[&args[..], &["-q"]].concat());
    assert!(shown == real, "{} is out of date: the table is now\n{real}", path.display());
    let long: Vec<&str> = real.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "more than 80 columns: {long:#?}");
    let committed = fs::read_to_string(root().join("docs/truth-table.svg")).expect("docs/truth-table.svg");
    let drawn = fs::read_to_string(&picture).expect("a picture");
    assert!(committed == drawn, "docs/truth-table.svg is out of date: {command}");
}

#[test]
fn threads_change_nothing_in_a_swarm() {
    let swarm = |threads: &str| {
        let coverage = temporary(&format!("coverage-{threads}.csv"));
        let out = temporary("swarm");
        let paths = [coverage.to_str().expect("UTF-8"), out.to_str().expect("UTF-8")];
        let args = ["swarm", "-q", "--seeds", "150", "--threads", threads, "--coverage", paths[0]];
        let report = told(&[&args[..], &["--out", paths[1]]].concat());
        (report, fs::read_to_string(&coverage).expect("a coverage"))
    };
    let once = swarm("1");
    assert!(once.0.contains("150 scenarios, seeds 1 to 150: 0 failures"), "{}", once.0);
    for reached in ["NOT_LEADER_OR_FOLLOWER", "TimeoutException", "piggyback", "2.3", "pending"] {
        assert!(once.1.contains(reached), "{reached} in {}", once.1);
    }
    assert_eq!(once, swarm("1"));
    assert_eq!(once, swarm("2"));
}

#[test]
fn a_shown_scenario_can_be_run_as_it_is() {
    let shown = told(&["swarm", "--show", "--first", "5"]);
    assert_eq!(shown, text(&drawn(5)));
    let file = temporary("shown.toml");
    fs::write(&file, &shown).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let report = told(&["run", "-q", file, "--seed", "5", "--format", "json"]);
    let (_, result) = judge(shown, 5).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(report.contains(&format!("{:016x}", result.digest)), "{report}");
}

/// What is drawn is a scenario, and few of its keys do not differ from seed to seed.
#[test]
fn everything_that_is_drawn_is_a_scenario() {
    let mut keys: Vec<String> = Vec::new();
    for seed in 0..400 {
        let scenario = text(&drawn(seed));
        assert_eq!(scenario, text(&drawn(seed)));
        keys.extend(
            scenario.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_owned()),
        );
        if let Err(error) = from_text("drawn.toml", scenario) {
            panic!("seed {seed}: {error}");
        }
    }
    keys.sort_unstable();
    keys.dedup();
    assert!(keys.len() > 60, "only {} keys: {keys:?}", keys.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_seed_makes_a_scenario(seed in any::<u64>()) {
        if let Err(error) = from_text("drawn.toml", text(&drawn(seed))) {
            prop_assert!(false, "seed {seed}: {error}");
        }
    }
}
