//! Floor 6: the driver: one clock, one producer per client, one cluster, the links between them.

pub mod result;
