//! Bytes and exceptions of serializers, compared with what the Java client 4.3.0 gave.
//!
//! A line: class, side, settings, object, and what came of it: bytes, null, or an exception by phase, class and message.
//! Lists whose inner serializer is not set but given to the constructor have two more fields: how, and which.

use lingersim::serializer::classes::configured;
use lingersim::serializer::datum::{Buffer, Datum};
use lingersim::serializer::error::{Phase, SerializerError};
use lingersim::serializer::headers::Headers;
use lingersim::serializer::list::ListSerializer;
use lingersim::serializer::{Serialized, Serializer};
use serde_json::Value;

const VECTORS: &str = include_str!("vectors/serializers.jsonl");

fn text<'a>(value: &'a Value, what: &str) -> &'a str {
    value.as_str().unwrap_or_else(|| panic!("{what} is no text: {value}"))
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn datum(value: &Value) -> Datum {
    if value.is_null() {
        return Datum::Null;
    }
    if let Some(entries) = value.as_array() {
        return Datum::List(entries.iter().map(datum).collect());
    }
    let (kind, inner) = value.as_object().and_then(|fields| fields.iter().next()).expect("kind and value");
    let whole = || inner.as_i64().expect("an integer");
    let hex = || text(inner, kind);
    let bits = || u128::from_str_radix(hex(), 16).expect("bits");
    match kind.as_str() {
        "utf16" => {
            let bytes = bytes(hex());
            Datum::Utf16(bytes.chunks(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect())
        }
        "bytes" => Datum::Bytes(bytes(hex())),
        "buffer" => Datum::Buffer(Buffer {
            contents: bytes(hex()),
            limit: value["limit"].as_u64().expect("a limit") as usize,
            is_direct: value["direct"].as_bool().expect("direct or not"),
        }),
        "bool" => Datum::Bool(inner.as_bool().expect("a bool")),
        "i16" => Datum::Short(whole() as i16),
        "i32" => Datum::Int(whole() as i32),
        "i64" => Datum::Long(whole()),
        "f32" => Datum::Float(f32::from_bits(bits() as u32)),
        "f64" => Datum::Double(f64::from_bits(bits() as u64)),
        "uuid" => Datum::Uuid(bits()),
        _ => panic!("no kind: {kind}"),
    }
}

/// The serializer of a line.
fn serializer(line: &[Value]) -> Result<Box<dyn Serializer>, SerializerError> {
    let is_key = line[1] == "key";
    let Some([how, inner]) = line.get(5..7) else {
        return configured(text(&line[0], "class"), is_key, &|key| line[2].get(key).and_then(Value::as_str));
    };
    let inner = configured(text(inner, "inner class"), is_key, &|_| None)?;
    let mut list = ListSerializer::new(inner);
    match text(how, "how") {
        "constructor" => Ok(Box::new(list)),
        "nested" => Ok(Box::new(ListSerializer::new(Box::new(list)))),
        "constructor_then_configure" => list.configure().map(|()| Box::new(list) as Box<dyn Serializer>),
        other => panic!("no way to make a list: {other}"),
    }
}

/// The outcome as a line has it.
fn outcome(line: &[Value], datum: &Datum) -> Value {
    let mut out = b"before".to_vec();
    let serialized = serializer(line)
        .and_then(|mut serializer| serializer.serialize("topic", &mut Headers::new(), datum, &mut out));
    match serialized {
        Ok(Serialized::Null) => {
            assert_eq!(out, b"before", "a null appends nothing: {line:?}");
            Value::Null
        }
        Ok(Serialized::Bytes) => {
            let bytes = out.strip_prefix(b"before").expect("what was there stays");
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }
        Err(error) => {
            let phase = match error.phase {
                Phase::Configure => "configure",
                Phase::Serialize => "serialize",
            };
            vec![phase, error.class, &error.message].into()
        }
    }
}

#[test]
fn serializers() {
    let (mut cases, mut exceptions, mut texts) = (0, 0, 0);
    for line in VECTORS.lines() {
        let line: Vec<Value> = serde_json::from_str(line).expect("a line of JSON");
        let given = datum(&line[3]);
        assert_eq!(outcome(&line, &given), line[4], "{line:?}");
        if let Datum::Utf16(units) = &given
            && let Ok(text) = String::from_utf16(units)
        {
            assert_eq!(outcome(&line, &Datum::Text(text)), line[4], "{line:?}");
            texts += 1;
        }
        cases += 1;
        exceptions += usize::from(line[4].is_array());
    }
    assert_eq!((cases, exceptions), (400, 13));
    assert!(texts > 80, "{texts}");
}
