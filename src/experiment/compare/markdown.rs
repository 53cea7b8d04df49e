//! A comparison as Markdown: one table with all arms, to be pasted into a change or a page.

use std::fmt::Write;

use super::rows::{ROWS, label};
use super::text::change;
use super::{Comparison, reasons, winner};
use crate::report::numbers::number;

/// The whole comparison.
pub fn report(comparison: &Comparison) -> String {
    let mut text = String::new();
    let different = comparison.different_populations();
    if !different.is_empty() {
        let names: Vec<String> = different.iter().map(|name| label(name)).collect();
        let _ = writeln!(
            text,
            "> **Populations differ** ({}): latencies are those of different records.\n",
            names.join(", ")
        );
    }
    text.push_str("| |");
    for (arm, name) in comparison.labels.iter().enumerate() {
        let _ = write!(text, " {} |", cell(name));
        if arm > 0 {
            text.push_str(" change |");
        }
    }
    text.push_str("\n| --- |");
    text.push_str(&" ---: |".repeat(2 * comparison.labels.len() - 1));
    text.push('\n');
    for (_, names) in ROWS {
        for row in names.iter().filter_map(|name| comparison.row(name)) {
            line(&mut text, comparison, row);
        }
    }
    text.push('\n');
    for sentence in winner(comparison) {
        let _ = writeln!(text, "**{}**\n", cell(&sentence));
    }
    for arm in 1..comparison.labels.len() {
        let _ = writeln!(
            text,
            "Why {} differs from {}:\n",
            cell(&comparison.labels[arm]),
            cell(&comparison.labels[0])
        );
        for reason in reasons(comparison, arm) {
            let _ = writeln!(text, "- {}", cell(&reason));
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{} seeds, the same in every arm; changes with 95 % intervals; ~ not distinguishable, = the same with every seed.",
        comparison.seeds.len()
    );
    text
}

fn line(text: &mut String, comparison: &Comparison, row: usize) {
    let means: Vec<Option<f64>> = (0..comparison.labels.len())
        .map(|arm| comparison.estimate(arm, row).map(|estimate| estimate.mean))
        .collect();
    if means.iter().all(|mean| mean.is_none_or(|mean| mean == 0.0)) {
        return;
    }
    let is_share = comparison.wanted[row].metric.label("reason").is_some();
    let _ = write!(text, "| {} |", cell(&label(&comparison.wanted[row].name())));
    for (arm, mean) in means.into_iter().enumerate() {
        let shown = match mean {
            None => "-".to_owned(),
            Some(mean) if is_share => format!("{:.1}%", 100.0 * mean),
            Some(mean) => number(mean),
        };
        let _ = write!(text, " {shown} |");
        if arm > 0 {
            let _ = write!(text, " {} |", change(comparison, arm, row, is_share));
        }
    }
    text.push('\n');
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
