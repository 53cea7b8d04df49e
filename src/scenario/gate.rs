//! What a scenario's author holds a run to: plain checked values. `lingersim check` evaluates them.

use std::ops::RangeInclusive;

use crate::metric::{Expression, MetricRef};
use crate::values::time::{Span, Time};

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Of which figure.
    pub metric: MetricRef,
    /// What has to hold.
    pub expression: Expression,
    /// In which part of the run; `None`: in all of it.
    pub during: Option<During>,
    /// Of which partitions; `None`: of all together.
    pub places: Option<GatePlaces>,
    /// What it means if it does not hold.
    pub level: Level,
    /// Of several seeds, which.
    pub seeds: OverSeeds,
    /// A part of the run without any value is no error.
    pub allow_empty: bool,
    /// Why it is there.
    pub why: Option<String>,
    /// Where it stands.
    pub spot: Spot,
}

/// A part of a run. Faults are given by their index in the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum During {
    /// From the first instant, to the second without it; `None`: to the end.
    Between(Time, Option<Time>),
    /// As long as a fault lasts.
    Fault(usize),
    /// From the end of a fault to the end of the run.
    Recovery(usize),
}

/// Partitions of one topic or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatePlaces {
    /// Index of the topic; `None`: each.
    pub topic: Option<u32>,
    /// Which partitions.
    pub partitions: RangeInclusive<u32>,
    /// The gate has to hold for each of them, not for all together.
    pub each: bool,
}

/// What a gate that does not hold means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The check fails.
    Error,
    /// It is told.
    Warn,
    /// Nothing: the gate is not looked at.
    Off,
}

/// For which of several seeds a gate has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverSeeds {
    /// For each: the worst one counts.
    Worst,
    /// For the median of the values.
    Median,
    /// For at least so many of 1000.
    Share(u32),
}

/// A place in a file, for those who show it there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// The file as it was named, or the argument.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// `[check]`: how a scenario is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSpec {
    /// Runs, with seeds from that of the scenario on.
    pub seeds: u32,
    /// How a run is compared with its baseline.
    pub baseline: BaselineMode,
    /// Changes up to this are none, where a metric has no tolerance of its own.
    pub tolerance: Tolerance,
    /// Metrics with a tolerance of their own.
    pub tolerances: Vec<(String, Tolerance)>,
    /// Promises of the configuration that may be broken, as Kafka itself does not keep them here.
    pub may_break: Vec<&'static str>,
}

/// What a configuration can promise.
pub const PROMISES: [&str; 5] = ["no-loss", "no-duplicates", "no-reordering", "no-gaps", "no-late-start"];

/// How a run is compared with its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineMode {
    /// Nothing may have changed at all: the digests are equal.
    Exact,
    /// No metric is worse by more than its tolerance.
    Tolerance,
    /// There is no baseline.
    Off,
}

/// A change counts only if it is beyond both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// As a share of the old value.
    pub relative: f64,
    /// In the unit of the metric.
    pub absolute: f64,
}

impl Default for CheckSpec {
    fn default() -> CheckSpec {
        CheckSpec {
            seeds: 1,
            baseline: BaselineMode::Exact,
            tolerance: Tolerance { relative: 0.02, absolute: 0.0 },
            tolerances: Vec::new(),
            may_break: Vec::new(),
        }
    }
}

impl During {
    /// As a gate says it.
    pub fn text(&self, faults: &[super::fault::Fault]) -> String {
        let name = |index: &usize| {
            let fault = faults.get(*index);
            fault.map_or_else(String::new, |fault| fault.name.clone().unwrap_or_else(|| fault.said.clone()))
        };
        match self {
            During::Between(start, None) => format!("{}..", Span(start.0)),
            During::Between(start, Some(end)) => format!("{}..{}", Span(start.0), Span(end.0)),
            During::Fault(index) => format!("fault:{}", name(index)),
            During::Recovery(index) => format!("recovery:{}", name(index)),
        }
    }
}
