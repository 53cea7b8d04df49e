//! Named types: records with their fields, enums, fixed.

use super::super::defaults;
use super::super::types::{Enum, Field, Fixed, Kind, Name, Node, Order, Record, TypeId};
use super::place::Place;
use super::{Definition, Parser, RESERVED, doc_of, properties, shown, text_of};
use crate::values::excerpt::short;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Attributes of a field that are no properties (`Schema.FIELD_RESERVED`).
const FIELD_RESERVED: [&str; 6] = ["default", "doc", "name", "order", "type", "aliases"];

impl<'a> Parser<'a> {
    /// The id of a definition, new or a repetition of the same words.
    fn define(
        &mut self,
        json: &'a Map<String, Value>,
        namespace: Option<&str>,
        place: &Place,
    ) -> Result<(TypeId, Name), TypeId> {
        let Some(written) = text_of(json, "name") else {
            self.wrong(place, "has no `name`".to_string());
            return Err(self.push(Kind::Null));
        };
        let name = Name::new(written, text_of(json, "namespace").or(namespace));
        self.check_name(&name, place);
        let full = name.full();
        if let Some(known) = self.named.get(&full) {
            let id = known.id;
            if known.json != json || known.namespace.as_deref() != namespace {
                self.wrong(place, format!("`{}` is defined twice, and not in the same way", short(&full)));
            }
            return Err(id);
        }
        let id = self.push(Kind::Null);
        self.named.insert(full, Definition { id, json, namespace: namespace.map(str::to_string) });
        Ok((id, name))
    }

    pub(super) fn named_type(
        &mut self,
        json: &'a Map<String, Value>,
        namespace: Option<&str>,
        place: &Place,
        rest: fn(&mut Self, &'a Map<String, Value>, Name, &Place) -> Kind,
    ) -> TypeId {
        match self.define(json, namespace, place) {
            Err(id) => id,
            Ok((id, name)) => {
                let kind = rest(self, json, name, place);
                let mut properties = properties(json, &RESERVED);
                if matches!(kind, Kind::Enum(_)) {
                    properties.shift_remove("default");
                }
                self.nodes[id.0 as usize] = Node { kind, properties };
                id
            }
        }
    }

    pub(super) fn symbols(&mut self, json: &'a Map<String, Value>, name: Name, place: &Place) -> Kind {
        let listed = self.list(json, "symbols", place);
        let mut symbols: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for (i, symbol) in listed.iter().enumerate() {
            let at = place.at("symbols").at(&i.to_string());
            let Some(symbol) = symbol.as_str() else {
                self.wrong(&at, format!("{} is no symbol; symbols are strings", shown(symbol)));
                continue;
            };
            self.check_word(symbol, "symbol", &at);
            if !seen.insert(symbol) {
                self.wrong(&at, format!("symbol `{}` stands twice", short(symbol)));
            }
            symbols.push(symbol.to_string());
        }
        let default = text_of(json, "default").map(str::to_string);
        if let Some(default) = default.as_ref().filter(|default| !symbols.contains(default)) {
            let what = format!("default `{}` is none of the symbols {}", short(default), symbols.join(", "));
            self.wrong(place, what);
        }
        let aliases = self.names(json, &name, place);
        Kind::Enum(Enum { name, doc: doc_of(json), aliases, symbols, default })
    }

    pub(super) fn fixed(&mut self, json: &'a Map<String, Value>, name: Name, place: &Place) -> Kind {
        let size = json.get("size").and_then(Value::as_u64).and_then(|size| i32::try_from(size).ok());
        if size.is_none() {
            self.wrong(place, "`size` must be a whole number of bytes, from 0 to 2147483647".to_string());
        }
        let aliases = self.names(json, &name, place);
        Kind::Fixed(Fixed { name, doc: doc_of(json), aliases, size: size.unwrap_or(0).unsigned_abs() })
    }

    pub(super) fn record(
        &mut self,
        json: &'a Map<String, Value>,
        namespace: Option<&str>,
        place: &Place,
        depth: usize,
    ) -> TypeId {
        let (id, name) = match self.define(json, namespace, place) {
            Err(id) => return id,
            Ok(new) => new,
        };
        let mut fields: Vec<Field> = Vec::new();
        let mut seen = BTreeSet::new();
        for (i, field) in self.list(json, "fields", place).iter().enumerate() {
            let step =
                field.get("name").and_then(Value::as_str).map_or_else(|| i.to_string(), str::to_string);
            let at = place.at("fields").at(&step);
            let Some(field) = self.field(field, name.namespace.as_deref(), &at, depth) else { continue };
            if !seen.insert(field.name.clone()) {
                self.wrong(&at, format!("record {} has two fields of this name", short(&name.full())));
            }
            fields.push(field);
        }
        let aliases = self.names(json, &name, place);
        let is_error = text_of(json, "type") == Some("error");
        let kind = Kind::Record(Record { name, doc: doc_of(json), aliases, is_error, fields });
        self.nodes[id.0 as usize] = Node { kind, properties: properties(json, &RESERVED) };
        id
    }

    fn field(
        &mut self,
        json: &'a Value,
        namespace: Option<&str>,
        place: &Place,
        depth: usize,
    ) -> Option<Field> {
        let Some(json) = json.as_object() else {
            self.wrong(
                place,
                format!("{} is no field; a field is an object with name and type", shown(json)),
            );
            return None;
        };
        let name = text_of(json, "name");
        match name {
            Some(name) => self.check_word(name, "field name", place),
            None => self.wrong(place, "the field has no `name`".to_string()),
        }
        let kind = match json.get("type") {
            Some(kind) => self.any(kind, namespace, &place.at("type"), depth + 1),
            None => {
                self.wrong(place, "the field has no `type`".to_string());
                self.push(Kind::Null)
            }
        };
        let order =
            match json.get("order").map(|order| order.as_str().unwrap_or_default().to_ascii_lowercase()) {
                None => Order::Ascending,
                Some(word) => match word.as_str() {
                    "ascending" => Order::Ascending,
                    "descending" => Order::Descending,
                    "ignore" => Order::Ignore,
                    _ => {
                        self.wrong(place, "`order` must be ascending, descending or ignore".to_string());
                        Order::Ascending
                    }
                },
            };
        Some(Field {
            name: name?.to_string(),
            kind,
            doc: doc_of(json),
            default: json.get("default").map(|default| defaults::as_number(self.kind(kind), default)),
            order,
            aliases: self.aliases(json, place),
            properties: properties(json, &FIELD_RESERVED),
        })
    }

    fn aliases(&mut self, json: &Map<String, Value>, place: &Place) -> Vec<String> {
        let mut seen = BTreeSet::new();
        match json.get("aliases") {
            None => Vec::new(),
            Some(Value::Array(listed)) if listed.iter().all(Value::is_string) => {
                let aliases = listed.iter().filter_map(Value::as_str).filter(|alias| seen.insert(*alias));
                aliases.map(str::to_string).collect()
            }
            Some(_) => {
                self.wrong(place, "`aliases` must be a list of names".to_string());
                Vec::new()
            }
        }
    }

    fn list(&mut self, json: &'a Map<String, Value>, key: &str, place: &Place) -> &'a [Value] {
        match json.get(key) {
            Some(Value::Array(list)) => list,
            _ => {
                self.wrong(place, format!("has no `{key}`, a list"));
                &[]
            }
        }
    }

    /// The aliases of a named type; without a dot they belong to its namespace.
    fn names(&mut self, json: &Map<String, Value>, name: &Name, place: &Place) -> Vec<Name> {
        self.aliases(json, place).iter().map(|alias| Name::new(alias, name.namespace.as_deref())).collect()
    }
}
