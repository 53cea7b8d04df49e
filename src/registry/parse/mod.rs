//! Avro's JSON into [`Types`], by the rules of `Schema.Parser` in Avro 1.12; every problem with its place.

mod named;
mod place;

use super::defaults;
use super::problem::{MAX_PROBLEMS, Problem, SchemaError};
use super::types::{Kind, Name, Node, TypeId, Types, primitive};
use super::{MAX_NESTING, MAX_SCHEMA_BYTES};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use place::Place;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Attributes of a type that are no properties (`Schema.SCHEMA_RESERVED`); of an enum also `default`.
const RESERVED: [&str; 10] =
    ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];

/// What `type` may say.
const TYPES: [&str; 14] = [
    "record", "enum", "array", "map", "fixed", "error", "null", "boolean", "int", "long", "float", "double",
    "bytes", "string",
];

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Names of ASCII letters, digits and `_`, and defaults that fit: what a registry asks of a new schema.
    New,
    /// Names of any letters, defaults as they are: what a registry has may be older than its checks
    /// (`AvroSchema.validateAsNew`).
    Stored,
}

/// Reads a JSON text of at most [`MAX_SCHEMA_BYTES`].
///
/// # Errors
/// The text is too long, or no JSON: line and column, and why.
pub fn read_json(text: &str) -> Result<Value, SchemaError> {
    if text.len() > MAX_SCHEMA_BYTES {
        let what = format!("{} bytes of schema; at most {MAX_SCHEMA_BYTES} are read", text.len());
        return Err(SchemaError::one("", what));
    }
    serde_json::from_str(text).map_err(|error| {
        let what = format!("line {}, column {}: no JSON: {error}", error.line(), error.column());
        SchemaError::one("", what)
    })
}

/// The types of a schema whose `references`, each after those that it needs, are known to it.
///
/// # Errors
/// Everything that is wrong with `text`, up to a limit; a reference that is wrong is named as such.
pub fn parse(text: &Value, references: &[Value], strictness: Strictness) -> Result<Types, SchemaError> {
    let mut parser = Parser {
        strictness,
        nodes: Vec::new(),
        named: BTreeMap::new(),
        awaited: BTreeMap::new(),
        problems: Vec::new(),
    };
    for reference in references {
        parser.any(reference, None, &Place::root(), 0);
    }
    let root = parser.any(text, None, &Place::root(), 0);
    parser.finish(root)
}

/// A named type as it was written, to tell the same definition from another one.
struct Definition<'a> {
    id: TypeId,
    json: &'a Map<String, Value>,
    namespace: Option<String>,
}

struct Parser<'a> {
    strictness: Strictness,
    nodes: Vec<Node>,
    named: BTreeMap<String, Definition<'a>>,
    /// Types that are named before they are defined: the name, and where.
    awaited: BTreeMap<TypeId, (String, Place)>,
    problems: Vec<Problem>,
}

impl<'a> Parser<'a> {
    fn any(&mut self, json: &'a Value, namespace: Option<&str>, place: &Place, depth: usize) -> TypeId {
        if depth > MAX_NESTING {
            self.wrong(place, format!("types stand more than {MAX_NESTING} deep in each other"));
            return self.push(Kind::Null);
        }
        match json {
            Value::String(name) => self.by_name(name, namespace, place),
            Value::Array(branches) => self.union(branches, namespace, place, depth),
            Value::Object(object) => self.object(object, namespace, place, depth),
            other => {
                let what =
                    format!("{} is no type; a type is a name, a list (a union) or an object", shown(other));
                self.wrong(place, what);
                self.push(Kind::Null)
            }
        }
    }

    fn by_name(&mut self, name: &str, namespace: Option<&str>, place: &Place) -> TypeId {
        if let Some(kind) = primitive(name) {
            return self.push(kind);
        }
        let full = match namespace {
            Some(namespace) if !name.contains('.') => format!("{namespace}.{name}"),
            _ => name.to_string(),
        };
        if let Some(known) = self.named.get(&full).or_else(|| self.named.get(name)) {
            return known.id;
        }
        let id = self.push(Kind::Null);
        self.awaited.insert(id, (full, place.clone()));
        id
    }

    fn union(
        &mut self,
        branches: &'a [Value],
        namespace: Option<&str>,
        place: &Place,
        depth: usize,
    ) -> TypeId {
        let ids = branches
            .iter()
            .enumerate()
            .map(|(i, branch)| self.any(branch, namespace, &place.at(&i.to_string()), depth + 1))
            .collect();
        self.push(Kind::Union(ids))
    }

    fn object(
        &mut self,
        json: &'a Map<String, Value>,
        namespace: Option<&str>,
        place: &Place,
        depth: usize,
    ) -> TypeId {
        let Some(word) = text_of(json, "type") else {
            let what = match json.get("type") {
                None => "has no `type`".to_string(),
                Some(_) => {
                    "`type` must be a word here; put the inner type in place of this object".to_string()
                }
            };
            self.wrong(place, what);
            return self.push(Kind::Null);
        };
        let id = match word {
            "record" | "error" => return self.record(json, namespace, place, depth),
            "enum" => return self.named_type(json, namespace, place, Parser::symbols),
            "fixed" => return self.named_type(json, namespace, place, Parser::fixed),
            "array" => self.inner(json, "items", namespace, place, depth).map(Kind::Array),
            "map" => self.inner(json, "values", namespace, place, depth).map(Kind::Map),
            _ => {
                if primitive(word).is_none() {
                    let hint = did_you_mean(&nearest(word, TYPES)).unwrap_or_else(|| {
                        "a type that is defined elsewhere is named by its name alone".to_string()
                    });
                    self.wrong(&place.at("type"), format!("unknown type `{}`; {hint}", short(word)));
                }
                primitive(word)
            }
        };
        let id = self.push(id.unwrap_or(Kind::Null));
        self.nodes[id.0 as usize].properties = properties(json, &RESERVED);
        id
    }

    fn inner(
        &mut self,
        json: &'a Map<String, Value>,
        key: &str,
        namespace: Option<&str>,
        place: &Place,
        depth: usize,
    ) -> Option<TypeId> {
        let Some(inner) = json.get(key) else {
            self.wrong(place, format!("has no `{key}`, the type of what it holds"));
            return None;
        };
        Some(self.any(inner, namespace, &place.at(key), depth + 1))
    }

    fn check_name(&mut self, name: &Name, place: &Place) {
        let full = name.full();
        if primitive(&full).is_some() {
            self.wrong(
                place,
                format!("`{full}` is the name of a type of Avro and cannot be given to another"),
            );
        }
        self.check_word(&name.name, "name", place);
        if self.strictness == Strictness::New {
            for part in name.namespace.iter().flat_map(|namespace| namespace.split('.')) {
                self.check_word(part, "part of the namespace", place);
            }
        }
    }

    fn check_word(&mut self, word: &str, what: &str, place: &Place) {
        let ascii = self.strictness == Strictness::New;
        let letter = |c: char| c == '_' || if ascii { c.is_ascii_alphabetic() } else { c.is_alphabetic() };
        let digit = |c: char| if ascii { c.is_ascii_digit() } else { c.is_numeric() };
        let starts_well = word.chars().next().is_some_and(letter);
        if !starts_well || !word.chars().all(|c| letter(c) || digit(c)) {
            let rule = "letters, digits and _ only, and no digit first";
            self.wrong(place, format!("`{}` is no {what}: {rule}", short(word)));
        }
    }

    /// Puts the definitions where their names stood before them, and checks what needs all types.
    fn finish(mut self, root: TypeId) -> Result<Types, SchemaError> {
        let mut meant = BTreeMap::new();
        for (id, (name, place)) in std::mem::take(&mut self.awaited) {
            match self.named.get(&name) {
                Some(definition) => {
                    meant.insert(id, definition.id);
                }
                None if !self.has_room() => break,
                None => {
                    let hint = did_you_mean(&nearest(&name, self.named.keys().map(String::as_str)));
                    let hint =
                        hint.unwrap_or_else(|| "define it, or give a reference to its schema".to_string());
                    self.wrong(&place, format!("unknown type `{}`; {hint}", short(&name)));
                }
            }
        }
        let resolve = |id: &mut TypeId| *id = *meant.get(id).unwrap_or(id);
        for node in &mut self.nodes {
            match &mut node.kind {
                Kind::Array(inner) | Kind::Map(inner) => resolve(inner),
                Kind::Union(branches) => branches.iter_mut().for_each(resolve),
                Kind::Record(record) => record.fields.iter_mut().for_each(|field| resolve(&mut field.kind)),
                _ => {}
            }
        }
        let mut types = Types { nodes: self.nodes, root };
        resolve(&mut types.root);
        if self.problems.is_empty() {
            defaults::check(&types, self.strictness, &mut self.problems);
        }
        if self.problems.is_empty() { Ok(types) } else { Err(SchemaError::new(self.problems)) }
    }

    fn kind(&self, id: TypeId) -> &Kind {
        &self.nodes[id.0 as usize].kind
    }

    fn push(&mut self, kind: Kind) -> TypeId {
        let id = TypeId(self.nodes.len() as u32);
        self.nodes.push(Node { kind, properties: Map::new() });
        id
    }

    fn has_room(&self) -> bool {
        self.problems.len() < MAX_PROBLEMS
    }

    fn wrong(&mut self, place: &Place, what: String) {
        if self.has_room() {
            self.problems.push(Problem { place: place.0.clone(), what });
        }
    }
}

fn text_of<'a>(json: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    json.get(key).and_then(Value::as_str)
}

fn doc_of(json: &Map<String, Value>) -> Option<String> {
    text_of(json, "doc").map(str::to_string)
}

fn properties(json: &Map<String, Value>, reserved: &[&str]) -> Map<String, Value> {
    json.iter()
        .filter(|(key, _)| !reserved.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn shown(json: &Value) -> String {
    short(&json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        let error =
            read_json(text).and_then(|json| parse(&json, &[], Strictness::New)).expect_err("no schema");
        error.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect()
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text = r#"{"type":"record","name":"Order","fields":[
            {"name":"id","type":"lnog"},
            {"name":"lines","type":{"type":"array","items":{"type":"recrod","name":"Line"}}},
            {"name":"state","type":{"type":"enum","name":"State","symbols":["A","A"]}},
            {"type":"int"}]}"#;
        let told = wrong(text).join("\n");
        for part in [
            "fields.lines.type.items.type: unknown type `recrod`; did you mean `record`?",
            "fields.state.type.symbols.1: symbol `A` stands twice",
            "fields.3: the field has no `name`",
            "fields.id.type: unknown type `lnog`",
        ] {
            assert!(told.contains(part), "{part} is not in {told}");
        }
    }

    #[test]
    fn a_default_that_does_not_fit_is_told_with_what_would() {
        let text = r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":["null","int"],"default":"null"}]}"#;
        let expected = r#"n.R.a: default "null" does not fit the field's type; it must be one of null, int"#;
        assert_eq!(wrong(text), [expected]);
        let json = read_json(text).expect("JSON");
        assert!(parse(&json, &[], Strictness::Stored).is_ok(), "a registry may have it from before");
    }

    #[test]
    fn hostile_texts_end_in_errors() {
        let nested = |levels: usize| {
            format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(levels), "}".repeat(levels))
        };
        assert!(wrong(&nested(MAX_NESTING + 1))[0].contains("more than 64 deep"));
        assert!(read_json(&nested(MAX_NESTING)).and_then(|json| parse(&json, &[], Strictness::New)).is_ok());
        assert!(wrong(&nested(10_000))[0].contains("no JSON"));
        assert!(wrong(&"[".repeat(500_000))[0].contains("no JSON"));
        assert!(wrong(&" ".repeat(MAX_SCHEMA_BYTES + 1))[0].contains("at most 1000000"));
        let unknown: Vec<String> = (0..20_000).map(|i| format!("\"T{i}\"")).collect();
        assert_eq!(wrong(&format!("[{}]", unknown.join(","))).len(), MAX_PROBLEMS);
    }
}
