//! How well a codec compresses batches of each size, measured on sample records.

use super::WireError;
use super::codec::Compressor;
use super::record;
use crate::protocol::record::{Key, Record};
use crate::protocol::size;

/// Sizes at which is measured, in bytes of records before compression: the powers of two from 64 B to 1 MiB.
const SIZES: std::ops::RangeInclusive<u32> = 6..=20;

/// How long a batch of a sample took to fill, in ms: as long as one lingers that is worth compressing.
const BATCH_MS: usize = 10;

/// At most so many batches are compressed for one size.
const MOST_CUTS: usize = 64;
/// And at most so many bytes, unless one batch has more.
const BYTES_PER_SIZE: usize = 2 << 20;

/// With fewer batches that share no records the spread is not measured, but that of the size before is taken on.
const LEAST_FOR_SPREAD: usize = 8;

/// Parts of a whole, in which ratios are counted.
pub const MILLION: u64 = 1_000_000;

/// What a codec makes of the records of a batch, header excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizePoint {
    /// Bytes before compression.
    pub uncompressed_bytes: u32,
    /// Bytes after it, in millionths of those before: the mean of batches.
    pub ratio_millionths: u32,
    /// Their standard deviation, in the same unit.
    pub spread_millionths: u32,
}

impl SizePoint {
    /// Bytes after compression, in millionths of a byte.
    pub fn compressed_millionths(&self) -> u128 {
        u128::from(self.uncompressed_bytes) * u128::from(self.ratio_millionths)
    }

    /// Their standard deviation, in millionths of a byte.
    pub fn deviation_millionths(&self) -> u128 {
        u128::from(self.uncompressed_bytes) * u128::from(self.spread_millionths)
    }
}

/// Records to measure with, in the order in which they are sent.
#[derive(Debug)]
pub struct Sample<'s> {
    values: Vec<&'s [u8]>,
    keys: &'s [Vec<u8>],
    /// Least bytes of a batch from each record to the last.
    rest: Vec<usize>,
}

impl<'s> Sample<'s> {
    /// Records with these values. Their keys are drawn from `keys`, always the same way; without any, they are null.
    pub fn new(values: Vec<&'s [u8]>, keys: &'s [Vec<u8>]) -> Sample<'s> {
        let mut sample = Sample { values, keys, rest: Vec::new() };
        let mut rest = vec![0; sample.values.len() + 1];
        for at in (0..sample.values.len()).rev() {
            let key = Key { len: sample.key(at).map_or(-1, |key| key.len() as i32), ..Key::NULL };
            let record = Record { key, value_len: sample.values[at].len() as i32, ..Record::EMPTY };
            rest[at] = rest[at + 1] + size::record(record.fixed_bytes(), 0, 0) as usize;
        }
        sample.rest = rest;
        sample
    }

    /// Bytes of all its records in one batch, at least.
    pub fn bytes(&self) -> usize {
        self.rest[0]
    }

    /// The key of a record. Neighbours differ, as they do where many things send.
    fn key(&self, at: usize) -> Option<&'s [u8]> {
        let spread = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let key = self.keys.get((spread % (self.keys.len() as u64).max(1)) as usize)?;
        Some(key)
    }

    /// The first `bytes` of the records of a batch that begins with record `first`.
    fn cut(&self, first: usize, bytes: usize, out: &mut Vec<u8>) {
        let mut tail = Vec::new();
        out.clear();
        for (offset, at) in (first..self.values.len()).enumerate() {
            tail.clear();
            record::put_tail(&mut tail, self.key(at), Some(self.values[at]), [].into_iter());
            let since_first_ms = (out.len() * BATCH_MS / bytes) as i64;
            record::put_record(out, since_first_ms, offset as i32, &tail);
            if out.len() >= bytes {
                break;
            }
        }
        out.truncate(bytes);
    }

    /// Records with which batches of this size begin: spread over the sample, as far as it has so many bytes behind them.
    /// None, if it is smaller.
    fn cuts(&self, bytes: usize) -> Vec<usize> {
        let starts = self.rest.partition_point(|&rest| rest >= bytes);
        let count = starts.min(MOST_CUTS).min((BYTES_PER_SIZE / bytes).max(1));
        (0..count).map(|cut| cut * (starts - 1) / (count - 1).max(1)).collect()
    }
}

/// What a codec makes of batches of each size, small ones first. Sizes that the sample does not have are left
/// out. A larger batch is never smaller after compression than one before it.
///
/// # Errors
/// What the codec's library says, if it fails.
pub fn measure(sample: &Sample<'_>, compressor: &mut Compressor) -> Result<Vec<SizePoint>, WireError> {
    let (mut section, mut packed) = (Vec::new(), Vec::new());
    let mut points: Vec<SizePoint> = Vec::new();
    for bytes in SIZES.map(|bits| 1_usize << bits) {
        let cuts = sample.cuts(bytes);
        if cuts.is_empty() {
            break;
        }
        let mut sizes = Vec::new();
        for first in &cuts {
            packed.clear();
            sample.cut(*first, bytes, &mut section);
            compressor.compress(&section, &mut packed)?;
            sizes.push(packed.len() as u64);
        }
        let mut point = point(bytes as u32, &sizes);
        if let Some(last) = points.last() {
            raise(&mut point, last);
            if sample.bytes() / bytes < LEAST_FOR_SPREAD || cuts.len() < LEAST_FOR_SPREAD {
                point.spread_millionths = of_twice_the_size(last.spread_millionths);
            }
        }
        points.push(point);
    }
    Ok(points)
}

/// Mean and standard deviation of the compressed sizes of batches.
fn point(uncompressed_bytes: u32, sizes: &[u64]) -> SizePoint {
    let count = sizes.len() as u64;
    let (sum, before) = (sizes.iter().sum::<u64>(), u64::from(uncompressed_bytes) * count);
    let deviations = sizes.iter().map(|size| u128::from((size * count).abs_diff(sum)).pow(2));
    // Both the mean and each deviation are held `count` times as large, so that they are whole.
    let variance = deviations.sum::<u128>() * u128::from(MILLION).pow(2) / u128::from(count.max(2) - 1);
    SizePoint {
        uncompressed_bytes,
        ratio_millionths: ((sum * MILLION + before / 2) / before) as u32,
        spread_millionths: (variance.isqrt() / u128::from(before)) as u32,
    }
}

/// Makes the compressed size of a point not less than that of the point before.
fn raise(point: &mut SizePoint, last: &SizePoint) {
    let least = last.compressed_millionths().div_ceil(u128::from(point.uncompressed_bytes));
    point.ratio_millionths = point.ratio_millionths.max(least as u32);
}

/// A ratio over twice as many records spreads less, by the root of two.
fn of_twice_the_size(spread_millionths: u32) -> u32 {
    (u64::from(spread_millionths) * 707_107 / MILLION) as u32
}

/// Batches of one size from all over a sample, to time a codec with; empty if the sample is smaller.
pub fn batches(sample: &Sample<'_>, bytes: usize) -> Vec<Vec<u8>> {
    let cut = |first| {
        let mut section = Vec::new();
        sample.cut(first, bytes, &mut section);
        section
    };
    sample.cuts(bytes).into_iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::compression::Compression;
    use crate::wire::record::take_record;

    #[test]
    fn cuts_begin_with_a_record_and_are_exactly_as_large() {
        let text: Vec<String> = (0..2_000).map(|n| format!("{{\"order\":{n}}}")).collect();
        let keys = vec![b"a".to_vec(), b"bcd".to_vec()];
        let sample = Sample::new(text.iter().map(String::as_bytes).collect(), &keys);
        for bytes in [64, 1 << 10, 1 << 14] {
            let cuts = sample.cuts(bytes);
            assert!(cuts.len() == 64 && cuts.is_sorted() && cuts[0] == 0, "{cuts:?}");
            for section in batches(&sample, bytes) {
                assert_eq!(section.len(), bytes);
                let first = take_record(&mut &section[..]).expect("a record");
                assert!(first.value.is_some_and(|value| value.starts_with(b"{\"order\":")));
                assert!(first.key.is_some_and(|key| key == b"a" || key == b"bcd"));
            }
        }
        let last = *sample.cuts(1 << 10).last().expect("cuts");
        assert!(sample.rest[last] >= 1 << 10 && sample.rest[last + 1] < 1 << 10);
    }

    #[test]
    fn without_compression_every_ratio_is_one_and_sizes_end_with_the_sample() {
        let value = [7; 1_000];
        let sample = Sample::new(vec![&value; 3], &[]);
        let mut none = Compressor::new(Compression::None, None).expect("no codec");
        let points = measure(&sample, &mut none).expect("points");
        let sizes: Vec<u32> = points.iter().map(|point| point.uncompressed_bytes).collect();
        assert_eq!(sizes, [64, 128, 256, 512, 1_024, 2_048]);
        assert!(points.iter().all(|point| point.ratio_millionths == 1_000_000));
        assert_eq!(Sample::new(Vec::new(), &[]).bytes(), 0);
    }

    #[test]
    fn a_larger_batch_is_not_smaller() {
        let last = SizePoint { uncompressed_bytes: 64, ratio_millionths: 700_000, spread_millionths: 0 };
        let raised = |ratio_millionths| {
            let mut point = SizePoint { uncompressed_bytes: 128, ratio_millionths, ..last };
            raise(&mut point, &last);
            point.ratio_millionths
        };
        assert_eq!((raised(300_000), raised(400_000)), (350_000, 400_000));
    }

    #[test]
    fn a_point_has_mean_and_standard_deviation() {
        let expected =
            SizePoint { uncompressed_bytes: 1_000, ratio_millionths: 500_000, spread_millionths: 100_000 };
        assert_eq!(point(1_000, &[400, 500, 600]), expected);
        assert_eq!(point(1_000, &[500]), SizePoint { spread_millionths: 0, ..expected });
        assert_eq!(of_twice_the_size(100_000), 70_710);
    }
}
