//! JSON as Jackson's `ObjectMapper.writeValueAsBytes` writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use super::datum::Datum;
use super::error::SerializerError;
use super::java_decimal;
use super::uuid::{self, TEXT_LEN};

/// Arrays and objects within each other that Jackson writes at most.
const MAX_NESTING: usize = 1_000;

/// Appends a tree.
///
/// # Errors
///
/// More than 1,000 arrays and objects within each other.
pub fn node(value: &Value, out: &mut Vec<u8>) -> Result<(), SerializerError> {
    write_node(value, 0, out)
}

/// Appends any object of Java, as Jackson maps it: bytes as Base64, a UUID as text, a NaN as a string.
///
/// # Errors
///
/// As [`node`], and a buffer with a limit beyond its capacity.
pub(super) fn object(datum: &Datum, out: &mut Vec<u8>) -> Result<(), SerializerError> {
    write_object(datum, 0, out)
}

fn write_node(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), SerializerError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => write_bool(*value, out),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text.chars().map(Ok), out),
        Value::Array(items) => write_array(items, write_node, depth, out)?,
        Value::Object(fields) => write_fields(fields, depth, out)?,
    }
    Ok(())
}

fn write_object(datum: &Datum, depth: usize, out: &mut Vec<u8>) -> Result<(), SerializerError> {
    match datum {
        Datum::Null => out.extend_from_slice(b"null"),
        Datum::Bytes(bytes) => write_quoted(STANDARD.encode(bytes).as_bytes(), out),
        Datum::Buffer(buffer) => write_quoted(STANDARD.encode(buffer.up_to_limit()?).as_bytes(), out),
        Datum::Text(text) => write_string(text.chars().map(Ok), out),
        Datum::Utf16(units) => {
            let chars = char::decode_utf16(units.iter().copied());
            write_string(chars.map(|c| c.map_err(|error| error.unpaired_surrogate())), out);
        }
        Datum::Bool(value) => write_bool(*value, out),
        Datum::Short(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Datum::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Datum::Long(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Datum::Float(value) => write_decimal(value.is_finite(), |out| java_decimal::float(*value, out), out),
        Datum::Double(value) => {
            write_decimal(value.is_finite(), |out| java_decimal::double(*value, out), out)
        }
        Datum::Uuid(value) => {
            let mut text = [0; TEXT_LEN];
            uuid::write_text(*value, &mut text);
            write_quoted(&text, out);
        }
        Datum::List(entries) => write_array(entries, write_object, depth, out)?,
        Datum::Json(value) => write_node(value, depth, out)?,
    }
    Ok(())
}

fn write_array<T>(
    items: &[T],
    write: impl Fn(&T, usize, &mut Vec<u8>) -> Result<(), SerializerError>,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), SerializerError> {
    let depth = deeper(depth)?;
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, depth, out)?;
    }
    out.push(b']');
    Ok(())
}

fn write_fields(fields: &Map<String, Value>, depth: usize, out: &mut Vec<u8>) -> Result<(), SerializerError> {
    let depth = deeper(depth)?;
    out.push(b'{');
    for (at, (name, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_string(name.chars().map(Ok), out);
        out.push(b':');
        write_node(value, depth, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, SerializerError> {
    if depth == MAX_NESTING {
        let help =
            format!("arrays and objects are more than {MAX_NESTING} deep, which Jackson does not write");
        return Err(SerializerError::serialization("Error serializing JSON message").help(help));
    }
    Ok(depth + 1)
}

fn write_bool(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    match number.as_f64() {
        Some(value) if number.is_f64() => java_decimal::double(value, out),
        _ => out.extend_from_slice(number.to_string().as_bytes()),
    }
}

/// JSON has no number for what is not finite: Jackson makes a string of it.
fn write_decimal(is_finite: bool, write: impl Fn(&mut Vec<u8>), out: &mut Vec<u8>) {
    if is_finite {
        write(out);
    } else {
        out.push(b'"');
        write(out);
        out.push(b'"');
    }
}

fn write_quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// A string by its characters; an unpaired surrogate is an error of the iterator.
///
/// Jackson escapes the two surrogates of a character beyond U+FFFF, paired or not, and leaves all else above the
/// controls as UTF-8.
fn write_string(chars: impl Iterator<Item = Result<char, u16>>, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in chars {
        match c {
            Ok('"') => out.extend_from_slice(b"\\\""),
            Ok('\\') => out.extend_from_slice(b"\\\\"),
            Ok('\u{8}') => out.extend_from_slice(b"\\b"),
            Ok('\t') => out.extend_from_slice(b"\\t"),
            Ok('\n') => out.extend_from_slice(b"\\n"),
            Ok('\u{c}') => out.extend_from_slice(b"\\f"),
            Ok('\r') => out.extend_from_slice(b"\\r"),
            Ok(c) if c >= ' ' && c.len_utf16() == 1 => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Ok(c) => c.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| write_escape(unit, out)),
            Err(surrogate) => write_escape(surrogate, out),
        }
    }
    out.push(b'"');
}

fn write_escape(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{unit:04X}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(datum: &Datum) -> String {
        let mut out = Vec::new();
        object(datum, &mut out).expect("JSON");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn trees_are_compact_and_numbers_are_javas() {
        let value = json!({"b": -1, "a": [1.0, 1e10, -0.0, u64::MAX, null, true, {}, []]});
        let expected = r#"{"b":-1,"a":[1.0,1.0E10,-0.0,18446744073709551615,null,true,{},[]]}"#;
        assert_eq!(text(&Datum::Json(value)), expected);
    }

    #[test]
    fn strings_are_escaped_as_jackson_escapes_them() {
        let value = json!({"k😀\u{1f}": "\u{8}\t\n\u{c}\r\"\\/\u{0}\u{1b}\u{7f}é\u{2028}"});
        let expected =
            "{\"k\\uD83D\\uDE00\\u001F\":\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0000\\u001B\u{7f}é\u{2028}\"}";
        assert_eq!(text(&Datum::Json(value)), expected);
        assert_eq!(
            text(&Datum::Utf16(vec![0x61, 0xd83d, 0x62, 0xd83d, 0xde00])),
            r#""a\uD83Db\uD83D\uDE00""#
        );
    }

    #[test]
    fn objects_are_mapped_as_jackson_maps_them() {
        let list = Datum::List(vec![
            Datum::Null,
            Datum::Bytes(vec![1, 2]),
            Datum::Uuid((1 << 64) | 2),
            Datum::Float(1.1),
            Datum::Double(f64::NAN),
            Datum::Double(f64::NEG_INFINITY),
            Datum::Text("a".to_owned()),
            Datum::Short(-3),
            Datum::Bool(false),
        ]);
        let expected =
            r#"[null,"AQI=","00000000-0000-0001-0000-000000000002",1.1,"NaN","-Infinity","a",-3,false]"#;
        assert_eq!(text(&list), expected);
    }

    #[test]
    fn there_is_an_end_to_depth() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        let mut out = Vec::new();
        assert_eq!(node(&nested(MAX_NESTING), &mut out), Ok(()));
        assert_eq!(out.len(), 2 * MAX_NESTING + 1);
        let error = node(&nested(MAX_NESTING + 1), &mut out).expect_err("too deep");
        assert_eq!(error.message, "Error serializing JSON message");
    }
}
