//! What is written down for observers as a run goes. A run without them has none of it.

use super::diary::Diary;
use super::key_places::KeyPlaces;
use super::log_keeper::LogKeeper;
use super::observe::{Ack, Asked, Fact, What};
use super::parts::PartCounts;
use crate::cluster::{Cluster, Served};
use crate::producer::{Batch, BatchId, Exception, Outcome, Producer, Request, RequestId};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;
use crate::protocol::record::Record;
use crate::scenario::Scenario;
use crate::scenario::fault::Fault;
use crate::values::ids::NodeId;
use crate::values::time::Time;

/// Everything that was asked for.
#[derive(Debug)]
pub(super) struct Observers {
    /// Facts since the last glance.
    pub(super) facts: Option<Vec<Fact>>,
    /// Acknowledged records since the last glance.
    pub(super) acks: Option<Vec<Ack>>,
    /// When the record that was asked for was handed to `send`.
    pub(super) called: Option<Time>,
    pub(super) parts: Vec<PartCounts>,
    pub(super) keys: Option<KeyPlaces>,
    /// Everything since the last glance.
    pub(super) diary: Option<Diary>,
    /// What goes into logs.
    pub(super) logs: Option<LogKeeper>,
    served: Vec<Served>,
}

impl Observers {
    /// `None` if nothing is asked for.
    pub(super) fn new(
        asked: &Asked,
        scenario: &Scenario,
        faults: &[(Time, &Fault)],
    ) -> Option<Box<Observers>> {
        if *asked == Asked::default() {
            return None;
        }
        let parts = asked.parts.iter().map(|part| PartCounts::new(part, part.window.bounds(faults)));
        Some(Box::new(Observers {
            facts: asked.facts.then(Vec::new),
            acks: asked.acks.then(Vec::new),
            called: None,
            parts: parts.collect(),
            keys: asked.keys.then(KeyPlaces::default),
            diary: asked.happenings.then(|| Diary::new(scenario)),
            logs: asked.logs.clone().map(LogKeeper::new),
            served: Vec::new(),
        }))
    }

    /// A produce request is about to be written. Gives the mark with which it goes to its broker: its number, if somebody
    /// wants to know what becomes of it, or 0.
    pub(super) fn writes(
        &mut self,
        now: Time,
        client: u32,
        producer: &Producer,
        (node, id): (NodeId, RequestId),
    ) -> u64 {
        // Both count all produce requests from 1.
        let kept = self.logs.as_mut().map(|logs| logs.written(producer, producer.request(id)));
        let noted = self.diary.as_mut().map(|diary| diary.requested(now, client, producer, (node, id)));
        u64::from(noted.or(kept).unwrap_or(0))
    }

    /// The cluster has done something.
    pub(super) fn cluster_moved(&mut self, now: Time, cluster: &mut Cluster) {
        if self.diary.is_none() && self.logs.is_none() {
            return;
        }
        self.served.clear();
        cluster.take_served(&mut self.served);
        if let Some(logs) = &mut self.logs {
            self.served.iter().for_each(|served| logs.served(served));
        }
        if let Some(diary) = &mut self.diary {
            diary.cluster_moved(now, &self.served, cluster);
        }
    }

    fn note(&mut self, at: Time, client: u32, what: What) {
        if let Some(facts) = &mut self.facts {
            facts.push(Fact { at, client, what });
        }
    }

    pub(super) fn appended(&mut self, record: &Record, partition: u32) {
        if let Some(keys) = &mut self.keys {
            keys.appended(record, partition);
        }
    }

    pub(super) fn requested(&mut self, now: Time, client: u32, producer: &Producer, request: &Request) {
        let batches = request.batches();
        self.note(now, client, What::Requested { batches: batches.len() as u32 });
        let places = batches.iter().map(|&id| producer.batch(id).partition());
        self.parts.iter_mut().for_each(|part| part.requested(now, places.clone()));
    }

    pub(super) fn batch_sent(&mut self, now: Time, client: u32, batch: &Batch, wire: &ProduceBatch) {
        let what = What::Sent {
            tp: wire.tp,
            records: wire.records,
            bytes: wire.bytes,
            reason: batch.reason(),
            attempts: batch.attempts(),
            sequence: i64::from(wire.base_sequence),
        };
        self.note(now, client, what);
        self.parts.iter_mut().for_each(|part| part.batch_sent(now, batch, wire));
    }

    pub(super) fn completed(
        &mut self,
        now: Time,
        producer: &Producer,
        client: u32,
        id: BatchId,
        outcome: Outcome,
    ) {
        if let Some(diary) = &mut self.diary {
            diary.completed(now, producer, client, id, outcome);
        }
        let batch = producer.batch(id);
        let (tp, records) = (batch.partition(), batch.records().len() as u32);
        let what = match outcome {
            Outcome::Acked { base_offset } => What::Acked { tp, records, base_offset },
            Outcome::Failed { exception } | Outcome::FailedByRecord { exception, .. } => {
                What::Failed { tp, records, exception: exception.name() }
            }
        };
        self.note(now, client, what);
        if let (Some(acks), Outcome::Acked { .. }) = (&mut self.acks, outcome) {
            acks.extend(batch.records().iter().map(|record| Ack {
                at: now,
                since: Time(record.tag),
                fixed_bytes: record.fixed_bytes,
            }));
        }
        self.parts.iter_mut().for_each(|part| part.completed(now, producer, batch, outcome));
    }

    pub(super) fn refused(&mut self, now: Time, client: u32, exception: Exception) {
        self.note(now, client, What::Refused { exception: exception.name() });
        self.parts.iter_mut().for_each(|part| part.refused(now, exception));
    }

    pub(super) fn retried(&mut self, now: Time, client: u32, batch: BatchId, error: ErrorCode) {
        if let Some(diary) = &mut self.diary {
            diary.retried(now, client, batch, error.name());
        }
        self.note(now, client, What::Retried { error: error.name() });
    }

    pub(super) fn fault(&mut self, now: Time, number: u32, node: Option<NodeId>) {
        if let Some(diary) = &mut self.diary {
            diary.fault(now, number, node);
        }
        self.note(now, 0, What::Fault { number, node });
    }

    /// When the next part ends.
    pub(super) fn next_end(&self, now: Time) -> Time {
        self.parts.iter().map(|part| part.end).filter(|&end| end > now).min().unwrap_or(Time::NEVER)
    }
}
