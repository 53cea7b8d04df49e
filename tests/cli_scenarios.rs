//! Scenario files: what they say is what is run, however they say it.

use std::fs;
use std::path::{Path, PathBuf};

use lingersim::protocol::message::Acks;
use lingersim::scenario::fault::{FaultKind, Target};
use lingersim::scenario::load::{Loaded, Overrides, from_arguments, from_file};
use lingersim::scenario::{ApplicationSleep, SendMode};
use lingersim::values::ids::{NodeId, TopicId};
use lingersim::values::time::{Span, Time};
use lingersim::workload::spec::{Arrivals, KeyForm, Keys, Pace, Sizes, Source};
use proptest::prelude::*;

fn temporary(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a temporary file");
    path
}

fn load_with(name: &str, text: &str, set: &[&str]) -> Result<Loaded, String> {
    let set = set.iter().map(|&argument| argument.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    from_file(&temporary(name, text), &overrides).map_err(|error| error.to_string())
}

fn load(name: &str, text: &str) -> Loaded {
    load_with(name, text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// Value and origin of an effective setting.
fn setting<'a>(loaded: &'a Loaded, name: &str) -> (&'a str, &'a str) {
    let found = loaded.settings.iter().find(|setting| setting.name == name);
    let found = found.unwrap_or_else(|| panic!("no setting {name} in {:#?}", loaded.settings));
    (&found.value, &found.origin)
}

fn bundled() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = [root.clone(), root.join("bench")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder of scenarios"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_bundled_scenario_is_right() {
    let files = bundled();
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        if let Err(error) = from_file(&file, &Overrides::default()) {
            panic!("{error}");
        }
    }
}

#[test]
fn a_scenario_that_says_one_thing_has_defaults_for_the_rest() {
    let loaded = load("minimal.toml", "[workload]\nrate = \"5/s\"\n");
    let scenario = &loaded.scenario;
    assert_eq!((scenario.name.as_str(), scenario.seed), ("minimal", 1));
    assert_eq!(scenario.end.at, Some(Time::from_millis(10_000)));
    assert_eq!(scenario.cluster.brokers.len(), 3);
    assert_eq!(scenario.cluster.topics[0].assignment[4], [NodeId(2), NodeId(3), NodeId(1)]);
    assert_eq!(setting(&loaded, "run.duration"), ("10s", "default"));
    let (rate, origin) = setting(&loaded, "workload.rate");
    assert_eq!(rate, "5/s");
    assert!(origin.ends_with("minimal.toml:2"), "{origin}");
}

#[test]
fn an_empty_list_of_topics_is_none() {
    let scenario = load("no-topics.toml", "[cluster]\ntopic = []\n").scenario;
    let names: Vec<&str> = scenario.cluster.topics.iter().map(|topic| topic.name.as_str()).collect();
    assert_eq!(names, ["events"]);
}

const FULL: &str = r#"
title = "Everything"
seed = 18446744073709551615
kafka.version = "3.9"
run = { duration = "1.5s", records = 1_000_000, close-timeout = "30s" }

[cluster]
brokers = 2
num.io.threads = 4
"replica.lag.time.max.ms" = 2000
service-per-byte = "0.5ns/B"

[[cluster.broker]]
id = 2
broker.rack = "b"
slowdown = 2.5

[[cluster.topic]]
name = "events"
partitions = 3
replication = 2
min.insync.replicas = 2

[[cluster.topic]]
name = "audit"
max.message.bytes = 1000

[network]
latency = "250us"
jitter = "10us"
bandwidth = "1Gbit/s"
connect = "2ms"

[workload]
arrivals = "on-off"
rate = "1000/s"
on-for = "100ms"
off-for = "0.9s"
value = { dist = "empirical", sizes = ["100B", "1KiB"], weights = [9, 1] }
keys = { dist = "zipf", count = 1000, exponent = 0.99, form = "big-endian" }
topics = { audit = 1, events = 3 }
headers = [{ name = "8B", value = "36B" }, { name = "2B" }]

[[producer]]
count = 2
threads = 3
send-mode = "sync"
flush-every = 10
linger.ms = 7
[producer.application]
timer = "65us"
timer-jitter = "25us"
stall-every = "1s"
stall = "20ms"
[producer.sender]
wake = "5us"

[[producer]]
acks = 1
[producer.workload]
arrivals = "closed"
think = "1ms"
topic = "events"
partition = 2

[[fault]]
at = "2s"
restart = 1
[[fault]]
at = "1s"
crash = 1
"#;

#[test]
fn everything_a_scenario_says_is_run() {
    let scenario = load("full.toml", FULL).scenario;
    assert_eq!((scenario.title.as_str(), scenario.seed), ("Everything", u64::MAX));
    assert_eq!(scenario.end.at, Some(Time::from_millis(1_500)));
    assert_eq!(
        (scenario.end.records, scenario.end.close_timeout),
        (Some(1_000_000), Some(Span::from_secs(30)))
    );

    let cluster = &scenario.cluster;
    assert_eq!(cluster.brokers[0].service_ps_per_byte, 500);
    assert_eq!(cluster.brokers[1].service_ps_per_byte, 1_250);
    assert_eq!((cluster.brokers[1].rack.as_deref(), cluster.brokers[1].io_threads), (Some("b"), 4));
    assert_eq!(cluster.replication.replica_lag_time_max, Span::from_secs(2));
    let topics: Vec<(&str, usize, u32, u32)> = cluster
        .topics
        .iter()
        .map(|t| (t.name.as_str(), t.assignment.len(), t.min_insync_replicas, t.max_message_bytes))
        .collect();
    assert_eq!(topics, [("events", 3, 2, 1_048_588), ("audit", 6, 1, 1_000)]);
    let faults: Vec<&FaultKind> = scenario.faults.iter().map(|fault| &fault.kind).collect();
    let crash = FaultKind::Crash { broker: Target::Broker(NodeId(1)), loses_unflushed: false };
    assert_eq!(faults, [&crash, &FaultKind::Restart(NodeId(1))]);

    let network = &scenario.network;
    assert_eq!((network.latency, network.jitter), (Span::from_micros(250), Span::from_micros(10)));
    assert_eq!((network.bits_per_second, network.connect), (1_000_000_000, Span::from_millis(2)));

    let [first, second] = &scenario.producers[..] else { panic!("{:?}", scenario.producers) };
    assert_eq!((first.count, first.threads, first.flush_every_records), (2, 3, 10));
    assert_eq!((first.send_mode, first.sender.wake), (SendMode::Synchronous, Span::from_micros(5)));
    let sleep = ApplicationSleep {
        timer: Span::from_micros(65),
        timer_jitter: Span::from_micros(25),
        stall_every: Span::from_secs(1),
        stall: Span::from_millis(20),
    };
    assert_eq!((first.application, second.application), (sleep, ApplicationSleep::default()));
    assert_eq!((first.config.linger_ms, second.config.linger_ms), (7, 0));
    assert_eq!((first.config.acks, second.config.acks), (Acks::All, Acks::Leader));
    let Source::Synthetic(work) = &first.source else { panic!("{:?}", first.source) };
    let on_off = Arrivals::OnOff {
        on_per_1000_s: 1_000_000,
        off_per_1000_s: 0,
        on_for: Span::from_millis(100),
        off_for: Span::from_millis(900),
    };
    assert_eq!(work.pace, Pace::Open(on_off));
    assert_eq!(work.value_bytes, Sizes::Empirical(vec![(100, 9), (1_024, 1)]));
    assert_eq!(work.keys, Keys::Zipf { count: 1_000, exponent_permille: 990, form: KeyForm::BigEndian8 });
    assert_eq!(work.topics, [(TopicId(1), 1), (TopicId(0), 3)]);
    assert_eq!(work.headers, [(8, Some(36)), (2, None)]);
    let Source::Synthetic(work) = &second.source else { panic!("{:?}", second.source) };
    assert_eq!((&work.pace, work.partition), (&Pace::Closed { think: Span::from_millis(1) }, Some(2)));
    assert_eq!(work.topics, [(TopicId(0), 1)]);
}

#[test]
fn kafka_keys_may_be_bare_quoted_in_a_block_or_in_a_file() {
    temporary("spelling.properties", "# a comment\nlinger.ms = 7\nbatch.size: 1000\n");
    for (name, text) in [
        ("bare.toml", "[producer]\nlinger.ms = 7\nbatch.size = 1000\n"),
        ("quoted.toml", "[producer]\n\"linger.ms\" = \"7\"\n'batch.size' = 1_000\n"),
        ("dotted.toml", "producer.linger.ms = 7\nproducer.batch.size = 1000\n"),
        ("table.toml", "[producer.linger]\nms = 7\n[producer.batch]\nsize = 1000\n"),
        ("block.toml", "[producer]\nproperties = \"\"\"\nlinger.ms=7\nbatch.size=1000\n\"\"\"\n"),
        ("file.toml", "[producer]\nproperties-file = \"spelling.properties\"\n"),
    ] {
        let loaded = load(name, text);
        let config = &loaded.scenario.producers[0].config;
        assert_eq!((config.linger_ms, config.batch_size), (7, 1_000), "{name}");
        assert_eq!(setting(&loaded, "producer.linger.ms").0, "7", "{name}");
    }
}

#[test]
fn the_command_line_wins_over_the_file() {
    let text = "[network]\nlatency = \"1ms\"\n[[producer]]\n\"linger.ms\" = 7\n[[producer]]\n";
    let set = ["linger.ms=50", "network.latency=2ms", "producer.batch.size=1000", "producer.count=4"];
    let set = [&set[..], &["workload.keys.dist=uniform", "workload.keys.count=9", "title=Another"]].concat();
    let loaded = load_with("set.toml", text, &set).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.scenario.network.latency, Span::from_millis(2));
    assert_eq!(loaded.scenario.title, "Another");
    for group in &loaded.scenario.producers {
        assert_eq!((group.config.linger_ms, group.config.batch_size, group.count), (50, 1_000, 4));
    }
    assert_eq!(setting(&loaded, "network.latency"), ("2ms", "--set"));
    assert_eq!(setting(&loaded, "producer[1].linger.ms"), ("50", "--set"));
}

#[test]
fn a_dotted_path_replaces_a_quoted_key() {
    let text = "[cluster]\n\"num.io.threads\" = 2\n";
    let loaded = load_with("quoted-path.toml", text, &["cluster.num.io.threads=5"]).expect("a scenario");
    assert_eq!(loaded.scenario.cluster.brokers[0].io_threads, 5);
}

#[test]
fn properties_and_a_trace_make_a_scenario() {
    let properties = temporary("run.properties", "linger.ms=50\n");
    let trace = temporary("run.csv", "t_us,topic,key,value_len,partition\n0,b,k,10,\n5,a,k,10,\n");
    let flag = |flag, path, value: &Path| (flag, path, value.display().to_string());
    let flags = vec![
        flag("--properties", "producer.properties-file", &properties),
        flag("--trace", "workload.trace", &trace),
        ("--brokers", "cluster.brokers", "1".to_owned()),
        ("--no-keys", "workload.keys", "none".to_owned()),
    ];
    let loaded =
        from_arguments("command line", &Overrides { flags, ..Overrides::default() }).expect("a scenario");
    let scenario = &loaded.scenario;
    assert_eq!(scenario.producers[0].config.linger_ms, 50);
    let Source::Trace(source) = &scenario.producers[0].source else { panic!("{scenario:?}") };
    assert_eq!((&source.path, source.ignore_keys), (&trace, true));
    assert_eq!(source.topics, ["b", "a"]);
    assert_eq!((scenario.end.at, scenario.end.records), (None, None));
    assert_eq!(scenario.cluster.topics[0].assignment[0], [NodeId(1)]);
    assert_eq!(setting(&loaded, "cluster.brokers"), ("1", "--brokers"));
}

#[test]
fn problems_are_found_all_at_once() {
    let text = "[network]\nlatency = 5\n[cluster]\nbrokers = 0\n[workload]\nrate = \"5\"\n";
    let error = load_with("problems.toml", text, &["run.duration=x"]).expect_err("no scenario");
    for line in ["problems.toml:2:11", "problems.toml:4:11", "problems.toml:6:8", "--> --set", "4 problems"] {
        assert!(error.contains(line), "{line} is not in\n{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cutting, doubling and exchanging pieces of a right scenario gives an answer, never a panic.
    #[test]
    fn no_mutilated_scenario_panics(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..20, "\\PC{0,4}"), 1..6),
    ) {
        let mut text = FULL.to_owned();
        for (at, length, put) in cuts {
            let start = at.index(text.chars().count() + 1);
            let kept = text.chars().take(start).chain(put.chars()).chain(text.chars().skip(start + length));
            text = kept.collect();
        }
        if let Err(error) = load_with("mutilated.toml", &text, &[]) {
            prop_assert!(error.starts_with("error: "), "{error}");
        }
    }
}

#[test]
fn recorded_responses_belong_to_their_brokers() {
    temporary(
        "responses.csv",
        "partition,node,sent_us,received_us\n4,2,1500,1900\n5,2,1500,1900\n0,2,90,100\n",
    );
    let text = "[cluster]\nbrokers = 2\nresponses = \"responses.csv\"\n[network]\nlatency = \"5ms\"\njitter = \"1ms\"\n";
    let scenario = load("responses.toml", text).scenario;
    let [first, second] = &scenario.cluster.brokers[..] else { panic!("{:?}", scenario.cluster.brokers) };
    assert_eq!(first.recorded, None);
    let recorded = second.recorded.as_ref().expect("broker 2 was recorded");
    let took = [0, 1_499_999, 1_500_000].map(|sent| recorded.of_request(Time(sent)));
    assert_eq!(took, [10, 10, 400].map(Span::from_micros));
    // The way there and back is in the recorded times.
    assert_eq!((scenario.network.latency, scenario.network.jitter), (Span::ZERO, Span::ZERO));
}

#[test]
fn broken_responses_are_refused_at_their_place() {
    let cases = [
        ("", "the file is empty"),
        ("node,sent_us,received_us\n", "has a header but no rows"),
        ("node,sent_us\n1,5\n", ":1: the header has no column `received_us`"),
        ("node,sent_us,received_us\n1,5\n", ":2: the row has 2 fields"),
        (
            "node,sent_us,received_us\n1,5,6\n4,5,6\n",
            ":3: column `node`: there is no broker 4: expected 1 to 3",
        ),
        ("node,sent_us,received_us\n0,5,6\n", ":2: column `node`: there is no broker 0"),
        ("node,sent_us,received_us\n1,5ms,6\n", ":2: column `sent_us`: \"5ms\" is wrong"),
        (
            "node,sent_us,received_us\n1,50,6\n",
            ":2: column `received_us`: 6 is before `sent_us`, which is 50",
        ),
        (
            "node,sent_us,received_us\n1,5,99999999999999999\n",
            ":2: column `received_us`: \"99999999999999999\"",
        ),
    ];
    for (text, expected) in cases {
        temporary("broken-responses.csv", text);
        let scenario = "[cluster]\nresponses = \"broken-responses.csv\"\n";
        let error = load_with("broken-responses.toml", scenario, &[]).expect_err(text);
        assert!(error.contains("`cluster.responses` cannot be used") && error.contains(expected), "{error}");
        assert!(error.contains("broken-responses.toml:2"), "{error}");
    }
    let missing = load_with("no-responses.toml", "[cluster]\nresponses = \"none.csv\"\n", &[]);
    assert!(missing.expect_err("a missing file").contains("cannot be opened"));
}

#[test]
fn a_sender_that_is_always_held_is_refused() {
    let error = load_with("held.toml", "[producer.sender]\nheld = \"100%\"\n", &[]).expect_err("never runs");
    assert!(error.contains("`producer.sender.held` is 100%") && error.contains("less than 100%"), "{error}");
}

#[test]
fn a_stall_needs_its_length_and_how_often_it_comes() {
    for (key, text) in [("stall", "stall = \"20ms\""), ("stall-every", "stall-every = \"1s\"")] {
        let error =
            load_with("stall.toml", &format!("[producer.application]\n{text}\n"), &[]).expect_err(key);
        assert!(error.contains(&format!("`producer.application.{key}` has no effect alone")), "{error}");
    }
}
