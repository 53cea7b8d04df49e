//! `UUIDSerializer`.

use super::charset::Charset;
use super::datum::Datum;
use super::error::SerializerError;
use super::headers::Headers;
use super::text::encoding;
use super::{Serialized, Serializer, Settings};

/// Bytes of a UUID's text.
pub(super) const TEXT_LEN: usize = 36;

/// `org.apache.kafka.common.serialization.UUIDSerializer`: the text of a UUID, not its 16 bytes.
#[derive(Clone, Debug)]
pub struct UuidSerializer {
    /// The name that was given for an encoding, if nobody knows it. Kafka finds out with the first UUID only.
    charset: Result<Charset, String>,
}

impl UuidSerializer {
    /// As an application makes it itself: UTF-8.
    pub fn new() -> UuidSerializer {
        UuidSerializer { charset: Ok(Charset::Utf8) }
    }

    /// With the encoding of the settings: the same keys as for `StringSerializer`.
    pub fn configured(is_key: bool, settings: &Settings<'_>) -> UuidSerializer {
        let named = |name: &str| Charset::by_name(name).ok_or_else(|| name.to_owned());
        UuidSerializer { charset: encoding(is_key, settings).map_or(Ok(Charset::Utf8), named) }
    }
}

impl Default for UuidSerializer {
    fn default() -> UuidSerializer {
        UuidSerializer::new()
    }
}

/// `UUID.toString`: small hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn write_text(uuid: u128, text: &mut [u8; TEXT_LEN]) {
    let mut digits = (0..32).rev().map(|place| b"0123456789abcdef"[(uuid >> (4 * place)) as usize & 15]);
    for (at, byte) in text.iter_mut().enumerate() {
        let is_dash = matches!(at, 8 | 13 | 18 | 23);
        *byte = if is_dash { b'-' } else { digits.next().unwrap_or(b'0') };
    }
}

impl Serializer for UuidSerializer {
    fn class_name(&self) -> &str {
        "org.apache.kafka.common.serialization.UUIDSerializer"
    }

    fn serialize(
        &mut self,
        _topic: &str,
        _headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError> {
        let uuid = match datum {
            Datum::Null => return Ok(Serialized::Null),
            Datum::Uuid(uuid) => *uuid,
            _ => return Err(SerializerError::wrong_class(datum, "java.util.UUID")),
        };
        let charset = self.charset.as_ref().map_err(|name| unsupported(name))?;
        let mut text = [0; TEXT_LEN];
        write_text(uuid, &mut text);
        charset.encode_ascii(&text, out);
        Ok(Serialized::Bytes)
    }
}

fn unsupported(name: &str) -> SerializerError {
    let message = format!("Error when serializing UUID to byte[] due to unsupported encoding {name}");
    SerializerError { help: Charset::help(name), ..SerializerError::serialization(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_text_with_leading_zeros() {
        let mut out = Vec::new();
        let uuid = Datum::Uuid(0x0000_0001_00ab_cdef_0123_4567_89ab_cdef);
        let outcome = UuidSerializer::new().serialize("t", &mut Headers::new(), &uuid, &mut out);
        assert_eq!(outcome, Ok(Serialized::Bytes));
        assert_eq!(out, b"00000001-00ab-cdef-0123-456789abcdef");
    }

    #[test]
    fn an_unknown_encoding_shows_with_the_first_uuid() {
        let mut serializer = UuidSerializer::configured(true, &|_| Some("UTF-9"));
        let mut out = Vec::new();
        let null = serializer.serialize("t", &mut Headers::new(), &Datum::Null, &mut out);
        assert_eq!(null, Ok(Serialized::Null));
        let error = serializer.serialize("t", &mut Headers::new(), &Datum::Uuid(1), &mut out);
        let error = error.expect_err("no such encoding");
        assert!(error.message.ends_with("due to unsupported encoding UTF-9"), "{error}");
    }
}
