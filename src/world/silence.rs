//! The longest time without an acknowledgement while records waited for one.

use super::result::Silence;
use crate::values::time::{Span, Time};

/// Tells the longest silence so far. It begins with an acknowledgement, or with the first record that waits after none
/// did, and ends with the next acknowledgement, or when nothing waits any more.
#[derive(Debug)]
pub(super) struct SilenceWatch {
    longest: Silence,
    /// When the present one began; [`Time::NEVER`] if no record waits.
    since: Time,
}

impl SilenceWatch {
    pub(super) fn new() -> SilenceWatch {
        SilenceWatch { longest: Silence::default(), since: Time::NEVER }
    }

    /// A record is offered.
    #[inline(always)]
    pub(super) fn offered(&mut self, now: Time) {
        if self.since == Time::NEVER {
            self.since = now;
        }
    }

    /// Records were acknowledged.
    #[inline]
    pub(super) fn acked(&mut self, now: Time, waiting: u64) {
        self.end(now);
        self.since = if waiting > 0 { now } else { Time::NEVER };
    }

    /// Records have failed.
    pub(super) fn failed(&mut self, now: Time, waiting: u64) {
        if waiting == 0 {
            self.end(now);
            self.since = Time::NEVER;
        }
    }

    #[inline]
    fn end(&mut self, now: Time) {
        // Nothing waits: that is no time at all.
        let span = Span(now.0.saturating_sub(self.since.0));
        if span > self.longest.span {
            self.longest = Silence { start: self.since, span };
        }
    }

    /// The run is over.
    pub(super) fn longest(mut self, now: Time) -> Silence {
        self.end(now);
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_in_which_records_wait_is_silent() {
        let mut watch = SilenceWatch::new();
        watch.offered(Time(100));
        watch.offered(Time(150));
        watch.acked(Time(160), 1);
        watch.acked(Time(180), 0);
        watch.offered(Time(900));
        watch.acked(Time(940), 0);
        assert_eq!(watch.longest(Time(5_000)), Silence { start: Time(100), span: Span(60) });
    }

    #[test]
    fn failures_break_a_silence_only_if_nothing_waits_then() {
        let mut watch = SilenceWatch::new();
        watch.offered(Time(10));
        watch.failed(Time(20), 3);
        watch.failed(Time(50), 0);
        watch.offered(Time(900));
        assert_eq!(watch.longest(Time(930)), Silence { start: Time(10), span: Span(40) });
    }

    #[test]
    fn what_waits_at_the_end_has_waited_until_then() {
        let mut watch = SilenceWatch::new();
        watch.offered(Time(10));
        assert_eq!(watch.longest(Time(99)), Silence { start: Time(10), span: Span(89) });
        assert_eq!(SilenceWatch::new().longest(Time(99)), Silence::default());
    }
}
