//! Arithmetic of the protocol, compared with what the Java client computes.

use lingersim::protocol::backoff::Backoff;
use lingersim::protocol::murmur2::{murmur2, to_positive};
use lingersim::protocol::record::{Key, Record};
use lingersim::protocol::size;
use lingersim::values::ids::TopicId;

/// The rows of a table, split at tabs.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

#[test]
fn murmur2_partitions() {
    let mut rows = rows(include_str!("vectors/murmur2_partitions.tsv"));
    let counts: Vec<u32> = rows.next().expect("numbers of partitions").into_iter().map(number).collect();
    let mut cases = 0;
    for row in rows {
        let [key, hash, positive, partitions @ ..] = &row[..] else { panic!("{row:?}") };
        let actual = murmur2(&bytes(key));
        assert_eq!(
            (actual, to_positive(actual)),
            (number::<i32>(hash), number::<u32>(positive)),
            "key {key}"
        );
        let expected: Vec<u32> = partitions.iter().map(|text| number(text)).collect();
        let actual: Vec<u32> = counts.iter().map(|count| to_positive(actual) % count).collect();
        assert_eq!(actual, expected, "key {key}");
        cases += 1;
    }
    assert_eq!(cases, 1_000);
}

#[test]
fn record_sizes() {
    let mut cases = 0;
    for row in rows(include_str!("vectors/record_sizes.tsv")) {
        let &[offset, timestamp, key_len, value_len, headers, expected, record_bound, batch_bound] = &row[..]
        else {
            panic!("{row:?}")
        };
        let headers: Vec<u64> =
            headers.split(' ').filter(|header| !header.is_empty()).map(header_size).collect();
        let record = Record {
            topic: TopicId(0),
            partition: -1,
            key: Key { len: number(key_len), murmur2: 0 },
            value_len: number(value_len),
            headers_bytes: headers.iter().sum::<u64>() as u32,
            headers_count: headers.len() as u32,
            timestamp_ms: -1,
            tag: 0,
        };
        let fixed = record.fixed_bytes();
        assert_eq!(
            size::record(fixed, number(timestamp), number(offset)),
            number::<u64>(expected),
            "{row:?}"
        );
        assert_eq!(size::record_upper_bound(fixed), number::<u64>(record_bound), "{row:?}");
        assert_eq!(size::batch_upper_bound(fixed), number::<u64>(batch_bound), "{row:?}");
        cases += 1;
    }
    assert_eq!(cases, 400);
}

fn header_size(lengths: &str) -> u64 {
    let (name, value) = lengths.split_once(':').expect("name:value");
    size::header(number(name), value.parse().ok())
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
