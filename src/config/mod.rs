//! Floor 3: producer configuration: one table of Kafka's keys, the properties syntax, validation, effective values.

pub mod producer;
