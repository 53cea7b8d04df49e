//! Serializers that ask a schema registry: who waits for it, for how long, and what becomes of records that it refuses.

mod support;

use std::path::Path;

use lingersim::producer::{BlockedOn, Exception};
use lingersim::protocol::size;
use lingersim::scenario::load::from_text;
use lingersim::values::time::Time;
use lingersim::world::happening::{Appended, Departure, Event, Happening};
use lingersim::world::observe::Asked;
use lingersim::world::result::{RegistryCounts, RunResult};
use lingersim::world::run_observed;

const MS: u64 = 1_000_000;

/// The file of a schema of the library: version 2 has one more field with a default, version 3 another one without.
fn schema(version: u32) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("scenarios/schemas/order-v{version}.avsc"))
        .display()
        .to_string()
}

/// Records with a schema every 100 ms, the first one at once.
fn scenario(registry: &str, producer: &str, payload: &str, rest: &str) -> String {
    format!(
        "[cluster]\nbrokers = 1\n[[cluster.topic]]\nname = \"orders\"\npartitions = 1\nreplication = 1\n\
         [registry]\n{registry}\n[producer]\n\
         \"value.serializer\" = \"io.confluent.kafka.serializers.KafkaAvroSerializer\"\n{producer}\n\
         [workload]\nrate = \"10/s\"\narrivals = \"constant\"\n[workload.payload]\n\
         template = '{{\"id\": {{{{seq}}}}, \"customer\": \"c\", \"amount\": 1.5, \"city\": \"x\", \"coupon\": \"y\", \
         \"channel\": \"z\"}}'\n{payload}\n{rest}\n"
    )
}

fn first_schema(version: u32) -> String {
    format!("schema = '{}'", schema(version))
}

/// From one schema to another after 1 s.
fn change(from: u32, to: u32) -> String {
    format!("{}\nschema-changes = [{{ at = \"950ms\", schema = '{}' }}]", first_schema(from), schema(to))
}

struct Seen {
    result: RunResult,
    happenings: Vec<Happening>,
}

impl Seen {
    fn run(text: &str) -> Seen {
        let loaded = from_text("registry", text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
        let asked = Asked { happenings: true, ..Asked::default() };
        let mut happenings = Vec::new();
        let observed = run_observed(&loaded.scenario, &asked, &mut |glance| {
            happenings.extend_from_slice(glance.happenings);
            true
        });
        let result = observed.unwrap_or_else(|error| panic!("{error:?}")).result;
        Seen { result, happenings }
    }

    fn counts(&self) -> RegistryCounts {
        let preparation = self.result.preparation.as_ref().expect("records are prepared");
        preparation.registry.as_ref().expect("a registry").counts
    }

    fn serializing_ns(&self) -> u64 {
        self.result.preparation.as_ref().expect("records are prepared").serializing_ns
    }

    fn exceptions(&self) -> &[(&'static str, String)] {
        &self.result.preparation.as_ref().expect("records are prepared").exceptions
    }

    fn find<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Vec<(Time, T)> {
        self.happenings.iter().filter_map(|one| Some((one.at, pick(&one.what)?))).collect()
    }

    fn appended(&self) -> Vec<(Time, Appended)> {
        self.find(|event| if let Event::Appended(appended) = event { Some(*appended) } else { None })
    }

    fn departures(&self) -> Vec<(Time, Departure)> {
        self.find(|event| if let Event::Sent(departure) = event { Some(*departure) } else { None })
    }

    /// Threads that begin to wait: when, which, and for what.
    fn waits(&self) -> Vec<(Time, (u32, u32, BlockedOn))> {
        self.find(|event| match event {
            Event::Blocked { client, thread, on } => Some((*client, *thread, *on)),
            _ => None,
        })
    }

    fn refused(&self) -> Vec<(Time, &'static str)> {
        self.find(|event| if let Event::Refused { exception, .. } = event { Some(*exception) } else { None })
    }
}

fn counts(answered: u64, refused: u64, unanswered: u64) -> RegistryCounts {
    RegistryCounts { answered, refused, unanswered }
}

#[test]
fn the_first_record_waits_for_metadata_and_then_for_the_registry_and_the_second_for_neither() {
    let seen = Seen::run(&scenario("latency = \"70ms\"", "", &first_schema(1), "[run]\nrecords = 4"));
    let [(_, metadata), (came, registry)] = seen.waits()[..] else { panic!("{:?}", seen.waits()) };
    assert_eq!((metadata, registry), ((0, 0, BlockedOn::Metadata), (0, 0, BlockedOn::Serializers)));
    let appended = seen.appended();
    assert_eq!(appended[0].0, Time(came.0 + 70 * MS));
    assert_eq!(appended[0].1.called, Time::START);
    assert_eq!(appended.len(), 4);
    for (at, record) in &appended[1..] {
        assert_eq!(*at, record.called, "it does not wait");
    }
    assert_eq!((seen.counts(), seen.serializing_ns()), (counts(1, 0, 0), 70 * MS));
    assert_eq!(seen.result.blocked_ns, came.0, "what it waited for metadata");
}

#[test]
fn threads_of_a_producer_share_the_call_and_producers_do_not() {
    let run = |producer: &str| {
        Seen::run(&scenario("latency = \"70ms\"", producer, &first_schema(1), "[run]\nduration = \"500ms\""))
    };
    for (producer, calls) in [("threads = 2", 1), ("count = 2", 2), ("count = 2\nthreads = 3", 2)] {
        let seen = run(producer);
        assert_eq!(seen.counts(), counts(calls, 0, 0), "{producer}");
        let waits = seen.waits();
        let asking = waits.iter().filter(|(_, (.., on))| *on == BlockedOn::Serializers);
        let (threads, asked) = (asking.clone().count(), asking.map(|(at, _)| *at).max().expect("a wait"));
        let appended = seen.appended();
        for (at, record) in &appended[..threads] {
            assert_eq!((*at, record.called), (Time(asked.0 + 70 * MS), Time::START), "{producer}");
        }
        assert_eq!(seen.serializing_ns(), threads as u64 * 70 * MS, "{producer}");
        assert_eq!(seen.result.populations.acked, seen.result.populations.offered, "{producer}");
    }
}

/// CLK-4: the second record comes while the first one is at the registry, 100 ms behind it, and goes into the same batch.
#[test]
fn a_timestamp_is_from_before_the_serializers() {
    let registry = "latency = \"100ms\"";
    let producer = "\"linger.ms\" = 1000";
    let seen = Seen::run(&scenario(registry, producer, &first_schema(1), "[run]\nrecords = 2"));
    let appended = seen.appended();
    let [(first, one), (second, two)] = appended[..] else { panic!("{appended:?}") };
    let came = seen.waits()[1].0;
    assert_eq!((second, one.batch), (first, two.batch), "both when the registry has answered");
    let bytes = |delta: i64| {
        61 + size::record(u64::from(one.fixed_bytes), 0, 0)
            + size::record(u64::from(two.fixed_bytes), delta, 1)
    };
    let delta = second.0 / MS - came.0 / MS;
    assert_ne!(bytes(delta as i64), bytes(0), "the difference can be seen");
    assert_eq!(u64::from(seen.departures()[0].1.bytes), bytes(delta as i64));
}

#[test]
fn max_block_ms_does_not_count_the_registry() {
    for (registry, waited_ms) in [("latency = \"49ms\"", 49), ("latency = \"5s\"", 5_000)] {
        let producer = "\"max.block.ms\" = 50";
        let seen = Seen::run(&scenario(registry, producer, &first_schema(1), "[run]\nrecords = 3"));
        assert_eq!((seen.result.populations.refused, seen.result.populations.acked), (0, 3));
        assert_eq!(seen.serializing_ns(), waited_ms * MS);
    }
    // Where the metadata takes too long, the registry is not even asked.
    let text = scenario(
        "",
        "\"max.block.ms\" = 50",
        &first_schema(1),
        "[network]\nlatency = \"30ms\"\n[run]\nrecords = 1",
    );
    let seen = Seen::run(&text);
    assert_eq!((seen.refused(), seen.counts()), (vec![(Time(50 * MS), "TimeoutException")], counts(0, 0, 0)));
}

#[test]
fn an_incompatible_schema_is_asked_for_with_every_record_and_a_compatible_one_once() {
    let run = |to: u32| Seen::run(&scenario("", "", &change(1, to), "[run]\nduration = \"2s\""));
    let seen = run(2);
    assert_eq!((seen.counts(), seen.result.populations.refused), (counts(2, 0, 0), 0));
    let seen = run(3);
    assert_eq!((seen.counts(), seen.result.populations.refused), (counts(1, 10, 0), 10));
    assert_eq!(seen.result.populations.acked, seen.result.populations.offered - 10);
    assert!(seen.refused().iter().all(|(_, name)| *name == "SerializationException"));
    let [(name, message)] = seen.exceptions() else { panic!("{:?}", seen.exceptions()) };
    assert_eq!(*name, "SerializationException");
    assert!(
        message.starts_with("Error registering Avro schema, caused by RestClientException: "),
        "{message}"
    );
    assert!(message.contains("READER_FIELD_MISSING_DEFAULT_VALUE"), "{message}");
}

/// Whoever reads must find each of its fields, or have a default for it: only `channel` of version 3 has none.
fn can_read(reader: u32, writer: u32) -> bool {
    reader != 3 || writer == 3
}

#[test]
fn each_level_refuses_what_its_rule_says() {
    let mut refused = 0;
    for (level, new_reads_old, old_reads_new) in [
        ("NONE", false, false),
        ("BACKWARD", true, false),
        ("BACKWARD_TRANSITIVE", true, false),
        ("FORWARD", false, true),
        ("FORWARD_TRANSITIVE", false, true),
        ("FULL", true, true),
        ("FULL_TRANSITIVE", true, true),
    ] {
        for (from, to) in [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)] {
            let is_right = (!new_reads_old || can_read(to, from)) && (!old_reads_new || can_read(from, to));
            for registry in [
                format!("compatibility = \"{level}\""),
                format!("compatibility = \"NONE\"\nsubjects = {{ orders-value = \"{level}\" }}"),
            ] {
                let seen =
                    Seen::run(&scenario(&registry, "", &change(from, to), "[run]\nduration = \"1050ms\""));
                let expected = if is_right { counts(2, 0, 0) } else { counts(1, 1, 0) };
                assert_eq!(seen.counts(), expected, "{registry}: from {from} to {to}");
            }
            refused += u32::from(!is_right);
        }
    }
    assert_eq!(refused, 2 * 2 + 2 * 2 + 2 * 4);
}

fn fault(at: &str, lasts: &str, what: &str) -> String {
    format!("[[fault]]\nat = \"{at}\"\nfor = \"{lasts}\"\n{what}\n")
}

#[test]
fn who_knows_the_id_does_not_notice_that_the_registry_is_down() {
    let run = |fault: &str| {
        Seen::run(&scenario("", "", &first_schema(1), &format!("{fault}[run]\nduration = \"3s\""))).result
    };
    let down = run(&fault("500ms", "2s", "registry = \"down\""));
    assert_eq!(down.digest, run("").digest);
    assert_eq!(down.faults[0].touched, 0);
    assert_eq!((down.populations.acked, down.populations.refused), (30, 0));
}

#[test]
fn a_new_schema_meets_a_registry_that_is_down_with_retries_and_then_an_exception() {
    let down = fault("900ms", "60s", "registry = \"down\"");
    let run = |producer: &str| {
        let registry = "latency = \"10ms\"";
        Seen::run(&scenario(
            registry,
            producer,
            &change(1, 2),
            &format!("{down}[run]\nduration = \"1050ms\""),
        ))
    };
    let seen = run("");
    assert_eq!((seen.counts(), seen.refused().len()), (counts(1, 0, 4), 1));
    let asked = seen.waits().last().expect("a wait").0;
    let (thrown, exception) = seen.refused()[0];
    // Up to 1, 2 and 4 s are waited between four calls, and at least 1 ms each.
    let waited = thrown.0 - asked.0 - 4 * 10 * MS;
    assert!((3 * MS..=7_000 * MS).contains(&waited), "{waited}");
    assert!(waited > 1_000 * MS && waited.is_multiple_of(MS), "{waited}");
    assert_eq!(exception, "SerializationException");
    let message = "Error serializing Avro message, caused by ConnectException: Connection refused";
    assert_eq!(seen.exceptions(), [("SerializationException", message.to_owned())]);
    assert_eq!(seen.result.faults[0].touched, 4);
    let seen = run("\"max.retries\" = 0");
    assert_eq!((seen.counts(), seen.refused().len()), (counts(1, 0, 1), 1));
    let asked = seen.waits().last().expect("a wait").0;
    assert_eq!(seen.refused()[0].0, Time(asked.0 + 10 * MS));
}

/// The retries are within the call, and the call holds the lock of the registry's client.
#[test]
fn another_thread_waits_until_all_retries_have_failed() {
    let down = fault("0s", "1000s", "registry = \"down\"");
    let text =
        scenario("latency = \"10s\"", "threads = 2", &first_schema(1), &format!("{down}[run]\nrecords = 2"));
    let seen = Seen::run(&text);
    assert_eq!(seen.counts(), counts(0, 0, 8));
    let [(first, _), (second, _)] = seen.refused()[..] else { panic!("{:?}", seen.refused()) };
    assert!(second.0 - first.0 >= 40_000 * MS, "{first} and {second}");
}

#[test]
fn an_answer_that_takes_more_than_a_minute_is_a_timeout_which_send_does_not_throw() {
    let slow = fault("0s", "1000s", "registry = \"slow\"\nfactor = 20000");
    let interceptors = "interceptors = [{ kind = \"count\" }]\n\"max.retries\" = 0";
    let text =
        scenario("latency = \"5ms\"", interceptors, &first_schema(1), &format!("{slow}[run]\nrecords = 2"));
    let seen = Seen::run(&text);
    assert_eq!(seen.counts(), counts(0, 0, 2));
    let asked = seen.waits()[1].0;
    let expected = [1, 2].map(|calls| (Time(asked.0 + calls * 60_000 * MS), "TimeoutException"));
    assert_eq!(seen.refused(), expected);
    assert!(Exception::TimeoutException.is_api_exception(), "a failed future and a callback");
    assert!(!Exception::SerializationException.is_api_exception(), "thrown");
    let populations = seen.result.populations;
    assert_eq!((populations.offered, populations.refused), (2, 2));
    let tally = &seen.result.preparation.as_ref().expect("prepared").interceptors[0].tally;
    assert_eq!((tally.sends, tally.failed), (2, 2));
}

/// Slow is who is slow when a call is made, and no other call.
#[test]
fn a_call_takes_the_time_of_the_moment_in_which_it_is_made() {
    let run = |at: &str, lasts: &str| {
        let slow = fault(at, lasts, "registry = \"slow\"\nfactor = 20000");
        let text = format!("{slow}[run]\nrecords = 1");
        Seen::run(&scenario("latency = \"500ms\"", "\"max.retries\" = 0", &first_schema(1), &text))
    };
    let seen = run("300ms", "1000s");
    assert_eq!((seen.counts(), seen.result.faults[0].touched), (counts(1, 0, 0), 0));
    assert_eq!(seen.serializing_ns(), 500 * MS);
    let seen = run("0s", "1s");
    assert_eq!((seen.counts(), seen.result.faults[0].touched), (counts(0, 0, 1), 1));
    assert_eq!(seen.serializing_ns(), 60_000 * MS);
}

/// Settings of a serializer that is there have an effect, and those of others are passed over with a note.
#[test]
fn settings_of_serializers_are_keys_that_are_known() {
    let notes = |text: &str| {
        let loaded = from_text("registry", text.to_owned()).unwrap_or_else(|error| panic!("{error}"));
        loaded.notes.into_iter().filter(|note| note.contains("no effect here")).collect::<Vec<String>>()
    };
    let own = "\"max.retries\" = 0\n\"retries.wait.ms\" = 5\n\"auto.register.schemas\" = true\n";
    assert_eq!(notes(&scenario("", own, &first_schema(1), "")), [""; 0]);
    let url = "\"schema.registry.url\" = \"http://localhost\"\n";
    let told = notes(&scenario("", &format!("{own}{url}"), &first_schema(1), ""));
    assert_eq!(
        told,
        ["registry:14: keys of serializers and interceptors have no effect here: schema.registry.url"]
    );
    let told = notes(&format!("[producer]\n{own}"));
    let keys = "max.retries, retries.wait.ms, auto.register.schemas";
    assert_eq!(
        told,
        [format!("registry:2: keys of serializers and interceptors have no effect here: {keys}")]
    );
    let encoded =
        "[producer]\n\"key.serializer\" = \"StringSerializer\"\n\"key.serializer.encoding\" = \"UTF-16\"\n";
    assert_eq!(notes(&format!("{encoded}workload.keys = {{ count = 5 }}\n")), [""; 0]);
    assert_eq!(notes(encoded).len(), 1, "without keys it has none");
}

/// How latency is counted is nothing that a run depends on: the application's schema is that of the time at which a record
/// was due.
#[test]
fn the_schema_of_a_record_does_not_depend_on_how_latency_is_counted() {
    let run = |set: &[&str]| {
        let set = ["registry.latency=700ms"].iter().chain(set).map(|pair| (*pair).to_owned()).collect();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/schema-change.toml");
        let overrides = lingersim::scenario::load::Overrides { set, ..Default::default() };
        let loaded = lingersim::scenario::load::from_file(&file, &overrides);
        let scenario = loaded.unwrap_or_else(|error| panic!("{error}")).scenario;
        let result =
            lingersim::world::run(&scenario, &mut |_, _| {}).unwrap_or_else(|error| panic!("{error:?}"));
        (result.batch_bytes, result.populations.acked, result.populations.refused)
    };
    assert_eq!(run(&[]), run(&["run.latency-from=call"]));
}
