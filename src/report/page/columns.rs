//! Batches, requests, records and steps as columns of numbers: what is alike stands together and packs well.

use serde_json::{Value, json};

use crate::cluster::Stored;
use crate::producer::HeldBack;
use crate::protocol::record::Key;
use crate::recording::Recording;
use crate::recording::step::{Kind, Step};
use crate::recording::story::{BatchStory, RequestStory};
use crate::recording::totals::reason_place;
use crate::values::time::Time;
use crate::world::happening::Ending;

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

/// A time as the distance from another one, -1: there is none.
fn since(base: Time, at: Option<Time>) -> i64 {
    at.map_or(-1, |at| at.0 as i64 - base.0 as i64)
}

fn column<'a, T: 'a>(all: impl IntoIterator<Item = &'a T>, of: impl Fn(&T) -> i64) -> Vec<i64> {
    all.into_iter().map(of).collect()
}

/// Batches, as `readBatches` of the page wants them.
pub(super) fn batches(recording: &Recording, errors: &mut Errors) -> Value {
    let all: Vec<&BatchStory> = recording.batches.values().collect();
    let of = |get: &dyn Fn(&BatchStory) -> i64| all.iter().map(|batch| get(batch)).collect::<Vec<i64>>();
    let results: Vec<i64> = all
        .iter()
        .map(|batch| match batch.ended {
            Some((_, Ending::Acked(offset))) => offset,
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
        "opened": deltas(of(&|batch| batch.opened.0 as i64)),
        "full": of(&|batch| since(batch.opened, batch.full_at)),
        "ready": of(&|batch| since(batch.opened, batch.ready.map(|(at, _)| at))),
        "readyBy": of(&|batch| batch.ready.map_or(0, |(_, by)| reason_place(by) as i64)),
        "estimated": of(&|batch| batch.estimated as i64),
        "ended": of(&|batch| since(batch.opened, batch.ended.map(|(at, _)| at))),
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

/// Transmissions of all batches, as `readAttempts` wants them.
pub(super) fn attempts(recording: &Recording, errors: &mut Errors) -> Value {
    let all: Vec<_> = recording
        .batches
        .values()
        .flat_map(|batch| batch.attempts.iter().map(move |attempt| (batch, attempt)))
        .collect();
    let stored_values: Vec<i64> = all
        .iter()
        .map(|(_, attempt)| match attempt.stored {
            Some((_, Stored::Appended(offset) | Stored::Duplicate(offset))) => offset as i64,
            Some((_, Stored::Rejected(error))) => errors.place(error.name()),
            None => 0,
        })
        .collect();
    let failures: Vec<i64> =
        all.iter().map(|(_, attempt)| attempt.failed.map_or(0, |(_, error)| errors.place(error))).collect();
    json!({
        "batch": deltas(column(&all, |(batch, _)| i64::from(batch.number))),
        "request": column(&all, |(_, attempt)| i64::from(attempt.request)),
        "sent": column(&all, |(batch, attempt)| since(batch.opened, Some(attempt.sent))),
        "reason": column(&all, |(_, attempt)| reason_place(attempt.reason) as i64),
        "records": column(&all, |(_, attempt)| i64::from(attempt.records)),
        "bytes": column(&all, |(_, attempt)| i64::from(attempt.bytes)),
        "sequence": column(&all, |(_, attempt)| i64::from(attempt.sequence)),
        "waited": column(&all, |(_, attempt)| attempt.waited_ms as i64),
        "stored": column(&all, |(_, attempt)| match attempt.stored {
            None => 0,
            Some((_, Stored::Appended(_))) => 1,
            Some((_, Stored::Duplicate(_))) => 2,
            Some((_, Stored::Rejected(_))) => 3,
        }),
        "storedAt": column(&all, |(batch, attempt)| since(batch.opened, attempt.stored.map(|(at, _)| at))),
        "storedValue": stored_values,
        "failed": column(&all, |(batch, attempt)| since(batch.opened, attempt.failed.map(|(at, _)| at))),
        "error": failures,
    })
}

/// Requests, as `readRequests` wants them.
pub(super) fn requests(recording: &Recording) -> Value {
    let of = |get: &dyn Fn(&RequestStory) -> i64| recording.requests.values().map(get).collect::<Vec<i64>>();
    json!({
        "number": deltas(of(&|request| i64::from(request.number))),
        "client": of(&|request| i64::from(request.client)),
        "node": of(&|request| i64::from(request.node.0)),
        "bytes": of(&|request| request.bytes as i64),
        "sent": deltas(of(&|request| request.sent.0 as i64)),
        "arrived": of(&|request| since(request.sent, request.arrived)),
        "answered": of(&|request| since(request.sent, request.answered)),
        "response": of(&|request| since(request.sent, request.response)),
        "done": of(&|request| since(request.sent, request.done)),
    })
}

/// Records, as `readRecords` wants them. Those of a batch that was split are with its parts.
pub(super) fn records(recording: &Recording) -> Value {
    let parents: std::collections::BTreeSet<u32> =
        recording.batches.values().filter_map(|batch| batch.parent).collect();
    let whole = recording.batches.values().filter(|batch| !parents.contains(&batch.number));
    let all: Vec<_> =
        whole.flat_map(|batch| batch.records.iter().map(move |record| (batch, record))).collect();
    json!({
        "number": deltas(column(&all, |(_, record)| record.number as i64)),
        "batch": column(&all, |(batch, _)| i64::from(batch.number)),
        "thread": column(&all, |(_, record)| i64::from(record.thread)),
        "since": deltas(column(&all, |(_, record)| record.since.0 as i64)),
        "called": column(&all, |(_, record)| record.called.0 as i64 - record.since.0 as i64),
        "appended": column(&all, |(_, record)| record.appended.0 as i64 - record.since.0 as i64),
        "bytes": column(&all, |(_, record)| i64::from(record.fixed_bytes)),
        "keyLength": column(&all, |(_, record)| i64::from(record.key.len)),
        "keyHash": column(&all, |(_, record)| match record.key {
            Key::NULL => 0,
            key => i64::from(key.murmur2),
        }),
    })
}

/// The steps of a part, as `readPart` wants them.
pub(super) fn steps(steps: &[Step]) -> Value {
    let place = |kind| Kind::ALL.iter().position(|other| *other == kind).unwrap_or(0) as i64;
    json!({
        "at": deltas(column(steps, |step| step.at.0 as i64)),
        "kind": column(steps, |step| place(step.kind)),
        "subject": deltas(column(steps, |step| i64::from(step.subject))),
        "value": column(steps, |step| step.value),
        "other": column(steps, |step| step.other),
    })
}
