//! A lesson in another language: a file of its own, with the words of every step.

use std::collections::BTreeSet;
use std::path::Path;

use super::input::{self, InputError};
use super::intake::Intake;
use super::lesson::{LessonStep, Prose, Translation, Words};
use super::lesson_section::{WORDS, choices_of, is_line};
use super::lesson_term::{Subjects, Wrong};
use super::limits;
use super::problem::Problem;
use super::section::{Section, value_text};
use super::source::Place;
use super::tree::{self, Entry, Table, Value};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// Reads the translation of a lesson; `place` is where the scenario names the file. `None`: something is wrong, and noted.
pub fn read(
    intake: &mut Intake,
    place: Place,
    path: &Path,
    steps: &[LessonStep],
    subjects: &Subjects<'_>,
) -> Option<Translation> {
    let name = path.display().to_string();
    let text = match input::read_utf8(path, limits::SCENARIO_BYTES) {
        Ok(text) => text,
        Err(InputError { message, help }) => {
            intake.problem(Problem::at(place, format!("the translation {name} {message}")).help(help));
            return None;
        }
    };
    let id = intake.sources.add_file(&name, text);
    let (root, problems) = tree::parse(&intake.sources, id);
    if !problems.is_empty() {
        intake.problems.extend(problems);
        return None;
    }
    let before = intake.problems.len();
    let mut top = Section::root(&root, intake);
    let language = language(&mut top);
    let table = top.section("text").table().map(|table| table.flattened(&[]));
    top.finish();
    let Some(table) = table else {
        let message = format!("the translation {name} has no texts");
        intake.problem(
            Problem::at(place, message).help("expected [text] with \"ID.text\" = \"…\" for each step"),
        );
        return None;
    };
    let mut reader = Reader { intake, table: &table, subjects, asked: BTreeSet::new() };
    let words: Vec<Words> = steps.iter().map(|step| reader.words(step)).collect();
    reader.refuse_others();
    (intake.problems.len() == before).then_some(Translation { language, words })
}

fn language(top: &mut Section<'_, '_>) -> String {
    const HELP: &str = "expected two letters: language = \"ko\"";
    let Some(entry) = top.entry("language") else {
        top.problem("language", "is missing", HELP);
        return String::new();
    };
    match &entry.node.value {
        Value::Text(text) if text.len() == 2 && text.chars().all(|c| c.is_ascii_lowercase()) => text.clone(),
        other => {
            top.problem("language", format_args!("is {}", value_text(other)), HELP);
            String::new()
        }
    }
}

/// Reads the words of one step after the other.
struct Reader<'a, 'i> {
    intake: &'i mut Intake,
    table: &'a Table,
    subjects: &'a Subjects<'a>,
    asked: BTreeSet<String>,
}

impl<'a> Reader<'a, '_> {
    fn words(&mut self, step: &LessonStep) -> Words {
        let english = &step.words;
        Words {
            title: self.line(step, "title", english.title.is_some()),
            text: self.prose(step, "text", Some(&english.text)).unwrap_or_default(),
            question: self.prose(step, "question", english.question.as_ref()),
            choices: self.choices(step),
            why: self.prose(step, "why", english.why.as_ref()),
        }
    }

    /// The entry of a part, which is there if and only if the English has it.
    fn entry(&mut self, step: &LessonStep, part: &str, is_there: bool) -> Option<&'a Entry> {
        if !is_there {
            return None;
        }
        let key = format!("{}.{part}", step.id);
        let entry = self.table.get(&key);
        if entry.is_none() {
            let problem = Problem::at(self.table.place, format!("`{key}` is missing"));
            self.intake.problem(problem.help(format!("translate it: \"{key}\" = \"…\"")));
        }
        self.asked.insert(key);
        entry
    }

    fn line(&mut self, step: &LessonStep, part: &str, is_there: bool) -> Option<String> {
        let entry = self.entry(step, part, is_there)?;
        match &entry.node.value {
            Value::Text(text) if is_line(text) && !text.is_empty() => Some(text.clone()),
            other => {
                let help = format!("expected a text of one line, at most {} bytes", limits::LESSON_TEXT);
                self.problem(entry, &format!("is {}", value_text(other)), help);
                None
            }
        }
    }

    fn prose(&mut self, step: &LessonStep, part: &str, english: Option<&Prose>) -> Option<Prose> {
        let text = self.line(step, part, english.is_some())?;
        let entry = self.table.get(&format!("{}.{part}", step.id))?;
        match Prose::parse(&text, self.subjects) {
            Ok(prose) => {
                if let Some((message, help)) = english.and_then(|english| difference(english, &prose)) {
                    self.problem(entry, &message, help);
                }
                Some(prose)
            }
            Err((message, help)) => {
                self.problem(entry, &format!("is wrong: {message}"), help);
                None
            }
        }
    }

    /// Choices may be left out: numbers and names of errors are the same in all languages.
    fn choices(&mut self, step: &LessonStep) -> Vec<String> {
        let english = &step.words.choices;
        let key = format!("{}.choices", step.id);
        let Some(entry) = self.table.get(&key).filter(|_| !english.is_empty()) else {
            return english.clone();
        };
        self.asked.insert(key);
        let read = match &entry.node.value {
            Value::List(items) => choices_of(items),
            other => Err((format!("is {}", value_text(other)), "expected a list".to_owned())),
        };
        match read {
            Ok(choices) if choices.len() == english.len() => choices,
            Ok(choices) => {
                let help = format!("the English has {}, in the same order", english.len());
                self.problem(entry, &format!("has {} choices", choices.len()), help);
                Vec::new()
            }
            Err((message, help)) => {
                self.problem(entry, &message, help);
                Vec::new()
            }
        }
    }

    fn problem(&mut self, entry: &Entry, message: &str, help: String) {
        let problem = Problem::at(entry.node.place, format!("`{}` {message}", short(&entry.key)));
        self.intake.problem(problem.help(help));
    }

    /// Notes what the English does not have.
    fn refuse_others(&mut self) {
        for entry in self.table.entries.iter().filter(|entry| !self.asked.contains(&entry.key)) {
            let problem = Problem::at(entry.key_place, format!("the lesson has no `{}`", short(&entry.key)));
            let help = did_you_mean(&nearest(&entry.key, self.asked.iter().map(String::as_str)));
            let usual = || format!("keys are the id of a step with {}", WORDS.join(", "));
            self.intake.problem(problem.help(help.unwrap_or_else(usual)));
        }
    }
}

/// How the placeholders of a translation differ from those of the English, and what would be right.
fn difference(english: &Prose, other: &Prose) -> Option<Wrong> {
    let texts = |prose: &'_ Prose| prose.terms().map(|term| term.text.clone()).collect::<BTreeSet<String>>();
    let (wanted, has) = (texts(english), texts(other));
    if let Some(missing) = wanted.difference(&has).next() {
        return Some((format!("lacks {{{missing}}}"), "the English has it".to_owned()));
    }
    let other = has.difference(&wanted).next()?;
    Some((format!("has {{{other}}}"), "the English does not have it".to_owned()))
}
