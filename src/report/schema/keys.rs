//! Keys with dots in the two spellings of TOML: `"linger.ms" = 5` is one key, `linger.ms = 5` is a table `linger`.

use serde_json::{Map, Value, json};

/// The keys of a table, with the schemas of their values.
#[derive(Default)]
pub struct Keys {
    /// By the whole name, for names with dots.
    quoted: Map<String, Value>,
    /// Beginnings of names that are open.
    open: Map<String, Value>,
    bare: Node,
}

/// A part of a bare name.
#[derive(Default)]
struct Node {
    value: Option<Value>,
    below: Vec<(String, Node)>,
}

impl Keys {
    /// A key with the schema of its value.
    pub fn add(&mut self, key: &str, value: Value) {
        if key.contains('.') {
            self.quoted.insert(key.to_owned(), value.clone());
        }
        self.bare.at(key).value = Some(value);
    }

    /// All keys that begin in this way, with any value.
    pub fn add_open(&mut self, beginning: &str) {
        self.open.insert(format!("^{}", beginning.replace('.', "\\.")), json!({}));
        self.bare.at(beginning.trim_end_matches('.')).value = Some(json!({}));
    }

    /// The schema of a table with these keys and no others.
    pub fn table(self) -> Map<String, Value> {
        let mut table = self.bare.table();
        if let Some(Value::Object(properties)) = table.get_mut("properties") {
            properties.extend(self.quoted);
        }
        if !self.open.is_empty() {
            table.insert("patternProperties".to_owned(), self.open.into());
        }
        table
    }
}

impl Node {
    /// The node of a name, made if it is not there.
    fn at(&mut self, name: &str) -> &mut Node {
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        let index = self.below.iter().position(|(part, _)| part == first).unwrap_or_else(|| {
            self.below.push((first.to_owned(), Node::default()));
            self.below.len() - 1
        });
        let node = &mut self.below[index].1;
        match rest {
            Some(rest) => node.at(rest),
            None => node,
        }
    }

    fn table(self) -> Map<String, Value> {
        let properties: Map<String, Value> =
            self.below.into_iter().map(|(part, node)| (part, node.schema())).collect();
        let mut table = Map::new();
        table.insert("type".to_owned(), "object".into());
        table.insert("properties".to_owned(), properties.into());
        table.insert("additionalProperties".to_owned(), false.into());
        table
    }

    /// A name may be a key and the beginning of others: `broker` in `[cluster]`.
    fn schema(mut self) -> Value {
        match self.value.take() {
            Some(value) if self.below.is_empty() => value,
            Some(value) => json!({ "anyOf": [value, self.table()] }),
            None => self.table().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_dots_has_two_spellings() {
        let mut keys = Keys::default();
        keys.add("a.b", json!(1));
        keys.add("a", json!(2));
        let below = json!({ "type": "object", "properties": { "b": 1 }, "additionalProperties": false });
        let properties = json!({ "a": { "anyOf": [2, below] }, "a.b": 1 });
        assert_eq!(Value::Object(keys.table())["properties"], properties);
    }
}
