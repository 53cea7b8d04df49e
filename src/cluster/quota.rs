//! Quotas (11.8): how many bytes a second a client may send to a broker, `producer_byte_rate`.

use std::collections::VecDeque;

use crate::values::time::Time;

/// `quota.window.size.seconds`, in ms.
const WINDOW_MS: u64 = 1_000;
/// `quota.window.num`.
const WINDOWS: u64 = 11;

/// What one client has sent to one broker of late: bytes by window, each with its start in ms.
#[derive(Clone, Debug, Default)]
struct Rate {
    windows: VecDeque<(u64, u64)>,
}

impl Rate {
    /// QUO-1: notes a request, and gives bytes and the span that they count for, in ms. A rate that has just begun is
    /// taken for one over nearly all its windows.
    fn note(&mut self, now_ms: u64, bytes: u64) -> (u64, u64) {
        self.windows.retain(|(start, _)| now_ms - start < WINDOWS * WINDOW_MS);
        match self.windows.back_mut() {
            Some((start, sum)) if now_ms - *start < WINDOW_MS => *sum += bytes,
            _ => self.windows.push_back((now_ms, bytes)),
        }
        let oldest = self.windows.front().map_or(now_ms, |(start, _)| *start);
        let elapsed_ms = now_ms - oldest;
        let missing = (WINDOWS - 1).saturating_sub(elapsed_ms / WINDOW_MS);
        let sum = self.windows.iter().map(|(_, bytes)| bytes).sum();
        (sum, elapsed_ms + missing * WINDOW_MS)
    }
}

/// The quotas of all brokers and clients.
#[derive(Debug)]
pub(super) struct Quotas {
    /// Bytes per second for each client at each broker; 0: no limit.
    bytes_per_second: u64,
    brokers: usize,
    /// The one of (client, broker) is at client * brokers + broker.
    rates: Vec<Rate>,
}

impl Quotas {
    pub(super) fn new(bytes_per_second: u64, brokers: usize) -> Quotas {
        Quotas { bytes_per_second, brokers, rates: Vec::new() }
    }

    #[inline]
    pub(super) fn are_unlimited(&self) -> bool {
        self.bytes_per_second == 0
    }

    /// QUO-2: for how many ms a client is throttled with the request that is answered now.
    pub(super) fn throttle_ms(&mut self, now: Time, broker: u32, client: u32, bytes: u64) -> u64 {
        let at = client as usize * self.brokers + broker as usize;
        if self.rates.len() <= at {
            self.rates.resize(at + 1, Rate::default());
        }
        let (sum, span_ms) = self.rates[at].note(now.0 / 1_000_000, bytes);
        // (O - T) / T * W for the observed rate O = sum / W is sum / T - W; rounded.
        let allowed_ms = (u128::from(sum) * 1_000 + u128::from(self.bytes_per_second) / 2)
            / u128::from(self.bytes_per_second);
        u64::try_from(allowed_ms).unwrap_or(u64::MAX).saturating_sub(span_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// QUO-1, QUO-2.
    #[test]
    fn the_time_that_the_surplus_would_have_taken() {
        let mut quotas = Quotas::new(1_000, 2);
        let mut throttled = |ms, bytes| quotas.throttle_ms(Time::from_millis(ms), 1, 3, bytes);
        assert_eq!(throttled(0, 10_000), 0, "as much as ten seconds may have");
        assert_eq!(throttled(0, 500), 500);
        assert_eq!(throttled(5_000, 0), 500, "the time that has passed was counted already");
        assert_eq!(throttled(10_500, 0), 0, "now it has been longer");
        assert_eq!(throttled(11_000, 1_000), 0, "the first window is forgotten");
        assert_eq!(
            quotas.throttle_ms(Time::from_millis(11_000), 0, 3, 9_000),
            0,
            "each broker counts for itself"
        );
    }
}
