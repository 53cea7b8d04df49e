//! The producer against traces of the real client: every event of every case.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lingersim::conform::{self, Codecs};
use serde_json::Value;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Replays one family; `cases` is how many there are.
fn agrees(client: &str, family: &str, cases: usize) {
    let report = conform::run(&[golden().join(client).join(format!("{family}.jsonl"))], Codecs::Recorded)
        .expect("cases");
    assert_eq!((report.passed, report.failed, report.skipped), (cases, 0, 0), "\n{}", report.text);
}

/// The families of one client with the number of cases in each; a family with another number says so in parentheses.
macro_rules! families {
    ($module:ident, $client:literal, $cases:literal: $($family:ident $(($other:literal))?)*) => {
        mod $module {
            $(
                #[test]
                fn $family() {
                    let cases = [$cases $(, $other)?];
                    super::agrees($client, stringify!($family), cases[cases.len() - 1]);
                }
            )*

            #[test]
            fn no_family_is_forgotten() {
                let mut files: Vec<String> = std::fs::read_dir(super::golden().join($client))
                    .expect("a folder")
                    .map(|entry| entry.expect("an entry").path())
                    .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
                    .collect();
                files.sort();
                assert_eq!(files, [$(stringify!($family)),*]);
            }
        }
    };
}

families! { client_4_3_0, "4.3.0", 15:
    acks backpressure basic big_records boundary compression defaults expiry fatal_errors flush_close
    fuzz(9) idempotent_faults inflight jitter leader_change linger multi_thread multi_topic new_partitions no_leader
    partitioners reorder retries sync_send
}

families! { client_3_9_1, "3.9.1", 5:
    acks backpressure basic big_records boundary compression defaults expiry fatal_errors flush_close
    fuzz(4) idempotent_faults inflight jitter leader_change linger multi_thread multi_topic new_partitions no_leader
    partitioners(12) reorder retries sync_send
}

families! { client_3_1_2, "3.1.2", 5:
    acks backpressure basic big_records boundary compression defaults expiry fatal_errors flush_close
    fuzz(5) idempotent_faults inflight jitter leader_change linger multi_thread multi_topic new_partitions no_leader
    partitioners(12) reorder retries sync_send
}

families! { client_2_3_1, "2.3.1", 5:
    acks backpressure basic big_records boundary compression defaults expiry fatal_errors flush_close
    fuzz(9) idempotent_faults inflight jitter leader_change linger multi_thread multi_topic new_partitions no_leader
    partitioners(12) reorder retries sync_send
}

/// The records' own bytes, compressed here: zlib, lz4 and zstd to the byte, snappy and old editions of zstd nearly so, with
/// every decision equal.
#[test]
fn real_codecs_make_the_clients_batches() {
    for (client, cases) in [("4.3.0", 15), ("3.9.1", 5), ("3.1.2", 5), ("2.3.1", 5)] {
        let file = golden().join(client).join("compression.jsonl");
        let report = conform::run(&[file], Codecs::Real).expect("cases");
        assert_eq!((report.passed, report.failed), (cases, 0), "\n{}", report.text);
    }
}

/// A file of its own for a test, in the folder that cargo keeps for that.
fn scratch(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance").join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for scratch files");
    fs::write(&path, text).expect("a scratch file");
    path
}

/// The lines of the first case of a family: table, script, header, events.
fn first_case(family: &str) -> Vec<String> {
    let text = fs::read_to_string(golden().join(format!("4.3.0/{family}.jsonl"))).expect("a family");
    let mut scripts = text.lines().skip(1).enumerate().filter(|(_, line)| line.starts_with("{\"name\":"));
    let (second, _) = scripts.nth(1).expect("a second case");
    text.lines().take(second + 1).map(str::to_owned).collect()
}

fn run_lines(name: &str, lines: &[String]) -> conform::Report {
    conform::run(&[scratch(name, &lines.join("\n"))], Codecs::Recorded).expect("a case")
}

#[test]
fn a_changed_field_is_shown_with_both_sides() {
    let mut lines = first_case("basic");
    let at = lines.iter().position(|line| line.starts_with("[\"request\"")).expect("a request");
    let mut row: Value = serde_json::from_str(&lines[at]).expect("a row");
    let size = row[7][0][3].as_u64().expect("a size");
    row[7][0][3] = (size + 1).into();
    lines[at] = row.to_string();

    let report = run_lines("changed.jsonl", &lines);
    assert_eq!((report.passed, report.failed), (0, 1));
    let difference = format!("`batches[0].size` is {} in the trace, {size} in the replay", size + 1);
    for part in
        [&difference, "  - trace  {\"t\":", "  + replay {\"t\":", &format!("changed.jsonl:{}:", at + 1)]
    {
        assert!(report.text.contains(part), "no `{part}` in\n{}", report.text);
    }
}

#[test]
fn every_event_counts() {
    let lines = first_case("boundary");
    assert_eq!(run_lines("whole.jsonl", &lines).passed, 1);
    for at in 3..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        let report = run_lines("without.jsonl", &without);
        assert_eq!(report.failed, 1, "nobody misses line {}: {}", at + 1, lines[at]);
    }
}

#[test]
fn every_metric_counts() {
    let lines = first_case("boundary");
    let end: Value = serde_json::from_str(lines.last().expect("an end")).expect("an event");
    for (name, value) in end["metrics"].as_object().expect("metrics") {
        let mut changed = end.clone();
        changed["metrics"][name] = value.as_f64().map_or(0.0, |value| value + 1.0).into();
        let mut lines = lines.clone();
        *lines.last_mut().expect("an end") = changed.to_string();
        let report = run_lines("metric.jsonl", &lines);
        assert!(report.text.contains(&format!("`metrics.{name}` is ")), "{name}:\n{}", report.text);
    }
}

#[test]
fn an_event_too_many_is_found_at_the_end() {
    let mut lines = first_case("boundary");
    lines.push("[\"flush_begin\",9,0]".to_owned());
    let report = run_lines("longer.jsonl", &lines);
    assert!(report.text.contains("  + replay nothing more"), "{}", report.text);
}

#[test]
fn folders_are_searched_in_the_order_of_their_names() {
    for (name, family) in
        [("searched/d/z.jsonl", "boundary"), ("searched/e.jsonl", "linger"), ("searched/b.jsonl", "basic")]
    {
        scratch(name, &first_case(family).join("\n"));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance/searched");
    let report = conform::run(&[folder], Codecs::Recorded).expect("cases");
    let families: Vec<&str> =
        report.text.lines().take(3).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!((report.passed, families), (3, vec!["basic", "boundary", "linger"]));
}

#[test]
fn transactions_are_skipped_and_counted() {
    let mut lines = first_case("boundary");
    lines[1] = lines[1].replace("\"config\":{", "\"config\":{\"transactional.id\":\"t\",");
    let report = run_lines("transactions.jsonl", &lines);
    assert_eq!((report.passed, report.failed, report.skipped), (0, 0, 1), "{}", report.text);
}

#[test]
fn a_difference_ends_the_command_with_code_1() {
    let mut lines = first_case("boundary");
    let conform = |path: &Path| {
        Command::new(env!("CARGO_BIN_EXE_lingersim")).arg("conform").arg(path).output().expect("the program")
    };
    let agreed = conform(&scratch("agreed.jsonl", &lines.join("\n")));
    assert_eq!(agreed.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&agreed.stdout).starts_with("4.3.0 boundary"));
    lines.remove(4);
    assert_eq!(conform(&scratch("differs.jsonl", &lines.join("\n"))).status.code(), Some(1));
}

/// A script that is right, to be broken.
const SCRIPT: &str = r#"{"name":"x","family":"f","client":"4.3.0","config":{"linger.ms":"0"},"cluster":{"nodes":[1],
    "topics":[{"name":"a","partitions":[1]}]},"threads":[[{"at":0,"send":{"topic":"a","value_len":3}}]]}"#;

const HEADER: &str = r#"{"ev":"header","format":1,"partitioner_random":[[1]]}"#;

#[test]
fn broken_scripts_are_named_and_explained() {
    for (from, to, problem) in [
        (r#""name":"x","#, "", "missing field `name`"),
        (r#""4.3.0""#, r#""0.8""#, "`client` is \"0.8\"; known are"),
        (r#""nodes":[1]"#, r#""nodes":[]"#, "`cluster.nodes` is empty"),
        (r#""nodes":[1]"#, r#""nodes":[1,1]"#, "`cluster.nodes` has 1"),
        (r#""partitions":[1]"#, r#""partitions":[2]"#, "node 2 is not in `cluster.nodes`"),
        (r#""partitions":[1]"#, r#""partitions":1"#, "invalid type"),
        (r#""linger.ms":"0""#, r#""linger.ms":0"#, "`config` key `linger.ms` is 0; values are strings"),
        (r#""linger.ms":"0""#, r#""linger.ms":"soon""#, "linger.ms"),
        (r#""at":0,"#, r#""at":0,"n":99999999999,"#, "sends 99999999999 records; at most"),
        (r#""at":0,"#, r#""at":-1,"#, "invalid value"),
        (r#""at":0,"#, r#""at":99999999999999,"#, "`at` is 99999999999999; times go up to"),
        (r#""value_len":3"#, r#""value_len":"3""#, "expected a value of the right type or a list"),
        (r#""value_len":3"#, r#""value_len":[]"#, "`value_len` is an empty list"),
        (
            r#""threads":[["#,
            r#""faults":[{"request":1}],"threads":[["#,
            "the fault of request 1 does nothing",
        ),
        (
            r#""threads":[["#,
            r#""faults":[{"request":1,"error":"OOPS"}],"threads":[["#,
            "\"OOPS\" is not the name of a Kafka error",
        ),
        (
            r#""threads":[["#,
            r#""faults":[{"request":1,"error":"NOT_COORDINATOR","partitions":["b-0"]}],"threads":[["#,
            "\"b-0\" is not a partition",
        ),
        (r#""threads":[["#, r#""latncy":{},"threads":[["#, "unknown field `latncy`"),
        (r#""threads":[["#, r#""events":[{"at":1}],"threads":[["#, "the event at 1 has one of"),
        (r#""threads":[["#, r#""latency":{"produce":1},"threads":[["#, "unknown field `produce`"),
    ] {
        let broken = SCRIPT.replacen(from, to, 1);
        assert_ne!(broken, SCRIPT, "{from}");
        scratch("broken.trace.jsonl", HEADER);
        let error = conform::run(&[scratch("broken.script.json", &broken)], Codecs::Recorded).expect_err(to);
        assert!(error.contains("broken.script.json: ") && error.contains(problem), "{problem}: {error}");
    }
}

#[test]
fn broken_traces_are_named_with_their_line() {
    for (trace, problem) in [
        ("", "trace.jsonl: the trace of"),
        ("{", "trace.jsonl:1: not a JSON value"),
        ("{}", "trace.jsonl:1: expected the header"),
        (r#"{"ev":"header","format":1}"#, "trace.jsonl:1: missing field `partitioner_random`"),
        (r#"{"ev":"header","format":2,"partitioner_random":[[]]}"#, "trace.jsonl:1: `format` is 2"),
        (r#"{"ev":"header","format":1,"partitioner_random":[]}"#, "trace.jsonl:1: draws of 0 threads"),
        (
            "{\"ev\":\"header\",\"format\":1,\"partitioner_random\":[[]]}\n\u{1}",
            "trace.jsonl:2: not a JSON value",
        ),
    ] {
        let trace_path = scratch("spoilt.trace.jsonl", trace);
        scratch("spoilt.script.json", SCRIPT);
        let error = conform::run(&[trace_path], Codecs::Recorded).expect_err(trace);
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn what_is_no_case_is_refused() {
    for (path, problem) in [
        (PathBuf::from("/no/such/folder"), "/no/such/folder: "),
        (golden().join("README.md"), "no case; expected"),
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("src/values"), "no cases here"),
        (scratch("lonely.script.json", SCRIPT), "lonely.trace.jsonl: "),
        (scratch("long.jsonl", &"[".repeat(5 << 20)), "larger than the 4194304 bytes of a case file"),
        (
            scratch("deep.jsonl", &"[".repeat(1 << 20)),
            "deep.jsonl:1: not a JSON value: recursion limit exceeded",
        ),
    ] {
        let error = conform::run(&[path], Codecs::Recorded).expect_err("no case");
        assert!(error.contains(problem), "{error}");
    }
}
