//! The serializers of JSON.

use serde_json::Value;

use super::datum::Datum;
use super::error::SerializerError;
use super::headers::Headers;
use super::{Serialized, Serializer, json_text};

/// A serializer of JSON.
///
/// Text is taken for a document that the application has read with `ObjectMapper.readTree`, so its spaces go, and what
/// is no JSON is an error. A string of JSON is [`Datum::Json`] with a string in it. Integers in text that do not fit
/// in 64 bits become doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonSerializer {
    /// `org.apache.kafka.connect.json.JsonSerializer`, which takes trees only.
    Connect,
    /// `io.confluent.kafka.serializers.KafkaJsonSerializer`, which takes any object. Only as the object itself is text
    /// a document; within a list it is a string.
    Confluent,
}

impl Serializer for JsonSerializer {
    fn class_name(&self) -> &str {
        match self {
            JsonSerializer::Connect => "org.apache.kafka.connect.json.JsonSerializer",
            JsonSerializer::Confluent => "io.confluent.kafka.serializers.KafkaJsonSerializer",
        }
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
            Datum::Json(value) => json_text::node(value, out)?,
            Datum::Text(text) => json_text::node(&parsed(text)?, out)?,
            Datum::Utf16(units) => {
                let text = String::from_utf16(units).map_err(|_| no_json("it has an unpaired surrogate"))?;
                json_text::node(&parsed(&text)?, out)?;
            }
            _ if *self == JsonSerializer::Confluent => json_text::object(datum, out)?,
            _ => return Err(SerializerError::wrong_class(datum, "com.fasterxml.jackson.databind.JsonNode")),
        }
        Ok(Serialized::Bytes)
    }
}

fn parsed(text: &str) -> Result<Value, SerializerError> {
    serde_json::from_str(text).map_err(|error| no_json(&error.to_string()))
}

fn no_json(why: &str) -> SerializerError {
    let help = format!("text must be a JSON document, but: {why}");
    SerializerError::serialization("Error serializing JSON message").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bytes(mut serializer: JsonSerializer, datum: &Datum) -> Result<String, SerializerError> {
        let mut out = Vec::new();
        serializer.serialize("t", &mut Headers::new(), datum, &mut out)?;
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    #[test]
    fn text_is_a_document_and_loses_its_spaces() {
        let datum = Datum::Text(" { \"b\" : 1.50, \"a\" : [ ] } ".to_owned());
        for serializer in [JsonSerializer::Connect, JsonSerializer::Confluent] {
            assert_eq!(bytes(serializer, &datum).as_deref(), Ok(r#"{"b":1.5,"a":[]}"#));
            assert_eq!(bytes(serializer, &Datum::Json(json!("a"))).as_deref(), Ok("\"a\""));
            let error = bytes(serializer, &Datum::Text("a".to_owned())).expect_err("no document");
            assert_eq!(error.message, "Error serializing JSON message");
            assert!(error.help[0].contains("line 1 column 1"), "{error}");
            let error = bytes(serializer, &Datum::Utf16(vec![0x22, 0xd83d, 0x22])).expect_err("a surrogate");
            assert!(error.help[0].contains("surrogate"), "{error}");
        }
    }

    #[test]
    fn a_null_node_is_four_bytes_and_a_null_is_a_null() {
        let mut out = Vec::new();
        let null = JsonSerializer::Connect.serialize("t", &mut Headers::new(), &Datum::Null, &mut out);
        assert_eq!((null, out.len()), (Ok(Serialized::Null), 0));
        assert_eq!(bytes(JsonSerializer::Connect, &Datum::Json(Value::Null)).as_deref(), Ok("null"));
    }

    #[test]
    fn only_confluents_takes_any_object() {
        let list = Datum::List(vec![Datum::Text("a".to_owned()), Datum::Int(1)]);
        assert_eq!(bytes(JsonSerializer::Confluent, &list).as_deref(), Ok(r#"["a",1]"#));
        let error = bytes(JsonSerializer::Connect, &list).expect_err("no tree");
        assert!(error.message.ends_with("to class com.fasterxml.jackson.databind.JsonNode"), "{error}");
    }
}
