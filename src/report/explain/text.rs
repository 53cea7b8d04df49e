//! Answers for a terminal: 80 columns at most.

use super::explanation::Explanation;
use super::names::{span_text, time_text};
use super::sentences::Sentence;
use super::summary::Summary;
use crate::recording::stages::{Leg, Stage};
use crate::report::figures::{grouped, ms};
use crate::report::numbers::number;
use crate::values::time::Span;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns of the longest bar.
const BAR: u64 = 24;

/// An answer, with a newline at the end.
pub fn text(explanation: &Explanation) -> String {
    let mut lines = vec![explanation.title.clone()];
    let width = explanation.facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in &explanation.facts {
        wrap(&mut lines, &format!("  {name:<width$}  "), value);
    }
    sentences(&mut lines, "\nWhy then, and not earlier", &explanation.why);
    legs(&mut lines, explanation);
    if !explanation.keys.is_empty() {
        lines.push("\nKeys that decide this".to_owned());
        for (key, value, origin) in &explanation.keys {
            lines.push(format!("  {key} = {value} ({origin})"));
        }
    }
    sentences(&mut lines, "\nWhat if (each a second run)", &explanation.what_if);
    if !explanation.story.is_empty() {
        lines.push("\nWhat happened".to_owned());
        for (at, sentence) in &explanation.story {
            wrap(&mut lines, &format!("  {:>17}  ", time_text(*at)), &sentence.text);
        }
    }
    if explanation.left_out > 0 {
        lines.push(format!("  ({} steps are left out)", grouped(explanation.left_out as u64)));
    }
    if !explanation.log.is_empty() {
        lines.push("\nThe real client would have logged".to_owned());
        explanation.log.iter().for_each(|line| wrap(&mut lines, "  ", line));
    }
    lines.join("\n") + "\n"
}

fn sentences(lines: &mut Vec<String>, heading: &str, all: &[Sentence]) {
    if all.is_empty() {
        return;
    }
    lines.push(heading.to_owned());
    all.iter().for_each(|sentence| wrap(lines, "  - ", &sentence.text));
}

fn legs(lines: &mut Vec<String>, explanation: &Explanation) {
    let Some(record) = explanation.legs_of.filter(|_| !explanation.legs.is_empty()) else { return };
    let total = explanation.total_ns();
    lines.push(format!("\nWhere the time of record {} went", grouped(record)));
    let start = explanation.legs[0].from;
    for Leg { stage, from, to } in &explanation.legs {
        let cell = |ns: u64| (u128::from(ns) * u128::from(BAR) / u128::from(total.max(1))) as usize;
        let (before, length) = (cell((*from - start).0), cell((*to - *from).0).max(1));
        let bar = format!("{}{}", " ".repeat(before), "#".repeat(length));
        let bar: String = bar.chars().take(BAR as usize + 1).collect();
        lines.push(
            format!("  {:<33}{:>15}  {bar}", stage.words(), span_text(*to - *from)).trim_end().to_owned(),
        );
    }
    lines.push(format!("  {:<33}{:>15}", "total", span_text(Span(total))));
}

/// A text behind a prefix; further lines are indented as far.
fn wrap(lines: &mut Vec<String>, prefix: &str, text: &str) {
    let indent = prefix.chars().count();
    let mut line = prefix.to_owned();
    let mut used = indent;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > indent && used + 1 + length > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)).trim_end().to_owned());
            used = indent;
        }
        if used > indent {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    lines.push(line.trim_end().to_owned());
}

impl Summary {
    /// The summary for a terminal.
    pub fn text(&self) -> String {
        let counts: Vec<String> =
            self.records.iter().map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
        let mut lines = Vec::new();
        wrap(&mut lines, "Records: ", &counts.join(", "));
        for (exception, count) in &self.errors {
            lines.push(format!("  {exception} {}", grouped(*count)));
        }
        lines.push("\nWhy batches left, what was sent again or split included".to_owned());
        lines.push(format!(
            "  {:<20}{:<11}{:>9}{:>8}{:>10}{:>8}{:>12}",
            "topic", "reason", "batches", "share", "records", "fill", "wait ms"
        ));
        for row in &self.rows {
            let topic: String = row.topic.chars().take(19).collect();
            let permille = |value: u64| format!("{}.{}%", value / 10, value % 10);
            lines.push(format!(
                "  {topic:<20}{:<11}{:>9}{:>8}{:>10}{:>8}{:>12}",
                row.reason.code(),
                grouped(row.left.batches),
                permille(row.share_permille()),
                grouped(row.left.records),
                permille(row.fill_permille()),
                row.wait_ns().map_or_else(|| "-".to_owned(), |ns| number(ms(ns))),
            ));
        }
        if !self.decompositions.is_empty() {
            lines.push(
                "\nWhere the time of one acknowledged record went, in ms; each column adds up".to_owned(),
            );
            let mut head = format!("  {:<36}", "");
            self.decompositions.iter().for_each(|one| head.push_str(&format!("{:>14}", one.name)));
            lines.push(head);
            for stage in Stage::ALL {
                if self.decompositions.iter().all(|one| one.stages[stage.index()] == 0) {
                    continue;
                }
                let mut line = format!("  {:<36}", stage.words());
                for one in &self.decompositions {
                    line.push_str(&format!("{:>14}", exact_ms(one.stages[stage.index()])));
                }
                lines.push(line);
            }
            let mut line = format!("  {:<36}", "total");
            for one in &self.decompositions {
                line.push_str(&format!("{:>14}", exact_ms(one.stages.iter().sum())));
            }
            lines.push(line);
            let mut line = format!("  {:<36}", "record");
            self.decompositions.iter().for_each(|one| line.push_str(&format!("{:>14}", grouped(one.record))));
            lines.push(line);
        }
        sentences(&mut lines, "\nWhat follows", &self.hints);
        lines.join("\n") + "\n"
    }
}

/// Milliseconds with all their digits.
fn exact_ms(ns: u64) -> String {
    format!("{}.{:06}", grouped(ns / 1_000_000), ns % 1_000_000)
}
