//! The JSON Schema of scenarios (draft 7), made of the manual of scenarios and the table of Kafka's keys. What depends
//! on two values at once is left to the loader.

mod kafka;
mod keys;
mod value;

use serde_json::{Map, Value, json};

use self::keys::Keys;
use crate::scenario::manual::{self, Row, SECTIONS, Section};

/// The schema as a text.
pub fn json() -> String {
    // A tree of texts and numbers can always be written.
    serde_json::to_string_pretty(&schema()).unwrap_or_default() + "\n"
}

/// The schema.
pub fn schema() -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": concat!("Scenario of lingersim ", env!("CARGO_PKG_VERSION")),
    });
    let top: Map<String, Value> = manual::sections("").flat_map(table).collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(top);
        schema.insert("definitions".to_owned(), definitions().into());
    }
    schema
}

/// A definition for each section, by its path, and for each of Kafka's keys.
fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    for Section { path, .. } in SECTIONS.into_iter().filter(|section| !section.path.is_empty()) {
        let mut variants: Vec<Value> = manual::sections(path).map(|section| table(section).into()).collect();
        let definition = if variants.len() == 1 { variants.remove(0) } else { json!({ "anyOf": variants }) };
        definitions.insert((*path).to_owned(), definition);
    }
    definitions.extend(kafka::definitions());
    definitions
}

/// Where a definition stands.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// The table of a section.
fn table(section: &Section) -> Map<String, Value> {
    let mut keys = Keys::default();
    add_rows(&mut keys, section.path, section.rows);
    if section.path == "producer" {
        kafka::add(&mut keys);
    }
    let mut table = keys.table();
    table.insert("description".to_owned(), section.about.into());
    if manual::is_list(section.path) {
        // Not `anyOf` a table and a list: a checker would only say that it is neither.
        let items = json!({ "allOf": [reference(section.path), { "type": "object" }] });
        table.insert("type".to_owned(), json!(["object", "array"]));
        table.insert("items".to_owned(), items);
    }
    let mut required = needed(section.rows);
    // The first of several sections with one path is meant where nothing is said.
    let is_first = manual::sections(section.path).next().is_some_and(|first| first.dist == section.dist);
    if section.dist.is_some() && !is_first {
        required.push("dist");
    }
    if !required.is_empty() {
        table.insert("required".to_owned(), required.into());
    }
    let dependencies = dependencies(section.rows);
    if !dependencies.is_empty() {
        table.insert("dependencies".to_owned(), dependencies.into());
    }
    let kinds = exclusive(section.rows);
    if !kinds.is_empty() {
        // A list has its items looked at, not itself.
        let one = kinds.into_iter().map(|kind| json!({ "type": "object", "required": [kind] }));
        let one_of: Vec<Value> = one.chain([json!({ "type": "array" })]).collect();
        table.insert("oneOf".to_owned(), one_of.into());
    }
    table
}

/// All keys with what their values are; a key with several rows has any of their values.
fn add_rows(keys: &mut Keys, path: &str, rows: &[Row]) {
    for row in rows {
        let same: Vec<&Row> = rows.iter().filter(|other| other.key == row.key).collect();
        if same[0] == row {
            keys.add(row.key, value::of_rows(path, &same));
        }
    }
}

/// Keys that a table must have.
fn needed(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().filter(|row| row.is_needed && row.beside.is_empty()).map(|row| row.key).collect()
}

/// Which keys may stand only beside others, and which others need them.
fn dependencies(rows: &[Row]) -> Map<String, Value> {
    let mut dependencies = Map::new();
    for row in rows.iter().filter(|row| !row.beside.is_empty()) {
        let hosts = rows.iter().filter(|other| other.key == row.key).flat_map(|other| other.beside);
        let hosts: Vec<Value> = hosts.map(|host| json!({ "required": [host] })).collect();
        dependencies.insert(row.key.to_owned(), json!({ "anyOf": hosts }));
    }
    for row in rows.iter().filter(|row| row.is_needed) {
        for host in row.beside {
            dependencies.insert((*host).to_owned(), json!([row.key]));
        }
    }
    dependencies
}

/// Keys of which a table has exactly one.
fn exclusive(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().filter(|row| row.is_one_of).map(|row| row.key).collect()
}
