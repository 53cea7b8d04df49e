//! Poisson arrivals whose rate changes with time: on-off, ramp and wave.
//!
//! The integrated rate turns such a process into one of rate 1: gaps between records are exponential in *expected
//! records*. So one draw gives one record, as for a constant rate, and the rate's shape only maps expected records to
//! time. Thinning would spend a random number of draws on each record.

use std::sync::Arc;

use super::curve::{Curve, inverse, scaled};
use crate::engine::dist::Sampler;
use crate::engine::rng::Stream;
use crate::values::time::{Span, Time};

/// Rate (per 1000 s) times ns of one expected record.
const WORK_PER_RECORD: u128 = 1_000_000_000_000;

/// A rate as a function of time. Progress is counted in rounds: a wave's period, an on and an off phase, or the ramp
/// as a whole, each measured by the records expected in it.
#[derive(Clone, Debug)]
pub(super) struct VaryingRate {
    gap: RoundsPerRecord,
    shape: Shape,
}

/// How a share of a round's expected records maps to time.
#[derive(Clone, Debug)]
enum Shape {
    /// Straight lines: 2^64 units of share make a round, `on_share` of them fall into the on phase.
    OnOff { on_share: u128, on_for: Span, off_for: Span },
    /// Tabulated, round after round.
    Wave(Arc<Curve>),
    /// Tabulated for the first round; later ones, at the final rate, take `later_round` each (in 2^-16 ns).
    Ramp { curve: Arc<Curve>, later_round: u128 },
    /// A rate of zero.
    Nothing,
}

/// The clock of one thread at a varying rate.
#[derive(Clone, Debug)]
pub(super) struct Varying {
    rate: VaryingRate,
    stream: Stream,
    unit: Sampler,
    /// Rounds since the start, in 2^-64.
    progress: u128,
}

impl VaryingRate {
    pub(super) fn on_off(
        on_per_1000_s: u64,
        off_per_1000_s: u64,
        on_for: Span,
        off_for: Span,
    ) -> VaryingRate {
        let on_work = u128::from(on_per_1000_s) * u128::from(on_for.0);
        let work = on_work.saturating_add(u128::from(off_per_1000_s) * u128::from(off_for.0));
        let shape = Shape::OnOff { on_share: share_of(on_work, work), on_for, off_for };
        VaryingRate::new(work, shape)
    }

    pub(super) fn ramp(from_per_1000_s: u64, to_per_1000_s: u64, over: Span) -> VaryingRate {
        let (from, to) = (from_per_1000_s as f64, to_per_1000_s as f64);
        // At share y of the records the line's area up to x is y of the whole; the positive root, in the form that
        // loses no digits.
        let curve = Curve::new(over, |y| {
            y * (from + to) / (from + libm::sqrt(from * from + (to * to - from * from) * y))
        });
        let work = (u128::from(from_per_1000_s) + u128::from(to_per_1000_s)) * u128::from(over.0) / 2;
        let later_round = (work << LATER_FRACTION_BITS) / u128::from(to_per_1000_s.max(1));
        VaryingRate::new(work, Shape::Ramp { curve: Arc::new(curve), later_round })
    }

    pub(super) fn wave(mean_per_1000_s: u64, swing_permille: u32, period: Span) -> VaryingRate {
        let swing = f64::from(swing_permille) / 1000.0;
        let turn = 2.0 * std::f64::consts::PI;
        let share_at = |x: f64| x + swing / turn * (1.0 - libm::cos(turn * x));
        let curve = Curve::new(period, |share| inverse(share_at, share));
        let work = u128::from(mean_per_1000_s) * u128::from(period.0);
        VaryingRate::new(work, Shape::Wave(Arc::new(curve)))
    }

    fn new(work: u128, shape: Shape) -> VaryingRate {
        if work == 0 {
            return VaryingRate { gap: RoundsPerRecord { factor: 0, shift: 0 }, shape: Shape::Nothing };
        }
        VaryingRate { gap: RoundsPerRecord::new(work), shape }
    }

    /// The time at which `progress` is reached.
    fn time_at(&self, progress: u128) -> Time {
        let (round, share) = (progress >> 64, progress as u64);
        let ns = match &self.shape {
            Shape::OnOff { on_share, on_for, off_for } => {
                let within = within_phases(u128::from(share), *on_share, *on_for, *off_for);
                round.saturating_mul(u128::from(on_for.0) + u128::from(off_for.0)).saturating_add(within)
            }
            Shape::Wave(curve) => {
                round.saturating_mul(u128::from(curve.length())).saturating_add(u128::from(curve.at(share)))
            }
            Shape::Ramp { curve, .. } if round == 0 => u128::from(curve.at(share)),
            Shape::Ramp { curve, later_round } => {
                let later =
                    (round - 1).saturating_mul(*later_round).saturating_add(scaled(*later_round, share));
                u128::from(curve.length()).saturating_add(later >> LATER_FRACTION_BITS)
            }
            Shape::Nothing => return Time::NEVER,
        };
        Time(u64::try_from(ns).unwrap_or(u64::MAX))
    }
}

/// Fraction bits of a ramp's later rounds.
const LATER_FRACTION_BITS: u32 = 16;

/// `part / whole` in 2^-64. Both lose their lowest bits together when they are large.
fn share_of(part: u128, whole: u128) -> u128 {
    let excess = (128 - whole.leading_zeros()).saturating_sub(64);
    ((part >> excess) << 64) / (whole >> excess).max(1)
}

fn within_phases(share: u128, on_share: u128, on_for: Span, off_for: Span) -> u128 {
    if share < on_share {
        share * u128::from(on_for.0) / on_share
    } else {
        u128::from(on_for.0) + (share - on_share) * u128::from(off_for.0) / ((1 << 64) - on_share)
    }
}

impl Varying {
    pub(super) fn new(rate: VaryingRate, stream: Stream) -> Varying {
        Varying { rate, stream, unit: Sampler::exponential(1 << UNIT_BITS), progress: 0 }
    }

    /// Moves on by one record.
    pub(super) fn next_time(&mut self) -> Time {
        let gap = self.rate.gap.rounds(self.unit.draw(self.stream.next_u64()));
        self.progress = self.progress.saturating_add(gap);
        self.rate.time_at(self.progress)
    }
}

/// One expected record in the draws of [`Varying::unit`].
const UNIT_BITS: u32 = 58;

/// Rounds for one expected record: a number with 64 significant bits, since a round may hold less than one record or
/// more than 2^40.
#[derive(Clone, Copy, Debug)]
struct RoundsPerRecord {
    factor: u64,
    shift: u32,
}

impl RoundsPerRecord {
    /// For rounds of `work` (rate per 1000 s times ns), above 0.
    fn new(work: u128) -> RoundsPerRecord {
        const SPARE_BITS: u32 = 24;
        let rounds = (WORK_PER_RECORD << (64 + SPARE_BITS)) / work;
        let excess = (128 - rounds.leading_zeros()).saturating_sub(64);
        RoundsPerRecord { factor: (rounds >> excess) as u64, shift: UNIT_BITS + SPARE_BITS - excess }
    }

    /// Rounds, in 2^-64, for `records` expected records (in 2^-58).
    fn rounds(self, records: u64) -> u128 {
        (u128::from(records) * u128::from(self.factor)) >> self.shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Purpose, Streams};

    fn times(rate: VaryingRate, until: Time) -> Vec<u64> {
        let mut clock = Varying::new(rate, Streams::new(11).stream(Purpose::ArrivalGap, 0));
        std::iter::repeat_with(|| clock.next_time())
            .take_while(|&time| time < until)
            .map(|time| time.0)
            .collect()
    }

    /// The count of a Poisson variable is within four standard deviations and one percent of its mean.
    fn assert_count(times: &[u64], from: u64, to: u64, expected: f64) {
        let count = times.iter().filter(|&&time| (from..to).contains(&time)).count() as f64;
        let tolerance = (4.0 * libm::sqrt(expected)).min(0.01 * expected);
        assert!((count - expected).abs() <= tolerance, "{from}..{to}: {count} instead of {expected}");
    }

    const S: u64 = 1_000_000_000;

    #[test]
    fn on_off_keeps_each_phase_at_its_rate() {
        // 100 000/s for 2 s, 1 000/s for 8 s.
        let rate = VaryingRate::on_off(100_000_000, 1_000_000, Span::from_secs(2), Span::from_secs(8));
        let times = times(rate, Time(100 * S));
        let folded: Vec<u64> = times.iter().map(|time| time % (10 * S)).collect();
        assert_count(&folded, 0, 2 * S, 2_000_000.0);
        assert_count(&folded, 0, S, 1_000_000.0);
        assert_count(&folded, 2 * S, 10 * S, 80_000.0);
        assert_count(&times, 10 * S, 12 * S, 200_000.0);
    }

    #[test]
    fn an_off_phase_without_records_is_silent() {
        let rate = VaryingRate::on_off(1_000_000, 0, Span::from_millis(5), Span::from_millis(95));
        let times = times(rate, Time(100 * S));
        assert_count(&times, 0, 100 * S, 5_000.0 + 0.0);
        assert!(times.iter().all(|time| time % 100_000_000 < 5_000_000));
    }

    #[test]
    fn phases_with_far_less_than_a_record_need_no_loop() {
        // A nanosecond on in two, at one record in 1000 s.
        let rate = VaryingRate::on_off(1, 0, Span(1), Span(1));
        let times = times(rate, Time(40_000_000 * S));
        assert_count(&times, 0, 40_000_000 * S, 20_000.0);
    }

    #[test]
    fn a_ramp_grows_in_a_straight_line_and_then_stays() {
        // 0 to 100 000/s in 10 s.
        let times = times(VaryingRate::ramp(0, 100_000_000, Span::from_secs(10)), Time(20 * S));
        for second in 0..10 {
            let expected = 10_000.0 * (second as f64 + 0.5);
            if second >= 3 {
                assert_count(&times, second * S, (second + 1) * S, expected);
            }
        }
        assert_count(&times, 0, 10 * S, 500_000.0);
        assert_count(&times, 10 * S, 20 * S, 1_000_000.0);
    }

    #[test]
    fn a_ramp_may_fall() {
        let times = times(VaryingRate::ramp(200_000_000, 100_000_000, Span::from_secs(10)), Time(20 * S));
        assert_count(&times, 0, S, 195_000.0);
        assert_count(&times, 9 * S, 10 * S, 105_000.0);
        assert_count(&times, 10 * S, 20 * S, 1_000_000.0);
    }

    #[test]
    fn a_wave_swings_around_its_mean() {
        // 100 000/s, swinging by 80 %, ten waves of 4 s.
        let times = times(VaryingRate::wave(100_000_000, 800, Span::from_secs(4)), Time(40 * S));
        assert_count(&times, 0, 40 * S, 4_000_000.0);
        let folded: Vec<u64> = times.iter().map(|time| time % (4 * S)).collect();
        // The mean of a sine over its first half is 2/pi.
        let half = 0.8 * 2.0 / std::f64::consts::PI;
        assert_count(&folded, 0, 2 * S, 2_000_000.0 * (1.0 + half));
        assert_count(&folded, 2 * S, 4 * S, 2_000_000.0 * (1.0 - half));
        // Around the crest, a tenth of a period wide: the mean of the sine there is sin(0.1 pi) / (0.1 pi).
        let crest = 0.8 * libm::sin(0.1 * std::f64::consts::PI) / (0.1 * std::f64::consts::PI);
        assert_count(&folded, 800_000_000, 1_200_000_000, 400_000.0 * (1.0 + crest));
    }

    #[test]
    fn a_full_swing_never_goes_backwards() {
        let times = times(VaryingRate::wave(1_000_000, 1_000, Span::from_millis(10)), Time(20 * S));
        assert!(times.is_sorted());
        assert_count(&times, 0, 20 * S, 20_000.0);
    }

    #[test]
    fn a_rate_of_zero_offers_nothing() {
        assert_eq!(times(VaryingRate::on_off(0, 0, Span(5), Span(5)), Time::NEVER), Vec::<u64>::new());
        assert_eq!(times(VaryingRate::on_off(5, 5, Span(0), Span(0)), Time::NEVER), Vec::<u64>::new());
        assert_eq!(times(VaryingRate::wave(5, 5, Span(0)), Time::NEVER), Vec::<u64>::new());
    }

    #[test]
    fn extremes_stay_in_range() {
        let max = 1_000_000_000_000;
        let year = Span::from_secs(365 * 86_400);
        for rate in [
            VaryingRate::on_off(max, max, year, year),
            VaryingRate::ramp(max, max, year),
            VaryingRate::wave(max, 0, year),
        ] {
            let times = times(rate, Time(200_000));
            assert_count(&times, 0, 200_000, 200_000.0);
        }
    }
}
