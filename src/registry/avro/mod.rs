//! A value as Avro's bytes, as Java's `GenericDatumWriter` writes them.
//!
//! apache-avro is not used for it: its maps are hash maps, so that their bytes differ from run to run.

mod choose;

use super::schema::Schema;
use super::types::{Field, Kind, TypeId, Types};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use choose::{bytes_of, choose, double_of};
use serde_json::{Map, Value};
use std::fmt;

/// How deep values may stand in each other. JSON that was read stands at most 127 deep; defaults may go deeper.
const MAX_DEPTH: usize = 128;

/// Most values in one record. Defaults that hold defaults could otherwise make any number of them.
const MAX_VALUES: u32 = 10_000_000;

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// The way to the value: `lines[2].price`; empty for the value as a whole.
    pub path: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.what),
            path => write!(f, "{path}: {}", self.what),
        }
    }
}

impl std::error::Error for EncodeError {}

/// Appends the bytes of a value by an Avro schema.
///
/// A field that the value leaves out is written as its default; Java's own writer would throw there. The value of a union
/// stands as it is, or as `{"BRANCH": value}` with the branch's name. Bytes and fixed are strings, a character a byte.
/// Logical types are given as their base. An object's order is kept in maps.
///
/// # Errors
/// A value that does not fit its type, a field that is missing or unknown, a schema that is not Avro. Bytes of the
/// values before it may have been appended.
pub fn encode(schema: &Schema, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut encoder = encoder(schema, out)?;
    let types = encoder.types;
    encoder.any(types.root(), value, Source::Given)
}

/// Appends what `KafkaAvroSerializer` makes of a value: a zero byte, the id in four bytes, the bytes of the value. Where
/// the schema is `bytes` and nothing else, these stand without their length.
///
/// # Errors
/// As [`encode`].
pub fn serialize(schema: &Schema, id: u32, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.push(0);
    out.extend(id.to_be_bytes());
    let mut encoder = encoder(schema, out)?;
    let types = encoder.types;
    match types.kind(types.root()) {
        Kind::Bytes => {
            let bytes = encoder.bytes(value)?;
            encoder.out.extend(bytes);
            Ok(())
        }
        _ => encoder.any(types.root(), value, Source::Given),
    }
}

fn encoder<'a>(schema: &'a Schema, out: &'a mut Vec<u8>) -> Result<Encoder<'a>, EncodeError> {
    let types = schema.types().ok_or_else(|| EncodeError {
        path: String::new(),
        what: format!("a schema of type {} has no bytes here; only AVRO has", schema.schema_type().word()),
    })?;
    Ok(Encoder { types, out, path: Vec::new(), values: 0 })
}

/// Where a value comes from: the branch of a union is never named in a default.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Given,
    Default,
}

enum Step<'a> {
    Field(&'a str),
    Item(usize),
    Key(&'a str),
    Branch(TypeId),
}

struct Encoder<'a> {
    types: &'a Types,
    out: &'a mut Vec<u8>,
    path: Vec<Step<'a>>,
    values: u32,
}

impl<'a> Encoder<'a> {
    fn any(&mut self, id: TypeId, value: &'a Value, source: Source) -> Result<(), EncodeError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.wrong(format!("more than {MAX_VALUES} values in one record")));
        }
        if self.path.len() > MAX_DEPTH {
            return Err(self.wrong(format!("values stand more than {MAX_DEPTH} deep in each other")));
        }
        let types = self.types;
        match types.kind(id) {
            Kind::Null if value.is_null() => {}
            Kind::Boolean if value.is_boolean() => self.out.push(u8::from(value == &Value::Bool(true))),
            Kind::Int => {
                let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
                let number = number.ok_or_else(|| self.misfit("a whole number of 32 bits", value))?;
                self.long(i64::from(number));
            }
            Kind::Long => {
                let number = value.as_i64().ok_or_else(|| self.misfit("a whole number of 64 bits", value))?;
                self.long(number);
            }
            Kind::Float => {
                let number = double_of(value).ok_or_else(|| self.misfit("a number", value))?;
                self.out.extend((number as f32).to_le_bytes());
            }
            Kind::Double => {
                let number = double_of(value).ok_or_else(|| self.misfit("a number", value))?;
                self.out.extend(number.to_le_bytes());
            }
            Kind::Bytes => {
                let bytes = self.bytes(value)?;
                self.length(bytes.len());
                self.out.extend(bytes);
            }
            Kind::String => {
                let text = value.as_str().ok_or_else(|| self.misfit("a string", value))?;
                self.text(text);
            }
            Kind::Fixed(fixed) => {
                let bytes = self.bytes(value)?;
                if bytes.len() != fixed.size as usize {
                    let what = format!("{} bytes, and {} has {}", bytes.len(), fixed.name.full(), fixed.size);
                    return Err(self.wrong(what));
                }
                self.out.extend(bytes);
            }
            Kind::Enum(symbols) => {
                let symbol = value.as_str().unwrap_or_default();
                let place = symbols.symbols.iter().position(|known| known == symbol);
                let known = symbols.symbols.join(", ");
                let place = place.ok_or_else(|| self.misfit(&format!("one of {}", short(&known)), value))?;
                self.length(place);
            }
            Kind::Array(items) => {
                let list = value.as_array().ok_or_else(|| self.misfit("a list", value))?;
                self.block(list.len(), list.iter().enumerate(), |encoder, (i, item)| {
                    encoder.inside(Step::Item(i), *items, item, source)
                })?;
            }
            Kind::Map(values) => {
                let map = value.as_object().ok_or_else(|| self.misfit("an object", value))?;
                self.block(map.len(), map, |encoder, (key, item)| {
                    encoder.text(key);
                    encoder.inside(Step::Key(key), *values, item, source)
                })?;
            }
            Kind::Union(branches) => {
                let Some((place, value)) = choose(types, branches, value, source) else {
                    let names: Vec<String> =
                        branches.iter().map(|branch| types.kind(*branch).full_name()).collect();
                    return Err(self.misfit(&format!("one of the union: {}", names.join(", ")), value));
                };
                self.length(place);
                self.inside(Step::Branch(branches[place]), branches[place], value, source)?;
            }
            Kind::Record(record) => {
                let object = value.as_object().ok_or_else(|| self.misfit("an object", value))?;
                self.check_known(&record.fields, object)?;
                for field in &record.fields {
                    let (value, source) = match (object.get(&field.name), &field.default) {
                        (Some(value), _) => (value, source),
                        (None, Some(default)) => (default, Source::Default),
                        (None, None) => {
                            let what =
                                format!("field `{}` is missing and has no default", short(&field.name));
                            return Err(self.wrong(what));
                        }
                    };
                    self.inside(Step::Field(&field.name), field.kind, value, source)?;
                }
            }
            kind => {
                let wanted = kind.word();
                return Err(self.misfit(wanted, value));
            }
        }
        Ok(())
    }

    fn inside(
        &mut self,
        step: Step<'a>,
        id: TypeId,
        value: &'a Value,
        source: Source,
    ) -> Result<(), EncodeError> {
        self.path.push(step);
        self.any(id, value, source)?;
        self.path.pop();
        Ok(())
    }

    /// One block of all items and the empty block that ends it, as `BinaryEncoder` writes arrays and maps.
    fn block<T>(
        &mut self,
        length: usize,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if length > 0 {
            self.length(length);
        }
        for item in items {
            write(self, item)?;
        }
        self.out.push(0);
        Ok(())
    }

    fn check_known(&self, fields: &[Field], object: &Map<String, Value>) -> Result<(), EncodeError> {
        let names = || fields.iter().map(|field| field.name.as_str());
        let known: std::collections::BTreeSet<&str> = names().collect();
        match object.keys().find(|key| !known.contains(key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let hint = did_you_mean(&nearest(key, names()));
                let hint = hint.unwrap_or_else(|| "leave it out, or add it to the schema".to_string());
                Err(self.wrong(format!("the record has no field `{}`; {hint}", short(key))))
            }
        }
    }

    fn bytes(&self, value: &Value) -> Result<Vec<u8>, EncodeError> {
        bytes_of(value).ok_or_else(|| self.misfit("a string of characters up to U+00FF, each a byte", value))
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.out.extend(text.as_bytes());
    }

    fn length(&mut self, length: usize) {
        self.long(i64::try_from(length).unwrap_or(i64::MAX));
    }

    /// Zigzag, then seven bits a byte from the lowest (`BinaryData.encodeLong`).
    fn long(&mut self, number: i64) {
        let mut rest = ((number << 1) ^ (number >> 63)) as u64;
        while rest > 0x7f {
            self.out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.out.push(rest as u8);
    }

    fn misfit(&self, wanted: &str, value: &Value) -> EncodeError {
        self.wrong(format!("{} is not {wanted}", short(&value.to_string())))
    }

    fn wrong(&self, what: String) -> EncodeError {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => path.push_str(&format!(".{name}")),
                Step::Item(i) => path.push_str(&format!("[{i}]")),
                Step::Key(key) => path.push_str(&format!("[\"{}\"]", short(key))),
                Step::Branch(id) => {
                    if let Some(name) = self.types.kind(*id).name() {
                        path.push_str(&format!("<{}>", name.full()));
                    }
                }
            }
        }
        EncodeError { path, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(schema: &str, value: &str) -> Result<Vec<u8>, EncodeError> {
        let schema = Schema::avro(schema).expect("a schema");
        let mut out = Vec::new();
        encode(&schema, &serde_json::from_str(value).expect("a value"), &mut out)?;
        Ok(out)
    }

    const ORDER: &str = r#"{"type":"record","name":"Order","fields":[
        {"name":"id","type":"long"},
        {"name":"note","type":["null","string"],"default":null},
        {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
            {"name":"sku","type":"string"},{"name":"count","type":"int","default":1}]}},"default":[]}]}"#;

    #[test]
    fn what_is_left_out_is_written_as_its_default() {
        assert_eq!(bytes(ORDER, r#"{"id":3}"#), Ok(vec![6, 0, 0]));
        assert_eq!(bytes(ORDER, r#"{"id":3,"lines":[{"sku":"a"}]}"#), Ok(vec![6, 0, 2, 2, b'a', 2, 0]));
    }

    #[test]
    fn errors_say_where() {
        let error = |value| bytes(ORDER, value).expect_err("wrong").to_string();
        assert_eq!(error(r#"{"id":3,"lines":[{"sku":"a"},{"sku":5}]}"#), "lines[1].sku: 5 is not a string");
        assert_eq!(error(r#"{"id":3,"lines":[{}]}"#), "lines[0]: field `sku` is missing and has no default");
        assert_eq!(error(r#"{"id":3,"nots":1}"#), "the record has no field `nots`; did you mean `note`?");
        assert_eq!(error(r#"{"id":3,"note":7}"#), "note: 7 is not one of the union: null, string");
        assert_eq!(error(r#"{"id":2.5}"#), "id: 2.5 is not a whole number of 64 bits");
    }

    #[test]
    fn a_serializer_puts_the_id_before_and_leaves_plain_bytes_plain() {
        let written = |schema: &str, value: Value| {
            let mut out = Vec::new();
            serialize(&Schema::avro(schema).expect("a schema"), 258, &value, &mut out).expect("bytes");
            out
        };
        assert_eq!(written("\"string\"", Value::from("ab")), [0, 0, 0, 1, 2, 4, b'a', b'b']);
        assert_eq!(written("\"bytes\"", Value::from("ab")), [0, 0, 0, 1, 2, b'a', b'b']);
    }

    #[test]
    fn defaults_that_hold_themselves_end() {
        let endless = r#"{"type":"record","name":"A","fields":[{"name":"a","type":"A","default":{}}]}"#;
        assert!(bytes(endless, "{}").expect_err("endless").what.contains("deep"));
    }
}
