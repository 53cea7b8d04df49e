//! `lingersim explain` and `lingersim report`: answers add up, ids stay, and a run can be asked about again.

#[path = "support/terminal.rs"]
mod terminal;

use serde_json::Value;
use terminal::{Terminal, told};

const SCENARIO: &str = r#"
title = "A few records, and a broker that goes"
seed = 3
[cluster]
brokers = 3
partitions = 3
replication = 3
min.insync.replicas = 2
[producer]
linger.ms = 5
retries = 5
[workload]
rate = "2000/s"
keys = { count = 50, prefix = "user-" }
[run]
records = 4000
[[fault]]
at = "700ms"
crash = 2
for = "500ms"
"#;

fn json(terminal: &Terminal, arguments: &str) -> Value {
    let output = terminal.sh(&format!("lingersim explain {arguments} --format json -q"), &[]);
    let text = told(&output);
    assert!(output.status.success(), "{arguments}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error}: {text}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a number: {value}"))
}

fn with_scenario(name: &str) -> Terminal {
    let terminal = Terminal::new(name);
    terminal.write("s.toml", SCENARIO);
    terminal
}

#[test]
fn median_and_slowest_are_cut_into_stages_that_add_up() {
    let terminal = with_scenario("explain-stages");
    let summary = &json(&terminal, "s.toml")["summary"];
    let all = summary["decompositions"].as_array().expect("three of them");
    let names: Vec<&str> = all.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["p50", "p99", "slowest"]);
    for one in all {
        let stages = one["stages_ns"].as_object().expect("stages");
        let sum: u64 = stages.values().map(number).sum();
        assert_eq!(sum, number(&one["total_ns"]), "{one}");
        // It is a record of the run, whose own answer says the same.
        let answer = json(&terminal, &format!("s.toml --record {} --no-what-if", one["record"]));
        assert_eq!(answer["explanations"][0]["total_ns"], one["total_ns"]);
    }
    assert!(number(&all[1]["total_ns"]) > number(&all[0]["total_ns"]));
    // What left is what the run says that left.
    let output = terminal.sh("lingersim run s.toml --format json -q", &[]);
    let run: Value = serde_json::from_str(&told(&output)).expect("a report");
    let rows = summary["left"].as_array().expect("rows");
    for reason in ["full", "linger", "close", "piggyback"] {
        let of_reason = rows.iter().filter(|row| row["reason"] == reason);
        let told: u64 = of_reason.map(|row| number(&row["batches"])).sum();
        assert_eq!(told, number(&run["reasons"][reason]), "{reason}");
    }
}

#[test]
fn legs_follow_each_other_and_the_same_ids_are_told_to_everybody() {
    let terminal = with_scenario("explain-legs");
    for question in ["--batch 1", "--batch 100", "--record 777", "--record key=user-7", "--worst 3"] {
        let engineer = json(&terminal, &format!("s.toml {question} --no-what-if"));
        let student = json(&terminal, &format!("s.toml {question} --no-what-if --audience student"));
        let pairs = engineer["explanations"].as_array().expect("answers").iter();
        for (one, other) in pairs.zip(student["explanations"].as_array().expect("answers")) {
            let legs = one["legs"].as_array().expect("legs");
            for pair in legs.windows(2) {
                assert_eq!(pair[0]["to_ns"], pair[1]["from_ns"], "{question}");
            }
            let ids = |answer: &Value, list: &str| -> Vec<String> {
                let sentences = answer[list].as_array().expect("sentences");
                sentences.iter().map(|said| said["id"].to_string()).collect()
            };
            assert_eq!(ids(one, "why"), ids(other, "why"));
            assert_eq!(ids(one, "story"), ids(other, "story"));
            assert_ne!(one["why"], other["why"], "{question}: the words are others");
            assert!(one["story"].as_array().is_some_and(|story| story.len() > 3));
        }
    }
    let moment = json(&terminal, "s.toml --at 900ms");
    let story = moment["explanations"][0]["story"].as_array().expect("steps");
    assert!(story.iter().all(|said| number(&said["at_ns"]) <= 900_000_000), "{moment}");
}

#[test]
fn what_if_is_what_a_second_run_shows() {
    let terminal = with_scenario("explain-what-if");
    let sent = |arguments: &str| {
        let answer = json(&terminal, &format!("{arguments} --no-what-if"));
        let story = answer["explanations"][0]["story"].as_array().expect("steps").clone();
        let first = story.iter().find(|said| said["id"].as_str().is_some_and(|id| id.starts_with("sent.")));
        number(&first.expect("it left")["at_ns"])
    };
    let answer = json(&terminal, "s.toml --batch 60");
    let story = &answer["explanations"][0];
    let record = &story["record"];
    let what_if = story["what_if"].as_array().expect("second runs");
    assert!(!what_if.is_empty());
    let text = what_if[0]["text"].as_str().expect("a sentence");
    let (with, at_once) =
        (sent("s.toml --batch 60"), sent(&format!("s.toml --set linger.ms=0 --record {record}")));
    let difference = text.split("would have left ").nth(1).expect("a difference").split(" ms ").next();
    let difference: f64 = difference.and_then(|ms| ms.parse().ok()).unwrap_or_else(|| panic!("{text}"));
    assert!(text.starts_with("With linger.ms=0") && text.contains("earlier"), "{text}");
    assert_eq!(with - at_once, (difference * 1e6).round() as u64, "{text}");
}

#[test]
fn a_run_that_was_written_can_be_asked_about_until_its_scenario_changes() {
    let terminal = with_scenario("explain-run");
    assert!(terminal.sh("lingersim run s.toml --set linger.ms=7 --out results -q", &[]).status.success());
    let of_run = json(&terminal, "results --batch 9 --no-what-if");
    let of_scenario = json(&terminal, "s.toml --set linger.ms=7 --batch 9 --no-what-if");
    assert_eq!(of_run["explanations"][0]["story"], of_scenario["explanations"][0]["story"]);
    assert!(terminal.sh("lingersim report results --html page.html -q", &[]).status.success());
    terminal.write("s.toml", &SCENARIO.replace("rate = \"2000/s\"", "rate = \"2100/s\""));
    let output = terminal.sh("lingersim explain results", &[]);
    let text = told(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("had digest") && text.contains("= help: its scenario, or the model, has changed"),
        "{text}"
    );
}

#[test]
fn questions_about_what_is_not_there_say_what_is() {
    let terminal = with_scenario("explain-errors");
    terminal.write("broken/command.json", "{}");
    for (arguments, expected) in [
        ("s.toml --batch 99999999", "the run has batches 1 to "),
        ("s.toml --record 99999999", "records 1 to 4,000"),
        ("s.toml --record key=nobody", "error: record key=nobody is not in the run"),
        ("s.toml --record some", "= help: its number, --record 17, or its key"),
        ("broken", "broken/command.json: "),
        ("nothing.toml", "nothing.toml"),
        ("s.toml --at soon", "soon"),
    ] {
        let output = terminal.sh(&format!("lingersim explain {arguments} -q"), &[]);
        let text = told(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {text}");
        assert!(text.contains(expected), "{arguments}: {text}");
    }
}

#[test]
fn pages_are_the_same_every_time_keep_their_size_and_leave_nothing_half_written() {
    let terminal = with_scenario("explain-pages");
    for folder in ["one", "two"] {
        terminal.write(&format!("{folder}/s.toml"), SCENARIO);
        let command = format!("cd {folder} && lingersim report s.toml --html page.html -q");
        assert!(terminal.sh(&command, &[]).status.success());
    }
    let read = |name: &str| told(&terminal.sh(&format!("cat {name}.html"), &[]));
    assert!(read("one/page") == read("two/page"), "two pages of one run");
    // Nothing in it is an address, but for the name of the language of drawings.
    let addresses = read("one/page").matches("://").count();
    assert_eq!(addresses, read("one/page").matches("http://www.w3.org/2000/svg").count());
    let small = terminal
        .sh("lingersim report s.toml --set run.records=20000 --html small.html --report-max 300KiB", &[]);
    assert!(small.status.success());
    assert!(read("small").len() <= 300 * 1024, "{}", read("small").len());
    assert!(told(&small).contains(" happenings are in it; the page states the rule"), "{}", told(&small));
    assert!(read("small").contains("Every happening is kept as long as there is room"));
    let tiny = terminal.sh("lingersim report s.toml --html tiny.html --report-max 10KiB", &[]);
    assert_eq!(tiny.status.code(), Some(2));
    assert!(!terminal.sh("test -e tiny.html", &[]).status.success());
    let nowhere = terminal.sh("lingersim report s.toml --html no/such/folder/page.html", &[]);
    assert_eq!(nowhere.status.code(), Some(5));
    let hostile = SCENARIO.replace("A few records", "</script><img src=x onerror=alert(1)>");
    terminal.write("hostile.toml", &hostile);
    assert!(terminal.sh("lingersim report hostile.toml --html hostile.html -q", &[]).status.success());
    assert!(!read("hostile").contains("<img src=x"));
}

/// Records that are due at the same time are told apart, so the right one is found in the second run.
#[test]
fn what_if_finds_its_record_among_others_of_the_same_time() {
    let terminal = with_scenario("explain-burst");
    terminal.write("burst.csv", "t_us,value_len,partition\n1000,400,0\n1000,400,1\n1000,400,2\n30000,400,0\n30000,400,1\n30000,400,2\n");
    terminal.write("b.toml", "[cluster]\nbrokers = 1\npartitions = 3\nreplication = 1\n[producer]\nlinger.ms = 5\n[workload]\ntrace = \"burst.csv\"\n");
    let sent = |arguments: &str, record: &Value| {
        let answer = json(&terminal, &format!("{arguments} --record {record} --no-what-if"));
        let story = answer["explanations"][0]["story"].as_array().expect("steps").clone();
        let first = story.iter().find(|said| said["id"].as_str().is_some_and(|id| id.starts_with("sent.")));
        number(&first.expect("it left")["at_ns"])
    };
    let mut later = 0;
    for batch in 1..=6 {
        let answer = json(&terminal, &format!("b.toml --batch {batch}"));
        let (one, record) = (&answer["explanations"][0], &answer["explanations"][0]["record"]);
        for said in one["what_if"].as_array().expect("second runs") {
            let text = said["text"].as_str().expect("a sentence");
            if !text.starts_with("With linger.ms=10") {
                continue;
            }
            let (before, after) = (sent("b.toml", record), sent("b.toml --set linger.ms=10", record));
            assert_eq!(text.contains(" later"), after > before, "batch {batch}: {text}: {before} {after}");
            assert_eq!(text.contains("at the same time"), after == before, "batch {batch}: {text}");
            later += u32::from(after > before);
        }
    }
    assert!(later > 0, "some would have waited longer");
}

/// An application that names its folder, and asks from elsewhere.
#[test]
fn a_run_can_be_asked_about_from_elsewhere() {
    let terminal = with_scenario("explain-elsewhere");
    assert!(terminal.sh("lingersim run s.toml --out results -q", &[]).status.success());
    let output = terminal.sh("mkdir -p other && cd other && lingersim explain ../results -q", &[]);
    assert!(output.status.success(), "{}", told(&output));
}

/// A batch that waits much longer than the sender sleeps has something in its way, and an answer names it.
#[test]
fn what_stood_in_the_way_is_named() {
    let terminal = with_scenario("explain-obstacles");
    for (setting, obstacle) in [
        ("max.in.flight.requests.per.connection=1", "muted"),
        ("max.in.flight.requests.per.connection=2", "in-flight"),
    ] {
        let mut named = 0;
        for batch in 4..14 {
            let far = format!("s.toml --set network.latency=20ms --set {setting} --set run.records=1200");
            let answer = json(&terminal, &format!("{far} --batch {batch} --no-what-if"));
            let one = &answer["explanations"][0];
            let ready = one["legs"].as_array().expect("legs").iter().find(|leg| leg["stage"] == "ready");
            let waited = ready.map_or(0, |leg| number(&leg["to_ns"]) - number(&leg["from_ns"]));
            let why: Vec<&Value> = one["why"].as_array().expect("sentences").iter().collect();
            let blames_the_thread = why.iter().any(|said| said["id"] == "why.wakeup");
            assert!(!blames_the_thread || waited <= 2_000_000, "batch {batch}: {waited} ns: {why:?}");
            named += usize::from(why.iter().any(|said| {
                said["id"] == "why.held" && said["text"].as_str().is_some_and(|text| text.contains(obstacle))
            }));
        }
        assert!(named > 0, "{setting}: nothing is held back by {obstacle}");
    }
}
