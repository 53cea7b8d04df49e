//! Choices of a scenario, drawn from a seed.

use crate::engine::rng::{Purpose, Stream, Streams};

/// A stream of choices.
#[derive(Debug)]
pub struct Draw(Stream);

impl Draw {
    /// The choices of a seed. The run itself, with the same seed, draws from other streams.
    pub fn new(seed: u64) -> Draw {
        Draw(Streams::new(seed).stream(Purpose::Experiment, 1))
    }

    /// True in so many of 100 cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.below(100) < percent
    }

    /// One of a list, all alike.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len() as u32) as usize]
    }

    /// A number from `low` to `high`, all alike.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + u64::from(self.0.below((high - low + 1) as u32))
    }

    /// A number from `low` (at least 1) to `high`, each order of magnitude alike: small ones come as often as large ones.
    pub fn magnitude(&mut self, low: u64, high: u64) -> u64 {
        let doublings = (high / low).ilog2();
        let least = low << self.0.below(doublings + 1);
        self.between(least, (2 * least - 1).min(high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_ranges_and_reach_both_ends() {
        let mut draw = Draw::new(1);
        for (low, high) in [(1, 1), (1, 7), (3, 1_000)] {
            let drawn: Vec<u64> = (0..20_000).map(|_| draw.magnitude(low, high)).collect();
            assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&low), Some(&high)));
            let drawn: Vec<u64> = (0..20_000).map(|_| draw.between(low, high)).collect();
            assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&low), Some(&high)));
        }
    }
}
