//! The serializers by their Java classes.

use super::error::{Phase, SerializerError};
use super::json::JsonSerializer;
use super::list::{self, ListSerializer};
use super::plain::Plain;
use super::text::StringSerializer;
use super::uuid::UuidSerializer;
use super::{Serializer, Settings};
use crate::values::nearest::{did_you_mean, nearest};

const SERIALIZATION: &str = "org.apache.kafka.common.serialization.";
const CONNECT_JSON: &str = "org.apache.kafka.connect.json.";
const CONFLUENT: &str = "io.confluent.kafka.serializers.";

/// End of the name of every class of a serializer.
const SERIALIZER: &str = "Serializer";

type Made = Result<Box<dyn Serializer>, SerializerError>;

struct Class {
    package: &'static str,
    name: &'static str,
    configured: fn(is_key: bool, settings: &Settings<'_>) -> Made,
}

const fn class(name: &'static str, configured: fn(bool, &Settings<'_>) -> Made) -> Class {
    Class { package: SERIALIZATION, name, configured }
}

const CLASSES: &[Class] = &[
    class("BooleanSerializer", |_, _| Ok(Box::new(Plain::Boolean))),
    class("ByteArraySerializer", |_, _| Ok(Box::new(Plain::ByteArray))),
    class("ByteBufferSerializer", |_, _| Ok(Box::new(Plain::ByteBuffer))),
    class("BytesSerializer", |_, _| Ok(Box::new(Plain::Bytes))),
    class("DoubleSerializer", |_, _| Ok(Box::new(Plain::Double))),
    class("FloatSerializer", |_, _| Ok(Box::new(Plain::Float))),
    class("IntegerSerializer", |_, _| Ok(Box::new(Plain::Integer))),
    class("ListSerializer", |is_key, settings| Ok(Box::new(ListSerializer::configured(is_key, settings)?))),
    class("LongSerializer", |_, _| Ok(Box::new(Plain::Long))),
    class("ShortSerializer", |_, _| Ok(Box::new(Plain::Short))),
    class("StringSerializer", |is_key, settings| {
        Ok(Box::new(StringSerializer::configured(is_key, settings)?))
    }),
    class("UUIDSerializer", |is_key, settings| Ok(Box::new(UuidSerializer::configured(is_key, settings)))),
    class("VoidSerializer", |_, _| Ok(Box::new(Plain::Void))),
    Class { package: CONNECT_JSON, ..class("JsonSerializer", |_, _| Ok(Box::new(JsonSerializer::Connect))) },
    Class {
        package: CONFLUENT,
        ..class("KafkaJsonSerializer", |_, _| Ok(Box::new(JsonSerializer::Confluent)))
    },
];

impl Class {
    fn full_name(&self) -> String {
        format!("{}{}", self.package, self.name)
    }

    fn has_full_name(&self, name: &str) -> bool {
        name.strip_prefix(self.package) == Some(self.name)
    }
}

/// The full names of all classes, sorted within each package.
pub fn full_names() -> impl Iterator<Item = String> {
    CLASSES.iter().map(Class::full_name)
}

/// Whether there is a serializer of this name, full or without package.
pub fn is_known(name: &str) -> bool {
    by_name(name).is_some()
}

/// A serializer by the name of its class, full or without package, configured as for keys or for values.
///
/// `settings` are the producer's properties; what they say under other keys than the serializer's is not looked at.
///
/// # Errors
///
/// A class that is not known here, with the names that may be meant and all that there are. What a serializer's own
/// settings are wrong in, as Java says it.
pub fn configured(name: &str, is_key: bool, settings: &Settings<'_>) -> Made {
    match by_name(name) {
        Some(class) => (class.configured)(is_key, settings),
        None => Err(unknown(name, is_key)),
    }
}

/// The inner serializer of a list by the serde that is set under `key`, which must be a full name, as in Java.
pub(super) fn inner_of_list(key: &str, serde: &str, is_key: bool, settings: &Settings<'_>) -> Made {
    let serializer_of = |class: &&Class| serde_name(class).as_deref() == Some(serde);
    if let Some(class) = CLASSES.iter().find(serializer_of) {
        if class.has_full_name(list::CLASS_NAME) {
            // Java's would look for its own inner serde under the same key, find itself, and so on.
            let help = format!("a list of lists cannot be set with `{key}`: choose another serde");
            return Err(SerializerError::new(Phase::Configure, "StackOverflowError", "").help(help));
        }
        return (class.configured)(is_key, settings);
    }
    if let Some(serde_name) = CLASSES.iter().find(|class| class.has_full_name(serde)).map(serde_name) {
        let error = SerializerError::new(Phase::Configure, "ClassCastException", format!("class {serde}"));
        let help = serde_name.map(|name| format!("`{key}` wants a serde: `{name}`"));
        return Err(error.maybe_help(help));
    }
    let message = format!(
        "Invalid value {serde} for configuration {key}: Serializer class {serde} could not be found."
    );
    let known: Vec<String> = CLASSES.iter().filter_map(serde_name).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let error =
        SerializerError::config(message).maybe_help(did_you_mean(&nearest(serde, known.iter().copied())));
    Err(error.help(format!("known are {}", known.join(", "))))
}

/// The class in `Serdes` with this serializer, if Kafka has one.
fn serde_name(class: &Class) -> Option<String> {
    let is_kafkas = class.package == SERIALIZATION;
    is_kafkas.then(|| format!("{SERIALIZATION}Serdes${}Serde", class.name.trim_end_matches(SERIALIZER)))
}

fn by_name(name: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.name == name || class.has_full_name(name))
}

fn unknown(name: &str, is_key: bool) -> SerializerError {
    let key = if is_key { "key.serializer" } else { "value.serializer" };
    let message = format!("Invalid value {name} for configuration {key}: Class {name} could not be found.");
    let names: Vec<String> = full_names().collect();
    SerializerError::config(message)
        .maybe_help(suggestion(name))
        .help(format!("known are {}", names.join(", ")))
}

/// Who has `Serializer` right at the end has misspelt what stands before, so only that is compared.
fn suggestion(name: &str) -> Option<String> {
    let simple = name.rsplit('.').next().unwrap_or(name);
    let (word, end) = match simple.strip_suffix(SERIALIZER) {
        Some(stem) => (stem, SERIALIZER),
        None => (simple, ""),
    };
    let known = CLASSES.iter().map(|class| class.name.strip_suffix(end).unwrap_or(class.name));
    let close: Vec<String> = nearest(word, known)
        .into_iter()
        .filter_map(|stem| by_name(&format!("{stem}{end}")))
        .map(Class::full_name)
        .collect();
    did_you_mean(&close.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_found_by_both_names_and_knows_its_own() {
        let longs = "org.apache.kafka.common.serialization.Serdes$LongSerde";
        let settings: &Settings<'_> = &|key| (key == "default.list.key.serde.inner").then_some(longs);
        for class in CLASSES {
            for name in [class.full_name(), class.name.to_owned()] {
                let serializer = configured(&name, true, settings).expect("a serializer");
                assert_eq!(serializer.class_name(), class.full_name());
            }
        }
        assert!(is_known("StringSerializer") && !is_known("com.example.StringSerializer"));
    }

    #[test]
    fn an_unknown_class_has_a_suggestion_and_a_list() {
        let error = configured("org.apache.kafka.common.serialization.SringSerializer", false, &|_| None);
        let error = error.expect_err("misspelt");
        assert_eq!(
            error.message,
            "Invalid value org.apache.kafka.common.serialization.SringSerializer for configuration \
             value.serializer: Class org.apache.kafka.common.serialization.SringSerializer could not be found."
        );
        let [meant, list] = &error.help[..] else { panic!("{error}") };
        assert_eq!(meant, "did you mean `org.apache.kafka.common.serialization.StringSerializer`?");
        assert!(full_names().all(|name| list.contains(&name)), "{list}");
        for (name, meant) in [("stringserialiser", Some("StringSerializer")), ("KafkaAvroSerializer", None)] {
            let suggestion = suggestion(name);
            assert_eq!(suggestion.is_some(), meant.is_some(), "{suggestion:?}");
            assert!(meant.is_none_or(|meant| suggestion.is_some_and(|text| text.contains(meant))), "{name}");
        }
    }

    #[test]
    fn the_inner_class_of_a_list_must_be_a_serde_of_something_else() {
        let error = |serde| configured("ListSerializer", true, &|_| Some(serde)).expect_err(serde);
        let text = error("org.apache.kafka.common.serialization.StringSerializer");
        assert_eq!(
            (text.class, &*text.message),
            ("ClassCastException", "class org.apache.kafka.common.serialization.StringSerializer")
        );
        assert!(text.help[0].contains("Serdes$StringSerde"), "{text}");
        assert_eq!(
            error("org.apache.kafka.common.serialization.Serdes$ListSerde").class,
            "StackOverflowError"
        );
        let simple = error("StringSerde");
        assert_eq!(simple.class, "ConfigException");
        assert!(simple.message.ends_with("Serializer class StringSerde could not be found."), "{simple}");
    }
}
