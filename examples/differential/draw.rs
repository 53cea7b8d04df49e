//! Random choices of one script.

use lingersim::engine::rng::{Purpose, Stream, Streams};

/// The draws of one seed.
pub struct Draw(Stream);

impl Draw {
    /// The draws of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw(Streams::new(seed).stream(Purpose::Fault, 0))
    }

    /// A number from `low` to `high`, both possible.
    pub fn number(&mut self, low: u64, high: u64) -> u64 {
        low + u64::from(self.0.below((high - low + 1) as u32))
    }

    /// Whether something that has this chance in a hundred happens.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.number(1, 100) <= percent
    }

    /// One of some values.
    pub fn one<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.number(0, values.len() as u64 - 1) as usize]
    }
}
