//! Floor 1: tools that have never heard of Kafka: event queue, random streams, distributions, digest.

pub mod alias;
pub mod digest;
pub mod dist;
pub mod queue;
pub mod rng;
pub mod wakes;
