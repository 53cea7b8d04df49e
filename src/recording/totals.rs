//! What a recording knows of the whole run, however long it is: exact sums, figures over time, and one record for each
//! latency that occurs.

use std::collections::BTreeMap;

use super::series::{Series, bucket};
use super::stages::{Stage, Sums};
use super::story::{BatchStory, RecordStory};
use crate::cluster::Standing;
use crate::producer::{HeldBack, Reason};
use crate::scenario::Scenario;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;
use crate::world::happening::Ending;

/// Changes of leaders and in-sync replicas that are kept.
pub const MOST_CHANGES: usize = 4096;
/// The slowest records that are kept.
pub const MOST_WORST: usize = 64;

/// Steps of the fill of batches, each of 5 percent.
pub const FILL_STEPS: usize = 20;

/// Records of about the same latency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// How many.
    pub count: u64,
    /// Sums of their stages in ns.
    pub stages: [u128; Stage::ALL.len()],
    /// The first of them: its number, its batch and its stages.
    pub first: (u64, u32, Sums),
}

/// A slow record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// Its latency.
    pub latency_ns: u64,
    /// Its number.
    pub record: u64,
    /// Its batch.
    pub batch: u32,
    /// From where its latency counts.
    pub since: Time,
}

/// Batches that left for one reason, of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many, transmissions after an error included.
    pub batches: u64,
    /// Their records.
    pub records: u64,
    /// Sum of the fill of each, in permille.
    pub fill_permille: u64,
    /// Of first transmissions: how many, and their waits from the first record on, in ns.
    pub first: u64,
    /// Those waits.
    pub wait_ns: u128,
}

/// Who leads a partition and who is in sync, from some time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// The partition.
    pub tp: TopicPartition,
    /// Its leader.
    pub leader: Option<NodeId>,
    /// In-sync replicas in the order of the assignment.
    pub in_sync: Vec<NodeId>,
}

/// Sums over a whole run.
#[derive(Clone, Debug)]
pub struct Totals {
    /// Figures over time.
    pub series: Series,
    /// By topic and reason.
    pub left: BTreeMap<(u32, usize), Left>,
    /// Batches that left by the share of their room that was used, in steps of 5 percent; the last step has the full ones.
    pub fills: [u64; FILL_STEPS],
    /// How often batches that were ready were held back, by why.
    pub held: BTreeMap<HeldBack, u64>,
    /// Acknowledged records by latency bucket, in ns.
    pub latencies: BTreeMap<u64, Bucket>,
    /// The slowest acknowledged records, slowest first.
    pub worst: Vec<Slow>,
    /// How partitions began, and changes of leaders and in-sync replicas, the first [`MOST_CHANGES`] of them.
    pub changes: Vec<Change>,
    /// Changes that are not among them.
    pub changes_left_out: u64,
    /// By topic: index of its first partition.
    first_partition: Vec<usize>,
    /// How each partition stood at its last change.
    last: BTreeMap<TopicPartition, (Option<NodeId>, Vec<NodeId>)>,
    /// Changes that were kept.
    changed: usize,
    buffer: u64,
    in_flight: u64,
}

impl Totals {
    pub(super) fn new(scenario: &Scenario) -> Totals {
        let mut first_partition = Vec::new();
        let mut partitions = 0;
        for topic in &scenario.cluster.topics {
            first_partition.push(partitions);
            partitions += topic.assignment.len();
        }
        Totals {
            series: Series::default(),
            left: BTreeMap::new(),
            fills: [0; FILL_STEPS],
            held: BTreeMap::new(),
            latencies: BTreeMap::new(),
            worst: Vec::new(),
            changes: Vec::new(),
            changes_left_out: 0,
            first_partition,
            last: BTreeMap::new(),
            changed: 0,
            buffer: 0,
            in_flight: 0,
        }
    }

    /// The index of a partition among all of the cluster, topics in order.
    pub fn place(&self, tp: TopicPartition) -> usize {
        self.first_partition[tp.topic.index()] + tp.partition as usize
    }

    pub(super) fn happening(&mut self, at: Time) {
        self.series.reach(at, self.buffer, self.in_flight).events += 1;
    }

    pub(super) fn appended(&mut self, at: Time) {
        self.series.at(at).appended += 1;
    }

    pub(super) fn blocked(&mut self, at: Time) {
        self.series.at(at).blocked += 1;
    }

    pub(super) fn refused(&mut self, at: Time) {
        self.series.at(at).failed += 1;
    }

    pub(super) fn retried(&mut self, at: Time) {
        self.series.at(at).retries += 1;
    }

    pub(super) fn held(&mut self, why: HeldBack) {
        *self.held.entry(why).or_default() += 1;
    }

    pub(super) fn memory_taken(&mut self, at: Time, bytes: u64) {
        self.buffer += bytes;
        let (buffer, bin) = (self.buffer, self.series.at(at));
        bin.buffer = bin.buffer.max(buffer);
    }

    pub(super) fn memory_given_back(&mut self, at: Time, bytes: u64) {
        let before = self.buffer;
        self.buffer = self.buffer.saturating_sub(bytes);
        let bin = self.series.at(at);
        bin.buffer = bin.buffer.max(before);
    }

    pub(super) fn requested(&mut self, at: Time) {
        self.in_flight += 1;
        let (in_flight, bin) = (self.in_flight, self.series.at(at));
        bin.requests += 1;
        bin.in_flight = bin.in_flight.max(in_flight);
    }

    pub(super) fn request_ended(&mut self, at: Time) {
        let before = self.in_flight;
        self.in_flight = self.in_flight.saturating_sub(1);
        let bin = self.series.at(at);
        bin.in_flight = bin.in_flight.max(before);
    }

    pub(super) fn sent(&mut self, at: Time, story: &BatchStory, reason: Reason, again: bool) {
        let place = reason_place(reason);
        let fill = story.fill_permille();
        let bin = self.series.at(at);
        bin.reasons[place] += 1;
        bin.fill_permille += fill;
        self.fills[(fill as usize * FILL_STEPS / 1000).min(FILL_STEPS - 1)] += 1;
        let left = self.left.entry((story.tp.topic.0, place)).or_default();
        left.batches += 1;
        left.records += story.records.len() as u64;
        left.fill_permille += fill;
        if !again && story.parent.is_none() {
            left.first += 1;
            left.wait_ns += u128::from((at - story.opened).0);
        }
    }

    pub(super) fn record_ended(&mut self, at: Time, record: &RecordStory, batch: &BatchStory, stages: &Sums) {
        let place = self.place(batch.tp);
        let bin = self.series.at(at);
        let Some((_, Ending::Acked(_))) = batch.ended else {
            bin.failed += 1;
            return;
        };
        let latency = at.0.saturating_sub(record.since.0);
        bin.acked += 1;
        bin.acked_bytes += u64::from(record.fixed_bytes);
        *bin.latencies.entry(bucket(latency)).or_default() += 1;
        if bin.partitions.len() <= place {
            bin.partitions.resize(place + 1, 0);
        }
        bin.partitions[place] += 1;
        let bucket = self.latencies.entry(bucket(latency)).or_insert_with(|| Bucket {
            count: 0,
            stages: [0; Stage::ALL.len()],
            first: (record.number, batch.number, *stages),
        });
        bucket.count += 1;
        for (sum, stage) in bucket.stages.iter_mut().zip(stages) {
            *sum += u128::from(*stage);
        }
        self.keep_if_slow(Slow {
            latency_ns: latency,
            record: record.number,
            batch: batch.number,
            since: record.since,
        });
    }

    fn keep_if_slow(&mut self, slow: Slow) {
        let is_slower = |kept: &Slow| kept.latency_ns >= slow.latency_ns;
        if self.worst.len() == MOST_WORST && self.worst.last().is_some_and(is_slower) {
            return;
        }
        let place = self.worst.partition_point(is_slower);
        self.worst.insert(place, slow);
        self.worst.truncate(MOST_WORST);
    }

    pub(super) fn moved(&mut self, at: Time, tp: TopicPartition, standing: &Standing) {
        let in_sync = standing.replicas.iter().filter(|replica| replica.in_sync);
        let in_sync: Vec<NodeId> = in_sync.map(|replica| replica.broker).collect();
        let now = (standing.leader, in_sync);
        let before = self.last.insert(tp, now.clone());
        if before.as_ref() == Some(&now) {
            return;
        }
        let (leader, in_sync) = now;
        match before {
            // How a partition begins is no change, but where its history begins.
            None => self.changes.push(Change { at: Time::START, tp, leader, in_sync }),
            Some(_) if self.changed < MOST_CHANGES => {
                self.changed += 1;
                self.changes.push(Change { at, tp, leader, in_sync });
            }
            Some(_) => self.changes_left_out += 1,
        }
    }

    /// The bucket of the record at a rank: `permille` of all acknowledged records are not slower.
    pub fn at_permille(&self, permille: u64) -> Option<(u64, &Bucket)> {
        let count: u64 = self.latencies.values().map(|bucket| bucket.count).sum();
        let rank = (count * permille).div_ceil(1000).max(1);
        let mut seen = 0;
        self.latencies.iter().find_map(|(low, bucket)| {
            seen += bucket.count;
            (seen >= rank).then_some((*low, bucket))
        })
    }
}

/// The place of a reason in [`Reason::ALL`].
pub fn reason_place(reason: Reason) -> usize {
    Reason::ALL.iter().position(|other| *other == reason).unwrap_or(0)
}
