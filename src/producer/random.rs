//! Where the client draws: partition switches on application threads, jitter on the sender thread (0.4).

use crate::engine::rng::Stream;

/// A source of raw draws: a seeded stream, or the values that a real client is known to have drawn.
#[derive(Debug)]
pub enum Draws {
    /// A stream of the run's seed.
    Stream(Box<Stream>),
    /// Recorded values in order. When they run out, their number follows: a client that draws until it
    /// gets another partition must come to an end.
    Recorded {
        /// The values.
        values: Vec<u64>,
        /// How many have been used.
        used: usize,
    },
}

impl Draws {
    /// Replays `values`.
    pub fn recorded(values: Vec<u64>) -> Draws {
        Draws::Recorded { values, used: 0 }
    }

    fn next_u64(&mut self) -> u64 {
        match self {
            Draws::Stream(stream) => stream.next_u64(),
            Draws::Recorded { values, used } => {
                let value = values.get(*used).copied().unwrap_or(*used as u64);
                *used += 1;
                value
            }
        }
    }

    fn skip(&mut self, count: u64) {
        match self {
            Draws::Stream(stream) => stream.skip(count),
            Draws::Recorded { used, .. } => *used += count as usize,
        }
    }

    /// A 32-bit integer without its sign bit, as partitioners use it (RND-1, RND-2).
    pub(crate) fn positive(&mut self) -> u32 {
        self.next_u64() as u32 & 0x7fff_ffff
    }

    /// A double in [0, 1). Java's bounded draw takes two 64-bit values and uses the first.
    pub(crate) fn unit(&mut self) -> f64 {
        let bits = self.next_u64() >> 11;
        self.skip(1);
        bits as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Passes over doubles whose values cannot matter.
    #[inline]
    pub(crate) fn skip_units(&mut self, count: u64) {
        self.skip(2 * count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RND-1, RND-2: whatever is drawn, a partition number has no sign.
    #[test]
    fn partitions_are_drawn_without_sign() {
        assert_eq!(Draws::recorded(vec![u64::from(-1i32 as u32)]).positive(), 0x7fff_ffff);
    }

    #[test]
    fn recorded_draws_that_have_run_out_still_differ() {
        let mut draws = Draws::recorded(vec![7]);
        assert_eq!([draws.positive(), draws.positive(), draws.positive()], [7, 1, 2]);
    }
}
