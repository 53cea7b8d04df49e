//! Floor 10: many runs with a question: what a fault costs under which configuration, and whether anything is ever wrong.

pub mod check;
pub mod compare;
pub mod figures;
mod parallel;
pub mod partitioners;
pub mod perf_test;
pub mod stats;
pub mod swarm;
pub mod sweep;
pub mod truth_table;
pub mod vary;
