//! A check as JUnit XML, which GitLab, Jenkins and others read: a suite for each scenario, a case for each gate, for what the
//! configuration promises, and for the baseline.

use std::fmt::Write;

use super::text::{change_line, divergence_lines, gate_sentence};
use super::{Checked, Comparison, Verdict};
use crate::world::MODEL_VERSION;

/// What became of a case.
enum Outcome {
    Passed,
    /// Headline and details.
    Failed(String, String),
    Skipped(String),
}

/// The document. `command` begins the command that repeats a scenario: `lingersim check`.
pub fn document(checked: &[Checked], command: &str) -> String {
    let suites: Vec<(&Checked, Vec<(String, Outcome)>)> =
        checked.iter().map(|scenario| (scenario, cases(scenario, command))).collect();
    let count =
        |is: fn(&Outcome) -> bool| suites.iter().flat_map(|(_, cases)| cases).filter(|(_, o)| is(o)).count();
    let tests = count(|_| true);
    let failures = count(|outcome| matches!(outcome, Outcome::Failed(..)));
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites name=\"lingersim check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">"
    );
    for (scenario, cases) in &suites {
        suite(&mut xml, scenario, cases);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn cases(scenario: &Checked, command: &str) -> Vec<(String, Outcome)> {
    let repeat = format!("{command} {}", scenario.file);
    let mut cases = Vec::new();
    for ((gate, outcome), during) in scenario.gates.iter().zip(&scenario.during) {
        let mut name = format!("{} {}", gate.metric, gate.expression.text);
        if let Some(during) = during {
            let _ = write!(name, " during {during}");
        }
        let sentence = gate_sentence(gate, outcome, during.as_deref());
        let outcome = match outcome.verdict {
            Verdict::Holds => Outcome::Passed,
            Verdict::Warns | Verdict::EmptyAllowed => Outcome::Skipped(sentence),
            Verdict::Fails | Verdict::Empty => {
                let spot = &gate.spot;
                let details = format!("{sentence}\n{}:{}:{}\n{repeat}", spot.file, spot.line, spot.column);
                Outcome::Failed(sentence, details)
            }
        };
        cases.push((name, outcome));
    }
    let broken: Vec<String> = scenario.findings.iter().map(|finding| finding.sentence()).collect();
    cases.push((
        "promises of the configuration are kept".to_owned(),
        match broken.first() {
            None => Outcome::Passed,
            Some(first) => Outcome::Failed(first.clone(), format!("{}\n{repeat}", broken.join("\n"))),
        },
    ));
    cases.push(("baseline".to_owned(), baseline(scenario, &repeat)));
    cases
}

fn baseline(scenario: &Checked, repeat: &str) -> Outcome {
    let accept = format!("lingersim baseline accept {}", scenario.file);
    match &scenario.baseline {
        Comparison::Same => Outcome::Passed,
        Comparison::Off => Outcome::Skipped("it is not compared".to_owned()),
        Comparison::Missing { required: false } => Outcome::Skipped("there is no baseline".to_owned()),
        Comparison::Missing { required: true } => Outcome::Failed("there is no baseline".to_owned(), accept),
        Comparison::Unreadable(why) => Outcome::Failed(why.clone(), accept),
        Comparison::Incomparable(reasons) => {
            Outcome::Failed("the baseline is of another question".to_owned(), reasons.join("\n"))
        }
        Comparison::Changed(changed) => {
            let mut lines: Vec<String> =
                changed.settings.iter().map(|setting| format!("set {}", setting.text())).collect();
            lines.extend(changed.divergence.iter().flat_map(divergence_lines));
            lines.extend(changed.metrics.iter().map(change_line));
            lines.push(repeat.to_owned());
            let head = "the run differs from its baseline".to_owned();
            match changed.fails {
                true => Outcome::Failed(head, lines.join("\n")),
                false => Outcome::Skipped(head),
            }
        }
    }
}

fn suite(xml: &mut String, scenario: &Checked, cases: &[(String, Outcome)]) {
    let failures = cases.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(..))).count();
    let skipped = cases.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Skipped(_))).count();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\">",
        escaped(&scenario.file),
        cases.len()
    );
    let seeds: Vec<String> = scenario.seeds.iter().map(u64::to_string).collect();
    let _ = writeln!(xml, "    <properties>");
    for (name, value) in [
        ("seeds", seeds.join(" ")),
        ("digest", format!("{:016x}", scenario.digest)),
        ("model-version", MODEL_VERSION.to_string()),
        ("lingersim", env!("CARGO_PKG_VERSION").to_owned()),
    ] {
        let _ = writeln!(xml, "      <property name=\"{name}\" value=\"{}\"/>", escaped(&value));
    }
    let _ = writeln!(xml, "    </properties>");
    for (name, outcome) in cases {
        let _ = write!(
            xml,
            "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" time=\"0\"",
            escaped(name),
            escaped(&scenario.name),
            escaped(&scenario.file)
        );
        let _ = match outcome {
            Outcome::Passed => writeln!(xml, "/>"),
            Outcome::Failed(message, details) => writeln!(
                xml,
                ">\n      <failure message=\"{}\" type=\"gate\">{}</failure>\n    </testcase>",
                escaped(message),
                escaped(details)
            ),
            Outcome::Skipped(message) => {
                writeln!(xml, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(message))
            }
        };
    }
    let _ = writeln!(xml, "  </testsuite>");
}

/// A text within XML. Control characters have no place in it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('·'),
            c => escaped.push(c),
        }
    }
    escaped
}
