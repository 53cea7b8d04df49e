//! `docs/scenarios.md` has every key of every section, no other, and the right defaults. Its tables are made of the
//! manual of scenarios, whose kinds of values are held to the loader here as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lingersim::scenario::OWN_KEYS;
use lingersim::scenario::load::{Overrides, from_arguments, from_text};
use lingersim::scenario::manual::kind::Kind;
use lingersim::scenario::manual::{self, Row, SECTIONS};

/// A section of the document that has a table of keys.
struct Section {
    /// `workload.value`; empty for the top.
    path: String,
    /// `uniform`, if the section depends on it.
    dist: Option<String>,
    /// Keys with their default, empty for none.
    keys: BTreeMap<String, String>,
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md");
    fs::read_to_string(path).expect("docs/scenarios.md")
}

/// Path and `dist` of the section that a line is the heading of.
fn heading(line: &str) -> Option<(String, Option<String>)> {
    let heading = line.strip_prefix("## ").or_else(|| line.strip_prefix("### "))?;
    let quoted: Vec<&str> = heading.split('`').skip(1).step_by(2).collect();
    let path = quoted.first().unwrap_or(&"").trim_matches(['[', ']']).to_owned();
    let dist = quoted.get(1).and_then(|dist| dist.split('"').nth(1)).map(str::to_owned);
    Some((path, dist))
}

fn documented() -> Vec<Section> {
    let text = document();
    let mut sections: Vec<Section> = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        if let Some((path, dist)) = heading(line) {
            sections.push(Section { path, dist, keys: BTreeMap::new() });
        }
        in_table = line.starts_with("| key |") || (in_table && line.starts_with('|'));
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", key, _, default, ..] = cells[..]
            && in_table
            && key.starts_with('`')
        {
            let keys = &mut sections.last_mut().expect("a heading").keys;
            keys.insert(key.trim_matches('`').to_owned(), default.trim_matches('`').to_owned());
        }
    }
    sections.retain(|section| !section.keys.is_empty());
    sections
}

fn name(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// The keys of a section, as the error about an unknown one lists them.
fn known_keys(section: &Section) -> Vec<String> {
    let stranger = name(&section.path, "zzzzzz");
    let dist_path = name(&section.path, "dist");
    let mut flags = vec![("--test", &*Box::leak(stranger.into_boxed_str()), "1".to_owned())];
    if let Some(dist) = &section.dist {
        flags.push(("--test", Box::leak(dist_path.into_boxed_str()), dist.clone()));
    }
    let error =
        from_arguments("test", &Overrides { flags, ..Overrides::default() }).expect_err("an unknown key");
    let text = error.to_string();
    let list = text.lines().find_map(|line| line.split_once("known keys: ")).expect("a list of keys").1;
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_is_documented_and_no_other() {
    let sections = documented();
    assert!(sections.len() >= 15, "only {} sections", sections.len());
    for section in &sections {
        let mut known = match section.path.as_str() {
            "producer" => OWN_KEYS.map(str::to_owned).to_vec(),
            _ => known_keys(section),
        };
        known.sort_unstable();
        let documented: Vec<String> = section.keys.keys().cloned().collect();
        assert_eq!(documented, known, "[{}] {:?}", section.path, section.dist);
    }
}

#[test]
fn every_default_is_the_documented_one() {
    let mut checked = 0;
    for section in documented() {
        let mut set = Vec::new();
        if let Some(dist) = &section.dist {
            set.push(format!("{}.dist={dist}", section.path));
            let needed: &[&str] = match (section.path.as_str(), dist.as_str()) {
                ("workload.value", "uniform") => &["min=1B", "max=2B"],
                ("workload.value", "log-normal") => &["median=1B", "p99=2B", "max=3B"],
                ("workload.keys", _) => &["count=5"],
                // A list cannot be given on the command line, and this one has no defaults.
                _ => continue,
            };
            set.extend(needed.iter().map(|pair| format!("{}.{pair}", section.path)));
        }
        if section.path == "registry" {
            // There is none unless the section is there, and this key has no default.
            set.push("registry.compatibility=FULL".to_owned());
        }
        if matches!(section.path.as_str(), "gate" | "lesson") {
            // Defaults are those of each gate, and there is none here; a step of a lesson has none.
            continue;
        }
        if matches!(section.path.as_str(), "cluster.broker" | "cluster.topic" | "fault") {
            assert!(section.keys.values().all(String::is_empty), "[{}] has no defaults", section.path);
            continue;
        }
        let loaded = from_arguments("test", &Overrides { set, ..Overrides::default() }).expect("a scenario");
        let defaults: BTreeMap<&str, &str> = loaded
            .settings
            .iter()
            .chain(&loaded.guard.settings)
            .filter(|setting| setting.origin == "default")
            .map(|setting| (setting.name.as_str(), setting.value.as_str()))
            .collect();
        for (key, default) in &section.keys {
            // What the ratio is by default depends on the codec, and the text says so.
            if key == "compression-ratio" {
                continue;
            }
            let effective = defaults.get(name(&section.path, key).as_str()).copied().unwrap_or("");
            assert_eq!(default, effective, "{}", name(&section.path, key));
            checked += usize::from(!default.is_empty());
        }
    }
    assert!(checked >= 35, "only {checked} defaults");
}

/// The document with the tables that the manual makes, and how many they are.
fn with_tables_of_the_manual(document: &str) -> (String, usize) {
    let (mut text, mut tables) = (String::new(), 0);
    let mut section = None;
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some((path, dist)) = heading(line) {
            section = manual::sections(&path).find(|section| section.dist == dist.as_deref());
        }
        let table = match (line.split(" |").next(), section) {
            (Some("| key"), Some(section)) => manual::table(section),
            (Some("| with"), Some(section)) => manual::table_of_further_keys(section),
            _ => {
                text.push_str(line);
                text.push('\n');
                continue;
            }
        };
        text.push_str(&table);
        tables += 1;
        while lines.next_if(|line| line.starts_with('|')).is_some() {}
    }
    (text, tables)
}

#[test]
fn the_tables_are_those_of_the_manual() {
    let document = document();
    let (text, tables) = with_tables_of_the_manual(&document);
    let further = SECTIONS.iter().filter(|section| section.rows.iter().any(|row| !row.beside.is_empty()));
    assert_eq!(tables, SECTIONS.len() + further.count(), "each section has its tables");
    if text != document {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios.md");
        fs::write(&made, text).expect("a temporary file");
        panic!("docs/scenarios.md differs from the manual: copy {}", made.display());
    }
}

/// What the loader says of a section in which this key has a wrong value. `None`: the key has no wrong values of one
/// kind, or the manual says what other keys limit.
fn expected_by_the_loader(row: &Row) -> Option<String> {
    match row.kind {
        Kind::Flag => Some("expected true or false".to_owned()),
        Kind::Count(low, high) if row.value() == row.kind.to_string() => {
            Some(format!("expected a whole number from {low} to {high}"))
        }
        Kind::Decimal(low, high) => {
            Some(format!("expected a number from {} to {}", low as f64 / 1e3, high as f64 / 1e3))
        }
        Kind::Quantity(quantity) | Kind::Positive(quantity) => {
            Some(format!("expected {}, for example", quantity.name))
        }
        Kind::Words(words) => {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            Some(format!("expected one of {}", quoted.join(", ")))
        }
        _ => None,
    }
}

/// A scenario in which a key has this value, and everything that it stands beside.
fn scenario_with(section: &manual::Section, row: &Row, value: &str) -> String {
    let others = match (section.path, section.dist) {
        ("workload.keys", _) if row.key != "count" => "count = 5\n",
        ("workload", _) => match row.key {
            "phase" => "arrivals = \"constant\"\n",
            "off-rate" | "on-for" | "off-for" => "arrivals = \"on-off\"\n",
            "from-rate" | "over" => "arrivals = \"ramp\"\n",
            "swing" | "period" => "arrivals = \"wave\"\n",
            "think" => "arrivals = \"closed\"\n",
            _ => "",
        },
        ("workload.payload", _) => match row.key {
            "json" => "template = \"x\"\n",
            "order" => "file = \"x\"\n",
            _ => "",
        },
        ("fault", _) if row.key == "factor" => "slow = 1\n",
        ("fault", _) => match row.beside.first() {
            Some(&"error") => "error = \"NOT_ENOUGH_REPLICAS\"\n",
            Some(&"drop-requests") => "drop-requests = \"all\"\n",
            Some(&"crash") => "crash = 1\n",
            Some(&"isolate") => "isolate = 1\nfor = \"1s\"\n",
            Some(&"delay") => "delay = \"all\"\n",
            Some(&"bandwidth") => "bandwidth = \"all\"\n",
            _ => "",
        },
        _ => "",
    };
    let dist = match section.dist {
        Some(dist) if row.key != "dist" => format!("dist = \"{dist}\"\n"),
        _ => String::new(),
    };
    let header = match section.path {
        "" => String::new(),
        path if manual::is_list(path) => format!("[[{path}]]\n"),
        path => format!("[{path}]\n"),
    };
    format!("{header}{dist}{others}\"{}\" = {value}\n", row.key)
}

#[test]
fn every_kind_of_value_is_the_loaders() {
    let mut checked = 0;
    for section in SECTIONS {
        for row in section.rows.iter().filter(|row| row.key != "dist") {
            let Some(expected) = expected_by_the_loader(row) else { continue };
            // A boolean is no value of any key but a flag, and a list is none of a flag.
            let value = if row.kind == Kind::Flag { "[]" } else { "false" };
            let text = scenario_with(section, row, value);
            let error = from_text("test", text.clone()).expect_err(&text).to_string();
            assert!(error.contains(&expected), "{text}\nexpected: {expected}\n{error}");
            checked += 1;
        }
    }
    assert!(checked >= 100, "only {checked}");
}
