//! The keys of the producer's configuration, for reading: a list, and everything about one key.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::config::key::{Area, Definition, Key, Preset, Valid};
use crate::config::keys;
use crate::config::version::ClientVersion;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// The longest name of a key.
const NAME: usize = 49;
/// The longest name of a type.
const KIND: usize = 8;
/// What is left for the default.
const PRESET: usize = WIDTH - NAME - KIND - 4;

/// Where the second column of an explanation begins.
const INDENT: usize = 12;

/// All keys of a version with type and default, by area.
pub fn list(version: ClientVersion) -> String {
    let count = keys::of_version(version).count();
    let mut text = wrapped(
        0,
        &format!(
            "Producer configuration of client {version}: {count} keys with their types and defaults. The simulation \
         depends on those marked *; the others are checked and have no effect."
        ),
    );
    for area in Area::ALL {
        let _ = writeln!(text, "\n{area}");
        for key in keys::of_version(version).filter(|key| key.area == area) {
            let Some(definition) = key.definition(version) else { continue };
            let mark = if key.is_modelled { '*' } else { ' ' };
            let preset = clipped(simple_name(&definition.preset.to_string()), PRESET);
            let _ = writeln!(text, "{mark} {:NAME$} {:KIND$} {preset}", key.name, key.kind.name());
        }
    }
    text.push_str("\n`lingersim config explain KEY` says more about a key.\n");
    text
}

/// Everything about one key.
pub fn explain(key: &Key, version: ClientVersion) -> String {
    let mut text = format!("{}\n\n{}", key.name, wrapped(0, key.doc));
    match key.definition(version) {
        None => {
            let _ = writeln!(text, "\nClient {version} does not know this key.");
        }
        Some(definition) => {
            let kind = match key.unit() {
                Some(unit) => format!("{}, {unit} without a unit", key.kind.name()),
                None => key.kind.name().to_owned(),
            };
            let simulated = if key.is_modelled { "yes" } else { "no, it is only checked" };
            text.push('\n');
            for (name, value) in [
                ("Type", kind),
                ("Default", definition.preset.to_string()),
                ("Valid", definition.valid.to_string()),
                ("Importance", definition.importance.to_string()),
                ("Simulated", simulated.to_owned()),
            ] {
                if !value.is_empty() {
                    text.push_str(&wrapped(INDENT, &format!("{name:INDENT$}{value}")));
                }
            }
        }
    }
    text.push_str("\nIn other versions\n");
    for other in ClientVersion::ALL.into_iter().filter(|&other| other != version) {
        let differences = in_other_version(key, version, other);
        text.push_str(&wrapped(INDENT, &format!("{:INDENT$}{differences}", other.name())));
    }
    text
}

/// What differs in another version.
fn in_other_version(key: &Key, version: ClientVersion, other: ClientVersion) -> String {
    let Some(there) = key.definition(other) else { return "unknown".to_owned() };
    let here = key.definition(version);
    let mut differences = Vec::new();
    if here.is_none_or(|here| here.preset != there.preset) {
        differences.push(format!("default {}", there.preset));
    }
    if here.is_none_or(|here| here.valid != there.valid) && has_words(there.valid) {
        differences.push(format!("valid: {}", there.valid));
    }
    if here.is_some_and(|here| here.importance != there.importance) {
        differences.push(format!("importance {}", there.importance));
    }
    if differences.is_empty() { "the same".to_owned() } else { differences.join("; ") }
}

fn has_words(valid: Valid) -> bool {
    !valid.to_string().is_empty()
}

/// All keys of a version for programs.
pub fn list_json(version: ClientVersion) -> String {
    let keys: Vec<Value> = keys::of_version(version).map(|key| key_json(key, version)).collect();
    pretty(&json!({ "schema": 1, "kafka_version": version.name(), "keys": keys }))
}

/// Everything about one key for programs.
pub fn explain_json(key: &Key, version: ClientVersion) -> String {
    let versions: Vec<Value> = key.versions().map(|version| definition_json(key, version)).collect();
    let mut object = key_json(key, version);
    object["versions"] = versions.into();
    pretty(&object)
}

fn key_json(key: &Key, version: ClientVersion) -> Value {
    let mut object = json!({
        "key": key.name,
        "type": key.kind.name(),
        "unit": key.unit(),
        "area": key.area.to_string(),
        "modelled": key.is_modelled,
        "doc": key.doc,
    });
    if let (Some(object), Value::Object(definition)) = (object.as_object_mut(), definition_json(key, version))
    {
        object.extend(definition);
    }
    object
}

fn definition_json(key: &Key, version: ClientVersion) -> Value {
    let Some(Definition { preset, valid, importance }) = key.definition(version) else { return Value::Null };
    let default = match preset {
        Preset::Text(text) => Some(text),
        Preset::Required | Preset::Null => None,
    };
    json!({
        "kafka_version": version.name(),
        "required": *preset == Preset::Required,
        "default": default,
        "valid": valid.to_string(),
        "importance": importance.to_string(),
    })
}

fn pretty(value: &Value) -> String {
    // A tree of texts and numbers can always be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// A class without its package; anything else as it is.
pub(super) fn simple_name(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((package, name)) if package.starts_with("org.apache.kafka.") => name,
        _ => text,
    }
}

fn clipped(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// A paragraph in lines of the terminal's width, all but the first indented.
fn wrapped(indent: usize, paragraph: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in paragraph.split(' ') {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            column = indent;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wider_than_a_terminal() {
        for version in ClientVersion::ALL {
            let explained = keys::all().map(|key| explain(key, version));
            for text in [list(version)].into_iter().chain(explained) {
                for line in text.lines() {
                    let has_class = line.contains("org.apache.kafka.");
                    assert!(has_class || line.chars().count() <= WIDTH, "{line}");
                }
            }
        }
    }

    #[test]
    fn the_list_names_every_key_once() {
        let text = list(ClientVersion::V2_3);
        for key in keys::of_version(ClientVersion::V2_3) {
            let lines = text.lines().filter(|line| line.split_whitespace().any(|word| word == key.name));
            assert_eq!(lines.count(), 1, "{}", key.name);
        }
        assert!(text.contains("* linger.ms") && text.contains("  sasl.mechanism"), "{text}");
    }
}
