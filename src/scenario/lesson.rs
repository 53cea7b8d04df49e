//! A lesson: a guided tour through a run, step by step, as checked values. What it says of the run is computed from the run.

use super::gate::Spot;
use super::lesson_term::Term;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;

/// The lesson of a scenario, in every language that it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lesson {
    /// In the order in which they are shown; none: the scenario has no lesson.
    pub steps: Vec<LessonStep>,
    /// The same in other languages, in the order in which the scenario names them.
    pub translations: Vec<Translation>,
}

/// A step of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonStep {
    /// Its name: unique, of `a-z`, `0-9` and `-`.
    pub id: String,
    /// The virtual time that it is about.
    pub at: Time,
    /// Something of this kind happens then; one of [`EVENT_KINDS`].
    pub event: Option<&'static str>,
    /// What it points at; the event happens to that.
    pub highlight: Option<Highlight>,
    /// What it says, in English.
    pub words: Words,
    /// What its question asks for; there is one if and only if there is a question.
    pub answer: Option<Term>,
    /// Where it stands.
    pub spot: Spot,
}

/// The lesson in another language.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// Two letters: `ko`.
    pub language: String,
    /// One for each step of the lesson, in its order, with the same parts.
    pub words: Vec<Words>,
}

/// What a step says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// A short heading.
    pub title: Option<String>,
    /// The thought of the step.
    pub text: Prose,
    /// What the reader is asked.
    pub question: Option<Prose>,
    /// What the answer may be; none: the question is an open one. All different.
    pub choices: Vec<String>,
    /// Told with the answer.
    pub why: Option<Prose>,
}

/// A text with placeholders: `left after {batch 1 waited}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prose(pub Vec<Piece>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words.
    Plain(String),
    /// Something that is computed.
    Term(Term),
}

/// What a step points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Highlight {
    /// A batch, by its number from 1.
    Batch(u32),
    /// A produce request, by its number from 1.
    Request(u32),
    /// A record, by its number from 1.
    Record(u64),
    /// A partition, which there is.
    Partition(TopicPartition, String),
    /// A broker, which there is.
    Broker(u32),
    /// A part of the picture.
    Part(&'static str),
}

/// Parts of the picture that a step can point at; anything may happen there.
pub const PARTS: [&str; 4] = ["producer", "buffer", "linger", "in-flight"];

/// What can happen in a run; a step may name one of these.
pub const EVENT_KINDS: [&str; 33] = [
    "open",
    "append",
    "full",
    "ready",
    "held",
    "request",
    "sent",
    "arrived",
    "written",
    "duplicate",
    "rejected",
    "replicated",
    "high-watermark",
    "isr",
    "leader",
    "answered",
    "response",
    "acked",
    "failed",
    "retried",
    "split",
    "blocked",
    "refused",
    "flush",
    "flush-end",
    "close",
    "connect",
    "connected",
    "disconnected",
    "metadata",
    "producer-id",
    "fault",
    "fault-end",
];

impl Prose {
    /// What is computed in it.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Term(term) => Some(term),
            Piece::Plain(_) => None,
        })
    }
}

impl Words {
    /// Its text, its question and its explanation, as far as it has them, by the names of their keys.
    pub fn prose(&self) -> impl Iterator<Item = (&'static str, &Prose)> {
        let question = self.question.iter().map(|prose| ("question", prose));
        let why = self.why.iter().map(|prose| ("why", prose));
        std::iter::once(("text", &self.text)).chain(question).chain(why)
    }
}

impl Highlight {
    /// As a scenario writes it: `batch 1`.
    pub fn text(&self) -> String {
        match self {
            Highlight::Batch(number) => format!("batch {number}"),
            Highlight::Request(number) => format!("request {number}"),
            Highlight::Record(number) => format!("record {number}"),
            Highlight::Partition(_, name) => format!("partition {name}"),
            Highlight::Broker(number) => format!("broker {number}"),
            Highlight::Part(part) => (*part).to_owned(),
        }
    }
}
