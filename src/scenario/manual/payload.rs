//! What values consist of.

use super::kind::{DURATION, Kind, PERCENTAGE};
use super::workload::WEIGHT;
use super::{Row, Section, row};
use crate::scenario::limits;
use crate::serializer::object::Object;

/// Bytes of a text field.
const LENGTH: Kind = Kind::Count(0, limits::FIELD_BYTES);

const LENGTHS: [Row; 2] =
    [row("min", LENGTH, "fewest bytes").needed(), row("max", LENGTH, "most bytes, at least `min`").needed()];

const FIELD: [Row; 8] = [
    row("kind", Kind::Words(&["integer", "decimal", "choice", "text", "uuid", "boolean"]), "what it is")
        .needed(),
    row("min", Kind::Number, "`integer`, `decimal`: smallest, needed"),
    row("max", Kind::Number, "`integer`, `decimal`: largest, needed"),
    row("digits", Kind::Count(1, 9), "`decimal`: digits behind the point; 2"),
    row(
        "of",
        Kind::List(&Kind::Either(&[Kind::Text, Kind::Number, Kind::Flag]), 1, limits::WEIGHTS),
        "`choice`: one of these, needed",
    ),
    row("weights", Kind::List(&WEIGHT, 0, limits::WEIGHTS), "`choice`: one for each; else all alike"),
    row("length", Kind::Either(&[LENGTH, Kind::Inline(&LENGTHS)]), "`text`: bytes of its words, needed"),
    row("share", PERCENTAGE, "`boolean`: how often it is true; 50 %"),
];

/// The words of `object`.
const OBJECTS: [&str; 11] = {
    let mut words = [""; 11];
    let mut at = 0;
    while at < words.len() {
        words[at] = Object::NAMES[at].0;
        at += 1;
    }
    words
};

const CHANGE: [Row; 2] =
    [row("at", DURATION, "from when on").needed(), row("schema", Kind::File, "which").needed()];

/// What values consist of: one of `content`, `template`, `template-file` and `file`.
pub const PAYLOAD: Section = Section::new(
    "workload.payload",
    "What values consist of: one of `content`, `template`, `template-file` and `file`.",
    &[
        row(
            "content",
            Kind::Words(&["zeros", "random", "letters", "words", "orders"]),
            "bytes for values that are as long as `value`, or the trace, says",
        )
        .one_of(),
        row("template", Kind::Block, "a text with `{{name}}` where a field stands").one_of(),
        row("template-file", Kind::File, "the same from a file of at most 64 KiB").one_of(),
        row("file", Kind::File, "a text with the values themselves, at most 64 MiB").one_of(),
        row("fields", Kind::Named(&Kind::Inline(&FIELD)), "`template`: what names stand for"),
        row("json", Kind::Flag, "`template`: whether every value must be JSON; `false`"),
        row("delimiter", Kind::Text, "`file`: plain text between two values; a new line"),
        row(
            "order",
            Kind::Words(&["random", "in-turn"]),
            "`file`: any value, all alike, or one after the other in each thread; `random`",
        ),
        row(
            "object",
            Kind::Words(&OBJECTS),
            "what the application hands to its serializer; else what that takes",
        ),
        row("schema", Kind::File, "of a value: Avro (`.avsc`), JSON Schema (`.json`) or Protobuf (`.proto`)"),
        row(
            "schema-changes",
            Kind::List(&Kind::Inline(&CHANGE), 0, limits::SCHEMA_CHANGES),
            "later schemas: `[{ at = \"10s\", schema = \"order-v2.avsc\" }]`",
        ),
    ],
);
