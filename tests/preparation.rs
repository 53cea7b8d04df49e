//! What happens to records before the pipeline: interceptors, serializers, processor time, and the bytes of real codecs.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lingersim::experiment::swarm;
use lingersim::protocol::murmur2::to_positive;
use lingersim::protocol::record::Key;
use lingersim::protocol::size;
use lingersim::scenario::load::{Loaded, from_text};
use lingersim::values::time::Time;
use lingersim::world::happening::{Appended, Departure, Event};
use lingersim::world::observe::Asked;
use lingersim::world::result::{PreparationResult, RunResult};
use lingersim::world::{run_many, run_observed, run_while};
use serde_json::Value;
use support::{RICH, load, report, run};
use toml::Table;

const COUNT: &str = "interceptors = [{ kind = \"count\" }]";

fn parsed(text: &str) -> Loaded {
    from_text("preparation", text.to_owned()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn result(text: &str) -> RunResult {
    run(&parsed(text).scenario)
}

fn preparation(result: &RunResult) -> &PreparationResult {
    result.preparation.as_ref().expect("records are prepared")
}

/// The scenario with more keys in each group of producers.
fn with(scenario: &Table, more: &str) -> Table {
    let more: Table = more.parse().expect("TOML");
    let mut scenario = scenario.clone();
    let producer = scenario.entry("producer").or_insert_with(|| Table::new().into());
    let groups: Vec<&mut Table> = match producer {
        toml::Value::Array(groups) => groups.iter_mut().filter_map(toml::Value::as_table_mut).collect(),
        group => group.as_table_mut().into_iter().collect(),
    };
    assert!(!groups.is_empty());
    for group in groups {
        group.extend(more.clone());
    }
    scenario
}

/// A run to its end, if that comes soon.
fn short_run(text: &str) -> Option<RunResult> {
    let (mut turns, mut is_whole) = (0, true);
    let result = run_while(&parsed(text).scenario, &mut |_, records| {
        turns += 1;
        is_whole = records < 20_000 && turns < 3_000;
        is_whole
    });
    result.ok().filter(|_| is_whole)
}

#[test]
fn drawn_scenarios_are_the_same_with_an_interceptor_that_only_looks() {
    let mut compared = 0;
    for seed in 1..=60 {
        let drawn = swarm::drawn(seed);
        let Some(plain) = short_run(&swarm::text(&drawn)) else { continue };
        let looked_at = short_run(&swarm::text(&with(&drawn, COUNT))).expect("as short as without");
        assert_eq!(looked_at.digest, plain.digest, "seed {seed}");
        assert_eq!(looked_at.populations, plain.populations, "seed {seed}");
        assert_eq!(looked_at.latency_sum_ns, plain.latency_sum_ns, "seed {seed}");
        let interceptors = &preparation(&looked_at).interceptors;
        let sends: u64 = interceptors.iter().map(|one| one.tally.sends).sum();
        assert_eq!(sends, plain.populations.offered, "seed {seed}");
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}

/// A folder with a trace that has texts of keys, and one that has their hashes.
fn traces() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("preparation-traces");
    fs::create_dir_all(&folder).expect("a temporary folder");
    let rows = |head: &str, key: &dyn Fn(u64) -> String| {
        let row = |n: u64| {
            format!("{},{},{}\n", n * 700, key(n), if n.is_multiple_of(9) { -1 } else { n as i64 % 300 })
        };
        format!("t_us,{head},value_len\n{}", (0..3_000).map(row).collect::<String>())
    };
    let key = |n: u64| if n.is_multiple_of(7) { String::new() } else { format!("user-{}", n * n % 101) };
    let hash = |n: u64| if n.is_multiple_of(7) { String::new() } else { (n * n % 101 * 7_919).to_string() };
    fs::write(folder.join("texts.csv"), rows("key", &key)).expect("a temporary file");
    fs::write(folder.join("hashes.csv"), rows("key_hash", &hash)).expect("a temporary file");
    folder
}

#[test]
fn scenarios_of_all_kinds_are_the_same_with_an_interceptor_that_only_looks() {
    let folder = traces();
    let trace = |name: &str| format!("[workload]\ntrace = '{}'\n", folder.join(name).display());
    let keys = |keys: &str| format!("[workload]\nrate = \"2000/s\"\nkeys = {keys}\n");
    let producer =
        |keys: &str| format!("[producer]\n{keys}\n[workload]\nrate = \"3000/s\"\nkeys = {{ count = 40 }}\n");
    let zipf = "{ dist = \"zipf\", count = 300, prefix = \"user-\" }";
    let numbers = "{ dist = \"uniform\", count = 60000, form = \"big-endian\" }";
    let cases: Vec<(&str, String)> = vec![
        ("everything at once", RICH.to_owned()),
        ("texts of a trace", trace("texts.csv")),
        ("hashes of a trace", trace("hashes.csv")),
        ("a trace without its keys", format!("{}keys = \"none\"\n", trace("texts.csv"))),
        ("zipf", keys(zipf)),
        ("hot keys", keys("{ dist = \"hot-set\", count = 300, hot = 3, share = \"80%\" }")),
        ("numbers", keys(numbers)),
        ("bytes", format!("[producer]\n\"key.serializer\" = \"ByteArraySerializer\"\n{}", keys(numbers))),
        ("bytes of texts", format!("[producer]\n\"key.serializer\" = \"ByteArraySerializer\"\n{}", keys(zipf))),
        ("strings", format!("[producer]\n\"key.serializer\" = \"StringSerializer\"\n{}", keys(zipf))),
        ("no strings", format!("[producer]\n\"key.serializer\" = \"StringSerializer\"\n{}", keys(numbers))),
        ("another's serializer", format!("[producer]\n\"key.serializer\" = \"com.example.Own\"\n{}", keys(zipf))),
        ("several threads", producer("threads = 3\ncount = 2")),
        ("sync", producer("send-mode = \"sync\"\nthreads = 2")),
        ("flushes", producer("flush-every = 7\nthreads = 2\n\"linger.ms\" = 20")),
        ("closed loop", "[producer]\nthreads = 3\n[workload]\narrivals = \"closed\"\nthink = \"2ms\"\n".to_owned()),
        ("headers", format!("{}headers = [{{ name = \"5B\", value = \"36B\" }}, {{ name = \"1B\" }}]\n", keys(zipf))),
        (
            "splits",
            "cluster.topic = [{ name = \"t\", partitions = 2, \"max.message.bytes\" = 2000 }]\n[producer]\n\
             threads = 60\nsend-mode = \"sync\"\ncompression-ratio = \"90%\"\n\"compression.type\" = \"gzip\"\n\"linger.ms\" = 50\n\
             [workload]\nrate = \"500/s\"\nvalue = \"100B\"\n"
                .to_owned(),
        ),
        (
            "little memory",
            "[producer]\n\"buffer.memory\" = 40000\nthreads = 3\n\"max.block.ms\" = 100\n[network]\nlatency = \"30ms\"\n\
             [workload]\nrate = \"3000/s\"\n"
                .to_owned(),
        ),
    ];
    let mut digests = Vec::new();
    for (name, text) in cases {
        let mut scenario: Table = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        if name != "everything at once" {
            scenario
                .insert("run".to_owned(), toml::from_str::<Table>("records = 2500").expect("TOML").into());
        }
        let plain = result(&swarm::text(&scenario));
        for look in
            [COUNT, "interceptors = [{ kind = \"sample\", every = 10 }, { kind = \"throw\", every = 3 }]"]
        {
            let looked_at = result(&swarm::text(&with(&scenario, look)));
            assert_eq!(looked_at.digest, plain.digest, "{name}: {look}");
            assert_eq!(looked_at.errors, plain.errors, "{name}: {look}");
            assert_eq!(looked_at.partitions, plain.partitions, "{name}: {look}");
            let tally = &preparation(&looked_at).interceptors.last().expect("an interceptor").tally;
            assert_eq!(tally.swallowed, if look == COUNT { 0 } else { tally.sends / 3 }, "{name}");
        }
        match name {
            "splits" => assert!(plain.reasons.split > 0, "{:?}", plain.reasons),
            "little memory" => {
                assert!(plain.errors.contains_key("BufferExhaustedException"), "{:?}", plain.errors)
            }
            _ => {}
        }
        digests.push(plain.digest);
    }
    digests.sort_unstable();
    digests.dedup();
    // What only says otherwise what the bytes of the same keys are is the same run.
    assert_eq!(digests.len(), 19 - 5, "the other cases differ");
}

struct Seen {
    result: RunResult,
    /// Records with the partition of their batch.
    appended: Vec<(Time, Appended, u32)>,
    departures: Vec<Departure>,
}

fn seen(text: &str) -> Seen {
    let asked = Asked { happenings: true, ..Asked::default() };
    let (mut appended, mut departures, mut partitions) = (Vec::new(), Vec::new(), BTreeMap::new());
    let observed = run_observed(&parsed(text).scenario, &asked, &mut |glance| {
        for happening in glance.happenings {
            match &happening.what {
                Event::Opened { batch, tp, .. } => _ = partitions.insert(*batch, tp.partition),
                Event::Appended(one) => appended.push((happening.at, *one, partitions[&one.batch])),
                Event::Sent(departure) => departures.push(*departure),
                _ => {}
            }
        }
        true
    });
    let result = observed.unwrap_or_else(|error| panic!("{error:?}")).result;
    Seen { result, appended, departures }
}

/// Each record in a batch of its own.
const ONE_BY_ONE: &str = "[cluster]\nbrokers = 1\npartitions = 12\nreplication = 1\n[run]\nrecords = 500\n\
                          [workload]\nrate = \"500/s\"\nvalue = { dist = \"uniform\", min = \"0B\", max = \"300B\" }\n\
                          keys = { dist = \"uniform\", count = 99, prefix = \"shop-\" }\n\
                          [producer]\n\"linger.ms\" = 0\nsend-mode = \"sync\"\n";

#[test]
fn headers_of_an_interceptor_are_in_the_batches_to_the_byte() {
    let plain = seen(ONE_BY_ONE);
    let added = seen(&format!(
        "{ONE_BY_ONE}interceptors = [{{ kind = \"add-header\", name = \"trace-id\", value = \"16B\" }}, \
         {{ kind = \"add-header\", name = \"ü\", value = \"0B\" }}]\n"
    ));
    let more = size::header(8, Some(16)) + size::header(2, Some(0));
    assert_eq!((plain.departures.len(), added.departures.len()), (500, 500));
    for (((_, plain, _), (_, added, _)), (before, after)) in
        plain.appended.iter().zip(&added.appended).zip(plain.departures.iter().zip(&added.departures))
    {
        assert_eq!(u64::from(added.fixed_bytes), u64::from(plain.fixed_bytes) + more);
        assert_eq!(u64::from(before.bytes), 61 + size::record(u64::from(plain.fixed_bytes), 0, 0));
        assert_eq!(u64::from(after.bytes), 61 + size::record(u64::from(plain.fixed_bytes) + more, 0, 0));
    }
}

#[test]
fn another_key_is_another_partition_as_its_hash_says() {
    let plain = seen(ONE_BY_ONE);
    let texts: BTreeMap<u32, String> = (0..99)
        .map(|number| format!("shop-{number}"))
        .map(|text| (Key::of(text.as_bytes()).murmur2, text))
        .collect();
    let rekeyed = |set: &str| {
        let interceptors = format!("interceptors = [{{ kind = \"set-key\"{set} }}]\n");
        seen(&format!("{ONE_BY_ONE}{interceptors}")).appended
    };
    let (first, to) = (rekeyed(", first = 6"), rekeyed(", to = \"all\""));
    let mut moved = 0;
    for (((_, plain, before), (_, first, after)), (_, to, same)) in plain.appended.iter().zip(&first).zip(&to)
    {
        let text = &texts[&plain.key.murmur2];
        let key = Key::of(&text.as_bytes()[..6]);
        assert_eq!((first.key, *after), (key, to_positive(key.murmur2 as i32) % 12), "{text}");
        let all = Key::of(b"all");
        assert_eq!((to.key, *same), (all, to_positive(all.murmur2 as i32) % 12));
        let less = plain.key.len - key.len;
        assert_eq!(first.fixed_bytes + less as u32, plain.fixed_bytes);
        moved += u32::from(before != after);
    }
    assert!(moved > 300, "{moved}");
    assert!(rekeyed("").iter().all(|(_, record, _)| record.key == Key::NULL));
}

/// What it has done to a record before it throws is forgotten; what those before it have done is not.
#[test]
fn an_interceptor_that_throws_leaves_the_record_as_it_was() {
    let digest = |interceptors: &str| {
        result(&format!("{ONE_BY_ONE}interceptors = [{{ kind = \"add-header\" }}{interceptors}]\n")).digest
    };
    let quiet = digest("");
    assert_eq!(digest(", { kind = \"throw\" }, { kind = \"throw\", every = 7 }"), quiet);
    assert_ne!(digest(", { kind = \"add-header\" }"), quiet);
}

#[test]
fn interceptors_hear_of_every_record_however_it_ends() {
    let seen = result(
        "[cluster]\nbrokers = 1\npartitions = 3\nreplication = 1\n[run]\nduration = \"4s\"\n[workload]\nrate = \"2000/s\"\n\
         [producer]\n\"delivery.timeout.ms\" = 700\n\"request.timeout.ms\" = 500\n\"linger.ms\" = 5\n\"buffer.memory\" = 200000\n\
         \"max.block.ms\" = 300\ninterceptors = [{ kind = \"count\" }, { kind = \"sample\", every = 100 }]\n\
         [[fault]]\nat = \"1s\"\ncrash = 1\n",
    );
    let populations = seen.populations;
    assert!(populations.acked > 1_000 && populations.refused > 0, "{populations:?}");
    assert!(populations.failed + populations.unknown > 100, "{populations:?}");
    for interceptor in &preparation(&seen).interceptors {
        let tally = &interceptor.tally;
        assert_eq!((tally.sends, tally.acknowledged), (populations.offered, populations.acked));
        assert_eq!(tally.failed, populations.failed + populations.unknown + populations.refused);
        assert_eq!(tally.acknowledged + tally.failed + populations.pending, tally.sends);
    }
    let findings = &preparation(&seen).interceptors[0].findings[0];
    assert!(findings.contains(&format!("{} acknowledged", populations.acked)), "{findings}");
    let told: u64 =
        findings.split(", ").skip(2).filter_map(|one| one.split(' ').next()?.parse::<u64>().ok()).sum();
    assert_eq!(told, populations.offered - populations.acked - populations.pending, "{findings}");
}

/// SEND-5: key, then value is serialized; a class-cast failure becomes a SerializationException.
#[test]
fn an_object_of_the_wrong_class_is_an_exception_with_its_message_in_the_report() {
    let folder = traces();
    fs::write(folder.join("mixed.csv"), "t_us,key,value_len\n1,17,5\n2,user-1,5\n3,user-2,5\n4,,5\n")
        .expect("a temporary file");
    let text = format!(
        "[producer]\n\"key.serializer\" = \"LongSerializer\"\n[workload]\ntrace = '{}'\n",
        folder.join("mixed.csv").display()
    );
    let loaded = load("preparation-wrong-class", &text);
    let result = run(&loaded.scenario);
    assert_eq!((result.populations.acked, result.populations.refused), (2, 2));
    assert_eq!(result.errors.get("SerializationException"), Some(&2));
    let json: Value = serde_json::from_str(&report(&loaded, &result)).expect("JSON");
    let exceptions = &json["preparation"]["exceptions"];
    assert_eq!(
        exceptions.as_array().map(|all| &all[..]),
        Some(
            &[serde_json::json!({
                "exception": "SerializationException",
                "first_message": "Can't convert key of class java.lang.String to class \
                    org.apache.kafka.common.serialization.LongSerializer specified in key.serializer",
            })][..]
        )
    );
}

#[test]
fn a_number_as_key_has_its_own_size_hash_and_partition() {
    let plain = seen(ONE_BY_ONE);
    for (class, len) in [("LongSerializer", 8), ("IntegerSerializer", 4), ("ShortSerializer", 2)] {
        let numbers: BTreeMap<u32, usize> = (0..99u64)
            .map(|number| (Key::of(&number.to_be_bytes()[8 - len..]).murmur2, number as usize))
            .collect();
        let seen = seen(&format!("{ONE_BY_ONE}\"key.serializer\" = \"{class}\"\n"));
        assert_eq!(seen.appended.len(), 500);
        for ((_, plain, _), (_, record, partition)) in plain.appended.iter().zip(&seen.appended) {
            assert_eq!(record.key.len, len as i32, "{class}");
            let text = format!("shop-{}", numbers[&record.key.murmur2]);
            assert_eq!(Key::of(text.as_bytes()), plain.key, "{class}: the same key in other bytes");
            assert_eq!(*partition, to_positive(record.key.murmur2 as i32) % 12, "{class}");
            assert_eq!(
                i64::from(record.fixed_bytes) - len as i64,
                i64::from(plain.fixed_bytes) - text.len() as i64
            );
        }
    }
}

#[test]
fn processor_time_is_that_of_the_record_and_its_bytes() {
    let scenario = |producer: &str| {
        format!(
            "[run]\nrecords = 300\n[workload]\nrate = \"500/s\"\nvalue = \"250B\"\n[producer]\n\"linger.ms\" = 20\n{producer}\n"
        )
    };
    let cpu = "cpu = { serialize = \"20us\", serialize-per-byte = \"3ns/B\", compress-per-byte = \"5ns/B\" }";
    let plain = seen(&scenario(""));
    for (codec, per_byte_ns) in [("none", 3), ("lz4", 8)] {
        let text = scenario(&format!("\"compression.type\" = \"{codec}\"\n{cpu}"));
        let seen = seen(&text);
        let bytes = u64::from(plain.appended[0].1.fixed_bytes);
        let cost_ns = 20_000 + per_byte_ns * bytes;
        assert_eq!(preparation(&seen.result).serializing_ns, 300 * cost_ns, "{codec}");
        let mut on_time = 0;
        for (at, record, _) in &seen.appended {
            assert!(at.0 >= record.called.0 + cost_ns, "{codec}");
            on_time += u32::from(at.0 == record.called.0 + cost_ns);
        }
        assert!(on_time > 290, "{codec}: only the first records wait for anything else: {on_time}");
    }
    let nothing =
        "cpu = { serialize = \"0ns\", serialize-per-byte = \"0ns/B\", compress-per-byte = \"5ns/B\" }";
    for producer in [nothing.to_owned(), format!("{nothing}\n{COUNT}")] {
        assert_eq!(result(&scenario(&producer)).digest, plain.result.digest, "{producer}");
    }
    // A thread that has more to do than time is busy from one end to the other.
    let busy = result(
        "[run]\nduration = \"2s\"\n[workload]\nrate = \"2000/s\"\n[producer]\ncpu = { serialize = \"1ms\" }\n",
    );
    assert_eq!(preparation(&busy).serializing_ns, busy.populations.offered * 1_000_000);
    assert!(busy.ended_at > Time(4_000_000_000 - 20_000_000), "{}", busy.ended_at);
}

/// Every codec, its bytes, and nothing else decides them.
#[test]
fn a_real_codec_gives_the_same_bytes_in_every_run() {
    let scenario = |codec: &str, more: &str| {
        format!(
            "[run]\nrecords = 1500\n[cluster]\npartitions = 3\n[workload]\nrate = \"3000/s\"\n\
             value = {{ dist = \"uniform\", min = \"10B\", max = \"900B\" }}\n\
             keys = {{ dist = \"zipf\", count = 100 }}\nheaders = [{{ name = \"5B\", value = \"36B\" }}]\n\
             payload.content = \"words\"\n[producer]\nthreads = 2\n\"linger.ms\" = 20\n\"compression.type\" = \"{codec}\"\n{more}\n"
        )
    };
    let mut seen = Vec::new();
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let loaded = load(&format!("preparation-{codec}"), &scenario(codec, "real-compression = true"));
        let once = run(&loaded.scenario);
        assert_eq!(report(&loaded, &run(&loaded.scenario)), report(&loaded, &once), "{codec}");
        let digests = |threads| -> Vec<(u64, u64)> {
            let results = run_many(&loaded.scenario, &[1, 2, 3], threads);
            results
                .into_iter()
                .map(|one| one.expect("a run"))
                .map(|one| (one.digest, one.batch_bytes))
                .collect()
        };
        assert_eq!(digests(1), digests(3), "{codec}");
        let json: Value = serde_json::from_str(&report(&loaded, &once)).expect("JSON");
        assert!(
            json["preparation"].is_object() && json["preparation"]["interceptors"] == serde_json::json!([])
        );
        let assumed = result(&scenario(codec, "compression-ratio = \"100%\""));
        assert_eq!(once.populations.acked, assumed.populations.acked);
        assert!(once.batch_bytes * 10 < assumed.batch_bytes * 9, "{codec}: words can be compressed");
        assert!(once.batch_bytes * 20 > assumed.batch_bytes, "{codec}: but not to nothing");
        let text = scenario(codec, "real-compression = true").replace("\"words\"", "\"random\"");
        assert!(result(&text).batch_bytes * 4 > once.batch_bytes * 5, "{codec}: it is the bytes that count");
        seen.push(once.batch_bytes);
        // The header of an interceptor is zeros, which take some bytes all the same.
        let header = "real-compression = true\ninterceptors = [{ kind = \"add-header\", value = \"500B\" }]";
        let with_header = result(&scenario(codec, header));
        assert!(with_header.batch_bytes > once.batch_bytes, "{codec}");
        assert!(with_header.batch_bytes < once.batch_bytes + 1_500 * 250, "{codec}: zeros can be compressed");
    }
    seen.dedup();
    assert_eq!(seen.len(), 4, "{seen:?}");
}
