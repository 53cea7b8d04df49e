//! Under which subject a schema is registered (`io.confluent.kafka.serializers.subject`).

use super::exception::Exception;
use super::schema::Schema;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// Where Confluent's strategies are.
const PACKAGE: &str = "io.confluent.kafka.serializers.subject.";

/// `key.subject.name.strategy` and `value.subject.name.strategy`.
///
/// Since Platform 8 the default is `AssociatedNameStrategy`, which asks the registry for associations of the topic. This
/// registry has none, and then it is the first of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubjectNameStrategy {
    /// `TOPIC-key` or `TOPIC-value`.
    #[default]
    TopicName,
    /// The full name of the record, for keys and values of all topics.
    RecordName,
    /// `TOPIC-` and the full name of the record.
    TopicRecordName,
}

impl SubjectNameStrategy {
    /// All of them.
    pub const ALL: [SubjectNameStrategy; 3] = [
        SubjectNameStrategy::TopicName,
        SubjectNameStrategy::RecordName,
        SubjectNameStrategy::TopicRecordName,
    ];

    /// Java's class name without its package.
    pub fn simple_name(self) -> &'static str {
        match self {
            SubjectNameStrategy::TopicName => "TopicNameStrategy",
            SubjectNameStrategy::RecordName => "RecordNameStrategy",
            SubjectNameStrategy::TopicRecordName => "TopicRecordNameStrategy",
        }
    }

    /// Java's class name with its package.
    pub fn class_name(self) -> String {
        format!("{PACKAGE}{}", self.simple_name())
    }

    /// The strategy of a class name. Java wants the full name; the simple one is taken here as well.
    ///
    /// # Errors
    /// Another name, with those that are known.
    pub fn named(class: &str) -> Result<SubjectNameStrategy, String> {
        let simple = class.trim().strip_prefix(PACKAGE).unwrap_or(class.trim());
        if simple == "AssociatedNameStrategy" {
            return Ok(SubjectNameStrategy::TopicName);
        }
        let found = SubjectNameStrategy::ALL.into_iter().find(|strategy| strategy.simple_name() == simple);
        found.ok_or_else(|| {
            let names = SubjectNameStrategy::ALL.map(SubjectNameStrategy::simple_name);
            let hint = did_you_mean(&nearest(simple, names));
            let known = hint.unwrap_or_else(|| format!("known are {}", names.join(", ")));
            format!("no strategy `{}`; {known}", short(class))
        })
    }

    /// The subject.
    ///
    /// # Errors
    /// `SerializationException` if the strategy needs a record and the schema is of another type.
    pub fn subject(self, topic: &str, is_key: bool, schema: &Schema) -> Result<String, Exception> {
        match self {
            SubjectNameStrategy::TopicName if is_key => Ok(format!("{topic}-key")),
            SubjectNameStrategy::TopicName => Ok(format!("{topic}-value")),
            SubjectNameStrategy::RecordName => self.record(is_key, schema),
            SubjectNameStrategy::TopicRecordName => Ok(format!("{topic}-{}", self.record(is_key, schema)?)),
        }
    }

    fn record(self, is_key: bool, schema: &Schema) -> Result<String, Exception> {
        schema.record_name().ok_or_else(|| {
            let part = if is_key { "key" } else { "value" };
            Exception::serialization(format!(
                "In configuration {part}.subject.name.strategy = {}, the message {part} must only be a record schema",
                self.class_name()
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_those_of_java() {
        let order = Schema::avro(r#"{"type":"record","name":"Order","namespace":"shop","fields":[]}"#)
            .expect("a schema");
        let subject =
            |strategy: SubjectNameStrategy, is_key| strategy.subject("orders", is_key, &order).expect("one");
        assert_eq!(subject(SubjectNameStrategy::TopicName, true), "orders-key");
        assert_eq!(subject(SubjectNameStrategy::TopicName, false), "orders-value");
        assert_eq!(subject(SubjectNameStrategy::RecordName, true), "shop.Order");
        assert_eq!(subject(SubjectNameStrategy::TopicRecordName, false), "orders-shop.Order");
    }

    #[test]
    fn record_names_need_records() {
        let text = Schema::avro("\"string\"").expect("a schema");
        let error = SubjectNameStrategy::RecordName.subject("orders", true, &text).expect_err("no record");
        assert!(error.message.ends_with("RecordNameStrategy, the message key must only be a record schema"));
    }

    #[test]
    fn both_forms_of_a_class_name_are_taken_and_others_are_not() {
        for strategy in SubjectNameStrategy::ALL {
            assert_eq!(SubjectNameStrategy::named(&strategy.class_name()), Ok(strategy));
            assert_eq!(SubjectNameStrategy::named(strategy.simple_name()), Ok(strategy));
        }
        let error =
            SubjectNameStrategy::named("com.shop.RecordNamStrategy").expect_err("a class of their own");
        assert!(error.contains("com.shop.RecordNamStrategy"), "{error}");
    }
}
