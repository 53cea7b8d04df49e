//! `[[lesson]]`: the steps of a guided tour, and its translations.

use std::collections::BTreeSet;
use std::path::Path;

use super::lesson::{EVENT_KINDS, Highlight, Lesson, LessonStep, Prose, Words};
use super::lesson_term::{Subjects, Term, Wrong};
use super::problem::Problem;
use super::section::{Section, value_text};
use super::tree::{Node, Table, Value};
use super::{lesson_translation, limits};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::time::Time;

/// The keys of a step that are words, and may be translated.
pub(super) const WORDS: [&str; 5] = ["title", "text", "question", "choices", "why"];

/// Reads the lesson of a scenario; files of translations begin at `folder`.
pub fn read(top: &mut Section<'_, '_>, subjects: &Subjects<'_>, folder: &Path) -> Lesson {
    let mut steps: Vec<LessonStep> = Vec::new();
    let mut taken = BTreeSet::new();
    for (path, table) in top.tables("lesson", limits::LESSON_STEPS) {
        let mut section = Section::new(path, Some(table), top.intake);
        let step = step(&mut section, table, subjects);
        if !step.id.is_empty() && !taken.insert(step.id.clone()) {
            let message = format!("\"{}\" is taken", short(&step.id));
            section.problem("id", message, "each step needs its own id");
        }
        section.finish();
        steps.push(step);
    }
    let files = top.list("lesson-translations", |intake, name, node| match &node.value {
        Value::Text(text) | Value::Argument(text) => Some((text.clone(), node.place)),
        other => {
            let message = format!("`{name}` has {}", value_text(other));
            intake.problem(
                Problem::at(node.place, message).help("expected file names: [\"01-pipeline.ko.toml\"]"),
            );
            None
        }
    });
    let mut translations = Vec::new();
    for (file, place) in files {
        let read = lesson_translation::read(top.intake, place, &folder.join(&file), &steps, subjects);
        translations.extend(read);
    }
    Lesson { steps, translations }
}

fn step(section: &mut Section<'_, '_>, table: &Table, subjects: &Subjects<'_>) -> LessonStep {
    let id = id(section);
    let at = section.optional_span("at");
    if at.is_none() && !section.has("at") {
        section.problem("at", "is missing", "say when: at = \"6ms\", a virtual time of the run");
    }
    let event = text_of(section, "event").and_then(|text| {
        let read = event(&text);
        noted(section, "event", read)
    });
    let highlight = text_of(section, "highlight").and_then(|text| {
        let read = Highlight::parse(&text, subjects);
        noted(section, "highlight", read)
    });
    let words = Words {
        title: text_of(section, "title"),
        text: prose_of(section, "text", subjects).unwrap_or_default(),
        question: prose_of(section, "question", subjects),
        choices: choices(section),
        why: prose_of(section, "why", subjects),
    };
    let answer = text_of(section, "answer").and_then(|text| {
        let read = Term::parse(&text, subjects);
        noted(section, "answer", read)
    });
    if !section.has("text") {
        section.problem("text", "is missing", "a step says something: text = \"A batch opens.\"");
    }
    check_question(section);
    let spot = section.intake.sources.spot(table.place);
    LessonStep { id, at: Time::START + at.unwrap_or_default(), event, highlight, words, answer, spot }
}

fn event(text: &str) -> Result<&'static str, Wrong> {
    EVENT_KINDS.into_iter().find(|kind| *kind == text).ok_or_else(|| {
        let help = did_you_mean(&nearest(text, EVENT_KINDS))
            .unwrap_or_else(|| "expected a kind such as \"sent\"; docs/lessons.md has all".to_owned());
        (format!("nothing of the kind \"{}\" ever happens", short(text)), help)
    })
}

fn id(section: &mut Section<'_, '_>) -> String {
    let Some(id) = text_of(section, "id") else {
        if section.place("id").is_none() {
            section.problem("id", "is missing", "each step needs its own: id = \"linger-1\"");
        }
        return String::new();
    };
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(is_fine) {
        let help = "expected letters a to z, digits and -, for example \"linger-1\"";
        section.problem("id", format_args!("is \"{}\"", short(&id)), help);
    }
    id
}

/// What belongs to a question has one, and a question has an answer.
fn check_question(section: &mut Section<'_, '_>) {
    if section.has("question") {
        if !section.has("answer") {
            section.problem("question", "has no answer", "say what it is: answer = \"batch 1 reason\"");
        }
        return;
    }
    for key in ["answer", "choices", "why"] {
        if section.has(key) {
            section.problem(key, "is there without a question", "add question = \"…\", or remove it");
        }
    }
}

fn choices(section: &mut Section<'_, '_>) -> Vec<String> {
    let Some(entry) = section.entry("choices") else { return Vec::new() };
    let Value::List(items) = &entry.node.value else {
        let message = format!("is {}", value_text(&entry.node.value));
        section.problem("choices", message, "expected a list: [\"full\", \"linger\"]");
        return Vec::new();
    };
    match choices_of(items) {
        Ok(choices) => choices,
        Err((message, help)) => {
            section.problem("choices", message, help);
            Vec::new()
        }
    }
}

/// Choices: two to some, all different.
pub(super) fn choices_of(items: &[Node]) -> Result<Vec<String>, Wrong> {
    let text = |node: &Node| match &node.value {
        Value::Text(text) if !text.is_empty() && is_line(text) => Some(text.clone()),
        _ => None,
    };
    let Some(choices) = items.iter().map(text).collect::<Option<Vec<String>>>() else {
        return Err((
            "have something else than short texts".to_owned(),
            "put each in quotes: [\"1\", \"2\"]".to_owned(),
        ));
    };
    let different: BTreeSet<&String> = choices.iter().collect();
    if different.len() < choices.len() {
        return Err(("have one twice".to_owned(), "only one of them can be right".to_owned()));
    }
    match choices.len() {
        2..=limits::LESSON_CHOICES => Ok(choices),
        count => {
            let help = format!("expected 2 to {}", limits::LESSON_CHOICES);
            Err((format!("are {count}"), help))
        }
    }
}

/// A text of one line.
pub(super) fn is_line(text: &str) -> bool {
    text.len() <= limits::LESSON_TEXT && !text.chars().any(char::is_control)
}

/// A line; what is none is noted.
fn text_of(section: &mut Section<'_, '_>, key: &'static str) -> Option<String> {
    let entry = section.entry(key)?;
    match &entry.node.value {
        Value::Text(text) | Value::Argument(text) if is_line(text) => Some(text.clone()),
        Value::Text(_) | Value::Argument(_) => {
            let help = format!("expected at most {} bytes without line breaks", limits::LESSON_TEXT);
            section.problem(key, "is no text of one line", help);
            None
        }
        other => {
            section.problem(key, format_args!("is {}", value_text(other)), "expected a string in quotes");
            None
        }
    }
}

fn prose_of(section: &mut Section<'_, '_>, key: &'static str, subjects: &Subjects<'_>) -> Option<Prose> {
    let text = text_of(section, key)?;
    let read = Prose::parse(&text, subjects);
    noted(section, key, read)
}

/// Notes what is wrong with the value of a key.
fn noted<T>(section: &mut Section<'_, '_>, key: &str, read: Result<T, Wrong>) -> Option<T> {
    read.map_err(|(message, help)| section.problem(key, format_args!("is wrong: {message}"), help)).ok()
}
