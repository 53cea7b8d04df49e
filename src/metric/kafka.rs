//! The client's own metrics, group `producer-metrics`, under their JMX names.

use super::{Better, Dimension, Kind, Metric};

const fn metric(
    name: &'static str,
    kind: Kind,
    dimension: Dimension,
    better: Better,
    doc: &'static str,
) -> Metric {
    Metric { name, kind, dimension, better, labels: &["client-id"], whole_run: false, doc }
}

use Better::{Higher, Lower, Neither};
use Dimension::{Bytes, Count, Millis, Nanos, PerSecond, Ratio, Seconds};
use Kind::{Counter, Largest, Mean, Sum};

/// Ascending by name, as the client lists them.
pub(super) const METRICS: &[Metric] = &[
    metric("batch-size-avg", Mean, Bytes, Higher, "mean size of a batch"),
    metric("batch-size-max", Largest, Bytes, Neither, "largest batch"),
    metric("batch-split-total", Counter, Count, Lower, "batches that were split"),
    metric("buffer-available-bytes", Sum, Bytes, Higher, "buffer.memory that is free"),
    metric("buffer-exhausted-total", Counter, Count, Lower, "records dropped as no memory came free in time"),
    metric("buffer-total-bytes", Sum, Bytes, Neither, "buffer.memory"),
    metric("bufferpool-wait-time-ns-total", Counter, Nanos, Lower, "time that threads waited for memory"),
    metric("bufferpool-wait-time-total", Counter, Nanos, Lower, "the same, under its name in old clients"),
    metric("compression-rate-avg", Mean, Ratio, Lower, "compressed size by size: smaller is better"),
    metric("connection-close-total", Counter, Count, Lower, "connections closed"),
    metric("connection-count", Sum, Count, Neither, "connections that are open"),
    metric("connection-creation-total", Counter, Count, Lower, "connections opened"),
    metric("metadata-age", Largest, Seconds, Neither, "age of the metadata"),
    metric("metadata-wait-time-ns-total", Counter, Nanos, Lower, "time that threads waited for metadata"),
    metric("produce-throttle-time-avg", Mean, Millis, Lower, "mean time that a broker held back a client"),
    metric("produce-throttle-time-max", Largest, Millis, Lower, "longest such time"),
    metric("record-error-total", Counter, Count, Lower, "records that failed"),
    metric("record-queue-time-avg", Mean, Millis, Lower, "mean time of a batch in the accumulator"),
    metric("record-queue-time-max", Largest, Millis, Lower, "longest such time"),
    metric("record-retry-total", Counter, Count, Lower, "records that were sent again"),
    metric("record-send-rate", Sum, PerSecond, Higher, "records sent per second"),
    metric("record-send-total", Counter, Count, Neither, "records sent"),
    metric("record-size-avg", Mean, Bytes, Neither, "mean of the largest record of each batch"),
    metric("record-size-max", Largest, Bytes, Neither, "largest record"),
    metric("records-per-request-avg", Mean, Count, Higher, "mean number of records in a request"),
    metric("request-latency-avg", Mean, Millis, Lower, "mean time from a request to its answer"),
    metric("request-latency-max", Largest, Millis, Lower, "longest such time"),
    metric("request-total", Counter, Count, Lower, "requests sent, of any kind"),
    metric("requests-in-flight", Sum, Count, Neither, "requests that wait for their answer"),
    metric("waiting-threads", Sum, Count, Lower, "threads that wait for memory"),
];

#[cfg(test)]
mod tests {
    use super::METRICS;
    use crate::config::producer::{ClientVersion, ProducerConfig};
    use crate::producer::{Draws, Producer, START_MS, Setup};
    use crate::protocol::message::Endpoint;
    use crate::values::ids::NodeId;
    use crate::values::time::Time;

    #[test]
    fn the_list_is_that_of_the_client() {
        let mut names: Vec<&str> = Vec::new();
        for version in ClientVersion::ALL {
            let setup = Setup {
                start_ms: START_MS,
                topics: Vec::new(),
                thread_draws: Vec::new(),
                sender_draws: Draws::Recorded { values: Vec::new(), used: 0 },
                codec: None,
                partitioner: None,
                bootstrap: vec![Endpoint { node: NodeId(-1), host: String::new(), port: 9092, rack: None }],
            };
            let producer = Producer::new(ProducerConfig::defaults(version), setup);
            names.extend(producer.metrics(Time::START).iter().map(|(name, _)| name));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>(), names);
    }
}
