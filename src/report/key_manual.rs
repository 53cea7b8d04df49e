//! The keys of the producer's configuration as a document.

use std::fmt::Write;

use super::key_table::simple_name;
use crate::config::key::{Area, Key};
use crate::config::keys;
use crate::config::version::ClientVersion;

const HEAD: &str = "\
# Producer configuration

All keys of the Java client's producer in the versions that can be imitated, as `lingersim config list` and
`lingersim config explain KEY` show them. This file is made by `lingersim config markdown`.

A scenario takes the keys as they are: bare below `[producer]` (`linger.ms = 5`), quoted, as a block
`properties = \"\"\"...\"\"\"` or from a file with `properties-file = \"...\"`; the command line sets them with
`--set linger.ms=5`. Of several, the command line wins, then keys of the scenario, then the block, then the file.

The simulation depends on keys with a dot in the column *sim*. The others are checked as the client does and have no
effect. Numbers are written without units; `.ms` counts milliseconds. Values of passwords are never printed.
";

/// The document in Markdown.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for area in Area::ALL {
        let _ =
            write!(text, "\n## {area}\n\n| key | sim | clients | type | default | valid | what it does |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        for key in keys::all().filter(|key| key.area == area) {
            text.push_str(&row(key));
        }
    }
    text
}

fn row(key: &Key) -> String {
    let simulated = if key.is_modelled { "•" } else { "" };
    let (default, valid) = (default_history(key), valid_history(key));
    let clients: Vec<&str> = key.versions().map(ClientVersion::name).collect();
    let clients =
        if clients.len() == ClientVersion::ALL.len() { "all".to_owned() } else { clients.join(", ") };
    let (name, kind, doc) = (key.name, key.kind.name(), key.doc);
    format!("| `{name}` | {simulated} | {clients} | {kind} | {default} | {valid} | {doc} |\n")
}

/// The default, and those of older versions where they differ.
pub(crate) fn default_history(key: &Key) -> String {
    history(key, |version| {
        key.definition(version).map(|definition| simple_name(&definition.preset.to_string()).to_owned())
    })
}

/// What is valid, and what was in older versions where it differs.
pub(crate) fn valid_history(key: &Key) -> String {
    history(key, |version| key.definition(version).map(|definition| definition.valid.to_string()))
}

/// What is said of the newest version, and of older ones where it differs: `5; 0 up to 3.9`.
fn history(key: &Key, say: impl Fn(ClientVersion) -> Option<String>) -> String {
    let mut history = String::new();
    let mut last = None;
    for version in key.versions() {
        let words = say(version);
        match &words {
            Some(_) if words == last => continue,
            Some(words) if last.is_none() => history.push_str(words),
            Some(words) => {
                let words = if words.is_empty() { "any" } else { words };
                let _ = write!(history, "; {words} up to {version}");
            }
            None => continue,
        }
        last = words;
    }
    history
}
