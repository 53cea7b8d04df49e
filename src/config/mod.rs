//! Floor 3: producer configuration: one table of Kafka's keys, the properties syntax, validation, effective values.
//!
//! [`keys`] is the table. [`properties`] reads files, [`check`] does what the client does with the keys and values,
//! and [`producer::ProducerConfig`] is what a producer runs with.

pub mod check;
mod classes;
mod construct;
pub mod effective;
pub mod key;
pub mod keys;
pub mod producer;
pub mod properties;
pub mod rejection;
mod rules;
pub mod value;
pub mod version;
