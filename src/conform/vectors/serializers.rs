//! Objects and the bytes that a serializer makes of them (`serializers`).

use super::differs;
use super::row::Row;
use crate::serializer::classes::configured;
use crate::serializer::datum::{Buffer, Datum};
use crate::serializer::error::{Phase, SerializerError};
use crate::serializer::headers::Headers;
use crate::serializer::list::ListSerializer;
use crate::serializer::{Serialized, Serializer};

/// Bytes or null; or an exception by phase, class and message.
type Outcome = Result<Option<Vec<u8>>, (String, String, String)>;

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let client = expected(row)?;
    for datum in data(row.row("input"))? {
        let here = outcome(row, &datum)?;
        if let Some(difference) = differs(what(&datum), &client, &here) {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

fn what(datum: &Datum) -> &'static str {
    match datum {
        Datum::Text(_) => "what becomes of the text",
        Datum::Utf16(_) => "what becomes of the code units",
        _ => "what becomes of the object",
    }
}

fn expected(row: &Row) -> Result<Outcome, String> {
    if row.is_null("exception") {
        return row.bytes("output").map(Ok);
    }
    let exception = row.row("exception");
    let text = |name| exception.text(name).map(str::to_owned);
    Ok(Err((text("phase")?, text("class")?, text("message")?)))
}

/// The object; a string both by its code units and, where it has no unpaired surrogates, as text.
fn data(input: Row) -> Result<Vec<Datum>, String> {
    let datum = datum(input)?;
    let text = match &datum {
        Datum::Utf16(units) => String::from_utf16(units).ok(),
        _ => None,
    };
    Ok(std::iter::once(datum).chain(text.map(Datum::Text)).collect())
}

fn datum(input: Row) -> Result<Datum, String> {
    if input.is_nothing() {
        return Ok(Datum::Null);
    }
    Ok(match input.text("type")? {
        "string" => {
            let bytes = input.some_bytes("utf16be")?;
            let (pairs, []) = bytes.as_chunks::<2>() else {
                return Err("`utf16be` should be whole code units".to_owned());
            };
            Datum::Utf16(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
        }
        "bytes" => Datum::Bytes(input.some_bytes("hex")?),
        "buffer" => Datum::Buffer(Buffer {
            contents: input.some_bytes("contents")?,
            limit: input.integer::<u32>("limit")? as usize,
            is_direct: input.text("storage")? == "direct",
        }),
        "i16" => Datum::Short(input.parsed("value")?),
        "i32" => Datum::Int(input.parsed("value")?),
        "i64" => Datum::Long(input.parsed("value")?),
        "f32" => Datum::Float(input.bits("bits")?),
        "f64" => Datum::Double(f64::from_bits(array(input, "bits").map(u64::from_be_bytes)?)),
        "bool" => Datum::Bool(input.flag("value")?),
        "uuid" => Datum::Uuid(uuid(input.text("value")?)?),
        "list" => Datum::List(input.rows("items")?.map(datum).collect::<Result<_, _>>()?),
        other => return Err(format!("no type is called {other}")),
    })
}

fn array<const N: usize>(input: Row, name: &str) -> Result<[u8; N], String> {
    input.some_bytes(name)?.try_into().map_err(|_| format!("`{name}` should be {N} bytes"))
}

fn uuid(text: &str) -> Result<u128, String> {
    let digits = text.replace('-', "");
    let bits = if digits.len() == 32 { u128::from_str_radix(&digits, 16).ok() } else { None };
    bits.ok_or_else(|| "`value` should be a UUID".to_owned())
}

/// What the serializer of the row does with an object.
fn outcome(row: &Row, datum: &Datum) -> Result<Outcome, String> {
    let mut out = Vec::new();
    let serialized = serializer(row)?
        .and_then(|mut serializer| serializer.serialize("topic", &mut Headers::new(), datum, &mut out));
    Ok(match serialized {
        Ok(Serialized::Null) => Ok(None),
        Ok(Serialized::Bytes) => Ok(Some(out)),
        Err(SerializerError { phase, class, message, .. }) => {
            let phase = match phase {
                Phase::Configure => "configure",
                Phase::Serialize => "serialize",
            };
            Err((phase.to_owned(), class.to_owned(), message))
        }
    })
}

type Made = Result<Box<dyn Serializer>, SerializerError>;

/// The serializer of a row, or what its configuration throws.
fn serializer(row: &Row) -> Result<Made, String> {
    let is_key = row.flag("is_key")?;
    let config = row.row("config");
    let settings = |key: &str| config.get(key).as_str();
    let class = row.text("serializer")?;
    let inner = row.row("inner");
    let by = if row.is_null("inner") { "config" } else { inner.text("by")? };
    if by == "config" {
        return Ok(configured(class, is_key, &settings));
    }
    let mut list = match configured(inner.text("inner")?, is_key, &settings) {
        Ok(inner) => ListSerializer::new(inner),
        Err(error) => return Ok(Err(error)),
    };
    Ok(match by {
        "constructor" => Ok(Box::new(list)),
        "constructor_nested" => Ok(Box::new(ListSerializer::new(Box::new(list)))),
        "constructor_then_config" => list.configure().map(|()| Box::new(list) as Box<dyn Serializer>),
        other => return Err(format!("no list is made by {other}")),
    })
}
