//! Segments and retention: keys of `[cluster]` (by the broker's names) and of `[[cluster.topic]]`.

use std::ops::RangeInclusive;

use super::defaults;
use super::section::Section;
use crate::cluster::spec::{LogSpec, RetentionSpec};
use crate::values::time::Span;

/// Brokers before 4.0 took segments of 14 bytes and more.
const SEGMENT_BYTES: RangeInclusive<u64> = 14..=i32::MAX as u64;

/// What brokers do with their logs.
pub fn logs(section: &mut Section<'_, '_>) -> LogSpec {
    let interval = defaults::RETENTION_CHECK_INTERVAL_MS;
    LogSpec {
        retention_check_interval: section.millis("log.retention.check.interval.ms", interval),
        segment_roll: section.span("segment-roll", Span::ZERO),
        producers_go_with_records: section.choice(
            "producer-state",
            &[("kept", false), ("with-records", true)],
            0,
        ),
    }
}

/// What topics keep that do not say.
pub fn of_cluster(section: &mut Section<'_, '_>) -> RetentionSpec {
    RetentionSpec {
        segment_bytes: section.count("log.segment.bytes", SEGMENT_BYTES, defaults::SEGMENT_BYTES),
        segment: section.millis("log.roll.ms", defaults::SEGMENT_MS),
        retention_bytes: section.limit("log.retention.bytes", None),
        retention: section.limit("log.retention.ms", Some(defaults::SEGMENT_MS)).map(Span::from_millis),
    }
}

/// What one topic keeps.
pub fn of_topic(section: &mut Section<'_, '_>, usual: RetentionSpec) -> RetentionSpec {
    let segment = if section.has("segment.ms") {
        section.millis("segment.ms", defaults::SEGMENT_MS)
    } else {
        usual.segment
    };
    let in_time = |limit: Option<u64>| limit.map(Span::from_millis);
    RetentionSpec {
        segment_bytes: section.optional_count("segment.bytes", SEGMENT_BYTES).unwrap_or(usual.segment_bytes),
        segment,
        retention_bytes: section.optional_limit("retention.bytes").unwrap_or(usual.retention_bytes),
        retention: section.optional_limit("retention.ms").map_or(usual.retention, in_time),
    }
}
