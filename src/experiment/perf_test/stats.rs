//! The statistics of `kafka-producer-perf-test`, with its habits (`ProducerPerformance.Stats`).

use super::java::fixed;
use crate::config::version::ClientVersion;

/// Latencies that are kept; of more records every so-manieth.
const MOST_KEPT: u64 = 500_000;
/// A window is reported by the first record that completes so many ms after its start.
const WINDOW_MS: u64 = 5_000;
const MIB: f64 = 1024.0 * 1024.0;

/// What has been counted so far.
#[derive(Clone, Debug)]
pub struct Stats {
    start_ms: u64,
    latencies: Vec<u32>,
    sampling: u64,
    count: u64,
    bytes: u64,
    total_ms: u64,
    max_ms: u32,
    window: Window,
    is_steady: bool,
    /// Another one reports windows from now on.
    is_silent: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    start_ms: u64,
    count: u64,
    bytes: u64,
    total_ms: u64,
    max_ms: u32,
}

impl Stats {
    /// For a test of so many records that begins at `start_ms`; `is_steady`: what comes after warming up.
    pub fn new(records: u64, start_ms: u64, is_steady: bool) -> Stats {
        let sampling = records / records.clamp(1, MOST_KEPT);
        let window = Window { start_ms, ..Window::default() };
        Stats {
            start_ms,
            latencies: Vec::new(),
            sampling: sampling.max(1),
            count: 0,
            bytes: 0,
            total_ms: 0,
            max_ms: 0,
            window,
            is_steady,
            is_silent: false,
        }
    }

    /// Windows are no longer reported.
    pub fn be_silent(&mut self) {
        self.is_silent = true;
    }

    /// A record was acknowledged; lines to print, if a window is over by it.
    pub fn record(&mut self, latency_ms: u32, bytes: u64, now_ms: u64) -> Option<String> {
        if self.count.is_multiple_of(self.sampling) {
            self.latencies.push(latency_ms);
        }
        self.count += 1;
        self.bytes += bytes;
        self.total_ms += u64::from(latency_ms);
        self.max_ms = self.max_ms.max(latency_ms);
        let window = &mut self.window;
        window.count += 1;
        window.bytes += bytes;
        window.total_ms += u64::from(latency_ms);
        window.max_ms = window.max_ms.max(latency_ms);
        if now_ms - window.start_ms < WINDOW_MS {
            return None;
        }
        let mut lines = String::new();
        if self.is_steady && self.count == self.window.count {
            lines.push_str("In steady state.\n");
        }
        if !self.is_silent {
            lines.push_str(&self.window_line(now_ms));
        }
        self.window = Window { start_ms: now_ms, ..Window::default() };
        Some(lines)
    }

    fn window_line(&self, now_ms: u64) -> String {
        let Window { start_ms, count, bytes, total_ms, max_ms } = self.window;
        let elapsed = (now_ms - start_ms) as f64;
        format!(
            "{count} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency.\n",
            fixed(1000.0 * count as f64 / elapsed, 1),
            fixed(1000.0 * bytes as f64 / elapsed / MIB, 2),
            fixed(total_ms as f64 / count as f64, 1),
            fixed(f64::from(max_ms), 1)
        )
    }

    /// The last line, as a client of this version has it.
    pub fn total_line(&mut self, now_ms: u64, version: ClientVersion) -> String {
        let elapsed = (now_ms - self.start_ms) as f64;
        // `%f` up to 4.0, `%.1f` after it.
        let decimals = if version < ClientVersion::V4_3 { 6 } else { 1 };
        let [p50, p95, p99, p999] = self.percentiles([0.5, 0.95, 0.99, 0.999]);
        format!(
            "{}{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency, {p50} ms 50th, {p95} ms \
             95th, {p99} ms 99th, {p999} ms 99.9th.\n",
            self.count,
            if self.is_steady { " steady state" } else { "" },
            fixed(1000.0 * self.count as f64 / elapsed, decimals),
            fixed(1000.0 * self.bytes as f64 / elapsed / MIB, 2),
            fixed(self.total_ms as f64 / self.count as f64, 2),
            fixed(f64::from(self.max_ms), 2)
        )
    }

    /// Of the kept latencies, those at these parts of their number, rounded down.
    fn percentiles<const N: usize>(&mut self, parts: [f64; N]) -> [u32; N] {
        self.latencies.sort_unstable();
        let kept = &self.latencies;
        parts.map(|part| kept.get((part * kept.len() as f64) as usize).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_rounded_down() {
        let mut stats = Stats::new(10, 0, false);
        (1..=10).for_each(|latency_ms| {
            assert_eq!(stats.record(latency_ms, 1, 10), None);
        });
        // Place 0.5 * 10 from 0 is the sixth.
        assert_eq!(stats.percentiles([0.5, 0.95, 0.99, 0.999]), [6, 10, 10, 10]);
        let line = stats.total_line(2_000, ClientVersion::V4_3);
        assert_eq!(
            line,
            "10 records sent, 5.0 records/sec (0.00 MB/sec), 5.50 ms avg latency, 10.00 ms max latency, 6 ms 50th, 10 ms \
             95th, 10 ms 99th, 10 ms 99.9th.\n"
        );
        assert!(stats.total_line(2_000, ClientVersion::V3_9).contains(", 5.000000 records/sec"));
    }

    #[test]
    fn of_many_records_only_every_so_manieth_latency_is_kept() {
        let mut stats = Stats::new(1_000_000, 0, false);
        (0..1_000u32).for_each(|latency_ms| {
            stats.record(latency_ms, 1, 10);
        });
        assert_eq!((stats.latencies.len(), stats.latencies[1]), (500, 2));
        assert_eq!(Stats::new(999_999, 0, false).sampling, 1);
    }

    #[test]
    fn a_window_ends_with_the_first_record_after_five_seconds() {
        let mut stats = Stats::new(10, 0, false);
        assert_eq!(stats.record(5, 1 << 20, 4_999), None);
        let line = stats.record(10, 1 << 20, 5_200).expect("a window");
        assert_eq!(
            line,
            "2 records sent, 0.4 records/sec (0.38 MB/sec), 7.5 ms avg latency, 10.0 ms max latency.\n"
        );
        assert_eq!(
            stats.record(1, 1, 10_199),
            None,
            "the next one begins with the record that ended the last"
        );
        assert!(stats.record(1, 1, 10_200).is_some());
    }

    #[test]
    fn a_steady_state_says_when_it_begins_and_what_it_is() {
        let mut stats = Stats::new(10, 0, true);
        let lines = stats.record(5, 1, 6_000).expect("a window");
        assert!(lines.starts_with("In steady state.\n1 records sent"), "{lines}");
        assert!(stats.total_line(6_000, ClientVersion::V4_3).starts_with("1 steady state records sent, "));
    }

    #[test]
    fn nothing_acknowledged_is_what_java_makes_of_it() {
        let line = Stats::new(10, 0, false).total_line(1_000, ClientVersion::V4_3);
        assert!(
            line.starts_with(
                "0 records sent, 0.0 records/sec (0.00 MB/sec), NaN ms avg latency, 0.00 ms max"
            ),
            "{line}"
        );
    }
}
