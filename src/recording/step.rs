//! A recording as single steps, each of a kind that has a word: what a page plays, a lesson points at, a sentence tells.

use std::collections::BTreeMap;

use super::totals::reason_place;
use super::{Part, Recording};
use crate::cluster::{Standing, Stored};
use crate::producer::{BlockedOn, HeldBack};
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;
use crate::world::happening::{Ending, Event, Link};

/// What a step is. The words are those of lessons, pages and sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Kind {
    Open,
    Append,
    Full,
    Ready,
    Held,
    Request,
    Sent,
    Arrived,
    Written,
    Duplicate,
    Rejected,
    Replicated,
    HighWatermark,
    Isr,
    Leader,
    Answered,
    Response,
    Acked,
    Failed,
    Retried,
    Split,
    Blocked,
    Refused,
    Flush,
    FlushEnd,
    Close,
    Connect,
    Connected,
    Disconnected,
    Metadata,
    ProducerId,
    Fault,
    FaultEnd,
}

impl Kind {
    /// All of them; the place of a kind is its number in pages.
    pub const ALL: [Kind; 33] = [
        Kind::Open,
        Kind::Append,
        Kind::Full,
        Kind::Ready,
        Kind::Held,
        Kind::Request,
        Kind::Sent,
        Kind::Arrived,
        Kind::Written,
        Kind::Duplicate,
        Kind::Rejected,
        Kind::Replicated,
        Kind::HighWatermark,
        Kind::Isr,
        Kind::Leader,
        Kind::Answered,
        Kind::Response,
        Kind::Acked,
        Kind::Failed,
        Kind::Retried,
        Kind::Split,
        Kind::Blocked,
        Kind::Refused,
        Kind::Flush,
        Kind::FlushEnd,
        Kind::Close,
        Kind::Connect,
        Kind::Connected,
        Kind::Disconnected,
        Kind::Metadata,
        Kind::ProducerId,
        Kind::Fault,
        Kind::FaultEnd,
    ];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Open => "open",
            Kind::Append => "append",
            Kind::Full => "full",
            Kind::Ready => "ready",
            Kind::Held => "held",
            Kind::Request => "request",
            Kind::Sent => "sent",
            Kind::Arrived => "arrived",
            Kind::Written => "written",
            Kind::Duplicate => "duplicate",
            Kind::Rejected => "rejected",
            Kind::Replicated => "replicated",
            Kind::HighWatermark => "high-watermark",
            Kind::Isr => "isr",
            Kind::Leader => "leader",
            Kind::Answered => "answered",
            Kind::Response => "response",
            Kind::Acked => "acked",
            Kind::Failed => "failed",
            Kind::Retried => "retried",
            Kind::Split => "split",
            Kind::Blocked => "blocked",
            Kind::Refused => "refused",
            Kind::Flush => "flush",
            Kind::FlushEnd => "flush-end",
            Kind::Close => "close",
            Kind::Connect => "connect",
            Kind::Connected => "connected",
            Kind::Disconnected => "disconnected",
            Kind::Metadata => "metadata",
            Kind::ProducerId => "producer-id",
            Kind::Fault => "fault",
            Kind::FaultEnd => "fault-end",
        }
    }
}

/// One step. What the numbers are depends on its kind:
///
/// | kind | `subject` | `value` | `other` |
/// | --- | --- | --- | --- |
/// | open, full | batch | | |
/// | append | batch | record | estimated bytes of the batch with it |
/// | ready | batch | place in [`crate::producer::Reason::ALL`] | |
/// | held | batch | place in [`HeldBack::ALL`] | |
/// | request, arrived, answered, response | request | | |
/// | sent | batch | request | earlier transmissions |
/// | written, duplicate | batch | offset | broker |
/// | rejected | batch | place in [`Steps::errors`] | broker |
/// | replicated | partition | place of the replica | its log end |
/// | high-watermark | partition | offset | |
/// | isr | partition | replicas in sync, a bit each | |
/// | leader | partition | broker, 0: none | leader epoch |
/// | acked | batch | offset, -1: unknown | |
/// | failed | batch | place in [`Steps::errors`] | 1: it may be in the log |
/// | retried | batch | place in [`Steps::errors`] | |
/// | split | batch | the new batch | place of its first record |
/// | blocked | client | 0: metadata, 1: memory, 2: serializers | thread |
/// | refused | client | place in [`Steps::errors`] | thread |
/// | flush, flush-end, close, metadata | client | | |
/// | connect, connected, disconnected | client | node | |
/// | producer-id | client | id | |
/// | fault | its index | broker, 0: none | |
/// | fault-end | its index | | |
///
/// Partitions are numbered over all topics, see [`super::totals::Totals::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// What.
    pub kind: Kind,
    /// What it happens to.
    pub subject: u32,
    /// See above.
    pub value: i64,
    /// See above.
    pub other: i64,
}

/// The steps of a recording.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// By part of the recording.
    pub parts: Vec<Vec<Step>>,
    /// Names of errors and exceptions that steps speak of.
    pub errors: Vec<&'static str>,
}

impl Recording {
    /// What happened, in single steps.
    pub fn steps(&self) -> Steps {
        let mut steps = Steps::default();
        for part in &self.parts {
            let taken = Taker::new(self, part, &mut steps.errors).take(part);
            steps.parts.push(taken);
        }
        steps
    }
}

/// Makes steps of the happenings of a part.
struct Taker<'a> {
    recording: &'a Recording,
    errors: &'a mut Vec<&'static str>,
    steps: Vec<Step>,
    /// How partitions stand, as far as steps have told.
    told: BTreeMap<TopicPartition, Standing>,
    full: BTreeMap<u32, bool>,
}

impl<'a> Taker<'a> {
    fn new(recording: &'a Recording, part: &Part, errors: &'a mut Vec<&'static str>) -> Taker<'a> {
        let told = part.before.standings.iter().cloned().collect();
        Taker { recording, errors, steps: Vec::with_capacity(part.events.len()), told, full: BTreeMap::new() }
    }

    fn take(mut self, part: &Part) -> Vec<Step> {
        part.events.iter().for_each(|happening| self.step(happening.at, &happening.what));
        self.steps.extend(ready_steps(self.recording, part));
        // What became so by itself goes before what happened because of it.
        self.steps.sort_by_key(|step| (step.at, step.kind != Kind::Ready));
        keep_causes_first(&mut self.steps);
        self.steps
    }

    fn note(&mut self, at: Time, kind: Kind, subject: u32, value: i64, other: i64) {
        self.steps.push(Step { at, kind, subject, value, other });
    }

    fn error(&mut self, name: &'static str) -> i64 {
        let place = self.errors.iter().position(|other| *other == name);
        place.unwrap_or_else(|| {
            self.errors.push(name);
            self.errors.len() - 1
        }) as i64
    }

    fn step(&mut self, at: Time, event: &Event) {
        match *event {
            Event::Opened { batch, .. } => self.note(at, Kind::Open, batch, 0, 0),
            Event::Appended(ref appended) => {
                let (record, estimated) = (appended.record as i64, appended.estimated as i64);
                self.note(at, Kind::Append, appended.batch, record, estimated);
                if appended.full && self.full.insert(appended.batch, true).is_none() {
                    self.note(at, Kind::Full, appended.batch, 0, 0);
                }
            }
            Event::Blocked { client, thread, on } => {
                let on = match on {
                    BlockedOn::Metadata => 0,
                    BlockedOn::Buffer => 1,
                    BlockedOn::Serializers => 2,
                };
                self.note(at, Kind::Blocked, client, on, i64::from(thread));
            }
            Event::Refused { client, thread, exception } => {
                let error = self.error(exception);
                self.note(at, Kind::Refused, client, error, i64::from(thread));
            }
            Event::Flush { client } => self.note(at, Kind::Flush, client, 0, 0),
            Event::FlushEnds { client } => self.note(at, Kind::FlushEnd, client, 0, 0),
            Event::Close { client } => self.note(at, Kind::Close, client, 0, 0),
            Event::Held { batch, why } => {
                let place = HeldBack::ALL.iter().position(|other| *other == why).unwrap_or(0);
                self.note(at, Kind::Held, batch, place as i64, 0);
            }
            Event::Requested { request, .. } => self.note(at, Kind::Request, request, 0, 0),
            Event::Sent(ref sent) => {
                self.note(at, Kind::Sent, sent.batch, i64::from(sent.request), i64::from(sent.attempts));
            }
            Event::Arrived { request } => self.note(at, Kind::Arrived, request, 0, 0),
            Event::Stored { batch, broker, stored, .. } => self.stored(at, batch, broker, stored),
            Event::Answered { request } => self.note(at, Kind::Answered, request, 0, 0),
            Event::Response { request } => self.note(at, Kind::Response, request, 0, 0),
            Event::Ended { batch, ending: Ending::Acked(offset) } => {
                self.note(at, Kind::Acked, batch, offset, 0);
            }
            Event::Ended { batch, ending: Ending::Failed { exception, may_be_logged } } => {
                let error = self.error(exception);
                self.note(at, Kind::Failed, batch, error, i64::from(may_be_logged));
            }
            Event::Retried { batch, error } => {
                let error = self.error(error);
                self.note(at, Kind::Retried, batch, error, 0);
            }
            Event::Split { batch, child, first, .. } => {
                self.note(at, Kind::Split, batch, i64::from(child), i64::from(first));
            }
            Event::Moved { tp, ref standing } => self.moved(at, tp, standing),
            Event::Connection { client, node, link } => {
                let kind = match link {
                    Link::Connecting => Kind::Connect,
                    Link::Connected => Kind::Connected,
                    Link::Disconnected => Kind::Disconnected,
                };
                self.note(at, kind, client, i64::from(node.0), 0);
            }
            Event::Metadata { client } => self.note(at, Kind::Metadata, client, 0, 0),
            Event::ProducerId { client, id } => self.note(at, Kind::ProducerId, client, id, 0),
            Event::Fault { number, node } => {
                self.note(at, Kind::Fault, number, node.map_or(0, |node| i64::from(node.0)), 0);
            }
            Event::FaultEnds { number } => self.note(at, Kind::FaultEnd, number, 0, 0),
        }
    }

    fn stored(&mut self, at: Time, batch: u32, broker: NodeId, stored: Stored) {
        let node = i64::from(broker.0);
        match stored {
            Stored::Appended(offset) => {
                self.note(at, Kind::Written, batch, offset as i64, node);
                let Some(story) = self.recording.batches.get(&batch) else { return };
                let standing = self.told.entry(story.tp).or_default();
                if let Some(replica) = standing.replicas.iter_mut().find(|one| one.broker == broker) {
                    // The step tells that its log has grown.
                    replica.log_end = offset + story.records.len() as u64;
                }
            }
            Stored::Duplicate(offset) => self.note(at, Kind::Duplicate, batch, offset as i64, node),
            Stored::Rejected(error) => {
                let error = self.error(error.name());
                self.note(at, Kind::Rejected, batch, error, node);
            }
        }
    }

    /// A step for each thing that is otherwise than before. How a partition begins is no step.
    fn moved(&mut self, at: Time, tp: TopicPartition, now: &Standing) {
        let place = self.recording.totals.place(tp) as u32;
        let Some(before) = self.told.insert(tp, now.clone()) else { return };
        if (before.leader, before.epoch) != (now.leader, now.epoch) {
            let leader = now.leader.map_or(0, |node| i64::from(node.0));
            self.note(at, Kind::Leader, place, leader, i64::from(now.epoch));
        }
        for (slot, replica) in now.replicas.iter().enumerate() {
            let known = before.replicas.get(slot).filter(|known| known.broker == replica.broker);
            if known.is_none_or(|known| known.log_end != replica.log_end) {
                self.note(at, Kind::Replicated, place, slot as i64, replica.log_end as i64);
            }
        }
        if before.in_sync() != now.in_sync() {
            self.note(at, Kind::Isr, place, now.in_sync() as i64, 0);
        }
        if before.high_watermark != now.high_watermark {
            self.note(at, Kind::HighWatermark, place, now.high_watermark as i64, 0);
        }
    }
}

/// Batches become ready at times at which nothing else needs to happen.
fn ready_steps(recording: &Recording, part: &Part) -> Vec<Step> {
    let whole = recording.batches.values().filter(|batch| batch.parent.is_none());
    let ready = whole.filter_map(|batch| {
        let (at, reason) = batch.ready?;
        let step = Step {
            at,
            kind: Kind::Ready,
            subject: batch.number,
            value: reason_place(reason) as i64,
            other: 0,
        };
        (part.from..part.until).contains(&at).then_some(step)
    });
    ready.collect()
}

/// At one time: a batch is not ready before the step that made it so, and not after the one that follows from it.
fn keep_causes_first(steps: &mut [Step]) {
    for of_one_time in steps.chunk_by_mut(|one, next| one.at == next.at) {
        let ready = of_one_time.iter().take_while(|step| step.kind == Kind::Ready).count();
        if ready == 0 || ready == of_one_time.len() {
            continue;
        }
        // From the last one on, each sinks below its cause.
        for at in (0..ready).rev() {
            let batch = of_one_time[at].subject;
            let cause = |step: &Step| match step.kind {
                Kind::Open | Kind::Append | Kind::Full => step.subject == batch,
                Kind::Split => step.value == i64::from(batch),
                Kind::Blocked | Kind::Flush | Kind::Close => true,
                _ => false,
            };
            let effect = |step: &Step| matches!(step.kind, Kind::Sent | Kind::Held) && step.subject == batch;
            let end = of_one_time.iter().position(effect).unwrap_or(of_one_time.len());
            let last = of_one_time[..end].iter().rposition(cause);
            if let Some(last) = last.filter(|last| *last > at) {
                of_one_time[at..=last].rotate_left(1);
            }
        }
    }
}

impl Standing {
    /// Replicas in sync, a bit for each place.
    pub fn in_sync(&self) -> u64 {
        let bits = self.replicas.iter().take(63).enumerate();
        bits.fold(0, |bits, (slot, replica)| bits | u64::from(replica.in_sync) << slot)
    }
}
