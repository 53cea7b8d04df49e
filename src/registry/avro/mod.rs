//! A value as Avro's bytes, as Java's `GenericDatumWriter` writes them.
//!
//! apache-avro is not used for it: its maps are hash maps, so that their bytes differ from run to run.

mod choose;
mod encoder;

use super::schema::Schema;
use super::types::Kind;
use encoder::{Encoder, Source};
use serde_json::Value;
use std::fmt;

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
    Ok(Encoder::new(types, out))
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
    fn numbers_symbols_and_sizes_are_held_to() {
        let error = |schema: &str, value| bytes(schema, value).expect_err("wrong").to_string();
        assert_eq!(error("\"int\"", "2147483648"), "2147483648 is not a whole number of 32 bits");
        assert_eq!(
            error(r#"{"type":"enum","name":"E","symbols":["A","B"]}"#, "\"C\""),
            "\"C\" is not one of A, B"
        );
        assert_eq!(error(r#"{"type":"fixed","name":"X","size":2}"#, "\"abc\""), "3 bytes, and X has 2");
        assert!(error("\"bytes\"", "\"€\"").contains("up to U+00FF"));
        assert_eq!(error("\"null\"", "0"), "0 is not null");
    }

    #[test]
    fn defaults_that_hold_themselves_end() {
        let doubling = (0..30).fold(r#"{"type":"record","name":"R","fields":[]}"#.to_string(), |inner, i| {
            let again = if i == 0 { "R".to_string() } else { format!("R{}", i - 1) };
            format!(
                r#"{{"type":"record","name":"R{i}","fields":[{{"name":"a","type":{inner},"default":{{}}}},{{"name":"b","type":"{again}","default":{{}}}}]}}"#
            )
        });
        assert!(bytes(&doubling, "{}").expect_err("2^30 values").what.contains("more than 10000000 values"));
        let endless = r#"{"type":"record","name":"A","fields":[{"name":"a","type":"A","default":{}}]}"#;
        assert!(bytes(endless, "{}").expect_err("endless").what.contains("deep"));
    }
}
