//! Choice by weight, in integers.

/// Choice by weight among 0, 1, 2, … in constant time (Walker's alias method, in integers).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    cells: Vec<AliasCell>,
}

/// A cell is its own index below `threshold` (in 2^-32 of the cell) and `other` above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AliasCell {
    threshold: u32,
    other: u32,
}

/// A whole cell in the units of its thresholds.
const FULL: u64 = 1 << 32;

impl Alias {
    /// Index i with probability `weights[i]` / sum, to 2^-32 of an equal share; all alike when the sum is 0.
    ///
    /// # Panics
    /// If there are no weights, or 2^32 or more.
    pub fn new(mut weights: Vec<u64>) -> Alias {
        let n = u32::try_from(weights.len()).expect("fewer than 2^32 weights");
        assert!(n > 0, "a choice needs at least one weight");
        let sum = weights.iter().map(|&weight| u128::from(weight)).sum::<u128>().max(1);
        for weight in &mut weights {
            *weight = (((u128::from(*weight) * u128::from(n)) << 32) / sum) as u64;
        }
        Alias::from_filled(weights)
    }

    /// `fill[i]`: how much index i has to place, in 2^-32 of a cell. Who has less than a cell shares its cell with
    /// one that has more.
    fn from_filled(mut fill: Vec<u64>) -> Alias {
        let mut cells: Vec<AliasCell> =
            (0..fill.len() as u32).map(|own| AliasCell { threshold: u32::MAX, other: own }).collect();
        let (mut poor, mut rich): (Vec<u32>, Vec<u32>) =
            (0..fill.len() as u32).partition(|&i| fill[i as usize] < FULL);
        while let (Some(small), Some(&large)) = (poor.pop(), rich.last()) {
            let own = fill[small as usize];
            cells[small as usize] = AliasCell { threshold: own as u32, other: large };
            fill[large as usize] -= FULL - own;
            if fill[large as usize] < FULL {
                rich.pop();
                poor.push(large);
            }
        }
        Alias { cells }
    }

    /// The index at draw `u`.
    #[inline]
    pub fn draw(&self, u: u64) -> u32 {
        let place = u128::from(u) * self.cells.len() as u128;
        let index = (place >> 64) as u32;
        let cell = self.cells[index as usize];
        if ((place >> 32) as u32) < cell.threshold { index } else { cell.other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Purpose, Streams};
    use proptest::prelude::*;

    #[test]
    fn an_alias_table_gives_the_weights_back() {
        let weights = [1u64, 0, 10, 100, 3, 3];
        let alias = Alias::new(weights.to_vec());
        let mut stream = Streams::new(3).stream(Purpose::Key, 0);
        let n = 400_000;
        let mut counts = [0u32; 6];
        for _ in 0..n {
            counts[alias.draw(stream.next_u64()) as usize] += 1;
        }
        for (index, &weight) in weights.iter().enumerate() {
            let share = weight as f64 / 117.0;
            let expected = f64::from(n) * share;
            let tolerance = 5.0 * libm::sqrt(expected * (1.0 - share));
            assert!((f64::from(counts[index]) - expected).abs() <= tolerance, "{index}: {}", counts[index]);
        }
    }

    proptest! {
        /// The exact share of an index is the sum of its parts of all cells.
        #[test]
        fn alias_shares_are_exact(weights in prop::collection::vec(0u64..1_000_000, 1..40)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let alias = Alias::new(weights.clone());
            let mut shares = vec![0u64; weights.len()];
            for (index, cell) in alias.cells.iter().enumerate() {
                let own = if cell.other == index as u32 { FULL } else { u64::from(cell.threshold) };
                shares[index] += own;
                shares[cell.other as usize] += FULL - own;
            }
            let sum: u64 = weights.iter().sum();
            for (index, &weight) in weights.iter().enumerate() {
                let expected = weight as f64 / sum as f64 * weights.len() as f64;
                let share = shares[index] as f64 / FULL as f64;
                prop_assert!((share - expected).abs() < 1e-7, "{index}: {share} instead of {expected}");
            }
        }
    }
}
