//! Why a batch left when it did, and why not earlier.

use super::names::{Told, fill, span_text};
use super::sentences::Sentence;
use crate::producer::{HeldBack, Reason};
use crate::recording::story::{Attempt, BatchStory, RequestStory};
use crate::report::figures::grouped;
use crate::values::time::Time;

impl Told<'_> {
    /// The sentences that say why a batch left when it did.
    pub fn why(&self, batch: &BatchStory) -> Vec<Sentence> {
        let values = self.batch_values(batch);
        let Some(first) = batch.attempts.first() else {
            return vec![self.say("batch.never-left", &values)];
        };
        let mut told = Vec::new();
        let mut sent = values.clone();
        sent.extend([
            ("request", grouped(first.request.into())),
            ("records", grouped(first.records.into())),
            ("bytes", grouped(first.bytes.into())),
            ("fill", fill(first.bytes.into(), batch.limit)),
        ]);
        told.push(self.say(&format!("sent.{}", first.reason.code()), &sent));
        if first.reason == Reason::Piggyback
            && let Some((driver, attempt)) = self.driver(first)
        {
            let mut with = values.clone();
            let broker = self.recording.requests.get(&first.request).map_or(0, |request| request.node.0);
            with.extend([
                ("other", grouped(driver.number.into())),
                ("otherpartition", self.partition(driver.tp)),
                ("reason", attempt.reason.code().to_owned()),
                ("broker", broker.to_string()),
            ]);
            told.push(self.say("batch.piggyback-with", &with));
        }
        if let Some((ready, _)) = batch.ready.filter(|(ready, _)| first.sent > *ready) {
            told.push(self.why_it_stayed(batch, ready, first));
        }
        if batch.parent.is_some() {
            told.push(self.say("why.split", &values));
            return told;
        }
        let because = batch.ready.map_or(first.reason, |(_, by)| by);
        told.push(self.say(&format!("why.{}", because.code()), &values));
        told
    }

    /// Why a batch that was ready did not leave at once: older ones stood before it, or something held it back, or the
    /// sender had not looked yet.
    fn why_it_stayed(&self, batch: &BatchStory, ready: Time, first: &Attempt) -> Sentence {
        let mut reasons: Vec<&str> = Vec::new();
        for (_, why) in batch.held.iter().filter(|(at, _)| *at <= first.sent) {
            if !reasons.contains(&why.code()) {
                reasons.push(why.code());
            }
        }
        if reasons.is_empty() {
            reasons.extend(self.obstacle(batch, ready, first).map(HeldBack::code));
        }
        let mut values = self.batch_values(batch);
        values.extend([("span", span_text(first.sent - ready)), ("list", reasons.join(", "))]);
        let ahead = self.ahead(batch, ready, first);
        let id = match ahead.iter().max() {
            Some(last) => {
                values.extend([("count", ahead.len().to_string()), ("behind", span_text(*last - ready))]);
                "why.queued"
            }
            None if reasons.is_empty() => "why.wakeup",
            None => "why.held",
        };
        self.say(id, &values)
    }

    /// When older batches of the same lane were sent last while a batch was ready and had not left.
    fn ahead(&self, batch: &BatchStory, ready: Time, first: &Attempt) -> Vec<Time> {
        let older = self.recording.batches.range(..batch.number).map(|(_, older)| older);
        let of_lane = older.filter(|older| older.client == batch.client && older.tp == batch.tp);
        let last_sent = |older: &BatchStory| {
            let is_ahead =
                |one: &&Attempt| one.sent > ready && one.sent <= first.sent && one.request != first.request;
            older.attempts.iter().rfind(is_ahead).map(|attempt| attempt.sent)
        };
        of_lane.filter_map(last_sent).collect()
    }

    /// What stood in the way of a batch when it became ready, although the sender had no reason to look then: an older
    /// batch of a muted partition, or as many requests to its leader as may be.
    fn obstacle(&self, batch: &BatchStory, ready: Time, first: &Attempt) -> Option<HeldBack> {
        let most = u64::from(self.config(batch.client).max_in_flight);
        let node = self.recording.requests.get(&first.request)?.node;
        let is_out = |request: &&RequestStory| {
            request.client == batch.client
                && request.node == node
                && request.sent <= ready
                && request.done.is_none_or(|done| done > ready)
        };
        let out = self.recording.requests.values().filter(is_out).count() as u64;
        let why = if most == 1 { HeldBack::Muted } else { HeldBack::InFlight };
        (out >= most).then_some(why)
    }

    /// The batch that made a request go, with which others travelled.
    fn driver(&self, rider: &Attempt) -> Option<(&BatchStory, &Attempt)> {
        let request = self.recording.requests.get(&rider.request)?;
        request.batches.iter().find_map(|number| {
            let batch = self.recording.batches.get(number)?;
            let attempt = batch.attempts.iter().find(|attempt| attempt.request == rider.request)?;
            (attempt.reason != Reason::Piggyback).then_some((batch, attempt))
        })
    }

    /// The keys that are responsible for when a batch left, the most important one first.
    pub fn keys(batch: &BatchStory) -> Vec<&'static str> {
        let mut keys = match batch.attempts.first().map(|first| first.reason) {
            Some(Reason::Full) => vec!["batch.size", "linger.ms"],
            Some(Reason::Memory) => vec!["buffer.memory", "linger.ms", "batch.size"],
            _ => vec!["linger.ms", "batch.size"],
        };
        for (_, why) in &batch.held {
            let key = match why {
                crate::producer::HeldBack::Backoff => "retry.backoff.ms",
                crate::producer::HeldBack::Muted | crate::producer::HeldBack::InFlight => {
                    "max.in.flight.requests.per.connection"
                }
                crate::producer::HeldBack::RequestSize => "max.request.size",
                crate::producer::HeldBack::NoProducerId => "enable.idempotence",
                _ => continue,
            };
            if !keys.contains(&key) {
                keys.insert(0, key);
            }
        }
        keys
    }
}
