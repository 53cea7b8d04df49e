//! `[network]`: the links between clients and brokers.

use super::section::Section;
use super::tree::Value;
use super::{NetworkSpec, defaults};
use crate::cluster::spec::ClusterSpec;
use crate::values::time::Span;

/// Reads `[network]`. Recorded response times have the way there and back in
/// them, so that latency and jitter do not count with them.
pub fn read(mut section: Section<'_, '_>, cluster: &ClusterSpec) -> NetworkSpec {
    let mut network = NetworkSpec {
        latency: section.span("latency", defaults::LATENCY),
        jitter: section.span("jitter", defaults::JITTER),
        bits_per_second: bits_per_second(&mut section),
        connect: section.span("connect", defaults::CONNECT),
    };
    section.finish();
    if cluster.brokers.iter().any(|broker| broker.recorded.is_some()) {
        (network.latency, network.jitter) = (Span::ZERO, Span::ZERO);
    }
    network
}

/// A bandwidth, or the word for none, which is 0 in a [`NetworkSpec`].
fn bits_per_second(section: &mut Section<'_, '_>) -> u64 {
    const UNLIMITED: &str = "unlimited";
    if let Some(entry) = section.entry("bandwidth")
        && let Value::Text(text) | Value::Argument(text) = &entry.node.value
        && text == UNLIMITED
    {
        let name = section.name("bandwidth");
        section.intake.given(name, UNLIMITED.to_owned(), entry.node.place);
        return 0;
    }
    let bits_per_second = section.measure("bandwidth", defaults::BANDWIDTH).0;
    if bits_per_second == 0 {
        section.problem(
            "bandwidth",
            "is 0: nothing would ever arrive",
            "expected a bandwidth, or \"unlimited\"",
        );
    }
    bits_per_second
}
