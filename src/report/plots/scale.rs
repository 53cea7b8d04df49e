//! Axes: where a value is between the two ends, and which values are written beside it.

use crate::report::figures::grouped;
use crate::values::time::Time;

/// Values that are further apart than this are shown on a logarithmic axis.
const WIDE: f64 = 100.0;
/// About so many values are written beside an axis.
const FEW: f64 = 5.0;

/// An axis of values.
#[derive(Clone, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    /// From one value that is written to the next, if it is not logarithmic.
    step: f64,
    is_logarithmic: bool,
}

impl Scale {
    /// From 0 to a round value that is not below these.
    pub fn linear(values: impl Iterator<Item = f64>) -> Scale {
        let most = values.fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        let step = step(most);
        let mut high = step;
        while high < most {
            high += step;
        }
        Scale { low: 0.0, high, step, is_logarithmic: false }
    }

    /// Logarithmic if the values above 0 are far apart, else linear.
    pub fn fitting(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let above = values.clone().filter(|value| *value > 0.0);
        let (least, most) = (above.clone().fold(f64::INFINITY, f64::min), above.fold(0.0, f64::max));
        if most < least * WIDE {
            return Scale::linear(values);
        }
        let (mut low, mut high) = (1.0, 1.0);
        while low > least {
            low /= 10.0;
        }
        while low * 10.0 <= least {
            low *= 10.0;
        }
        while high < most || high <= low {
            high *= 10.0;
        }
        while high / 10.0 >= most {
            high /= 10.0;
        }
        Scale { low, high, step: 1.0, is_logarithmic: true }
    }

    /// Whether it is logarithmic: there is no place for 0 then.
    pub fn is_logarithmic(&self) -> bool {
        self.is_logarithmic
    }

    /// Behind the name of an axis: whether it is logarithmic.
    pub fn kind(&self) -> &'static str {
        if self.is_logarithmic { ", logarithmic" } else { "" }
    }

    /// Where a value is: 0 at the low end, 1 at the high one.
    pub fn share(&self, value: f64) -> f64 {
        let share = match self.is_logarithmic {
            true => {
                let value = value.max(self.low);
                libm::log10(value / self.low) / libm::log10(self.high / self.low)
            }
            false => (value - self.low) / (self.high - self.low),
        };
        share.clamp(0.0, 1.0)
    }

    /// The values to write, with their texts.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        if self.is_logarithmic {
            let mut ticks = Vec::new();
            let mut value = self.low;
            while value < self.high * 1.5 {
                ticks.push((self.share(value), written(value, value)));
                value *= 10.0;
            }
            return ticks;
        }
        let step = self.step;
        let count = (self.high / step + 0.01) as u32;
        (0..=count)
            .map(|place| {
                let value = step * f64::from(place);
                (self.share(value), written(value, step))
            })
            .collect()
    }
}

/// A round step of which a few reach a value: 1, 2 or 5 and zeros.
fn step(most: f64) -> f64 {
    let mut ten = 1.0;
    while ten > most / FEW {
        ten /= 10.0;
    }
    while ten * 10.0 <= most / FEW {
        ten *= 10.0;
    }
    [ten, ten * 2.0, ten * 5.0].into_iter().find(|step| *step * (FEW + 1.0) > most).unwrap_or(ten * 10.0)
}

/// A value with as many decimals as a step has.
fn written(value: f64, step: f64) -> String {
    if step >= 0.999 {
        return grouped((value + 0.5) as u64);
    }
    let (mut decimals, mut unit) = (0, 1.0);
    while unit > step * 1.001 {
        unit /= 10.0;
        decimals += 1;
    }
    format!("{value:.decimals$}")
}

/// The time of a run from its start to its end.
#[derive(Clone, Copy, Debug)]
pub struct TimeAxis {
    end: u64,
    /// Nanoseconds of its unit.
    unit: u64,
}

impl TimeAxis {
    /// Of a run that ends then.
    pub fn new(end: Time) -> TimeAxis {
        let end = end.0.max(1);
        let unit = match end {
            1_500_000_000.. => 1_000_000_000,
            1_500_000.. => 1_000_000,
            _ => 1_000,
        };
        TimeAxis { end, unit }
    }

    /// Where a time is: 0 at the start, 1 at the end.
    pub fn share(&self, at: Time) -> f64 {
        at.0.min(self.end) as f64 / self.end as f64
    }

    /// Its name with its unit.
    pub fn name(&self) -> &'static str {
        match self.unit {
            1_000_000_000 => "virtual time in s",
            1_000_000 => "virtual time in ms",
            _ => "virtual time in µs",
        }
    }

    /// The times to write, with their texts.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let whole = self.end as f64 / self.unit as f64;
        let step = step(whole / 2.0);
        let count = (whole / step + 1e-9) as u32;
        (0..=count)
            .map(|place| {
                let value = step * f64::from(place);
                (value / whole, written(value, step))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ticks: Vec<(f64, String)>) -> Vec<String> {
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn values_beside_an_axis_are_round() {
        let of = |most: f64| texts(Scale::linear([most].into_iter()).ticks());
        assert_eq!(of(7.3), ["0", "2", "4", "6", "8"]);
        assert_eq!(of(0.23), ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25"]);
        assert_eq!(of(2_345.0), ["0", "500", "1,000", "1,500", "2,000", "2,500"]);
        assert_eq!(of(10_719.0), ["0", "2,000", "4,000", "6,000", "8,000", "10,000", "12,000"]);
        assert_eq!(of(0.0).len(), 6, "nothing has an axis, too");
    }

    #[test]
    fn what_is_far_apart_is_logarithmic() {
        let scale = Scale::fitting([0.3, 40.0].into_iter());
        assert_eq!(
            (texts(scale.ticks()), scale.kind()),
            (vec!["0.1".into(), "1".into(), "10".into(), "100".into()], ", logarithmic")
        );
        assert!((scale.share(1.0) - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(Scale::fitting([1.0, 2.0, 0.0].into_iter()).kind(), "");
    }

    #[test]
    fn time_has_the_unit_that_suits_it() {
        let axis = TimeAxis::new(Time(30_002_153_325));
        assert_eq!(
            (axis.name(), texts(axis.ticks())),
            ("virtual time in s", ["0", "5", "10", "15", "20", "25", "30"].map(String::from).to_vec())
        );
        assert_eq!(TimeAxis::new(Time(2_000_000)).name(), "virtual time in ms");
    }
}
