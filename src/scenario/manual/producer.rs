//! Groups of producers, without Kafka's keys.

use super::kind::{DURATION, FINE_PERCENTAGE, Kind, PER_BYTE, PERCENTAGE, SIZE};
use super::{Row, Section, row};
use crate::scenario::limits;

/// A group of equal producers, with Kafka's keys as they are.
pub const PRODUCER: Section = Section::new(
    "producer",
    "A group of equal producers, with Kafka's keys as they are.",
    &[
        row(
            "count",
            Kind::Count(1, limits::THREADS),
            "producers in the group; with a `client.id`, the second one is `client.id`-2 and so on",
        )
        .preset("1"),
        row(
            "threads",
            Kind::Count(1, limits::THREADS),
            "application threads of each; the workload is that of one thread",
        )
        .preset("1"),
        row(
            "send-mode",
            Kind::Words(&["fire-and-forget", "sync", "callback"]),
            "`sync` waits for each record",
        )
        .preset("fire-and-forget"),
        row("flush-every", Kind::Count(1, limits::RECORDS), "`flush()` after so many records of a thread"),
        row(
            "compression-ratio",
            PERCENTAGE,
            "compressed size as a share of the size; by codec: gzip 21.3 %, snappy 36.9 %, lz4 34.8 %, \
             zstd 20.8 %",
        )
        .said("0.1 % to 200 %"),
        row("real-compression", Kind::Flag, "compress the records' own bytes, rather than by ratio")
            .preset("false"),
        row(
            "interceptors",
            Kind::List(&Kind::Inline(&INTERCEPTOR), 0, limits::INTERCEPTORS),
            "in their order: `[{ kind = \"add-header\", name = \"trace-id\", value = \"16B\" }]`",
        ),
        row(
            "compression-sample",
            Kind::File,
            "instead: a file with a payload in each line, on which the codec is measured, by size of batches",
        ),
        row(
            "compression-curve",
            Kind::Named(&Kind::Either(&[FINE_PERCENTAGE, Kind::List(&FINE_PERCENTAGE, 2, 2)])),
            "instead: the ratio by size of batches before compression, perhaps with its standard deviation, as \
             `lingersim measure` prints it",
        )
        .said("table of sizes: `\"32%\"` or `[\"32%\", \"1.5%\"]`, to 200 %"),
        row("application", Kind::Table, "how application threads sleep"),
        row("cpu", Kind::Table, "processor time of application threads"),
        row("sender", Kind::Table, "processor time of the sender thread"),
        row("workload", Kind::SameAs("workload"), "as `[workload]`, for this group alone"),
        row("properties", Kind::Block, "a properties file as a text between triple quotes"),
        row("properties-file", Kind::File, "a properties file, read as Java reads it"),
    ],
);

const INTERCEPTOR: [Row; 6] = [
    row("kind", Kind::Words(&["add-header", "count", "sample", "set-key", "throw"]), "what it does").needed(),
    row("name", Kind::Text, "`add-header`: name; trace-id"),
    row("value", SIZE, "`add-header`: size of the value; 16 B"),
    row(
        "every",
        Kind::Count(1, limits::RECORDS),
        "`sample`: every n-th result, 1000; `throw`: at every n-th record, 1",
    ),
    row("to", Kind::Text, "`set-key`: this key"),
    row("first", Kind::Count(1, 1_000), "`set-key`: its first characters; with neither, a null key"),
];

/// Processor time that application threads take for a record before it is appended.
pub const CPU: Section = Section::new(
    "producer.cpu",
    "Processor time that application threads take for a record before it is appended.",
    &[
        row("serialize", DURATION, "each record").preset("0ms"),
        row("serialize-per-byte", PER_BYTE, "each byte of it").preset("0ns/B"),
        row("compress-per-byte", PER_BYTE, "each byte of it, with a codec").preset("0ns/B"),
    ],
);

/// What the machine does to an application thread that sleeps until its next record is due.
pub const APPLICATION: Section = Section::new(
    "producer.application",
    "What the machine does to an application thread that sleeps until its next record is due.",
    &[
        row("timer", DURATION, "a sleep ends so much later, at least").preset("0ms"),
        row("timer-jitter", DURATION, "mean of what comes to that, exponentially distributed").preset("0ms"),
        row(
            "stall-every",
            DURATION,
            "mean time between two moments in which the machine stands still for the thread; with `stall`",
        )
        .preset("0ms"),
        row("stall", DURATION, "mean length of such a moment; both are exponentially distributed")
            .preset("0ms"),
    ],
);

/// Processor time of the sender thread.
pub const SENDER: Section = Section::new(
    "producer.sender",
    "Processor time of the sender thread.",
    &[
        row("wake", DURATION, "from a wake-up to the moment the thread runs, at least").preset("0ms"),
        row("wake-jitter", DURATION, "mean of what comes to that, exponentially distributed").preset("0ms"),
        row("timer", DURATION, "more of it after a sleep that ends by itself").preset("0ms"),
        row(
            "spin",
            DURATION,
            "an application thread with less than this until its next record spins, unless \
             `[producer.application]` lets it sleep",
        )
        .preset("0ms"),
        row("held", PERCENTAGE, "how often the sender then has to wait for its core")
            .preset("0%")
            .said("percentage below 100 %"),
        row("turn", DURATION, "one turn of the loop").preset("0ms"),
        row("per-request", DURATION, "more for each request that is written").preset("0ms"),
    ],
);
