//! The figures of a comparison, in the order of its table.

/// Where records went, and what the logs have: these come first, as figures of different populations do not compare.
pub(super) const POPULATIONS: &[&str] = &[
    "sim-offered-records",
    "sim-acked-records",
    "sim-failed-records",
    "sim-unknown-records",
    "sim-refused-records",
    "sim-pending-records",
    "sim-lost-records",
    "sim-duplicate-records",
    "sim-reordered-records",
];

/// All of them: figure and the group that it is shown in.
pub const ROWS: &[(&str, &[&str])] = &[
    ("Records", POPULATIONS),
    (
        "Latency of acked records",
        &[
            "sim-record-latency avg",
            "sim-record-latency p(50)",
            "sim-record-latency p(99)",
            "sim-record-latency p(99.9)",
            "sim-record-latency max",
        ],
    ),
    (
        "Work",
        &[
            "sim-throughput",
            "sim-requests",
            "sim-batches",
            "sim-batch-bytes",
            "sim-records-per-batch avg",
            "sim-batches-per-request",
            "record-retry-total",
        ],
    ),
    (
        "Waiting",
        &["sim-first-record-wait avg", "request-latency-avg", "sim-blocked-time", "sim-longest-silence"],
    ),
    ("Spread over partitions", &["sim-partition-skew", "sim-empty-partitions"]),
    (
        "Batches left by",
        &[
            "sim-batches-left-ratio{reason=full}",
            "sim-batches-left-ratio{reason=linger}",
            "sim-batches-left-ratio{reason=memory}",
            "sim-batches-left-ratio{reason=flush}",
            "sim-batches-left-ratio{reason=close}",
            "sim-batches-left-ratio{reason=piggyback}",
        ],
    ),
];

/// How a figure is called in a table, and its decimals follow from its size.
pub(super) fn label(name: &str) -> String {
    if let Some(reason) = name.strip_prefix("sim-batches-left-ratio{reason=") {
        return reason.trim_end_matches('}').to_owned();
    }
    let known = [
        ("sim-record-latency avg", "mean ms"),
        ("sim-record-latency p(50)", "p50 ms"),
        ("sim-record-latency p(99)", "p99 ms"),
        ("sim-record-latency p(99.9)", "p99.9 ms"),
        ("sim-record-latency max", "max ms"),
        ("sim-throughput", "acked records/s"),
        ("sim-requests", "requests"),
        ("sim-batches", "batches"),
        ("sim-batch-bytes", "bytes of batches"),
        ("sim-records-per-batch avg", "records a batch"),
        ("sim-batches-per-request", "batches a request"),
        ("sim-first-record-wait avg", "in accumulator ms"),
        ("request-latency-avg", "request latency ms"),
        ("sim-blocked-time", "blocked in send s"),
        ("sim-longest-silence", "longest silence ms"),
        ("sim-partition-skew", "fullest by mean"),
        ("sim-empty-partitions", "empty partitions"),
    ];
    let found = known.iter().find(|(other, _)| *other == name);
    let plain = || name.trim_start_matches("sim-").trim_end_matches("-records").to_owned();
    found.map_or_else(plain, |(_, label)| (*label).to_owned())
}
