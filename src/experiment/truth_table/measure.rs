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
        what: "acked, or written with acks=0, but not in the log",
        unit: Unit::Records,
        of: |result| result.audit.lost,
    },
    Measure {
        name: "duplicated",
        what: "in the log again",
        unit: Unit::Records,
        of: |result| result.audit.duplicates,
    },
    Measure {
        name: "reordered",
        what: "in the log behind a record that was sent later",
        unit: Unit::Records,
        of: |result| result.audit.reordered,
    },
    Measure {
        name: "present",
        what: "reported as failed, but in the log",
        unit: Unit::Records,
        of: |result| result.audit.failed_but_present,
    },
    Measure {
        name: "silence",
        what: "longest time without an acknowledgement while records waited",
        unit: Unit::Nanoseconds,
        of: |result| result.longest_silence.span.as_nanos(),
    },
];
