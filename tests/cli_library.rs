//! `lingersim list` and `lingersim init`: the library in the program, and scenarios to begin with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lingersim::protocol::message::Acks;
use lingersim::scenario::load::{Loaded, Overrides, from_file};

/// A folder of a test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli_library").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn lingersim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// What a command prints that succeeds: stdout, stderr.
fn said(folder: &Path, args: &[&str]) -> (String, String) {
    let output = lingersim(folder, args);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    (out, err)
}

/// What a command complains of, with code 2 and nothing on stdout.
fn complaint(folder: &Path, args: &[&str]) -> String {
    let output = lingersim(folder, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn load(file: &Path) -> Loaded {
    from_file(file, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a scenario; every record of it is acked.
fn runs(loaded: &Loaded) {
    let result = lingersim::world::run(&loaded.scenario, &mut |_, _| ());
    let populations = result.unwrap_or_else(|error| panic!("{error:?}")).populations;
    assert!(populations.offered > 0 && populations.acked == populations.offered, "{populations:?}");
}

/// The names that `list` shows.
fn names(folder: &Path) -> Vec<String> {
    let (table, _) = said(folder, &["list"]);
    let rows = table.lines().take_while(|line| !line.is_empty());
    rows.map(|line| line.split_once("  ").expect("a name and a symptom").0.to_owned()).collect()
}

#[test]
fn the_list_fits_a_terminal_and_needs_no_files() {
    let folder = folder("list");
    let (table, errors) = said(&folder, &["list"]);
    assert!(errors.is_empty(), "{errors}");
    for line in table.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let names = names(&folder);
    assert!(names.len() >= 19 && names.contains(&"pulled-cable".to_owned()), "{names:?}");
}

#[test]
fn a_name_prints_its_file_to_the_byte() {
    let folder = folder("list-name");
    for name in names(&folder) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
        let expected = fs::read_to_string(file).expect("a scenario");
        assert_eq!(said(&folder, &["list", &name]), (expected, String::new()), "{name}");
    }
}

#[test]
fn an_unknown_name_is_told_the_nearest_ones() {
    let folder = folder("list-unknown");
    for args in [&["list", "puled-cable"][..], &["init", "--example", "puled-cable"]] {
        assert!(complaint(&folder, args).contains("did you mean `pulled-cable`?"), "{args:?}");
    }
    assert!(complaint(&folder, &["list", "zebra"]).contains("`lingersim list` shows all of them"));
    assert!(!folder.join("scenario.toml").exists());
}

#[test]
fn a_first_scenario_loads_and_runs_and_says_what_to_do_next() {
    let folder = folder("init");
    let (out, err) = said(&folder, &["init"]);
    assert!(out.is_empty(), "{out}");
    let next: Vec<&str> =
        err.lines().filter_map(|line| line.split_once("lingersim ").map(|(_, next)| next)).collect();
    assert_eq!(next, ["run scenario.toml", "compare scenario.toml --vary linger.ms=0,5,20"], "{err}");
    for command in next {
        said(&folder, &command.split(' ').collect::<Vec<_>>());
    }
    let loaded = load(&folder.join("scenario.toml"));
    assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
    runs(&loaded);
}

/// What has a `#` right before it is off; all of it must be right when somebody switches it on.
#[test]
fn what_is_off_can_be_switched_on() {
    let folder = folder("init-on");
    fs::write(folder.join("producer.properties"), "acks=all\n").expect("a file");
    for args in [&["init", "--stdout"][..], &["init", "--stdout", "--from", "producer.properties"]] {
        let (text, _) = said(&folder, args);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let mut switched = 0;
        let on: String = text
            .lines()
            .map(|line| match line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c != ' ')) {
                Some(rest) => {
                    switched += 1;
                    format!("{rest}\n")
                }
                None => format!("{line}\n"),
            })
            .collect();
        assert!(switched >= 6, "{text}");
        fs::write(folder.join("on.toml"), on).expect("a file");
        let loaded = load(&folder.join("on.toml"));
        assert_eq!((loaded.scenario.faults.len(), loaded.scenario.producers[0].count), (1, 10));
        runs(&loaded);
    }
}

#[test]
fn nobodys_file_is_overwritten() {
    let folder = folder("init-exists");
    fs::write(folder.join("scenario.toml"), "mine").expect("a file");
    for args in [&["init"][..], &["init", "scenario.toml", "--example", "linger"]] {
        let errors = complaint(&folder, args);
        assert!(errors.contains("error: scenario.toml exists already\n = help: "), "{errors}");
    }
    assert_eq!(fs::read_to_string(folder.join("scenario.toml")).expect("a file"), "mine");
}

#[test]
fn stdout_has_the_scenario_and_no_file_appears() {
    let folder = folder("init-stdout");
    let (dash, errors) = said(&folder, &["init", "-"]);
    assert!(errors.is_empty(), "{errors}");
    assert_eq!(said(&folder, &["init", "--stdout"]).0, dash);
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 0);
    said(&folder, &["init", "written.toml"]);
    assert_eq!(fs::read_to_string(folder.join("written.toml")).expect("a file"), dash);
}

#[test]
fn a_folder_that_does_not_exist_is_said() {
    let output = lingersim(&folder("init-nowhere"), &["init", "nowhere/a.toml"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere/a.toml"));
}

#[test]
fn properties_are_referred_to_from_where_the_scenario_is() {
    let folder = folder("init-from");
    for below in ["conf/kafka's", "runs/deep"] {
        fs::create_dir_all(folder.join(below)).expect("a folder");
    }
    let file = "conf/kafka's/a \"b\".properties";
    let text = "bootstrap.servers=a:1,b:2,c:3,d:4\nacks=all\nlinger.ms=7\nkey.serializer=\
                org.apache.kafka.common.serialization.StringSerializer\n";
    fs::write(folder.join(file), text).expect("a file");
    let (_, err) = said(&folder, &["init", "--from", file, "runs/deep/my run.toml"]);
    assert!(err.contains("next: lingersim run 'runs/deep/my run.toml'"), "{err}");
    let loaded = load(&folder.join("runs/deep/my run.toml"));
    let cluster = &loaded.scenario.cluster;
    assert_eq!(loaded.scenario.producers[0].config.linger_ms, 7);
    assert_eq!(cluster.brokers.len(), 4);
    let topic = &cluster.topics[0];
    assert_eq!((topic.assignment[0].len(), topic.min_insync_replicas), (3, 2));
    runs(&loaded);
}

/// The cluster of a scenario made from properties: brokers, replicas, the least in sync.
fn cluster_of(folder: &Path, properties: &str) -> (usize, usize, usize) {
    fs::write(folder.join("default.properties"), properties).expect("a file");
    let (text, _) = said(folder, &["init", "-", "--from", "default.properties"]);
    fs::write(folder.join("made.toml"), text).expect("a file");
    let loaded = load(&folder.join("made.toml"));
    runs(&loaded);
    let topic = &loaded.scenario.cluster.topics[0];
    let brokers = loaded.scenario.cluster.brokers.len();
    (brokers, topic.assignment[0].len(), topic.min_insync_replicas as usize)
}

#[test]
fn the_cluster_follows_the_properties() {
    let folder = folder("init-cluster");
    for (properties, cluster) in [
        ("acks=1\n", (3, 3, 1)),
        ("acks=1\nbootstrap.servers=a:1\n", (1, 1, 1)),
        ("acks=1\nbootstrap.servers=a:1,b:1\n", (2, 2, 1)),
        ("acks=all\nbootstrap.servers=a:1\n", (3, 3, 2)),
        // all is what a client waits for that is told nothing.
        ("bootstrap.servers=a:1,b:1,c:1,d:1,e:1\n", (5, 3, 2)),
    ] {
        assert_eq!(cluster_of(&folder, properties), cluster, "{properties}");
    }
    assert_eq!(load(&folder.join("made.toml")).scenario.producers[0].config.acks, Acks::All);
}

#[test]
fn wrong_properties_are_told_as_run_tells_them() {
    let folder = folder("init-wrong");
    fs::write(folder.join("wrong.properties"), "acks=all\nlingr.ms=5\nbatch.size=-1\n").expect("a file");
    let errors = complaint(&folder, &["init", "--from", "wrong.properties"]);
    assert_eq!(errors, complaint(&folder, &["run", "--properties", "wrong.properties"]));
    assert!(errors.contains("did you mean `linger.ms`?") && errors.contains("batch.size"), "{errors}");
    assert!(complaint(&folder, &["init", "--from", "missing.properties"]).contains("missing.properties"));
    assert!(!folder.join("scenario.toml").exists());
}

#[test]
fn an_example_is_written_and_its_cure_is_next() {
    let folder = folder("init-example");
    for name in names(&folder) {
        let file = format!("{name}.toml");
        let (_, err) = said(&folder, &["init", "--example", &name, &file]);
        assert!(err.contains(&format!("next: lingersim run {file}\n")), "{err}");
        assert_eq!(
            fs::read_to_string(folder.join(&file)).expect("a file"),
            said(&folder, &["list", &name]).0
        );
        load(&folder.join(&file));
    }
    let (_, err) = said(&folder, &["init", "moves.toml", "--example", "lost-on-leader-move"]);
    let cure = "lingersim run moves.toml --set acks=all --set enable.idempotence=true\n";
    assert!(err.contains(cure), "{err}");
    assert!(
        complaint(&folder, &["init", "--example", "linger", "--from", "a"]).contains("cannot be used with")
    );
}
