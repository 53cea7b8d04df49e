//! A lesson with everything computed in it that it says of its run. What is not true of the run is an error.

use std::fmt;

use serde_json::{Map, Value, json};

use super::korean;
use super::measure::View;
use super::numbers::{number, with_unit};
use crate::recording::Recording;
use crate::recording::fact::Fact;
use crate::recording::lesson::Lecture;
use crate::scenario::Scenario;
use crate::scenario::lesson::{Lesson, LessonStep, Piece, Prose, Words};
use crate::scenario::lesson_term::{Meaning, Term};
use crate::values::time::Time;

/// A lesson, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    /// In their order.
    pub steps: Vec<TourStep>,
}

/// A step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TourStep {
    /// Its name.
    pub id: String,
    /// Its virtual time.
    pub at: Time,
    /// How many steps of the recording have happened by then, its event included.
    pub index: usize,
    /// What it points at, as a scenario writes it.
    pub highlight: Option<String>,
    /// The answer to its question.
    pub answer: Option<String>,
    /// Which of the choices that is, from 0.
    pub right: Option<usize>,
    /// What it says.
    pub words: TourWords,
    /// The same in other languages, by their two letters.
    pub translations: Vec<(String, TourWords)>,
}

/// What a step says, without placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of a scenario")]
pub struct TourWords {
    pub title: Option<String>,
    pub text: String,
    pub question: Option<String>,
    pub choices: Vec<String>,
    pub why: Option<String>,
}

/// What a lesson says and its run does not show; all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonError(Vec<String>);

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n\n"))
    }
}

impl std::error::Error for LessonError {}

/// Computes a lesson from the recording of its run.
///
/// # Errors
/// Events that do not happen at their time, things that the run does not have, answers that are not among the choices.
pub fn tour(lesson: &Lesson, scenario: &Scenario, recording: &Recording) -> Result<Tour, LessonError> {
    if !lesson.steps.is_empty() && !recording.is_whole() {
        let problem = "error: a lesson needs all of its run, and only a part was recorded\n = help: make the run shorter; for a page, \
             leave out --from and --until, or raise --report-max";
        return Err(LessonError(vec![problem.to_owned()]));
    }
    let teller = Teller {
        lecture: Lecture::new(scenario, recording),
        view: View { scenario, result: &recording.result },
    };
    let (mut steps, mut problems) = (Vec::new(), Vec::new());
    for (place, step) in lesson.steps.iter().enumerate() {
        let translations = lesson.translations.iter().map(|other| (&other.language, &other.words[place]));
        match teller.step(step, translations) {
            Ok(told) => steps.push(told),
            Err(wrong) => problems.extend(wrong.into_iter().map(|wrong| problem(step, &wrong))),
        }
    }
    if problems.is_empty() { Ok(Tour { steps }) } else { Err(LessonError(problems)) }
}

/// A sentence, and what would be right.
type Wrong = (String, String);

fn problem(step: &LessonStep, (message, help): &Wrong) -> String {
    let spot = &step.spot;
    format!(
        "error: lesson step `{}`: {message}\n --> {}:{}:{}\n = help: {help}",
        step.id, spot.file, spot.line, spot.column
    )
}

struct Teller<'a> {
    lecture: Lecture<'a>,
    view: View<'a>,
}

impl Teller<'_> {
    fn step<'w>(
        &self,
        step: &LessonStep,
        translations: impl Iterator<Item = (&'w String, &'w Words)>,
    ) -> Result<TourStep, Vec<Wrong>> {
        let index = self.lecture.index(step).map_err(|others| vec![not_then(step, &others)])?;
        let mut wrong = Vec::new();
        let words = self.words(&step.words, "en", index, &mut wrong);
        let translations = translations
            .map(|(language, words)| (language.clone(), self.words(words, language, index, &mut Vec::new())))
            .collect();
        let answer = step.answer.as_ref().and_then(|term| self.noted(term, index, &mut wrong));
        let right =
            answer.as_ref().and_then(|answer| words.choices.iter().position(|choice| choice == answer));
        if let Some(answer) = &answer
            && right.is_none()
            && !words.choices.is_empty()
        {
            let choices = words.choices.join(", ");
            let message = format!("the answer is {answer}, which is none of the choices: {choices}");
            wrong.push((message, "choices are compared with the answer as it is shown".to_owned()));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let highlight = step.highlight.as_ref().map(|highlight| highlight.text());
        Ok(TourStep {
            id: step.id.clone(),
            at: step.at,
            index,
            highlight,
            answer,
            right,
            words,
            translations,
        })
    }

    fn words(&self, words: &Words, language: &str, index: usize, wrong: &mut Vec<Wrong>) -> TourWords {
        let mut told = |prose: &Prose| self.prose(prose, language, index, wrong);
        TourWords {
            title: words.title.clone(),
            text: told(&words.text),
            question: words.question.as_ref().map(&mut told),
            choices: words.choices.clone(),
            why: words.why.as_ref().map(&mut told),
        }
    }

    fn prose(&self, prose: &Prose, language: &str, index: usize, wrong: &mut Vec<Wrong>) -> String {
        let mut told = String::new();
        for piece in &prose.0 {
            match piece {
                Piece::Plain(text) if language == "ko" => told = korean::joined(&told, text),
                Piece::Plain(text) => told.push_str(text),
                Piece::Term(term) => told.push_str(&self.noted(term, index, wrong).unwrap_or_default()),
            }
        }
        told
    }

    /// The value of a term as it is shown; that there is none is noted.
    fn noted(&self, term: &Term, index: usize, wrong: &mut Vec<Wrong>) -> Option<String> {
        let shown = self.shown(&term.meaning, index);
        if shown.is_none() {
            let help =
                "the run has no such thing, or it never came to that: `lingersim report` shows what happens";
            wrong.push((format!("there is no `{}`", term.text), help.to_owned()));
        }
        shown
    }

    fn shown(&self, meaning: &Meaning, index: usize) -> Option<String> {
        match meaning {
            Meaning::Setting(value) => Some(value.clone()),
            Meaning::Figure(wanted) => {
                let value = self.view.value(&wanted.metric, wanted.stat)?;
                Some(with_unit(&wanted.metric, wanted.stat, value))
            }
            _ => self.lecture.fact(meaning, index).map(|fact| self.text(&fact)),
        }
    }

    fn text(&self, fact: &Fact) -> String {
        match fact {
            Fact::Number(value) => number(*value as f64),
            Fact::Bytes(bytes) => format!("{} B", number(*bytes as f64)),
            Fact::Permille(permille) => format!("{}%", number(*permille as f64 / 10.0)),
            Fact::At(Time(ns)) => duration(*ns),
            Fact::Lasted(span) => duration(span.0),
            Fact::Word(word) => (*word).to_owned(),
            Fact::Partition(tp) => self.lecture.name(*tp),
            Fact::Brokers(nodes) if nodes.is_empty() => "none".to_owned(),
            Fact::Brokers(nodes) => {
                nodes.iter().map(|node| node.0.to_string()).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// A time or duration with about four digits.
fn duration(ns: u64) -> String {
    match ns {
        0..10_000_000_000 => format!("{} ms", number(ns as f64 / 1e6)),
        _ => format!("{} s", number(ns as f64 / 1e9)),
    }
}

/// An event that does not happen when a step says so.
fn not_then(step: &LessonStep, others: &[Time]) -> Wrong {
    let exact = |time: &Time| crate::values::time::Span(time.0).to_string();
    let of =
        step.highlight.as_ref().map_or_else(String::new, |highlight| format!(" for {}", highlight.text()));
    let event = step.event.unwrap_or_default();
    let message = format!("at {} there is no event `{event}`{of}", exact(&step.at));
    let help = match others {
        [] => "there is none in the whole run".to_owned(),
        others => {
            let times: Vec<String> = others.iter().map(|time| format!("\"{}\"", exact(time))).collect();
            format!("there is one at {}", times.join(" and "))
        }
    };
    (message, help)
}

impl Tour {
    /// As the page's script reads it: parts in other languages have their two letters behind an underscore.
    pub fn json(&self) -> Value {
        self.steps.iter().map(TourStep::json).collect()
    }
}

impl TourStep {
    fn json(&self) -> Value {
        let mut step = Map::new();
        step.insert("id".to_owned(), json!(self.id));
        step.insert("at".to_owned(), json!(self.at.0));
        step.insert("index".to_owned(), json!(self.index));
        step.insert("highlight".to_owned(), json!(self.highlight));
        step.insert("answer".to_owned(), json!(self.answer));
        step.insert("right".to_owned(), json!(self.right.map_or(-1, |right| right as i64)));
        self.words.put(&mut step, "");
        for (language, words) in &self.translations {
            words.put(&mut step, &format!("_{language}"));
        }
        step.into()
    }
}

impl TourWords {
    fn put(&self, step: &mut Map<String, Value>, suffix: &str) {
        let parts = [
            ("title", json!(self.title)),
            ("text", json!(self.text)),
            ("question", json!(self.question)),
            ("choices", json!(self.choices)),
            ("why", json!(self.why)),
        ];
        for (part, value) in parts {
            step.insert(format!("{part}{suffix}"), value);
        }
    }
}
