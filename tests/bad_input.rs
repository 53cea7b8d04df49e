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
    ] {
        let path = huge_line(name, head);
        let path_text = path.to_str().expect("UTF-8");
        let args: Vec<&str> = ["run", "--quiet"].into_iter().chain(flag).chain([path_text]).collect();
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
