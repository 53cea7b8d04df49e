//! A check as annotations in the source, as GitHub shows them beside the line of the gate that failed.

use super::text::{divergence_lines, gate_sentence};
use super::{Checked, Comparison, Verdict};

/// GitHub shows about ten of a kind; the last one says how many there are more.
const MOST: usize = 9;

/// Workflow commands, one a line.
pub fn commands(checked: &[Checked]) -> String {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for scenario in checked {
        for ((gate, outcome), during) in scenario.gates.iter().zip(&scenario.during) {
            let list = match outcome.verdict {
                Verdict::Fails | Verdict::Empty => &mut errors,
                Verdict::Warns => &mut warnings,
                Verdict::Holds | Verdict::EmptyAllowed => continue,
            };
            let message = gate_sentence(gate, outcome, during.as_deref());
            list.push(Annotation { file: &gate.spot.file, line: gate.spot.line, message });
        }
        for finding in &scenario.findings {
            errors.push(Annotation { file: &scenario.file, line: 1, message: finding.sentence() });
        }
        let told = match &scenario.baseline {
            Comparison::Changed(changed) => {
                let mut lines: Vec<String> = vec!["The run is not that of the baseline.".to_owned()];
                lines.extend(changed.settings.iter().map(|setting| format!("set {}", setting.text())));
                lines.extend(changed.divergence.iter().flat_map(divergence_lines));
                Some((changed.fails, lines.join("\n")))
            }
            Comparison::Missing { required: true } => Some((true, "There is no baseline.".to_owned())),
            Comparison::Unreadable(why) => Some((true, why.clone())),
            Comparison::Incomparable(reasons) => {
                Some((true, format!("The baseline is of another question: {}", reasons.join("; "))))
            }
            Comparison::Off | Comparison::Same | Comparison::Missing { required: false } => None,
        };
        if let Some((fails, message)) = told {
            let list = if fails { &mut errors } else { &mut warnings };
            list.push(Annotation { file: &scenario.file, line: 1, message });
        }
    }
    kind("error", &errors) + &kind("warning", &warnings)
}

struct Annotation<'a> {
    file: &'a str,
    line: u32,
    message: String,
}

fn kind(kind: &str, annotations: &[Annotation<'_>]) -> String {
    let mut text = String::new();
    for annotation in annotations.iter().take(MOST) {
        let (file, line) = (property(annotation.file), annotation.line);
        let message = data(&annotation.message);
        text.push_str(&format!("::{kind} file={file},line={line},title=lingersim check::{message}\n"));
    }
    if let Some(more @ 1..) = annotations.len().checked_sub(MOST) {
        text.push_str(&format!("::{kind} title=lingersim check::and {more} more, see the log\n"));
    }
    text
}

/// A message in a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before the message, which has two characters more that would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_ends_the_command() {
        let annotation = Annotation { file: "a,b:c.toml", line: 3, message: "5% of\nall".to_owned() };
        assert_eq!(
            kind("error", &[annotation]),
            "::error file=a%2Cb%3Ac.toml,line=3,title=lingersim check::5%25 of%0Aall\n"
        );
    }

    #[test]
    fn many_are_cut_to_what_is_shown() {
        let all: Vec<Annotation<'_>> =
            (0..12).map(|line| Annotation { file: "a", line, message: String::new() }).collect();
        let text = kind("error", &all);
        assert_eq!(text.lines().count(), 10);
        assert!(text.ends_with("and 3 more, see the log\n"));
    }
}
