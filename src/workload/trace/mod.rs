//! Recorded traces: CSV files whose columns are found by their header names, read as the run goes.
//!
//! | columns | meaning |
//! |---|---|
//! | `t_ns` `t_us` `t_ms`, `time_ns` `time_us` `time_ms` | time since the start of the run; needed |
//! | `timestamp_ms` | the same as epoch time: the first row is the start |
//! | `value_len`, `value_bytes`, `size` | bytes of the value, empty or -1 for null; needed |
//! | `topic` | a topic of the run; empty or without the column: the default topic |
//! | `key` | the key as text, empty for a null key |
//! | `key_hash`, `key_len` | instead of `key`: murmur2 as signed or unsigned 32-bit number, empty for a null key, and bytes (8 without the column) |
//! | `partition` | explicit partition, empty or -1 for none |
//! | `headers_count`, `headers_bytes` or `headers_len` | number of headers and their encoded bytes, length prefixes included |
//!
//! Rows come in order of time. Only one row is in memory at any time.

pub mod reader;

mod columns;
mod fields;
mod rows;

pub(crate) use columns::needed;
pub(crate) use reader::open;
