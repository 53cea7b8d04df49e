//! `reports/` has what every explained scenario really gives, and README shows the first of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The scenarios that a newcomer runs. Those of the measured machine need a trace to go with them.
const SCENARIOS: [&str; 3] = ["linger", "sticky-vs-round-robin", "buffer-exhaustion"];
const FILES: [&str; 5] = ["summary.txt", "result.json", "result.csv", "configuration.txt", "command.json"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a scenario as a user would and gives the folder of its report.
fn run(scenario: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports").join(scenario);
    let output = Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(["run", &format!("scenarios/{scenario}.toml"), "--quiet", "--out"])
        .arg(&folder)
        .current_dir(root())
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

#[test]
fn committed_reports_are_what_comes_out() {
    for scenario in SCENARIOS {
        let folder = run(scenario);
        for file in FILES {
            let committed = root().join("reports").join(scenario).join(file);
            assert!(
                read(&folder.join(file)) == read(&committed),
                "{} is out of date: reports/regenerate makes all of them again",
                committed.display()
            );
        }
    }
}

#[test]
fn readme_shows_the_real_first_run() {
    let readme = read(&root().join("README.md"));
    let block =
        readme.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let (command, shown) = block.split_once('\n').expect("a command and its output");
    assert_eq!(command, "$ cargo run --release -- run scenarios/linger.toml");
    let summary = read(&root().join("reports/linger/summary.txt"));
    assert!(summary.starts_with(shown), "README shows\n{shown}\nbut it is\n{summary}");
    assert!(shown.lines().count() > 20, "only {} lines are shown", shown.lines().count());
}
