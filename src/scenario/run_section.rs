//! `[run]`: when a run ends.

use super::section::Section;
use super::{End, LatencyFrom, defaults, limits};
use crate::values::time::Time;

/// Reads `[run]`. `finite`: the workload ends by itself, as a trace does.
pub fn read(mut section: Section<'_, '_>, finite: bool) -> (End, LatencyFrom) {
    let records = section.optional_count("records", 1..=limits::RECORDS);
    let duration = match section.optional_span("duration") {
        None if !finite && !section.has("records") && !section.has("duration") => {
            Some(section.span("duration", defaults::DURATION))
        }
        given => given,
    };
    if let Some(duration) = duration
        && duration.as_nanos() == 0
    {
        section.problem("duration", "is 0: nothing would be sent", "expected a duration above 0");
    }
    let close_timeout = section.optional_span("close-timeout");
    let from = [("intended", LatencyFrom::Intended), ("call", LatencyFrom::Call)];
    let latency_from = section.choice("latency-from", &from, 0);
    section.finish();
    (End { at: duration.map(|span| Time::START + span), records, close_timeout }, latency_from)
}
