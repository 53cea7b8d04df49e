//! `StringSerializer`, and the setting of the encoding.

use super::charset::Charset;
use super::datum::Datum;
use super::error::{Phase, SerializerError};
use super::headers::Headers;
use super::{Serialized, Serializer, Settings};

/// `org.apache.kafka.common.serialization.StringSerializer`.
#[derive(Clone, Debug)]
pub struct StringSerializer {
    charset: Charset,
}

impl StringSerializer {
    /// As an application makes it itself: UTF-8.
    pub fn new() -> StringSerializer {
        StringSerializer { charset: Charset::Utf8 }
    }

    /// With the encoding that `key.serializer.encoding` or `value.serializer.encoding` names, and without that
    /// `serializer.encoding`.
    ///
    /// # Errors
    ///
    /// An encoding that Java does not know, or that is not among those here.
    pub fn configured(is_key: bool, settings: &Settings<'_>) -> Result<StringSerializer, SerializerError> {
        let Some(name) = encoding(is_key, settings) else {
            return Ok(StringSerializer::new());
        };
        let unsupported = || {
            let message = format!("Unsupported encoding {name}");
            let error = SerializerError::new(Phase::Configure, "SerializationException", message);
            SerializerError { help: Charset::help(name), ..error }
        };
        let charset = Charset::by_name(name).ok_or_else(unsupported)?;
        Ok(StringSerializer { charset })
    }
}

impl Default for StringSerializer {
    fn default() -> StringSerializer {
        StringSerializer::new()
    }
}

/// `key.serializer.encoding` or `value.serializer.encoding`, and without that `serializer.encoding`.
pub(super) fn encoding<'a>(is_key: bool, settings: &Settings<'a>) -> Option<&'a str> {
    let own = if is_key { "key.serializer.encoding" } else { "value.serializer.encoding" };
    settings(own).or_else(|| settings("serializer.encoding"))
}

impl Serializer for StringSerializer {
    fn class_name(&self) -> &str {
        "org.apache.kafka.common.serialization.StringSerializer"
    }

    fn serialize(
        &mut self,
        _topic: &str,
        _headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError> {
        match datum {
            Datum::Null => return Ok(Serialized::Null),
            Datum::Text(text) => self.charset.encode(text, out),
            Datum::Utf16(units) => self.charset.encode_utf16(units, out),
            _ => return Err(SerializerError::wrong_class(datum, "java.lang.String")),
        }
        Ok(Serialized::Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_encoding_goes_before_the_common_one() {
        let settings: &Settings<'_> = &|key| match key {
            "key.serializer.encoding" => Some("latin1"),
            "serializer.encoding" => Some("UTF-16"),
            _ => None,
        };
        assert_eq!(encoding(true, settings), Some("latin1"));
        assert_eq!(encoding(false, settings), Some("UTF-16"));
        assert_eq!(encoding(true, &|_| None), None);
    }

    #[test]
    fn an_unknown_encoding_is_an_error_with_help() {
        let error = StringSerializer::configured(false, &|_| Some("utf_8")).expect_err("no such name");
        assert_eq!((error.phase, error.class), (Phase::Configure, "SerializationException"));
        assert_eq!(error.message, "Unsupported encoding utf_8");
        assert!(error.help[0].contains("UTF-8"), "{error}");
    }
}
