//! Rules of the producer that a small script shows better than a trace. A test names the rules that it holds, in its
//! own name or above it (see `tests/rules.rs`).

mod client;
mod load;
mod metadata;
mod published;
mod send;
mod sender;
mod sequences;
