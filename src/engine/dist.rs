//! Distributions as integer tables: one 64-bit draw gives one sample, and a larger draw never a smaller sample.
//!
//! Floating point (the portable `libm` only) builds the tables and takes no part in a draw, so every platform sees
//! the same samples.

use std::sync::{Arc, LazyLock};

/// Levels of a quantile table. Each covers the next factor 64 of the upper tail as finely as the one before covered
/// its own part; one level of equal cells would be off by percents in the tail.
const LEVELS: usize = 5;
/// Leading one bits of a draw per level: 64 is two to the sixth.
const BITS_PER_LEVEL: u32 = 6;
const CELL_BITS: u32 = 10;
const CELLS: usize = 1 << CELL_BITS;
/// The table ends at this tail probability, 2^-37. The last cell starts at 2^-34; this end gives it about the mean
/// of an exponential tail.
const LAST_TAIL: f64 = 1.0 / (1u64 << 37) as f64;
/// Fraction bits of a table's values. The largest value, a tail of [`LAST_TAIL`] of the exponential, is below 2^5.
const FRACTION_BITS: u32 = 58;

/// Standard normal quantile of 0.99.
const Z_99: f64 = 2.326_347_874_040_840_8;

/// A positive quantity drawn by inversion of its distribution function, with at most 0.05 % error from the first
/// percentile up to the last thousand-millionth. Copies share their table.
#[derive(Clone, Debug)]
pub struct Sampler {
    table: Arc<Table>,
    scale: u64,
}

/// Quantiles at the cell edges, in fixed point.
#[derive(Debug)]
struct Table {
    edges: [[u64; CELLS + 1]; LEVELS],
}

static EXPONENTIAL: LazyLock<Arc<Table>> = LazyLock::new(|| Arc::new(Table::new(|tail| -libm::log(tail))));

impl Sampler {
    /// Exponential with this mean, in any unit; samples are in the same unit. Means above 2^58 count as 2^58.
    pub fn exponential(mean: u64) -> Sampler {
        Sampler { table: Arc::clone(&EXPONENTIAL), scale: mean.min(1 << 58) }
    }

    /// Log-normal with this median and 99th percentile; larger samples become `max`. A 99th percentile not above
    /// the median gives the median always.
    pub fn log_normal(median: u64, p99: u64, max: u64) -> Sampler {
        let sigma = (libm::log(p99 as f64 / median as f64) / Z_99).max(0.0);
        let median_of_max = median as f64 / max as f64;
        let quantile = |tail| (median_of_max * libm::exp(sigma * normal_quantile(tail))).min(1.0);
        Sampler { table: Arc::new(Table::new(quantile)), scale: max }
    }

    /// The sample at draw `u`, rounded to the nearest unit.
    #[inline]
    pub fn draw(&self, u: u64) -> u64 {
        let product = u128::from(self.table.quantile(u)) * u128::from(self.scale);
        ((product + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS) as u64
    }
}

impl Table {
    /// Tabulates `quantile`, a falling function of the upper tail's probability with values from 0 to 2^5.
    fn new(quantile: impl Fn(f64) -> f64) -> Table {
        let mut edges = [[0; CELLS + 1]; LEVELS];
        let mut level_tail = 1.0;
        for level in &mut edges {
            for (cell, edge) in level.iter_mut().enumerate() {
                let tail: f64 = level_tail * (1.0 - cell as f64 / CELLS as f64);
                *edge = libm::round(quantile(tail.max(LAST_TAIL)) * (1u64 << FRACTION_BITS) as f64) as u64;
            }
            level_tail /= f64::from(1 << BITS_PER_LEVEL);
        }
        Table { edges }
    }

    #[inline]
    fn quantile(&self, u: u64) -> u64 {
        if u.leading_ones() < BITS_PER_LEVEL { self.quantile_in(0, u) } else { self.tail_quantile(u) }
    }

    /// Apart, since 63 of 64 draws do not come here.
    #[cold]
    fn tail_quantile(&self, u: u64) -> u64 {
        let level = (u.leading_ones() / BITS_PER_LEVEL).min(LEVELS as u32 - 1);
        self.quantile_in(level as usize, u << (level * BITS_PER_LEVEL))
    }

    /// `rest`: what is left of the draw without the ones that chose the level.
    #[inline]
    fn quantile_in(&self, level: usize, rest: u64) -> u64 {
        let edges = &self.edges[level];
        let cell = (rest >> (64 - CELL_BITS)) as usize;
        let (low, high) = (edges[cell], edges[cell + 1]);
        let within_cell = rest << CELL_BITS;
        low + ((u128::from(high - low) * u128::from(within_cell)) >> 64) as u64
    }
}

/// The standard normal quantile with this upper tail, to about 12 digits.
fn normal_quantile(tail: f64) -> f64 {
    // The quantile of the whole is minus infinity: take the one an eighth into the first cell for it.
    let tail = tail.min(1.0 - 1.0 / (8 * CELLS) as f64);
    if tail > 0.5 {
        return -normal_quantile(1.0 - tail);
    }
    // Abramowitz and Stegun 26.2.23, good to 4.5e-4; each of Newton's steps doubles the digits.
    let t = libm::sqrt(-2.0 * libm::log(tail));
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = t - numerator / denominator;
    for _ in 0..2 {
        let tail_at_z = 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
        let density = libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI);
        z += (tail_at_z - tail) / density;
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MEAN: u64 = 1 << 40;

    /// The draw at which the distribution function is `1 - tail`.
    fn draw_at(tail: f64) -> u64 {
        !((tail * (1u128 << 64) as f64) as u64)
    }

    fn assert_close(actual: f64, expected: f64, relative: f64, what: &str) {
        assert!((actual / expected - 1.0).abs() <= relative, "{what}: {actual} instead of {expected}");
    }

    #[test]
    fn exponential_quantiles_are_within_a_twentieth_of_a_percent() {
        let sampler = Sampler::exponential(MEAN);
        for step in 0..2_000 {
            // Tails from 0.99 down to a thousand-millionth: all five levels.
            let tail = 0.99 * libm::pow(1e-9, f64::from(step) / 1_999.0);
            let sample = sampler.draw(draw_at(tail)) as f64 / MEAN as f64;
            assert_close(sample, -libm::log(tail), 5e-4, &format!("tail {tail}"));
        }
    }

    #[test]
    fn exponential_means_hold_from_a_nanosecond_to_a_thousand_seconds() {
        // In 2^-16 ns, as arrivals use it.
        for mean in [1 << 16, 20_000 << 16, 1_000_000_000_000 << 16] {
            let sampler = Sampler::exponential(mean);
            // The mean of the inverse over an even grid is the mean of the distribution.
            let n = 1u64 << 20;
            let sum: u128 = (0..n).map(|i| u128::from(sampler.draw((i << 44) + (1 << 43)))).sum();
            assert_close(sum as f64 / n as f64, mean as f64, 1e-4, "mean");
        }
    }

    #[test]
    fn the_log_normal_hits_its_median_its_99th_percentile_and_its_maximum() {
        let sampler = Sampler::log_normal(1_000_000, 5_000_000, 9_000_000);
        assert_close(sampler.draw(1 << 63) as f64, 1e6, 5e-4, "median");
        assert_close(sampler.draw(draw_at(0.01)) as f64, 5e6, 5e-4, "p99");
        let sigma = libm::log(5.0) / Z_99;
        for (tail, z) in
            [(0.158_655_253_931_457_05, 1.0), (0.841_344_746_068_543, -1.0), (0.977_249_868_051_820_8, -2.0)]
        {
            assert_close(sampler.draw(draw_at(tail)) as f64, 1e6 * libm::exp(sigma * z), 5e-4, "z");
        }
        assert_eq!(sampler.draw(u64::MAX), 9_000_000);
    }

    #[test]
    fn normal_quantiles_give_their_tail_back() {
        for step in 1..400 {
            let tail = libm::pow(0.93, f64::from(step));
            let back = 0.5 * libm::erfc(normal_quantile(tail) * std::f64::consts::FRAC_1_SQRT_2);
            assert_close(back, tail, 1e-9, "tail");
        }
    }

    #[test]
    fn degenerate_log_normals_do_not_break() {
        assert_eq!(Sampler::log_normal(100, 100, 1_000).draw(u64::MAX), 100);
        assert_eq!(Sampler::log_normal(0, 0, 0).draw(12345), 0);
        assert_eq!(Sampler::log_normal(1, u64::MAX, u64::MAX).draw(u64::MAX), u64::MAX);
    }

    proptest! {
        #[test]
        fn a_larger_draw_never_gives_a_smaller_sample(a: u64, b: u64) {
            let (low, high) = (a.min(b), a.max(b));
            let exponential = Sampler::exponential(MEAN);
            prop_assert!(exponential.draw(low) <= exponential.draw(high));
            // Next to the boundaries between levels, where uniform draws never come.
            let ones = !(u64::MAX >> (a % 64));
            prop_assert!(exponential.draw(ones.wrapping_sub(1).min(ones)) <= exponential.draw(ones));
        }
    }
}
