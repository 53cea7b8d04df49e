//! Floor 2: the protocol as pure values and arithmetic: hashes, sizes, errors, messages.

pub mod backoff;
pub mod compression;
pub mod error;
pub mod jvm;
pub mod key_hash;
pub mod message;
pub mod murmur2;
pub mod record;
pub mod size;
pub mod varint;
