//! The lab's findings for the terminal: a column for each partitioner, 80 columns.

use std::fmt::Write;

use super::Findings;
use crate::experiment::compare::winner;
use crate::report::numbers::number;
use crate::report::text::wrap;

const NAME: usize = 20;
const COLUMN: usize = 15;

/// Rows: a group, or a figure with its label.
pub(super) const ROWS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Records",
        &[
            ("offered", "sim-offered-records"),
            ("acked", "sim-acked-records"),
            ("failed", "sim-failed-records"),
            ("unknown", "sim-unknown-records"),
            ("refused", "sim-refused-records"),
            ("pending", "sim-pending-records"),
        ],
    ),
    (
        "Work",
        &[
            ("acked records/s", "sim-throughput"),
            ("requests", "sim-requests"),
            ("batches", "sim-batches"),
            ("records a batch", "sim-records-per-batch avg"),
            ("fill of batches", "sim-batch-fill"),
            ("bytes of batches", "sim-batch-bytes"),
        ],
    ),
    (
        "Latency in ms",
        &[
            ("mean", "sim-record-latency avg"),
            ("p50", "sim-record-latency p(50)"),
            ("p95", "sim-record-latency p(95)"),
            ("p99", "sim-record-latency p(99)"),
            ("p99.9", "sim-record-latency p(99.9)"),
            ("in accumulator", "sim-first-record-wait avg"),
        ],
    ),
    (
        "Spread",
        &[
            ("fullest by mean", "sim-partition-skew"),
            ("CV", "sim-partition-cv"),
            ("Gini", "sim-partition-gini"),
            ("empty partitions", "sim-empty-partitions"),
        ],
    ),
    ("Order", &[("reordered", "sim-reordered-records")]),
];

/// The whole lab.
pub fn report(findings: &Findings, title: &str, left_out: &[(String, String)]) -> String {
    let comparison = &findings.comparison;
    let mut text = String::new();
    wrap(&mut text, "", title);
    let seeds = comparison.seeds.len();
    let _ = writeln!(text, "means of {seeds} seeds, the same in every column\n");
    line(&mut text, "", &comparison.labels);
    let clients: Vec<String> = findings.clients.iter().map(|client| format!("client {client}")).collect();
    line(&mut text, "", &clients);
    for (group, rows) in ROWS {
        let shown: Vec<_> = rows.iter().filter(|(_, name)| is_there(findings, name)).collect();
        if !shown.is_empty() {
            let _ = writeln!(text, "{group}");
        }
        for (label, name) in shown {
            let cells: Vec<String> =
                (0..comparison.labels.len()).map(|arm| cell(findings, arm, name)).collect();
            line(&mut text, &format!("  {label}"), &cells);
        }
    }
    if let Some(movement) = findings.movement {
        let order: Vec<String> = (0..comparison.labels.len()).map(|arm| findings.order(arm)).collect();
        line(&mut text, "  order per key", &order);
        let moved = format!("{:.1}%", 100.0 * f64::from(movement.moved) / f64::from(movement.keys.max(1)));
        let cells: Vec<String> = findings
            .minds_keys
            .iter()
            .map(|minds| if *minds { moved.clone() } else { "-".to_owned() })
            .collect();
        line(&mut text, &format!("  move, {} to {}", movement.before, movement.after), &cells);
    }
    text.push('\n');
    winner(comparison).iter().for_each(|sentence| wrap(&mut text, "", sentence));
    for note in notes(findings, left_out) {
        wrap(&mut text, "- ", &note);
    }
    text
}

/// What has to be known to read the table.
pub(super) fn notes(findings: &Findings, left_out: &[(String, String)]) -> Vec<String> {
    let mut notes = Vec::new();
    if findings.clients.iter().any(|client| *client != findings.clients[0]) {
        notes.push(
            "The sticky partitioner is that of client 3.9, the last that has it; all its other settings are those of the \
             other columns."
                .to_owned(),
        );
    }
    for (name, why) in left_out {
        notes.push(format!("{name} is left out: {why}."));
    }
    if let Some(movement) = findings.movement {
        notes.push(format!(
            "order per key: broken where records with the same key are in several partitions. move: keys that are in \
             another partition when {} partitions become {}.",
            movement.before, movement.after
        ));
    }
    notes
}

fn is_there(findings: &Findings, name: &str) -> bool {
    (0..findings.comparison.labels.len()).any(|arm| findings.comparison.mean(arm, name) != 0.0)
}

pub(super) fn cell(findings: &Findings, arm: usize, name: &str) -> String {
    let comparison = &findings.comparison;
    let Some(estimate) = comparison.row(name).and_then(|row| comparison.estimate(arm, row)) else {
        return "-".to_owned();
    };
    match name {
        "sim-batch-fill" => format!("{:.1}%", 100.0 * estimate.mean),
        _ => number(estimate.mean),
    }
}

fn line(text: &mut String, name: &str, cells: &[String]) {
    let mut line = format!("{name:<NAME$}");
    for cell in cells {
        // A longer name of a partitioner takes the space before it.
        let _ = write!(line, "{cell:>COLUMN$}");
    }
    let _ = writeln!(text, "{}", line.trim_end());
}
