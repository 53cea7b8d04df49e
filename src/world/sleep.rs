//! An application thread that sleeps until its next record is due: when it gets to run again.

use crate::engine::dist::Sampler;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::scenario::ApplicationSleep;
use crate::values::time::{Span, Time};
use crate::workload::spec::Source;

/// The machine below one application thread.
#[derive(Debug)]
pub(super) struct Sleep {
    timer: Span,
    jitter: Sampler,
    stalls: Option<Stalls>,
    draws: Stream,
}

/// Moments in which the machine has no time for the thread at all.
#[derive(Debug)]
struct Stalls {
    gap: Sampler,
    length: Sampler,
    /// The sleep that ends next after this time is drawn out.
    next: Time,
}

impl Sleep {
    /// None if a thread runs as soon as its record is due. So it is with a trace: its times are those of real calls.
    pub(super) fn new(
        machine: ApplicationSleep,
        source: &Source,
        streams: &Streams,
        thread: u32,
    ) -> Option<Box<Sleep>> {
        if machine == ApplicationSleep::default() || matches!(source, Source::Trace(_)) {
            return None;
        }
        let mut draws = streams.stream(Purpose::ApplicationWake, thread);
        let stalls = (machine.stall_every > Span::ZERO).then(|| {
            let gap = Sampler::exponential(machine.stall_every.as_nanos());
            let next = Time::START + Span(gap.draw(draws.next_u64()));
            Stalls { gap, length: Sampler::exponential(machine.stall.as_nanos()), next }
        });
        let jitter = Sampler::exponential(machine.timer_jitter.as_nanos());
        Some(Box::new(Sleep { timer: machine.timer, jitter, stalls, draws }))
    }

    /// The end of a sleep that was to last until `due`.
    #[inline]
    pub(super) fn ends(&mut self, due: Time) -> Time {
        let end = due + self.timer + Span(self.jitter.draw(self.draws.next_u64()));
        match &mut self.stalls {
            Some(stalls) if stalls.next <= end => {
                let end = end + Span(stalls.length.draw(self.draws.next_u64()));
                stalls.next = end + Span(stalls.gap.draw(self.draws.next_u64()));
                end
            }
            _ => end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::TopicId;
    use crate::workload::payload::fill::Fill;
    use crate::workload::spec::{Keys, Pace, Sizes, Synthetic, TraceFile};

    const MACHINE: ApplicationSleep = ApplicationSleep {
        timer: Span(1_000),
        timer_jitter: Span(500),
        stall_every: Span::ZERO,
        stall: Span::ZERO,
    };

    fn synthetic() -> Source {
        Source::Synthetic(Synthetic {
            pace: Pace::Closed { think: Span::ZERO },
            value_bytes: Sizes::Constant(1),
            fill: Fill::Zeros,
            handed: Default::default(),
            keys: Keys::None,
            topics: vec![(TopicId(0), 1)],
            partition: None,
            placement: None,
            headers: Vec::new(),
        })
    }

    #[test]
    fn a_sleep_ends_late_by_the_timer_at_least() {
        let sleep = Sleep::new(MACHINE, &synthetic(), &Streams::new(7), 0);
        let mut sleep = sleep.expect("late");
        let late: Vec<u64> = (0..1_000).map(|_| sleep.ends(Time(5_000)).0 - 5_000).collect();
        assert!(late.iter().all(|&late_ns| late_ns >= 1_000));
        let mean_ns = late.iter().sum::<u64>() / 1_000;
        assert!((1_450..1_550).contains(&mean_ns), "mean of {mean_ns} ns");
    }

    #[test]
    fn now_and_then_a_sleep_is_drawn_out() {
        let machine = ApplicationSleep { stall_every: Span(1_000_000), stall: Span(50_000), ..MACHINE };
        let mut sleep = Sleep::new(machine, &synthetic(), &Streams::new(7), 0).expect("late");
        let (mut now, mut stalls, mut stalled_ns) = (Time::START, 0, 0);
        while now < Time(1_000_000_000) {
            let due = now + Span(10_000);
            now = sleep.ends(due);
            let late_ns = (now - due).0;
            // Jitter alone comes to 8 us once in three million times.
            if late_ns > 8_000 {
                stalls += 1;
                stalled_ns += late_ns;
            }
        }
        // A stall of less than 7 us is not seen: e^(-7/50) of them are.
        assert!((780..950).contains(&stalls), "{stalls} stalls in 1,000 gaps");
        assert!((52_000..64_000).contains(&(stalled_ns / stalls)), "{stalled_ns} ns in {stalls} stalls");
    }

    #[test]
    fn nobody_is_late_in_a_trace_or_on_a_perfect_machine() {
        let trace = Source::Trace(TraceFile {
            path: "trace.csv".into(),
            default_topic: TopicId(0),
            topics: Vec::new(),
            partitions: Vec::new(),
            late: None,
            ignore_keys: false,
            fill: Fill::Zeros,
        });
        assert!(Sleep::new(MACHINE, &trace, &Streams::new(7), 0).is_none());
        assert!(Sleep::new(ApplicationSleep::default(), &synthetic(), &Streams::new(7), 0).is_none());
    }
}
