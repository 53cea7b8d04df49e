//! What another setting would have changed: told from a second run with it, never from a table.

use super::names::{Told, span_text};
use super::sentences::Sentence;
use crate::producer::{HeldBack, Reason};
use crate::recording::Recording;
use crate::recording::story::{BatchStory, RecordStory};
use crate::report::figures::grouped;

/// Questions about one batch.
const MOST_QUESTIONS: usize = 2;

impl Told<'_> {
    /// The settings that are worth a second run for a batch: a key and its other value each.
    pub fn questions(&self, batch: &BatchStory) -> Vec<(&'static str, String)> {
        let config = self.config(batch.client);
        let mut questions = Vec::new();
        for (_, why) in &batch.held {
            match why {
                HeldBack::Muted => {
                    questions.push(("max.in.flight.requests.per.connection", "5".to_owned()));
                }
                HeldBack::InFlight if config.max_in_flight < 5 => {
                    questions.push(("max.in.flight.requests.per.connection", "5".to_owned()));
                }
                HeldBack::Backoff if config.retry_backoff_ms > 1 => {
                    questions.push(("retry.backoff.ms", (config.retry_backoff_ms / 2).to_string()));
                }
                HeldBack::NoProducerId => questions.push(("enable.idempotence", "false".to_owned())),
                _ => {}
            }
        }
        let size = ("batch.size", (u64::from(config.batch_size.max(1)) * 2).to_string());
        let no_linger = ("linger.ms", "0".to_owned());
        let longer = ("linger.ms", (config.linger_ms.max(1) * 2).to_string());
        match batch.attempts.first().map(|first| first.reason) {
            Some(Reason::Full) => questions.push(size),
            Some(Reason::Memory) => questions.push(("buffer.memory", (config.buffer_memory * 2).to_string())),
            Some(Reason::Linger | Reason::Piggyback | Reason::Close | Reason::Flush) => {
                if config.linger_ms > 0 {
                    questions.push(no_linger);
                }
                questions.push(longer);
            }
            None => {}
        }
        let mut seen: Vec<(&str, String)> = Vec::new();
        questions.retain(|question| {
            !seen.contains(question) && {
                seen.push(question.clone());
                true
            }
        });
        questions.truncate(MOST_QUESTIONS);
        questions
    }

    /// What became of the first record of a batch in a run with another value of a key.
    pub fn what_if(&self, batch: &BatchStory, other: &Recording, key: &str, value: &str) -> Sentence {
        let mut values = self.batch_values(batch);
        values.extend([("key", key.to_owned()), ("value", value.to_owned())]);
        let (Some(first), Some(before)) = (batch.records.first(), batch.attempts.first()) else {
            return self.say("whatif.gone", &values);
        };
        let found = same_record(self.recording, other, batch.client, first);
        let Some((there, after)) = found.and_then(|there| Some((there, there.attempts.first()?))) else {
            return self.say("whatif.gone", &values);
        };
        if after.sent == before.sent && after.records == before.records {
            return self.say("whatif.same", &values);
        }
        let (difference, direction) = match after.sent < before.sent {
            true => (before.sent - after.sent, "earlier"),
            false => (after.sent - before.sent, "later"),
        };
        values.extend([
            ("difference", span_text(difference)),
            ("direction", direction.to_owned()),
            ("records", grouped(there.records.len() as u64)),
            ("before", grouped(batch.records.len() as u64)),
        ] as [(&'static str, String); 4]);
        self.say("whatif.batch", &values)
    }
}

/// The batch of the same record in another run: of the records of that thread that were due at that time, the one with the
/// same place among them.
fn same_record<'a>(
    here: &Recording,
    other: &'a Recording,
    client: u32,
    record: &RecordStory,
) -> Option<&'a BatchStory> {
    let place = of_time(here, client, record).iter().position(|(number, _)| *number == record.number)?;
    let (number, batch) = *of_time(other, client, record).get(place)?;
    other.record(number).map_or(Some(batch), |(batch, _)| Some(batch))
}

/// Records of a thread that were due at the time of one of them, in their order, each with its batch.
fn of_time<'a>(recording: &'a Recording, client: u32, record: &RecordStory) -> Vec<(u64, &'a BatchStory)> {
    let mut found: Vec<(u64, &BatchStory)> = Vec::new();
    for batch in recording.batches.values().filter(|batch| batch.client == client) {
        let is_alike = |one: &&RecordStory| one.thread == record.thread && one.since == record.since;
        found.extend(batch.records.iter().filter(is_alike).map(|one| (one.number, batch)));
    }
    found.sort_by_key(|(number, _)| *number);
    // A record of a batch that was split is in a part of it as well.
    found.dedup_by_key(|(number, _)| *number);
    found
}
