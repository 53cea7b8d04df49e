//! Broken input: every error is a sentence at a place, none panics, none takes long or much memory.
//!
//! The corpus is `tests/bad_input/`: scenarios (`.toml`), properties files and traces (`.csv`). Each file's error is
//! in the snapshot of its kind.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// No error takes longer to find: seconds of processor time, after which the process is killed.
const TIME_LIMIT_S: u32 = 1;
/// Address space of the process in KiB: 100 MB hold everything, the program itself included.
const MEMORY_LIMIT_KIB: u64 = 100_000;
/// Exit code of invalid input.
const INVALID: Option<i32> = Some(2);

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_input")
}

/// Names of all files of a kind, sorted.
fn names(extension: &str) -> Vec<String> {
    let entries = fs::read_dir(corpus()).expect("the corpus is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.retain(|name| name.ends_with(extension) && !name.starts_with("good"));
    names.sort();
    names
}

/// Runs the program in the folder of the corpus with little memory, and checks what holds for every error.
fn run(args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_lingersim");
    let limited = format!("ulimit -v {MEMORY_LIMIT_KIB}; ulimit -t {TIME_LIMIT_S}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &limited, program])
        .args(args)
        .current_dir(corpus())
        .output()
        .expect("the program starts");
    let errors = String::from_utf8(output.stderr.clone()).expect("errors are UTF-8");
    assert_eq!(output.status.code(), INVALID, "{args:?}: {errors}");
    assert!(output.stdout.is_empty(), "{args:?} wrote to stdout");
    assert!(!errors.contains("hunter2"), "{args:?} gave a secret away: {errors}");
    assert!(errors.lines().all(|line| line.chars().count() < 300), "{args:?} has long lines: {errors}");
    output
}

/// The errors of all files of a kind, one after the other.
fn errors_of(extension: &str, args: impl Fn(&str) -> Vec<&str>) -> String {
    let mut text = String::new();
    for name in names(extension) {
        let output = run(&args(&name));
        let errors = String::from_utf8(output.stderr).expect("errors are UTF-8");
        let _ = writeln!(text, "######## {name}\n{errors}");
    }
    text
}

#[test]
fn broken_scenarios() {
    insta::assert_snapshot!(errors_of(".toml", |name| vec!["run", "--quiet", name]));
}

#[test]
fn broken_properties() {
    insta::assert_snapshot!(errors_of(".properties", |name| vec!["run", "--quiet", "--properties", name]));
}

#[test]
fn broken_traces() {
    insta::assert_snapshot!(errors_of(".csv", |name| vec!["run", "--quiet", "--trace", name]));
}

#[test]
fn broken_arguments() {
    let cases: [&[&str]; 14] = [
        &["run", "no-such-file.toml"],
        &["run", "emty.toml"],
        &["run", "."],
        &["run", "no/such/folder/file.toml"],
        &["run", "--properties", "no-such.properties"],
        &["run", "--trace", "no-such.csv"],
        &["run", "--trace", "good.csv", "--brokers", "none"],
        &["run", "--trace", "good.csv", "--topic", "no such topic"],
        &["run", "--trace", "good.csv", "--set", "linger.ms"],
        &["run", "--trace", "good.csv", "--set", "lingr.ms=5", "--set", "linger.ms=five"],
        &["run", "--trace", "good.csv", "--set", "network.latency=5", "--set", "netwrk.latency=5ms"],
        &["run", "--trace", "good.csv", "--set", "network..latency=5ms", "--set", "=5", "--set", "seed.x=1"],
        &["run", "--trace", "good.csv", "--seed", "-1", "--records", "1e6", "--kafka", "4"],
        &["run", "--trace", "good.csv", "--set", "ssl.key.password=hunter2", "--set", "acks=9"],
    ];
    let mut text = String::new();
    for args in cases {
        let errors = String::from_utf8(run(args).stderr).expect("errors are UTF-8");
        let _ = writeln!(text, "######## {}\n{errors}", args.join(" ").replace("hunter2", "SECRET"));
    }
    insta::assert_snapshot!(text);
}

/// A file with one line of 100 MB, not committed but made here.
fn huge_line(name: &str, head: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("a temporary file"));
    file.write_all(head.as_bytes()).expect("room for 100 MB");
    let block = [b'1'; 1_000_000];
    (0..100).for_each(|_| file.write_all(&block).expect("room for 100 MB"));
    path
}

#[test]
fn a_line_of_100_mb_is_refused_at_once() {
    for (flag, name, head) in [
        (None, "huge.toml", "title = \""),
        (Some("--properties"), "huge.properties", "client.id="),
        (Some("--trace"), "huge.csv", "t_us,topic,key,value_len,partition\n0,events,"),
        (Some("conform"), "huge.jsonl", "{\"columns\": \""),
        (Some("conform"), "huge.trace.jsonl", "{\"ev\": \""),
    ] {
        let path = huge_line(name, head);
        let path_text = path.to_str().expect("UTF-8");
        let args: Vec<&str> = match flag {
            Some("conform") => vec!["conform", path_text],
            flag => ["run", "--quiet"].into_iter().chain(flag).chain([path_text]).collect(),
        };
        let errors = String::from_utf8(run(&args).stderr).expect("errors are UTF-8");
        assert!(errors.starts_with("error: "), "{errors}");
        fs::remove_file(path).expect("the temporary file was there");
    }
}

#[test]
fn the_corpus_is_large() {
    let count = names(".toml").len() + names(".properties").len() + names(".csv").len();
    assert!(count >= 60, "only {count} broken files");
}

/// A case of `conform` that is none, beside a whole one of its other half.
fn conform_errors(files: &[(&str, String)]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-cases");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a temporary folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a temporary file");
    }
    let path = folder.to_str().expect("UTF-8");
    let errors = String::from_utf8(run(&["conform", path]).stderr).expect("errors are UTF-8");
    errors.replace(&format!("{path}/"), "")
}

#[test]
fn broken_cases() {
    const SCRIPT: &str = r#"{"name":"n","family":"f","client":"4.3.0","config":{"batch.size":"16384"},
        "cluster":{"nodes":[1],"topics":[{"name":"a","partitions":[1]}]},
        "threads":[[{"at":0,"send":{"topic":"a","value_len":10}}]]}"#;
    const HEADER: &str = r#"{"ev":"header","format":1,"partitioner_random":[[1]]}"#;
    let deep = "[".repeat(100_000);
    let cases: Vec<(&str, String, String)> = vec![
        ("empty script", String::new(), HEADER.to_owned()),
        ("empty trace", SCRIPT.to_owned(), String::new()),
        ("deep script", deep.clone(), HEADER.to_owned()),
        ("deep trace", SCRIPT.to_owned(), format!("{HEADER}\n{deep}")),
        ("truncated script", SCRIPT[..90].to_owned(), HEADER.to_owned()),
        ("truncated trace", SCRIPT.to_owned(), format!("{HEADER}\n{{\"t\":1,\"ev\":")),
        ("no header", SCRIPT.to_owned(), "{\"t\":1,\"ev\":\"send\"}".to_owned()),
        ("other format", SCRIPT.to_owned(), HEADER.replace("\"format\":1", "\"format\":2")),
        ("draws of other threads", SCRIPT.to_owned(), HEADER.replace("[[1]]", "[]")),
        ("unknown client", SCRIPT.replace("4.3.0", "4.4.0"), HEADER.to_owned()),
        ("unknown field", SCRIPT.replace("value_len", "valuelen"), HEADER.to_owned()),
        ("unknown node", SCRIPT.replace("\"partitions\":[1]", "\"partitions\":[7]"), HEADER.to_owned()),
        ("huge time", SCRIPT.replace("\"at\":0", "\"at\":18446744073709551615"), HEADER.to_owned()),
        (
            "huge number",
            SCRIPT.replace("\"at\":0", &format!("\"at\":1{}", "0".repeat(400))),
            HEADER.to_owned(),
        ),
        ("negative", SCRIPT.replace("\"at\":0", "\"at\":-1"), HEADER.to_owned()),
        (
            "many records",
            SCRIPT.replace("\"at\":0", "\"at\":0,\"n\":18446744073709551615"),
            HEADER.to_owned(),
        ),
        ("refused configuration", SCRIPT.replace("16384", "-1"), HEADER.to_owned()),
        ("endless batches", SCRIPT.replace("16384", "2147483647"), HEADER.to_owned()),
        ("null bytes", "\0".repeat(100), HEADER.to_owned()),
    ];
    let mut text = String::new();
    for (what, script, trace) in cases {
        let errors = conform_errors(&[("x.script.json", script), ("x.trace.jsonl", trace)]);
        assert!(errors.starts_with("error: x."), "{what}: {errors}");
        let _ = writeln!(text, "######## {what}\n{errors}");
    }
    for (what, line) in
        [("packed: no table", "[1]"), ("packed: not JSON", "\u{feff}{"), ("packed: empty", "")]
    {
        let _ = writeln!(text, "######## {what}\n{}", conform_errors(&[("p.jsonl", line.to_owned())]));
    }
    insta::assert_snapshot!(text);
}

/// Nobody writes to the pipe, and a device never ends: neither is opened.
#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, is_pipe) in [("pipe.jsonl", true), ("device.jsonl", false)] {
        let path = folder.join(name);
        let _ = fs::remove_file(&path);
        if is_pipe {
            let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo starts");
            assert!(made.success());
        } else {
            std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
        }
        let path = path.to_str().expect("UTF-8");
        for args in [
            &["run", "--quiet", path][..],
            &["run", "--quiet", "--properties", path],
            &["run", "--quiet", "--trace", path],
            &["run", "--quiet", "--trace", "good.csv", "--late", path],
            &["run", "--quiet", "--responses", path, "--trace", "good.csv"],
            &["conform", path],
        ] {
            // A hanging reader would take no processor time: the limit has to be one of the clock.
            let mut child = Command::new(env!("CARGO_BIN_EXE_lingersim"));
            let child = child.args(args).current_dir(corpus()).stderr(std::process::Stdio::piped());
            let output = wait_at_most(child, 20);
            let errors = String::from_utf8(output.stderr).expect("errors are UTF-8");
            assert_eq!(output.status.code(), INVALID, "{args:?}: {errors}");
            assert!(errors.contains("pipe or a device"), "{args:?}: {errors}");
        }
    }
}

/// The output of a program that ends; it is killed if it has not ended after a generous time.
#[cfg(unix)]
fn wait_at_most(command: &mut Command, seconds: u32) -> Output {
    let child = command.spawn().expect("the program starts");
    let killer = format!("sleep {seconds}; kill -9 {}", child.id());
    let mut killer = Command::new("sh").args(["-c", &killer]).spawn().expect("sh starts");
    let output = child.wait_with_output().expect("it ends");
    // The killer has nothing to do any more.
    let _ = killer.kill();
    let _ = killer.wait();
    output
}

/// A run in which nothing takes time, or nothing can be reached, ends all the same.
#[test]
fn no_run_stands_still() {
    let crashes: &[&str] = &["run.records=3", "cluster.brokers=1", "max.block.ms=2000"];
    let instant: &[&str] = &[
        "run.duration=1ms",
        "network.latency=0ms",
        "network.connect=0ms",
        "cluster.service=0ms",
        "cluster.service-per-byte=0ns/B",
        "cluster.service-other=0ms",
        "workload.arrivals=closed",
        "linger.ms=0",
        "acks=0",
        "enable.idempotence=false",
    ];
    let refused: &[&str] = &["run.duration=1ms", "workload.arrivals=closed", "max.block.ms=0"];
    let ages: &[&str] = &[
        "run.records=3",
        "metadata.max.age.ms=9223372036854775807",
        "metadata.max.idle.ms=9223372036854775807",
        "metrics.sample.window.ms=9223372036854775807",
    ];
    for (scenario, sets) in [
        ("fault = [{ at = \"0s\", crash = 1 }]\n", crashes),
        ("seed = 1\n", instant),
        ("seed = 1\n", refused),
        ("seed = 1\n", ages),
    ] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("standstill.toml");
        fs::write(&path, scenario).expect("a temporary file");
        let program = env!("CARGO_BIN_EXE_lingersim");
        let limited = "ulimit -t 20; exec \"$0\" run --quiet \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", limited, program]).arg(&path);
        command.args(sets.iter().flat_map(|set| ["--set", set]));
        let output = command.output().expect("the program starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{sets:?}: {errors}");
    }
}

/// Results that cannot be written are an error of the environment; a reader who has seen enough is none.
#[cfg(target_os = "linux")]
#[test]
fn outputs_that_cannot_be_written() {
    let program = env!("CARGO_BIN_EXE_lingersim");
    for (command, code) in [
        ("run --quiet --records 5 --set seed=1 --trace good.csv --out good.csv", 5),
        ("run --quiet --records 5 --trace good.csv --out /proc/none", 5),
        ("run --quiet --records 5 --trace good.csv > /dev/full", 5),
        ("config list > /dev/full", 5),
        ("--help > /dev/full", 5),
        ("run --quiet --records 5 --trace good.csv >&-", 0),
        ("config list | head -1", 0),
        ("run --help | head -1", 0),
    ] {
        let line = format!("exec \"$0\" {command}");
        let line = match command.split_once(" | ") {
            // The code of the program counts, not that of its reader.
            Some((own, reader)) => format!("({{ \"$0\" {own}; echo $? >&3; }} | {reader}) 3>&1 >/dev/null"),
            None => format!("({line}); echo $?"),
        };
        let output = Command::new("sh")
            .args(["-c", &line, program])
            .current_dir(corpus())
            .output()
            .expect("sh starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text.lines().last(), Some(code.to_string().as_str()), "{command}");
    }
}
