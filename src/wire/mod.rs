//! Floor 3: bytes as they are on the wire and in a log: record batches of format v2, their codecs, produce requests.
//!
//! The simulation decides by sizes and does without any of this until somebody wants bytes: real compression, a dump of a
//! log, a driver on a real network.

pub mod batch;
pub mod codec;
pub mod curve;
pub mod header;
pub mod read;
pub mod record;
pub mod request;

mod varint;

use std::fmt;

/// What is wrong with bytes, or with what should become bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The Java client throws an `IllegalArgumentException` with this message.
    IllegalArgument(String),
    /// Bytes that are no record batch, or not a whole one.
    Corrupt(String),
}

impl WireError {
    fn illegal<T>(message: impl Into<String>) -> Result<T, WireError> {
        Err(WireError::IllegalArgument(message.into()))
    }

    fn corrupt<T>(message: impl Into<String>) -> Result<T, WireError> {
        Err(WireError::Corrupt(message.into()))
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WireError::IllegalArgument(message) | WireError::Corrupt(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for WireError {}
