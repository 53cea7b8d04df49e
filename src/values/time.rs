//! Virtual time: unsigned nanoseconds since the start of the run, and Kafka's millisecond view of it.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Kafka's clock at the start of the run unless a driver says otherwise, in epoch ms (HAZ-1: far from 0).
pub const START_MS: i64 = 1_700_000_000_000;

/// An instant of virtual time, in nanoseconds since the start of the run (584 years fit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Time {
    /// The start of the run.
    pub const START: Time = Time(0);
    /// A time that is never reached: "no deadline".
    pub const NEVER: Time = Time(u64::MAX);

    /// Whole milliseconds since the start, truncated as Java's millisecond clock truncates.
    #[inline]
    pub const fn as_millis(self) -> i64 {
        (self.0 / 1_000_000) as i64
    }

    /// The instant `ms` milliseconds after the start.
    pub const fn from_millis(ms: u64) -> Time {
        Time(ms.saturating_mul(1_000_000))
    }

    /// The later instant, [`Time::NEVER`] if it does not fit.
    #[inline]
    pub const fn saturating_add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The first instant after this one of those that come every `period`, at `phase` within it.
    pub const fn next_in_period(self, period: Span, phase: Span) -> Time {
        let every = if period.0 == 0 { 1 } else { period.0 };
        let phase = phase.0 % every;
        if self.0 < phase {
            return Time(phase);
        }
        Time(((self.0 - phase) / every + 1).saturating_mul(every).saturating_add(phase))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Span {
        Span(ns)
    }

    /// `us` microseconds.
    pub const fn from_micros(us: u64) -> Span {
        Span(us.saturating_mul(1_000))
    }

    /// `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Span {
        Span(ms.saturating_mul(1_000_000))
    }

    /// `s` seconds.
    pub const fn from_secs(s: u64) -> Span {
        Span(s.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Span> for Time {
    type Output = Time;
    #[inline]
    fn add(self, span: Span) -> Time {
        self.saturating_add(span)
    }
}

impl AddAssign<Span> for Time {
    #[inline]
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    /// Time from `earlier` to `self`, zero if `earlier` is later.
    #[inline]
    fn sub(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Span;
    #[inline]
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Span {
    /// The shortest exact form with one unit: `250us`, `5ms`, `1.5s` is `1500ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "0ms"),
            n if n % 1_000_000_000 == 0 => write!(f, "{}s", n / 1_000_000_000),
            n if n % 1_000_000 == 0 => write!(f, "{}ms", n / 1_000_000),
            n if n % 1_000 == 0 => write!(f, "{}us", n / 1_000),
            n => write!(f, "{n}ns"),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Time::NEVER { write!(f, "never") } else { Span(self.0).fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_millisecond_view_truncates() {
        assert_eq!(Time(4_999_999).as_millis(), 4);
        assert_eq!(Time(5_000_000).as_millis(), 5);
    }

    #[test]
    fn periods_have_a_phase() {
        let next = |now| Time(now).next_in_period(Span(100), Span(30)).0;
        assert_eq!([0, 29, 30, 31, 129, 130].map(next), [30, 30, 130, 130, 130, 230]);
        assert_eq!(Time(7).next_in_period(Span::ZERO, Span(5)), Time(8));
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Time::NEVER + Span(1), Time::NEVER);
        assert_eq!(Time(3) - Time(5), Span::ZERO);
    }

    #[test]
    fn a_span_prints_its_largest_exact_unit() {
        let shown: Vec<String> =
            [0, 7, 250_000, 5_000_000, 1_500_000_000, 2_000_000_000].map(|n| Span(n).to_string()).into();
        assert_eq!(shown, ["0ms", "7ns", "250us", "5ms", "1500ms", "2s"]);
    }
}
