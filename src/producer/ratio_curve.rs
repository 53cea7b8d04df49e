//! A codec as a curve: what it makes of a batch by the size of the batch.

use std::fmt;
use std::sync::Arc;

use super::batch::Batch;
use super::compression::Codec;
use super::tails::Tails;
use crate::engine::rng::mix;
use crate::values::ids::TopicPartition;
use crate::wire::curve::{MILLION, SizePoint};

/// Compressed size as a function of the uncompressed one. It goes through its points; between two of them the compressed
/// size is on a straight line, and outside them the ratio stays that of the nearest. Copies share the points.
///
/// Batches lie around it, as far as their points say. That is no ornament: the client's estimate goes up by a twentieth
/// with each batch that compresses a little worse, and down by a two hundredth with each that does better (CRE-3), so
/// that the more batches differ, the fewer records fit into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatioCurve(Arc<[SizePoint]>);

/// Why points make no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveError {
    /// There is none.
    Empty,
    /// Two points have the same size, or one has none: bytes before compression.
    SameSize(u32),
    /// The second of these sizes, in bytes before compression, is less than the first one after it.
    Falls(u32, u32),
}

impl fmt::Display for CurveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CurveError::Empty => f.write_str("there is no point"),
            CurveError::SameSize(bytes) => write!(f, "there is more than one point at {bytes} bytes"),
            CurveError::Falls(small, large) => {
                write!(f, "{large} bytes compress to less than {small} bytes do")
            }
        }
    }
}

impl std::error::Error for CurveError {}

impl RatioCurve {
    /// The curve through these points, in any order.
    ///
    /// # Errors
    /// No points, two at one size, and a larger batch that is smaller after compression.
    pub fn new(mut points: Vec<SizePoint>) -> Result<RatioCurve, CurveError> {
        points.sort_by_key(|point| point.uncompressed_bytes);
        let Some(first) = points.first() else { return Err(CurveError::Empty) };
        if first.uncompressed_bytes == 0 {
            return Err(CurveError::SameSize(0));
        }
        for pair in points.windows(2) {
            let (small, large) = (pair[0].uncompressed_bytes, pair[1].uncompressed_bytes);
            if small == large {
                return Err(CurveError::SameSize(small));
            }
            if pair[1].compressed_millionths() < pair[0].compressed_millionths() {
                return Err(CurveError::Falls(small, large));
            }
        }
        Ok(RatioCurve(points.into()))
    }

    /// Its points, small ones first.
    pub fn points(&self) -> &[SizePoint] {
        &self.0
    }

    /// What so many bytes of records are after compression on average, header excluded: the nearest whole number, and at
    /// least 1.
    pub fn compressed_bytes_of(&self, uncompressed_bytes: u64) -> u64 {
        whole(self.estimate(uncompressed_bytes).millionths)
    }

    fn estimate(&self, uncompressed_bytes: u64) -> Estimate {
        let at = self.0.partition_point(|point| u64::from(point.uncompressed_bytes) <= uncompressed_bytes);
        let nearest = &self.0[at.min(self.0.len() - 1)];
        // Outside, the line through nothing at all and the nearest point.
        let (below, above) =
            if at == 0 || at == self.0.len() { (&NOTHING, nearest) } else { (&self.0[at - 1], nearest) };
        let along = u128::from(uncompressed_bytes - u64::from(below.uncompressed_bytes));
        let width = u128::from(above.uncompressed_bytes - below.uncompressed_bytes);
        // Three factors of 32 bits each leave room; outside, the second one has 64.
        let line = |from: u128, to: u128| match to.checked_sub(from) {
            Some(rise) => from + rise * along / width,
            None => from - (from - to) * along / width,
        };
        Estimate {
            millionths: line(below.compressed_millionths(), above.compressed_millionths()),
            deviation_millionths: line(below.deviation_millionths(), above.deviation_millionths()),
        }
    }
}

/// An empty batch.
const NOTHING: SizePoint = SizePoint { uncompressed_bytes: 0, ratio_millionths: 0, spread_millionths: 0 };

/// Compressed bytes of batches of one size, in millionths of a byte.
struct Estimate {
    millionths: u128,
    deviation_millionths: u128,
}

impl Estimate {
    /// What comes out with this chance of 64 bits. The sum of four even draws is as good as normal here; it stays within
    /// three and a half standard deviations.
    fn drawn(&self, chance: u64) -> u64 {
        let sum: u64 = [0, 16, 32, 48].into_iter().map(|bits| chance >> bits & 0xffff).sum();
        let distance = |draws: u64| self.deviation_millionths * u128::from(draws) / STANDARD_DEVIATION;
        let millionths = match sum.checked_sub(MEAN) {
            Some(more) => self.millionths + distance(more),
            None => self.millionths.saturating_sub(distance(MEAN - sum)),
        };
        whole(millionths)
    }
}

/// The mean of the sum of four even draws of 16 bits, and its standard deviation, 65536 / sqrt(3).
const MEAN: u64 = 2 * 0xffff;
const STANDARD_DEVIATION: u128 = 37_837;

/// The nearest number of whole bytes, at least 1.
fn whole(millionths: u128) -> u64 {
    let million = u128::from(MILLION);
    ((millionths + million / 2) / million).max(1) as u64
}

impl Codec for RatioCurve {
    /// Where a batch lies around the curve is drawn from its number, partition and size: no two runs differ.
    fn compressed_bytes(&mut self, batch: &Batch, _: &Tails) -> u64 {
        let TopicPartition { topic, partition } = batch.partition();
        let queue = u64::from(topic.0) << 32 | u64::from(partition);
        let chance = mix(mix(batch.number(), queue), batch.uncompressed_bytes());
        self.estimate(batch.uncompressed_bytes()).drawn(chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(uncompressed_bytes: u32, percent: u32) -> SizePoint {
        SizePoint { uncompressed_bytes, ratio_millionths: percent * 10_000, spread_millionths: 0 }
    }

    #[test]
    fn straight_between_points_and_flat_in_ratio_outside() {
        let curve = RatioCurve::new(vec![point(3_000, 30), point(1_000, 50)]).expect("a curve");
        let sizes = [1, 100, 1_000, 1_500, 2_000, 3_000, 6_000].map(|bytes| curve.compressed_bytes_of(bytes));
        assert_eq!(sizes, [1, 50, 500, 600, 700, 900, 1_800]);
        assert_eq!(curve.compressed_bytes_of(0), 1);
    }

    #[test]
    fn batches_lie_around_the_curve_as_its_points_say() {
        let spread_point = SizePoint { spread_millionths: 20_000, ..point(1_000_000, 50) };
        let curve = RatioCurve::new(vec![spread_point]).expect("a curve");
        let drawn = |seed: u64| curve.estimate(1_000_000).drawn(mix(1, seed)) as f64;
        let mean = (0..10_000).map(drawn).sum::<f64>() / 1e4;
        let variance = (0..10_000).map(|seed| (drawn(seed) - mean).powi(2)).sum::<f64>() / 1e4;
        assert!((mean - 500_000.0).abs() < 600.0, "{mean}");
        assert!((variance.sqrt() - 20_000.0).abs() < 400.0, "{variance}");
    }

    #[test]
    fn a_curve_goes_up_and_has_one_value_at_a_size() {
        let error = |points| RatioCurve::new(points).expect_err("no curve");
        assert_eq!(error(Vec::new()), CurveError::Empty);
        assert_eq!(error(vec![point(64, 50), point(64, 50)]), CurveError::SameSize(64));
        assert_eq!(error(vec![point(0, 50)]), CurveError::SameSize(0));
        assert_eq!(error(vec![point(64, 50), point(128, 24)]), CurveError::Falls(64, 128));
        assert!(RatioCurve::new(vec![point(64, 50), point(128, 25)]).is_ok());
    }

    proptest! {
        #[test]
        fn no_size_is_too_large(ratio in any::<[u32; 2]>(), sizes in any::<[u32; 2]>(), bytes in any::<u32>()) {
            let points = ratio.into_iter().zip(sizes).map(|(ratio_millionths, uncompressed_bytes)| {
                SizePoint { uncompressed_bytes, ratio_millionths, spread_millionths: ratio_millionths }
            });
            if let Ok(curve) = RatioCurve::new(points.collect()) {
                let (small, large) = (bytes / 2, bytes);
                let size = |bytes| curve.compressed_bytes_of(u64::from(bytes));
                prop_assert!(1 <= size(small) && size(small) <= size(large));
                let drawn = |chance| curve.estimate(u64::from(bytes)).drawn(chance);
                prop_assert!(1 <= drawn(0) && drawn(0) <= drawn(u64::MAX));
            }
        }
    }
}
