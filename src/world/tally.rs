//! How often each value came: the counters of an `hdrhistogram`, which is made of them when the run is over.
//!
//! A record costs one count of its latency. The library's own counting takes several times as long, as it keeps
//! statistics up to date. These counters have the same resolution, so the histogram is the same.

use hdrhistogram::Histogram;

/// Significant decimal digits: the library tells 2 x 10^3 values apart in each power of two, rounded up to 2^11.
const DIGITS: u8 = 3;
/// Counters for each doubling of the values: half of those 2^11. Values below 2^11 have a counter each.
const COUNTERS_BITS: u32 = 10;
const COUNTERS: u64 = 1 << COUNTERS_BITS;

/// Counts of values.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Up to the largest value so far.
    counts: Vec<u64>,
}

impl Tally {
    #[inline]
    pub(super) fn record(&mut self, value: u64) {
        let counter = counter(value);
        if counter >= self.counts.len() {
            self.grow(counter);
        }
        self.counts[counter] += 1;
    }

    #[cold]
    fn grow(&mut self, counter: usize) {
        let length = (counter + 1).next_multiple_of(COUNTERS as usize);
        match self.counts.is_empty() {
            // Zeros that nothing has been written to take no memory; most of the smallest counters stay like that.
            true => self.counts = vec![0; length],
            false => self.counts.resize(length, 0),
        }
    }

    pub(super) fn into_histogram(self) -> Histogram<u64> {
        // Three digits are within what the library allows.
        #[expect(clippy::expect_used, reason = "a constant argument")]
        let mut histogram = Histogram::new(DIGITS).expect("a valid number of digits");
        // The largest value first, so that the histogram grows only once.
        for (counter, count) in self.counts.into_iter().enumerate().rev().filter(|(_, count)| *count > 0) {
            // A histogram that grows takes every value.
            let _ = histogram.record_n(smallest_value(counter as u64), count);
        }
        histogram
    }
}

/// The counter of a value: its power of two, and its leading bits.
#[inline]
fn counter(value: u64) -> usize {
    let cut_bits = (u64::BITS - 1 - COUNTERS_BITS) - (value | COUNTERS).leading_zeros();
    ((u64::from(cut_bits) << COUNTERS_BITS) + (value >> cut_bits)) as usize
}

/// The smallest value of a counter.
fn smallest_value(counter: u64) -> u64 {
    let cut_bits = (counter >> COUNTERS_BITS).saturating_sub(1);
    (counter - (cut_bits << COUNTERS_BITS)) << cut_bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_counter_has_its_place() {
        assert_eq!(counter(0), 0);
        for at in 0..=counter(u64::MAX) {
            assert_eq!(counter(smallest_value(at as u64)), at);
        }
    }

    proptest! {
        /// Values of all sizes.
        #[test]
        fn it_becomes_the_histogram_that_saw_every_value(
            values in prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(value, cut)| value >> cut), 0..300),
        ) {
            let mut tally = Tally::default();
            let mut histogram = Histogram::<u64>::new(DIGITS).expect("three digits");
            for &value in &values {
                tally.record(value);
                histogram.record(value).expect("it grows");
            }
            let made = tally.into_histogram();
            prop_assert_eq!(&made, &histogram);
            prop_assert_eq!((made.len(), made.min(), made.max()), (histogram.len(), histogram.min(), histogram.max()));
            for permille in 0..=1_000 {
                let quantile = f64::from(permille) / 1_000.0;
                prop_assert_eq!(made.value_at_quantile(quantile), histogram.value_at_quantile(quantile));
            }
        }
    }
}
