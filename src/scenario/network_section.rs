//! `[network]`: the links between clients and brokers.

use super::section::Section;
use super::tree::Value;
use super::{NetworkSpec, defaults};

/// Reads `[network]`.
pub fn read(mut section: Section<'_, '_>) -> NetworkSpec {
    let network = NetworkSpec {
        latency: section.span("latency", defaults::LATENCY),
        jitter: section.span("jitter", defaults::JITTER),
        bits_per_second: bits_per_second(&mut section),
        connect: section.span("connect", defaults::CONNECT),
    };
    section.finish();
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
