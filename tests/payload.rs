//! What values consist of: fills, templates and files, from a scenario to the bytes of a record.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lingersim::engine::rng::{Streams, mix};
use lingersim::protocol::record::{Key, Record};
use lingersim::scenario::load::{Overrides, from_file, from_text};
use lingersim::workload::payload::fill::Fill;
use lingersim::workload::spec::Source;
use lingersim::workload::thread::{Plan, ThreadWorkload, VirtualValue};
use serde_json::Value;
use support::{load, run};

const WORKLOAD: &str = "[workload]\nrate = \"2000/s\"\nvalue = { dist = \"uniform\", min = \"0B\", max = \"600B\" }\n\
                        keys = { dist = \"zipf\", count = 50, prefix = \"user-\" }\n";

const TEMPLATE: &str = r#"[workload]
rate = "2000/s"
arrivals = "constant"
keys = { dist = "uniform", count = 50, prefix = "user-" }

[workload.payload]
json = true
template = '''{"id": {{seq}}, "user": "{{key}}", "amount": {{amount}}, "city": "{{city}}", "at": "{{time}}",
 "ms": {{time_ms}}, "note": "{{note}}", "again": {{amount}}, "gift": {{ gift }}, "trace": "{{trace}}", "n": {{n}}}'''

[workload.payload.fields]
amount = { kind = "decimal", min = -1.5, max = 1999.99, digits = 3 }
city = { kind = "choice", of = ["Seoul", "Busan", "Daegu"], weights = [6, 3, 1] }
note = { kind = "text", length = { min = 10, max = 30 } }
gift = { kind = "boolean", share = "20%" }
trace = { kind = "uuid" }
n = { kind = "integer", min = -3, max = 3 }
"#;

/// The first thread of the first producer of a scenario.
fn thread_of(text: &str, entity: u32) -> ThreadWorkload {
    let loaded = from_text("payload", text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
    start(&loaded.scenario.producers[0].source, entity)
}

fn start(source: &Source, entity: u32) -> ThreadWorkload {
    Plan::new(source).thread(&Streams::new(1), entity).expect("a good source")
}

fn value(thread: &ThreadWorkload) -> Vec<u8> {
    let mut bytes = Vec::new();
    thread.value_bytes(&mut bytes);
    bytes
}

fn key(thread: &ThreadWorkload) -> Option<Vec<u8>> {
    let mut bytes = vec![0xff];
    let count = thread.key_bytes(&mut bytes)?;
    assert_eq!(bytes.len(), 1 + count);
    Some(bytes.split_off(1))
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("payload-{name}"));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    /// The source of a scenario in this folder, beside another file.
    fn source(&self, scenario: &str, other: (&str, &str)) -> Source {
        fs::write(self.0.join(other.0), other.1).expect("a temporary file");
        let path = self.0.join("scenario.toml");
        fs::write(&path, scenario).expect("a temporary file");
        let loaded = from_file(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        loaded.scenario.producers[0].source.clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind here is the system's to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_fill_changes_nothing_in_a_run() {
    let digest = |name: &str, payload: &str| {
        let text = format!("run.duration = \"2s\"\n{WORKLOAD}{payload}");
        run(&load(&format!("payload-{name}"), &text).scenario).digest
    };
    let without = digest("without", "");
    for (name, _) in Fill::NAMES {
        let with = digest(name, &format!("[workload.payload]\ncontent = \"{name}\"\n"));
        assert_eq!(with, without, "{name}");
    }
    // A digest that knows no sizes would be the same whatever happens.
    assert_ne!(digest("other", "headers = [{ name = \"1B\" }]\n"), without);
}

#[test]
fn values_have_the_length_of_their_record() {
    let folder = Folder::new("lengths");
    let file = folder.source("workload.payload.file = \"values\"\n", ("values", "a\n\nbbb\ncccc"));
    let mut threads = vec![thread_of(TEMPLATE, 0), start(&file, 0)];
    for (name, _) in Fill::NAMES {
        threads.push(thread_of(&format!("{WORKLOAD}payload.content = \"{name}\"\n"), 0));
    }
    for mut thread in threads {
        assert_eq!((value(&thread).len(), thread.virtual_value()), (0, None), "nothing was taken yet");
        let mut lengths = BTreeSet::new();
        for _ in 0..2_000 {
            let len = thread.take().expect("endless").value_len;
            assert_eq!(value(&thread).len(), len as usize, "{:?}", thread.virtual_value());
            lengths.insert(len);
        }
        assert!(lengths.len() > 3, "{lengths:?}");
    }
}

#[test]
fn a_template_is_rendered_to_the_letter() {
    let mut thread = thread_of(TEMPLATE, 0);
    thread.take();
    let text = |thread: &ThreadWorkload| String::from_utf8(value(thread)).expect("UTF-8");
    let first = r#"{"id": 0, "user": "user-25", "amount": 565.186, "city": "Seoul", "at": "2023-11-14T22:13:20.000Z",
 "ms": 1700000000000, "note": "away across into then ", "again": 565.186, "gift": false, "trace": "b68f51e5-a892-405a-9f74-bddb713d7a81", "n": 2}"#;
    assert_eq!(text(&thread), first);
    thread.take();
    let second = r#"{"id": 1, "user": "user-14", "amount": 238.665, "city": "Seoul", "at": "2023-11-14T22:13:20.000Z",
 "ms": 1700000000000, "note": "each now children around a", "again": 238.665, "gift": false, "trace": "f0687703-25db-4bba-85b5-aa4eaa64f930", "n": 0}"#;
    assert_eq!(text(&thread), second);
}

#[test]
fn fields_of_a_template_say_what_their_record_is() {
    let mut thread = thread_of(TEMPLATE, 3);
    let (mut cities, mut gifts) = ([0u32; 3], 0u32);
    for number in 0..20_000u64 {
        let record = *thread.take().expect("endless");
        let value: Value = serde_json::from_slice(&value(&thread)).expect("JSON");
        assert_eq!(value["id"], number);
        assert_eq!(value["ms"], 1_700_000_000_000 + record.tag / 1_000_000);
        assert_eq!(Key::of(value["user"].as_str().expect("text").as_bytes()), record.key);
        assert_eq!(value["amount"], value["again"], "one value in a record");
        assert!((-1.5..=1999.99).contains(&value["amount"].as_f64().expect("a number")));
        assert!((-3..=3).contains(&value["n"].as_i64().expect("a whole number")));
        assert!((10..=30).contains(&value["note"].as_str().expect("text").len()));
        let names = ["Seoul", "Busan", "Daegu"];
        let city = names.iter().position(|&name| value["city"] == name).expect("one of them");
        cities[city] += 1;
        gifts += u32::from(value["gift"] == true);
    }
    for (city, expected) in cities.into_iter().zip([12_000, 6_000, 2_000]) {
        assert!(city.abs_diff(expected) < 350, "{cities:?}");
    }
    assert!(gifts.abs_diff(4_000) < 300, "{gifts}");
}

#[test]
fn times_of_a_template_are_iso_8601() {
    let template =
        "[workload]\narrivals = \"constant\"\nrate = \"1/s\"\npayload.template = \"{{time}} {{key}}\"\n";
    let mut thread = thread_of(template, 0);
    (0..3).for_each(|_| assert!(thread.take().is_some()));
    assert_eq!(value(&thread), b"2023-11-14T22:13:22.000Z ");
}

#[test]
fn the_seed_of_a_value_is_its_place_in_the_run() {
    let seeds = |text: &str, entity| {
        let mut thread = thread_of(text, entity);
        let mut seed = || {
            thread.take();
            thread.virtual_value().expect("a fill").seed
        };
        (0..100).map(|_| seed()).collect::<Vec<u64>>()
    };
    let first = seeds(WORKLOAD, 0);
    assert_eq!(first, seeds("workload.payload.content = \"words\"", 0), "whatever else it is");
    let all: BTreeSet<u64> = first.into_iter().chain(seeds(WORKLOAD, 1)).collect();
    assert_eq!(all.len(), 200, "all different");
}

#[test]
fn values_of_a_file_come_in_turn_or_all_alike() {
    let folder = Folder::new("file");
    let of = |more: &str| {
        let scenario = format!("[workload.payload]\nfile = \"values.txt\"\n{more}\n");
        let mut thread = start(&folder.source(&scenario, ("values.txt", "one, two, , four, , ")), 0);
        let mut next = || {
            thread.take();
            String::from_utf8(value(&thread)).expect("UTF-8")
        };
        (0..8_000).map(|_| next()).collect::<Vec<String>>()
    };
    let in_turn = of("delimiter = \", \"\norder = \"in-turn\"");
    assert_eq!(in_turn[..6], ["one", "two", "", "four", "one", "two"]);
    let random = of("delimiter = \", \"");
    for wanted in ["one", "two", "", "four"] {
        let count = random.iter().filter(|&value| value == wanted).count();
        assert!(count.abs_diff(2_000) < 200, "{wanted}: {count}");
    }
    assert_eq!(of("")[0], "one, two, , four, , ", "by default a line is a value");
}

#[test]
fn a_template_may_be_in_a_file() {
    let folder = Folder::new("template");
    let mut thread =
        start(&folder.source("workload.payload.template-file = \"t\"\n", ("t", "n={{seq}}\n")), 0);
    thread.take();
    assert_eq!(value(&thread), b"n=0\n");
}

#[test]
fn a_trace_has_values_and_keys_too() {
    let folder = Folder::new("trace");
    let of = |rows: &str| {
        let scenario = "workload.trace = \"t.csv\"\nworkload.payload.content = \"words\"\n";
        let mut thread = start(&folder.source(scenario, ("t.csv", rows)), 0);
        let mut all = Vec::new();
        while let Some(&Record { value_len, .. }) = thread.take() {
            assert_eq!(value(&thread).len(), value_len.max(0) as usize);
            assert_eq!(
                thread.virtual_value().map(|VirtualValue { fill, len, .. }| (fill, len as i32)),
                (value_len >= 0).then_some((Fill::Words, value_len))
            );
            all.push(key(&thread));
        }
        all
    };
    let some = |text: &str| Some(text.as_bytes().to_vec());
    let texts = of("t_us,key,value_len\n1,user-1,5\n2,,7\n3,b,-1\n");
    assert_eq!(texts, [some("user-1"), some(""), some("b")]);
    assert_eq!(of("t_us,key_hash,value_len\n1,17,5\n2,,7\n"), [None, some("")]);
    assert_eq!(of("t_us,value_len\n1,5\n"), [some("")]);
}

#[test]
fn keys_are_the_bytes_that_were_hashed() {
    for form in ["text", "big-endian"] {
        let mut thread =
            thread_of(&format!("workload.keys = {{ dist = \"uniform\", count = 9, form = \"{form}\" }}"), 0);
        for _ in 0..100 {
            let record = *thread.take().expect("endless");
            assert_eq!(Key::of(&key(&thread).expect("known")), record.key);
        }
    }
    let mut thread = thread_of("workload.rate = \"1/s\"", 0);
    thread.take();
    assert_eq!(key(&thread).as_deref(), Some(&b""[..]), "a null key");
}

/// A number as records have it: seven bits in a byte, the sign last.
fn put_varint(out: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Share of the size that is left of so many order events of `len` bytes in one batch, ten of them in a millisecond.
fn compressed(records: u64, len: u32) -> f64 {
    let mut batch = Vec::new();
    for record in 0..records {
        // No attributes; time, offset, null key, value, no headers.
        let mut body = vec![0];
        for number in [record as i64 / 10, record as i64, -1, i64::from(len)] {
            put_varint(&mut body, number);
        }
        Fill::Orders.write(mix(5, record), len, &mut body);
        body.push(0);
        put_varint(&mut batch, body.len() as i64);
        batch.extend_from_slice(&body);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&batch).expect("memory");
    encoder.finish().expect("memory").len() as f64 / batch.len() as f64
}

/// As order events did that were sent to real brokers, with gzip at its default level: 0.206 in batches of 64 KiB, and
/// 0.245 when values are short and batches of 16 KiB.
#[test]
fn orders_compress_as_measured() {
    let (long, short) = (compressed(151, 1_000), compressed(160, 200));
    assert!((long / 0.206 - 1.0).abs() < 0.035, "{long}");
    assert!((short / 0.245 - 1.0).abs() < 0.035, "{short}");
}
