//! Batches, requests, records and steps as columns of numbers: what is alike stands together and packs well.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cluster::Stored;
use crate::producer::HeldBack;
use crate::protocol::record::Key;
use crate::recording::Recording;
use crate::recording::step::{Kind, Step};
use crate::recording::story::{Attempt, BatchStory, RequestStory};
use crate::recording::totals::reason_place;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;
use crate::world::happening::Ending;

/// Instead of a distance: there is none.
const NEVER: i64 = -1_000_000_000_000_000;

/// Records whose keys' hashes are in a page.
const MOST_HASHES: usize = 50_000;

/// Names of errors, by the place that columns use.
pub(super) struct Errors(pub(super) Vec<&'static str>);

impl Errors {
    fn place(&mut self, name: &'static str) -> i64 {
        let place = self.0.iter().position(|other| *other == name);
        place.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        }) as i64
    }
}

/// Each as the difference from the one before.
fn deltas(values: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut last = 0;
    values.into_iter().map(|value| value - std::mem::replace(&mut last, value)).collect()
}

/// A time as the distance from another one, [`NEVER`]: there is none.
fn since(base: Time, at: Option<Time>) -> i64 {
    at.map_or(NEVER, |at| at.0 as i64 - base.0 as i64)
}

fn column<'a, T: 'a>(all: impl IntoIterator<Item = &'a T>, of: impl Fn(&T) -> i64) -> Vec<i64> {
    all.into_iter().map(of).collect()
}

/// The last request of a batch: what its end follows from.
fn last_response(recording: &Recording, batch: &BatchStory) -> Option<Time> {
    let request = recording.requests.get(&batch.attempts.last()?.request)?;
    request.response.or(Some(request.sent))
}

/// Batches, as `readBatches` of the page wants them: told from their records and requests.
pub(super) fn batches(recording: &Recording, errors: &mut Errors) -> Value {
    let split = split_batches(recording);
    let all: Vec<&BatchStory> = recording.batches.values().collect();
    let of = |get: &dyn Fn(&BatchStory) -> i64| all.iter().map(|batch| get(batch)).collect::<Vec<i64>>();
    let opened = of(&|batch| {
        let first = batch.records.first().filter(|_| !split.contains(&batch.number));
        batch.opened.0 as i64 - first.map_or(0, |record| record.appended.0 as i64)
    });
    let results: Vec<i64> = all
        .iter()
        .map(|batch| match batch.ended {
            Some((_, Ending::Acked(offset))) => offset - batch.offset().map_or(0, |offset| offset as i64),
            Some((_, Ending::Failed { exception, .. })) => errors.place(exception),
            None => 0,
        })
        .collect();
    let held = all.iter().flat_map(|batch| {
        let place = |why| HeldBack::ALL.iter().position(|other| *other == why).unwrap_or(0);
        batch.held.iter().map(move |(at, why)| json!([batch.number, at.0, place(*why)]))
    });
    json!({
        "number": deltas(of(&|batch| i64::from(batch.number))),
        "client": of(&|batch| i64::from(batch.client)),
        "partition": of(&|batch| recording.totals.place(batch.tp) as i64),
        "limit": of(&|batch| batch.limit as i64),
        "parent": of(&|batch| i64::from(batch.parent.unwrap_or(0))),
        "opened": opened,
        "full": of(&|batch| since(batch.opened, batch.full_at)),
        "ready": of(&|batch| since(batch.opened, batch.ready.map(|(at, _)| at))),
        "readyBy": of(&|batch| batch.ready.map_or(0, |(_, by)| reason_place(by) as i64)),
        "estimated": of(&|batch| {
            batch.estimated as i64 - batch.attempts.first().map_or(0, |attempt| i64::from(attempt.bytes))
        }),
        "ended": of(&|batch| {
            let base = last_response(recording, batch).unwrap_or(batch.opened);
            batch.ended.map_or(NEVER, |(at, _)| at.0 as i64 - base.0 as i64)
        }),
        "ending": of(&|batch| match batch.ended {
            None => 0,
            Some((_, Ending::Acked(_))) => 1,
            Some((_, Ending::Failed { may_be_logged: false, .. })) => 2,
            Some((_, Ending::Failed { may_be_logged: true, .. })) => 3,
        }),
        "result": results,
        "held": held.collect::<Vec<_>>(),
    })
}

/// Transmissions of all batches, as `readAttempts` wants them: offsets and sequences are told from those before.
pub(super) fn attempts(recording: &Recording, errors: &mut Errors) -> Value {
    let all: Vec<(&BatchStory, &Attempt)> = recording
        .batches
        .values()
        .flat_map(|batch| batch.attempts.iter().map(move |attempt| (batch, attempt)))
        .collect();
    let mut next: BTreeMap<TopicPartition, i64> = BTreeMap::new();
    let mut values = Vec::with_capacity(all.len());
    let mut sequences = Vec::with_capacity(all.len());
    for (batch, attempt) in &all {
        let stored = match attempt.stored {
            Some((_, Stored::Appended(offset) | Stored::Duplicate(offset))) => offset as i64,
            Some((_, Stored::Rejected(error))) => errors.place(error.name()),
            None => 0,
        };
        let expected = next.entry(batch.tp).or_default();
        sequences.push(i64::from(attempt.sequence) - *expected);
        values.push(match attempt.stored {
            Some((_, Stored::Appended(_))) => {
                stored - std::mem::replace(expected, stored + i64::from(attempt.records))
            }
            _ => stored,
        });
    }
    let failures: Vec<i64> =
        all.iter().map(|(_, attempt)| attempt.failed.map_or(0, |(_, error)| errors.place(error))).collect();
    let stored_at = |attempt: &Attempt| {
        let request = recording.requests.get(&attempt.request);
        let base = request.map_or(attempt.sent, |request| request.arrived.unwrap_or(request.sent));
        attempt.stored.map_or(NEVER, |(at, _)| at.0 as i64 - base.0 as i64)
    };
    json!({
        "batch": deltas(column(&all, |(batch, _)| i64::from(batch.number))),
        "request": deltas(column(&all, |(_, attempt)| i64::from(attempt.request))),
        "sent": column(&all, |(_, attempt)| {
            let request = recording.requests.get(&attempt.request);
            attempt.sent.0 as i64 - request.map_or(0, |request| request.sent.0 as i64)
        }),
        "reason": column(&all, |(_, attempt)| reason_place(attempt.reason) as i64),
        "records": column(&all, |(_, attempt)| i64::from(attempt.records)),
        "bytes": column(&all, |(_, attempt)| i64::from(attempt.bytes)),
        "sequence": sequences,
        "waited": column(&all, |(_, attempt)| attempt.waited_ms as i64),
        "stored": column(&all, |(_, attempt)| match attempt.stored {
            None => 0,
            Some((_, Stored::Appended(_))) => 1,
            Some((_, Stored::Duplicate(_))) => 2,
            Some((_, Stored::Rejected(_))) => 3,
        }),
        "storedAt": column(&all, |(_, attempt)| stored_at(attempt)),
        "storedValue": values,
        "failed": column(&all, |(_, attempt)| since(attempt.sent, attempt.failed.map(|(at, _)| at))),
        "error": failures,
    })
}

/// Requests, as `readRequests` wants them.
pub(super) fn requests(recording: &Recording) -> Value {
    let of = |get: &dyn Fn(&RequestStory) -> i64| recording.requests.values().map(get).collect::<Vec<i64>>();
    let after = |base: Option<Time>, at: Option<Time>, sent: Time| since(base.unwrap_or(sent), at);
    json!({
        "number": deltas(of(&|request| i64::from(request.number))),
        "client": of(&|request| i64::from(request.client)),
        "node": of(&|request| i64::from(request.node.0)),
        "bytes": of(&|request| request.bytes as i64),
        "sent": deltas(of(&|request| request.sent.0 as i64)),
        "arrived": of(&|request| since(request.sent, request.arrived)),
        "answered": of(&|request| after(request.arrived, request.answered, request.sent)),
        "response": of(&|request| after(request.answered, request.response, request.sent)),
        "done": of(&|request| after(request.response, request.done, request.sent)),
    })
}

/// Batches whose records are with their parts.
fn split_batches(recording: &Recording) -> BTreeSet<u32> {
    recording.batches.values().filter_map(|batch| batch.parent).collect()
}

/// Records in the order of their numbers, as `readRecords` wants them.
pub(super) fn records(recording: &Recording) -> Value {
    let split = split_batches(recording);
    let whole = recording.batches.values().filter(|batch| !split.contains(&batch.number));
    let mut all: Vec<_> =
        whole.flat_map(|batch| batch.records.iter().map(move |record| (batch.number, record))).collect();
    all.sort_by_key(|(_, record)| record.number);
    json!({
        "number": deltas(column(&all, |(_, record)| record.number as i64)),
        "batch": deltas(column(&all, |(batch, _)| i64::from(*batch))),
        "thread": column(&all, |(_, record)| i64::from(record.thread)),
        "appended": deltas(column(&all, |(_, record)| record.appended.0 as i64)),
        "called": column(&all, |(_, record)| record.appended.0 as i64 - record.called.0 as i64),
        "since": column(&all, |(_, record)| record.called.0 as i64 - record.since.0 as i64),
        "bytes": column(&all, |(_, record)| i64::from(record.fixed_bytes)),
        "keyLength": column(&all, |(_, record)| i64::from(record.key.len)),
        // Hashes do not pack.
        "keyHash": if all.len() <= MOST_HASHES { column(&all, |(_, record)| match record.key {
            Key::NULL => 0,
            key => i64::from(key.murmur2),
        }) } else { Vec::new() },
    })
}

/// The time of a step as the stories have it, if they do.
fn expected(recording: &Recording, step: &Step) -> Option<Time> {
    let request = |number: u32| recording.requests.get(&number);
    let batch = |number: u32| recording.batches.get(&number);
    match step.kind {
        Kind::Open => Some(batch(step.subject)?.opened),
        Kind::Ready => Some(batch(step.subject)?.ready?.0),
        Kind::Request => Some(request(step.subject)?.sent),
        Kind::Sent => Some(request(u32::try_from(step.value).ok()?)?.sent),
        Kind::Arrived => request(step.subject)?.arrived,
        Kind::Answered => request(step.subject)?.answered,
        Kind::Response => request(step.subject)?.response,
        Kind::Acked | Kind::Failed => Some(batch(step.subject)?.ended?.0),
        _ => None,
    }
}

/// The steps of a part, as `readPart` wants them: each number as far as it cannot be known from what is there already.
/// Subjects and values are told from the step of the same kind before; times from the stories, else from the step
/// before. Appends are told from their records.
pub(super) fn steps(recording: &Recording, steps: &[Step]) -> Value {
    let split = split_batches(recording);
    let whole = recording.batches.values().filter(|batch| !split.contains(&batch.number));
    let known: BTreeMap<u64, (i64, i64)> = whole
        .flat_map(|batch| batch.records.iter().map(move |record| (batch.number, record)))
        .map(|(batch, record)| (record.number, (i64::from(batch), i64::from(record.fixed_bytes))))
        .collect();
    let mut packed: [Vec<i64>; 5] = Default::default();
    let mut before = 0;
    let mut subjects = [0; Kind::ALL.len()];
    let mut values = [0; Kind::ALL.len()];
    let mut sizes: BTreeMap<u32, i64> = BTreeMap::new();
    for step in steps {
        let kind = Kind::ALL.iter().position(|other| *other == step.kind).unwrap_or(0);
        let (now, of) = (step.at.0 as i64, i64::from(step.subject));
        let value = step.value - std::mem::replace(&mut values[kind], step.value);
        let numbers = match step.kind {
            Kind::Append => {
                let grown = step.other - sizes.insert(step.subject, step.other).unwrap_or(0);
                let (batch, own) = known.get(&step.value.unsigned_abs()).copied().unwrap_or((0, 0));
                [0, kind as i64, of - batch, value, grown - own]
            }
            _ => {
                let base = expected(recording, step).map_or(before, |at| at.0 as i64);
                let subject = of - std::mem::replace(&mut subjects[kind], of);
                [now - base, kind as i64, subject, value, step.other]
            }
        };
        packed.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
        before = now;
    }
    let [at, kind, subject, value, other] = packed;
    json!({ "at": at, "kind": kind, "subject": subject, "value": value, "other": other })
}
