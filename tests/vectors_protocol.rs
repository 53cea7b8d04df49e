//! Arithmetic of the protocol, compared with what the Java client computes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use lingersim::conform::{self, Codecs};
use lingersim::protocol::backoff::Backoff;
use serde_json::Value;

fn path(table: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{table}.jsonl.gz"))
}

/// Every row of a table of vectors, computed again.
fn agrees(table: &str, rows: usize) {
    let report = conform::run(&[path(table)], Codecs::Recorded).expect("vectors");
    assert_eq!((report.passed, report.failed, report.skipped), (rows, 0, 0), "\n{}", report.text);
}

#[test]
fn murmur2_partitions() {
    agrees("murmur2_partitions", 1_000);
}

#[test]
fn record_sizes() {
    agrees("record_sizes", 400);
}

#[test]
fn record_batches() {
    agrees("record_batches", 500);
}

#[test]
fn compression_estimator() {
    agrees("compression_estimator", 60);
}

#[test]
fn produce_requests() {
    agrees("produce_requests", 150);
}

#[test]
fn serializers() {
    agrees("serializers", 400);
}

#[test]
fn exponential_backoff() {
    agrees("backoff", 120);
}

/// With the multiplier and the jitter that every backoff of the client has, not even the last millisecond differs.
#[test]
fn the_clients_own_backoff_is_exact() {
    let file = File::open(path("backoff")).expect("the file is there");
    let mut samples_compared = 0;
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        let row: Value = serde_json::from_str(&line.expect("a line")).expect("a row");
        if (row["multiplier"].as_i64(), row["jitter"].as_f64()) != (Some(2), Some(0.2)) {
            continue;
        }
        let ms = |name: &str| row[name].as_i64().expect("a time");
        let backoff = Backoff::new(ms("initial_ms"), ms("max_ms"));
        for sample in row["samples"].as_array().expect("samples") {
            let attempts = sample["attempts"].as_u64().expect("a count") as u32;
            let unit = sample["unit"].as_f64().unwrap_or(0.5);
            assert_eq!(
                Some(backoff.after(attempts, unit)),
                sample["backoff_ms"].as_i64(),
                "{sample} of {row}"
            );
            samples_compared += 1;
        }
    }
    assert!(samples_compared > 200, "{samples_compared}");
}
