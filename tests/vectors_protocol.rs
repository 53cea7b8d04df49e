//! Arithmetic of the protocol, compared with what the Java client computes.

use std::path::Path;

use lingersim::conform::{self, Codecs};
use lingersim::protocol::backoff::Backoff;

/// The rows of a table, split at tabs.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// Every row of a table of vectors, computed again.
fn agrees(table: &str, rows: usize) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{table}.jsonl.gz"));
    let report = conform::run(&[file], Codecs::Recorded).expect("vectors");
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
fn exponential_backoff() {
    let mut cases = 0;
    for row in rows(include_str!("vectors/backoff.tsv")) {
        let &[initial, multiplier, max, jitter, samples] = &row[..] else { panic!("{row:?}") };
        let (initial, max): (i64, i64) = (number(initial), number(max));
        let (multiplier, jitter) = (number(multiplier), number(jitter));
        let backoff = Backoff::with(initial, multiplier, max, jitter);
        for sample in samples.split(' ') {
            let [attempts, unit, expected] = sample.split(':').collect::<Vec<_>>()[..] else {
                panic!("{sample}")
            };
            let unit = if unit.is_empty() { 0.5 } else { number(unit) };
            let (attempts, expected): (u32, i64) = (number(attempts), number(expected));
            let actual = backoff.after(attempts, unit);
            // Where the power reaches the maximum, another logarithm may end a hair below.
            let at_the_maximum =
                initial as f64 * (multiplier as f64).powi(attempts.min(64) as i32) >= max as f64;
            let tolerance = i64::from(at_the_maximum);
            assert!(
                (actual - expected).abs() <= tolerance,
                "{sample}, but {actual}: {initial} {max} {jitter}"
            );
        }
        cases += 1;
    }
    assert_eq!(cases, 120);
}

/// With the multiplier and the jitter that every backoff of the client has, not even the last millisecond differs.
#[test]
fn the_clients_own_backoff_is_exact() {
    let mut samples_compared = 0;
    for row in rows(include_str!("vectors/backoff.tsv")).filter(|row| row[1] == "2" && row[3] == "0.2") {
        let backoff = Backoff::new(number(row[0]), number(row[2]));
        for sample in row[4].split(' ') {
            let [attempts, unit, expected] = sample.split(':').collect::<Vec<_>>()[..] else {
                panic!("{sample}")
            };
            let unit = if unit.is_empty() { 0.5 } else { number(unit) };
            assert_eq!(backoff.after(number(attempts), unit), number::<i64>(expected), "{sample} of {row:?}");
            samples_compared += 1;
        }
    }
    assert!(samples_compared > 200, "{samples_compared}");
}
