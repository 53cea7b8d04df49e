//! The object that an application gives to a serializer.

use serde_json::Value;

use super::error::{Phase, SerializerError};

/// A Java object, as far as serializers tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A null reference.
    Null,
    /// A `byte[]`, and for `BytesSerializer` a `Bytes`.
    Bytes(Vec<u8>),
    /// A `ByteBuffer`.
    Buffer(Buffer),
    /// A `String` without unpaired surrogates.
    Text(String),
    /// A `String` by its UTF-16 code units, which may have unpaired surrogates.
    Utf16(Vec<u16>),
    /// A `Boolean`.
    Bool(bool),
    /// A `Short`.
    Short(i16),
    /// An `Integer`.
    Int(i32),
    /// A `Long`.
    Long(i64),
    /// A `Float`.
    Float(f32),
    /// A `Double`.
    Double(f64),
    /// A `UUID`, the most significant bits first.
    Uuid(u128),
    /// An `ArrayList`.
    List(Vec<Datum>),
    /// A tree of Jackson's, a `JsonNode`.
    Json(Value),
}

/// A `java.nio.ByteBuffer`. Its position is left out: no serializer looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// All that it holds, as many bytes as its capacity.
    pub contents: Vec<u8>,
    /// Where the bytes that count end, at most the capacity.
    pub limit: usize,
    /// Whether it lies outside of the Java heap.
    pub is_direct: bool,
}

impl Buffer {
    /// `ByteBuffer.wrap`: all of the contents count.
    pub fn wrap(contents: Vec<u8>) -> Buffer {
        let limit = contents.len();
        Buffer { contents, limit, is_direct: false }
    }

    /// What a serializer writes: from the beginning to the limit.
    ///
    /// # Errors
    ///
    /// A limit beyond the capacity, which Java does not let anybody set.
    pub fn up_to_limit(&self) -> Result<&[u8], SerializerError> {
        self.contents.get(..self.limit).ok_or_else(|| {
            let message = format!("newLimit > capacity: ({} > {})", self.limit, self.contents.len());
            SerializerError::new(Phase::Serialize, "IllegalArgumentException", message)
        })
    }
}

impl Datum {
    /// Java's name of the object's class; `null` for a null reference, which has none.
    pub fn java_class(&self) -> &'static str {
        match self {
            Datum::Null => "null",
            Datum::Bytes(_) => "[B",
            Datum::Buffer(Buffer { is_direct: false, .. }) => "java.nio.HeapByteBuffer",
            Datum::Buffer(Buffer { is_direct: true, .. }) => "java.nio.DirectByteBuffer",
            Datum::Text(_) | Datum::Utf16(_) => "java.lang.String",
            Datum::Bool(_) => "java.lang.Boolean",
            Datum::Short(_) => "java.lang.Short",
            Datum::Int(_) => "java.lang.Integer",
            Datum::Long(_) => "java.lang.Long",
            Datum::Float(_) => "java.lang.Float",
            Datum::Double(_) => "java.lang.Double",
            Datum::Uuid(_) => "java.util.UUID",
            Datum::List(_) => "java.util.ArrayList",
            Datum::Json(node) => node_class(node),
        }
    }
}

/// The class that Jackson reads such a piece of JSON into.
fn node_class(node: &Value) -> &'static str {
    match node {
        Value::Null => "com.fasterxml.jackson.databind.node.NullNode",
        Value::Bool(_) => "com.fasterxml.jackson.databind.node.BooleanNode",
        Value::String(_) => "com.fasterxml.jackson.databind.node.TextNode",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Object(_) => "com.fasterxml.jackson.databind.node.ObjectNode",
        Value::Number(number) => match number.as_i64() {
            Some(value) if i32::try_from(value).is_ok() => "com.fasterxml.jackson.databind.node.IntNode",
            Some(_) => "com.fasterxml.jackson.databind.node.LongNode",
            None if number.is_u64() => "com.fasterxml.jackson.databind.node.BigIntegerNode",
            None => "com.fasterxml.jackson.databind.node.DoubleNode",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_of_json_have_the_narrowest_class() {
        let class = |value| Datum::Json(value).java_class().rsplit('.').next();
        assert_eq!(class(json!(-2_147_483_648_i64)), Some("IntNode"));
        assert_eq!(class(json!(2_147_483_648_i64)), Some("LongNode"));
        assert_eq!(class(json!(u64::MAX)), Some("BigIntegerNode"));
        assert_eq!(class(json!(1.0)), Some("DoubleNode"));
    }

    #[test]
    fn a_buffer_ends_at_its_limit_and_not_beyond_its_capacity() {
        let buffer = Buffer { limit: 2, ..Buffer::wrap(vec![1, 2, 3]) };
        assert_eq!(buffer.up_to_limit(), Ok(&[1, 2][..]));
        let error = Buffer { limit: 20, ..Buffer::wrap(vec![0; 16]) }.up_to_limit().expect_err("too far");
        assert_eq!(error.to_string(), "IllegalArgumentException: newLimit > capacity: (20 > 16)");
    }
}
