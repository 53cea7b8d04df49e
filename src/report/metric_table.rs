//! The catalogue of metrics, for people.

use std::fmt::Write;

use super::text::wrap;
use crate::metric::{Better, Kind, Metric};

/// A block for each metric, at most 80 columns.
pub fn text() -> String {
    let mut text = String::new();
    for metric in Metric::all() {
        let labels =
            if metric.labels.is_empty() { String::new() } else { format!("{{{}}}", metric.labels.join(",")) };
        let _ = writeln!(text, "{}{labels}", metric.name);
        wrap(&mut text, "    ", &format!("{}; {}", metric.doc, facts(metric)));
    }
    text
}

/// The rows of a table with its head.
pub fn markdown() -> String {
    let mut text = String::from("| metric | labels | unit | statistics | better | what it is |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for metric in Metric::all() {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let whole = if metric.whole_run { " (of whole runs)" } else { "" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {}{whole} |",
            metric.name,
            labels.join(", "),
            metric.dimension.unit(),
            stats(metric.kind),
            better(metric.better),
            metric.doc
        );
    }
    text
}

fn facts(metric: &Metric) -> String {
    let mut facts = vec![stats(metric.kind).to_owned()];
    match metric.dimension.unit() {
        "" => {}
        unit => facts.push(format!("in {unit}")),
    }
    if metric.better != Better::Neither {
        facts.push(format!("{} is better", better(metric.better)));
    }
    if metric.whole_run {
        facts.push("only of whole runs".to_owned());
    }
    facts.join(", ")
}

const fn better(better: Better) -> &'static str {
    match better {
        Better::Lower => "lower",
        Better::Higher => "higher",
        Better::Neither => "-",
    }
}

const fn stats(kind: Kind) -> &'static str {
    match kind {
        Kind::Distribution => "p(q) avg med min max stddev count",
        Kind::Counter => "value rate",
        Kind::Sum | Kind::Largest | Kind::Mean => "value",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_fits_a_terminal() {
        assert!(super::text().lines().all(|line| line.chars().count() <= 80));
    }
}
