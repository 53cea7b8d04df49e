//! What a finished run knows about itself: the input of every report.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::values::time::Time;

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
    /// Failed and refused records by exception name.
    pub errors: BTreeMap<&'static str, u64>,
    /// Batches that were sent again, by the error code that they had been answered.
    pub retries: BTreeMap<&'static str, u64>,
    /// 64-bit digest of all facts.
    pub digest: u64,
    /// Things the user should know.
    pub warnings: Vec<String>,
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
}

/// One producer's own view.
#[derive(Clone, Debug)]
pub struct ProducerResult {
    /// `client.id`.
    pub client_id: String,
    /// Kafka's metric names (group `producer-metrics`) and values, ascending by name; NaN where Kafka says NaN.
    pub metrics: Vec<(&'static str, f64)>,
}
