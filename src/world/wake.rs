//! When a sender thread gets to run, and for how long it is busy: what the machine adds to the pipeline's own times.

use crate::engine::dist::Sampler;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::scenario::SenderCost;
use crate::values::time::{Span, Time};

/// The machine below one sender thread.
#[derive(Debug)]
pub(super) struct Waker {
    cost: SenderCost,
    /// None if every wake-up is like the other.
    chance: Option<Box<Chance>>,
    /// From the next wake-up to the moment the thread runs.
    delay: Span,
    /// When the application has called `send` last.
    sent_at: Time,
}

#[derive(Debug)]
struct Chance {
    jitter: Sampler,
    draws: Stream,
}

impl Waker {
    pub(super) fn new(cost: SenderCost, streams: &Streams, client: u32) -> Waker {
        let chance = (cost.wake_jitter > Span::ZERO || cost.held_permille > 0).then(|| {
            let jitter = Sampler::exponential(cost.wake_jitter.as_nanos());
            Box::new(Chance { jitter, draws: streams.stream(Purpose::SenderWake, client) })
        });
        let mut waker = Waker { cost, chance, delay: cost.wake, sent_at: Time::START };
        waker.draw_delay();
        waker
    }

    /// From the next wake-up to the moment the thread runs. The same until the thread has run.
    #[inline]
    pub(super) fn delay(&self) -> Span {
        self.delay
    }

    /// From the end of a sleep that nothing cuts short to the moment the thread runs.
    #[inline]
    pub(super) fn delay_after_sleep(&self) -> Span {
        self.cost.timer + self.delay
    }

    /// The thread has run and written this many requests: how long that keeps it busy.
    #[inline]
    pub(super) fn busy_for(&mut self, requests: u64) -> Span {
        self.draw_delay();
        self.cost.turn + Span(self.cost.per_request.0.saturating_mul(requests))
    }

    #[inline]
    fn draw_delay(&mut self) {
        if let Some(chance) = &mut self.chance {
            self.delay = self.cost.wake + Span(chance.jitter.draw(chance.draws.next_u64()));
        }
    }

    #[inline]
    pub(super) fn application_sends(&mut self, now: Time) {
        self.sent_at = now;
    }

    /// Whether the application, which sends next at `next_send`, spins on the core that the sender would run on.
    #[inline]
    pub(super) fn is_held(&mut self, now: Time, next_send: Time) -> bool {
        let Some(chance) = &mut self.chance else { return false };
        let is_spinning = next_send > now && next_send - self.sent_at < self.cost.spin;
        is_spinning && chance.draws.below(1_000) < self.cost.held_permille
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: SenderCost = SenderCost {
        wake: Span(1_000),
        wake_jitter: Span(500),
        timer: Span(70),
        spin: Span(100),
        held_permille: 600,
        turn: Span(20),
        per_request: Span(3),
    };

    fn waker(cost: SenderCost) -> Waker {
        Waker::new(cost, &Streams::new(7), 0)
    }

    #[test]
    fn a_delay_lasts_until_the_thread_has_run() {
        let mut waker = waker(COST);
        let mut total_ns = 0;
        for _ in 0..1_000 {
            let delay = waker.delay();
            assert!(delay >= COST.wake);
            assert_eq!((waker.delay(), waker.delay_after_sleep()), (delay, delay + COST.timer));
            total_ns += delay.0;
            assert_eq!(waker.busy_for(2), Span(20 + 2 * 3));
        }
        assert!((1_450_000..1_550_000).contains(&total_ns), "mean of {total_ns} ns / 1000");
    }

    #[test]
    fn a_spinning_application_holds_the_core_now_and_then() {
        let mut waker = waker(COST);
        waker.application_sends(Time(5_000));
        let mut held = |next_send| (0..1_000).filter(|_| waker.is_held(Time(5_010), Time(next_send))).count();
        assert!((550..650).contains(&held(5_099)));
        assert_eq!(held(5_100), 0, "it sleeps");
        assert_eq!(held(5_010), 0, "it sends now");
        assert_eq!(held(Time::NEVER.0), 0, "it waits for something");
    }

    #[test]
    fn without_costs_nothing_is_drawn_and_nothing_delayed() {
        let mut waker = waker(SenderCost::default());
        assert!(waker.chance.is_none() && !waker.is_held(Time(1), Time(2)));
        assert_eq!((waker.delay(), waker.delay_after_sleep()), (Span::ZERO, Span::ZERO));
        assert_eq!(waker.busy_for(1_000), Span::ZERO);
    }
}
