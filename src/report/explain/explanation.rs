//! The answer to one question: what happened to a batch, to a record, at a time.

use super::names::{Told, fill, time_text};
use super::sentences::Sentence;
use crate::recording::stages::{Leg, sums};
use crate::recording::step::{Kind, Step, Steps};
use crate::recording::story::{BatchStory, RecordStory};
use crate::report::figures::grouped;
use crate::scenario::Setting;
use crate::values::time::Time;
use crate::world::happening::Ending;

/// Steps of a story that are told at most.
const MOST_STEPS: usize = 40;

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What it is about.
    pub title: String,
    /// Facts by name.
    pub facts: Vec<(&'static str, String)>,
    /// What happened, in order.
    pub story: Vec<(Time, Sentence)>,
    /// Steps that are not told.
    pub left_out: usize,
    /// Why it left then, and not earlier.
    pub why: Vec<Sentence>,
    /// Where the time of a record went.
    pub legs: Vec<Leg>,
    /// The record whose time that is.
    pub legs_of: Option<u64>,
    /// Responsible keys with their values and origins.
    pub keys: Vec<(String, String, String)>,
    /// What other settings would have changed, from runs with them.
    pub what_if: Vec<Sentence>,
    /// What the real client would have logged.
    pub log: Vec<String>,
}

impl Explanation {
    /// The sum of its legs in ns.
    pub fn total_ns(&self) -> u64 {
        sums(&self.legs).iter().sum()
    }
}

impl Told<'_> {
    /// The life of a batch.
    pub fn batch(&self, batch: &BatchStory, steps: &Steps, settings: &[Setting]) -> Explanation {
        let mut explanation = Explanation {
            title: format!("Batch {} of {}", grouped(batch.number.into()), self.partition(batch.tp)),
            facts: self.facts(batch),
            why: self.why(batch),
            keys: keys(settings, &Told::keys(batch)),
            log: self.log_lines(batch),
            ..Explanation::default()
        };
        let is_its = |step: &Step| is_about_batch(step, batch) || is_about_its_request(step, batch);
        self.tell(&mut explanation, steps, is_its);
        if let Some(first) = batch.records.first() {
            explanation.legs = self.recording.legs(batch, first);
            explanation.legs_of = Some(first.number);
        }
        explanation
    }

    /// The life of a record: that of its batch, seen from the record.
    pub fn record(
        &self,
        batch: &BatchStory,
        record: &RecordStory,
        steps: &Steps,
        settings: &[Setting],
    ) -> Explanation {
        let mut explanation = self.batch(batch, steps, settings);
        explanation.title = format!(
            "Record {} in batch {} of {}",
            grouped(record.number),
            grouped(batch.number.into()),
            self.partition(batch.tp)
        );
        explanation.facts.splice(
            0..0,
            [
                ("due", time_text(record.since)),
                ("send() called", time_text(record.called)),
                ("in its batch", time_text(record.appended)),
            ],
        );
        explanation.legs = self.recording.legs(batch, record);
        explanation.legs_of = Some(record.number);
        explanation
    }

    /// What happened around a time: the steps just before it, and those at it.
    pub fn moment(&self, at: Time, steps: &Steps) -> Explanation {
        let all = steps.parts.iter().flatten();
        let before: Vec<&Step> = all.take_while(|step| step.at <= at).collect();
        let shown = &before[before.len().saturating_sub(MOST_STEPS / 2)..];
        let told = |step: &&Step| (step.at, self.step(step, &steps.errors));
        let mut explanation = Explanation {
            title: format!("At {}", time_text(at)),
            facts: self.under_way(at),
            story: shown.iter().map(told).collect(),
            ..Explanation::default()
        };
        explanation.left_out = before.len() - shown.len();
        explanation
    }

    /// What is in the accumulator and in flight at a time.
    fn under_way(&self, at: Time) -> Vec<(&'static str, String)> {
        let has_ended = |batch: &&BatchStory| batch.ended.is_some_and(|(ended, _)| ended <= at);
        let open = self.recording.batches.values().filter(|batch| batch.opened <= at && !has_ended(batch));
        let (mut waiting, mut in_flight) = (Vec::new(), Vec::new());
        for batch in open {
            let last = batch.attempts.iter().rfind(|attempt| attempt.sent <= at);
            let is_out = last.is_some_and(|attempt| attempt.failed.is_none_or(|(failed, _)| failed > at));
            let records = batch.records.iter().filter(|record| record.appended <= at).count();
            let text = format!(
                "{} ({} records, {})",
                grouped(batch.number.into()),
                records,
                self.partition(batch.tp)
            );
            if is_out { in_flight.push(text) } else { waiting.push(text) }
        }
        let list = |list: Vec<String>| match list.len() {
            0 => "none".to_owned(),
            count @ 1..=6 => format!("{count}: {}", list[..count].join(", ")),
            count => format!("{count}: {}, and {} more", list[..6].join(", "), count - 6),
        };
        vec![("batches in the accumulator", list(waiting)), ("batches in flight", list(in_flight))]
    }

    fn facts(&self, batch: &BatchStory) -> Vec<(&'static str, String)> {
        let mut facts = vec![("producer", self.client(batch.client))];
        facts.push(("records", grouped(batch.records.len() as u64)));
        let limit = grouped(batch.limit);
        facts.push(match batch.attempts.first() {
            Some(first) => {
                let share = fill(first.bytes.into(), batch.limit);
                ("size", format!("{} of {limit} bytes ({share})", grouped(first.bytes.into())))
            }
            None => ("size", format!("about {} of {limit} bytes", grouped(batch.estimated))),
        });
        facts.push(("opened", time_text(batch.opened)));
        if let Some((ready, by)) = batch.ready {
            facts.push(("ready", format!("{} by {}", time_text(ready), by.code())));
        }
        if let Some(first) = batch.attempts.first() {
            let (sent, reason) = (time_text(first.sent), first.reason.code());
            facts.push(("left", format!("{sent} by {reason} in request {}", grouped(first.request.into()))));
        }
        if batch.attempts.len() > 1 {
            facts.push(("sent", format!("{} times", batch.attempts.len())));
        }
        if let Some((at, ending)) = batch.ended {
            let how = match ending {
                Ending::Acked(offset) if offset >= 0 => {
                    format!("acknowledged at offset {}", grouped(offset.unsigned_abs()))
                }
                Ending::Acked(_) => "acknowledged".to_owned(),
                Ending::Failed { exception, may_be_logged: true } => {
                    format!("{exception}, perhaps in the log")
                }
                Ending::Failed { exception, .. } => exception.to_owned(),
            };
            facts.push(("ended", format!("{} {how}", time_text(at))));
        }
        facts
    }

    /// Tells the steps that belong to a story. Appends in its middle are left out if there are many.
    fn tell(&self, explanation: &mut Explanation, steps: &Steps, is_its: impl Fn(&Step) -> bool) {
        let mut chosen: Vec<&Step> = steps.parts.iter().flatten().filter(|step| is_its(step)).collect();
        let appends = chosen.iter().filter(|step| step.kind == Kind::Append).count();
        if chosen.len() > MOST_STEPS && appends > 2 {
            let mut seen = 0;
            chosen.retain(|step| {
                seen += usize::from(step.kind == Kind::Append);
                step.kind != Kind::Append || seen == 1 || seen == appends
            });
            explanation.left_out = appends - 2;
        }
        if chosen.len() > MOST_STEPS {
            explanation.left_out += chosen.len() - MOST_STEPS;
            chosen.truncate(MOST_STEPS);
        }
        explanation.story =
            chosen.into_iter().map(|step| (step.at, self.step(step, &steps.errors))).collect();
    }
}

fn is_about_batch(step: &Step, batch: &BatchStory) -> bool {
    let of_batches = matches!(
        step.kind,
        Kind::Open
            | Kind::Append
            | Kind::Full
            | Kind::Ready
            | Kind::Held
            | Kind::Sent
            | Kind::Written
            | Kind::Duplicate
            | Kind::Rejected
            | Kind::Acked
            | Kind::Failed
            | Kind::Retried
            | Kind::Split
    );
    of_batches && step.subject == batch.number
}

fn is_about_its_request(step: &Step, batch: &BatchStory) -> bool {
    matches!(step.kind, Kind::Arrived | Kind::Answered | Kind::Response)
        && batch.attempts.iter().any(|attempt| attempt.request == step.subject)
}

/// Effective values of keys with their origins.
fn keys(settings: &[Setting], keys: &[&str]) -> Vec<(String, String, String)> {
    let of = |key: &&str| {
        let is_it = |setting: &&Setting| {
            setting.name.strip_prefix("producer").is_some_and(|name| name.ends_with(&format!(".{key}")))
        };
        let setting = settings.iter().find(is_it)?;
        Some(((*key).to_owned(), setting.value.clone(), setting.origin.clone()))
    };
    keys.iter().filter_map(of).collect()
}
