//! Floor 9: many runs with a question: what a fault costs under which configuration, and whether anything is ever wrong.

pub mod check;
mod parallel;
pub mod swarm;
pub mod truth_table;
