//! Quotas (11.8): how many bytes a second a client may send to a broker, `producer_byte_rate`, and how much time
//! of handler and network threads it may take there, `request_percentage` (`ClientRequestQuotaManager`).

use std::collections::VecDeque;

use super::spec::QuotaSpec;
use crate::values::time::{Span, Time};

/// `quota.window.size.seconds`, in ms.
const WINDOW_MS: u64 = 1_000;
/// `quota.window.num`.
const WINDOWS: u64 = 11;

/// What one client has had of one broker of late: amounts by window, each with its start in ms.
#[derive(Clone, Debug, Default)]
struct Rate {
    windows: VecDeque<(u64, u64)>,
}

impl Rate {
    /// QUO-1: notes a request, and gives the amount and the span that it counts for, in ms. A rate that has just begun is
    /// taken for one over nearly all its windows.
    fn note(&mut self, now_ms: u64, amount: u64) -> (u64, u64) {
        self.windows.retain(|(start, _)| now_ms - start < WINDOWS * WINDOW_MS);
        match self.windows.back_mut() {
            Some((start, sum)) if now_ms - *start < WINDOW_MS => *sum += amount,
            _ => self.windows.push_back((now_ms, amount)),
        }
        let oldest = self.windows.front().map_or(now_ms, |(start, _)| *start);
        let elapsed_ms = now_ms - oldest;
        let missing = (WINDOWS - 1).saturating_sub(elapsed_ms / WINDOW_MS);
        let sum = self.windows.iter().map(|(_, amount)| amount).sum();
        (sum, elapsed_ms + missing * WINDOW_MS)
    }
}

/// What a client has had of a broker with one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) bytes: u64,
    /// Of handler and network threads. Requests that get no answer are not charged for it.
    pub(super) time: Span,
}

/// The quotas of all brokers and clients.
#[derive(Debug)]
pub(super) struct Quotas {
    spec: QuotaSpec,
    brokers: usize,
    /// The ones of (client, broker) are at client * brokers + broker: of bytes, and of nanoseconds.
    rates: Vec<[Rate; 2]>,
}

impl Quotas {
    pub(super) fn new(spec: QuotaSpec, brokers: usize) -> Quotas {
        Quotas { spec, brokers, rates: Vec::new() }
    }

    #[inline]
    pub(super) fn are_unlimited(&self) -> bool {
        self.spec == QuotaSpec::default()
    }

    /// QUO-2: for how many ms a client is throttled with the request that is answered now.
    pub(super) fn throttle_ms(&mut self, now: Time, broker: u32, client: u32, had: Use) -> u64 {
        let at = client as usize * self.brokers + broker as usize;
        if self.rates.len() <= at {
            self.rates.resize(at + 1, <[Rate; 2]>::default());
        }
        let now_ms = now.0 / 1_000_000;
        let [bytes, time] = &mut self.rates[at];
        let for_bytes = surplus_ms(bytes.note(now_ms, had.bytes), self.spec.producer_byte_rate);
        // A percent of a thread is 10 ms in a second. No throttle for time is longer than a window.
        let time_per_s = self.spec.request_percentage.saturating_mul(10_000_000);
        let for_time = surplus_ms(time.note(now_ms, had.time.0), time_per_s).min(WINDOW_MS);
        for_bytes.max(for_time)
    }
}

/// How long the surplus would have taken, with so much `per_s` (0: any amount): (O - T) / T * W for the observed rate
/// O = sum / W is sum / T - W; rounded.
fn surplus_ms((sum, span_ms): (u64, u64), per_s: u64) -> u64 {
    if per_s == 0 {
        return 0;
    }
    let allowed_ms = (u128::from(sum) * 1_000 + u128::from(per_s) / 2) / u128::from(per_s);
    u64::try_from(allowed_ms).unwrap_or(u64::MAX).saturating_sub(span_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// QUO-1, QUO-2.
    #[test]
    fn the_time_that_the_surplus_would_have_taken() {
        let spec = QuotaSpec { producer_byte_rate: 1_000, request_percentage: 0 };
        let mut quotas = Quotas::new(spec, 2);
        let had = |bytes| Use { bytes, time: Span::from_secs(100) };
        let mut throttled = |ms, bytes| quotas.throttle_ms(Time::from_millis(ms), 1, 3, had(bytes));
        assert_eq!(throttled(0, 10_000), 0, "as much as ten seconds may have");
        assert_eq!(throttled(0, 500), 500);
        assert_eq!(throttled(5_000, 0), 500, "the time that has passed was counted already");
        assert_eq!(throttled(10_500, 0), 0, "now it has been longer");
        assert_eq!(throttled(11_000, 1_000), 0, "the first window is forgotten");
        assert_eq!(
            quotas.throttle_ms(Time::from_millis(11_000), 0, 3, had(9_000)),
            0,
            "each broker counts for itself"
        );
    }

    /// QUO-3.
    #[test]
    fn time_of_threads_counts_in_percent_of_one_and_throttles_for_a_second_at_most() {
        let spec = QuotaSpec { producer_byte_rate: 0, request_percentage: 50 };
        let mut quotas = Quotas::new(spec, 1);
        let mut throttled = |time_ms| {
            quotas.throttle_ms(Time::START, 0, 0, Use { bytes: 1_000_000, time: Span::from_millis(time_ms) })
        };
        assert_eq!(throttled(5_000), 0, "half of ten seconds");
        assert_eq!(throttled(100), 200);
        assert_eq!(throttled(5_000), 1_000);
    }
}
