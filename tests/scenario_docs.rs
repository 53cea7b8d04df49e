//! `docs/scenarios.md` has every key of every section, no other, and the right defaults.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lingersim::scenario::OWN_KEYS;
use lingersim::scenario::load::{Overrides, from_arguments};

/// A section of the document that has a table of keys.
struct Section {
    /// `workload.value`; empty for the top.
    path: String,
    /// `uniform`, if the section depends on it.
    dist: Option<String>,
    /// Keys with their default, empty for none.
    keys: BTreeMap<String, String>,
}

fn documented() -> Vec<Section> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md");
    let text = fs::read_to_string(path).expect("docs/scenarios.md");
    let mut sections: Vec<Section> = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            let quoted: Vec<&str> = heading.split('`').skip(1).step_by(2).collect();
            let path = quoted.first().unwrap_or(&"").trim_matches(['[', ']']).to_owned();
            let dist = quoted.get(1).and_then(|dist| dist.split('"').nth(1)).map(str::to_owned);
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
        if matches!(section.path.as_str(), "cluster.broker" | "cluster.topic" | "fault") {
            assert!(section.keys.values().all(String::is_empty), "[{}] has no defaults", section.path);
            continue;
        }
        let loaded = from_arguments("test", &Overrides { set, ..Overrides::default() }).expect("a scenario");
        let defaults: BTreeMap<&str, &str> = loaded
            .settings
            .iter()
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
