//! What application threads send.

use super::kind::{DURATION, Kind, PERCENTAGE, POSITIVE_DURATION, RATE, SIZE};
use super::{Row, Section, row};
use crate::scenario::limits;
use crate::values::quantity::Measure;
use crate::values::units::{Bytes, Rate};

/// A rate above 0.
const POSITIVE_RATE: Kind = Kind::Positive(Rate::QUANTITY);

/// How often one of several is drawn, against the others.
pub const WEIGHT: Kind = Kind::Count(1, 1_000_000);

const HEADER: [Row; 2] = [
    row("name", SIZE, "size of its name").needed(),
    row("value", SIZE, "size of its value; without it, it is null"),
];

/// What one application thread sends.
pub const WORKLOAD: Section = Section::new(
    "workload",
    "What one application thread sends.",
    &[
        row(
            "arrivals",
            Kind::Words(&["poisson", "constant", "on-off", "ramp", "wave", "closed"]),
            "how records come",
        )
        .preset("poisson"),
        row("rate", POSITIVE_RATE, "mean rate; `on-off`: while on; `ramp`: at its end; not with `closed`")
            .preset("10000/s"),
        row("phase", PERCENTAGE, "`constant`: offset of the first record in parts of a gap; 0 %")
            .said("0 % to 100 %"),
        row("off-rate", RATE, "`on-off`: while off; 0/s"),
        row("on-for", POSITIVE_DURATION, "`on-off`: needed"),
        row("off-for", POSITIVE_DURATION, "`on-off`: needed"),
        row("from-rate", RATE, "`ramp`: at its start; 0/s"),
        row("over", POSITIVE_DURATION, "`ramp`: its length, needed"),
        row("swing", PERCENTAGE, "`wave`: largest deviation from the mean; 50 %").said("0 % to 100 %"),
        row("period", POSITIVE_DURATION, "`wave`: its length, needed"),
        row(
            "think",
            DURATION,
            "`closed`: from a record's result to the next record, at least 1 us after it; 0",
        ),
        row("value", Kind::Either(&[SIZE, Kind::Table]), "size of values").preset("100B"),
        row(
            "keys",
            Kind::Either(&[Kind::Words(&["none"]), Kind::Table]),
            "keys of records; with a trace `\"none\"` leaves its keys out",
        )
        .preset("none"),
        row("payload", Kind::Table, "what values consist of; zeros without it"),
        row("topic", Kind::Text, "the one topic; else all topics of the cluster alike"),
        row("topics", Kind::Named(&WEIGHT), "topics with weights: `{ orders = 3, audit = 1 }`"),
        row("partition", Kind::Count(0, limits::PARTITIONS - 1), "explicit partition of every record")
            .said("whole number"),
        row(
            "key-partitioner",
            Kind::Words(&["java", "crc32", "fnv1a", "murmur2-abs"]),
            "how the client maps keys to partitions: Java's murmur2, librdkafka's CRC-32, sarama's FNV-1a, or murmur2 with \
             a wrong sign",
        )
        .preset("java"),
        row(
            "headers",
            Kind::List(&Kind::Inline(&HEADER), 0, limits::HEADERS),
            "sizes: `[{ name = \"5B\", value = \"36B\" }]`; without `value` it is null",
        )
        .said("list of at most 1000 tables"),
        row("trace", Kind::File, "records to replay: CSV with a header, in order of time"),
        row("late", Kind::File, "CSV: row i has `late_us`, to add to the time of row i of the trace"),
    ],
);

/// Sizes between two, all alike.
pub const UNIFORM_SIZES: Section = Section::new(
    "workload.value",
    "Sizes between two, all alike.",
    &[
        row("dist", Kind::Words(&["uniform"]), "which distribution"),
        row("min", SIZE, "smallest").needed(),
        row("max", SIZE, "largest, at least `min`").needed(),
    ],
)
.of_dist("uniform");

/// Many small sizes and few large ones.
pub const LOG_NORMAL_SIZES: Section = Section::new(
    "workload.value",
    "Many small sizes and few large ones.",
    &[
        row("dist", Kind::Words(&["log-normal"]), "which distribution"),
        row("median", Kind::Positive(Bytes::QUANTITY), "half of the values are smaller").needed(),
        row("p99", SIZE, "99th percentile").said("size above `median`").needed(),
        row("max", SIZE, "larger ones are cut to it").said("size, at least `p99`").needed(),
    ],
)
.of_dist("log-normal");

/// Sizes from a list, with weights.
pub const EMPIRICAL_SIZES: Section = Section::new(
    "workload.value",
    "Sizes from a list, with weights.",
    &[
        row("dist", Kind::Words(&["empirical"]), "which distribution"),
        row("sizes", Kind::List(&SIZE, 1, limits::WEIGHTS), "sizes that occur")
            .said("list of 1 to 10000 sizes")
            .needed(),
        row("weights", Kind::List(&WEIGHT, 0, limits::WEIGHTS), "one for each size; else all alike")
            .said("list of whole numbers from 1 to 1000000"),
    ],
)
.of_dist("empirical");

/// Keys that are all alike.
pub const UNIFORM_KEYS: Section = Section::new(
    "workload.keys",
    "Keys that are all alike.",
    &[
        row("dist", Kind::Words(&["uniform"]), "which distribution"),
        row("count", Kind::Count(1, limits::KEYS), "number of keys")
            .said("1 to 10000000, of all workloads together")
            .needed(),
        row("form", Kind::Words(&["text", "big-endian"]), "prefix and number, or eight bytes").preset("text"),
        row("prefix", Kind::Text, "of keys in text form; `key-`"),
    ],
)
.of_dist("uniform");

/// Keys of which the first are used most, by the law of Zipf.
pub const ZIPF_KEYS: Section = Section::new(
    "workload.keys",
    "Keys of which the first are used most, by the law of Zipf.",
    &[
        row("dist", Kind::Words(&["zipf"]), "which distribution"),
        row("count", Kind::Count(1, limits::KEYS), "number of keys")
            .said("1 to 10000000, of all workloads together")
            .needed(),
        row(
            "exponent",
            Kind::Decimal(0, 10_000),
            "key k has a share in proportion to k to the power of -exponent",
        )
        .preset("1"),
        row("form", Kind::Words(&["text", "big-endian"]), "prefix and number, or eight bytes").preset("text"),
        row("prefix", Kind::Text, "of keys in text form; `key-`"),
    ],
)
.of_dist("zipf");

/// Keys of which a few are hot.
pub const HOT_SET_KEYS: Section = Section::new(
    "workload.keys",
    "Keys of which a few are hot.",
    &[
        row("dist", Kind::Words(&["hot-set"]), "which distribution"),
        row("count", Kind::Count(1, limits::KEYS), "number of keys")
            .said("1 to 10000000, of all workloads together")
            .needed(),
        row("hot", Kind::Count(1, limits::KEYS), "number of hot keys").preset("1").said("1 to `count`"),
        row("share", PERCENTAGE, "share of records that have a hot key; 100 % if all are hot").preset("80%"),
        row("form", Kind::Words(&["text", "big-endian"]), "prefix and number, or eight bytes").preset("text"),
        row("prefix", Kind::Text, "of keys in text form; `key-`"),
    ],
)
.of_dist("hot-set");
