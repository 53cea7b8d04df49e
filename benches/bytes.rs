//! Runs that keep the bytes of records and compress them, against runs that know sizes only.
//!
//! Machines are noisy, so the figure is a ratio: the time of a run of race case W1 with order events of 1000 B as values, over
//! that of the same run by sizes. `cargo bench --bench bytes`.

#![expect(clippy::disallowed_methods, reason = "a bench measures wall time")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use lingersim::scenario::Scenario;
use lingersim::scenario::load::{Overrides, from_file};

const RECORDS: u64 = 100_000;
const ROUNDS: usize = 3;

fn scenario(set: &[&str]) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/bench/W1.toml");
    let usual = ["workload.value=1000B", "workload.payload.content=orders"];
    let set = usual.iter().chain(set).map(|pair| (*pair).to_owned()).collect();
    let flags = vec![("--records", "run.records", RECORDS.to_string())];
    let overrides = Overrides { flags, set, ..Overrides::default() };
    from_file(&file, &overrides).unwrap_or_else(|error| panic!("{error}")).scenario
}

/// Seconds of the quickest of some runs.
fn seconds(scenario: &Scenario) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let result = lingersim::world::run(scenario, &mut |_, _| {});
        best = best.min(start.elapsed().as_secs_f64());
        black_box(result).unwrap_or_else(|error| panic!("{error:?}"));
    }
    best
}

fn main() {
    let sizes = seconds(&scenario(&[]));
    println!("sizes only              {:>12.0} records/s   1.00", RECORDS as f64 / sizes);
    let interceptor = "producer.interceptors=[{ kind = \"count\" }]";
    let counted = seconds(&scenario(&[interceptor]));
    println!("an interceptor          {:>12.0} records/s {:>6.2}", RECORDS as f64 / counted, counted / sizes);
    for (codec, level) in [
        ("gzip", None),
        ("snappy", None),
        ("lz4", None),
        ("lz4", Some(17)),
        ("zstd", None),
        ("zstd", Some(12)),
    ] {
        let mut set = vec![format!("compression.type={codec}"), "producer.real-compression=true".to_owned()];
        set.extend(level.map(|level| format!("compression.{codec}.level={level}")));
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let bytes = seconds(&scenario(&set));
        let name = level.map_or(codec.to_owned(), |level| format!("{codec} {level}"));
        println!("real {name:<18} {:>12.0} records/s {:>6.2}", RECORDS as f64 / bytes, bytes / sizes);
    }
}
