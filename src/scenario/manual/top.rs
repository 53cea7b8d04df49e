//! The top of a scenario, and its small sections.

use super::kind::{BANDWIDTH, DURATION, Kind, POSITIVE_DURATION};
use super::{Section, row};
use crate::scenario::limits;

/// A scenario: one run, and what happens in it.
pub const TOP: Section = Section::new(
    "",
    "A scenario: one run, and what happens in it.",
    &[
        row("title", Kind::Text, "one line for the report; else the name of the file"),
        row("seed", Kind::Count(0, u64::MAX), "the master seed: same scenario, seed and version, same bytes")
            .preset("1"),
        row("kafka", Kind::Table, "the client that is imitated"),
        row("run", Kind::Table, "when the run ends"),
        row("cluster", Kind::Table, "brokers and topics"),
        row("network", Kind::Table, "between producers and brokers"),
        row("producer", Kind::OneOrMore, "groups of producers; one with defaults if there is none"),
        row("workload", Kind::Table, "of all producers that have no workload of their own"),
        row("registry", Kind::Table, "the schema registry that serializers ask"),
        row("fault", Kind::Tables, "what goes wrong"),
        row(
            "thresholds",
            Kind::Named(&Kind::Either(&[Kind::Text, Kind::List(&Kind::Text, 1, 100), Kind::Table])),
            "by metric, what `lingersim check` holds a run to; docs/check.md has the grammar",
        ),
        row("gate", Kind::Tables, "the same in a long form"),
        row("check", Kind::Table, "how a run is checked"),
        row("sweep", Kind::Table, "what `lingersim sweep` varies"),
        row(
            "lesson",
            Kind::Tables,
            "steps of a guided tour through the run; docs/lessons.md says how to write one",
        ),
        row(
            "lesson-translations",
            Kind::List(&Kind::File, 0, limits::LESSON_TRANSLATIONS),
            "the words of the lesson in other languages: `[\"01-pipeline.ko.toml\"]`",
        ),
    ],
);

/// The client that is imitated.
pub const KAFKA: Section = Section::new(
    "kafka",
    "The client that is imitated.",
    &[row("version", Kind::Words(&["4.3", "3.9", "3.1", "2.3"]), "release of the Java client").preset("4.3")],
);

/// When the run ends.
pub const RUN: Section = Section::new(
    "run",
    "When the run ends.",
    &[
        row(
            "duration",
            POSITIVE_DURATION,
            "nothing that is due later is sent; no default beside `records` or a trace",
        )
        .preset("10s"),
        row(
            "records",
            Kind::Count(1, limits::RECORDS),
            "nothing is sent after so many records of all threads",
        ),
        row("close-timeout", DURATION, "patience of `close`; without it `close` waits for all records"),
        row(
            "latency-from",
            Kind::Words(&["intended", "call"]),
            "latency counts from the time a record was due, or from the call of `send`, which leaves out what a stalled \
             application did not send in time (coordinated omission)",
        )
        .preset("intended"),
    ],
);

/// Between producers and brokers: each connection has a link of its own in each direction.
pub const NETWORK: Section = Section::new(
    "network",
    "Between producers and brokers: each connection has a link of its own in each direction.",
    &[
        row("latency", DURATION, "one way").preset("250us"),
        row("jitter", DURATION, "up to this much is added, uniformly").preset("0ms"),
        row("bandwidth", Kind::Either(&[BANDWIDTH, Kind::Words(&["unlimited"])]), "of one connection")
            .preset("10Gbit/s"),
        row("connect", DURATION, "time to set up a connection").preset("1ms"),
    ],
);

/// The schema registry that serializers ask.
pub const REGISTRY: Section = Section::new(
    "registry",
    "The schema registry that serializers ask. It may be empty: `[registry]`.",
    &[
        row("platform", Kind::Words(&["8", "7"]), "Confluent Platform of registry and serializers")
            .preset("8"),
        row("latency", DURATION, "from a call to its answer").preset("5ms"),
        row("jitter", DURATION, "up to this much is added to a call").preset("0ms"),
        row("export", Kind::File, "what a real one has: what `GET /schemas` answers, or lines of `_schemas`"),
        row("compatibility", LEVEL, "what new versions must be; BACKWARD, if an export does not say it"),
        row("subjects", Kind::Named(&LEVEL), "the same for single subjects: `{ orders-value = \"FULL\" }`"),
    ],
);

/// A level of compatibility.
const LEVEL: Kind = Kind::Words(&[
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
]);
