//! What a value of the manual is, as a schema.

use serde_json::{Value, json};

use super::keys::Keys;
use super::{add_rows, needed, reference};
use crate::protocol::error::ErrorCode;
use crate::scenario::lesson::EVENT_KINDS;
use crate::scenario::limits;
use crate::scenario::manual::kind::Kind;
use crate::scenario::manual::{self, Row};
use crate::values::quantity::Quantity;

/// The value of a key of the section `path`, of which there may be several rows.
pub fn of_rows(path: &str, rows: &[&Row]) -> Value {
    let mut schemas: Vec<Value> = Vec::new();
    for row in rows {
        let schema = of_kind(row.kind, &manual::path_below(path, row.key));
        if !schemas.contains(&schema) {
            schemas.push(schema);
        }
    }
    let mut schema = if schemas.len() == 1 { schemas.remove(0) } else { json!({ "anyOf": schemas }) };
    // Beside a reference nothing else counts; the section has its own description.
    if let Some(object) = schema.as_object_mut().filter(|object| !object.contains_key("$ref")) {
        object.insert("description".to_owned(), description(rows).into());
        let preset = rows.iter().find(|row| !row.preset.is_empty());
        object.extend(preset.map(|row| ("default".to_owned(), preset_value(row))));
    }
    schema
}

/// For who points at the key in an editor.
fn description(rows: &[&Row]) -> String {
    let said: Vec<String> =
        rows.iter().map(|row| format!("{}\n\nValue: {}", row.sentences(), row.value())).collect();
    said.join("\n\n")
}

fn preset_value(row: &Row) -> Value {
    let is_number = matches!(row.kind, Kind::Count(..) | Kind::Limit | Kind::Decimal(..) | Kind::Flag);
    // Numbers and booleans are written as in JSON.
    let parsed = if is_number { serde_json::from_str(row.preset).ok() } else { None };
    parsed.unwrap_or_else(|| row.preset.into())
}

fn of_kind(kind: Kind, path: &str) -> Value {
    match kind {
        Kind::Text | Kind::File => json!({ "type": "string", "maxLength": 1000 }),
        Kind::Block => json!({ "type": "string" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::True => json!({ "enum": [true] }),
        Kind::Count(low, u64::MAX) => json!({ "type": "integer", "minimum": low }),
        Kind::Count(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Limit => json!({ "type": "integer", "minimum": -1 }),
        Kind::Decimal(low, high) => {
            json!({ "type": "number", "minimum": low as f64 / 1e3, "maximum": high as f64 / 1e3 })
        }
        Kind::Number => json!({ "type": "number" }),
        Kind::Quantity(quantity) => json!({ "type": "string", "pattern": pattern(quantity) }),
        Kind::Positive(quantity) => {
            json!({ "type": "string", "pattern": pattern(quantity), "allOf": [{ "pattern": "[1-9]" }] })
        }
        Kind::Words(words) => {
            json!({ "enum": words.iter().flat_map(|word| spellings(word)).collect::<Vec<_>>() })
        }
        Kind::Chance => json!({
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": 1,
            "pattern": "^([0-9]+\\.?[0-9]*|\\.[0-9]+)\\s*%?$",
        }),
        Kind::ErrorName => {
            let codes = ErrorCode::ALL.iter().filter(|code| **code != ErrorCode::None);
            // The name that old clients have for one of them is taken as well.
            let names = codes.map(|code| code.name()).chain(["NOT_LEADER_FOR_PARTITION"]);
            json!({ "enum": names.collect::<Vec<_>>() })
        }
        Kind::EventKind => json!({ "enum": EVENT_KINDS.to_vec() }),
        Kind::BrokerId => json!({ "type": "integer", "minimum": 1, "maximum": limits::BROKERS }),
        Kind::Broker => json!({
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": limits::BROKERS,
            "pattern": "^(controller|(leader|follower) of .+-[0-9]+)$",
        }),
        Kind::Partition => json!({ "type": "string", "pattern": "^.+-[0-9]+$" }),
        Kind::Either(kinds) => {
            json!({ "anyOf": kinds.iter().map(|kind| of_kind(*kind, path)).collect::<Vec<_>>() })
        }
        Kind::List(item, low, high) => {
            json!({ "type": "array", "items": of_kind(*item, path), "minItems": low, "maxItems": high })
        }
        Kind::Inline(rows) => {
            let mut keys = Keys::default();
            add_rows(&mut keys, path, rows);
            let mut table = keys.table();
            table.insert("required".to_owned(), needed(rows).into());
            table.into()
        }
        Kind::Named(item) => json!({ "type": "object", "additionalProperties": of_kind(*item, path) }),
        Kind::Table | Kind::Tables | Kind::OneOrMore if manual::sections(path).next().is_some() => {
            reference(path)
        }
        Kind::Table => json!({ "type": "object" }),
        Kind::Tables | Kind::OneOrMore => {
            json!({ "type": ["object", "array"], "items": { "type": "object" } })
        }
        Kind::SameAs(path) => reference(path),
    }
}

/// A number, perhaps blanks, a unit.
fn pattern(quantity: Quantity) -> String {
    let units: Vec<&str> = quantity.units.iter().map(|unit| unit.name).collect();
    format!("^\\s*([0-9]([0-9_]*[0-9])?|[0-9][0-9_]*\\.[0-9_]*[0-9])\\s*({})\\s*$", units.join("|"))
}

/// A word that looks like a number may be written without quotes.
fn spellings(word: &str) -> Vec<Value> {
    let number = word.contains('.').then(|| serde_json::from_str(word).ok()).flatten();
    [Value::from(word)].into_iter().chain(number).collect()
}
