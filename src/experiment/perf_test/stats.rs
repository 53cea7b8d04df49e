//! The statistics of Kafka's `ProducerPerformance.Stats`, quirks included.

use super::lines;
use crate::config::version::ClientVersion;

/// Latencies that are kept at least, if there are as many: of more records only every n-th counts for the percentiles.
const LATENCIES: u64 = 500_000;

/// Which records count for the percentiles if there are very many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Every n-th in the order of `send`, as up to 3.4.
    BySend,
    /// Every n-th in the order of completion.
    ByCompletion,
}

impl Sampling {
    /// That of the tool of this release.
    pub fn of(version: ClientVersion) -> Sampling {
        match version {
            ClientVersion::V2_3 | ClientVersion::V3_1 => Sampling::BySend,
            ClientVersion::V3_9 | ClientVersion::V4_3 => Sampling::ByCompletion,
        }
    }
}

/// A record that has been acknowledged. Times are whole milliseconds since the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Its number, from 0, in the order of `send`.
    pub number: u64,
    /// When it was handed to `send`.
    pub called_ms: u64,
    /// When its callback was called.
    pub at_ms: u64,
    /// Bytes of its value.
    pub bytes: u64,
}

/// The numbers behind the lines.
#[derive(Clone, Debug)]
pub struct Stats {
    start_ms: u64,
    first: u64,
    sampling: Sampling,
    every: u64,
    capacity: usize,
    reporting_interval_ms: u64,
    is_steady_state: bool,
    latencies: Vec<u64>,
    total: Sums,
    window: Sums,
    window_start_ms: u64,
}

/// What is counted over a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Records.
    pub records: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// Sum of their latencies in ms.
    pub latency_ms: u64,
    /// The largest one.
    pub max_latency_ms: u64,
}

impl Sums {
    fn add(&mut self, latency_ms: u64, bytes: u64) {
        self.records += 1;
        self.bytes += bytes;
        self.latency_ms += latency_ms;
        self.max_latency_ms = self.max_latency_ms.max(latency_ms);
    }
}

impl Stats {
    /// For `records` records (at least 1), from the beginning on.
    pub fn new(records: u64, reporting_interval_ms: u64, sampling: Sampling) -> Stats {
        let every = (records / records.clamp(1, LATENCIES)).max(1);
        Stats {
            start_ms: 0,
            first: 0,
            sampling,
            every,
            capacity: usize::try_from(records / every).unwrap_or(usize::MAX).saturating_add(1),
            reporting_interval_ms,
            is_steady_state: false,
            latencies: Vec::new(),
            total: Sums::default(),
            window: Sums::default(),
            window_start_ms: 0,
        }
    }

    /// For the records from number `first` on, the first of which was sent at `start_ms`.
    pub fn steady(self, first: u64, start_ms: u64) -> Stats {
        Stats { start_ms, first, is_steady_state: true, window_start_ms: start_ms, ..self }
    }

    /// Counts a record. Gives the lines of the window that it closes, if it closes one: only records close windows, so
    /// a window lasts longer when nothing is acknowledged.
    pub fn record(&mut self, record: Completed) -> Option<String> {
        let latency_ms = record.at_ms - record.called_ms;
        let iteration = match self.sampling {
            Sampling::BySend => record.number - self.first,
            Sampling::ByCompletion => self.total.records,
        };
        self.total.add(latency_ms, record.bytes);
        self.window.add(latency_ms, record.bytes);
        if iteration.is_multiple_of(self.every) && self.latencies.len() < self.capacity {
            self.latencies.push(latency_ms);
        }
        let elapsed_ms = record.at_ms - self.window_start_ms;
        if elapsed_ms < self.reporting_interval_ms {
            return None;
        }
        let is_first = self.is_steady_state && self.total.records == self.window.records;
        let heading = if is_first { "In steady state.\n" } else { "" };
        let line = format!("{heading}{}", lines::window(&self.window, elapsed_ms));
        self.window = Sums::default();
        self.window_start_ms = record.at_ms;
        Some(line)
    }

    /// The line about all records, when the producer has been closed.
    pub fn total(mut self, now_ms: u64) -> String {
        let percentiles = [500, 950, 990, 999].map(|permille| self.percentile(permille));
        lines::total(&self.total, now_ms - self.start_ms, self.is_steady_state, percentiles)
    }

    /// The latency at the place `permille * n / 1000`, rounded down; 0 of no records.
    fn percentile(&mut self, permille: usize) -> u64 {
        if self.latencies.is_empty() {
            return 0;
        }
        // Java multiplies with a double, and cuts off; 0.95 * 20 is 19 there as well.
        let at = (permille as f64 / 1_000.0 * self.latencies.len() as f64) as usize;
        *self.latencies.select_nth_unstable(at).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(records: u64) -> Stats {
        Stats::new(records, 5_000, Sampling::ByCompletion)
    }

    fn completed(number: u64, called_ms: u64, at_ms: u64) -> Completed {
        Completed { number, called_ms, at_ms, bytes: 100 }
    }

    #[test]
    fn places_of_percentiles_are_cut_off() {
        let mut ten = stats(10);
        for latency in (1..=10).rev() {
            ten.record(completed(10 - latency, 0, latency));
        }
        // Places 5, 9, 9 and 9 of 1 to 10, counted from 0.
        let line = ten.total(1_000);
        assert!(line.ends_with("6 ms 50th, 10 ms 95th, 10 ms 99th, 10 ms 99.9th.\n"), "{line}");
        let mut two = stats(2);
        two.record(completed(0, 0, 3));
        two.record(completed(1, 0, 9));
        let line = two.total(1_000);
        assert!(line.ends_with("9 ms 50th, 9 ms 95th, 9 ms 99th, 9 ms 99.9th.\n"), "{line}");
    }

    #[test]
    fn every_second_latency_counts_from_a_million_records_on() {
        // 999,999 / 500,000 is 1: all of them are kept.
        let all = stats(999_999);
        assert_eq!((all.every, all.capacity), (1, 1_000_000));
        let half = stats(1_000_000);
        assert_eq!((half.every, half.capacity), (2, 500_001));
        let third = stats(1_999_999);
        assert_eq!((third.every, third.capacity), (3, 666_667));
    }

    #[test]
    fn the_sample_follows_completions_or_calls() {
        // Odd numbers are slow, and complete in the order of their numbers, from the second on.
        let order = [1, 0, 3, 2];
        let sample = |sampling| {
            let mut stats = Stats { every: 2, ..Stats::new(4, 5_000, sampling) };
            for number in order {
                stats.record(completed(number, 0, 10 * (number % 2)));
            }
            stats.latencies
        };
        assert_eq!(sample(Sampling::ByCompletion), [10, 10]);
        assert_eq!(sample(Sampling::BySend), [0, 0]);
    }

    #[test]
    fn a_record_closes_the_window_and_belongs_to_it() {
        let mut some = stats(10);
        assert_eq!(some.record(completed(0, 0, 4_999)), None);
        let line = some.record(completed(1, 5_990, 6_000)).expect("the window is over");
        assert_eq!(
            line,
            "2 records sent, 0.3 records/sec (0.00 MB/sec), 2504.5 ms avg latency, 4999.0 ms max latency.\n"
        );
        // The next window begins where this one was closed.
        assert_eq!(some.record(completed(2, 10_990, 10_999)), None);
        assert!(some.record(completed(3, 10_990, 11_000)).is_some_and(|line| line.starts_with("2 records")));
    }

    #[test]
    fn the_steady_state_says_so() {
        let mut steady = stats(2).steady(8, 1_000);
        let line = steady.record(completed(8, 1_000, 6_000)).expect("the window is over");
        assert!(line.starts_with("In steady state.\n1 records sent, 0.2 records/sec"), "{line}");
        let line = steady.record(completed(9, 1_000, 11_000)).expect("the window is over");
        assert!(line.starts_with("1 records sent"), "{line}");
        let line = steady.total(11_000);
        assert!(line.starts_with("2 steady state records sent, 0.200000 records/sec"), "{line}");
    }

    #[test]
    fn of_no_records_the_line_is_what_java_makes_of_it() {
        assert_eq!(
            stats(5).total(0),
            "0 records sent, NaN records/sec (NaN MB/sec), NaN ms avg latency, 0.00 ms max latency, \
             0 ms 50th, 0 ms 95th, 0 ms 99th, 0 ms 99.9th.\n"
        );
    }
}
