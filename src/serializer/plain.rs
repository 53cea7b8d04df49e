//! Serializers that have no settings: bytes, numbers and nothing.

use super::datum::Datum;
use super::error::SerializerError;
use super::headers::Headers;
use super::{Serialized, Serializer};

/// A serializer without settings, named as in Kafka without `Serializer` at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Kafka's own")]
pub enum Plain {
    ByteArray,
    Bytes,
    ByteBuffer,
    Boolean,
    Short,
    Integer,
    Long,
    Float,
    Double,
    Void,
}

/// What `Double.doubleToLongBits` makes of every NaN.
const CANONICAL_NAN_BITS: u64 = 0x7ff8_0000_0000_0000;

impl Plain {
    /// The class of the objects that it takes.
    fn taken(self) -> &'static str {
        match self {
            Plain::ByteArray => "[B",
            Plain::Bytes => "org.apache.kafka.common.utils.Bytes",
            Plain::ByteBuffer => "java.nio.ByteBuffer",
            Plain::Boolean => "java.lang.Boolean",
            Plain::Short => "java.lang.Short",
            Plain::Integer => "java.lang.Integer",
            Plain::Long => "java.lang.Long",
            Plain::Float => "java.lang.Float",
            Plain::Double => "java.lang.Double",
            Plain::Void => "java.lang.Void",
        }
    }
}

impl Serializer for Plain {
    fn class_name(&self) -> &str {
        match self {
            Plain::ByteArray => "org.apache.kafka.common.serialization.ByteArraySerializer",
            Plain::Bytes => "org.apache.kafka.common.serialization.BytesSerializer",
            Plain::ByteBuffer => "org.apache.kafka.common.serialization.ByteBufferSerializer",
            Plain::Boolean => "org.apache.kafka.common.serialization.BooleanSerializer",
            Plain::Short => "org.apache.kafka.common.serialization.ShortSerializer",
            Plain::Integer => "org.apache.kafka.common.serialization.IntegerSerializer",
            Plain::Long => "org.apache.kafka.common.serialization.LongSerializer",
            Plain::Float => "org.apache.kafka.common.serialization.FloatSerializer",
            Plain::Double => "org.apache.kafka.common.serialization.DoubleSerializer",
            Plain::Void => "org.apache.kafka.common.serialization.VoidSerializer",
        }
    }

    fn serialize(
        &mut self,
        _topic: &str,
        _headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError> {
        match (*self, datum) {
            (_, Datum::Null) => return Ok(Serialized::Null),
            (Plain::ByteArray | Plain::Bytes, Datum::Bytes(bytes)) => out.extend_from_slice(bytes),
            (Plain::ByteBuffer, Datum::Buffer(buffer)) => out.extend_from_slice(buffer.up_to_limit()?),
            (Plain::Boolean, Datum::Bool(value)) => out.push(u8::from(*value)),
            (Plain::Short, Datum::Short(value)) => out.extend_from_slice(&value.to_be_bytes()),
            (Plain::Integer, Datum::Int(value)) => out.extend_from_slice(&value.to_be_bytes()),
            (Plain::Long, Datum::Long(value)) => out.extend_from_slice(&value.to_be_bytes()),
            // Only doubles lose which NaN they are: Kafka takes the raw bits of floats.
            (Plain::Float, Datum::Float(value)) => out.extend_from_slice(&value.to_bits().to_be_bytes()),
            (Plain::Double, Datum::Double(value)) => {
                let bits = if value.is_nan() { CANONICAL_NAN_BITS } else { value.to_bits() };
                out.extend_from_slice(&bits.to_be_bytes());
            }
            _ => return Err(SerializerError::wrong_class(datum, self.taken())),
        }
        Ok(Serialized::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(mut serializer: Plain, datum: &Datum) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let outcome = serializer.serialize("t", &mut Headers::new(), datum, &mut out);
        outcome.map(|_| out).map_err(|error| error.message)
    }

    #[test]
    fn a_double_forgets_which_nan_it_is_and_a_float_does_not() {
        let float = Datum::Float(f32::from_bits(0xffc0_0001));
        assert_eq!(bytes(Plain::Float, &float), Ok(vec![0xff, 0xc0, 0, 1]));
        let double = Datum::Double(f64::from_bits(0xfff8_0000_0000_0001));
        assert_eq!(bytes(Plain::Double, &double), Ok(vec![0x7f, 0xf8, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn numbers_are_not_widened() {
        let error = bytes(Plain::Long, &Datum::Int(1)).expect_err("an Integer is no Long");
        assert_eq!(error, "class java.lang.Integer cannot be cast to class java.lang.Long");
    }

    #[test]
    fn void_takes_nothing_but_null() {
        let mut out = vec![7];
        let outcome = Plain::Void.serialize("t", &mut Headers::new(), &Datum::Null, &mut out);
        assert_eq!((outcome, out), (Ok(Serialized::Null), vec![7]));
        let error = bytes(Plain::Void, &Datum::Text(String::new())).expect_err("text is something");
        assert_eq!(error, "class java.lang.String cannot be cast to class java.lang.Void");
    }
}
