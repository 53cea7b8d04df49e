//! The lab's findings as a Markdown table.

use std::fmt::Write;

use super::Findings;
use super::text::{ROWS, cell, notes};
use crate::experiment::compare::winner;

/// The whole lab.
pub fn report(findings: &Findings, left_out: &[(String, String)]) -> String {
    let labels = &findings.comparison.labels;
    let arms = 0..labels.len();
    let mut text = format!("| | {} |\n| --- |{}\n", labels.join(" | "), " ---: |".repeat(labels.len()));
    for (_, rows) in ROWS {
        for (label, name) in rows {
            let cells: Vec<String> = arms.clone().map(|arm| cell(findings, arm, name)).collect();
            if cells.iter().any(|cell| cell != "0" && cell != "-") {
                let _ = writeln!(text, "| {label} | {} |", cells.join(" | "));
            }
        }
    }
    if findings.movement.is_some() {
        let cells: Vec<String> = arms.map(|arm| findings.order(arm)).collect();
        let _ = writeln!(text, "| order per key | {} |", cells.join(" | "));
    }
    text.push('\n');
    for sentence in winner(&findings.comparison).iter().chain(&notes(findings, left_out)) {
        let _ = writeln!(text, "{sentence}\n");
    }
    text
}
