//! What a scenario teaches.

use super::kind::{DURATION, Kind};
use super::{Section, row};
use crate::scenario::limits;

/// A step of a guided tour through the run.
pub const LESSON: Section = Section::new(
    "lesson",
    "A step of a guided tour through the run.",
    &[
        row("id", Kind::Text, "its name, unique in the file, of `a-z`, `0-9` and `-`").needed(),
        row("at", DURATION, "the virtual time that it is about, to the nanosecond if it names an event")
            .needed(),
        row("event", Kind::EventKind, "something of this kind happens then, to what is highlighted: `sent`"),
        row(
            "highlight",
            Kind::Text,
            "what it points at: `batch 1`, `request 1`, `record 1`, `partition events-0`, `broker 1`, `producer`, \
             `buffer`, `linger`, `in-flight`",
        ),
        row("title", Kind::Text, "a short heading"),
        row("text", Kind::Block, "its thought, with placeholders: `{batch 1 waited}`").needed(),
        row("question", Kind::Block, "what the reader is asked; with `answer`"),
        row(
            "choices",
            Kind::List(&Kind::Text, 2, limits::LESSON_CHOICES),
            "what the answer may be; one of them is what `answer` gives",
        ),
        row("answer", Kind::Text, "what is computed as the answer: `batch 2 reason`"),
        row("why", Kind::Block, "told with the answer"),
    ],
);
