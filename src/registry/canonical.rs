//! Avro types as JSON text, as Java's `Schema.toString` writes them.

use super::MAX_NESTING;
use super::problem::SchemaError;
use super::types::{Field, Kind, Name, Node, Order, TypeId, Types};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Properties of a logical type, which stand first in the normal form (`AvroSchemaUtils.setLogicalProps`).
const LOGICAL: [&str; 3] = ["logicalType", "precision", "scale"];

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Properties in the order of the text: what the registry stores.
    Canonical,
    /// Properties sorted, for comparison only.
    Resolved,
    /// What `normalize.schemas` makes: properties and aliases sorted, empty docs left out.
    Normal,
}

/// The text of `types`, where a type of a `known` name is only named. A number is written as Rust writes it.
///
/// # Errors
/// The types stand more than [`MAX_NESTING`] deep in each other once every name is replaced where it stands first.
pub fn write(types: &Types, known: &[String], form: Form) -> Result<String, SchemaError> {
    let known = known.iter().cloned().collect();
    let mut writer = Writer { types, form, known, out: String::new(), depth: 0 };
    writer.any(types.root(), None)?;
    Ok(writer.out)
}

struct Writer<'a> {
    types: &'a Types,
    form: Form,
    known: BTreeSet<String>,
    out: String,
    depth: usize,
}

impl<'a> Writer<'a> {
    fn any(&mut self, id: TypeId, namespace: Option<&str>) -> Result<(), SchemaError> {
        if self.depth > MAX_NESTING {
            let what = format!("types stand more than {MAX_NESTING} deep in each other");
            return Err(SchemaError::one("", what));
        }
        self.depth += 1;
        self.one(id, namespace)?;
        self.depth -= 1;
        Ok(())
    }

    fn one(&mut self, id: TypeId, namespace: Option<&str>) -> Result<(), SchemaError> {
        let types = self.types;
        let node = types.node(id);
        if let Some(name) = node.kind.name().filter(|name| !self.known.insert(name.full())) {
            self.string(&name.within(namespace));
            return Ok(());
        }
        match &node.kind {
            Kind::Union(branches) => {
                self.out.push('[');
                for (i, branch) in branches.iter().enumerate() {
                    self.comma(i);
                    self.any(*branch, namespace)?;
                }
                self.out.push(']');
            }
            Kind::Array(inner) => self.holder(node, "items", *inner, namespace)?,
            Kind::Map(inner) => self.holder(node, "values", *inner, namespace)?,
            Kind::Record(record) => {
                let word = if record.is_error && self.form != Form::Normal { "error" } else { "record" };
                self.head(word, &record.name, record.doc.as_deref(), namespace);
                self.out.push_str(",\"fields\":[");
                for (i, field) in record.fields.iter().enumerate() {
                    self.comma(i);
                    self.field(field, record.name.namespace.as_deref())?;
                }
                self.out.push(']');
                self.tail(node, &record.aliases, &record.name);
            }
            Kind::Enum(symbols) => {
                self.head("enum", &symbols.name, symbols.doc.as_deref(), namespace);
                self.strings("symbols", symbols.symbols.iter().map(String::as_str));
                if let Some(default) = &symbols.default {
                    self.pair("default", default);
                }
                self.tail(node, &symbols.aliases, &symbols.name);
            }
            Kind::Fixed(fixed) => {
                self.head("fixed", &fixed.name, fixed.doc.as_deref(), namespace);
                self.out.push_str(&format!(",\"size\":{}", fixed.size));
                self.tail(node, &fixed.aliases, &fixed.name);
            }
            primitive if node.properties.is_empty() => self.string(primitive.word()),
            primitive => {
                self.out.push_str("{\"type\":");
                self.string(primitive.word());
                self.properties(&node.properties);
                self.out.push('}');
            }
        }
        Ok(())
    }

    fn holder(
        &mut self,
        node: &Node,
        key: &str,
        inner: TypeId,
        namespace: Option<&str>,
    ) -> Result<(), SchemaError> {
        self.out.push_str(&format!("{{\"type\":\"{}\",\"{key}\":", node.kind.word()));
        self.any(inner, namespace)?;
        self.properties(&node.properties);
        self.out.push('}');
        Ok(())
    }

    fn head(&mut self, word: &str, name: &Name, doc: Option<&str>, namespace: Option<&str>) {
        self.out.push_str(&format!("{{\"type\":\"{word}\""));
        self.pair("name", &name.name);
        if name.namespace.as_deref() != namespace {
            self.pair("namespace", name.namespace.as_deref().unwrap_or(""));
        }
        let kept = doc.filter(|doc| self.form != Form::Normal || !doc.is_empty());
        if let Some(doc) = kept {
            self.pair("doc", doc);
        }
    }

    fn field(&mut self, field: &Field, namespace: Option<&str>) -> Result<(), SchemaError> {
        self.out.push_str("{\"name\":");
        self.string(&field.name);
        self.out.push_str(",\"type\":");
        self.any(field.kind, namespace)?;
        if let Some(doc) = &field.doc {
            self.pair("doc", doc);
        }
        if let Some(default) = &field.default {
            self.out.push_str(",\"default\":");
            self.value(default);
        }
        match field.order {
            Order::Ascending => {}
            Order::Descending => self.pair("order", "descending"),
            Order::Ignore => self.pair("order", "ignore"),
        }
        let mut aliases: Vec<&str> = field.aliases.iter().map(String::as_str).collect();
        if self.form == Form::Normal {
            aliases.sort_unstable();
        }
        if !aliases.is_empty() {
            self.strings("aliases", aliases);
        }
        self.properties(&field.properties);
        self.out.push('}');
        Ok(())
    }

    fn tail(&mut self, node: &Node, aliases: &[Name], name: &Name) {
        self.properties(&node.properties);
        let mut aliases: Vec<&Name> = aliases.iter().collect();
        if self.form == Form::Normal {
            aliases.sort_unstable_by_key(|alias| alias.full());
        }
        if !aliases.is_empty() {
            let written: Vec<String> =
                aliases.iter().map(|alias| alias.within(name.namespace.as_deref())).collect();
            self.strings("aliases", written.iter().map(String::as_str));
        }
        self.out.push('}');
    }

    fn properties(&mut self, properties: &Map<String, Value>) {
        let mut listed: Vec<(&String, &Value)> = properties.iter().collect();
        if self.form != Form::Canonical {
            let place =
                |key: &str| LOGICAL.iter().position(|logical| *logical == key).unwrap_or(LOGICAL.len());
            listed.sort_by_key(|(key, _)| (place(key), *key));
        }
        for (key, value) in listed {
            self.out.push(',');
            self.string(key);
            self.out.push(':');
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        let mut value = value.clone();
        if self.form != Form::Canonical {
            value.sort_all_objects();
        }
        self.out.push_str(&value.to_string());
    }

    fn strings<'s>(&mut self, key: &str, texts: impl IntoIterator<Item = &'s str>) {
        self.out.push_str(&format!(",\"{key}\":["));
        for (i, text) in texts.into_iter().enumerate() {
            self.comma(i);
            self.string(text);
        }
        self.out.push(']');
    }

    fn pair(&mut self, key: &str, text: &str) {
        self.out.push_str(&format!(",\"{key}\":"));
        self.string(text);
    }

    fn string(&mut self, text: &str) {
        self.out.push_str(&Value::from(text).to_string());
    }

    fn comma(&mut self, i: usize) {
        if i > 0 {
            self.out.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;

    /// Each record names the next before it is defined: flat as it stands, deep where names are replaced.
    fn chain(length: usize) -> String {
        let link = |i: usize| {
            let kind = if i + 1 < length { format!("\"R{}\"", i + 1) } else { "\"int\"".to_string() };
            format!(r#"{{"type":"record","name":"R{i}","fields":[{{"name":"f","type":{kind}}}]}}"#)
        };
        let records: Vec<String> = (0..length).rev().map(|i| link(length - 1 - i)).collect();
        format!(r#"{{"type":"record","name":"All","fields":[{}]}}"#, {
            let field = |(i, record): (usize, &String)| format!(r#"{{"name":"f{i}","type":{record}}}"#);
            records.iter().enumerate().map(field).collect::<Vec<_>>().join(",")
        })
    }

    #[test]
    fn types_that_are_deep_only_by_their_names_are_refused() {
        assert!(Schema::avro(&chain(50)).is_ok());
        assert!(Schema::avro(&chain(70)).expect_err("too deep").to_string().contains("more than 64 deep"));
    }
}
