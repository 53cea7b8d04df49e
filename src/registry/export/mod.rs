//! A registry's content as text: its topic `_schemas`, or what `GET /schemas` answers.

mod build;
mod entry;
mod fields;

use super::error::Generation;
use super::schema::MAX_PROBLEMS;
use super::store::Registry;
use crate::values::excerpt::short;
use entry::{Change, of_line, of_listed};
use serde_json::Value;
use std::fmt;

/// One thing that is wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportProblem {
    /// Which line of the text, from 1; of a JSON array which entry.
    pub place: Place,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Where something stands in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line, from 1.
    Line(usize),
    /// An entry of a JSON array, from 1.
    Entry(usize),
}

impl fmt::Display for ExportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Line(line) => write!(f, "line {line}: {}", self.what),
            Place::Entry(entry) => write!(f, "entry {entry}: {}", self.what),
        }
    }
}

/// An export that cannot be used: at least one problem, at most [`MAX_PROBLEMS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError {
    /// In the order of the text.
    pub problems: Vec<ExportProblem>,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ExportError {}

/// A registry with the content of `text`, which is one of these:
///
/// - lines of the topic `_schemas`, key and value as `kafka-console-consumer --property print.key=true` prints them, with
///   a tab between, or values alone. Keys SCHEMA, CONFIG, DELETE_SUBJECT and CLEAR_SUBJECT count; NOOP, MODE, CONTEXT and
///   ASSOC say nothing that is modelled here. A later line of a key replaces an earlier one, as in the compacted topic;
/// - the JSON array of `GET /schemas`: `[{"subject", "version", "id", "schemaType", "schema", "references"}]`. It has
///   no levels: the global one is BACKWARD.
///
/// # Errors
/// Everything that is wrong, up to a limit.
pub fn read(text: &str, generation: Generation) -> Result<Registry, ExportError> {
    let mut problems = Vec::new();
    let changes = if text.trim_start().starts_with('[') {
        listed(text, &mut problems)
    } else {
        lines(text, &mut problems)
    };
    let registry = build::registry(changes, generation, &mut problems);
    problems.sort_by_key(|problem| problem.place);
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(registry) } else { Err(ExportError { problems }) }
}

fn listed(text: &str, problems: &mut Vec<ExportProblem>) -> Vec<(Place, Change)> {
    let entries: Vec<Value> = match serde_json::from_str(text) {
        Ok(entries) => entries,
        Err(error) => {
            let what = format!("column {}: no JSON array of schemas: {error}", error.column());
            problems.push(ExportProblem { place: Place::Line(error.line()), what });
            return Vec::new();
        }
    };
    let places = (1..).map(Place::Entry);
    collect(places.zip(&entries).map(|(place, entry)| (place, of_listed(entry))), problems)
}

fn lines(text: &str, problems: &mut Vec<ExportProblem>) -> Vec<(Place, Change)> {
    let places = (1..).map(Place::Line);
    let lines = places.zip(text.lines()).filter(|(_, line)| !says_nothing(line));
    collect(lines.map(|(place, line)| (place, of_line(line))), problems)
}

/// An empty line, or the last words of the console consumer.
fn says_nothing(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with("Processed a total of ")
}

fn collect(
    read: impl Iterator<Item = (Place, Result<Option<Change>, Vec<String>>)>,
    problems: &mut Vec<ExportProblem>,
) -> Vec<(Place, Change)> {
    let mut changes = Vec::new();
    for (place, change) in read {
        match change {
            Ok(change) => changes.extend(change.map(|change| (place, change))),
            Err(wrong) if problems.len() < MAX_PROBLEMS => {
                problems.extend(wrong.into_iter().map(|what| ExportProblem { place, what }));
            }
            Err(_) => {}
        }
    }
    changes
}

fn quoted(text: &str) -> String {
    format!("`{}`", short(text))
}
