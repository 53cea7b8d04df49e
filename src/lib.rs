//! lingersim: a deterministic simulator of Apache Kafka producers.

#[doc(hidden)]
pub mod planted;
pub mod values;

pub mod engine;

pub mod protocol;

pub mod audit;
pub mod config;
pub mod registry;
pub mod serializer;
pub mod wire;

pub mod cluster;
pub mod producer;
pub mod workload;

pub mod metric;

pub mod scenario;

pub mod world;

pub mod conform;
pub mod recording;
pub mod report;

pub mod experiment;

pub mod cli;
