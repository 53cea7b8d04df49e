//! Records cost no memory: neither drawn ones nor rows of a trace allocate once the thread runs.

#[path = "support/counting.rs"]
mod counting;

use std::fmt::Write;

use lingersim::engine::rng::Streams;
use lingersim::scenario::load::from_text;
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
        handed: Default::default(),
        keys: Keys::Zipf { count: 1_000, exponent_permille: 990, form: KeyForm::Text("user-".to_owned()) },
        topics: vec![(TopicId(0), 1), (TopicId(1), 2)],
        partition: None,
        placement: None,
        headers: Vec::new(),
    });
    assert_eq!(allocations(&source, 20_000), 0);
}

/// A template is rendered again and again into the same memory.
#[test]
fn rendered_values_do_not_allocate() {
    let text = "[workload]\nrate = \"5000/s\"\nkeys = { dist = \"zipf\", count = 100 }\n[workload.payload]\n\
                template = \"{{seq}} {{key}} {{time}} {{time_ms}} {{i}} {{d}} {{c}} {{t}} {{u}} {{b}}\"\n\
                [workload.payload.fields]\ni = { kind = \"integer\", min = -5, max = 5 }\n\
                d = { kind = \"decimal\", min = 0.5, max = 900 }\nc = { kind = \"choice\", of = [\"a\", \"b\"] }\n\
                t = { kind = \"text\", length = 300 }\nu = { kind = \"uuid\" }\nb = { kind = \"boolean\" }\n";
    let loaded = from_text("memory", text.to_owned()).expect("a good scenario");
    let mut thread =
        Plan::new(&loaded.scenario.producers[0].source).thread(&Streams::new(1), 0).expect("a good source");
    let mut out = Vec::with_capacity(10_000);
    let mut take = || {
        out.clear();
        thread.take().expect("endless");
        thread.value_bytes(&mut out);
        thread.key_bytes(&mut out).expect("a key");
    };
    (0..1_000).for_each(|_| take());
    let before = counting::allocations();
    (0..20_000).for_each(|_| take());
    assert_eq!(counting::allocations() - before, 0);
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
