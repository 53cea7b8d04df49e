//! Kafka's own keys. A value is right if it is in some version of the client: which one a scenario has, a schema does
//! not see.

use serde_json::{Value, json};

use super::keys::Keys;
use super::reference;
use crate::config::key::{Definition, Key, Kind, Preset, Valid};
use crate::config::keys::{all, guests};
use crate::config::value::limits;
use crate::report::key_manual::default_history;

/// A definition for each key: `kafka.linger.ms`.
pub fn definitions() -> impl Iterator<Item = (String, Value)> {
    all().map(|key| (name(key), definition(key)))
}

/// Puts all keys, and those of what a producer loads, into its table.
pub fn add(keys: &mut Keys) {
    all().for_each(|key| keys.add(key.name, reference(&name(key))));
    guests().for_each(|beginning| keys.add_open(beginning));
}

fn name(key: &Key) -> String {
    format!("kafka.{}", key.name)
}

fn definition(key: &Key) -> Value {
    let mut schema = type_of(key);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), description(key).into());
        let newest = of_all_versions(key).next();
        let preset = newest.and_then(|definition| preset_value(key.kind, definition.preset));
        schema.extend(preset.map(|preset| ("default".to_owned(), preset)));
    }
    schema
}

/// The newest version first.
fn of_all_versions(key: &Key) -> impl Iterator<Item = &Definition> {
    key.versions().filter_map(|version| key.definition(version))
}

fn description(key: &Key) -> String {
    let unit = key.unit().map(|unit| format!(" In {unit}.")).unwrap_or_default();
    let effect = if key.is_modelled { "" } else { " It is only checked, and has no effect here." };
    format!("{}{unit}{effect}\n\nDefault: {}", key.doc, default_history(key))
}

fn preset_value(kind: Kind, preset: Preset) -> Option<Value> {
    let Preset::Text(text) = preset else { return None };
    match kind {
        Kind::Boolean | Kind::Short | Kind::Int | Kind::Long | Kind::Double => {
            serde_json::from_str(text).ok()
        }
        Kind::String | Kind::List | Kind::Class | Kind::Password => Some(text.into()),
    }
}

/// Texts are right for all keys, as in a properties file.
fn type_of(key: &Key) -> Value {
    match key.kind {
        Kind::Boolean => json!({
            "type": ["boolean", "string"],
            "pattern": format!("^\\s*({}|{})\\s*$", any_case("true"), any_case("false")),
        }),
        Kind::Short | Kind::Int | Kind::Long => {
            let (low, high) = range(key);
            json!({
                "type": ["integer", "string"],
                "minimum": low,
                "maximum": high,
                "pattern": "^\\s*[+-]?[0-9]+\\s*$",
            })
        }
        Kind::Double => {
            json!({ "type": ["number", "string"], "pattern": "^\\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\\s*$" })
        }
        Kind::String => match words(key) {
            Some(words) => words,
            None => json!({ "type": ["string", "number", "boolean"] }),
        },
        Kind::List => json!({
            "type": ["string", "number", "boolean", "array"],
            "items": { "type": ["string", "number", "boolean"] },
        }),
        Kind::Class | Kind::Password => json!({ "type": "string" }),
    }
}

/// The smallest and the largest number that some version takes.
fn range(key: &Key) -> (i64, i64) {
    let (lowest, highest) = limits(key.kind);
    let of = |definition: &Definition| match definition.valid {
        Valid::AtLeast(low) => (low, highest),
        Valid::Between(low, high) => (low, high),
        Valid::BetweenOr(low, high, other) => (low.min(other), high.max(other)),
        _ => (lowest, highest),
    };
    let ranges = of_all_versions(key).map(of);
    ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((lowest, highest))
}

/// The words of all versions, if the newest says which ones are right.
fn words(key: &Key) -> Option<Value> {
    let mut words: Vec<&str> = Vec::new();
    let mut is_any_case = false;
    for (index, definition) in of_all_versions(key).enumerate() {
        match definition.valid {
            Valid::OneOf(more) => words.extend(more),
            Valid::OneOfAnyCase(more) => {
                words.extend(more);
                is_any_case = true;
            }
            _ if index == 0 => return None,
            _ => {}
        }
    }
    let mut spellings: Vec<Value> = Vec::new();
    for word in words {
        // `acks = 1` is as good as `acks = "1"`.
        let number = word.parse::<i64>().ok().map(Value::from);
        for spelling in [Value::from(word)].into_iter().chain(number) {
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
    }
    if !is_any_case {
        return Some(json!({ "enum": spellings }));
    }
    let pattern: Vec<String> = spellings.iter().filter_map(Value::as_str).map(any_case).collect();
    let pattern = format!("^({})$", pattern.join("|"));
    Some(json!({ "anyOf": [{ "enum": spellings }, { "type": "string", "pattern": pattern }] }))
}

/// A pattern for a word in upper or lower case: `[Tt][Rr][Uu][Ee]`.
fn any_case(word: &str) -> String {
    let both = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    word.chars().map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::key;

    fn of(name: &str) -> Value {
        definition(key(name).expect("a key"))
    }

    #[test]
    fn types_ranges_and_words_are_those_of_the_table() {
        let linger = of("linger.ms");
        assert_eq!((&linger["minimum"], &linger["default"]), (&json!(0), &json!(5)));
        assert_eq!(of("batch.size")["maximum"], json!(i32::MAX));
        assert_eq!(of("acks")["enum"], json!(["all", "-1", -1, "0", 0, "1", 1]));
        let lookups = of("client.dns.lookup");
        assert!(lookups["enum"].as_array().is_some_and(|words| words.contains(&json!("default"))));
    }
}
