//! Making the objects of an application out of what a workload has: text, bytes, numbers.

use super::datum::{Buffer, Datum};

/// The Java object that an application hands to a serializer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Java's own")]
pub enum Object {
    Text,
    Bytes,
    ByteBuffer,
    Short,
    Int,
    Long,
    Float,
    Double,
    Boolean,
    Uuid,
    Json,
}

impl Object {
    /// The words of `object`.
    pub const NAMES: [(&'static str, Object); 11] = [
        ("text", Object::Text),
        ("bytes", Object::Bytes),
        ("byte-buffer", Object::ByteBuffer),
        ("short", Object::Short),
        ("int", Object::Int),
        ("long", Object::Long),
        ("float", Object::Float),
        ("double", Object::Double),
        ("boolean", Object::Boolean),
        ("uuid", Object::Uuid),
        ("json", Object::Json),
    ];

    /// What an application would hand to a serializer of this class.
    pub fn of_serializer(class: &str) -> Object {
        let simple = class.rsplit('.').next().unwrap_or(class);
        match simple.strip_suffix("Serializer").unwrap_or(simple) {
            "ByteArray" | "Bytes" | "KafkaProtobuf" => Object::Bytes,
            "ByteBuffer" => Object::ByteBuffer,
            "Short" => Object::Short,
            "Integer" => Object::Int,
            "Long" => Object::Long,
            "Float" => Object::Float,
            "Double" => Object::Double,
            "Boolean" => Object::Boolean,
            "UUID" => Object::Uuid,
            "Json" | "KafkaJson" | "KafkaAvro" | "KafkaJsonSchema" => Object::Json,
            _ => Object::Text,
        }
    }
}

impl Object {
    /// The object that an application makes of a text. A text that is none stays a text, and the serializer will say so.
    pub fn of_text(self, text: &[u8]) -> Datum {
        let parsed = match self {
            Object::Bytes => Some(Datum::Bytes(text.to_vec())),
            Object::ByteBuffer => Some(Datum::Buffer(Buffer::wrap(text.to_vec()))),
            Object::Text => None,
            Object::Json => serde_json::from_slice(text).ok().map(Datum::Json),
            Object::Uuid => Some(Datum::Uuid(uuid(text))),
            _ => std::str::from_utf8(text).ok().and_then(|text| self.of_number(text.trim())),
        };
        parsed.unwrap_or_else(|| match String::from_utf8(text.to_vec()) {
            Ok(text) => Datum::Text(text),
            Err(error) => Datum::Bytes(error.into_bytes()),
        })
    }

    /// A number, or a truth, that the text says.
    fn of_number(self, text: &str) -> Option<Datum> {
        match self {
            Object::Short => text.parse().ok().map(Datum::Short),
            Object::Int => text.parse().ok().map(Datum::Int),
            Object::Long => text.parse().ok().map(Datum::Long),
            Object::Float => text.parse().ok().map(Datum::Float),
            Object::Double => text.parse().ok().map(Datum::Double),
            Object::Boolean => text.parse().ok().map(Datum::Bool),
            _ => None,
        }
    }

    /// The object for the key of this number, whose text is `text`: its number, where numbers are wanted.
    pub fn of_key(self, number: Option<u32>, text: &[u8]) -> Datum {
        let Some(number) = number else { return self.of_text(text) };
        match self {
            Object::Short => Datum::Short(number as i16),
            Object::Int => Datum::Int(number as i32),
            Object::Long => Datum::Long(i64::from(number)),
            Object::Float => Datum::Float(number as f32),
            Object::Double => Datum::Double(f64::from(number)),
            Object::Boolean => Datum::Bool(!number.is_multiple_of(2)),
            _ => self.of_text(text),
        }
    }
}

/// A UUID that the text says, or else one that follows from its bytes.
fn uuid(text: &[u8]) -> u128 {
    let digits: Option<Vec<u32>> =
        text.iter().filter(|byte| **byte != b'-').map(|byte| char::from(*byte).to_digit(16)).collect();
    match digits {
        Some(digits) if digits.len() == 32 => {
            digits.into_iter().fold(0, |uuid, digit| uuid << 4 | u128::from(digit))
        }
        // FNV-1a of 128 bits, with the version and the variant of a random UUID.
        _ => {
            let hash = text.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
                (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
            });
            hash & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_the_application_would_make_of_them() {
        assert_eq!(Object::Long.of_text(b" 17"), Datum::Long(17));
        assert_eq!(Object::Int.of_text(b"3000000000"), Datum::Text("3000000000".to_owned()));
        assert_eq!(Object::Boolean.of_text(b"true"), Datum::Bool(true));
        assert_eq!(Object::Json.of_text(b"{\"a\":1}"), Datum::Json(serde_json::json!({"a": 1})));
        assert_eq!(Object::Json.of_text(b"{"), Datum::Text("{".to_owned()));
        assert_eq!(Object::Text.of_text(&[0xff]), Datum::Bytes(vec![0xff]));
        let uuid = "123e4567-e89b-12d3-a456-426614174000";
        assert_eq!(
            Object::Uuid.of_text(uuid.as_bytes()),
            Datum::Uuid(0x123e_4567_e89b_12d3_a456_4266_1417_4000)
        );
        let Datum::Uuid(made) = Object::Uuid.of_text(b"key-1") else { panic!("a UUID") };
        assert_eq!((made >> 76 & 0xf, made >> 62 & 3), (4, 2));
    }

    #[test]
    fn a_key_is_its_number_where_numbers_are_wanted() {
        assert_eq!(Object::Long.of_key(Some(17), b"user-17"), Datum::Long(17));
        assert_eq!(Object::Text.of_key(Some(17), b"user-17"), Datum::Text("user-17".to_owned()));
        assert_eq!(Object::Long.of_key(None, b"user-17"), Datum::Text("user-17".to_owned()));
        assert_eq!(Object::Long.of_key(None, b"17"), Datum::Long(17));
    }

    #[test]
    fn every_serializer_gets_what_it_takes() {
        use crate::serializer::producer_serializer::ProducerSerializer;
        use crate::serializer::{classes, headers::Headers};
        for class in classes::full_names().filter(|name| !name.contains("List") && !name.contains("Void")) {
            let settings = |name: &str| (name == "key.serializer").then_some(class.as_str());
            let mut serializer = ProducerSerializer::configured(true, &settings).expect("a serializer");
            let datum = Object::of_serializer(&class).of_key(Some(1), b"1");
            let mut out = Vec::new();
            assert!(serializer.serialize("t", &mut Headers::new(), &datum, &mut out).is_ok(), "{class}");
        }
    }
}
