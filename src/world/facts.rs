//! What a run finds out: counts, latencies, the digest. Nothing here changes what happens.

use std::collections::BTreeMap;

use super::cadence::Cadence;
use super::client::Client;
use super::diary::Diary;
use super::observe::Observed;
use super::observers::Observers;
use super::parts::PartCounts;
use super::promises;
use super::result::{FaultResult, PartitionResult, Populations, ProducerResult, Reasons, RunResult};
use super::silence::SilenceWatch;
use super::tally::Tally;
use crate::audit::{Fate, Ledger};
use crate::cluster::Cluster;
use crate::cluster::spec::ClusterSpec;
use crate::engine::digest::Digest;
use crate::producer::{Batch, BatchId, Exception, Outcome, Producer, Request};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;
use crate::scenario::Scenario;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::time::Time;

/// Repeated warnings are of no use.
const MOST_WARNINGS: usize = 20;

/// The counts of a partition.
#[derive(Clone, Copy, Debug, Default)]
struct PartitionFacts {
    records: u64,
    batches: u64,
    bytes: u64,
}

/// Everything that the result of a run is made of.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) populations: Populations,
    pub(super) silence: SilenceWatch,
    pub(super) blocked_ns: u64,
    pub(super) prepared_ns: u64,
    pub(super) ended_clients: usize,
    latency: Tally,
    latency_sum_ns: u128,
    first_record_wait: Tally,
    reasons: Reasons,
    /// By topic: index of its first partition.
    first_partition: Vec<usize>,
    partitions: Vec<PartitionFacts>,
    producers: Vec<ProducerResult>,
    requests: u64,
    batches: u64,
    batch_bytes: u64,
    batch_records: u64,
    records_per_batch: Tally,
    errors: BTreeMap<&'static str, u64>,
    retries: BTreeMap<&'static str, u64>,
    pub(super) cadence: Cadence,
    warnings: Vec<String>,
    digest: Digest,
    /// `None` unless something is asked for.
    pub(super) observers: Option<Box<Observers>>,
}

impl Facts {
    pub(super) fn new(cluster: &ClusterSpec, observers: Option<Box<Observers>>) -> Facts {
        let mut first_partition = Vec::new();
        let mut partitions = 0;
        for topic in &cluster.topics {
            first_partition.push(partitions);
            partitions += topic.assignment.len();
        }
        Facts {
            populations: Populations::default(),
            silence: SilenceWatch::new(),
            blocked_ns: 0,
            prepared_ns: 0,
            ended_clients: 0,
            latency: Tally::default(),
            latency_sum_ns: 0,
            first_record_wait: Tally::default(),
            reasons: Reasons::default(),
            first_partition,
            partitions: vec![PartitionFacts::default(); partitions],
            producers: Vec::new(),
            requests: 0,
            batches: 0,
            batch_bytes: 0,
            batch_records: 0,
            records_per_batch: Tally::default(),
            errors: BTreeMap::new(),
            retries: BTreeMap::new(),
            cadence: Cadence::default(),
            warnings: Vec::new(),
            digest: Digest::new(),
            observers,
        }
    }

    /// Changes whenever something has become of a record.
    pub(super) fn progress(&self) -> u64 {
        let Populations { offered, acked, failed, unknown, refused, .. } = self.populations;
        offered + acked + failed + unknown + refused
    }

    /// Records of which nothing has become yet.
    pub(super) fn under_way(&self) -> u64 {
        2 * self.populations.offered - self.progress()
    }

    pub(super) fn warn(&mut self, warning: &str) {
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.iter().any(|other| other == warning) {
            self.warnings.push(warning.to_owned());
        }
    }

    /// The diary of the run, if somebody asks for one.
    #[inline]
    pub(super) fn diary(&mut self) -> Option<&mut Diary> {
        self.observers.as_mut().and_then(|observers| observers.diary.as_mut())
    }

    /// A record that somebody asks about is handed to `send`.
    #[cold]
    pub(super) fn called(&mut self, now: Time) {
        if let Some(observers) = &mut self.observers {
            observers.called = Some(now);
        }
    }

    /// `send` would not take a record.
    pub(super) fn refused(&mut self, now: Time, client: u32, exception: Exception) {
        self.populations.refused += 1;
        self.silence.failed(now, self.under_way());
        *self.errors.entry(exception.name()).or_default() += 1;
        if let Some(observers) = &mut self.observers {
            observers.refused(now, client, exception);
        }
    }

    /// A batch goes back to be sent again.
    pub(super) fn retried(&mut self, now: Time, client: u32, batch: BatchId, error: ErrorCode) {
        *self.retries.entry(error.name()).or_default() += 1;
        if let Some(observers) = &mut self.observers {
            observers.retried(now, client, batch, error);
        }
    }

    /// A produce request has been written.
    pub(super) fn requested(&mut self, now: Time, client: u32, producer: &Producer, request: &Request) {
        self.requests += 1;
        self.digest.write(now.0);
        self.digest.write(u64::from(client) << 32 | request.batches().len() as u64);
        if let Some(observers) = &mut self.observers {
            observers.requested(now, client, producer, request);
        }
    }

    /// It has a batch.
    #[inline]
    pub(super) fn batch_sent(&mut self, now: Time, client: u32, batch: &Batch, wire: &ProduceBatch) {
        self.batches += 1;
        self.batch_bytes += u64::from(wire.bytes);
        self.batch_records += u64::from(wire.records);
        self.records_per_batch.record(u64::from(wire.records));
        if batch.attempts() == 0 && !batch.is_split() {
            self.first_record_wait.record((now - batch.opened_at()).0);
        }
        self.reasons.count(batch.reason(), batch.attempts() > 0, batch.is_split());
        self.digest.write(u64::from(wire.tp.topic.0) << 32 | u64::from(wire.tp.partition));
        self.digest.write(u64::from(wire.records) << 32 | u64::from(wire.bytes));
        self.digest.write(wire.producer_id as u64 ^ (wire.base_sequence as u64).rotate_left(20));
        if let Some(observers) = &mut self.observers {
            observers.batch_sent(now, client, batch, wire);
        }
    }

    /// A batch has ended, and with it its records. Gives what the client was told.
    pub(super) fn completed(
        &mut self,
        now: Time,
        producer: &Producer,
        client: u32,
        id: BatchId,
        outcome: Outcome,
    ) -> Fate {
        if let Some(observers) = &mut self.observers {
            observers.completed(now, producer, client, id, outcome);
        }
        let batch = producer.batch(id);
        let records = batch.records();
        self.digest.write(now.0);
        self.digest.write(u64::from(client) << 32 | records.len() as u64);
        match outcome {
            Outcome::Acked { base_offset } => {
                self.digest.write(base_offset as u64);
                self.populations.acked += records.len() as u64;
                for record in records {
                    let latency_ns = now.0.saturating_sub(record.tag);
                    self.latency_sum_ns += u128::from(latency_ns);
                    self.latency.record(latency_ns);
                }
                let wire = batch.on_wire();
                let place = self.first_partition[wire.tp.topic.index()] + wire.tp.partition as usize;
                if let Some(partition) = self.partitions.get_mut(place) {
                    partition.records += records.len() as u64;
                    partition.batches += 1;
                    partition.bytes += u64::from(wire.bytes);
                }
                self.silence.acked(now, self.under_way());
                Fate::Acked
            }
            Outcome::Failed { .. } | Outcome::FailedByRecord { .. } => {
                let (population, fate) = if batch.may_be_logged() {
                    (&mut self.populations.unknown, Fate::Unknown)
                } else {
                    (&mut self.populations.failed, Fate::Failed)
                };
                *population += records.len() as u64;
                for (index, record) in records.iter().enumerate() {
                    self.digest.write(record.tag);
                    if let Some(exception) = producer.record_exception(&outcome, index as u32) {
                        *self.errors.entry(exception.name()).or_default() += 1;
                    }
                }
                self.silence.failed(now, self.under_way());
                fate
            }
        }
    }

    /// The run is over for a producer.
    pub(super) fn producer_ended(&mut self, client: &Client, now: Time) {
        self.producers.push(metrics_of(client, now));
    }

    /// When the next part of the run that is asked for ends.
    #[inline]
    pub(super) fn next_part_end(&self, now: Time) -> Time {
        self.observers.as_ref().map_or(Time::NEVER, |observers| observers.next_end(now))
    }

    /// Reads the clients' metrics at the end of parts that are over by `now`.
    #[cold]
    pub(super) fn close_parts(&mut self, clients: &[Client], now: Time) {
        let Some(observers) = &mut self.observers else { return };
        for part in observers.parts.iter_mut().filter(|part| part.is_over(now)) {
            part.close(clients.iter().map(|client| metrics_of(client, part.end)).collect());
        }
    }

    pub(super) fn into_result(
        mut self,
        scenario: &Scenario,
        cluster: &Cluster,
        ledger: &Ledger,
        faults: Vec<FaultResult>,
        now: Time,
    ) -> Observed {
        for fault in faults.iter().filter(|fault| fault.touched == 0) {
            let (said, at) = (&fault.said, fault.at);
            self.warn(&format!("The fault `{said}` at {at} touched nothing: it was not exercised."));
        }
        let names: Vec<String> = self.producers.iter().map(|producer| producer.client_id.clone()).collect();
        let audit = promises::audit(scenario, ledger, &names);
        audit.findings.iter().for_each(|finding| self.warn(&finding.sentence()));
        let Populations { offered, acked, failed, unknown, refused, .. } = self.populations;
        self.populations.pending = offered.saturating_sub(acked + failed + unknown + refused);
        self.digest.write(offered);
        self.digest.write(self.blocked_ns);
        let (mut parts, mut keys) = (Vec::new(), None);
        if let Some(observers) = self.observers.take() {
            keys = observers.keys.map(|keys| keys.count());
            let result = |part: PartCounts| part.into_result(scenario, &self.producers, now);
            parts = observers.parts.into_iter().map(result).collect();
        }
        let result = RunResult {
            ended_at: now,
            populations: self.populations,
            latency: self.latency.into_histogram(),
            latency_sum_ns: self.latency_sum_ns,
            reasons: self.reasons,
            partitions: partition_results(scenario, cluster, &self.first_partition, &self.partitions),
            producers: self.producers,
            requests: self.requests,
            batches: self.batches,
            batch_bytes: self.batch_bytes,
            batch_records: self.batch_records,
            records_per_batch: self.records_per_batch.into_histogram(),
            first_record_wait: self.first_record_wait.into_histogram(),
            preparation: None,
            blocked_ns: self.blocked_ns,
            errors: self.errors,
            audit,
            longest_silence: self.silence.longest(now),
            retries: self.retries,
            retry_waits: self.cadence.into_waits(),
            split_keys: keys,
            digest: self.digest.value(),
            faults,
            cluster: cluster.counters().all().to_vec(),
            warnings: self.warnings,
        };
        Observed { result, parts, logs: Vec::new() }
    }
}

fn metrics_of(client: &Client, now: Time) -> ProducerResult {
    let client_id = client.producer.config().client_id.clone();
    ProducerResult { client_id, metrics: client.producer.metrics(now).iter().collect() }
}

/// By topic name and partition.
fn partition_results(
    scenario: &Scenario,
    cluster: &Cluster,
    first_partition: &[usize],
    facts: &[PartitionFacts],
) -> Vec<PartitionResult> {
    let mut results = Vec::new();
    for (topic, spec) in scenario.cluster.topics.iter().enumerate() {
        for partition in 0..spec.assignment.len() as u32 {
            let PartitionFacts { records, batches, bytes } =
                facts[first_partition[topic] + partition as usize];
            let tp = TopicPartition::new(TopicId(topic as u32), partition);
            results.push(PartitionResult {
                topic: spec.name.clone(),
                partition,
                records,
                batches,
                bytes,
                log_end: cluster.log_end(tp),
                log_start: cluster.log_start(tp),
            });
        }
    }
    results.sort_by(|a, b| a.topic.cmp(&b.topic).then(a.partition.cmp(&b.partition)));
    results
}
