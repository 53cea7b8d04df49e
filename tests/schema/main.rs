//! The JSON Schema of scenarios: it takes what the loader takes, and refuses wrong names and types as the loader does.

mod json_schema;

use std::fs;
use std::path::{Path, PathBuf};

use lingersim::experiment::swarm::drawn;
use lingersim::report::schema;
use serde_json::{Value, json};

use json_schema::{Validator, of_toml};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All TOML files of a folder and those below it, sorted.
fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(toml_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml")
            && !path.to_string_lossy().ends_with(".ko.toml")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `None`: it is not TOML.
fn read(path: &Path) -> Option<Value> {
    Some(of_toml(toml::from_str(&fs::read_to_string(path).ok()?).ok()?))
}

/// What is wrong with a scenario.
fn problem(text: &str) -> Option<String> {
    let schema = schema::schema();
    let scenario = of_toml(toml::from_str(text).expect("TOML"));
    Validator::new(&schema).problem(&scenario)
}

#[test]
fn every_scenario_is_right() {
    let schema = schema::schema();
    let validator = Validator::new(&schema);
    let files = toml_files(&root().join("scenarios"));
    assert!(files.len() >= 40, "only {} scenarios", files.len());
    for file in files {
        let scenario = read(&file).unwrap_or_else(|| panic!("{} is no TOML", file.display()));
        assert_eq!(validator.problem(&scenario), None, "{}", file.display());
    }
}

#[test]
fn every_scenario_of_a_swarm_is_right() {
    let schema = schema::schema();
    let validator = Validator::new(&schema);
    for seed in 1..=300 {
        assert_eq!(validator.problem(&of_toml(drawn(seed))), None, "seed {seed}");
    }
}

/// What is wrong only if one looks at two values, at other files or at sums, or is in a text of another language or in a template.
/// Beside these, there are the contradictions.
const BEYOND_A_SCHEMA: [&str; 28] = [
    "compression-sample-wrong",
    "control-characters",
    "empty-comments-only",
    "empty",
    "kafka-block-unknown-key",
    "kafka-endless-batch-size",
    "kafka-properties-file-wrong",
    "long-line",
    "missing-arrival-parts",
    "missing-properties-file",
    "missing-trace-file",
    "payload-json",
    "range-connections-in-all",
    "range-header-sizes",
    "range-keys-in-all",
    "range-partitions-in-all",
    "range-queues-in-all",
    "range-rate-huge",
    "range-replicas-in-all",
    "range-threads-in-all",
    "range-value",
    "registry-missing",
    "registry-settings",
    "schema-changes-nothing",
    "schema-serializer",
    "serializer-settings",
    "unit-too-fine",
    "unit-too-large",
];

#[test]
fn wrong_names_and_types_are_found() {
    let schema = schema::schema();
    let validator = Validator::new(&schema);
    let mut missed = Vec::new();
    for file in toml_files(&root().join("tests/bad_input")) {
        if read(&file).is_some_and(|scenario| validator.problem(&scenario).is_none()) {
            missed.push(file.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }
    missed.retain(|name| !name.starts_with("contradiction-"));
    assert_eq!(missed, BEYOND_A_SCHEMA);
}

#[test]
fn keys_of_kafka_have_two_spellings() {
    for right in [
        "[producer]\nlinger.ms = 5\nacks = 1\nmax.in.flight.requests.per.connection = 1\n",
        "[producer]\n\"linger.ms\" = 5\n\"max.in.flight.requests.per.connection\" = \"1\"\n",
        "[[producer]]\nbootstrap.servers = [\"a:1\", \"b:2\"]\ncompression.type = \"zstd\"\n",
        "[producer]\nschema.registry.url = \"http://x\"\n\"auto.register.schemas\" = true\n",
        "[cluster]\nmin.insync.replicas = 2\n\"replica.lag.time.max.ms\" = 5000\n",
        "[cluster]\nbroker.session.timeout.ms = 5000\nbroker.heartbeat.interval.ms = 500\n",
        "[[cluster.broker]]\nid = 1\nbroker.rack = \"a\"\n[[cluster.topic]]\nname = \"t\"\nsegment.ms = 5\n",
        "[kafka]\nversion = 3.9\n",
    ] {
        assert_eq!(problem(right), None, "{right}");
    }
    for wrong in [
        "[producer]\nlinger.mss = 5\n",
        "[producer]\n\"linger.mss\" = 5\n",
        "[producer]\nlinger = 5\n",
        "[producer]\nlinger.ms = -1\n",
        "[producer]\n\"linger.ms\" = \"5ms\"\n",
        "[producer]\ncompression.type = \"zip\"\n",
        "[producer]\nlinger.ms.x = 5\n",
        "[cluster]\nbroker.session.timeout.sec = 5\n",
        "[[cluster.topic]]\nname = \"t\"\nsegment.s = 5\n",
        "[cluster]\nlinger.ms = 5\n",
    ] {
        assert!(problem(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn faults_are_one_thing_with_what_belongs_to_it() {
    let fault = |text: &str| problem(&format!("fault = [{{ {text} }}]\n"));
    for right in [
        "at = \"1s\", crash = 1, lose-unflushed = true",
        "at = [\"1s\", \"2s\"], pause = \"leader of events-0\", for = \"1s\"",
        "at = \"1s\", loss = \"all\", chance = \"2%\"",
        "at = \"1s\", error = \"NOT_ENOUGH_REPLICAS\", broker = \"controller\", chance = 0.5",
        "at = \"1s\", error = \"NOT_LEADER_FOR_PARTITION\", count = 3",
        "at = \"1s\", elect = \"preferred\"",
        "at = \"1s\", reassign = \"events-0\", to = [2, 3]",
        "at = \"1s\", controller-loss = true",
    ] {
        assert_eq!(fault(right), None, "{right}");
    }
    for wrong in [
        "at = \"1s\"",
        "crash = 1",
        "at = \"1s\", crash = 1, cut = 1",
        "at = \"1s\", crash = \"follower\"",
        "at = \"1s\", crash = \"all\"",
        "at = \"1s\", cut = 1, factor = 2",
        "at = \"1s\", loss = \"all\"",
        "at = \"1s\", reassign = \"events-0\"",
        "at = \"1s\", error = \"NOT_ENOUGH\"",
        "at = [\"1s\"], crash = 1",
        "at = \"1s\", controller-loss = false",
    ] {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
}

/// Every default is a right value where it stands, and all of Kafka's keys have a text to show.
#[test]
fn every_default_is_a_right_value() {
    let schema = schema::schema();
    let validator = Validator::new(&schema);
    let mut defaults = Vec::new();
    collect_defaults(&schema, &mut defaults);
    assert!(defaults.len() > 150, "only {}", defaults.len());
    for (schema, default) in defaults {
        assert_eq!(validator.problem_of(schema, default), None, "{schema}");
    }
    for (name, key) in schema["definitions"].as_object().expect("definitions") {
        let texts = key["description"].is_string() || key["anyOf"][0]["description"].is_string();
        assert!(texts, "{name} has no description");
    }
}

fn collect_defaults<'s>(schema: &'s Value, defaults: &mut Vec<(&'s Value, &'s Value)>) {
    match schema {
        Value::Object(object) => {
            defaults.extend(object.get("default").map(|default| (schema, default)));
            for (word, below) in object {
                match below {
                    // Names of keys, one of which is `default` itself: `default.list.value.serde.inner`.
                    Value::Object(keys) if word == "properties" => {
                        keys.values().for_each(|below| collect_defaults(below, defaults));
                    }
                    _ => collect_defaults(below, defaults),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|below| collect_defaults(below, defaults)),
        _ => {}
    }
}

/// The checker of these tests can fail.
#[test]
fn the_checker_knows_what_it_is_asked() {
    let schema = json!({
        "type": "object",
        "required": ["a"],
        "dependencies": { "b": ["c"] },
        "properties": { "a": { "type": ["integer", "string"], "minimum": 1, "pattern": "^x" }, "b": {} },
        "patternProperties": { "^p": { "enum": [1] } },
        "additionalProperties": { "type": "array", "items": { "$ref": "#/properties/a" }, "maxItems": 1 },
    });
    let validator = Validator::new(&schema);
    for right in [json!({ "a": 1 }), json!({ "a": "xy", "p": 1 }), json!({ "a": 1, "b": 0, "c": [2] })] {
        assert_eq!(validator.problem(&right), None);
    }
    for wrong in [
        json!([]),
        json!({}),
        json!({ "a": 0 }),
        json!({ "a": 1.5 }),
        json!({ "a": "y" }),
        json!({ "a": 1, "b": 0 }),
        json!({ "a": 1, "p": 2 }),
        json!({ "a": 1, "c": [0] }),
        json!({ "a": 1, "c": [1, 1] }),
    ] {
        assert!(validator.problem(&wrong).is_some(), "{wrong}");
    }
}
