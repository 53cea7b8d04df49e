//! `lingersim perf-test` does what `kafka-producer-perf-test` does: flags, lines, quirks.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts")
}

/// Output and error output of a test that ends well.
fn tested(args: &[&str]) -> (String, String) {
    let output = lingersim(&[&["perf-test"], args].concat());
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
    (String::from_utf8(output.stdout).expect("UTF-8"), stderr)
}

/// What a test says that cannot be run.
fn refused(args: &[&str]) -> String {
    let output = lingersim(&[&["perf-test"], args].concat());
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

const SMALL: [&str; 8] =
    ["--topic", "test", "--num-records", "2000", "--record-size", "100", "--throughput", "1000"];

fn small(more: &[&str]) -> (String, String) {
    tested(&[&SMALL[..], more].concat())
}

fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a temporary file");
    path.display().to_string()
}

/// Figures of a final line, read as Kafka's own system tests read it (`ProducerPerformanceService.parse_stats`): split at
/// commas, the first word of each part is its number.
#[derive(Debug, PartialEq)]
struct Final {
    records: u64,
    records_per_sec: f64,
    mbps: f64,
    avg_ms: f64,
    max_ms: f64,
    percentiles_ms: [f64; 4],
}

fn parsed(line: &str) -> Final {
    let parts: Vec<&str> = line.split(',').collect();
    let first = |part: &str| part.split_whitespace().next().expect("a word").to_owned();
    let float = |part: &str| first(part).parse::<f64>().expect("a number");
    Final {
        records: first(parts[0]).parse().expect("a number"),
        records_per_sec: float(parts[1]),
        mbps: float(parts[1].split('(').nth(1).expect("MB/sec")),
        avg_ms: float(parts[2]),
        max_ms: float(parts[3]),
        percentiles_ms: [4, 5, 6, 7].map(|at| float(parts[at])),
    }
}

fn final_of(stdout: &str) -> Final {
    parsed(stdout.lines().last().expect("a line"))
}

#[test]
fn the_final_line_is_what_system_tests_parse() {
    let (stdout, _) = small(&[]);
    let total = final_of(&stdout);
    assert_eq!(total.records, 2_000);
    assert!((total.records_per_sec - 1_000.0).abs() < 20.0, "{total:?}");
    assert!((total.mbps - 0.1).abs() < 0.011, "{total:?}");
    assert!(total.avg_ms > 0.0 && total.avg_ms < total.max_ms, "{total:?}");
    assert!(total.percentiles_ms.is_sorted(), "{total:?}");
    assert!(total.percentiles_ms[3] <= total.max_ms, "{total:?}");
}

#[test]
fn lines_have_the_format_of_the_tool() {
    let (stdout, _) = small(&["--reporting-interval", "700", "--kafka", "3.9"]);
    let window = regex_lite::Regex::new(
        r"^\d+ records sent, \d+\.\d records/sec \(\d+\.\d\d MB/sec\), \d+\.\d ms avg latency, \d+\.\d ms max latency\.$",
    );
    let total = regex_lite::Regex::new(
        r"^2000 records sent, \d+\.\d{6} records/sec \(\d+\.\d\d MB/sec\), \d+\.\d\d ms avg latency, \d+\.\d\d ms max latency, \d+ ms 50th, \d+ ms 95th, \d+ ms 99th, \d+ ms 99\.9th\.$",
    );
    let lines: Vec<&str> = stdout.lines().collect();
    let (last, windows) = lines.split_last().expect("lines");
    assert_eq!(windows.len(), 2, "{stdout}");
    assert!(windows.iter().all(|line| window.as_ref().expect("a pattern").is_match(line)), "{stdout}");
    assert!(total.expect("a pattern").is_match(last), "{stdout}");
}

#[test]
fn a_window_is_five_seconds_of_virtual_time() {
    let args = ["--topic", "t", "--num-records", "3200", "--record-size", "10", "--throughput", "200"];
    let (stdout, _) = tested(&args);
    assert_eq!(stdout.lines().count(), 4, "{stdout}");
    let records = |line: &str| line.split(' ').next().and_then(|n| n.parse::<u64>().ok()).expect("a number");
    let windows: Vec<u64> = stdout.lines().take(3).map(records).collect();
    assert!(windows.iter().all(|records| records.abs_diff(1_000) < 25), "{windows:?}");
}

#[test]
fn both_generations_of_flags_give_the_same_bytes() {
    let config = file("perf-generations.properties", "acks=1\nbatch.size=2000\n");
    let props = ["bootstrap.servers=a:9092", "linger.ms=7", "acks=all"];
    let old = small(&[&["--producer.config", &config, "--producer-props"], &props[..]].concat());
    let new = small(&[&["--command-config", &config, "--command-property"], &props[..]].concat());
    let with_server = small(
        &[&["--bootstrap-server", "a:9092", "--command-config", &config, "--command-property"], &props[1..]]
            .concat(),
    );
    assert_eq!(old, new);
    assert_eq!(old, with_server);
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_another_seed_others() {
    let args = ["--print-metrics", "--set", "network.jitter=5ms", "--producer-props", "linger.ms=3"];
    assert_eq!(small(&args), small(&args));
    assert_ne!(small(&args).0, small(&[&args[..], &["--seed", "2"]].concat()).0);
}

#[test]
fn properties_win_over_files_and_files_over_the_scenario() {
    let scenario = file("perf-precedence.toml", "[producer]\nlinger.ms = 900\nclient.id = \"mine\"\n");
    let config = file("perf-precedence.properties", "linger.ms=300\n");
    // Batches that never are full: linger.ms alone says when they leave.
    let max = |args: &[&str]| final_of(&small(&[args, &["--set", "batch.size=1000000"]].concat()).0).max_ms;
    let (of_scenario, of_file) = (["--scenario", scenario.as_str()], ["--producer.config", config.as_str()]);
    let (first, second) = (max(&of_scenario), max(&[of_scenario, of_file].concat()));
    let third = max(&[&of_scenario[..], &of_file, &["--producer-props", "linger.ms=50"]].concat());
    assert!((900.0..1_000.0).contains(&first), "{first}");
    assert!((300.0..400.0).contains(&second), "{second}");
    assert!((50.0..150.0).contains(&third), "{third}");
    let set = max(&["--producer-props", "linger.ms=900", "--set", "linger.ms=50"]);
    assert!((50.0..150.0).contains(&set), "{set}");
    let servers =
        ["--bootstrap-server", "localhost:9092", "--command-property", "bootstrap.servers=nonsense"];
    small(&servers);
    assert!(refused(&[&SMALL[..], &servers[2..]].concat()).contains("nonsense"));
}

#[test]
fn metrics_are_a_table_in_order() {
    let (stdout, _) = small(&["--print-metrics"]);
    let (lines, table) = stdout.split_once("\n\n").expect("an empty line before the table");
    assert_eq!(parsed(lines).records, 2_000);
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].starts_with("Metric Name ") && rows[0].ends_with("   Value"), "{table}");
    assert!(rows[1..].is_sorted(), "{table}");
    let sent = rows.iter().find(|row| row.contains(":record-send-total:")).expect("the metric");
    assert!(
        sent.starts_with("producer-metrics:record-send-total:{client-id=perf-producer-client} "),
        "{sent}"
    );
    assert!(sent.ends_with(" : 2000.000"), "{sent}");
}

#[test]
fn a_steady_state_has_its_own_summary() {
    let (stdout, _) = small(&["--warmup-records", "500", "--reporting-interval", "400"]);
    let lines: Vec<&str> = stdout.lines().collect();
    let heading =
        "Warmup first 500 records. Steady state results will print after the complete test summary.";
    assert_eq!(lines[0], heading);
    // One window of the warm-up, then three of the other records.
    assert_eq!(lines.iter().position(|line| *line == "In steady state."), Some(2), "{stdout}");
    let [.., total, steady] = lines[..] else { panic!("{stdout}") };
    assert_eq!((parsed(total).records, parsed(steady).records), (2_000, 1_500));
    assert!(steady.starts_with("1500 steady state records sent, "), "{steady}");
    assert!((parsed(steady).records_per_sec - 1_000.0).abs() < 20.0, "{steady}");
}

#[test]
fn throttled_records_come_in_bursts() {
    let args = ["--topic", "t", "--num-records", "20000", "--record-size", "100", "--throughput", "10000"];
    let records_per_request = |more: &[&str]| {
        let (stdout, _) = tested(&[&args[..], &["--kafka", "3.9", "--print-metrics"], more].concat());
        let row = stdout
            .lines()
            .find(|row| row.contains("records-per-request-avg"))
            .expect("the metric")
            .to_owned();
        row.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a number")
    };
    let bursts = records_per_request(&[]);
    assert!((19.0..=20.5).contains(&bursts), "{bursts}");
    let even = records_per_request(&["--set", "producer.application.timer=1ns"]);
    assert!(even < 12.0, "{even}");
}

/// A broker that stands still for two seconds, and memory for few records: the application waits in `send`.
const PAUSED: &str =
    "[cluster]\nbrokers = 1\npartitions = 1\n[[fault]]\nat = \"1s\"\npause = 1\nfor = \"2s\"\n";

#[test]
fn a_stall_is_left_out_by_the_tool_and_told_by_the_footnote() {
    let scenario = file("perf-omission.toml", PAUSED);
    let args = ["--topic", "t", "--num-records", "50000", "--record-size", "100", "--throughput", "10000"];
    let props = ["--producer-props", "buffer.memory=65536", "acks=1"];
    let (stdout, stderr) = tested(&[&args[..], &["--scenario", &scenario], &props].concat());
    let called = final_of(&stdout);
    assert_eq!(called.records, 50_000);
    // Only what fits the memory waits; 20,000 records that should have been sent meanwhile are not asked.
    assert!(called.max_ms >= 1_900.0 && called.percentiles_ms[1] < 50.0, "{called:?}");
    let honest = stderr.split_once('\n').expect("a footnote").1;
    let figures: Vec<f64> = honest
        .split([',', '\n'])
        .filter(|part| part.contains(" ms "))
        .map(|part| part.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number"))
        .collect();
    let [avg, max, _, p95, ..] = figures[..] else { panic!("{honest}") };
    assert!(p95 > 1_500.0 && avg > 10.0 * called.avg_ms && max >= called.max_ms, "{called:?} {honest}");
}

#[test]
fn records_that_fail_are_told_beside_the_line() {
    let scenario = file("perf-failed.toml", PAUSED);
    let props = ["delivery.timeout.ms=900", "request.timeout.ms=500", "linger.ms=0", "acks=1"];
    let args = [&["--scenario", &scenario, "--producer-props"], &props[..]].concat();
    let (stdout, stderr) = small(&args);
    let sent = final_of(&stdout).records;
    assert!(sent < 2_000, "{stdout}");
    let missing = format!("{} of 2,000 records were not acknowledged", 2_000 - sent);
    assert!(stderr.replace(',', "").contains(&missing.replace(',', "")), "{stderr}");
    assert!(stderr.contains("TimeoutException"), "{stderr}");
}

#[test]
fn unthrottled_is_as_fast_as_send_and_cluster_allow() {
    let args = ["--topic", "t", "--num-records", "200000", "--record-size", "100", "--throughput"];
    let fast = final_of(&tested(&[&args[..], &["-1"]].concat()).0).records_per_sec;
    let slow = final_of(&tested(&[&args[..], &["-1", "--send-time", "20us"]].concat()).0).records_per_sec;
    assert!((slow - 50_000.0).abs() < 1_000.0, "{slow}");
    assert!(fast > 4.0 * slow, "{fast}");
    let (stdout, stderr) = tested(&[&args[..], &["-1"]].concat());
    assert_eq!(tested(&[&args[..], &["50000000"]].concat()), (stdout, stderr.clone()));
    assert!(stderr.contains("Unthrottled"), "{stderr}");
}

#[test]
fn payloads_of_a_file_are_chosen_for_each_record() {
    let payloads = file("perf-payloads.txt", &format!("{}\n{}\n", "x".repeat(100), "y".repeat(300)));
    let args =
        ["--topic", "t", "--num-records", "20000", "--throughput", "10000", "--payload-file", &payloads];
    let (stdout, _) = tested(&args);
    assert!(stdout.contains("Reading payloads from: /") || cfg!(windows), "{stdout}");
    assert!(stdout.contains("\nNumber of records read: 2\n"), "{stdout}");
    // 200 bytes on average, at 10,000 a second.
    assert!((final_of(&stdout).mbps - 1.907).abs() < 0.03, "{stdout}");
    let (stdout, _) = tested(&[&args[..], &["--kafka", "3.1"]].concat());
    assert!(stdout.contains("\nNumber of messages read: 2\n"), "{stdout}");
    let monotonic =
        ["--topic", "t", "--num-records", "20000", "--throughput", "10000", "--payload-monotonic"];
    // 1 to 5 digits, 4.44 on average.
    assert!((final_of(&tested(&monotonic).0).mbps - 0.0423).abs() < 0.01);
}

#[test]
fn a_scenario_gives_the_cluster_and_not_the_workload() {
    let slow =
        "[workload]\ntopic = \"none\"\nrate = \"1/s\"\n[run]\nrecords = 1\n[network]\nlatency = \"40ms\"\n";
    let scenario = file("perf-cluster.toml", slow);
    let (stdout, _) = small(&["--scenario", &scenario]);
    let total = final_of(&stdout);
    assert!(total.records == 2_000 && total.percentiles_ms[0] >= 80.0, "{stdout}");
}

#[test]
fn what_cannot_be_run_is_said() {
    let without_size = ["--topic", "t", "--num-records", "10", "--throughput", "-1"];
    let with = |more: &[&str]| refused(&[&without_size[..], more].concat());
    let small = |more: &[&str]| refused(&[&SMALL[..], more].concat());
    assert!(with(&[]).contains("--record-size"), "{}", with(&[]));
    let two = with(&["--record-size", "1", "--payload-monotonic"]);
    assert!(two.contains("cannot be used with"), "{two}");
    let unknown = small(&["--producer-props", "lingr.ms=5"]);
    assert!(
        unknown.contains("--producer-props") && unknown.contains("did you mean `linger.ms`?"),
        "{unknown}"
    );
    let no_value = small(&["--command-property", "acks"]);
    assert!(no_value.contains("`--command-property` needs a key and a value"), "{no_value}");
    let both = small(&["--command-property", "acks=1", "--producer-props", "acks=1"]);
    assert!(both.contains("cannot be used with"), "{both}");
    for transaction in [
        &["--transactional-id", "x"][..],
        &["--transaction-duration-ms", "5"],
        &["--producer-props", "transactional.id=x"],
    ] {
        assert!(small(transaction).contains("transactions are not simulated yet"), "{transaction:?}");
    }
    assert!(small(&["--warmup-records", "2000"]).contains("fewer than --num-records"));
    assert!(small(&["--set", "workload.rate=5/s"]).contains("has no effect"));
    assert!(with(&["--record-size", "0"]).contains("--record-size"));
    assert!(with(&["--payload-file", "none.txt"]).contains("none.txt cannot be read"));
    let zero = ["--topic", "t", "--num-records", "10", "--record-size", "1", "--throughput", "0"];
    assert!(refused(&zero).contains("at least 0.001"));
    let topic = ["--topic", "a b", "--num-records", "10", "--record-size", "1", "--throughput", "1"];
    assert!(refused(&topic).contains("--topic"), "{}", refused(&topic));
    let scenario = file("perf-topics.toml", "[[cluster.topic]]\nname = \"testing\"\n");
    assert!(small(&["--scenario", &scenario]).contains("did you mean `testing`?"));
    let groups = file("perf-groups.toml", "[[producer]]\nacks = 1\n[[producer]]\nacks = \"all\"\n");
    assert!(small(&["--scenario", &groups]).contains("2 groups of producers"));
}

/// Commands of the documentation with what they print, both streams one after the other.
#[test]
fn the_documentation_shows_what_happens() {
    let text = fs::read_to_string("docs/perf-test.md").expect("the document");
    let mut shown = 0;
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("its end");
        let (command, expected) = block.split_once("\n\n").expect("an empty line behind the command");
        let command = command.replace("\\\n", " ");
        let args: Vec<&str> = command.split_whitespace().skip(2).collect();
        let (stdout, stderr) = tested(&args[1..]);
        assert_eq!(stdout + &stderr, expected, "{command}");
        shown += 1;
    }
    assert!(shown >= 3, "{shown} commands");
}
