//! `ListSerializer`.

use super::classes;
use super::datum::Datum;
use super::error::{Phase, SerializerError};
use super::headers::Headers;
use super::{Serialized, Serializer, Settings};

/// Full name of the class.
pub(super) const CLASS_NAME: &str = "org.apache.kafka.common.serialization.ListSerializer";

/// The serializers whose bytes are always of one length, or so Kafka thinks: a list of them has no lengths.
const FIXED_LENGTH: [&str; 6] = [
    "org.apache.kafka.common.serialization.ShortSerializer",
    "org.apache.kafka.common.serialization.IntegerSerializer",
    "org.apache.kafka.common.serialization.FloatSerializer",
    "org.apache.kafka.common.serialization.LongSerializer",
    "org.apache.kafka.common.serialization.DoubleSerializer",
    "org.apache.kafka.common.serialization.UUIDSerializer",
];

/// Length of a null entry in a list with lengths.
const NULL_ENTRY: i32 = -1;

/// `Serdes.ListSerde.SerializationStrategy`; its number is the first byte of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// Number of null entries and the place of each, number of entries, those that are not null.
    ConstantSize = 0,
    /// Number of entries, and before each its length.
    VariableSize = 1,
}

/// `org.apache.kafka.common.serialization.ListSerializer`. All numbers that it adds have four bytes.
#[derive(Debug)]
pub struct ListSerializer {
    inner: Box<dyn Serializer>,
    strategy: Strategy,
}

impl ListSerializer {
    /// With a serializer for entries, as Java's constructor takes it. It may be of lists again.
    pub fn new(inner: Box<dyn Serializer>) -> ListSerializer {
        let is_fixed = FIXED_LENGTH.contains(&inner.class_name());
        let strategy = if is_fixed { Strategy::ConstantSize } else { Strategy::VariableSize };
        ListSerializer { inner, strategy }
    }

    /// With the serde that `default.list.key.serde.inner` or `default.list.value.serde.inner` names.
    ///
    /// # Errors
    ///
    /// No such setting, a class that is no serde of Kafka's, a serde of lists (which configures itself without end),
    /// and what the inner serializer has against its own settings.
    pub fn configured(is_key: bool, settings: &Settings<'_>) -> Result<ListSerializer, SerializerError> {
        let key = if is_key { "default.list.key.serde.inner" } else { "default.list.value.serde.inner" };
        let Some(name) = settings(key) else {
            let message = "Not able to determine the serializer class because it was neither passed via the \
                           constructor nor set in the config.";
            return Err(SerializerError::config(message).help(format!("set `{key}`")));
        };
        classes::inner_of_list(key, name, is_key, settings).map(ListSerializer::new)
    }

    /// `configure` on a list serializer, which has its inner serializer already: Java's constructor with an argument
    /// must not be followed by it.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn configure(&mut self) -> Result<(), SerializerError> {
        let message = "List serializer was already initialized using a non-default constructor";
        Err(SerializerError::config(message))
    }
}

impl Serializer for ListSerializer {
    fn class_name(&self) -> &str {
        CLASS_NAME
    }

    fn serialize(
        &mut self,
        topic: &str,
        headers: &mut Headers,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<Serialized, SerializerError> {
        let entries = match datum {
            Datum::Null => return Ok(Serialized::Null),
            Datum::List(entries) => entries,
            _ => return Err(SerializerError::wrong_class(datum, "java.util.List")),
        };
        out.push(self.strategy as u8);
        if self.strategy == Strategy::ConstantSize {
            write_null_index_list(entries, out);
        }
        write_int(entries.len() as i32, out);
        for entry in entries {
            match (self.strategy, entry) {
                (Strategy::ConstantSize, Datum::Null) => {}
                (Strategy::VariableSize, Datum::Null) => write_int(NULL_ENTRY, out),
                (Strategy::ConstantSize, _) => self.write_entry(topic, headers, entry, out)?,
                (Strategy::VariableSize, _) => {
                    let length_at = out.len();
                    write_int(0, out);
                    self.write_entry(topic, headers, entry, out)?;
                    let length = out.len() - length_at - size_of::<i32>();
                    out[length_at..][..size_of::<i32>()].copy_from_slice(&(length as i32).to_be_bytes());
                }
            }
        }
        Ok(Serialized::Bytes)
    }
}

impl ListSerializer {
    fn write_entry(
        &mut self,
        topic: &str,
        headers: &mut Headers,
        entry: &Datum,
        out: &mut Vec<u8>,
    ) -> Result<(), SerializerError> {
        match self.inner.serialize(topic, headers, entry, out)? {
            Serialized::Bytes => Ok(()),
            Serialized::Null => {
                let inner = self.inner.class_name();
                let message = format!("{inner} made a null of an entry that is none");
                Err(SerializerError::new(Phase::Serialize, "NullPointerException", message))
            }
        }
    }
}

fn write_null_index_list(entries: &[Datum], out: &mut Vec<u8>) {
    let places = || entries.iter().enumerate().filter(|(_, entry)| **entry == Datum::Null).map(|(at, _)| at);
    write_int(places().count() as i32, out);
    places().for_each(|at| write_int(at as i32, out));
}

fn write_int(value: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serializer::plain::Plain;
    use crate::serializer::text::StringSerializer;
    use crate::serializer::uuid::UuidSerializer;

    fn bytes(inner: Box<dyn Serializer>, entries: Vec<Datum>) -> Result<Vec<u8>, SerializerError> {
        let mut out = Vec::new();
        let mut list = ListSerializer::new(inner);
        list.serialize("t", &mut Headers::new(), &Datum::List(entries), &mut out).map(|_| out)
    }

    #[test]
    fn entries_of_one_length_have_no_lengths_and_a_list_of_nulls() {
        let entries = vec![Datum::Null, Datum::Short(7), Datum::Null];
        let expected = [&[0][..], &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2], &[0, 0, 0, 3], &[0, 7]].concat();
        assert_eq!(bytes(Box::new(Plain::Short), entries), Ok(expected));
    }

    #[test]
    fn other_entries_have_lengths_and_a_null_has_minus_one() {
        let entries = vec![Datum::Text("ab".to_owned()), Datum::Null, Datum::Text(String::new())];
        let expected = [&[1, 0, 0, 0, 3][..], &[0, 0, 0, 2], b"ab", &[255; 4], &[0; 4]].concat();
        assert_eq!(bytes(Box::new(StringSerializer::new()), entries), Ok(expected));
        assert_eq!(bytes(Box::new(Plain::Boolean), vec![]), Ok(vec![1, 0, 0, 0, 0]));
    }

    #[test]
    fn uuids_count_as_of_one_length_whatever_their_encoding() {
        let inner = UuidSerializer::configured(true, &|_| Some("UTF-16"));
        let out = bytes(Box::new(inner), vec![Datum::Uuid(1)]).expect("a list");
        assert_eq!(out.len(), 1 + 4 + 4 + 2 + 2 * 36);
    }

    #[test]
    fn a_wrong_entry_is_the_inner_serializers_error() {
        let error = bytes(Box::new(StringSerializer::new()), vec![Datum::Int(1)]).expect_err("no text");
        assert_eq!(error.message, "class java.lang.Integer cannot be cast to class java.lang.String");
    }

    #[test]
    fn an_inner_serializer_must_not_make_nulls() {
        #[derive(Debug)]
        struct Nothing;
        impl Serializer for Nothing {
            fn class_name(&self) -> &str {
                "Nothing"
            }
            fn serialize(
                &mut self,
                _: &str,
                _: &mut Headers,
                _: &Datum,
                _: &mut Vec<u8>,
            ) -> Result<Serialized, SerializerError> {
                Ok(Serialized::Null)
            }
        }
        let error = bytes(Box::new(Nothing), vec![Datum::Int(1)]).expect_err("a null of an Integer");
        assert_eq!(error.class, "NullPointerException");
    }
}
