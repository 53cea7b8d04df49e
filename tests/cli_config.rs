//! `lingersim config`, and what a run says about its configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lingersim::scenario::load::{Loaded, Overrides, from_file};

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts")
}

fn stdout(args: &[&str]) -> String {
    let output = lingersim(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    assert!(output.stderr.is_empty(), "{args:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_list_of_one_version() {
    insta::assert_snapshot!(stdout(&["config", "list", "--kafka", "3.9"]));
}

#[test]
fn explanations() {
    for args in [
        &["config", "explain", "delivery.timeout.ms"][..],
        &["config", "explain", "compression.type", "--kafka", "3.1"],
        &["config", "explain", "auto.include.jmx.reporter"],
    ] {
        insta::assert_snapshot!(args[2], stdout(args));
    }
}

#[test]
fn lists_and_explanations_for_programs() {
    let list: serde_json::Value =
        serde_json::from_str(&stdout(&["config", "list", "--format", "json"])).expect("JSON");
    assert_eq!(list["keys"].as_array().map(Vec::len), Some(113));
    let key: serde_json::Value =
        serde_json::from_str(&stdout(&["config", "explain", "linger.ms", "--format", "json"])).expect("JSON");
    assert_eq!(
        (&key["default"], &key["unit"], &key["modelled"]),
        (&"5".into(), &"milliseconds".into(), &true.into())
    );
    assert_eq!(key["versions"][3]["default"], "0");
}

#[test]
fn wrong_names_are_wrong_usage() {
    for (args, hint) in [
        (&["config", "explain", "lingr.ms"][..], "did you mean `linger.ms`?"),
        (&["config", "explain", "foo"], "`lingersim config list` shows all keys"),
        (&["config", "list", "--kafka", "4"], "expected one of 4.3, 3.9, 3.1, 2.3"),
        (&["config"], "Usage"),
    ] {
        let output = lingersim(args);
        let errors = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && errors.contains(hint), "{args:?}: {errors}");
    }
}

#[test]
fn the_committed_manual_is_the_one_the_table_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let committed = fs::read_to_string(path).expect("docs/configuration.md");
    let is_current = committed == stdout(&["config", "markdown"]);
    assert!(is_current, "run: lingersim config markdown > docs/configuration.md");
}

fn temporary(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a temporary file");
    path
}

fn load(name: &str, text: &str, set: &[&str]) -> Loaded {
    let set = set.iter().map(|&argument| argument.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    from_file(&temporary(name, text), &overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The settings of producers, with the folder of temporary files cut off.
fn settings(loaded: &Loaded) -> String {
    let folder = format!("{}/", env!("CARGO_TARGET_TMPDIR"));
    let producers = loaded.settings.iter().filter(|setting| setting.name.starts_with("producer."));
    lingersim::report::settings::table(producers).replace(&folder, "")
}

#[test]
fn every_value_has_its_origin() {
    temporary(
        "origins.properties",
        "# of the application\nbootstrap.servers=kafka1:9092,kafka2:9092\nacks=1\nssl.key.password=hunter2\n\
         batch.size=100\\\n  000\n",
    );
    let text = "[producer]\nproperties-file = \"origins.properties\"\nlinger.ms = 100_000\nproperties = '''\n\
                reconnect.backoff.ms=7\nbatch.size=1\n'''\n";
    let loaded = load("origins.toml", text, &["batch.size=0", "send.buffer.bytes=-1"]);
    insta::assert_snapshot!(settings(&loaded));
    let config = &loaded.scenario.producers[0].config;
    assert_eq!(
        (config.batch_size, config.delivery_timeout_ms, config.enable_idempotence),
        (1, 130_000, false)
    );
    assert_eq!(config.bootstrap_servers, ["kafka1:9092", "kafka2:9092"]);
    assert!(!format!("{loaded:?}").contains("hunter2"));
}

#[test]
fn a_key_of_another_version_is_passed_over_and_said() {
    let text = "kafka.version = \"3.1\"\n[producer]\npartitioner.ignore.keys = true\n";
    let loaded = load("other-version.toml", text, &[]);
    let [note] = &loaded.notes[..] else { panic!("{:?}", loaded.notes) };
    assert!(note.ends_with("client 3.1 ignores `partitioner.ignore.keys`, which 4.3 and 3.9 know"), "{note}");
    assert!(note.contains("other-version.toml:3"), "{note}");
    assert!(!loaded.scenario.producers[0].config.partitioner_ignore_keys);
}

#[test]
fn what_is_not_simulated_is_said() {
    let text = "[producer]\npartitioner.class = \"com.example.Mine\"\ntransactional.id = \"t\"\n";
    let loaded = load("not-simulated.toml", text, &[]);
    assert!(loaded.notes.iter().any(|note| note.contains("com.example.Mine")), "{:?}", loaded.notes);
    assert!(loaded.notes.iter().any(|note| note.contains("outside transactions")), "{:?}", loaded.notes);
    assert_eq!(loaded.scenario.producers[0].config.client_id, "producer-t");
}

#[test]
fn groups_are_numbered_as_the_client_numbers_its_producers() {
    let loaded =
        load("numbered.toml", "[[producer]]\n[[producer]]\nclient.id = \"mine\"\n[[producer]]\n", &[]);
    let ids: Vec<&str> =
        loaded.scenario.producers.iter().map(|group| group.config.client_id.as_str()).collect();
    assert_eq!(ids, ["producer-1", "mine", "producer-3"]);
}

#[test]
fn misspelt_secrets_stay_secret() {
    let path = temporary("misspelt.properties", "ssl.key.pasword=hunter2\nsasl.jas.config=a \\\n  hunter2\n");
    let text = format!("[producer]\nproperties-file = '{}'\n", path.display());
    let scenario = temporary("misspelt.toml", &text);
    let error = from_file(&scenario, &Overrides::default()).expect_err("unknown keys").to_string();
    assert!(!error.contains("hunter2") && error.contains("did you mean `ssl.key.password`"), "{error}");
}
