//! Steps in words: the same ids, names and texts as in the page.

use super::names::{Told, Values, fill};
use super::sentences::Sentence;
use crate::producer::{HeldBack, Reason};
use crate::recording::step::{Kind, Step};
use crate::recording::story::{BatchStory, RequestStory};
use crate::report::figures::grouped;

/// An offset in words.
fn offset(value: i64) -> String {
    u64::try_from(value).map_or_else(|_| "?".to_owned(), grouped)
}

impl Told<'_> {
    /// A step as a sentence; `errors` are the names that steps speak of.
    pub fn step(&self, step: &Step, errors: &[&'static str]) -> Sentence {
        let error = |value: i64| {
            let name = usize::try_from(value).ok().and_then(|place| errors.get(place));
            name.map_or_else(|| "?".to_owned(), |name| (*name).to_owned())
        };
        match step.kind {
            Kind::Request | Kind::Arrived | Kind::Answered | Kind::Response => self.request_step(step),
            Kind::Replicated | Kind::HighWatermark | Kind::Isr | Kind::Leader => self.partition_step(step),
            Kind::Fault | Kind::FaultEnd => self.fault_step(step),
            Kind::Blocked
            | Kind::Refused
            | Kind::Flush
            | Kind::FlushEnd
            | Kind::Close
            | Kind::Connect
            | Kind::Connected
            | Kind::Disconnected
            | Kind::Metadata
            | Kind::ProducerId => self.client_step(step, error),
            _ => self.batch_step(step, error),
        }
    }

    fn batch_step(&self, step: &Step, error: impl Fn(i64) -> String) -> Sentence {
        let Some(batch) = self.recording.batches.get(&step.subject) else {
            return self.say(step.kind.word(), &Values::new());
        };
        let mut values = self.batch_values(batch);
        let place = usize::try_from(step.value).unwrap_or(0);
        let id = match step.kind {
            Kind::Open => "opened".to_owned(),
            Kind::Append => {
                let estimated = step.other.unsigned_abs();
                values.extend([
                    ("record", grouped(step.value.unsigned_abs())),
                    ("estimated", grouped(estimated)),
                    ("fill", fill(estimated, batch.limit)),
                ]);
                "appended".to_owned()
            }
            Kind::Full => "full".to_owned(),
            Kind::Ready => format!("ready.{}", Reason::ALL.get(place).map_or("?", |reason| reason.code())),
            Kind::Held => format!("held.{}", HeldBack::ALL.get(place).map_or("?", |why| why.code())),
            Kind::Sent => {
                values.extend(self.sent_values(batch, step));
                match step.other {
                    0 => format!("sent.{}", batch.attempts.first().map_or("?", |first| first.reason.code())),
                    _ => "sent.again".to_owned(),
                }
            }
            Kind::Written | Kind::Duplicate => {
                values.extend([("offset", offset(step.value)), ("broker", step.other.to_string())]);
                let id = if step.kind == Kind::Written { "stored.appended" } else { "stored.duplicate" };
                id.to_owned()
            }
            Kind::Rejected => {
                values.extend([("error", error(step.value)), ("broker", step.other.to_string())]);
                "stored.rejected".to_owned()
            }
            Kind::Acked => {
                let records = grouped(batch.records.len() as u64);
                values.extend([("offset", offset(step.value)), ("records", records)]);
                "acked".to_owned()
            }
            Kind::Failed => {
                let records = grouped(batch.records.len() as u64);
                values.extend([("error", error(step.value)), ("records", records)]);
                "failed".to_owned()
            }
            Kind::Retried => {
                values.push(("error", error(step.value)));
                "retried".to_owned()
            }
            Kind::Split => {
                let child = u32::try_from(step.value).ok().and_then(|n| self.recording.batches.get(&n));
                let records = child.map_or(0, |child| child.records.len() as u64);
                values.extend([("child", offset(step.value)), ("records", grouped(records))]);
                "split".to_owned()
            }
            other => other.word().to_owned(),
        };
        self.say(&id, &values)
    }

    fn sent_values(&self, batch: &BatchStory, step: &Step) -> Values {
        let attempts = batch.attempts.iter();
        let attempt =
            attempts.clone().find(|one| i64::from(one.request) == step.value).or(batch.attempts.first());
        let Some(attempt) = attempt else { return Values::new() };
        vec![
            ("request", offset(step.value)),
            ("records", grouped(attempt.records.into())),
            ("bytes", grouped(attempt.bytes.into())),
            ("fill", fill(attempt.bytes.into(), batch.limit)),
            ("attempt", step.other.to_string()),
            ("sequence", attempt.sequence.to_string()),
        ]
    }

    fn request_step(&self, step: &Step) -> Sentence {
        let request: Option<&RequestStory> = self.recording.requests.get(&step.subject);
        let values = request.map_or_else(Values::new, |request| self.request_values(request));
        let id = if step.kind == Kind::Request { "requested" } else { step.kind.word() };
        self.say(id, &values)
    }

    fn partition_step(&self, step: &Step) -> Sentence {
        let Some(tp) = self.partition_at(step.subject) else {
            return self.say(step.kind.word(), &Values::new());
        };
        let replicas = &self.scenario.cluster.topics[tp.topic.index()].assignment[tp.partition as usize];
        let mut values = vec![("partition", self.partition(tp))];
        let id = match step.kind {
            Kind::Replicated => {
                let broker = usize::try_from(step.value).ok().and_then(|slot| replicas.get(slot));
                values.push(("offset", offset(step.other)));
                values.push(("broker", broker.map_or_else(|| "?".to_owned(), |node| node.0.to_string())));
                "moved.replica"
            }
            Kind::HighWatermark => {
                values.push(("offset", offset(step.value)));
                "moved.high-watermark"
            }
            Kind::Isr => {
                let is_in = |slot: &usize| step.value >> slot & 1 == 1;
                let members = (0..replicas.len()).filter(is_in).map(|slot| replicas[slot].0.to_string());
                let members: Vec<String> = members.collect();
                let list = if members.is_empty() { "-".to_owned() } else { members.join(", ") };
                values.push(("isr", list));
                "moved.isr"
            }
            _ => {
                values.extend([("broker", step.value.to_string()), ("epoch", step.other.to_string())]);
                if step.value == 0 { "moved.no-leader" } else { "moved.leader" }
            }
        };
        self.say(id, &values)
    }

    fn client_step(&self, step: &Step, error: impl Fn(i64) -> String) -> Sentence {
        let mut values = vec![("client", self.client(step.subject))];
        let id = match step.kind {
            Kind::Blocked if step.value == 1 => "blocked.memory",
            Kind::Blocked if step.value == 2 => "blocked.serializers",
            Kind::Blocked => "blocked.metadata",
            Kind::Refused => {
                values.push(("error", error(step.value)));
                "refused"
            }
            Kind::FlushEnd => "flush-ends",
            Kind::Connect | Kind::Connected | Kind::Disconnected => {
                values.push(("broker", step.value.to_string()));
                if step.kind == Kind::Connect { "connecting" } else { step.kind.word() }
            }
            Kind::ProducerId => {
                values.push(("value", step.value.to_string()));
                "producer-id"
            }
            other => other.word(),
        };
        self.say(id, &values)
    }

    fn fault_step(&self, step: &Step) -> Sentence {
        let fault = self.scenario.faults.get(step.subject as usize);
        let said = fault.map_or_else(|| "?".to_owned(), |fault| fault.said.clone());
        self.say(if step.kind == Kind::Fault { "fault" } else { "fault-ends" }, &vec![("fault", said)])
    }
}
