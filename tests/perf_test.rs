//! `lingersim perf-test`: flags of both generations, lines that Kafka's own system tests can read, and the footnote.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn lingersim(args: &[&str]) -> Output {
    let base = ["perf-test", "--topic", "orders"];
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(base).args(args).output().expect("the program")
}

fn stdout(args: &[&str]) -> String {
    let output = lingersim(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a text")
}

fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a file");
    path.to_str().expect("a name").to_owned()
}

const SMALL: [&str; 6] = ["--num-records", "20000", "--record-size", "512", "--throughput", "2000"];

/// A line as Kafka's `producer_performance.py` takes it apart: at commas, then at blanks.
fn parsed(line: &str) -> Vec<f64> {
    let parts: Vec<&str> = line.split(',').collect();
    let first_word = |part: &str| part.split_whitespace().next().expect("a word").parse().expect("a number");
    let mib = parts[1].split_once('(').expect("a rate in MB").1;
    let mut values: Vec<f64> = parts.iter().map(|part| first_word(part)).collect();
    values.push(first_word(mib));
    values
}

#[test]
fn the_last_line_is_what_system_tests_read() {
    let text = stdout(&SMALL);
    let lines: Vec<&str> = text.lines().collect();
    let total = parsed(lines.last().expect("a line"));
    let [count, rate, mean, max, p50, p95, p99, p999, mib] = total[..] else { panic!("{total:?}") };
    assert_eq!(count, 20_000.0);
    assert!((rate - 2_000.0).abs() < 20.0 && (mib - rate * 512.0 / 1_048_576.0).abs() < 0.01, "{total:?}");
    assert!(p50 <= p95 && p95 <= p99 && p99 <= p999 && p999 <= max && mean > 0.0, "{total:?}");
    // Ten seconds make one whole window, and another that the last record may end.
    assert!((2..=3).contains(&lines.len()), "{text}");
    let window = parsed(lines[0]);
    assert!(
        (window[0] / 10_000.0 - 1.0).abs() < 0.02 && lines[0].ends_with(" ms max latency."),
        "{}",
        lines[0]
    );
}

#[test]
fn the_form_of_the_rate_follows_the_version() {
    let of = |version: &str| stdout(&[&SMALL[..], &["--kafka", version]].concat());
    let decimals = |text: &str| {
        let rate = text.lines().last().expect("a line").split(", ").nth(1).expect("a rate").to_owned();
        rate.split(' ').next().expect("a number").split_once('.').expect("decimals").1.len()
    };
    assert_eq!([decimals(&of("3.9")), decimals(&of("4.3"))], [6, 1]);
}

#[test]
fn both_generations_of_flags_say_the_same() {
    let config = file("perf.properties", "linger.ms=20\nbatch.size=1000\n");
    let old = ["--producer.config", &config, "--producer-props", "batch.size=4000", "acks=1"];
    let new = ["--command-config", &config, "--command-property", "batch.size=4000", "acks=1"];
    let servers = ["--bootstrap-server", "localhost:9092"];
    let run = |more: &[&str]| stdout(&[&SMALL[..], more].concat());
    assert_eq!(run(&old), run(&new));
    assert_eq!(run(&[&new[..], &servers[..]].concat()), run(&[&servers[..], &new[..]].concat()));
    // Properties win over the file.
    assert_ne!(run(&old), run(&["--producer.config", &config, "--producer-props", "acks=1"]));
    assert_eq!(run(&old), run(&["--producer-props", "batch.size=4000", "acks=1", "linger.ms=20"]));
}

#[test]
fn metrics_are_printed_as_kafka_prints_them() {
    let text = stdout(&[&SMALL[..], &["--print-metrics"]].concat());
    let table: Vec<&str> = text.split_once("\n\n").expect("an empty line").1.lines().collect();
    assert!(table[0].starts_with("Metric Name ") && table[0].ends_with("   Value"), "{}", table[0]);
    let row = table.iter().find(|row| row.contains(":record-send-total:")).expect("a row");
    let (name, value) = row.split_once(" : ").expect("name and value");
    assert_eq!(name.trim_end(), "producer-metrics:record-send-total:{client-id=perf-producer-client}");
    assert_eq!(value, "20000.000");
    assert!(table[1..].is_sorted());
}

#[test]
fn a_stalled_broker_shows_in_the_footnote_and_not_in_the_lines() {
    let scenario = file(
        "perf-stall.toml",
        "[cluster]\nbrokers = 1\nreplication = 1\n[[cluster.topic]]\nname = \"orders\"\n[[fault]]\nat = \"3s\"\npause = 1\n\
         for = \"5s\"\n",
    );
    let args = [
        &SMALL[..],
        &[
            "--scenario",
            &scenario,
            "--producer-props",
            "buffer.memory=200000",
            "acks=1",
            "enable.idempotence=false",
            "batch.size=16384",
        ],
    ];
    let output = lingersim(&args.concat());
    let stderr = String::from_utf8(output.stderr).expect("a text");
    assert!(output.status.success() && stderr.contains("coordinated omission"), "{stderr}");
    let p50 = |line: &str| {
        let line = stderr.lines().find(|other| other.contains(line)).expect("a line");
        let number = line.split_once("p50 ").expect("p50").1.split(' ').next().expect("a number");
        number.parse::<f64>().expect("a number")
    };
    let (seen, due) = (p50("from the call of send"), p50("from when it was due"));
    assert!(due > 10.0 * seen, "{stderr}");
    assert!(stderr.lines().all(|line| line.chars().count() <= 80), "{stderr}");
}

#[test]
fn unthrottled_it_sends_what_the_client_takes() {
    let text = stdout(&["--num-records", "300000", "--record-size", "100", "--throughput", "-1"]);
    let total = parsed(text.lines().last().expect("a line"));
    assert!(total[0] == 300_000.0 && total[1] > 50_000.0, "{text}");
}

#[test]
fn warming_up_has_a_line_of_its_own() {
    let text = stdout(&[&SMALL[..], &["--warmup-records", "5000"]].concat());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("Warmup first 5000 records."), "{text}");
    let last = lines.last().expect("a line");
    assert!(last.starts_with("15000 steady state records sent, "), "{last}");
    assert!(lines[lines.len() - 2].starts_with("20000 records sent, "), "{text}");
}

#[test]
fn payloads_are_lines_of_a_file_or_numbers() {
    let payloads = file("perf-payloads.txt", &format!("{}\n{}\n", "a".repeat(100), "b".repeat(300)));
    let text = stdout(&["--num-records", "10000", "--throughput", "5000", "--payload-file", &payloads]);
    assert!(text.contains("Number of messages read: 2\n"), "{text}");
    let mib = *parsed(text.lines().last().expect("a line")).last().expect("a rate");
    assert!((mib - 5_000.0 * 200.0 / 1_048_576.0).abs() < 0.03, "{text}");
    let numbers = stdout(&["--num-records", "100000", "--throughput", "100000", "--payload-monotonic"]);
    let mib = *parsed(numbers.lines().last().expect("a line")).last().expect("a rate");
    // Nine tenths of the numbers below 100,000 have five digits.
    assert!((mib - 100_000.0 * 4.9 / 1_048_576.0).abs() < 0.02, "{numbers}");
}

#[test]
fn the_same_test_gives_the_same_bytes() {
    assert_eq!(stdout(&SMALL), stdout(&SMALL));
}

#[test]
fn wrong_use_says_what_would_be_right() {
    let scenario = file("perf-topic.toml", "[[cluster.topic]]\nname = \"other\"\n");
    let empty = file("perf-empty.txt", "\n");
    let common = ["--num-records", "100", "--throughput", "50"];
    for (args, expected) in [
        (&["--record-size", "5", "--payload-monotonic"][..], "cannot be used with"),
        (&[], "required"),
        (&["--record-size", "5", "--transactional-id", "x"], "not simulated"),
        (&["--record-size", "5", "--warmup-records", "100"], "below --num-records"),
        (&["--record-size", "5", "--producer-props", "linger"], "linger.ms=5"),
        (&["--record-size", "5", "--producer-props", "linger.mss=5"], "linger.ms"),
        (&["--record-size", "5", "--scenario", &scenario], "other"),
        (&["--payload-file", &empty], "no payload"),
        (&["--payload-file", "/nowhere"], "cannot be read"),
    ] {
        let output = lingersim(&[&common[..], args].concat());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?} {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}
