//! Floor 0: plain values. Nothing here knows about Kafka's behaviour or about the simulation.

pub mod excerpt;
pub mod file;
pub mod ids;
pub mod nearest;
pub mod quantity;
pub mod time;
pub mod units;
