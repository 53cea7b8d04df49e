//! `lingersim dump-log`: its lines and files against the run's own figures, and against readers that others have written.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use kafka_protocol::records::{Compression as Codec, RecordBatchDecoder};
use lingersim::cluster::Stored;
use lingersim::protocol::compression::Compression;
use lingersim::report::dump_log::{LogDump, Shown};
use lingersim::scenario::Scenario;
use lingersim::scenario::load::{Overrides, from_file};
use lingersim::values::ids::{NodeId, TopicId, TopicPartition};
use lingersim::wire::codec;
use lingersim::wire::header::BatchHeader;
use lingersim::wire::read::ReadBatch;
use lingersim::world::happening::Event;
use lingersim::world::observe::{Asked, AskedLogs, FinalLog, Observed};
use lingersim::world::{self, WorldError, run_observed};
use serde_json::Value;
use support::{RICH, load};

const ALL: AskedLogs = AskedLogs { broker: None, partitions: Vec::new(), most_bytes: u64::MAX };

/// More than any batch here has.
const MOST: usize = 1 << 24;

const WRITTEN: &str = r#"
[run]
duration = "500ms"
[cluster]
partitions = 3
[workload]
rate = "2000/s"
keys = { dist = "uniform", count = 50, prefix = "user-" }
[workload.payload]
template = '{"id": {{seq}}, "user": "{{key}}", "city": "{{city}}"}'
[workload.payload.fields]
city = { kind = "choice", of = ["Seoul", "Busan", "Daegu"] }
[producer]
"#;

fn observed(scenario: &Scenario, logs: AskedLogs) -> Result<Observed, WorldError> {
    run_observed(scenario, &Asked { logs: Some(logs), ..Asked::default() }, &mut |_| true)
}

fn logs(scenario: &Scenario) -> Vec<FinalLog> {
    observed(scenario, ALL).unwrap_or_else(|error| panic!("{error:?}")).logs
}

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts")
}

fn printed(args: &[&str]) -> String {
    let output = lingersim(args);
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("dump-log").join(name)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The scenario as a file.
fn scenario_file(name: &str, text: &str) -> PathBuf {
    let file = temporary(&format!("{name}.toml"));
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, text).expect("a file");
    file
}

/// A line of the tool as names and values; those that hold anything come last.
fn fields(line: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut rest = line.trim_start_matches("| ");
    while let Some((name, behind)) = rest.split_once(": ") {
        let is_text = matches!(name, "key" | "payload");
        let end = match name {
            "key" => behind.find(" payload: ").unwrap_or(behind.len()),
            _ if is_text => behind.len(),
            _ => behind.find(' ').unwrap_or(behind.len()),
        };
        fields.insert(name.to_owned(), behind[..end].to_owned());
        rest = behind[end..].trim_start_matches(' ');
    }
    assert!(rest.is_empty(), "{line}");
    fields
}

fn number(fields: &BTreeMap<String, String>, name: &str) -> i64 {
    let text = fields.get(name).unwrap_or_else(|| panic!("no {name} in {fields:?}"));
    text.parse().unwrap_or_else(|_| panic!("{name} is {text}"))
}

/// What the lines of one log say: offset of the first record, that behind the last one, batches and their bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    start: i64,
    end: i64,
    batches: i64,
    bytes: i64,
}

/// Reads the lines of all logs back. Records must be those of the batch above them.
fn read_back(text: &str) -> BTreeMap<String, Told> {
    let mut logs: BTreeMap<String, Told> = BTreeMap::new();
    let (mut place, mut left) = (String::new(), 0);
    let mut batch = BTreeMap::new();
    for line in text.lines() {
        if let Some(file) = line.strip_prefix("Dumping ") {
            place = file.split_once('/').expect("a folder").0.to_owned();
            logs.insert(place.clone(), Told::default());
            continue;
        }
        let log = logs.get_mut(&place).expect("a log");
        if let Some(start) = line.strip_prefix("Log starting offset: ") {
            let start = start.parse().expect("an offset");
            (log.start, log.end) = (start, start);
        } else if line.starts_with("baseOffset: ") {
            assert_eq!(left, 0, "records are missing before {line}");
            batch = fields(line);
            assert_eq!(number(&batch, "baseOffset"), log.end, "{line}");
            assert_eq!(number(&batch, "position"), log.bytes, "{line}");
            left = number(&batch, "count");
            log.end += left;
            assert_eq!(number(&batch, "lastOffset"), log.end - 1, "{line}");
            log.batches += 1;
            log.bytes += number(&batch, "size");
        } else {
            let record = fields(line);
            let at = log.end - left;
            assert_eq!(number(&record, "offset"), at, "{line}");
            let base = number(&batch, "baseSequence");
            let sequence = if base < 0 { -1 } else { base + at - number(&batch, "baseOffset") };
            assert_eq!(number(&record, "sequence"), sequence, "{line}");
            assert!(number(&record, "CreateTime") <= number(&batch, "CreateTime"), "{line}");
            let size = |name: &str| record.get(name).map_or(-1, |text| text.len() as i64);
            assert_eq!(number(&record, "keySize"), size("key"), "{line}");
            assert_eq!(number(&record, "valueSize"), size("payload"), "{line}");
            left -= 1;
        }
    }
    assert_eq!(left, 0);
    logs
}

#[test]
fn every_line_agrees_with_the_figures_of_the_run() {
    let calm = WRITTEN.to_owned() + "linger.ms = 5\n";
    let late =
        "log.segment.bytes = 4000\nlog.retention.bytes = 8000\nlog.retention.check.interval.ms = 100\n";
    let short = WRITTEN.replace("partitions = 3\n", &format!("partitions = 3\n{late}"));
    for (name, text, is_all_there) in [("calm", &calm, true), ("short", &short, false)] {
        let file = scenario_file(name, text);
        let json: Value =
            serde_json::from_str(&printed(&["run", path(&file), "-q", "--format", "json"])).expect("JSON");
        let told = read_back(&printed(&["dump-log", path(&file), "-q", "--print-data-log"]));
        let partitions = json["partitions"].as_array().expect("a list");
        assert_eq!((told.len(), partitions.len()), (3, 3));
        for partition in partitions {
            let number = |name: &str| partition[name].as_i64().expect("a number");
            let log =
                &told[&format!("{}-{}", partition["topic"].as_str().expect("a name"), number("partition"))];
            assert_eq!(
                (log.start, log.end),
                (number("log_start_offset"), number("log_end_offset")),
                "{name}"
            );
            assert!(log.end > 200, "{log:?}");
            if is_all_there {
                assert_eq!(
                    (log.end, log.batches, log.bytes),
                    (number("records"), number("batches"), number("bytes")),
                    "{name}"
                );
            } else {
                assert!(log.start > 0 && log.bytes < 20_000, "{log:?}");
            }
        }
    }
}

/// Reads a log's batches, and checks what must hold of any log: no gaps, and sequences of a producer that follow each other.
fn check_batches(log: &FinalLog) -> Vec<ReadBatch> {
    let (mut next, mut sequences) = (log.start as i64, BTreeMap::new());
    let mut read = Vec::new();
    for bytes in &log.batches {
        let batch = ReadBatch::of(bytes, MOST).unwrap_or_else(|error| panic!("{error}"));
        let header = batch.header;
        assert_eq!((header.base_offset, batch.frame.size), (next, bytes.len()));
        assert_eq!(header.last_offset_delta, header.records - 1);
        next += i64::from(header.records);
        if header.producer_id >= 0 {
            let session = (header.producer_id, header.producer_epoch);
            let expected = sequences.get(&session).map_or(header.base_sequence, |last| last + 1);
            assert_eq!(header.base_sequence, expected, "{session:?}");
            sequences.insert(session, header.last_sequence());
        }
        let records = batch.records().unwrap_or_else(|error| panic!("{error}"));
        assert!(records.iter().map(|record| record.offset_delta).eq(0..header.records));
        read.push(batch);
    }
    assert_eq!(next, log.end as i64);
    read
}

/// Key, value, offset, sequence, timestamp in epoch ms.
type Theirs = (Vec<u8>, Vec<u8>, i64, i32, i64);

/// Records as another reader finds them; what codecs have packed is unpacked here, as in a consumer of its own.
fn read_by_others(log: &FinalLog) -> Vec<Theirs> {
    let unpack = |packed: &mut bytes::Bytes, codec: Codec| -> Result<bytes::Bytes, _> {
        let compression = match codec {
            Codec::None => return Ok(packed.clone()),
            Codec::Gzip => Compression::Gzip,
            Codec::Snappy => Compression::Snappy,
            Codec::Lz4 => Compression::Lz4,
            Codec::Zstd => Compression::Zstd,
        };
        Ok(codec::decompress(compression, packed, MOST).expect("what its codec has written").into())
    };
    let mut bytes = bytes::Bytes::from(log.batches.concat());
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let set = RecordBatchDecoder::decode_with_custom_compression(&mut bytes, Some(&unpack));
        records.extend(set.unwrap_or_else(|error| panic!("{error}")).records.into_iter().map(|record| {
            let bytes = |field: Option<bytes::Bytes>| field.unwrap_or_default().to_vec();
            (bytes(record.key), bytes(record.value), record.offset, record.sequence, record.timestamp)
        }));
    }
    records
}

#[test]
fn every_codec_writes_the_same_records_and_other_readers_find_them() {
    let mut known: Option<Vec<(Vec<u8>, Vec<u8>)>> = None;
    for word in ["none", "gzip", "snappy", "lz4", "zstd"] {
        for real in ["", "real-compression = true\n"] {
            if word == "none" && !real.is_empty() {
                continue;
            }
            let text = format!("{WRITTEN}compression.type = \"{word}\"\nlinger.ms = 20\n{real}");
            let loaded = load(&format!("dump-log-codec-{word}-{}", real.len()), &text);
            let mut content = Vec::new();
            for log in logs(&loaded.scenario) {
                let theirs = read_by_others(&log);
                let mut at = theirs.iter();
                for batch in check_batches(&log) {
                    assert_eq!(batch.header.attributes.compression.word(), word);
                    for record in batch.records().expect("records") {
                        let (key, value, offset, sequence, timestamp) = at.next().expect("as many records");
                        assert_eq!((record.key, record.value), (Some(&key[..]), Some(&value[..])));
                        assert_eq!(batch.header.base_offset + i64::from(record.offset_delta), *offset);
                        assert_eq!(batch.header.base_sequence + record.offset_delta, *sequence);
                        assert_eq!(batch.timestamp_ms(&record), *timestamp);
                        let object: Value = serde_json::from_slice(value).expect("what the template says");
                        assert_eq!(object["user"].as_str().expect("a text").as_bytes(), key);
                        content.push((key.clone(), value.clone()));
                    }
                }
                assert_eq!(at.next(), None);
            }
            content.sort();
            assert!(content.len() > 900, "{word}");
            assert!(*known.get_or_insert_with(|| content.clone()) == content, "{word} {real}");
        }
    }
}

/// Only with `real-compression` the run goes by what the dump has.
#[test]
fn sizes_are_those_of_the_run_if_it_compresses_really() {
    for (real, is_same) in [("real-compression = true\n", true), ("compression-ratio = \"90%\"\n", false)] {
        let text = format!("{WRITTEN}compression.type = \"lz4\"\nlinger.ms = 20\n{real}");
        let loaded = load(&format!("dump-log-sizes-{is_same}"), &text);
        let observed = observed(&loaded.scenario, ALL).expect("a run");
        let bytes: usize = observed.logs.iter().flat_map(|log| &log.batches).map(Vec::len).sum();
        assert_eq!(bytes as u64 == observed.result.batch_bytes, is_same, "{bytes}");
    }
}

/// A deposed leader appends, and what it has appended is cut off.
const CUT_OFF: &str = r#"
[run]
duration = "6s"
[cluster]
brokers = 3
partitions = 2
replication = 3
unclean.leader.election.enable = true
[workload]
rate = "2000/s"
value = "100B"
[producer]
acks = 1
enable.idempotence = false
[[fault]]
at = "2s"
elect = "events-0"
to = 2
[[fault]]
at = "3s"
crash = 2
for = "1s"
"#;

#[test]
fn only_what_the_asked_log_has_in_the_end_is_shown() {
    let loaded = load("dump-log-cut-off", CUT_OFF);
    let mut appended = 0;
    let asked = Asked { logs: Some(ALL), happenings: true, ..Asked::default() };
    let whole = run_observed(&loaded.scenario, &asked, &mut |glance| {
        appended += glance
            .happenings
            .iter()
            .filter(|one| matches!(one.what, Event::Stored { stored: Stored::Appended(_), .. }))
            .count();
        true
    });
    let whole = whole.expect("a run");
    let kept: usize = whole.logs.iter().map(|log| log.batches.len()).sum();
    assert!(whole.result.audit.lost > 0 && appended > kept, "{appended} {kept}");
    let mut epochs = Vec::new();
    for log in &whole.logs {
        let batches = check_batches(log);
        let partition = &whole.result.partitions[log.tp.partition as usize];
        assert_eq!((log.start, log.end), (partition.log_start, partition.log_end));
        epochs.push(batches.iter().map(|batch| batch.header.partition_leader_epoch).collect::<Vec<_>>());
    }
    assert!(epochs.iter().all(|epochs| epochs.is_sorted()), "epochs never fall");
    assert!(epochs[0].last() > Some(&1), "{epochs:?}");
    for broker in 1..=3 {
        let asked = AskedLogs { broker: Some(NodeId(broker)), ..ALL };
        for (log, of_leader) in observed(&loaded.scenario, asked).expect("a run").logs.iter().zip(&whole.logs)
        {
            assert_eq!((log.tp, log.broker), (of_leader.tp, NodeId(broker)));
            check_batches(log);
            assert!(
                log.batches.len() > 100 && of_leader.batches.starts_with(&log.batches),
                "broker {broker}"
            );
        }
    }
}

#[test]
fn a_broker_shows_only_its_own_replicas_and_a_partition_only_itself() {
    let loaded = load(
        "dump-log-broker",
        &format!("seed = 3\n{}", WRITTEN.replace("= 3\n[w", "= 3\nbrokers = 3\nreplication = 1\n[w")),
    );
    let places = |asked| -> Vec<(u32, i32)> {
        let logs = observed(&loaded.scenario, asked).expect("a run").logs;
        logs.iter().map(|log| (log.tp.partition, log.broker.0)).collect()
    };
    let all = places(ALL);
    assert_eq!(all.len(), 3);
    for (partition, broker) in all {
        assert_eq!(places(AskedLogs { broker: Some(NodeId(broker)), ..ALL }), [(partition, broker)]);
        let partitions = vec![TopicPartition::new(TopicId(0), partition)];
        assert_eq!(places(AskedLogs { partitions, ..ALL }), [(partition, broker)]);
    }
}

/// What is thrown away one day need not be kept until the end.
#[test]
fn memory_is_bounded_and_what_retention_has_deleted_is_free() {
    let text = "[cluster]\npartitions = 1\nlog.segment.bytes = 10000\nlog.retention.bytes = 50000\n\
                log.retention.check.interval.ms = 500\n[run]\nduration = \"10s\"\n[workload]\nrate = \"500/s\"\n\
                value = \"100B\"\n[producer]\nlinger.ms = 0\n";
    let loaded = load("dump-log-bounded", text);
    let asked = |most_bytes| observed(&loaded.scenario, AskedLogs { most_bytes, ..ALL });
    let whole = asked(u64::MAX).expect("a run");
    assert!(whole.result.batch_bytes > 500_000 && whole.logs[0].start > 2_000, "{}", whole.logs[0].start);
    let bounded = asked(200_000).expect("room enough");
    assert_eq!(bounded.logs, whole.logs);
    let Err(WorldError::Environment(said)) = asked(20_000) else { panic!("too much") };
    for word in ["--records", "--duration", "--partition"] {
        assert!(said.contains(word), "{said}");
    }
}

/// Nothing is decided by whether somebody looks at logs; and they are whole, whatever happens to brokers.
fn changes_nothing(scenario: &Scenario, name: &str) {
    let plain = world::run(scenario, &mut |_, _| ()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let watched = observed(scenario, ALL).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(watched.result.digest, plain.digest, "{name}");
    assert_eq!(watched.result.populations, plain.populations, "{name}");
    assert_eq!(watched.result.preparation.is_some(), plain.preparation.is_some(), "{name}");
    let ends: u64 = plain.partitions.iter().map(|partition| partition.log_end - partition.log_start).sum();
    assert_eq!(watched.logs.iter().map(|log| log.end - log.start).sum::<u64>(), ends, "{name}");
}

#[test]
fn bundled_scenarios_do_the_same_while_their_logs_are_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            let mut loaded =
                from_file(&file, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
            // Enough to meet their faults, and little enough to be quick.
            let most = loaded.scenario.end.records.unwrap_or(u64::MAX);
            loaded.scenario.end.records = Some(most.min(60_000));
            changes_nothing(&loaded.scenario, path(&file));
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn traces_closed_loops_and_many_threads_do_the_same_while_their_logs_are_kept() {
    changes_nothing(&load("dump-log-rich", RICH).scenario, "rich");
    let trace = temporary("trace.csv");
    fs::create_dir_all(trace.parent().expect("a folder")).expect("a folder");
    let rows: String =
        (0..5_000).map(|row| format!("{},{},user-{}\n", row * 300, row % 700, row % 13)).collect();
    fs::write(&trace, format!("t_us,value_len,key\n{rows}")).expect("a file");
    let trace = format!(
        "[workload]\ntrace = {:?}\n[cluster]\npartitions = 4\n[producer]\nlinger.ms = 3\nbuffer.memory = 60000\n",
        path(&trace)
    );
    let closed = "[run]\nduration = \"3s\"\n[workload]\narrivals = \"closed\"\nvalue = \"300B\"\n\
                  keys = { dist = \"uniform\", count = 9 }\n[producer]\nthreads = 4\nlinger.ms = 2\nsend-mode = \"sync\"\n";
    let spinning = "[run]\nduration = \"2s\"\n[workload]\nrate = \"3000/s\"\nvalue = \"300B\"\n[producer]\n\
                    flush-every = 50\n[producer.sender]\nwake = \"20us\"\nwake-jitter = \"300us\"\n";
    for (name, text) in [("trace", &trace[..]), ("closed", closed), ("spinning", spinning)] {
        changes_nothing(&load(&format!("dump-log-same-{name}"), text).scenario, name);
    }
}

#[test]
fn files_are_what_is_printed_and_nothing_else_is_left() {
    let file = scenario_file("files", &(WRITTEN.to_owned() + "compression.type = \"zstd\"\n"));
    let folder = temporary("files");
    let _ = fs::remove_dir_all(&folder);
    let text = printed(&["dump-log", path(&file), "-q", "--print-data-log", "--out", path(&folder)]);
    let mut again = String::new();
    for partition in 0..3 {
        let name = format!("events-{partition}");
        let names: Vec<_> = fs::read_dir(folder.join(&name))
            .expect("a folder")
            .map(|one| one.expect("an entry").file_name())
            .collect();
        assert_eq!(names, ["00000000000000000000.log"]);
        let bytes = fs::read(folder.join(&name).join(&names[0])).expect("a file");
        let shown = Shown { data: true, ..Shown::BATCHES };
        let mut dump = LogDump::new(&name, 0, shown, &mut again);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (_, frame) = BatchHeader::read(rest).expect("a batch");
            dump.batch(&rest[..frame.size], &mut again).expect("a batch");
            rest = &rest[frame.size..];
        }
    }
    assert_eq!(text, again);
}

#[test]
fn so_many_records_and_no_more() {
    let file = scenario_file("limits", &(WRITTEN.to_owned() + "linger.ms = 20\n"));
    let lines = |more: &[&str]| -> Vec<String> {
        let args =
            [&["dump-log", path(&file), "-q", "--partition", "events-1", "--max-messages", "20"][..], more]
                .concat();
        printed(&args).lines().map(str::to_owned).collect()
    };
    let shown = lines(&["--print-data-log"]);
    assert_eq!(shown.iter().filter(|line| line.starts_with("| offset: ")).count(), 20);
    assert!(shown.iter().all(|line| !line.starts_with("Dumping ") || line.contains("events-1/")));
    let batches = lines(&[]);
    assert!(batches.iter().all(|line| !line.starts_with('|')) && batches.len() < shown.len());
    assert_eq!(shown.iter().filter(|line| !line.starts_with('|')).cloned().collect::<Vec<_>>(), batches);
    let bare = lines(&["--print-data-log", "--skip-record-metadata"]);
    assert_eq!(bare.iter().filter(|line| line.starts_with("| key: user-")).count(), 20, "{bare:?}");
}

#[test]
fn what_cannot_be_shown_is_said() {
    let file = scenario_file(
        "wrong",
        &(WRITTEN.replace("= 3\n[w", "= 3\nbrokers = 3\nreplication = 1\n[w")
            + "compression.type = \"lz4\"\n"),
    );
    let said = |more: &[&str]| {
        let output = lingersim(&[&["dump-log", path(&file), "--records", "20"][..], more].concat());
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    for (more, words) in [
        (&["--partition", "events-3"][..], &["`events-3`", "events-0 to events-2"][..]),
        (&["--partition", "events", "--partition", "other-0"], &["`events`, `other-0`"]),
        (&["--broker", "4"], &["no broker 4", "1 to 3"]),
        (
            &["--partition", "events-0", "--partition", "events-1", "--broker", "1"],
            &["broker 1 has no replica of events-"],
        ),
        (&["--duration", "soon"], &["--duration"]),
    ] {
        let (code, told) = said(more);
        assert_eq!(code, Some(2), "{told}");
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }
    let (code, told) = said(&[]);
    assert!(code == Some(0) && told.contains("real-compression = true"), "{told}");
    let (_, told) = said(&["--set", "producer.real-compression=true"]);
    assert!(!told.contains("real-compression"), "{told}");
    assert_eq!(said(&["-q"]).1, "");
}

/// Batches that the real client has built, with what it says of them.
#[test]
fn batches_of_the_real_client_are_shown_as_it_sees_them() {
    let file = fs::File::open("tests/vectors/record_batches.jsonl.gz").expect("a file");
    let mut lines = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut lines).expect("text");
    let mut seen = 0;
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let expected = &case["expected"];
        let Some(bytes) = expected["bytes"].as_str().filter(|bytes| !bytes.is_empty()) else { continue };
        let bytes = match bytes.strip_prefix("b64:") {
            Some(packed) => base64::prelude::BASE64_STANDARD.decode(packed).expect("base64"),
            None => (0..bytes.len() / 2)
                .map(|at| u8::from_str_radix(&bytes[2 * at..2 * at + 2], 16).expect("hexadecimal"))
                .collect(),
        };
        let mut text = String::new();
        let mut dump = LogDump::new("t-0", 0, Shown { data: true, ..Shown::BATCHES }, &mut text);
        dump.batch(&bytes, &mut text).unwrap_or_else(|error| panic!("{}: {error}", case["id"]));
        let shown = fields(text.lines().nth(2).expect("a batch"));
        for (name, of) in [
            ("lastOffset", &expected["last_offset"]),
            ("lastSequence", &expected["last_sequence"]),
            ("count", &expected["count"]),
            ("crc", &expected["crc"]),
            ("size", &expected["size"]),
            ("baseOffset", &case["base_offset"]),
            ("baseSequence", &case["base_sequence"]),
            ("producerId", &case["producer_id"]),
            ("producerEpoch", &case["producer_epoch"]),
            ("partitionLeaderEpoch", &case["partition_leader_epoch"]),
        ] {
            assert_eq!(number(&shown, name), of.as_i64().expect("a number"), "{} {name}", case["id"]);
        }
        assert_eq!(shown["compresscodec"], case["codec"].as_str().expect("a codec"), "{}", case["id"]);
        assert_eq!(shown["isTransactional"] == "true", case["transactional"] == true, "{}", case["id"]);
        seen += 1;
    }
    assert!(seen > 300, "{seen}");
}
