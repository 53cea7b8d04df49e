//! What a run of cases says to people.

use std::fmt::Write;

use serde_json::Value;

use super::Report;
use super::case::Case;
use super::trace::Divergence;

/// So many failed cases are shown with their first difference.
const MAX_DETAILS: usize = 5;

/// Longer events are cut.
const MAX_EVENT_CHARS: usize = 400;

/// How a case ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Every event is equal.
    Passed,
    /// It uses transactions.
    Skipped,
    /// Events differ from here on.
    Failed(Box<Divergence>),
}

/// The counts of one family of one client.
#[derive(Debug, Default)]
struct Group {
    client: String,
    family: String,
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Everything so far.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// In order of first mention.
    groups: Vec<Group>,
    details: String,
    failed: usize,
}

impl Summary {
    /// Takes a case in.
    pub(super) fn add(&mut self, case: &Case, outcome: &Outcome) {
        let group = self.group(case.group());
        match outcome {
            Outcome::Passed => group.passed += 1,
            Outcome::Skipped => group.skipped += 1,
            Outcome::Failed(divergence) => {
                group.failed += 1;
                self.failed += 1;
                if self.failed <= MAX_DETAILS {
                    self.details.push('\n');
                    describe(&mut self.details, case, divergence);
                }
            }
        }
    }

    /// Takes a row of vectors in; `difference` is what is not as the client had it.
    pub(super) fn add_vector(&mut self, table: &str, place: &str, difference: Option<String>) {
        let group = self.group(("vectors", table));
        let Some(difference) = difference else {
            group.passed += 1;
            return;
        };
        group.failed += 1;
        self.failed += 1;
        if self.failed <= MAX_DETAILS {
            let _ = writeln!(self.details, "\n{place} differs: {}", cut(&difference));
        }
    }

    fn group(&mut self, (client, family): (&str, &str)) -> &mut Group {
        let known = self.groups.iter().position(|group| group.client == client && group.family == family);
        let at = known.unwrap_or_else(|| {
            let (client, family) = (client.to_owned(), family.to_owned());
            self.groups.push(Group { client, family, ..Group::default() });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// The text and the counts.
    pub(super) fn into_report(self) -> Report {
        let sum = |count: fn(&Group) -> usize| self.groups.iter().map(count).sum::<usize>();
        let (passed, failed, skipped) = (sum(|g| g.passed), sum(|g| g.failed), sum(|g| g.skipped));
        let mut text = String::new();
        for group in &self.groups {
            line(
                &mut text,
                &format!("{} {}", group.client, group.family),
                group.passed,
                group.failed,
                group.skipped,
            );
        }
        line(&mut text, "all", passed, failed, skipped);
        if skipped > 0 {
            text.push_str("Skipped cases use transactions, which are not replayed.\n");
        }
        text.push_str(&self.details);
        if failed > MAX_DETAILS {
            let _ = writeln!(text, "\n{} more failed cases are not shown.", failed - MAX_DETAILS);
        }
        Report { text, passed, failed, skipped }
    }
}

fn line(text: &mut String, name: &str, passed: usize, failed: usize, skipped: usize) {
    let _ = write!(text, "{name:<28} {passed:>4} passed, {failed:>3} failed");
    if skipped > 0 {
        let _ = write!(text, ", {skipped:>3} skipped");
    }
    text.push('\n');
}

/// The events around the first difference of a case.
fn describe(text: &mut String, case: &Case, divergence: &Divergence) {
    let Divergence { line, before, expected, actual, difference } = divergence;
    let _ = writeln!(text, "{} differs at {}:", case.name(), case.trace_place(*line));
    for event in before {
        let _ = writeln!(text, "    both   {}", shown(Some(event)));
    }
    let _ = writeln!(text, "  - trace  {}", shown(expected.as_ref()));
    let _ = writeln!(text, "  + replay {}", shown(actual.as_ref()));
    if let Some(difference) = difference {
        let (path, expected, actual) = (&difference.path, &difference.expected, &difference.actual);
        let _ = writeln!(text, "  `{path}` is {} in the trace, {} in the replay", cut(expected), cut(actual));
    }
}

fn shown(event: Option<&Value>) -> String {
    event.map_or("nothing more".to_owned(), |event| cut(&event.to_string()))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_EVENT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
