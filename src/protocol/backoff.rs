//! Exponential backoff with jitter as the client computes it (0.6, KIP-580).
//!
//! This is the one place of the model that computes in floating point, because the client does and the result is
//! truncated: an integer formula would differ by a millisecond. `libm` makes it equal on every machine.

/// Jitter of every backoff in the client: the factor is drawn from [0.8, 1.2).
const JITTER: f64 = 0.2;

/// Growth of every backoff in the client.
const MULTIPLIER: i64 = 2;

/// What the maximum of a backoff bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The result.
    AfterJitter,
    /// The value that jitter is applied to; an initial value may also be larger.
    BeforeJitter,
    /// Likewise, and that value is truncated to whole milliseconds.
    WholeBeforeJitter,
}

/// `ExponentialBackoff`: initial, doubling, up to a maximum; constant and without draw when the maximum is not larger.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    initial_ms: i64,
    multiplier: f64,
    max_ms: i64,
    jitter: f64,
    exp_max: f64,
    is_random: bool,
    bound: Bound,
}

impl Backoff {
    /// As everywhere in the client. Times in milliseconds, not negative.
    pub fn new(initial_ms: i64, max_ms: i64) -> Backoff {
        Backoff::with(initial_ms, MULTIPLIER, max_ms, JITTER)
    }

    /// With another growth, at least 2, and another jitter, from 0 to 1.
    pub fn with(initial_ms: i64, multiplier: i64, max_ms: i64, jitter: f64) -> Backoff {
        let multiplier = multiplier as f64;
        let exp_max = if max_ms > initial_ms {
            libm::log(max_ms as f64 / initial_ms.max(1) as f64) / libm::log(multiplier)
        } else {
            0.0
        };
        let is_random = exp_max > 0.0 && jitter > 0.0;
        Backoff { initial_ms, multiplier, max_ms, jitter, exp_max, is_random, bound: Bound::AfterJitter }
    }

    /// The same with another meaning of its maximum.
    pub fn bounded(self, bound: Bound) -> Backoff {
        Backoff { bound, ..self }
    }

    /// The value that it starts with, in ms.
    pub fn initial_ms(&self) -> i64 {
        match self.bound {
            Bound::AfterJitter => self.initial_ms.min(self.max_ms),
            Bound::BeforeJitter | Bound::WholeBeforeJitter => self.initial_ms,
        }
    }

    /// Whether [`Backoff::after`] consumes a random number.
    #[inline]
    pub fn is_random(&self) -> bool {
        self.is_random
    }

    /// The largest value it can give, in ms.
    #[inline]
    pub fn max_ms(&self) -> i64 {
        self.max_ms
    }

    /// Backoff after `attempts` earlier attempts, in ms; `unit` is uniform in [0, 1) and unused without jitter.
    pub fn after(&self, attempts: u32, unit: f64) -> i64 {
        if self.exp_max <= 0.0 {
            return self.initial_ms();
        }
        let (low, high) = (1.0 - self.jitter, 1.0 + self.jitter);
        let exponent = f64::from(attempts).min(self.exp_max);
        let term = self.initial_ms as f64 * libm::pow(self.multiplier, exponent);
        let factor = if self.jitter > 0.0 { unit * (high - low) + low } else { 1.0 };
        match self.bound {
            Bound::AfterJitter => ((factor * term) as i64).min(self.max_ms),
            Bound::BeforeJitter => (factor * term) as i64,
            Bound::WholeBeforeJitter => (factor * term.trunc()) as i64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_0_6() {
        let retry = Backoff::new(100, 1000);
        for (attempts, low, high) in
            [(0, 80, 119), (1, 160, 239), (2, 320, 479), (3, 640, 959), (4, 800, 1000)]
        {
            assert_eq!(
                (retry.after(attempts, 0.0), retry.after(attempts, 0.999_999)),
                (low, high),
                "{attempts}"
            );
        }
    }

    #[test]
    fn jitter_may_exceed_the_maximum_of_older_clients() {
        let retry = Backoff::new(100, 1000).bounded(Bound::BeforeJitter);
        assert_eq!((retry.after(4, 0.0), retry.after(4, 0.999_999)), (800, 1199));
        assert_eq!(Backoff::new(1500, 1000).bounded(Bound::BeforeJitter).after(0, 0.3), 1500);
        // 2^log2(5) is just below 5 in floating point, and 4 when truncated.
        let whole = Backoff::new(1, 5).bounded(Bound::WholeBeforeJitter);
        assert_eq!((whole.after(1, 0.999), whole.after(9, 0.25), whole.after(9, 0.999)), (2, 3, 4));
    }

    #[test]
    fn an_initial_value_at_or_above_the_maximum_is_constant() {
        assert!(!Backoff::new(1500, 1000).is_random());
        assert_eq!(Backoff::new(1500, 1000).after(7, 0.3), 1000);
        assert_eq!(Backoff::new(100, 100).after(3, 0.9), 100);
    }
}
