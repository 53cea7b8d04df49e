//! The interceptors of a producer in their order (`ProducerInterceptors`).

use super::{Acknowledged, Draft, Interceptor, Thrown};

/// What an interceptor did, as the client's log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls of `onSend`.
    pub sends: u64,
    /// Calls of `onAcknowledgement` without an exception.
    pub acknowledged: u64,
    /// Calls of `onAcknowledgement` with one.
    pub failed: u64,
    /// Exceptions of the interceptor itself, which were logged and swallowed.
    pub swallowed: u64,
    /// The message of the first of them.
    pub first_message: Option<String>,
}

impl Tally {
    fn note(&mut self, outcome: Result<(), Thrown>) -> bool {
        let Err(Thrown(message)) = outcome else { return true };
        self.swallowed += 1;
        self.first_message.get_or_insert(message);
        false
    }
}

/// All interceptors, in the order of `interceptor.classes`.
#[derive(Debug, Default)]
pub struct Chain {
    links: Vec<(Box<dyn Interceptor>, Tally)>,
}

impl Chain {
    /// These interceptors in this order.
    pub fn new(interceptors: Vec<Box<dyn Interceptor>>) -> Chain {
        Chain { links: interceptors.into_iter().map(|link| (link, Tally::default())).collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// SEND-0: each gets what the one before it has returned. After an exception the next one gets what the last one
    /// without has returned; but headers are the record's own, and what has been done to them stays.
    pub fn on_send(&mut self, draft: &mut Draft) {
        for (interceptor, tally) in &mut self.links {
            tally.sends += 1;
            let (record, key, value) = (draft.record, draft.key.clone(), draft.value.clone());
            if !tally.note(interceptor.on_send(draft)) {
                (draft.record, draft.key, draft.value) = (record, key, value);
            }
        }
    }

    /// CB-1, CB-3: all of them hear of it, whoever throws.
    pub fn on_acknowledgement(&mut self, record: &Acknowledged) {
        for (interceptor, tally) in &mut self.links {
            match record.exception {
                None => tally.acknowledged += 1,
                Some(_) => tally.failed += 1,
            }
            tally.note(interceptor.on_acknowledgement(record));
        }
    }

    /// What each has done, with its name and what it has found out.
    pub fn tallies(&self) -> Vec<(String, Tally, Vec<String>)> {
        self.links
            .iter()
            .map(|(interceptor, tally)| (interceptor.name(), tally.clone(), interceptor.findings()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Part, Stumble};
    use super::*;
    use crate::protocol::record::Record;
    use crate::serializer::datum::Datum;

    /// Appends its letter to the key, and then throws if it is told to.
    #[derive(Debug)]
    struct Letter(char, bool);

    impl Interceptor for Letter {
        fn name(&self) -> String {
            self.0.to_string()
        }

        fn on_send(&mut self, draft: &mut Draft) -> Result<(), Thrown> {
            let Part::Object(Datum::Text(key)) = &mut draft.key else {
                return Err(Thrown("no key".to_owned()));
            };
            key.push(self.0);
            draft.headers.add(self.0, None);
            if self.1 { Err(Thrown(format!("{} fails", self.0))) } else { Ok(()) }
        }

        fn on_acknowledgement(&mut self, _: &Acknowledged) -> Result<(), Thrown> {
            if self.1 { Err(Thrown("again".to_owned())) } else { Ok(()) }
        }
    }

    fn key_behind(links: Vec<Letter>) -> (Part, Vec<Tally>) {
        let mut chain =
            Chain::new(links.into_iter().map(|link| Box::new(link) as Box<dyn Interceptor>).collect());
        let mut draft = Draft::of(Record::EMPTY);
        draft.key = Part::Object(Datum::Text(String::new()));
        chain.on_send(&mut draft);
        (draft.key, chain.tallies().into_iter().map(|(_, tally, _)| tally).collect())
    }

    /// testOnSendChain of the client's own tests.
    #[test]
    fn send_0_one_that_throws_is_skipped_and_the_next_gets_the_last_good_record() {
        let text = |text: &str| Part::Object(Datum::Text(text.to_owned()));
        assert_eq!(key_behind(vec![Letter('a', false), Letter('b', false)]).0, text("ab"));
        let (key, tallies) = key_behind(vec![Letter('a', false), Letter('b', true), Letter('c', false)]);
        assert_eq!(key, text("ac"));
        assert_eq!((tallies[1].sends, tallies[1].swallowed), (1, 1));
        assert_eq!(tallies[1].first_message.as_deref(), Some("b fails"));
        assert_eq!(key_behind(vec![Letter('a', true), Letter('b', true)]).0, text(""));
    }

    /// In Java a record's headers are changed in place, so an exception does not bring them back.
    #[test]
    fn send_0_headers_stay_as_one_that_throws_has_left_them() {
        let mut chain = Chain::new(vec![Box::new(Letter('a', true)), Box::new(Letter('b', false))]);
        let mut draft = Draft::of(Record::EMPTY);
        draft.key = Part::Object(Datum::Text(String::new()));
        chain.on_send(&mut draft);
        let names: Vec<&str> = draft.headers.iter().map(|(name, _)| name).collect();
        assert_eq!((names, draft.key), (vec!["a", "b"], Part::Object(Datum::Text("b".to_owned()))));
    }

    /// testOnAcknowledgementChain.
    #[test]
    fn cb_3_all_hear_of_a_result_whoever_throws() {
        let mut chain = Chain::new(vec![
            Box::new(Letter('a', true)),
            Box::new(Stumble::new(1)),
            Box::new(Letter('b', false)),
        ]);
        let failed = Acknowledged {
            topic: crate::values::ids::TopicId(0),
            partition: -1,
            offset: -1,
            exception: Some(crate::producer::Exception::TimeoutException),
        };
        chain.on_acknowledgement(&failed);
        chain.on_acknowledgement(&Acknowledged { exception: None, ..failed });
        let tallies: Vec<Tally> = chain.tallies().into_iter().map(|(_, tally, _)| tally).collect();
        assert!(tallies.iter().all(|tally| (tally.failed, tally.acknowledged) == (1, 1)), "{tallies:?}");
        assert_eq!([tallies[0].swallowed, tallies[2].swallowed], [2, 0]);
    }
}
