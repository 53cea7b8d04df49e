//! The pictures of a run: the committed ones are what the program draws, and none has a word outside of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lingersim::experiment::swarm;
use lingersim::recording::{Limits, record};
use lingersim::report::plots::{self, Picture};
use lingersim::scenario::Scenario;
use lingersim::scenario::load::from_text;
use lingersim::values::time::Time;
use regex_lite::Regex;

/// Those of `reports/plots`.
const SCENARIOS: [&str; 2] = ["linger", "not-enough-replicas"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn lingersim(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(args)
        .arg(folder)
        .current_dir(root())
        .output()
        .expect("the binary runs")
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").file_name().into()).collect();
    names.sort();
    names
}

#[test]
fn committed_pictures_are_what_is_drawn() {
    for scenario in SCENARIOS {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots").join(scenario);
        let _ = fs::remove_dir_all(&folder);
        let output =
            lingersim(&["run", &format!("scenarios/{scenario}.toml"), "--quiet", "--plots"], &folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let committed = root().join("reports/plots").join(scenario);
        let command = format!("run scenarios/{scenario}.toml --plots reports/plots/{scenario}");
        assert_eq!(names(&folder), names(&committed), "other pictures: {command}");
        for name in names(&folder) {
            let is_same = fs::read(folder.join(&name)).ok() == fs::read(committed.join(&name)).ok();
            assert!(
                is_same,
                "{} of {scenario} is out of date: reports/regenerate makes all of them again",
                name.display()
            );
        }
    }
}

/// The pictures of a run that is cut off after some turns, and its list of them.
fn drawn(scenario: &Scenario) -> (Vec<Picture>, String) {
    let mut turns = 0;
    let goes_on = &mut |_, records| {
        turns += 1;
        records < 5_000 && turns < 3_000
    };
    let limits = Limits { events: 0, from: Time::NEVER, until: Time::NEVER };
    let recording = record(scenario, limits, goes_on).unwrap_or_else(|error| panic!("{error:?}"));
    let pictures = plots::pictures(scenario, &recording).expect("pictures");
    let index = plots::index(scenario, &recording, &pictures);
    (pictures, index)
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is a number"))
}

/// Every text is within the picture, as far as its width can be told.
fn words_are_inside(name: &str, svg: &str) {
    let size = Regex::new(r#"<svg [^>]*width="(\d+)" height="(\d+)""#).expect("a pattern");
    let size = size.captures(svg).unwrap_or_else(|| panic!("{name} has a size"));
    let (width, height) = (number(&size[1]), number(&size[2]));
    let texts =
        r#"<text x="(-?\d+)" y="(-?\d+)" [^>]*text-anchor="(\w+)"[^>]*font-size="([\d.]+)"([^>]*)>\n(.*)\n"#;
    let mut count = 0;
    for text in Regex::new(texts).expect("a pattern").captures_iter(svg) {
        let (x, y) = (number(&text[1]), number(&text[2]));
        let length = text[6].chars().count() as f64 * number(&text[4]) * 0.5;
        let before = match &text[3] {
            "start" => 0.0,
            "middle" => length / 2.0,
            _ => length,
        };
        let is_upright = text[5].contains("rotate");
        let (along, room) = if is_upright { (y, height) } else { (x, width) };
        let is_inside = along - before >= 0.0 && along - before + length <= room && y > 0.0 && y < height;
        assert!(is_inside, "{name}: {} at {x}, {y}", &text[6]);
        count += 1;
    }
    assert!(count >= 5, "{name}: only {count} texts");
}

#[test]
fn all_kinds_of_runs_can_be_drawn() {
    for seed in 1..=20 {
        let loaded = from_text("swarm", swarm::text(&swarm::drawn(seed)));
        let scenario = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
        let (pictures, index) = drawn(&scenario);
        assert!(drawn(&scenario) == (pictures.clone(), index.clone()), "{seed}: the same bytes twice");
        assert_eq!(index.lines().filter(|line| line.starts_with("- [")).count(), pictures.len());
        for Picture { file, says, svg, .. } in &pictures {
            let name = format!("swarm {seed}: {file}");
            assert!(index.contains(&format!("]({file}): {says}")), "{name} is in the list");
            assert!(svg.contains("<title id=") && svg.contains("<desc id="), "{name}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            words_are_inside(&name, svg);
        }
    }
}

#[test]
fn exports_are_of_one_run() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots-of-many");
    for option in ["--plots", "--perfetto"] {
        let output = lingersim(&["run", "scenarios/linger.toml", "--runs", "2", option], &folder);
        assert_eq!(output.status.code(), Some(2), "{option}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(option) && told.contains(" = help: "), "{told}");
        assert!(!folder.exists(), "{option} writes nothing then");
    }
}

#[test]
fn a_trace_that_is_not_whole_says_so() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("perfetto/trace.json");
    let _ = fs::remove_file(&file);
    let run = ["run", "scenarios/linger.toml", "--perfetto"];
    let output = lingersim(&run, &file);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("of 291,897 happenings"));
    let shorter = ["run", "scenarios/linger.toml", "--quiet", "--set", "run.records=500", "--perfetto"];
    let output = lingersim(&shorter, &file);
    assert!(output.status.success() && output.stderr.is_empty());
    let trace = fs::read_to_string(&file).expect("the trace");
    assert!(trace.contains("\"what-is-left-out\":\"nothing\""), "the other file is replaced");
}
