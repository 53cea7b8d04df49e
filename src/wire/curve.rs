//! How well a codec compresses batches of each size, measured on sample records.

use std::ops::Range;

use super::WireError;
use super::codec::Compressor;
use super::record;
use crate::protocol::record::{Key, Record};
use crate::protocol::size;

/// Sizes at which is measured, in bytes of records before compression. They lie closer where batches of a single record
/// are, since what such a batch makes of the client's estimate lasts for many batches (CRE-3).
const SIZES: [usize; 19] = [
    64,
    96,
    128,
    192,
    256,
    384,
    512,
    768,
    1 << 10,
    1 << 11,
    1 << 12,
    1 << 13,
    1 << 14,
    1 << 15,
    1 << 16,
    1 << 17,
    1 << 18,
    1 << 19,
    1 << 20,
];

/// A batch is looked for that is off its size by at most a part of so many, beginning with one of so many records.
const CLOSE: usize = 32;
const LOOKS: usize = 1 << 10;

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

    /// The records of a batch as they are before compression.
    fn section(&self, records: &Range<usize>, out: &mut Vec<u8>) {
        let mut tail = Vec::new();
        out.clear();
        for (offset, at) in records.clone().enumerate() {
            tail.clear();
            record::put_tail(&mut tail, self.key(at), Some(self.values[at]), [].into_iter());
            let since_first_ms = (offset * BATCH_MS / records.len()) as i64;
            record::put_record(out, since_first_ms, offset as i32, &tail);
        }
    }

    /// The batch from this record on whose size is nearest, and its least bytes.
    fn nearest(&self, first: usize, bytes: usize) -> (Range<usize>, usize) {
        let size = |end: usize| self.rest[first] - self.rest[end];
        let end = first + self.rest[first..].partition_point(|rest| self.rest[first] - rest < bytes);
        let end = end.min(self.values.len());
        let shorter = end.saturating_sub(1);
        let end =
            if shorter > first && bytes - size(shorter) < size(end).abs_diff(bytes) { shorter } else { end };
        (first..end, size(end))
    }

    /// Batches of about this size, spread over the sample as far as it has so many bytes. None, if it is smaller. Where
    /// records do not make up the size closely, those that come nearest.
    fn cuts(&self, bytes: usize) -> Vec<Range<usize>> {
        let starts = self.rest.partition_point(|&rest| rest >= bytes);
        let count = starts.min(MOST_CUTS).min((BYTES_PER_SIZE / bytes).max(1));
        let nominal = |cut: usize| cut * (starts - 1) / (count - 1).max(1);
        let within = |first: usize, parts: usize| {
            let (records, size) = self.nearest(first, bytes);
            (size.abs_diff(bytes) * parts <= bytes).then_some(records)
        };
        let look = |first: usize| (first..starts.min(first + LOOKS)).find_map(|first| within(first, CLOSE));
        let mut close: Vec<Range<usize>> = (0..count).filter_map(|cut| look(nominal(cut))).collect();
        close.dedup();
        if close.len() >= count.min(LEAST_FOR_SPREAD) {
            return close;
        }
        (0..count).filter_map(|cut| within(nominal(cut), 3)).collect()
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
    for bytes in SIZES {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for records in sample.cuts(bytes) {
            packed.clear();
            sample.section(&records, &mut section);
            compressor.compress(&section, &mut packed)?;
            before.push(section.len() as u64);
            after.push(packed.len() as u64);
        }
        let Some(mut point) = point(&before, &after) else { continue };
        if let Some(last) = points.last() {
            if point.uncompressed_bytes <= last.uncompressed_bytes {
                continue;
            }
            raise(&mut point, last);
            if sample.bytes() / bytes < LEAST_FOR_SPREAD || before.len() < LEAST_FOR_SPREAD {
                point.spread_millionths = of_twice_the_size(last.spread_millionths);
            }
        }
        points.push(point);
    }
    Ok(points)
}

/// Mean size of batches, ratio, and standard deviation of the ratio. None of no batches.
fn point(before: &[u64], after: &[u64]) -> Option<SizePoint> {
    let count = before.len() as u64;
    let (sum_before, sum_after) = (before.iter().sum::<u64>(), after.iter().sum::<u64>());
    if sum_before == 0 {
        return None;
    }
    let ratio_millionths = (sum_after * MILLION + sum_before / 2) / sum_before;
    let deviations = before.iter().zip(after).map(|(before, after)| {
        u128::from((after * MILLION / before.max(&1)).abs_diff(ratio_millionths)).pow(2)
    });
    let variance = deviations.sum::<u128>() / u128::from(count.max(2) - 1);
    Some(SizePoint {
        uncompressed_bytes: ((sum_before + count / 2) / count) as u32,
        ratio_millionths: ratio_millionths as u32,
        spread_millionths: if count > 1 { variance.isqrt() as u32 } else { 0 },
    })
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

/// Batches of about one size from all over a sample, as they are before compression; empty if the sample is smaller.
pub fn batches(sample: &Sample<'_>, bytes: usize) -> Vec<Vec<u8>> {
    let section = |records: Range<usize>| {
        let mut section = Vec::new();
        sample.section(&records, &mut section);
        section
    };
    sample.cuts(bytes).into_iter().map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::compression::Compression;
    use crate::wire::record::take_record;

    #[test]
    fn batches_are_whole_and_about_as_large_from_all_over_the_sample() {
        let text: Vec<String> =
            (0..2_000).map(|n| format!("{{\"order\":\"{}\"}}", "7".repeat(n * 7 % 40))).collect();
        let keys = vec![b"a".to_vec(), b"bcd".to_vec()];
        let sample = Sample::new(text.iter().map(String::as_bytes).collect(), &keys);
        for bytes in [64, 1 << 10, 1 << 14] {
            let sections = batches(&sample, bytes);
            assert!((32..=64).contains(&sections.len()), "{}", sections.len());
            for section in sections {
                assert!(section.len().abs_diff(bytes) <= bytes / 16, "{} for {bytes}", section.len());
                let mut rest = &section[..];
                while !rest.is_empty() {
                    let record = take_record(&mut rest).expect("a whole record");
                    assert!(record.value.is_some_and(|value| value.starts_with(b"{\"order\":")));
                    assert!(record.key.is_some_and(|key| key == b"a" || key == b"bcd"));
                }
            }
        }
        let cuts = sample.cuts(1 << 14);
        assert!(cuts[0].start < 2 && sample.rest[cuts[cuts.len() - 1].start] < (1 << 14) + 100, "{cuts:?}");
    }

    #[test]
    fn without_compression_every_ratio_is_one_and_sizes_end_with_the_sample() {
        let value = [7; 1_000];
        let sample = Sample::new(vec![&value; 3], &[]);
        let mut none = Compressor::new(Compression::None, None).expect("no codec");
        let points = measure(&sample, &mut none).expect("points");
        let sizes: Vec<u32> = points.iter().map(|point| point.uncompressed_bytes).collect();
        // One record is too large for what is below 768 bytes.
        assert_eq!(sizes, [1_009, 2_018]);
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
        assert_eq!(point(&[1_000; 3], &[400, 500, 600]), Some(expected));
        assert_eq!(point(&[1_000], &[500]), Some(SizePoint { spread_millionths: 0, ..expected }));
        assert_eq!(point(&[], &[]), None);
        assert_eq!(of_twice_the_size(100_000), 70_710);
    }
}
