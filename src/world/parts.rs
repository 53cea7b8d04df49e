//! Figures of parts of a run, beside those of the whole one.

use std::collections::BTreeMap;

use super::observe::{Part, PartResult, Places};
use super::result::{Audit, PartitionResult, Populations, ProducerResult, Reasons, RunResult, Silence};
use super::tally::Tally;
use crate::producer::{Batch, Exception, Outcome, Producer, Reason, RecordEntry};
use crate::protocol::message::ProduceBatch;
use crate::scenario::Scenario;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;

/// The counts of one part.
#[derive(Debug)]
pub(super) struct PartCounts {
    pub(super) start: Time,
    pub(super) end: Time,
    places: Option<Places>,
    populations: Populations,
    latency: Tally,
    latency_sum_ns: u128,
    first_record_wait: Tally,
    reasons: Reasons,
    requests: u64,
    batches: u64,
    batch_bytes: u64,
    batch_records: u64,
    records_per_batch: Tally,
    errors: BTreeMap<&'static str, u64>,
    /// Acknowledged records, batches and bytes of partitions, by topic and number.
    partitions: BTreeMap<(u32, u32), [u64; 3]>,
    /// The clients' own metrics when it ended.
    producers: Option<Vec<ProducerResult>>,
}

impl PartCounts {
    pub(super) fn new(part: &Part, (start, end): (Time, Time)) -> PartCounts {
        PartCounts {
            start,
            end,
            places: part.places.clone(),
            populations: Populations::default(),
            latency: Tally::default(),
            latency_sum_ns: 0,
            first_record_wait: Tally::default(),
            reasons: Reasons::default(),
            requests: 0,
            batches: 0,
            batch_bytes: 0,
            batch_records: 0,
            records_per_batch: Tally::default(),
            errors: BTreeMap::new(),
            partitions: BTreeMap::new(),
            producers: None,
        }
    }

    fn is_now(&self, now: Time) -> bool {
        (self.start..self.end).contains(&now)
    }

    fn has(&self, tp: TopicPartition) -> bool {
        self.places.as_ref().is_none_or(|places| places.have(tp))
    }

    /// A request counts if one of its batches does.
    pub(super) fn requested(&mut self, now: Time, mut batches: impl Iterator<Item = TopicPartition>) {
        self.requests += u64::from(self.is_now(now) && batches.any(|tp| self.has(tp)));
    }

    pub(super) fn batch_sent(&mut self, now: Time, batch: &Batch, wire: &ProduceBatch) {
        if !self.is_now(now) || !self.has(wire.tp) {
            return;
        }
        self.batches += 1;
        self.batch_bytes += u64::from(wire.bytes);
        self.batch_records += u64::from(wire.records);
        self.records_per_batch.record(u64::from(wire.records));
        if batch.attempts() == 0 && !batch.is_split() {
            self.first_record_wait.record((now - batch.opened_at()).0);
        }
        self.reasons.count(batch.reason(), batch.attempts() > 0, batch.is_split());
    }

    pub(super) fn completed(&mut self, now: Time, producer: &Producer, batch: &Batch, outcome: Outcome) {
        let wire = batch.on_wire();
        if !self.has(wire.tp) {
            return;
        }
        let (start, end) = (self.start, self.end);
        let is_in = |record: &RecordEntry| (start..end).contains(&Time(record.tag));
        let records = batch.records().iter().enumerate().filter(|(_, record)| is_in(record));
        let mut count = 0;
        for (index, record) in records {
            count += 1;
            match producer.record_exception(&outcome, index as u32) {
                Some(exception) => *self.errors.entry(exception.name()).or_default() += 1,
                None => {
                    let latency_ns = now.0.saturating_sub(record.tag);
                    self.latency_sum_ns += u128::from(latency_ns);
                    self.latency.record(latency_ns);
                }
            }
        }
        match outcome {
            Outcome::Acked { .. } => {
                self.populations.acked += count;
                let partition = self.partitions.entry((wire.tp.topic.0, wire.tp.partition)).or_default();
                partition[0] += count;
                partition[1] += u64::from(count > 0);
                partition[2] += if count > 0 { u64::from(wire.bytes) } else { 0 };
            }
            _ if batch.may_be_logged() => self.populations.unknown += count,
            _ => self.populations.failed += count,
        }
    }

    pub(super) fn refused(&mut self, now: Time, exception: Exception) {
        if self.is_now(now) && self.places.is_none() {
            self.populations.refused += 1;
            *self.errors.entry(exception.name()).or_default() += 1;
        }
    }

    /// Whether its end has come, and the clients' metrics are to be read.
    pub(super) fn is_over(&self, now: Time) -> bool {
        self.producers.is_none() && self.end <= now
    }

    pub(super) fn close(&mut self, metrics: Vec<ProducerResult>) {
        self.producers = Some(metrics);
    }

    /// `producers`: the metrics at the end of the run, for a part that goes on until then.
    pub(super) fn into_result(
        self,
        scenario: &Scenario,
        producers: &[ProducerResult],
        ended_at: Time,
    ) -> PartResult {
        let (start, end) = (self.start.min(ended_at), self.end.min(ended_at));
        let partition = |((topic, partition), [records, batches, bytes]): ((u32, u32), [u64; 3])| {
            let topic = scenario.cluster.topics[topic as usize].name.clone();
            PartitionResult { topic, partition, records, batches, bytes, log_end: 0, log_start: 0 }
        };
        let figures = RunResult {
            ended_at: Time(end.0 - start.0),
            populations: self.populations,
            latency: self.latency.into_histogram(),
            latency_sum_ns: self.latency_sum_ns,
            reasons: self.reasons,
            partitions: self.partitions.into_iter().map(partition).collect(),
            producers: self.producers.unwrap_or_else(|| producers.to_vec()),
            requests: self.requests,
            batches: self.batches,
            batch_bytes: self.batch_bytes,
            batch_records: self.batch_records,
            records_per_batch: self.records_per_batch.into_histogram(),
            first_record_wait: self.first_record_wait.into_histogram(),
            blocked_ns: 0,
            preparation: None,
            errors: self.errors,
            audit: Audit::default(),
            longest_silence: Silence::default(),
            retries: BTreeMap::new(),
            retry_waits: Vec::new(),
            split_keys: None,
            digest: 0,
            faults: Vec::new(),
            cluster: Vec::new(),
            warnings: Vec::new(),
        };
        PartResult { start, end, figures }
    }
}

impl Reasons {
    /// One more batch that left for this reason.
    pub(super) fn count(&mut self, reason: Reason, retry: bool, split: bool) {
        *match reason {
            Reason::Full => &mut self.full,
            Reason::Linger => &mut self.linger,
            Reason::Memory => &mut self.memory,
            Reason::Close => &mut self.close,
            Reason::Flush => &mut self.flush,
            Reason::Piggyback => &mut self.piggyback,
        } += 1;
        self.retry += u64::from(retry);
        self.split += u64::from(split);
    }
}
