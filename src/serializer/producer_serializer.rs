//! A producer's serializer of keys or of values.

use super::datum::Datum;
use super::error::{CLASS_CAST, SerializerError};
use super::headers::Headers;
use super::{Serialized, Serializer, Settings, classes};

/// One of the two serializers of a producer, with what `KafkaProducer.doSend` does around it.
#[derive(Debug)]
pub struct ProducerSerializer {
    is_key: bool,
    serializer: Box<dyn Serializer>,
}

impl ProducerSerializer {
    /// With a serializer that the application has made, and that is not configured any more.
    pub fn new(is_key: bool, serializer: Box<dyn Serializer>) -> ProducerSerializer {
        ProducerSerializer { is_key, serializer }
    }

    /// With the class that `key.serializer` or `value.serializer` names in the producer's properties.
    ///
    /// # Errors
    ///
    /// No such property, and what [`classes::configured`] returns.
    pub fn configured(is_key: bool, settings: &Settings<'_>) -> Result<ProducerSerializer, SerializerError> {
        let key = setting(is_key);
        let Some(name) = settings(key) else {
            let message = format!("Invalid value null for configuration {key}: must be non-null.");
            return Err(SerializerError::config(message));
        };
        Ok(ProducerSerializer::new(is_key, classes::configured(name, is_key, settings)?))
    }

    /// Whether it is of keys.
    pub fn is_key(&self) -> bool {
        self.is_key
    }

    /// The full name of the serializer's class.
    pub fn class_name(&self) -> &str {
        self.serializer.class_name()
    }

    /// Appends the bytes of a key or value to `out`, which stays as it was after an error.
    ///
    /// # Errors
    ///
    /// What the serializer throws, but a `SerializationException` for an object of another class than it takes.
    pub fn serialize(
        &mut self,
        topic: &str,
        headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError> {
        let former_end = out.len();
        self.serializer.serialize(topic, headers, datum, out).map_err(|error| {
            out.truncate(former_end);
            if error.class == CLASS_CAST { self.cannot_convert(datum, error) } else { error }
        })
    }

    fn cannot_convert(&self, datum: &Datum, cause: SerializerError) -> SerializerError {
        let what = if self.is_key { "key" } else { "value" };
        let message = format!(
            "Can't convert {what} of class {} to class {} specified in {}",
            datum.java_class(),
            self.class_name(),
            setting(self.is_key)
        );
        SerializerError { help: cause.help, ..SerializerError::serialization(message) }
    }
}

fn setting(is_key: bool) -> &'static str {
    if is_key { "key.serializer" } else { "value.serializer" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(is_key: bool, settings: &Settings<'_>) -> ProducerSerializer {
        ProducerSerializer::configured(is_key, settings).expect("a serializer")
    }

    #[test]
    fn an_object_of_another_class_is_a_serialization_exception() {
        let settings: &Settings<'_> = &|key| (key == "key.serializer").then_some("StringSerializer");
        let mut out = vec![7];
        let error = of(true, settings).serialize("t", &mut Headers::new(), &Datum::Int(1), &mut out);
        assert_eq!(
            error.expect_err("no text").to_string(),
            "SerializationException: Can't convert key of class java.lang.Integer to class \
             org.apache.kafka.common.serialization.StringSerializer specified in key.serializer"
        );
        assert_eq!(out, [7]);
    }

    #[test]
    fn a_wrong_entry_of_a_list_is_told_as_the_list_and_nothing_of_it_stays() {
        let settings: &Settings<'_> = &|key| match key {
            "value.serializer" => Some("ListSerializer"),
            "default.list.value.serde.inner" => {
                Some("org.apache.kafka.common.serialization.Serdes$StringSerde")
            }
            _ => None,
        };
        let list = Datum::List(vec![Datum::Text("a".to_owned()), Datum::Int(1)]);
        let mut out = vec![7];
        let error = of(false, settings).serialize("t", &mut Headers::new(), &list, &mut out);
        assert_eq!(
            error.expect_err("an Integer in it").message,
            "Can't convert value of class java.util.ArrayList to class \
             org.apache.kafka.common.serialization.ListSerializer specified in value.serializer"
        );
        assert_eq!(out, [7]);
    }

    #[test]
    fn other_exceptions_pass_unchanged() {
        let settings: &Settings<'_> = &|key| match key {
            "key.serializer" => Some("UUIDSerializer"),
            _ => Some("UTF-9"),
        };
        let error = of(true, settings).serialize("t", &mut Headers::new(), &Datum::Uuid(1), &mut Vec::new());
        assert!(error.expect_err("no such encoding").message.starts_with("Error when serializing UUID"));
    }

    #[test]
    fn a_class_must_be_set() {
        let error = ProducerSerializer::configured(false, &|_| None).expect_err("nothing set");
        assert_eq!(error.message, "Invalid value null for configuration value.serializer: must be non-null.");
    }
}
