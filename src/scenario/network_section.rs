//! `[network]`: the links between clients and brokers.

use super::section::Section;
use super::{NetworkSpec, defaults};
use crate::values::units::BitRate;

/// Reads `[network]`.
pub fn read(mut section: Section<'_, '_>) -> NetworkSpec {
    let network = NetworkSpec {
        latency: section.span("latency", defaults::LATENCY),
        jitter: section.span("jitter", defaults::JITTER),
        bits_per_second: section.measure("bandwidth", defaults::BANDWIDTH).0,
        connect: section.span("connect", defaults::CONNECT),
    };
    if section.has("bandwidth") && BitRate(network.bits_per_second) == BitRate(0) {
        section.problem("bandwidth", "is 0: nothing would ever arrive", "expected a bandwidth above 0");
    }
    section.finish();
    network
}
