//! Figures over time, in bins that grow with the run: never more than a fixed number of them, and sums stay exact.

use std::collections::BTreeMap;

use crate::values::time::{Span, Time};

/// More bins than this are merged in pairs.
pub const MOST_BINS: usize = 256;
/// Width of the first bins.
const FIRST_WIDTH: Span = Span(10_000);
/// Bits of a value that a bucket tells apart: within 0.4 percent.
const BUCKET_BITS: u32 = 8;

/// What happened in one bin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Happenings of all kinds.
    pub events: u64,
    /// Records that came into batches.
    pub appended: u64,
    /// Records acknowledged, and their encoded bytes without deltas and length.
    pub acked: u64,
    /// Those bytes.
    pub acked_bytes: u64,
    /// Records that failed or were refused.
    pub failed: u64,
    /// Calls of `send` that had to wait.
    pub blocked: u64,
    /// Produce requests written.
    pub requests: u64,
    /// Batches in them, by reason in the order of [`crate::producer::Reason::ALL`].
    pub reasons: [u64; 6],
    /// Batches sent again.
    pub retries: u64,
    /// Sum of the fill of batches that were sent, in permille.
    pub fill_permille: u64,
    /// The most bytes of `buffer.memory` in use.
    pub buffer: u64,
    /// The most requests in flight.
    pub in_flight: u64,
    /// Latencies of acknowledged records: how many of each bucket.
    pub latencies: BTreeMap<u64, u64>,
    /// Records acknowledged, by partition.
    pub partitions: Vec<u64>,
}

/// Bins one after another from the start of the run.
#[derive(Clone, Debug)]
pub struct Series {
    width: Span,
    bins: Vec<Bin>,
}

/// The smallest value of the bucket that a value belongs to.
pub fn bucket(value: u64) -> u64 {
    let cut = (u64::BITS - value.leading_zeros()).saturating_sub(BUCKET_BITS);
    value >> cut << cut
}

impl Bin {
    fn merge(&mut self, other: Bin) {
        self.events += other.events;
        self.appended += other.appended;
        self.acked += other.acked;
        self.acked_bytes += other.acked_bytes;
        self.failed += other.failed;
        self.blocked += other.blocked;
        self.requests += other.requests;
        self.retries += other.retries;
        self.fill_permille += other.fill_permille;
        self.buffer = self.buffer.max(other.buffer);
        self.in_flight = self.in_flight.max(other.in_flight);
        for (mine, its) in self.reasons.iter_mut().zip(other.reasons) {
            *mine += its;
        }
        for (bucket, count) in other.latencies {
            *self.latencies.entry(bucket).or_default() += count;
        }
        if self.partitions.len() < other.partitions.len() {
            self.partitions.resize(other.partitions.len(), 0);
        }
        for (mine, its) in self.partitions.iter_mut().zip(other.partitions) {
            *mine += its;
        }
    }

    /// The latency below which `permille` of the records are, in ns: the smallest value of its bucket.
    pub fn latency_ns(&self, permille: u64) -> Option<u64> {
        let count: u64 = self.latencies.values().sum();
        let rank = (count * permille).div_ceil(1000).max(1);
        let mut seen = 0;
        self.latencies.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen >= rank).then_some(*bucket)
        })
    }

    /// Batches that left.
    pub fn batches(&self) -> u64 {
        self.reasons.iter().sum()
    }
}

impl Default for Series {
    fn default() -> Series {
        Series { width: FIRST_WIDTH, bins: Vec::new() }
    }
}

impl Series {
    /// Width of each bin.
    pub fn width(&self) -> Span {
        self.width
    }

    /// The bins from the start of the run.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// When a bin begins.
    pub fn start(&self, bin: usize) -> Time {
        Time(self.width.0 * bin as u64)
    }

    /// The bin of a time. Those that begin since the last one have these levels, as nothing has changed them meanwhile.
    pub(super) fn reach(&mut self, at: Time, buffer: u64, in_flight: u64) -> &mut Bin {
        while at.0 / self.width.0 >= MOST_BINS as u64 {
            self.widen();
        }
        let index = (at.0 / self.width.0) as usize;
        if self.bins.len() <= index {
            self.bins.resize(index + 1, Bin { buffer, in_flight, ..Bin::default() });
        }
        &mut self.bins[index]
    }

    /// The bin of a time.
    pub(super) fn at(&mut self, at: Time) -> &mut Bin {
        self.reach(at, 0, 0)
    }

    fn widen(&mut self) {
        self.width.0 *= 2;
        let old = std::mem::take(&mut self.bins);
        for (index, bin) in old.into_iter().enumerate() {
            match index % 2 {
                0 => self.bins.push(bin),
                _ => self.bins[index / 2].merge(bin),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_merged_and_lose_nothing() {
        let mut series = Series::default();
        for at in 0..10_000u64 {
            let bin = series.at(Time(at * 1_000_003));
            bin.acked += 1;
            bin.in_flight = bin.in_flight.max(at % 7);
            *bin.latencies.entry(bucket(at)).or_default() += 1;
        }
        assert!(series.bins().len() <= MOST_BINS, "{}", series.bins().len());
        assert_eq!(series.bins().iter().map(|bin| bin.acked).sum::<u64>(), 10_000);
        assert_eq!(series.bins().iter().flat_map(|bin| bin.latencies.values()).sum::<u64>(), 10_000);
        assert!(series.bins().iter().all(|bin| bin.in_flight <= 6));
        let last = series.bins().len() - 1;
        assert!(series.start(last).0 <= 9_999 * 1_000_003);
    }

    #[test]
    fn levels_stay_when_nothing_happens() {
        let mut series = Series::default();
        series.reach(Time(0), 0, 0).buffer = 7;
        series.reach(Time(55_000), 7, 2);
        let buffers: Vec<u64> = series.bins().iter().map(|bin| bin.buffer).collect();
        assert_eq!(buffers, [7, 7, 7, 7, 7, 7]);
        assert_eq!(series.bins()[3].in_flight, 2);
    }

    #[test]
    fn a_bucket_is_near_below_its_values() {
        for value in [0, 1, 255, 256, 257, 1_000_000_007, u64::MAX] {
            let low = bucket(value);
            assert!(low <= value && value - low <= value / 128, "{value}: {low}");
        }
    }

    #[test]
    fn a_quantile_is_the_smallest_rank_that_has_it() {
        let mut bin = Bin::default();
        (1..=100).for_each(|value| *bin.latencies.entry(value).or_default() += 1);
        assert_eq!(
            (bin.latency_ns(500), bin.latency_ns(990), bin.latency_ns(1000)),
            (Some(50), Some(99), Some(100))
        );
        assert_eq!(Bin::default().latency_ns(500), None);
    }
}
