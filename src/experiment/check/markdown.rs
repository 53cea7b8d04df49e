//! A check as Markdown, for the summary of a CI job or a comment on a change.

use std::fmt::Write;

use super::baseline::Change;
use super::text::{divergence_lines, gate_sentence, summary};
use super::{Checked, Comparison, Verdict};
use crate::report::numbers::{number, signed_percent};

/// Rows of changed metrics of one scenario.
const MAX_CHANGES: usize = 20;
/// GitHub refuses the summary of a step that is larger than a mebibyte.
const MAX_BYTES: usize = 1_000_000;

/// The whole check.
pub fn report(checked: &[Checked]) -> String {
    let mut text = format!("## lingersim check\n\n{}\n\n", summary(checked));
    text.push_str("| | scenario | gates | baseline |\n| --- | --- | --- | --- |\n");
    for scenario in checked {
        let (hold, warn, fail) = scenario.gate_counts();
        let mark = if scenario.fails() || scenario.lacks_baseline() { "❌" } else { "✅" };
        let baseline = match &scenario.baseline {
            Comparison::Off => "not compared",
            Comparison::Missing { .. } => "none",
            Comparison::Unreadable(_) => "unreadable",
            Comparison::Incomparable(_) => "of another question",
            Comparison::Same => "`=`",
            Comparison::Changed(_) => "differs",
        };
        let gates = format!("{hold}/{}", hold + warn + fail);
        let _ = writeln!(text, "| {mark} | {} | {gates} | {baseline} |", cell(&scenario.file));
    }
    for scenario in checked.iter().filter(|scenario| has_details(scenario)) {
        details(&mut text, scenario);
        if text.len() > MAX_BYTES {
            text.truncate((0..=MAX_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0));
            text.push_str("\n\n(cut here: more than a mebibyte)\n");
            break;
        }
    }
    text
}

fn has_details(scenario: &Checked) -> bool {
    scenario.fails()
        || scenario.lacks_baseline()
        || matches!(scenario.baseline, Comparison::Changed(_))
        || scenario.gates.iter().any(|(_, gate)| gate.verdict != Verdict::Holds)
}

fn details(text: &mut String, scenario: &Checked) {
    let _ = writeln!(text, "\n### {}\n", cell(&scenario.file));
    for ((gate, outcome), during) in scenario.gates.iter().zip(&scenario.during) {
        let mark = match outcome.verdict {
            Verdict::Holds => continue,
            Verdict::Warns | Verdict::EmptyAllowed => "⚠️",
            Verdict::Fails | Verdict::Empty => "❌",
        };
        let _ = writeln!(text, "- {mark} {}", cell(&gate_sentence(gate, outcome, during.as_deref())));
    }
    for finding in &scenario.findings {
        let _ = writeln!(text, "- ❌ {}", cell(&finding.sentence()));
    }
    match &scenario.baseline {
        Comparison::Unreadable(why) => {
            let _ = writeln!(text, "- ❌ {}", cell(why));
        }
        Comparison::Incomparable(reasons) => {
            let _ = writeln!(text, "- ❌ the baseline is of another question: {}", cell(&reasons.join("; ")));
        }
        Comparison::Missing { required: true } => {
            let _ = writeln!(text, "- ❌ there is no baseline");
        }
        Comparison::Changed(changed) => {
            for setting in &changed.settings {
                let _ = writeln!(text, "- set `{}`", setting.text().replace('`', "'"));
            }
            if let Some(divergence) = &changed.divergence {
                let _ = writeln!(text, "\n```text\n{}\n```", divergence_lines(divergence).join("\n"));
            }
            changes(text, &changed.metrics);
        }
        Comparison::Off | Comparison::Same | Comparison::Missing { required: false } => {}
    }
}

fn changes(text: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    text.push_str("\n| metric | before | now | change |\n| --- | ---: | ---: | ---: |\n");
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
    for change in changes.iter().take(MAX_CHANGES) {
        let percent = match (change.before, change.after) {
            (Some(before), Some(after)) => signed_percent(before, after),
            _ => String::new(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {percent} |",
            cell(&change.metric),
            shown(change.before),
            shown(change.after)
        );
    }
    if let Some(more @ 1..) = changes.len().checked_sub(MAX_CHANGES) {
        let _ = writeln!(text, "\nand {more} more metrics");
    }
}

/// A text that stays within its cell and its line.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
