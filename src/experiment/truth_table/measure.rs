//! What is measured in every run: the one place that knows what a [`RunResult`] has to say.

use crate::world::result::RunResult;

/// What a measure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Records. Runs in which there are any are a share of all.
    Records,
    /// Nanoseconds, of which only the mean is told, in seconds.
    Nanoseconds,
}

/// One measure.
#[derive(Debug)]
pub struct Measure {
    /// Name in every report.
    pub name: &'static str,
    /// What it means.
    pub what: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Its value for a run.
    pub of: fn(&RunResult) -> u64,
}

/// All of them, in the order of the table.
pub const MEASURES: &[Measure] = &[
    Measure {
        name: "lost",
        what: "acked, and at the end in no log: at least so many",
        unit: Unit::Records,
        of: lost,
    },
    Measure {
        name: "duplicated",
        what: "in the log once more than they were sent: at least so many",
        unit: Unit::Records,
        of: duplicated,
    },
    Measure {
        name: "unknown",
        what: "failed, but may be in the log",
        unit: Unit::Records,
        of: |result| result.populations.unknown,
    },
    Measure {
        name: "failed",
        what: "failed, and certainly in no log",
        unit: Unit::Records,
        of: |result| result.populations.failed + result.populations.refused,
    },
    Measure {
        name: "longest",
        what: "longest time from the send of an acked record to its result",
        unit: Unit::Nanoseconds,
        of: |result| result.latency.max(),
    },
];

/// What is acked beyond the ends of the logs.
fn lost(result: &RunResult) -> u64 {
    result.partitions.iter().map(|partition| partition.records.saturating_sub(partition.log_end)).sum()
}

/// What the logs have beyond all records that may be in them.
fn duplicated(result: &RunResult) -> u64 {
    let logged: u64 = result.partitions.iter().map(|partition| partition.log_end).sum();
    let populations = result.populations;
    logged.saturating_sub(populations.acked + populations.unknown + populations.pending)
}
