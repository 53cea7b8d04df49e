//! Floor 4: what the applications send and when: arrivals, sizes, keys, recorded traces.

pub mod error;
pub mod payload;
pub mod spec;
pub mod thread;
pub mod trace;

mod arrivals;
mod curve;
mod java_random;
mod keys;
mod sizes;
mod synthetic;
mod varying;
