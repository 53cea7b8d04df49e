//! Floor 3: Confluent's Schema Registry and its Java client, as state machines without clock or socket.
//!
//! [`store::Registry`] is the server, [`client::Client`] what a serializer does per record, and between them stands a
//! driver that carries a [`client::Request`] and its answer. [`schema`], [`types`], [`parse`] and [`canonical`] are Avro
//! as Java has it, [`compatibility`] the registry's rules, [`avro`] the bytes of a record, [`export`] a real registry's
//! content as text.
//!
//! Rules are those of Confluent Platform 8.5 (schema-registry 8.5.0) with Avro 1.12.2, unless a comment says otherwise;
//! [`error::Generation`] has what Platform 7 does differently. Avro schemas are checked and compared; of JSON Schema
//! and Protobuf only identity is known, see [`registered::Registered::note`].

pub mod avro;
pub mod cache;
pub mod canonical;
pub mod client;
pub mod compatibility;
pub mod defaults;
pub mod error;
pub mod exception;
pub mod export;
pub mod naming;
pub mod parse;
pub mod problem;
pub mod registered;
pub mod schema;
pub mod settings;
pub mod store;
pub mod types;

/// Longest text of a schema that is read, in bytes. The real registry's limit is Kafka's `max.message.bytes`.
pub const MAX_SCHEMA_BYTES: usize = 1_000_000;

/// How deep types may stand in each other, a reference to a type that is already defined not counted.
pub const MAX_NESTING: usize = 64;

/// Most schemas that a registry holds, deleted ones included.
pub const MAX_SCHEMAS: usize = 100_000;
