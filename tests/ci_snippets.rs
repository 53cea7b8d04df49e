//! The snippets in `docs/ci` do what they say: the commands in them are run as the service would run them, on a scenario
//! that is right, and on one with a gate that fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const GOOD: &str = "[run]\nduration = \"1s\"\n[workload]\nrate = \"500/s\"\n[thresholds]\n\"sim-lost-records\" = \"value == 0\"\n";
const BAD: &str = "[run]\nduration = \"1s\"\n[workload]\nrate = \"500/s\"\n[thresholds]\n\"sim-requests\" = \"value < 2\"\n";

fn snippet(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci").join(name);
    fs::read_to_string(path).expect("a snippet")
}

/// The command after `start`, up to `end`; installing is left out.
fn commands(text: &str, start: &str, end: &str) -> Vec<String> {
    let found: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(start)?.strip_suffix(end).map(str::to_owned))
        .filter(|command| !command.starts_with("cargo install"))
        .collect();
    assert!(!found.is_empty(), "{start}\n{text}");
    found
}

/// A checkout with one scenario, and the program on the path.
fn checkout(name: &str, scenario: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("scenarios")).expect("a folder");
    fs::write(folder.join("scenarios/orders.toml"), scenario).expect("a file");
    folder
}

/// Runs a command as a service does: with a shell, in the checkout.
fn sh(folder: &Path, command: &str, variables: &[(&str, &str)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_lingersim"));
    let path = format!("{}:/usr/bin:/bin", program.parent().expect("a folder").display());
    Command::new("sh")
        .args(["-e", "-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("CI", "true")
        .env_remove("GITHUB_ACTIONS")
        .envs(variables.iter().copied())
        .output()
        .expect("a shell")
}

/// Runs the commands of a snippet on both scenarios; gives the folder and the output of the one that fails.
fn both(name: &str, commands: &[String], variables: &[(&str, &str)]) -> (PathBuf, String) {
    let all = commands.join("\n");
    let good = sh(&checkout(&format!("{name}-good"), GOOD), &all, variables);
    assert!(good.status.success(), "{name}: {}", String::from_utf8_lossy(&good.stdout));
    let folder = checkout(&format!("{name}-bad"), BAD);
    let bad = sh(&folder, &all, variables);
    assert_eq!(bad.status.code(), Some(1), "{name}");
    assert!(!folder.join("scenarios/baselines").exists(), "nothing is written in CI");
    (folder, String::from_utf8(bad.stdout).expect("a text"))
}

fn has_junit(folder: &Path) {
    let file = fs::File::open(folder.join("check.xml")).expect("the report that is uploaded");
    let report = junit_parser::from_reader(std::io::BufReader::new(file)).expect("JUnit");
    assert_eq!(report.failures, 1);
}

#[test]
fn github_gets_a_report_a_summary_and_annotations() {
    let text = snippet("github-workflow.yml");
    let run = commands(&text, "run: ", "");
    let (folder, told) =
        both("github", &run, &[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "summary.md")]);
    has_junit(&folder);
    assert!(told.contains("::error file=scenarios/orders.toml,line=6"), "{told}");
    assert!(fs::read_to_string(folder.join("summary.md")).expect("a summary").contains("sim-requests"));
    assert!(text.contains("path: check.xml"));
}

#[test]
fn gitlab_gets_a_report() {
    let text = snippet("gitlab-ci.yml");
    let (folder, told) = both(
        "gitlab",
        &commands(&text, "- lingersim", "").iter().map(|rest| format!("lingersim{rest}")).collect::<Vec<_>>(),
        &[],
    );
    has_junit(&folder);
    assert!(text.contains("junit: check.xml") && !told.contains("::error"));
}

#[test]
fn jenkins_gets_a_report() {
    let text = snippet("Jenkinsfile");
    let (folder, _) = both("jenkins", &commands(&text, "sh '", "'"), &[]);
    has_junit(&folder);
    assert!(text.contains("junit 'check.xml'"));
}

#[test]
fn the_hook_checks_what_a_commit_touches() {
    let text = snippet("pre-commit-config.yaml");
    // pre-commit puts the names of the files behind the entry.
    let entry = commands(&text, "entry: ", "");
    let commands: Vec<String> = entry.iter().map(|entry| format!("{entry} scenarios/orders.toml")).collect();
    both("hook", &commands, &[]);
}
