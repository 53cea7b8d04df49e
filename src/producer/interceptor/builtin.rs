//! Interceptors that one does not have to write.

use std::collections::BTreeMap;

use super::{Acknowledged, Draft, Interceptor, Part, Thrown};
use crate::serializer::datum::Datum;

/// Adds a header with the same value to every record, as tracing does.
#[derive(Clone, Debug)]
pub struct AddHeader {
    name: String,
    value: Vec<u8>,
}

impl AddHeader {
    /// A header of this name with `len` bytes.
    pub fn new(name: String, len: u32) -> AddHeader {
        AddHeader { name, value: vec![0; len as usize] }
    }
}

impl Interceptor for AddHeader {
    fn name(&self) -> String {
        format!("add-header {}", self.name)
    }

    fn on_send(&mut self, draft: &mut Draft) -> Result<(), Thrown> {
        draft.headers.add(self.name.clone(), Some(self.value.clone()));
        Ok(())
    }

    fn on_acknowledgement(&mut self, _: &Acknowledged) -> Result<(), Thrown> {
        Ok(())
    }
}

/// Counts what comes by, by outcome.
#[derive(Clone, Debug, Default)]
pub struct Count {
    sent: u64,
    acknowledged: u64,
    failed: BTreeMap<&'static str, u64>,
}

impl Interceptor for Count {
    fn name(&self) -> String {
        "count".to_owned()
    }

    fn on_send(&mut self, _: &mut Draft) -> Result<(), Thrown> {
        self.sent += 1;
        Ok(())
    }

    fn on_acknowledgement(&mut self, record: &Acknowledged) -> Result<(), Thrown> {
        match record.exception {
            None => self.acknowledged += 1,
            Some(exception) => *self.failed.entry(exception.name()).or_default() += 1,
        }
        Ok(())
    }

    fn findings(&self) -> Vec<String> {
        let failed = self.failed.iter().map(|(name, count)| format!("{count} {name}"));
        let first = format!("{} sent, {} acknowledged", self.sent, self.acknowledged);
        vec![std::iter::once(first).chain(failed).collect::<Vec<_>>().join(", ")]
    }
}

/// Keeps where every n-th record went.
#[derive(Clone, Debug)]
pub struct Sample {
    every: u64,
    heard: u64,
    kept: Vec<Acknowledged>,
}

/// No more samples are kept: the first ones.
const MOST_SAMPLES: usize = 20;

impl Sample {
    /// Of every `every`-th record, at least 1.
    pub fn new(every: u64) -> Sample {
        Sample { every: every.max(1), heard: 0, kept: Vec::new() }
    }
}

impl Interceptor for Sample {
    fn name(&self) -> String {
        format!("sample 1 of {}", self.every)
    }

    fn on_send(&mut self, _: &mut Draft) -> Result<(), Thrown> {
        Ok(())
    }

    fn on_acknowledgement(&mut self, record: &Acknowledged) -> Result<(), Thrown> {
        if self.heard.is_multiple_of(self.every) && self.kept.len() < MOST_SAMPLES {
            self.kept.push(*record);
        }
        self.heard += 1;
        Ok(())
    }

    fn findings(&self) -> Vec<String> {
        let sample = |(number, record): (usize, &Acknowledged)| {
            let number = number as u64 * self.every + 1;
            match record.exception {
                None => format!("result {number}: partition {}, offset {}", record.partition, record.offset),
                Some(exception) => format!("result {number}: {}", exception.name()),
            }
        };
        self.kept.iter().enumerate().map(sample).collect()
    }
}

/// Gives records another key, and thereby another partition.
#[derive(Clone, Debug)]
pub enum Rekey {
    /// This one for all.
    To(String),
    /// The first characters of the record's own text.
    First(usize),
    /// Null.
    Null,
}

impl Interceptor for Rekey {
    fn name(&self) -> String {
        match self {
            Rekey::To(text) => format!("set-key to {text}"),
            Rekey::First(characters) => format!("set-key to its first {characters} characters"),
            Rekey::Null => "set-key to null".to_owned(),
        }
    }

    fn on_send(&mut self, draft: &mut Draft) -> Result<(), Thrown> {
        draft.key = match (&*self, &draft.key) {
            (Rekey::To(text), _) => Part::Object(Datum::Text(text.clone())),
            (Rekey::Null, _) => Part::Object(Datum::Null),
            (Rekey::First(characters), Part::Object(Datum::Text(key))) => {
                Part::Object(Datum::Text(key.chars().take(*characters).collect()))
            }
            (Rekey::First(_), Part::Object(Datum::Null)) => Part::Object(Datum::Null),
            (Rekey::First(_), Part::Object(key)) => {
                let message = format!("class {} cannot be cast to class java.lang.String", key.java_class());
                return Err(Thrown(format!("java.lang.ClassCastException: {message}")));
            }
            (Rekey::First(_), Part::Opaque) => {
                return Err(Thrown("java.lang.NullPointerException: the key's text is not known".to_owned()));
            }
        };
        Ok(())
    }

    fn on_acknowledgement(&mut self, _: &Acknowledged) -> Result<(), Thrown> {
        Ok(())
    }
}

/// Throws at every n-th record, after it has taken its key: to show that nobody notices.
#[derive(Clone, Debug)]
pub struct Stumble {
    every: u64,
    sent: u64,
}

impl Stumble {
    /// At every `every`-th record, at least 1.
    pub fn new(every: u64) -> Stumble {
        Stumble { every: every.max(1), sent: 0 }
    }
}

impl Interceptor for Stumble {
    fn name(&self) -> String {
        format!("throw at 1 of {}", self.every)
    }

    fn on_send(&mut self, draft: &mut Draft) -> Result<(), Thrown> {
        self.sent += 1;
        if !self.sent.is_multiple_of(self.every) {
            return Ok(());
        }
        draft.key = Part::Object(Datum::Null);
        Err(Thrown("java.lang.RuntimeException: an interceptor's own mistake".to_owned()))
    }

    fn on_acknowledgement(&mut self, _: &Acknowledged) -> Result<(), Thrown> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::record::Record;

    #[test]
    fn a_key_is_cut_as_text_and_nothing_else_can_be() {
        let mut draft = Draft::of(Record::EMPTY);
        draft.key = Part::Object(Datum::Text("zürich:17".to_owned()));
        Rekey::First(6).on_send(&mut draft).expect("a text");
        assert_eq!(draft.key, Part::Object(Datum::Text("zürich".to_owned())));
        draft.key = Part::Object(Datum::Long(17));
        assert!(Rekey::First(6).on_send(&mut draft).is_err());
        assert_eq!(draft.key, Part::Object(Datum::Long(17)));
        Rekey::Null.on_send(&mut draft).expect("always");
        assert_eq!(draft.key, Part::Object(Datum::Null));
    }

    #[test]
    fn every_third_result_is_kept() {
        let mut sample = Sample::new(3);
        for offset in 0..7 {
            let record =
                Acknowledged { topic: crate::values::ids::TopicId(0), partition: 1, offset, exception: None };
            sample.on_acknowledgement(&record).expect("no exception");
        }
        assert_eq!(
            sample.findings(),
            [
                "result 1: partition 1, offset 0",
                "result 4: partition 1, offset 3",
                "result 7: partition 1, offset 6"
            ]
        );
    }
}
