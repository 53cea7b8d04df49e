//! Problems of a scenario: found all at once, shown with file, line, column and a caret.

use std::fmt;

use super::source::{Line, Place, Sources};

/// More problems than this are counted, not shown.
const MAX_SHOWN: usize = 25;

/// Characters of a source line that are shown; of longer lines, the surroundings of the place.
const MAX_WIDTH: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    place: Option<Place>,
    message: String,
    label: String,
    help: Vec<String>,
}

impl Problem {
    /// A problem at a place; the message names key and value.
    pub fn at(place: Place, message: impl Into<String>) -> Problem {
        Problem { place: Some(place), message: message.into(), label: String::new(), help: Vec::new() }
    }

    /// A problem that no text contains, such as a missing file.
    pub fn somewhere(message: impl Into<String>) -> Problem {
        Problem { place: None, message: message.into(), label: String::new(), help: Vec::new() }
    }

    /// The words behind the caret.
    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = label.into();
        self
    }

    /// A line that says what would be right.
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help.push(help.into());
        self
    }

    /// As [`Problem::help`], if there is something to say.
    pub fn maybe_help(self, help: Option<String>) -> Problem {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// The sentence without its surroundings.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A scenario that cannot run: every problem that was found, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    sources: Sources,
    problems: Vec<Problem>,
}

impl ScenarioError {
    /// Sorts the problems by place, those without a place first.
    pub fn new(sources: Sources, mut problems: Vec<Problem>) -> ScenarioError {
        problems.sort_by_key(|problem| problem.place);
        problems.dedup();
        ScenarioError { sources, problems }
    }

    /// The problems in the order of their places.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ScenarioError {
    /// One block per problem, separated by empty lines, without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().take(MAX_SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            show(f, &self.sources, problem)?;
        }
        match self.problems.len() {
            0 | 1 => Ok(()),
            n if n > MAX_SHOWN => write!(f, "\n\n{n} problems, the first {MAX_SHOWN} are shown"),
            n => write!(f, "\n\n{n} problems"),
        }
    }
}

impl std::error::Error for ScenarioError {}

fn show(f: &mut fmt::Formatter<'_>, sources: &Sources, problem: &Problem) -> fmt::Result {
    write!(f, "error: {}", problem.message)?;
    let margin = match problem.place {
        Some(place) => show_line(f, sources, place, &problem.label)?,
        None => 0,
    };
    for help in &problem.help {
        write!(f, "\n{:margin$} = help: {help}", "")?;
    }
    Ok(())
}

/// Shows the line of a place with a caret below; returns the width of the margin.
fn show_line(
    f: &mut fmt::Formatter<'_>,
    sources: &Sources,
    place: Place,
    label: &str,
) -> Result<usize, fmt::Error> {
    let line = sources.line(place);
    let margin = line.number.to_string().len();
    let Shown { text, before, length } = shown(line);
    let space = if label.is_empty() { "" } else { " " };
    write!(f, "\n{:margin$}--> {}", "", sources.position(place))?;
    write!(f, "\n{:margin$} |", "")?;
    write!(f, "\n{} | {text}", line.number)?;
    write!(f, "\n{:margin$} | {:before$}{}{space}{label}", "", "", "^".repeat(length))?;
    Ok(margin)
}

/// What is printed of a line.
struct Shown {
    text: String,
    before: usize,
    length: usize,
}

fn shown(line: Line<'_>) -> Shown {
    if let Some(end) = secret_value_start(line.text) {
        let text = format!("{}[hidden]", line.text[..end].replace('\t', " "));
        let width = text.chars().count();
        let before = line.before.min(width - "[hidden]".len());
        return Shown { text, before, length: line.length.min(width - before) };
    }
    let start =
        if line.before + line.length > MAX_WIDTH { line.before.saturating_sub(MAX_WIDTH / 3) } else { 0 };
    let mut chars = line.text.chars().skip(start).map(printable);
    let mut text: String = chars.by_ref().take(MAX_WIDTH).collect();
    let width = text.chars().count();
    let mut before = line.before - start;
    let length = line.length.min(width.saturating_sub(before)).max(1);
    if start > 0 {
        text.insert(0, '…');
        before += 1;
    }
    if chars.next().is_some() {
        text.push('…');
    }
    Shown { text: text.trim_end().to_owned(), before, length }
}

/// One column for each character: tabs and control characters would move the caret.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '·',
        c => c,
    }
}

/// Where the value begins in a line that sets something secret.
fn secret_value_start(line: &str) -> Option<usize> {
    const SECRET: [&str; 4] = ["password", "jaas", "secret", "ssl.keystore.key"];
    let lower = line.to_ascii_lowercase();
    let secret = SECRET.iter().any(|word| lower.contains(word));
    let separator = line.find(['=', ':'])?;
    (secret && separator + 1 < line.len()).then_some(separator + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, start: usize, end: usize) -> String {
        let mut sources = Sources::default();
        let id = sources.add_file("a.toml", text.to_owned());
        let place = sources.place(id, start, end);
        ScenarioError::new(sources, vec![Problem::at(place, "it is wrong").label("here").help("do better")])
            .to_string()
    }

    #[test]
    fn a_problem_shows_its_line_and_a_caret() {
        insta::assert_snapshot!(error("seed = 1\n\tlatency = 5\n", 20, 21), @r"
        error: it is wrong
         --> a.toml:2:12
          |
        2 |  latency = 5
          |            ^ here
          = help: do better
        ");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let line = format!("x = [{}BAD{}]", "1, ".repeat(1_000), "2, ".repeat(1_000));
        let shown = error(&line, 3_005, 3_008);
        assert!(shown.lines().all(|line| line.chars().count() < 120), "{shown}");
        let caret =
            shown.lines().find(|line| line.contains("^^^")).expect("a caret").find('^').expect("a caret");
        let text: String = shown
            .lines()
            .find(|line| line.contains("BAD"))
            .expect("the line")
            .chars()
            .skip(caret)
            .take(3)
            .collect();
        assert_eq!(text, "BAD");
    }

    #[test]
    fn secrets_are_never_shown() {
        let shown = error("ssl.key.password = \"hunter2\"", 19, 28);
        assert!(!shown.contains("hunter2") && shown.contains("[hidden]"), "{shown}");
    }

    #[test]
    fn problems_come_in_the_order_of_the_text() {
        let mut sources = Sources::default();
        let id = sources.add_file("a.toml", "a\nb\n".to_owned());
        let (a, b) = (sources.place(id, 0, 1), sources.place(id, 2, 3));
        let error = ScenarioError::new(
            sources,
            vec![Problem::at(b, "second"), Problem::at(a, "first"), Problem::somewhere("zeroth")],
        );
        let messages: Vec<&str> = error.problems().iter().map(Problem::message).collect();
        assert_eq!(messages, ["zeroth", "first", "second"]);
        assert!(error.to_string().ends_with("\n\n3 problems"));
    }
}
