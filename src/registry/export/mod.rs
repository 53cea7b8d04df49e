//! A registry's content as text: its topic `_schemas`, or what `GET /schemas` answers.

mod build;
mod entry;
mod fields;

use super::error::Generation;
use super::problem::MAX_PROBLEMS;
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

#[cfg(test)]
mod tests {
    use super::super::compatibility::Level;
    use super::*;

    fn schema(subject: &str, version: u32, id: u32, schema: &str, deleted: bool) -> String {
        let value = serde_json::json!({"subject": subject, "version": version, "id": id, "schema": schema, "deleted": deleted});
        format!(
            "{{\"keytype\":\"SCHEMA\",\"subject\":\"{subject}\",\"version\":{version},\"magic\":1}}\t{value}"
        )
    }

    fn told(text: &str) -> Vec<String> {
        let error = read(text, Generation::Eight).expect_err("no export");
        error.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_topic_is_read_as_the_registry_reads_it() {
        let text = [
            r#"{"keytype":"NOOP","magic":0}	null"#.to_string(),
            r#"{"keytype":"CONFIG","subject":null,"magic":0}	{"compatibilityLevel":"FULL"}"#.to_string(),
            r#"{"keytype":"CONFIG","subject":"a","magic":0}	{"subject":"a","compatibilityLevel":"NONE"}"#
                .to_string(),
            r#"{"keytype":"CONFIG","subject":"b","magic":0}	{"subject":"b","compatibilityLevel":"NONE"}"#
                .to_string(),
            r#"{"keytype":"CONFIG","subject":"b","magic":0}	null"#.to_string(),
            schema("a", 1, 1, "\"int\"", false),
            schema("a", 2, 2, "\"long\"", false),
            schema("b", 1, 2, "\"long\"", false),
            schema("b", 1, 2, "\"long\"", true),
            schema("c", 1, 3, "\"string\"", false),
            r#"{"keytype":"SCHEMA","subject":"c","version":1,"magic":1}	null"#.to_string(),
            schema("d", 1, 4, "\"bytes\"", false),
            schema("d", 2, 5, "\"null\"", false),
            r#"{"keytype":"DELETE_SUBJECT","subject":"d","magic":0}	{"subject":"d","version":1}"#.to_string(),
            schema("e", 1, 6, "\"boolean\"", true),
            r#"{"keytype":"CLEAR_SUBJECT","subject":"e","magic":0}	{"subject":"e"}"#.to_string(),
            String::new(),
            "Processed a total of 15 messages".to_string(),
        ]
        .join("\n");
        let registry = read(&text, Generation::Eight).expect("an export");
        assert_eq!(registry.subjects(), ["a", "d"]);
        assert_eq!([registry.level("a"), registry.level("b")], [Level::None, Level::Full]);
        let versions: Vec<(u32, u32)> =
            registry.versions("d").iter().map(|stored| (stored.version, stored.id)).collect();
        assert_eq!(versions, [(2, 5)]);
        let known = [3, 4, 6].map(|id| registry.by_id(id).is_ok());
        assert_eq!(known, [false, true, false], "only what is softly deleted is still known by its id");
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let text = r#"[
            {"subject":"a","version":1,"id":2,"schema":"[\"null\",\"L\"]","references":[{"name":"L","subject":"line","version":1}]},
            {"subject":"line","version":1,"id":1,"schema":"{\"type\":\"record\",\"name\":\"L\",\"fields\":[]}"}]"#;
        let registry = read(text, Generation::Eight).expect("an export");
        assert_eq!(registry.latest("a").map(|latest| latest.id), Ok(2));
        let round = text.replace(
            r#"\"fields\":[]}""#,
            r#"\"fields\":[]}","references":[{"name":"x","subject":"a","version":1}]"#,
        );
        let wrong = told(&round);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(
            wrong[0].contains("entry 1: refers to version 1 of `line`, which is not in the export"),
            "{}",
            wrong[0]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_line() {
        let text = [
            r#"{"keytype":"SCHEMER","subject":"a"}	{}"#.to_string(),
            "nonsense".to_string(),
            schema("a", 1, 1, "{\"type\":\"recrod\"}", false),
            r#"{"keytype":"SCHEMA","subject":"a","version":2}	{"subject":"b","version":2,"id":0}"#
                .to_string(),
            r#"{"keytype":"CONFIG","subject":null}	{"compatibilityLevel":"BACKWARDS"}"#.to_string(),
            schema("c", 1, 7, "\"int\"", false),
            schema("c", 2, 7, "\"long\"", false),
            r#"{"subject":"x","what":1,"version":"1"}"#.to_string(),
            "7".to_string(),
        ]
        .join("\n");
        let wrong = told(&text);
        for (line, part) in [
            (1, "it must be SCHEMA, CONFIG"),
            (2, "no JSON"),
            (3, "version 1 of `a` is no AVRO schema: type: unknown type `recrod`"),
            (4, "`id` of the value is 0; it must be a whole number from 1"),
            (4, "the value has no `schema`"),
            (5, "it must be one of NONE, BACKWARD"),
            (7, "id 7 has another schema"),
            (8, "`version` of the value is"),
            (9, "must be an object"),
        ] {
            let found =
                wrong.iter().any(|told| told.starts_with(&format!("line {line}: ")) && told.contains(part));
            assert!(found, "line {line}: {part} is not in {wrong:#?}");
        }
    }

    #[test]
    fn a_list_has_each_version_once() {
        let text = r#"[{"subject":"a","version":1,"id":1,"schema":"\"int\""},{"subject":"a","version":1,"id":2,"schema":"\"long\""}]"#;
        assert_eq!(told(text), ["entry 2: version 1 of `a` stands twice, with two schemas"]);
        assert!(told("[{").first().is_some_and(|told| told.starts_with("line 1: column 2: no JSON array")));
    }

    #[test]
    fn values_alone_are_enough() {
        let text = "{\"subject\":\"a\",\"version\":1,\"id\":3,\"schema\":\"\\\"int\\\"\"}\n{\"compatibilityLevel\":\"FORWARD\"}\nnull\n";
        let registry = read(text, Generation::Eight).expect("an export");
        assert_eq!(registry.level("a"), Level::Forward);
        assert_eq!(registry.latest("a").map(|latest| latest.id), Ok(3));
    }
}
