//! Floor 4: brokers, partitions and replication: the other state machine.

pub mod spec;
