//! Floor 2: the protocol as pure values and arithmetic: hashes, sizes, errors, messages.

pub mod error;
pub mod message;
pub mod murmur2;
