//! The lines of `kafka-producer-perf-test`. A program that reads them finds the same bytes.
//!
//! The total's rate is `%f` in the releases that are imitated: 2.3, 3.1, 3.9 and 4.3. Between them 4.0 wrote `%.1f`.

use super::decimal::fixed;
use super::stats::Sums;

/// What the tool calls an MB.
const MIB: f64 = 1024.0 * 1024.0;

/// The line about a window.
pub fn window(sums: &Sums, elapsed_ms: u64) -> String {
    format!(
        "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency.\n",
        sums.records,
        fixed(rate(sums.records, elapsed_ms), 1),
        fixed(rate(sums.bytes, elapsed_ms) / MIB, 2),
        fixed(sums.latency_ms as f64 / sums.records as f64, 1),
        fixed(sums.max_latency_ms as f64, 1),
    )
}

/// The line about all records, with the 50th, 95th, 99th and 99.9th percentile.
pub fn total(sums: &Sums, elapsed_ms: u64, is_steady_state: bool, percentiles: [u64; 4]) -> String {
    let [p50, p95, p99, p999] = percentiles;
    format!(
        "{}{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency, {p50} ms 50th, \
         {p95} ms 95th, {p99} ms 99th, {p999} ms 99.9th.\n",
        sums.records,
        if is_steady_state { " steady state" } else { "" },
        fixed(rate(sums.records, elapsed_ms), 6),
        fixed(rate(sums.bytes, elapsed_ms) / MIB, 2),
        fixed(sums.latency_ms as f64 / sums.records as f64, 2),
        fixed(sums.max_latency_ms as f64, 2),
    )
}

/// So much a second, in Java's order of operations.
fn rate(count: u64, elapsed_ms: u64) -> f64 {
    1000.0 * count as f64 / elapsed_ms as f64
}
