//! What application threads send: from a source to a sequence of records.

use std::path::PathBuf;

use lingersim::engine::rng::Streams;
use lingersim::protocol::record::{Key, Record};
use lingersim::values::ids::TopicId;
use lingersim::values::time::{Span, Time};
use lingersim::workload::payload::fill::Fill;
use lingersim::workload::spec::{Arrivals, KeyForm, Keys, Pace, Sizes, Source, Synthetic, TraceFile};
use lingersim::workload::thread::{Plan, ThreadWorkload};

fn synthetic() -> Synthetic {
    Synthetic {
        pace: Pace::Open(Arrivals::Poisson { per_1000_s: 5_000_000 }),
        value_bytes: Sizes::Constant(100),
        fill: Fill::Zeros,
        handed: Default::default(),
        keys: Keys::None,
        topics: vec![(TopicId(0), 1)],
        partition: None,
        placement: None,
        headers: Vec::new(),
    }
}

fn start(source: Synthetic, seed: u64, entity: u32) -> ThreadWorkload {
    Plan::new(&Source::Synthetic(source)).thread(&Streams::new(seed), entity).expect("nothing to open")
}

fn records(source: Synthetic, seed: u64, entity: u32) -> Vec<Record> {
    let mut thread = start(source, seed, entity);
    (0..5_000).map(|_| *thread.take().expect("endless")).collect()
}

fn tags(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.tag).collect()
}

#[test]
fn a_record_carries_what_the_source_says_and_its_intended_time() {
    let source = Synthetic {
        partition: Some(3),
        headers: vec![(5, Some(10)), (2, None)],
        keys: Keys::Uniform { count: 1, form: KeyForm::Text("k".to_owned()) },
        topics: vec![(TopicId(4), 1)],
        pace: Pace::Open(Arrivals::Constant { per_1000_s: 1_000_000, phase_permille: 250 }),
        ..synthetic()
    };
    let mut thread = start(source, 1, 0);
    assert_eq!(thread.next_time(), Time(250_000));
    let expected = Record {
        topic: TopicId(4),
        partition: 3,
        key: Key::of(b"k0"),
        value_len: 100,
        // A length prefix, the name, a length prefix, the value.
        headers_bytes: (1 + 5 + 1 + 10) + (1 + 2 + 1),
        headers_count: 2,
        tail: lingersim::protocol::record::TailId::NONE,
        timestamp_ms: -1,
        tag: 250_000,
    };
    assert_eq!(thread.take(), Some(&expected));
    assert_eq!(thread.next_time(), Time(1_250_000));
    assert_eq!(thread.offered(), 1);
}

#[test]
fn the_same_seed_gives_the_same_records_and_another_does_not() {
    let source = || Synthetic {
        value_bytes: Sizes::LogNormal { median: 100, p99: 1_000, max: 10_000 },
        keys: Keys::Zipf { count: 1_000, exponent_permille: 990, form: KeyForm::BigEndian8 },
        topics: vec![(TopicId(0), 1), (TopicId(1), 2)],
        ..synthetic()
    };
    assert_eq!(records(source(), 1, 0), records(source(), 1, 0));
    assert_ne!(records(source(), 1, 0), records(source(), 2, 0));
    assert_ne!(records(source(), 1, 0), records(source(), 1, 1));
}

#[test]
fn a_change_of_one_quantity_leaves_the_others_alone() {
    let keyed = || Synthetic { keys: Keys::Uniform { count: 100, form: KeyForm::BigEndian8 }, ..synthetic() };
    let sized = || Synthetic { value_bytes: Sizes::Uniform { min: 1, max: 1_000 }, ..keyed() };
    let mixed = || Synthetic { topics: vec![(TopicId(0), 1), (TopicId(1), 1)], ..sized() };
    let faster = || Synthetic { pace: Pace::Open(Arrivals::Poisson { per_1000_s: 9_000_000 }), ..mixed() };
    let (plain, keyed) = (records(synthetic(), 1, 0), records(keyed(), 1, 0));
    let (sized, mixed, faster) = (records(sized(), 1, 0), records(mixed(), 1, 0), records(faster(), 1, 0));
    assert_eq!(tags(&plain), tags(&mixed));
    assert!(keyed.iter().zip(&faster).all(|(a, b)| a.key == b.key));
    assert!(sized.iter().zip(&faster).all(|(a, b)| a.value_len == b.value_len));
    assert!(mixed.iter().zip(&faster).all(|(a, b)| a.topic == b.topic));
}

#[test]
fn topics_are_mixed_by_weight() {
    let source = Synthetic { topics: vec![(TopicId(0), 3), (TopicId(7), 1)], ..synthetic() };
    let records = records(source, 1, 0);
    let second = records.iter().filter(|record| record.topic == TopicId(7)).count();
    // Four standard deviations of a quarter of 5000.
    assert!(second.abs_diff(1_250) < 123, "{second}");
}

#[test]
fn keys_and_topics_are_independent() {
    let source = Synthetic {
        keys: Keys::Uniform { count: 2, form: KeyForm::BigEndian8 },
        topics: vec![(TopicId(0), 1), (TopicId(1), 1)],
        ..synthetic()
    };
    let first_key = Key::of(&[0; 8]);
    let agreeing = |record: &&Record| (record.key == first_key) == (record.topic == TopicId(0));
    let agreements = records(source, 1, 0).iter().filter(agreeing).count();
    assert!(agreements.abs_diff(2_500) < 142, "{agreements}");
}

#[test]
fn a_closed_loop_waits_for_completions() {
    let source = Synthetic { pace: Pace::Closed { think: Span::from_millis(2) }, ..synthetic() };
    let mut thread = start(source, 1, 0);
    assert_eq!(thread.next_time(), Time::START);
    assert_eq!(thread.take().map(|record| record.tag), Some(0));
    assert_eq!(thread.next_time(), Time::NEVER);
    assert_eq!(thread.take(), None);
    thread.completed(Time::from_millis(10));
    assert_eq!(thread.next_time(), Time::from_millis(12));
    assert_eq!(thread.offered(), 1);
}

#[test]
fn an_open_loop_does_not_look_at_completions() {
    let mut thread = start(synthetic(), 1, 0);
    let due = thread.next_time();
    thread.completed(Time::from_millis(1_000));
    assert_eq!(thread.next_time(), due);
}

/// A folder with the files of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("lingersim-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a writable folder for temporary files");
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a writable file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind here is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn trace(path: PathBuf, late: Option<PathBuf>) -> TraceFile {
    TraceFile {
        path,
        default_topic: TopicId(1),
        topics: vec!["events".to_owned(), "audit".to_owned()],
        partitions: vec![6, 6],
        late,
        ignore_keys: false,
        fill: Fill::Zeros,
    }
}

/// All records, the error that ended the trace if any, and the notes.
fn replay(trace: TraceFile) -> (Vec<Record>, Option<String>, Vec<String>) {
    let mut thread = match Plan::new(&Source::Trace(trace)).thread(&Streams::new(1), 0) {
        Ok(thread) => thread,
        Err(error) => return (Vec::new(), Some(error.to_string()), Vec::new()),
    };
    let records = std::iter::from_fn(|| thread.take().copied()).collect();
    (records, thread.error().map(ToString::to_string), thread.notes())
}

/// The recorder's format.
const RECORDED: &str = "t_us,topic,key,value_len,partition\n10408,events,user-146,167,\n16439,events,user-1,15,\n\
                        21954,events,user-0,120,2\n";

#[test]
fn a_recorded_trace_is_replayed_as_it_stands() {
    let folder = Folder::new("recorded");
    let (records, error, notes) = replay(trace(folder.file("trace.csv", RECORDED), None));
    assert_eq!(error, None);
    assert_eq!(notes, [""; 0]);
    assert_eq!(tags(&records), [10_408_000, 16_439_000, 21_954_000]);
    let third = Record {
        topic: TopicId(0),
        partition: 2,
        key: Key::of(b"user-0"),
        value_len: 120,
        headers_bytes: 0,
        headers_count: 0,
        tail: lingersim::protocol::record::TailId::NONE,
        timestamp_ms: -1,
        tag: 21_954_000,
    };
    assert_eq!(records[2], third);
    assert_eq!(records[0].partition, -1);
}

#[test]
fn keys_can_be_left_out() {
    let folder = Folder::new("unkeyed");
    let unkeyed = TraceFile { ignore_keys: true, ..trace(folder.file("trace.csv", RECORDED), None) };
    let (records, error, _) = replay(unkeyed);
    assert_eq!(error, None);
    assert!(records.iter().all(|record| record.key == Key::NULL));
}

#[test]
fn lateness_is_added_and_keeps_the_order() {
    let folder = Folder::new("late");
    let late =
        folder.file("late.csv", "late_us,partition,offset,ack_us\n41,0,1,8005\n7000,2,1,8786\n5,1,1,6558\n");
    let (records, error, notes) = replay(trace(folder.file("trace.csv", RECORDED), Some(late)));
    assert_eq!(error, None);
    assert_eq!(tags(&records), [10_449_000, 23_439_000, 23_439_000]);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].ends_with("would pass once late: 1"), "{notes:?}");
}

#[test]
fn every_known_column_is_understood() {
    let folder = Folder::new("columns");
    let content = "timestamp_ms,key_hash,key_len,size,headers_count,headers_bytes,topic,host\n\
                   1700000000000,-1563381124,1,10,1,9,,a\n\
                   1700000000005,2731586172,6,-1,0,0,events,b\n\
                   1700000000005,,,,,,\"events\",c\n\
                   1700000000005,7,,1,0,0,,d\n";
    let (records, error, notes) = replay(trace(folder.file("trace.csv", content), None));
    assert_eq!(error, None);
    assert_eq!(tags(&records), [0, 5_000_000, 5_000_000, 5_000_000]);
    assert_eq!(records.iter().map(|r| r.topic.0).collect::<Vec<_>>(), [1, 0, 0, 1]);
    // Signed and unsigned say the same hash: that of `a`.
    assert_eq!(records[0].key, Key::of(b"a"));
    assert_eq!(records[1].key, Key { len: 6, murmur2: Key::of(b"a").murmur2 });
    assert_eq!(records[2].key, Key::NULL);
    assert_eq!(records[3].key, Key { len: 8, murmur2: 7 });
    assert_eq!(records.iter().map(|r| r.value_len).collect::<Vec<_>>(), [10, -1, -1, 1]);
    assert_eq!((records[0].headers_count, records[0].headers_bytes), (1, 9));
    assert!(notes[0].ends_with("ignored: host"), "{notes:?}");
}

#[test]
fn records_before_a_broken_row_come_and_the_error_waits() {
    let folder = Folder::new("broken");
    let content = format!("{RECORDED}21000,events,user-3,1,\n");
    let (records, error, _) = replay(trace(folder.file("trace.csv", content), None));
    assert_eq!(records.len(), 3);
    let error = error.expect("time goes back");
    assert!(
        error.ends_with(
            "trace.csv:5: column `t_us`: time goes back by 954000 ns: rows must be in order of time"
        )
    );
}

#[test]
fn broken_traces_are_refused_with_their_place() {
    let folder = Folder::new("refused");
    let head = "t_us,topic,key,value_len,partition\n";
    let headers = "t_us,size,headers_count,headers_bytes\n";
    let rows: [(String, &str); 15] = [
        (String::new(), ": the file is empty: expected a header and rows"),
        (head.to_owned(), ": the trace has a header but no rows"),
        (format!("{head}1,events,k,100"), ":2: the row has 4 fields where the header has 5"),
        (
            format!("{head}x,events,k,100,"),
            ":2: column `t_us`: \"x\" is wrong: expected a whole number from 0 to",
        ),
        (format!("{head},events,k,100,"), ":2: column `t_us`: the field is empty: expected a whole number"),
        (format!("{head}-5,events,k,100,"), ":2: column `t_us`: \"-5\" is wrong"),
        (format!("{head}{},events,k,100,", "9".repeat(400)), ":2: column `t_us`: \"9999"),
        (
            format!("{head}1,evnts,k,100,"),
            ":2: column `topic`: \"evnts\" is none of the cluster's topics: did you mean `events`?",
        ),
        (
            format!("{head}1,events,k,2147483648,"),
            ":2: column `value_len`: \"2147483648\" is wrong: expected a whole number from 0 to 2147483647",
        ),
        (format!("{head}1,events,k,1.5,"), ":2: column `value_len`: \"1.5\" is wrong"),
        (format!("{head}1,events,k,1,-2"), ":2: column `partition`: \"-2\" is wrong"),
        (format!("{head}1,events,a\0b,1,"), ":2: column `key`: \"a\\0b\" is wrong: expected UTF-8 text"),
        (format!("{headers}1,1,2,3"), ":2: column `headers_bytes`: 3 encoded bytes do not fit 2 headers"),
        (format!("{headers}1,1,0,3"), ":2: column `headers_bytes`: 3 encoded bytes do not fit 0 headers"),
        (
            "t_us,size,key_hash\n1,1,4294967296".to_owned(),
            ":2: column `key_hash`: \"4294967296\" is wrong: expected murmur2",
        ),
    ];
    for (content, expected) in rows {
        let (_, error, _) = replay(trace(folder.file("trace.csv", &content), None));
        let error = error.expect(expected);
        assert!(error.contains(&format!("trace.csv{expected}")), "{error}");
    }
}

#[test]
fn invalid_utf8_is_refused() {
    let folder = Folder::new("utf8");
    let (_, error, _) = replay(trace(folder.file("trace.csv", b"t_us,key,size\n1,\xff\xfe,1\n"), None));
    let error = error.expect("not UTF-8");
    assert!(error.contains("trace.csv:2: column `key`:"), "{error}");
}

#[test]
fn files_that_do_not_fit_together_are_refused() {
    let folder = Folder::new("mismatch");
    let path = folder.file("trace.csv", RECORDED);
    let short = folder.file("short.csv", "late_us\n1\n2\n");
    let long = folder.file("long.csv", "late_us\n1\n2\n3\n4\n");
    let other = folder.file("other.csv", "late\n1\n2\n3\n");
    let cases = [
        (short, "short.csv: has no row for line 4 of "),
        (long, "long.csv:5: has more rows than the trace"),
        (other, "other.csv:1: the header has no column `late_us`, found \"late\""),
        (folder.0.join("none.csv"), "none.csv: the file cannot be opened: "),
        (folder.0.clone(), ": the file cannot be opened: it is a folder"),
    ];
    for (late, expected) in cases {
        let (_, error, _) = replay(trace(path.clone(), Some(late)));
        let error = error.expect(expected);
        assert!(error.contains(expected), "{error}");
    }
}
