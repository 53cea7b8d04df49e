//! Floor 5: the names of all figures that a gate, a comparison or a sweep may speak of, with unit and direction. Kafka's own
//! have Kafka's names; ours begin with `sim-`.

mod expression;
mod kafka;
mod own;
mod reference;
mod wanted;

pub use expression::{Comparison, Condition, Expression, ExpressionError, Stat};
pub use reference::{MetricError, MetricRef};
pub use wanted::Wanted;

/// What a figure measures, and in which unit it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// A number of things.
    Count,
    /// Things per second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Nanoseconds.
    Nanos,
    /// A share or a ratio, 1 is 100 %.
    Ratio,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less of it.
    Lower,
    /// More of it.
    Higher,
    /// Neither: a change is only told.
    Neither,
}

/// How the figures of several producers become one, and which statistics there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows; producers add up. Has `value` and `rate`.
    Counter,
    /// A number as it is; of several producers the sum.
    Sum,
    /// A number as it is; of several producers the largest.
    Largest,
    /// A number as it is; of several producers the mean.
    Mean,
    /// Many values: `min`, `max`, `avg`, `med`, `stddev`, `p(q)`, `count`.
    Distribution,
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What kind it is.
    pub kind: Kind,
    /// Its unit.
    pub dimension: Dimension,
    /// Which way is better.
    pub better: Better,
    /// Labels that it needs or may have: `reason`, `client-id`, `partition`.
    pub labels: &'static [&'static str],
    /// Only a whole run has it, not a part of one.
    pub whole_run: bool,
    /// What it is, in a line.
    pub doc: &'static str,
}

impl Metric {
    /// All of them: ours, then Kafka's.
    pub fn all() -> impl Iterator<Item = &'static Metric> {
        own::METRICS.iter().chain(kafka::METRICS)
    }

    /// The metric with this name.
    pub fn find(name: &str) -> Option<&'static Metric> {
        Metric::all().find(|metric| metric.name == name)
    }

    /// Whether it is one of the client's own, which JMX shows.
    pub fn is_kafka(&self) -> bool {
        !self.name.starts_with("sim-")
    }
}

impl Dimension {
    /// The unit in which figures are told.
    pub const fn unit(self) -> &'static str {
        match self {
            Dimension::Count | Dimension::Ratio => "",
            Dimension::PerSecond => "/s",
            Dimension::Bytes => "B",
            Dimension::Millis => "ms",
            Dimension::Seconds => "s",
            Dimension::Nanos => "ns",
        }
    }

    /// What a figure has to be divided by, to be in its own unit when it is given in this one.
    pub(crate) fn factor(self, unit: &str) -> Option<f64> {
        const TIMES: [(&str, f64); 6] =
            [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 6e10), ("h", 3.6e12)];
        const SIZES: [(&str, f64); 7] = [
            ("B", 1.0),
            ("kB", 1e3),
            ("KiB", 1024.0),
            ("MB", 1e6),
            ("MiB", 1_048_576.0),
            ("GB", 1e9),
            ("GiB", 1_073_741_824.0),
        ];
        let of = |units: &[(&str, f64)]| units.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
        match self {
            _ if unit.is_empty() => Some(1.0),
            Dimension::Count => None,
            Dimension::Ratio => (unit == "%").then_some(0.01),
            Dimension::PerSecond => (unit == "/s").then_some(1.0),
            Dimension::Bytes => of(&SIZES),
            Dimension::Millis => of(&TIMES).map(|ns| ns / 1e6),
            Dimension::Seconds => of(&TIMES).map(|ns| ns / 1e9),
            Dimension::Nanos => of(&TIMES),
        }
    }

    /// A number, perhaps with a unit of this dimension, in the unit in which figures are told.
    pub fn parse(self, text: &str) -> Option<f64> {
        let text = text.trim();
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let end = text.find(|c: char| !is_number(c)).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let value = number.replace('_', "").parse::<f64>().ok().filter(|value| value.is_finite())?;
        self.factor(unit.trim()).map(|factor| value * factor)
    }

    /// The units that a limit may have.
    pub(crate) const fn units(self) -> &'static str {
        match self {
            Dimension::Count => "a plain number",
            Dimension::Ratio => "a plain number (1 is all) or %",
            Dimension::PerSecond => "a number of things per second, perhaps with /s",
            Dimension::Bytes => "a size: B, kB, KiB, MB, MiB, GB, GiB",
            Dimension::Millis | Dimension::Seconds | Dimension::Nanos => "a duration: ns, us, ms, s, min, h",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_tell_whose_they_are() {
        let names: BTreeSet<&str> = Metric::all().map(|metric| metric.name).collect();
        assert_eq!(names.len(), Metric::all().count());
        assert!(own::METRICS.iter().all(|metric| !metric.is_kafka()));
        assert!(kafka::METRICS.iter().all(Metric::is_kafka));
    }

    #[test]
    fn units_convert_into_those_of_the_metric() {
        assert_eq!(Dimension::Millis.factor("s"), Some(1_000.0));
        assert_eq!(Dimension::Seconds.factor("ms"), Some(0.001));
        assert_eq!(Dimension::Ratio.factor("%"), Some(0.01));
        assert_eq!(Dimension::Count.factor("ms"), None);
    }
}
