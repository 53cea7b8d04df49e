//! Our own metrics: what the simulator sees and a client does not. All begin with `sim-`.

use super::{Better, Dimension, Kind, Metric};

use Better::{Higher, Lower, Neither};
use Dimension::{Bytes, Count, Millis, PerSecond, Ratio, Seconds};
use Kind::{Counter, Distribution, Sum};

const fn part(
    name: &'static str,
    kind: Kind,
    dimension: Dimension,
    better: Better,
    doc: &'static str,
) -> Metric {
    Metric { name, kind, dimension, better, labels: &["topic", "partition"], whole_run: false, doc }
}

const fn labelled(labels: &'static [&'static str], metric: Metric) -> Metric {
    Metric { labels, ..metric }
}

/// What a window cannot have.
const fn whole(name: &'static str, dimension: Dimension, better: Better, doc: &'static str) -> Metric {
    Metric { name, kind: Sum, dimension, better, labels: &[], whole_run: true, doc }
}

/// In the order of the reports.
pub(super) const METRICS: &[Metric] = &[
    whole("sim-offered-records", Count, Neither, "records that the application offered"),
    part("sim-acked-records", Counter, Count, Higher, "records acknowledged"),
    part("sim-failed-records", Counter, Count, Lower, "records that failed and are surely in no log"),
    part("sim-unknown-records", Counter, Count, Lower, "records that failed and may be in a log"),
    labelled(&[], part("sim-refused-records", Counter, Count, Lower, "records that `send` would not take")),
    whole("sim-pending-records", Count, Lower, "records that were under way at the end"),
    whole("sim-lost-records", Count, Lower, "records that were acknowledged and are in no log"),
    whole("sim-duplicate-records", Count, Lower, "copies of records beyond the first"),
    whole("sim-reordered-records", Count, Lower, "records behind one that was sent later"),
    whole("sim-failed-but-present-records", Count, Lower, "records that failed and are in the log"),
    part("sim-record-latency", Distribution, Millis, Lower, "latency of acknowledged records"),
    whole(
        "sim-longest-silence",
        Millis,
        Lower,
        "longest time without an acknowledgement while records waited",
    ),
    part("sim-throughput", Sum, PerSecond, Higher, "acknowledged records per second"),
    whole("sim-blocked-time", Seconds, Lower, "time that threads were blocked in `send`"),
    whole("sim-simulated-time", Seconds, Neither, "virtual time until all producers were closed"),
    part("sim-requests", Counter, Count, Lower, "produce requests"),
    part("sim-batches", Counter, Count, Lower, "batches in them, those that are sent again included"),
    part("sim-batch-bytes", Counter, Bytes, Lower, "bytes of these batches"),
    part("sim-requests-per-record", Sum, Ratio, Lower, "produce requests by records in them"),
    part("sim-bytes-per-record", Sum, Bytes, Lower, "bytes of batches by records in them"),
    part("sim-batches-per-request", Sum, Ratio, Higher, "batches by produce requests"),
    part("sim-records-per-batch", Distribution, Count, Higher, "records of each batch"),
    part("sim-batch-fill", Sum, Ratio, Higher, "mean size of a batch by batch.size"),
    part(
        "sim-first-record-wait",
        Distribution,
        Millis,
        Lower,
        "wait of a batch's first record in the accumulator",
    ),
    labelled(
        &["reason", "topic", "partition"],
        part(
            "sim-batches-left",
            Counter,
            Count,
            Neither,
            "batches that left for a reason: full, linger, memory, close, flush, piggyback",
        ),
    ),
    labelled(
        &["reason", "topic", "partition"],
        part("sim-batches-left-ratio", Sum, Ratio, Neither, "their share of all batches"),
    ),
    labelled(
        &["exception"],
        part("sim-errors", Counter, Count, Lower, "failed and refused records, by exception"),
    ),
    labelled(&["error"], whole("sim-retries", Count, Lower, "batches that were sent again, by error code")),
    labelled(
        &["fault"],
        whole("sim-fault-touched", Count, Neither, "requests, connections, partitions that met a fault"),
    ),
    labelled(
        &["topic"],
        whole("sim-partition-skew", Ratio, Lower, "records of the fullest partition by the mean"),
    ),
    labelled(
        &["topic"],
        whole("sim-partition-cv", Ratio, Lower, "coefficient of variation of records over partitions"),
    ),
    labelled(
        &["topic"],
        whole("sim-partition-gini", Ratio, Lower, "Gini coefficient of records over partitions"),
    ),
    labelled(&["topic"], whole("sim-empty-partitions", Count, Lower, "partitions without any record")),
    whole("sim-split-keys", Count, Lower, "keys that are in several partitions: their records have no order"),
    whole("sim-split-keys-ratio", Ratio, Lower, "their share of all keys"),
];
