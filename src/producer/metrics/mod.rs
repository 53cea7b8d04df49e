//! The client's own metrics, under their JMX names (section 10, group `producer-metrics`).

mod sampled;

use self::sampled::Sampled;
use crate::producer::Producer;
use crate::producer::batch::Batch;
use crate::values::time::Time;

/// Everything that is counted as the producer runs.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Queue time, largest record, batch size, compression rate: per drained batch.
    batch: Sampled<4>,
    /// Records: per node that was drained.
    node: Sampled<1>,
    latency: Sampled<1>,
    throttle: Sampled<1>,
    records_sent: u64,
    pub(crate) record_errors: u64,
    pub(crate) record_retries: u64,
    pub(crate) batch_splits: u64,
    pub(crate) buffer_wait_ns: u64,
    pub(crate) buffer_exhausted: u64,
    pub(crate) metadata_wait_ns: u64,
    pub(crate) connections_created: u64,
    pub(crate) connections_closed: u64,
    pub(crate) requests_sent: u64,
}

impl Metrics {
    pub(crate) fn new(window_ms: i64, windows: u32, overlap: bool) -> Metrics {
        Metrics {
            batch: Sampled::new(window_ms, windows, overlap),
            node: Sampled::new(window_ms, windows, overlap),
            latency: Sampled::new(window_ms, windows, overlap),
            throttle: Sampled::new(window_ms, windows, overlap),
            records_sent: 0,
            record_errors: 0,
            record_retries: 0,
            batch_splits: 0,
            buffer_wait_ns: 0,
            buffer_exhausted: 0,
            metadata_wait_ns: 0,
            connections_created: 0,
            connections_closed: 0,
            requests_sent: 0,
        }
    }

    /// 10.2, per drained batch.
    #[inline(always)]
    pub(crate) fn batch_drained(&mut self, batch: &Batch, now_ms: i64) {
        let values = [
            (batch.drained_ms - batch.created_ms) as f64,
            batch.max_record_size as f64,
            batch.estimated_bytes() as f64,
            f64::from(batch.compression_ratio()),
        ];
        self.batch.record(values, now_ms);
    }

    /// 10.2, per node entry of the drained map.
    #[inline]
    pub(crate) fn node_drained(&mut self, records: u64, now_ms: i64) {
        self.node.record([records as f64], now_ms);
        self.records_sent += records;
    }

    #[inline]
    pub(crate) fn request_answered(&mut self, latency_ms: i64, now_ms: i64) {
        self.latency.record([latency_ms as f64], now_ms);
    }

    #[inline]
    pub(crate) fn throttle_time(&mut self, throttle_ms: i64, now_ms: i64) {
        self.throttle.record([throttle_ms as f64], now_ms);
    }
}

/// All metrics at one instant, ascending by name. NaN where Kafka says NaN.
#[derive(Clone, Debug)]
pub struct Snapshot {
    values: Vec<(&'static str, f64)>,
}

impl Snapshot {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.values.iter().copied()
    }

    /// The value of a metric, `None` if there is no such metric.
    pub fn get(&self, name: &str) -> Option<f64> {
        let at = self.values.binary_search_by(|(other, _)| (*other).cmp(name)).ok()?;
        Some(self.values[at].1)
    }
}

impl Producer {
    /// The metrics at `now`.
    pub fn metrics(&self, now: Time) -> Snapshot {
        let now_ms = self.millis(now);
        let m = &self.metrics;
        let pool = &self.accumulator.pool;
        let metadata_age_ms = now_ms - self.metadata.last_successful_ms;
        let open = m.connections_created - m.connections_closed;
        let mut values = vec![
            ("batch-size-avg", m.batch.average(2, now_ms)),
            ("batch-size-max", m.batch.maximum(2, now_ms)),
            ("batch-split-total", m.batch_splits as f64),
            ("buffer-available-bytes", pool.available() as f64),
            ("buffer-exhausted-total", m.buffer_exhausted as f64),
            ("buffer-total-bytes", pool.total() as f64),
            ("bufferpool-wait-time-ns-total", m.buffer_wait_ns as f64),
            ("compression-rate-avg", m.batch.average(3, now_ms)),
            ("connection-close-total", m.connections_closed as f64),
            ("connection-count", open as f64),
            ("connection-creation-total", m.connections_created as f64),
            ("metadata-age", metadata_age_ms as f64 / 1000.0),
            ("metadata-wait-time-ns-total", m.metadata_wait_ns as f64),
            ("produce-throttle-time-avg", m.throttle.average(0, now_ms)),
            ("produce-throttle-time-max", m.throttle.maximum(0, now_ms)),
            ("record-error-total", m.record_errors as f64),
            ("record-queue-time-avg", m.batch.average(0, now_ms)),
            ("record-queue-time-max", m.batch.maximum(0, now_ms)),
            ("record-retry-total", m.record_retries as f64),
            ("record-send-rate", m.node.rate(0, now_ms)),
            ("record-send-total", m.records_sent as f64),
            ("record-size-avg", m.batch.average(1, now_ms)),
            ("record-size-max", m.batch.maximum(1, now_ms)),
            ("records-per-request-avg", m.node.average(0, now_ms)),
            ("request-latency-avg", m.latency.average(0, now_ms)),
            ("request-latency-max", m.latency.maximum(0, now_ms)),
            ("request-total", m.requests_sent as f64),
            ("requests-in-flight", self.network.in_flight_count as f64),
            ("waiting-threads", pool.queued() as f64),
        ];
        if self.personality.has_buffer_wait_time_total {
            values.push(("bufferpool-wait-time-total", m.buffer_wait_ns as f64));
        }
        values.sort_by_key(|(name, _)| *name);
        Snapshot { values }
    }
}
