//! Records cost no memory: neither drawn ones nor rows of a trace allocate once the thread runs.

#[path = "support/counting.rs"]
mod counting;

use std::fmt::Write;

use lingersim::engine::rng::Streams;
use lingersim::values::ids::TopicId;
use lingersim::workload::payload::fill::Fill;
use lingersim::workload::spec::{Arrivals, KeyForm, Keys, Pace, Sizes, Source, Synthetic, TraceFile};
use lingersim::workload::thread::Plan;

/// Allocations made by taking all but the first hundred of `records` records.
fn allocations(source: &Source, records: usize) -> u64 {
    let mut thread = Plan::new(source).thread(&Streams::new(1), 0).expect("a good source");
    let mut take = || thread.take().map(|record| record.tag).expect("enough records");
    for _ in 0..100 {
        take();
    }
    let before = counting::allocations();
    for _ in 100..records {
        take();
    }
    counting::allocations() - before
}

#[test]
fn drawn_records_do_not_allocate() {
    let source = Source::Synthetic(Synthetic {
        pace: Pace::Open(Arrivals::Poisson { per_1000_s: 5_000_000 }),
        value_bytes: Sizes::LogNormal { median: 100, p99: 1_000, max: 10_000 },
        fill: Fill::Zeros,
        keys: Keys::Zipf { count: 1_000, exponent_permille: 990, form: KeyForm::Text("user-".to_owned()) },
        topics: vec![(TopicId(0), 1), (TopicId(1), 2)],
        partition: None,
        placement: None,
        headers: Vec::new(),
    });
    assert_eq!(allocations(&source, 20_000), 0);
}

#[test]
fn rows_of_a_trace_do_not_allocate() {
    let mut content = "t_us,topic,key,value_len,partition\n".to_owned();
    for row in 0..20_000u64 {
        writeln!(content, "{},events,user-{:09},{},", row * 100, row * 7919 % 1_000_000, row % 4_000)
            .expect("writing to a string");
    }
    let path = std::env::temp_dir().join(format!("lingersim-memory-{}.csv", std::process::id()));
    std::fs::write(&path, content).expect("a writable folder for temporary files");
    let source = Source::Trace(TraceFile {
        path: path.clone(),
        default_topic: TopicId(0),
        topics: vec!["events".to_owned()],
        partitions: vec![6],
        late: None,
        ignore_keys: false,
        fill: Fill::Zeros,
    });
    assert_eq!(allocations(&source, 20_000), 0);
    std::fs::remove_file(path).expect("the file is there");
}
