//! Floor 9: what a finished run tells people and programs. Nothing here depends on the wall clock.

mod accounts;
pub mod bench;
pub mod drawing;
pub mod dump_log;
pub mod explain;
pub mod fault_spans;
mod figures;
pub mod json;
pub mod key_manual;
pub mod key_table;
mod korean;
pub mod lesson;
pub mod look;
pub mod measure;
pub mod metric_table;
mod mishaps;
pub mod moved;
pub mod numbers;
pub mod page;
pub mod perfetto;
pub mod plots;
mod preparation;
pub mod ratios;
pub mod schema;
pub mod settings;
mod shares;
pub mod skew;
pub mod spread;
pub mod text;
pub mod tidy;
pub mod timeline;

#[cfg(test)]
pub(crate) mod sample;

pub use figures::grouped;

use crate::scenario::{Scenario, Setting};
use crate::world::result::RunResult;

/// Everything that a report may speak about.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// Effective values with their origins.
    pub settings: &'a [Setting],
    /// What came out.
    pub result: &'a RunResult,
}
