//! A comparison for the terminal: 80 columns, the base and up to two arms beside it in each table.

use std::fmt::Write;

use super::rows::{ROWS, label};
use super::{Comparison, Relation, reasons, winner};
use crate::report::numbers::{number, signed_percent};
use crate::report::text::wrap;

/// Arms beside the base in one table.
const BESIDE: usize = 2;
const NAME: usize = 21;
const VALUE: usize = 11;
const CHANGE: usize = 13;

/// The whole comparison.
pub fn report(comparison: &Comparison) -> String {
    let mut text = String::new();
    banner(&mut text, comparison);
    let others: Vec<usize> = (1..comparison.labels.len()).collect();
    for (at, arms) in others.chunks(BESIDE).enumerate() {
        if at > 0 {
            text.push('\n');
        }
        table(&mut text, comparison, arms);
    }
    text.push('\n');
    for sentence in winner(comparison) {
        wrap(&mut text, "", &sentence);
    }
    for &arm in &others {
        text.push('\n');
        let head = format!("Why {} differs from {}:", comparison.labels[arm], comparison.labels[0]);
        wrap(&mut text, "", &head);
        for line in reasons(comparison, arm) {
            wrap(&mut text, "  - ", &line);
        }
    }
    text.push('\n');
    wrap(&mut text, "", &footnote(comparison));
    text
}

/// What the marks mean.
fn footnote(comparison: &Comparison) -> String {
    match comparison.seeds.len() {
        1 => "One seed: differences are exact for it, and say nothing of others. = same value. More: --seeds 10".to_owned(),
        n => format!(
            "{n} seeds, the same in every arm; changes are means of the differences within a seed, with 95% intervals. \
             ~ not distinguishable, = the same with every seed."
        ),
    }
}

fn banner(text: &mut String, comparison: &Comparison) {
    let different = comparison.different_populations();
    if different.is_empty() {
        return;
    }
    let names: Vec<String> = different.iter().map(|name| label(name)).collect();
    text.push_str("!! POPULATIONS DIFFER ");
    text.push_str(&"!".repeat(80 - 22));
    text.push('\n');
    let sentence = format!(
        "The arms did not do the same with the same records: {} differ. A lower latency of fewer records is no win.",
        names.join(", ")
    );
    wrap(text, "", &sentence);
    text.push('\n');
}

fn table(text: &mut String, comparison: &Comparison, arms: &[usize]) {
    let _ =
        write!(text, "{:>width$}", shortened(&comparison.labels[0], NAME + VALUE - 2), width = NAME + VALUE);
    for &arm in arms {
        let width = VALUE + CHANGE;
        let _ = write!(text, "{:>width$}", shortened(&comparison.labels[arm], width - 2));
    }
    text.push('\n');
    for (group, names) in ROWS {
        let shown: Vec<usize> = names
            .iter()
            .filter_map(|name| comparison.row(name))
            .filter(|&row| is_worth_a_line(comparison, row))
            .collect();
        if shown.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{group}");
        for row in shown {
            line(text, comparison, row, arms);
        }
    }
}

/// Rows without anything in any arm are left out, but what was offered and acked.
fn is_worth_a_line(comparison: &Comparison, row: usize) -> bool {
    // A share that is shown as 0.0% everywhere is nothing.
    let least = if comparison.wanted[row].metric.label("reason").is_some() { 0.000_5 } else { 0.0 };
    (0..comparison.labels.len())
        .any(|arm| comparison.estimate(arm, row).is_some_and(|estimate| estimate.mean.abs() > least))
}

fn line(text: &mut String, comparison: &Comparison, row: usize, arms: &[usize]) {
    let name = comparison.wanted[row].name();
    let is_share = comparison.wanted[row].metric.label("reason").is_some();
    let shown = |arm: usize| match comparison.estimate(arm, row) {
        None => "-".to_owned(),
        Some(estimate) if is_share => format!("{:.1}%", 100.0 * estimate.mean),
        Some(estimate) => number(estimate.mean),
    };
    let _ = write!(
        text,
        "  {:<width$}{:>VALUE$}",
        shortened(&label(&name), NAME - 3),
        shown(0),
        width = NAME - 2
    );
    for &arm in arms {
        let _ = write!(text, "{:>VALUE$}{:>CHANGE$}", shown(arm), change(comparison, arm, row, is_share));
    }
    text.push('\n');
}

/// `-87.5% ±0.2%`, `~`, `=`.
pub(super) fn change(comparison: &Comparison, arm: usize, row: usize, is_share: bool) -> String {
    let (Some(difference), Some(relation)) = (comparison.difference(arm, row), comparison.relation(arm, row))
    else {
        return String::new();
    };
    match relation {
        Relation::Identical => return "=".to_owned(),
        Relation::Indistinguishable => return "~".to_owned(),
        Relation::Better | Relation::Worse | Relation::Different => {}
    }
    if is_share {
        let points = 100.0 * difference.estimate.mean;
        return if points.abs() < 0.05 { "<0.1 pp".to_owned() } else { format!("{points:+.1} pp") };
    }
    let after = difference.base + difference.estimate.mean;
    let percent = signed_percent(difference.base, after);
    match difference.relative_half() {
        Some(half) if percent.starts_with(['+', '-']) => {
            let decimals = usize::from(difference.relative().is_some_and(|share| share.abs() < 1.0));
            let share = 100.0 * difference.relative().unwrap_or(0.0);
            format!("{share:+.decimals$}% ±{:.decimals$}", 100.0 * half)
        }
        _ => percent,
    }
}

/// At most `width` characters.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let end: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{end}…")
}
