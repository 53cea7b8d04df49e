//! A rate's shape as a table: which part of the time passes until a share of the records has come.

use crate::values::time::Span;

/// Time within a round by the share of the round's expected records, in cells of equal share.
#[derive(Debug)]
pub(super) struct Curve {
    edges_ns: Vec<u64>,
}

impl Curve {
    const CELL_BITS: u32 = 12;

    /// `time_of` maps a share above 0 and below 1 to the part of `length` after which it is reached.
    pub(super) fn new(length: Span, time_of: impl Fn(f64) -> f64) -> Curve {
        let cells = 1 << Curve::CELL_BITS;
        let mut edges_ns = vec![0; cells + 1];
        for cell in 1..cells {
            let time = libm::round(time_of(cell as f64 / cells as f64) * length.0 as f64) as u64;
            edges_ns[cell] = time.clamp(edges_ns[cell - 1], length.0);
        }
        edges_ns[cells] = length.0;
        Curve { edges_ns }
    }

    pub(super) fn length(&self) -> u64 {
        self.edges_ns[1 << Curve::CELL_BITS]
    }

    /// The time at which `share` (in 2^-64) is reached.
    pub(super) fn at(&self, share: u64) -> u64 {
        let cell = (share >> (64 - Curve::CELL_BITS)) as usize;
        let (low, high) = (self.edges_ns[cell], self.edges_ns[cell + 1]);
        low + scaled(u128::from(high - low), share << Curve::CELL_BITS) as u64
    }
}

/// Where the rising function `f` from 0..1 to 0..1 takes the value `y`, by bisection.
pub(super) fn inverse(f: impl Fn(f64) -> f64, y: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..54 {
        let middle = 0.5 * (low + high);
        if f(middle) < y { low = middle } else { high = middle }
    }
    low
}

/// `value * share / 2^64` for a value below 2^128.
pub(super) fn scaled(value: u128, share: u64) -> u128 {
    let share = u128::from(share);
    (value >> 64) * share + (((value & u128::from(u64::MAX)) * share) >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_meets_its_function_at_the_edges_and_is_straight_between_them() {
        let curve = Curve::new(Span(1 << 24), |share| share * share);
        assert_eq!(curve.length(), 1 << 24);
        assert_eq!(curve.at(0), 0);
        assert_eq!(curve.at(1 << 63), 1 << 22);
        // A third of the way from edge 2048 to edge 2049 of 4096: their squares are the times in ns.
        let third = u64::MAX / 4096 / 3;
        assert_eq!(curve.at((1 << 63) + third), 2048 * 2048 + (2049 * 2049 - 2048 * 2048) / 3);
        assert_eq!(curve.at(u64::MAX), (1 << 24) - 1);
    }

    #[test]
    fn a_product_with_a_share_does_not_overflow() {
        assert_eq!(scaled(u128::MAX, u64::MAX), u128::MAX - (u128::MAX >> 64) - 1);
        assert_eq!(scaled(10 << 70, 1 << 62), 10 << 68);
    }

    #[test]
    fn the_inverse_of_a_square_is_the_root() {
        assert!((inverse(|x| x * x, 0.09) - 0.3).abs() < 1e-12);
    }
}
