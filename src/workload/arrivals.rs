//! When records come: the clock of one application thread.

use super::spec;
use super::varying::{Varying, VaryingRate};
use crate::engine::dist::Sampler;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::values::time::{Span, Time};

/// Nanoseconds in the 1000 seconds that rates refer to.
const NS_PER_1000_S: u64 = 1_000_000_000_000;

/// Exponential gaps are drawn in 2^-16 ns: rounding to whole nanoseconds would bend high rates.
const GAP_FRACTION_BITS: u32 = 16;

/// What the threads of a source share about their arrivals.
#[derive(Clone, Debug)]
pub(super) enum PacePlan {
    Closed { think: Span },
    Constant { per_1000_s: u64, phase_permille: u32 },
    Poisson { gap: Sampler },
    Varying(VaryingRate),
}

/// The clock of one thread.
#[derive(Clone, Debug)]
pub(super) enum Pace {
    /// Waits for completions.
    Closed { think: Span },
    /// Equal gaps.
    Constant(Constant),
    /// Exponential gaps of one mean.
    Poisson(Poisson),
    /// Exponential gaps whose mean changes.
    Varying(Varying),
}

impl PacePlan {
    pub(super) fn new(pace: &spec::Pace) -> PacePlan {
        use spec::Arrivals;
        let arrivals = match pace {
            spec::Pace::Closed { think } => return PacePlan::Closed { think: *think },
            spec::Pace::Open(arrivals) => arrivals,
        };
        match *arrivals {
            Arrivals::Constant { per_1000_s, phase_permille } => {
                PacePlan::Constant { per_1000_s, phase_permille }
            }
            Arrivals::Poisson { per_1000_s } => PacePlan::Poisson {
                gap: Sampler::exponential((NS_PER_1000_S << GAP_FRACTION_BITS) / per_1000_s),
            },
            Arrivals::OnOff { on_per_1000_s, off_per_1000_s, on_for, off_for } => {
                PacePlan::Varying(VaryingRate::on_off(on_per_1000_s, off_per_1000_s, on_for, off_for))
            }
            Arrivals::Ramp { from_per_1000_s, to_per_1000_s, over } => {
                PacePlan::Varying(VaryingRate::ramp(from_per_1000_s, to_per_1000_s, over))
            }
            Arrivals::Wave { mean_per_1000_s, swing_permille, period } => {
                PacePlan::Varying(VaryingRate::wave(mean_per_1000_s, swing_permille, period))
            }
        }
    }

    /// The clock of thread `entity`, and the time of its first record.
    pub(super) fn start(&self, streams: &Streams, entity: u32) -> (Pace, Time) {
        let stream = || streams.stream(Purpose::ArrivalGap, entity);
        match self {
            PacePlan::Closed { think } => (Pace::Closed { think: *think }, Time::START),
            PacePlan::Constant { per_1000_s, phase_permille } => {
                let (constant, first) = Constant::start(*per_1000_s, *phase_permille);
                (Pace::Constant(constant), first)
            }
            PacePlan::Poisson { gap } => {
                let mut poisson = Poisson { gap: gap.clone(), stream: stream(), fraction: 0 };
                let first = poisson.after(Time::START);
                (Pace::Poisson(poisson), first)
            }
            PacePlan::Varying(rate) => {
                let mut varying = Varying::new(rate.clone(), stream());
                let first = varying.next_time();
                (Pace::Varying(varying), first)
            }
        }
    }
}

impl Pace {
    /// Time of the record after the one at `time`.
    #[inline]
    pub(super) fn after(&mut self, time: Time) -> Time {
        match self {
            Pace::Poisson(poisson) => poisson.after(time),
            Pace::Constant(constant) => constant.after(time),
            Pace::Varying(varying) => varying.next_time(),
            Pace::Closed { .. } => Time::NEVER,
        }
    }
}

/// Exact multiples of a gap that need not be a whole number of nanoseconds: record k comes at `(k + phase) * 10^12 /
/// rate` ns, rounded down. The remainder of that division is carried along, so nothing drifts.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    per_1000_s: u64,
    gap: Span,
    gap_remainder: u64,
    remainder: u64,
}

impl Constant {
    fn start(per_1000_s: u64, phase_permille: u32) -> (Constant, Time) {
        let phase = NS_PER_1000_S / 1_000 * u64::from(phase_permille);
        let constant = Constant {
            per_1000_s,
            gap: Span(NS_PER_1000_S / per_1000_s),
            gap_remainder: NS_PER_1000_S % per_1000_s,
            remainder: phase % per_1000_s,
        };
        (constant, Time(phase / per_1000_s))
    }

    #[inline]
    fn after(&mut self, time: Time) -> Time {
        self.remainder += self.gap_remainder;
        if self.remainder < self.per_1000_s {
            return time + self.gap;
        }
        self.remainder -= self.per_1000_s;
        time + self.gap + Span(1)
    }
}

/// A Poisson process of constant rate.
#[derive(Clone, Debug)]
pub(super) struct Poisson {
    gap: Sampler,
    stream: Stream,
    /// The part of the present time below a nanosecond, in units of the gap.
    fraction: u64,
}

impl Poisson {
    #[inline]
    fn after(&mut self, time: Time) -> Time {
        let gap = self.fraction + self.gap.draw(self.stream.next_u64());
        self.fraction = gap & ((1 << GAP_FRACTION_BITS) - 1);
        time + Span(gap >> GAP_FRACTION_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::spec::Arrivals;
    use proptest::prelude::*;

    fn times(arrivals: Arrivals, seed: u64) -> impl Iterator<Item = Time> {
        let plan = PacePlan::new(&spec::Pace::Open(arrivals));
        let (mut pace, first) = plan.start(&Streams::new(seed), 0);
        std::iter::successors(Some(first), move |&time| Some(pace.after(time)))
    }

    #[test]
    fn poisson_rates_are_right_from_one_a_nanosecond_to_one_in_a_thousand_seconds() {
        let n = 200_000;
        for per_1000_s in [NS_PER_1000_S, 333_333_333_333, 50_000_000, 7_000, 1] {
            let last = times(Arrivals::Poisson { per_1000_s }, 5).nth(n - 1).expect("endless");
            let expected = n as f64 * NS_PER_1000_S as f64 / per_1000_s as f64;
            let error = last.0 as f64 / expected - 1.0;
            assert!(error.abs() < 0.01, "{per_1000_s} per 1000 s: off by {error}");
        }
    }

    #[test]
    fn poisson_gaps_have_the_spread_of_an_exponential() {
        let all: Vec<f64> =
            times(Arrivals::Poisson { per_1000_s: 1_000_000 }, 8).take(100_000).map(|t| t.0 as f64).collect();
        let gaps: Vec<f64> = all.windows(2).map(|pair| (pair[1] - pair[0]) / 1e6).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let square = gaps.iter().map(|gap| gap * gap).sum::<f64>() / gaps.len() as f64;
        assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
        assert!((square - 2.0).abs() < 0.06, "second moment {square}");
    }

    proptest! {
        #[test]
        fn constant_times_are_exact(per_1000_s in 1..=NS_PER_1000_S, phase_permille in 0u32..1_000, k in 0u64..2_000) {
            let time = times(Arrivals::Constant { per_1000_s, phase_permille }, 0).nth(k as usize).expect("endless");
            let thousandths = u128::from(k) * 1_000 + u128::from(phase_permille);
            let exact = thousandths * u128::from(NS_PER_1000_S) / 1_000 / u128::from(per_1000_s);
            prop_assert_eq!(u128::from(time.0), exact);
        }
    }
}
