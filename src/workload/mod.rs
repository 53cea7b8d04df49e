//! Floor 4: what the applications send and when: arrivals, sizes, keys, recorded traces.

pub mod spec;
