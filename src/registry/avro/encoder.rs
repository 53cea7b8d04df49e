//! The walk over a value and its types.

use super::super::types::{Field, Kind, TypeId, Types};
use super::EncodeError;
use super::choose::{bytes_of, choose, double_of};
use crate::protocol::varint;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use serde_json::{Map, Value};

/// How deep values may stand in each other. JSON that was read stands at most 127 deep; defaults may go deeper.
const MAX_DEPTH: usize = 256;

/// Most values in one record. Defaults that hold defaults could otherwise make any number of them.
const MAX_VALUES: u32 = 10_000_000;

/// Where a value comes from: the branch of a union is never named in a default.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Given,
    Default,
}

/// A step of the way to a value.
enum Step<'a> {
    Field(&'a str),
    Item(usize),
    Key(&'a str),
    Branch(TypeId),
}

/// Appends values, and knows where it is.
pub(super) struct Encoder<'a> {
    pub(super) types: &'a Types,
    pub(super) out: &'a mut Vec<u8>,
    path: Vec<Step<'a>>,
    values: u32,
}

impl<'a> Encoder<'a> {
    pub(super) fn new(types: &'a Types, out: &'a mut Vec<u8>) -> Encoder<'a> {
        Encoder { types, out, path: Vec::new(), values: 0 }
    }

    pub(super) fn any(&mut self, id: TypeId, value: &'a Value, source: Source) -> Result<(), EncodeError> {
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

    pub(super) fn bytes(&self, value: &Value) -> Result<Vec<u8>, EncodeError> {
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
        varint::put(self.out, number);
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
