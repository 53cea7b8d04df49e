//! `kafka-producer-perf-test` on the simulator: the statistics and the lines of Kafka's tool, and what they leave out.

mod decimal;
mod honest;
mod lines;
mod metrics;
mod run;
mod stats;

pub use honest::footnote;
pub use metrics::table as metrics_table;
pub use run::{Test, Tested, run};
pub use stats::Sampling;
