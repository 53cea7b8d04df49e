//! `lingersim sweep`: the same bytes for any number of threads and shards, and after kills; and what goes wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A thousand points, each run a short one.
const STUDY: &str = "[run]\nduration = \"200ms\"\n[cluster]\nbrokers = 1\nreplication = 1\npartitions = 2\n[workload]\n\
    rate = \"1000/s\"\n[sweep]\nreplications = 2\nmetrics = [\"sim-record-latency p(99)\", \"sim-requests\", \
    \"sim-first-record-wait\"]\n[sweep.axes]\nlinger.ms = \"0..49 step 1\"\nbatch.size = \"200..4000 log 20\"\n";

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder");
    path
}

fn study(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("study.toml");
    fs::write(&path, text).expect("a file");
    path
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lingersim"));
    command.arg("sweep").args(args).env_remove("CI").stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Output {
    command(args).stdout(Stdio::piped()).output().expect("the program")
}

fn succeed(args: &[&str]) {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a name")
}

/// All files but those of results under way, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.starts_with("part-") {
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
    files
}

/// What one run of everything on one thread makes.
fn whole(folder: &Path, study: &Path) -> BTreeMap<String, Vec<u8>> {
    let out = folder.join("whole");
    succeed(&[text(study), "--out", text(&out), "--threads", "1", "-q"]);
    let files = files(&out);
    assert!(files.len() >= 7 && files.contains_key("pareto.svg"), "{:?}", files.keys());
    assert_eq!(String::from_utf8_lossy(&files["points.csv"]).lines().count(), 1_001);
    files
}

#[test]
fn threads_and_shards_do_not_show_in_a_thousand_points() {
    let folder = folder("shards");
    let study = study(&folder, STUDY);
    let expected = whole(&folder, &study);

    let threads = folder.join("threads");
    succeed(&[text(&study), "--out", text(&threads), "--threads", "2", "-q"]);
    assert!(files(&threads) == expected, "two threads make other files than one");

    // In any order, in several folders, and one of them twice.
    let (one, two) = (folder.join("one"), folder.join("two"));
    for shard in [5, 1, 7, 3, 2, 6, 4, 3] {
        let out = if shard % 2 == 0 { &two } else { &one };
        succeed(&[text(&study), "--out", text(out), "--shard", &format!("{shard}/7"), "-q"]);
    }
    let merged = folder.join("merged");
    succeed(&["merge", text(&two), text(&one), "--out", text(&merged)]);
    assert!(files(&merged) == expected, "seven shards make other files than one run");
}

/// Waits until the file of results has so many lines, or the program has ended.
fn wait_for_lines(child: &mut Child, file: &Path, lines: usize) {
    loop {
        let found = fs::read(file).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
        if found >= lines || child.try_wait().expect("a process").is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_sweep_that_was_killed_three_times_goes_on_where_it_was() {
    let folder = folder("kills");
    let study = study(&folder, STUDY);
    let expected = whole(&folder, &study);
    let out = folder.join("killed");
    let part = out.join("part-1-of-1.jsonl");
    for lines in [50, 250, 600] {
        let mut child =
            command(&[text(&study), "--out", text(&out), "--threads", "2", "-q"]).spawn().expect("a process");
        wait_for_lines(&mut child, &part, lines);
        child.kill().expect("it runs");
        assert!(!child.wait().expect("a process").success(), "it was killed before its end");
        assert!(!out.join("runs.csv").exists(), "nothing is half-written");
    }
    let before = fs::read_to_string(&part).expect("a file");
    let output = run(&[text(&study), "--out", text(&out)]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && stderr.contains("points were there already"), "{stderr}");
    assert!(files(&out) == expected, "three kills make other files than one run");
    let after = fs::read_to_string(&part).expect("a file");
    assert!(after.starts_with(&before[..=before.rfind('\n').expect("lines")]), "what was there stays");
}

/// Four points.
const SMALL: &str = "[run]\nduration = \"100ms\"\n[workload]\nrate = \"500/s\"\n[sweep.axes]\nlinger.ms = [0, 5]\nacks = [\"1\", \"all\"]\n";

#[test]
fn a_torn_line_is_done_again() {
    let folder = folder("torn");
    let study = study(&folder, SMALL);
    let (whole, torn) = (folder.join("whole"), folder.join("torn"));
    succeed(&[text(&study), "--out", text(&whole), "-q"]);
    fs::create_dir_all(&torn).expect("a folder");
    let part = fs::read(whole.join("part-1-of-1.jsonl")).expect("a file");
    for cut in [part.len() - 1, part.len() - 20, part.len() / 2] {
        fs::write(torn.join("part-1-of-1.jsonl"), &part[..cut]).expect("a file");
        // What goes on behind a torn line must be readable the next time too.
        for _ in 0..2 {
            succeed(&[text(&study), "--out", text(&torn), "-q"]);
            assert!(files(&torn) == files(&whole), "cut at {cut}");
        }
    }
}

#[test]
fn a_file_of_results_that_is_none_is_an_error() {
    let folder = folder("broken");
    let study = study(&folder, SMALL);
    let out = folder.join("out");
    succeed(&[text(&study), "--out", text(&out), "-q"]);
    let file = out.join("part-1-of-1.jsonl");
    let right = fs::read_to_string(&file).expect("a file");
    for (from, to) in [
        ("\"schema\":\"lingersim/sweep/1\"", "\"schema\":\"other/9\""),
        ("\"sim-acked-records\"", "\"sim-nothing\""),
        ("\"axes\":[\"linger.ms\",", "\"axes\":["),
        ("{\"point\":0", "{\"point\":99"),
        ("{\"point\":0", "[\"point\":0"),
        ("\"values\":[[[", "\"values\":[[["),
    ] {
        let broken =
            if from == to { right.replacen("]]}\n", "],[]]}\n", 1) } else { right.replacen(from, to, 1) };
        assert_ne!(broken, right, "{from}");
        fs::write(&file, broken).expect("a file");
        for args in [&["merge", text(&out)][..], &[text(&study), "--out", text(&out), "-q"]] {
            let output = run(args);
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{from}: {stderr}");
            assert!(stderr.contains("part-1-of-1.jsonl"), "{stderr}");
        }
    }
}

#[test]
fn another_trace_is_another_sweep() {
    let folder = folder("trace");
    let trace = folder.join("t.csv");
    let rows = |count: u32| (0..count).map(|row| format!("{},100\n", row * 1_000)).collect::<String>();
    let study = study(&folder, "[workload]\ntrace = \"t.csv\"\n[sweep.axes]\nlinger.ms = [0, 5]\n");
    let out = folder.join("out");
    fs::write(&trace, format!("t_us,value_len\n{}", rows(3))).expect("a file");
    succeed(&[text(&study), "--out", text(&out), "-q"]);
    succeed(&[text(&study), "--out", text(&out), "-q"]);
    fs::write(&trace, format!("t_us,value_len\n{}", rows(5))).expect("a file");
    let output = run(&[text(&study), "--out", text(&out), "-q"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && stderr.contains("another sweep"), "{stderr}");
}

#[test]
fn a_merge_names_what_is_missing() {
    let folder = folder("missing");
    let study = study(&folder, SMALL);
    let out = folder.join("out");
    succeed(&[text(&study), "--out", text(&out), "--shard", "1/3", "-q"]);
    let output = run(&["merge", text(&out)]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{stderr}");
    assert!(stderr.contains("2 of 4 points are missing: 1, 2"), "{stderr}");
    assert!(!out.join("runs.csv").exists());
}

#[test]
fn an_invalid_point_is_a_row_and_not_the_end() {
    let folder = folder("invalid");
    let study = study(&folder, SMALL);
    let out = folder.join("out");
    succeed(&[text(&study), "--out", text(&out), "--vary", "linger.ms=0,-3,5", "-q"]);
    let points = fs::read_to_string(out.join("points.csv")).expect("a file");
    let mut reader = csv::Reader::from_reader(points.as_bytes());
    let errors: Vec<String> = reader.records().map(|row| row.expect("a row")[2].to_owned()).collect();
    assert!(errors[0].is_empty() && errors[1].contains("linger.ms") && errors[2].is_empty(), "{errors:?}");
}

#[test]
fn a_latin_hypercube_needs_no_steps_and_a_folder_holds_one_sweep() {
    let folder = folder("lhs");
    let study = study(&folder, SMALL);
    let out = folder.join("out");
    let args = [
        text(&study),
        "--out",
        text(&out),
        "--samples",
        "12",
        "--vary",
        "linger.ms=0..50",
        "--vary",
        "acks=1,all",
        "-q",
    ];
    succeed(&args);
    assert_eq!(fs::read_to_string(out.join("points.csv")).expect("a file").lines().count(), 13);
    let output = run(&[text(&study), "--out", text(&out), "-q"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("another sweep"), "{stderr}");
}

#[test]
fn the_task_of_an_array_is_its_shard() {
    let folder = folder("auto");
    let study = study(&folder, SMALL);
    for (variables, part) in [
        (
            &[("SLURM_ARRAY_TASK_ID", "6"), ("SLURM_ARRAY_TASK_MIN", "5"), ("SLURM_ARRAY_TASK_COUNT", "3")][..],
            2,
        ),
        (&[("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETION_COUNT", "3")], 1),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")], 3),
    ] {
        let output = command(&[text(&study), "--out", text(&folder), "--shard", "auto", "-q"])
            .envs(variables.iter().copied())
            .output()
            .expect("the program");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(folder.join(format!("part-{part}-of-3.jsonl")).exists(), "{variables:?}");
    }
    succeed(&["merge", text(&folder)]);
}

#[test]
fn wrong_use_says_what_would_be_right() {
    let folder = folder("wrong");
    let file = study(&folder, SMALL);
    let plain = folder.join("plain.toml");
    fs::write(&plain, "[workload]\nrate = \"5/s\"\n").expect("a file");
    for (args, expected) in [
        (&[text(&file), "-q"][..], "--out results/"),
        (&[text(&plain), "--out", "x"], "--vary"),
        (&[text(&file), "--out", "x", "--vary", "linger.ms=9..1"], "below the second"),
        (&[text(&file), "--out", "x", "--vary", "linger.ms=1..9"], "Latin hypercube"),
        (&[text(&file), "--out", "x", "--metric", "sim-latency"], "sim-record-latency"),
        (&[text(&file), "--out", "x", "--shard", "4/3"], "3/16"),
        (&["merge", text(&folder)], "no results"),
        (&["merge", "/nowhere"], "does not exist"),
    ] {
        let output = run(args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?} {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
    let listed = run(&[text(&file), "--list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().nth(1), Some("1 linger.ms=0 acks=all"));
}
