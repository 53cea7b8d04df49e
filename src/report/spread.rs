//! Several runs of one scenario that differ in their seeds: how much the results vary.

use std::fmt::Write;

use super::figures::{grouped, mean_latency_ms, ms, ratio};
use crate::world::result::RunResult;

/// A column of the table: its name, its figure of a run, and the decimals that are shown.
type Column = (&'static str, fn(&RunResult) -> f64, usize);

const COLUMNS: [Column; 6] = [
    ("acked", |run| run.populations.acked as f64, 0),
    ("rec/batch", |run| ratio(run.batch_records, run.batches), 2),
    ("requests", |run| run.requests as f64, 0),
    ("mean ms", mean_latency_ms, 3),
    ("p50 ms", |run| ms(run.latency.value_at_quantile(0.5)), 3),
    ("p99 ms", |run| ms(run.latency.value_at_quantile(0.99)), 3),
];

/// One line a run, then the smallest, the mean and the largest of each figure; at most 80 columns.
pub fn table(runs: &[(u64, &RunResult)]) -> String {
    let mut text = format!("{:<20}", "seed");
    for (name, ..) in COLUMNS {
        // Writing to a text cannot fail.
        let _ = write!(text, "{name:>10}");
    }
    text.push('\n');
    for (seed, run) in runs {
        line(&mut text, &seed.to_string(), |figure| figure(run));
    }
    let over = |figure: fn(&RunResult) -> f64| runs.iter().map(move |(_, run)| figure(run));
    line(&mut text, "smallest", |figure| over(figure).fold(f64::INFINITY, f64::min));
    line(&mut text, "mean", |figure| over(figure).sum::<f64>() / runs.len().max(1) as f64);
    line(&mut text, "largest", |figure| over(figure).fold(f64::NEG_INFINITY, f64::max));
    not_acked(&mut text, runs);
    audited(&mut text, runs);
    text
}

/// A line for each population, but the acked one, that some run has.
fn not_acked(text: &mut String, runs: &[(u64, &RunResult)]) {
    let Some((_, first)) = runs.first() else { return };
    for (index, (name, _)) in first.populations.parts().into_iter().enumerate().skip(1) {
        range(text, name, runs.iter().map(|(_, run)| run.populations.parts()[index].1));
    }
}

/// The same for what the audit has found.
fn audited(text: &mut String, runs: &[(u64, &RunResult)]) {
    let Some((_, first)) = runs.first() else { return };
    for (index, (name, _)) in first.audit.parts().into_iter().enumerate() {
        range(text, name, runs.iter().map(|(_, run)| run.audit.parts()[index].1));
    }
}

/// A line with the smallest and the largest count, unless there is nothing at all.
fn range(text: &mut String, name: &str, counts: impl Iterator<Item = u64>) {
    let (least, most) =
        counts.fold((u64::MAX, 0), |(least, most), count| (least.min(count), most.max(count)));
    if most > 0 {
        let _ = writeln!(text, "{name}: {} to {} records a run", grouped(least), grouped(most));
    }
}

fn line(text: &mut String, name: &str, value: impl Fn(fn(&RunResult) -> f64) -> f64) {
    let _ = write!(text, "{name:<20}");
    for (_, figure, decimals) in COLUMNS {
        let value = value(figure);
        let shown = if decimals == 0 { grouped(value.round() as u64) } else { format!("{value:.decimals$}") };
        let _ = write!(text, "{shown:>10}");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_line_a_run_and_three_that_sum_up() {
        let (one, two) = (sample::result(), sample::empty());
        let text = table(&[(1, &one), (u64::MAX, &two)]);
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
}
