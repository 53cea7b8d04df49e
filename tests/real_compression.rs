//! Real codecs on real bytes, against what a real producer and a real broker made of the same kind of records.
//!
//! `tests/real/compression.csv` has the points; `docs/real-compression.md` shows the comparison, and these tests hold it to
//! what the simulator really gives.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use lingersim::scenario::load::{Overrides, from_file};

/// How far simulated figures may be from real ones.
const BAND: f64 = 0.05;

/// The real application was late: it compressed with zstd 12 for longer than it had time, and sent in bursts what had
/// piled up, which fills batches.
const EXPLAINED: &str = "c29";

/// A point: what went in, and what came out of the real run.
#[derive(Debug, serde::Deserialize)]
struct Point {
    point: String,
    codec: String,
    level: Option<i32>,
    batch_size: u32,
    rate: u32,
    value_bytes: u32,
    records: u64,
    records_per_batch: f64,
    batch_bytes: f64,
    ratio: f64,
}

/// A point, and what the simulator makes of it.
#[derive(Debug)]
struct Compared {
    real: Point,
    records_per_batch: f64,
    batch_bytes: f64,
    ratio: f64,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn simulate(real: Point) -> Compared {
    let mut set = vec![
        "linger.ms=20".to_owned(),
        format!("batch.size={}", real.batch_size),
        "cluster.partitions=1".to_owned(),
        "workload.arrivals=constant".to_owned(),
        format!("workload.rate={}/s", real.rate),
        format!("workload.value={}B", real.value_bytes),
        "workload.keys=none".to_owned(),
        "workload.payload.content=orders".to_owned(),
    ];
    if real.codec != "none" {
        set.extend([format!("compression.type={}", real.codec), "producer.real-compression=true".to_owned()]);
    }
    set.extend(real.level.map(|level| format!("compression.{}.level={level}", real.codec)));
    let flags = vec![("--records", "run.records", real.records.to_string())];
    let file = root().join("scenarios/measured-one-broker.toml");
    let loaded = from_file(&file, &Overrides { flags, set, ..Overrides::default() });
    let scenario = loaded.unwrap_or_else(|error| panic!("{}: {error}", real.point)).scenario;
    let result = lingersim::world::run(&scenario, &mut |_, _| {}).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(result.populations.acked, real.records, "{}", real.point);
    let metric = |wanted: &str| {
        let metrics = result.producers[0].metrics.iter();
        metrics.clone().find(|(name, _)| *name == wanted).expect("a metric").1
    };
    Compared {
        records_per_batch: result.batch_records as f64 / result.batches as f64,
        batch_bytes: result.batch_bytes as f64 / result.batches as f64,
        ratio: metric("compression-rate-avg"),
        real,
    }
}

static POINTS: LazyLock<Vec<Compared>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_path(root().join("tests/real/compression.csv")).expect("the points");
    reader.deserialize().map(|row| simulate(row.expect("a point"))).collect()
});

#[test]
fn fill_ratio_and_size_of_batches_are_those_of_the_real_producer() {
    for point in POINTS.iter() {
        let off = [
            ("records per batch", point.records_per_batch / point.real.records_per_batch - 1.0),
            ("ratio", point.ratio / point.real.ratio - 1.0),
            ("bytes per batch", point.batch_bytes / point.real.batch_bytes - 1.0),
        ];
        for (what, off) in off {
            let is_within = off.abs() <= BAND;
            let is_explained = point.real.point == EXPLAINED && what == "records per batch";
            assert!(is_within != is_explained, "{}: {what} is off by {:.1} %", point.real.point, off * 100.0);
        }
    }
    assert_eq!(POINTS.len(), 26);
}

#[test]
fn the_document_has_these_figures() {
    let mut table = String::from(
        "| point | codec | values | `batch.size` | records/batch | real | off | ratio | real | off |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for point in POINTS.iter() {
        let Compared { real, records_per_batch, ratio, .. } = point;
        let codec = match real.level {
            Some(level) => format!("{} {level}", real.codec),
            None => real.codec.clone(),
        };
        let off = |simulated: f64, real: f64| format!("{:+.1} %", (simulated / real - 1.0) * 100.0);
        let _ = writeln!(
            table,
            "| {} | {codec} | {} B | {} | {records_per_batch:.1} | {:.1} | {} | {ratio:.3} | {:.3} | {} |",
            real.point,
            real.value_bytes,
            real.batch_size,
            real.records_per_batch,
            off(*records_per_batch, real.records_per_batch),
            real.ratio,
            off(*ratio, real.ratio),
        );
    }
    let path = root().join("docs/real-compression.md");
    let document = std::fs::read_to_string(path).expect("docs/real-compression.md");
    if !document.contains(&table) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-compression.md");
        std::fs::write(&file, &table).expect("a scratch file");
        panic!("docs/real-compression.md has other figures than {}", file.display());
    }
}
