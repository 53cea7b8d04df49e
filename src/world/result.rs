//! What a finished run knows about itself: the input of every report.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::key_places::SplitKeys;
pub use super::registry_node::RegistryCounts;
pub use crate::producer::interceptor::Tally;
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// Result of one run. Counts are exact; floats appear only in Kafka's own metrics.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// Virtual time at the end.
    pub ended_at: Time,
    /// Where every record went.
    pub populations: Populations,
    /// Latency of acked records in ns, from the intended send time to the completion.
    pub latency: Histogram<u64>,
    /// Exact sum of these latencies in ns.
    pub latency_sum_ns: u128,
    /// Why batches left, over all producers.
    pub reasons: Reasons,
    /// By topic name and partition, ascending.
    pub partitions: Vec<PartitionResult>,
    /// One entry per producer, in order.
    pub producers: Vec<ProducerResult>,
    /// Produce requests written, batches in them (retries included), their bytes.
    pub requests: u64,
    /// Batches in these requests.
    pub batches: u64,
    /// Bytes of these batches.
    pub batch_bytes: u64,
    /// Records in these batches.
    pub batch_records: u64,
    /// Records of each of these batches.
    pub records_per_batch: Histogram<u64>,
    /// Wait of a batch's first record from `send` to the request, in ns.
    pub first_record_wait: Histogram<u64>,
    /// Total time application threads were blocked in `send`, in ns.
    pub blocked_ns: u64,
    /// What happened before the pipeline, if it could be seen.
    pub preparation: Option<PreparationResult>,
    /// Failed and refused records by exception name.
    pub errors: BTreeMap<&'static str, u64>,
    /// What the logs have in the end, against what producers were told.
    pub audit: Audit,
    /// The longest time without an acknowledgement while records waited.
    pub longest_silence: Silence,
    /// Batches that were sent again, by the error code that they had been answered.
    pub retries: BTreeMap<&'static str, u64>,
    /// How long batches waited before they were sent again, by the number of the retry.
    pub retry_waits: Vec<RetryWait>,
    /// In how many partitions each key is, if somebody has asked for it.
    pub split_keys: Option<SplitKeys>,
    /// 64-bit digest of all facts.
    pub digest: u64,
    /// The scenario's faults in order of their times.
    pub faults: Vec<FaultResult>,
    /// What the cluster did, by name, in a fixed order.
    pub cluster: Vec<(&'static str, u64)>,
    /// Things the user should know.
    pub warnings: Vec<String>,
}

/// What interceptors, serializers and the schema registry did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreparationResult {
    /// How long application threads were in serializers, in ns.
    pub serializing_ns: u64,
    /// Every interceptor, by producer and in its order.
    pub interceptors: Vec<InterceptorResult>,
    /// The exceptions of serializers, each with the first message.
    pub exceptions: Vec<(&'static str, String)>,
    /// The schema registry, if there is one.
    pub registry: Option<RegistryResult>,
}

/// What an interceptor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterceptorResult {
    /// Its producer.
    pub client_id: String,
    /// What it is.
    pub name: String,
    /// Its calls, and the exceptions that nobody saw.
    pub tally: Tally,
    /// What it has found out, line by line.
    pub findings: Vec<String>,
}

/// What the schema registry did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryResult {
    /// Calls by what became of them.
    pub counts: RegistryCounts,
    /// Subjects with their (version, id), in the end.
    pub subjects: Vec<(String, Vec<(u32, u32)>)>,
}

/// Waits from the failure of a batch's last transmission to the next one, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryWait {
    /// Of the first retry, the second and so on; 10: of the tenth and all later ones.
    pub retry: u32,
    /// How many there were.
    pub batches: u64,
    /// Of all together.
    pub sum_ms: u64,
    /// The shortest.
    pub min_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

impl RetryWait {
    /// Retries from here on are counted together: the backoff has reached its largest value long before.
    pub const LAST: u32 = 10;
}

/// What became of a planned fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultResult {
    /// When it happened.
    pub at: Time,
    /// How the scenario says it.
    pub said: String,
    /// The broker that it struck, if it strikes one.
    pub node: Option<NodeId>,
    /// Requests, messages, connections, partitions that met it; 0: it made no difference.
    pub touched: u64,
}

/// offered = acked + failed + unknown + refused + pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Populations {
    /// `send` calls.
    pub offered: u64,
    /// Completed without error.
    pub acked: u64,
    /// An error that excludes that the record is in a log.
    pub failed: u64,
    /// Sent at least once, and no answer excludes that it is in a log.
    pub unknown: u64,
    /// `send` itself would not take it.
    pub refused: u64,
    /// Blocked in `send`, in the accumulator or in flight at the end.
    pub pending: u64,
}

/// What the final logs have, against what producers were told: in records unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Acknowledged (or written, with acks=0), but not in the log.
    pub lost: u64,
    /// Copies beyond the first.
    pub duplicates: u64,
    /// Records whose first copy is behind a record that its producer sent later to the partition.
    pub reordered: u64,
    /// Reported as failed, but in the log.
    pub failed_but_present: u64,
    /// Places in logs before which sequences of an idempotent producer are missing.
    pub sequence_gaps: u64,
    /// Written with acks=0, and still on their way to the broker when the run ended.
    pub under_way: u64,
    /// Promises that were not kept.
    pub findings: Vec<Finding>,
}

/// What a configuration promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// acks=all, clean elections and logs that survive: what is acknowledged stays.
    NoLoss,
    /// Idempotence: nothing is there twice from one session.
    NoDuplicates,
    /// Idempotence, or one request in flight.
    NoReordering,
    /// Idempotence: sequences of a session follow each other.
    NoGaps,
    /// Idempotence: a session begins with sequence 0. A broker that knows nothing of a producer takes any first batch, so
    /// one that overtakes its predecessor is taken, and the predecessor never (KAFKA-14312).
    NoLateStart,
}

/// A promise to a producer that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The promise.
    pub promise: Promise,
    /// `client.id` of the producer.
    pub producer: String,
    /// The first partition where it was broken.
    pub topic: String,
    /// Its number.
    pub partition: u32,
    /// Number of partitions where it was broken.
    pub partitions: u64,
    /// Records, or gaps.
    pub count: u64,
}

/// A time without acknowledgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// When it began.
    pub start: Time,
    /// How long it was.
    pub span: Span,
}

impl Promise {
    /// A name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Promise::NoLoss => "no-loss",
            Promise::NoDuplicates => "no-duplicates",
            Promise::NoReordering => "no-reordering",
            Promise::NoGaps => "no-gaps",
            Promise::NoLateStart => "no-late-start",
        }
    }
}

impl Finding {
    /// What was promised, and what is there instead.
    pub fn sentence(&self) -> String {
        let Finding { promise, producer, topic, partition, partitions, count } = self;
        let what = match promise {
            Promise::NoLoss => "acks=all promises that nothing acknowledged is lost; lost records",
            Promise::NoDuplicates => "idempotence promises no duplicates; records that are there again",
            Promise::NoReordering => "the order of records is promised; records behind later ones",
            Promise::NoGaps => "sequences are promised to follow each other; gaps",
            Promise::NoLateStart => {
                "a session is promised to begin with its first record; partitions where it did not (KAFKA-14312)"
            }
        };
        let more = match partitions.saturating_sub(1) {
            0 => String::new(),
            1 => " and 1 more partition".to_owned(),
            more => format!(" and {more} more partitions"),
        };
        format!("A broken promise to {producer}: {what}: {count} ({topic}-{partition}{more}).")
    }
}

/// Why batches left the accumulator: the first reason that held, in the client's order (5.3 step 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "reason codes of the reports")]
pub struct Reasons {
    pub full: u64,
    pub linger: u64,
    pub memory: u64,
    pub close: u64,
    pub flush: u64,
    pub transaction: u64,
    /// Left with another partition's batch before it was ready itself.
    pub piggyback: u64,
    /// Of all of these: sent again after an error.
    pub retry: u64,
    /// Of all of these: children of a split.
    pub split: u64,
}

/// One partition's share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionResult {
    /// Topic name.
    pub topic: String,
    /// Partition number.
    pub partition: u32,
    /// Records acknowledged.
    pub records: u64,
    /// Batches acknowledged.
    pub batches: u64,
    /// Bytes of these batches.
    pub bytes: u64,
    /// Log end offset at the leader at the end.
    pub log_end: u64,
    /// Offset of the oldest record that retention has left.
    pub log_start: u64,
}

/// One producer's own view.
#[derive(Clone, Debug)]
pub struct ProducerResult {
    /// `client.id`.
    pub client_id: String,
    /// Kafka's metric names (group `producer-metrics`) and values, ascending by name; NaN where Kafka says NaN.
    pub metrics: Vec<(&'static str, f64)>,
}
