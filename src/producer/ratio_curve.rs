//! A codec as a curve: what it makes of a batch by the size of the batch.

use std::fmt;
use std::sync::Arc;

use super::batch::Batch;
use super::compression::Codec;
use super::tails::Tails;
use crate::wire::curve::{MILLION, SizePoint};

/// Compressed size as a function of the uncompressed one. It goes through its points; between two of them the compressed
/// size is on a straight line, and outside them the ratio stays that of the nearest. Copies share the points.
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

    /// Bytes of so many bytes of records after compression, header excluded: the nearest whole number, and at least 1.
    pub fn compressed_bytes_of(&self, uncompressed_bytes: u64) -> u64 {
        let at = self.0.partition_point(|point| u64::from(point.uncompressed_bytes) <= uncompressed_bytes);
        // Outside, both are the nearest point.
        let (below, above) = (&self.0[at.saturating_sub(1)], &self.0[at.min(self.0.len() - 1)]);
        let millionths = if below.uncompressed_bytes == above.uncompressed_bytes {
            u128::from(below.ratio_millionths) * u128::from(uncompressed_bytes)
        } else {
            between(below, above, uncompressed_bytes)
        };
        let million = u128::from(MILLION);
        ((millionths + million / 2) / million).max(1) as u64
    }
}

/// On the straight line between two points, in millionths of a byte.
fn between(below: &SizePoint, above: &SizePoint, bytes: u64) -> u128 {
    let width = u128::from(above.uncompressed_bytes - below.uncompressed_bytes);
    let along = u128::from(bytes - u64::from(below.uncompressed_bytes));
    let (from, to) = (below.compressed_millionths(), above.compressed_millionths());
    // Three factors of 32 bits each leave room.
    from + (to - from) * along / width
}

impl Codec for RatioCurve {
    fn compressed_bytes(&mut self, batch: &Batch, _: &Tails) -> u64 {
        self.compressed_bytes_of(batch.uncompressed_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(uncompressed_bytes: u32, percent: u32) -> SizePoint {
        SizePoint { uncompressed_bytes, ratio_millionths: percent * 10_000 }
    }

    #[test]
    fn straight_between_points_and_flat_in_ratio_outside() {
        let curve = RatioCurve::new(vec![point(3_000, 30), point(1_000, 50)]).expect("a curve");
        let sizes = [1, 100, 1_000, 1_500, 2_000, 3_000, 6_000].map(|bytes| curve.compressed_bytes_of(bytes));
        assert_eq!(sizes, [1, 50, 500, 600, 700, 900, 1_800]);
        assert_eq!(curve.compressed_bytes_of(0), 1);
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
                SizePoint { uncompressed_bytes, ratio_millionths }
            });
            if let Ok(curve) = RatioCurve::new(points.collect()) {
                let (small, large) = (bytes / 2, bytes);
                let size = |bytes| curve.compressed_bytes_of(u64::from(bytes));
                prop_assert!(1 <= size(small) && size(small) <= size(large));
            }
        }
    }
}
