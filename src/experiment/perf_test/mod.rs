//! `kafka-producer-perf-test` on the simulator: the statistics and the lines of Kafka's tool.

mod decimal;
mod lines;
mod stats;

pub use stats::{Completed, Sampling, Stats};
