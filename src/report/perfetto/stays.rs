//! The time of batches in the accumulator, as slices: from when a batch is there until it leaves, anew after each error.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::recording::Recording;
use crate::recording::story::{Attempt, BatchStory};
use crate::values::ids::TopicPartition;
use crate::values::time::Time;
use crate::world::happening::Ending;

/// A time that a batch is in the accumulator.
#[derive(Debug)]
pub struct Stay<'a> {
    /// Its batch.
    pub batch: &'a BatchStory,
    /// Since when.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// The transmission it ends with; `None`: it ends otherwise.
    pub attempt: Option<&'a Attempt>,
    /// How it ends, in a word.
    pub word: &'static str,
}

/// By partition: the stays of a producer's batches, in the order of their beginnings.
pub fn of_client(recording: &Recording, client: u32) -> BTreeMap<TopicPartition, Vec<Stay<'_>>> {
    let parents: BTreeSet<u32> = recording.batches.values().filter_map(|batch| batch.parent).collect();
    let mut stays: BTreeMap<TopicPartition, Vec<Stay<'_>>> = BTreeMap::new();
    for batch in recording.batches.values().filter(|batch| batch.client == client) {
        let is_split = parents.contains(&batch.number);
        stays.entry(batch.tp).or_default().extend(of_batch(batch, is_split, recording.result.ended_at));
    }
    for list in stays.values_mut() {
        list.sort_by_key(|stay| (stay.from, stay.batch.number));
    }
    stays
}

fn of_batch(batch: &BatchStory, is_split: bool, end: Time) -> Vec<Stay<'_>> {
    // A part of a split is there from the split on, which makes it ready; its records are older.
    let mut from = match (batch.parent, batch.ready) {
        (Some(_), Some((ready, _))) => ready,
        _ => batch.opened,
    };
    let mut stays = Vec::new();
    for attempt in &batch.attempts {
        let to = attempt.sent.max(from);
        stays.push(Stay { batch, from, to, attempt: Some(attempt), word: attempt.reason.code() });
        from = attempt.failed.map_or(to, |(at, _)| at);
    }
    let is_back = batch.attempts.last().is_none_or(|attempt| attempt.failed.is_some());
    let last = match batch.ended {
        _ if is_split || !is_back => None,
        Some((at, Ending::Failed { .. })) => Some((at, "failed")),
        Some((at, Ending::Acked(_))) => Some((at, "acked")),
        None => Some((end, "stays")),
    };
    stays.extend(last.map(|(at, word)| Stay { batch, from, to: at.max(from), attempt: None, word }));
    stays
}

impl Stay<'_> {
    /// `batch 17: linger`. Digits do not change the colour of a slice, so there is one for each reason.
    pub fn name(&self) -> String {
        format!("batch {}: {}", self.batch.number, self.word)
    }

    /// Everything about the batch at the end of this stay.
    pub fn args(&self) -> Value {
        let Stay { batch, attempt, .. } = self;
        let held = batch.held.iter().filter(|(at, _)| (self.from..=self.to).contains(at));
        let held: Vec<Value> = held.map(|(at, why)| json!({ "since_ns": at.0, "why": why.code() })).collect();
        let fill = batch.fill_permille();
        let ready = batch
            .ready
            .filter(|_| batch.attempts.first().map(|one| one.request) == attempt.map(|one| one.request));
        let mut args = json!({
            "batch": batch.number,
            "records": attempt.map_or(batch.records.len() as u32, |attempt| attempt.records),
            "bytes": attempt.map_or(batch.estimated, |attempt| u64::from(attempt.bytes)),
            "limit_bytes": batch.limit,
            "fill_percent": format!("{}.{}", fill / 10, fill % 10),
            "reason": attempt.map(|attempt| attempt.reason.code()),
            "request": attempt.map(|attempt| attempt.request),
            "first_record": batch.records.first().map(|record| record.number),
            "ready_since_ns": ready.map(|(at, _)| at.0),
            "ready_by": ready.map(|(_, reason)| reason.code()),
            "parent": batch.parent,
            "held": held,
        });
        if let Value::Object(map) = &mut args {
            map.retain(|_, value| !value.is_null() && *value != json!([]));
        }
        args
    }
}
