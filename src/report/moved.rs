//! What has changed from one run to the next: settings, and the figures that moved with them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Run;
use super::look::{Look, Tone};
use super::measure::View;
use super::numbers::{number, signed_percent};
use super::text::wrap;
use crate::metric::{Better, Wanted};
use crate::scenario::Setting;

/// The figures, with their names in the table. Populations first: latencies of different ones do not compare.
const FIGURES: &[(&str, &str)] = &[
    ("offered", "sim-offered-records"),
    ("acked", "sim-acked-records"),
    ("failed", "sim-failed-records"),
    ("unknown", "sim-unknown-records"),
    ("refused", "sim-refused-records"),
    ("pending", "sim-pending-records"),
    ("lost", "sim-lost-records"),
    ("duplicates", "sim-duplicate-records"),
    ("reordered", "sim-reordered-records"),
    ("failed but present", "sim-failed-but-present-records"),
    ("acked records/s", "sim-throughput"),
    ("latency mean ms", "sim-record-latency avg"),
    ("latency p50 ms", "sim-record-latency p(50)"),
    ("latency p99 ms", "sim-record-latency p(99)"),
    ("latency max ms", "sim-record-latency max"),
    ("longest silence ms", "sim-longest-silence"),
    ("blocked in send s", "sim-blocked-time"),
    ("requests", "sim-requests"),
    ("request latency ms", "request-latency-avg"),
    ("batches", "sim-batches"),
    ("records a batch", "sim-records-per-batch avg"),
    ("fill of batches", "sim-batch-fill"),
    ("sent again", "sim-retries"),
    ("left as full", "sim-batches-left{reason=full}"),
    ("left by linger", "sim-batches-left{reason=linger}"),
    ("left for memory", "sim-batches-left{reason=memory}"),
    ("left by close", "sim-batches-left{reason=close}"),
    ("left by flush", "sim-batches-left{reason=flush}"),
    ("left by piggyback", "sim-batches-left{reason=piggyback}"),
];

/// Columns of a name, and of a number with the blank before it.
const NAME: usize = 22;
const NUMBER: usize = 13;

/// What `after` has that `before` had not, in at most 80 columns, with a newline at the end.
pub fn moved(before: &Run<'_>, after: &Run<'_>, look: Look) -> String {
    let mut text = String::new();
    settings(&mut text, look, before.settings, after.settings);
    let rows = rows(before, after);
    if !rows.is_empty() {
        let heading = format!("{:<24}{:>13}{:>13}{:>13}", "Figures", "before", "after", "difference");
        section(&mut text, look, &heading);
        rows.iter().for_each(|row| row.write(&mut text, look));
    }
    warnings(&mut text, look, &before.result.warnings, &after.result.warnings);
    let (old, new) = (before.result.digest, after.result.digest);
    let verdict = match (old == new, rows.is_empty()) {
        (true, true) => format!("nothing changed in the run: digest {new:016x}"),
        (true, false) => format!("the same events, digest {new:016x}"),
        (false, true) => format!("other events, but no figure moved: digest {old:016x} -> {new:016x}"),
        (false, false) => format!("digest {old:016x} -> {new:016x}"),
    };
    let _ = writeln!(text, "{}{verdict}", if text.is_empty() { "" } else { "\n" });
    text
}

fn section(text: &mut String, look: Look, heading: &str) {
    // Writing to a String cannot fail.
    let _ = match text.is_empty() {
        true => writeln!(text, "{}", look.paint(Tone::Heading, heading)),
        false => look.heading(text, heading),
    };
}

/// The settings that have another value, by their order now; those that are no more come last.
fn settings(text: &mut String, look: Look, before: &[Setting], after: &[Setting]) {
    let (old, new) = (values(before), values(after));
    let mut names: Vec<&str> = Vec::new();
    for name in after.iter().chain(before).map(|setting| setting.name.as_str()) {
        if old.get(name) != new.get(name) && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return;
    }
    section(text, look, "Settings");
    let shown = |values: Option<&Vec<&str>>| values.map_or("(none)".to_owned(), |values| values.join(", "));
    for name in names {
        wrap(text, "    ", &format!("{name}: {} -> {}", shown(old.get(name)), shown(new.get(name))));
    }
}

fn warnings(text: &mut String, look: Look, before: &[String], after: &[String]) {
    let news: Vec<&String> = after.iter().filter(|warning| !before.contains(warning)).collect();
    if !news.is_empty() {
        section(text, look, "New warnings");
        news.into_iter().for_each(|warning| wrap(text, "  ! ", warning));
    }
}

/// The values of each name: groups of producers may share one.
fn values(settings: &[Setting]) -> BTreeMap<&str, Vec<&str>> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Setting { name, value, .. } in settings {
        values.entry(name).or_default().push(value);
    }
    values
}

/// A figure that moved. `None`: the run has none.
struct Row {
    name: String,
    before: Option<f64>,
    after: Option<f64>,
    better: Better,
}

fn rows(before: &Run<'_>, after: &Run<'_>) -> Vec<Row> {
    let view = |run: &Run<'_>, wanted: &Wanted| {
        View { scenario: run.scenario, result: run.result }.value(&wanted.metric, wanted.stat)
    };
    let figures = FIGURES.iter().filter_map(|&(name, figure)| Some((name, Wanted::parse(figure).ok()?)));
    let mut rows: Vec<Row> = figures
        .map(|(name, wanted)| Row {
            name: name.to_owned(),
            before: view(before, &wanted),
            after: view(after, &wanted),
            better: wanted.metric.metric.better,
        })
        .collect();
    let (old, new) = (&before.result.errors, &after.result.errors);
    let mut errors: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    errors.sort_unstable();
    errors.dedup();
    rows.extend(errors.into_iter().map(|error| Row {
        name: error.trim_end_matches("Exception").to_owned(),
        before: Some(old.get(error).copied().unwrap_or(0) as f64),
        after: Some(new.get(error).copied().unwrap_or(0) as f64),
        better: Better::Lower,
    }));
    rows.retain(|row| shown(row.before) != shown(row.after));
    rows
}

impl Row {
    /// `    latency p99 ms   6.595   51.4   +44.8   +679.4%  worse`.
    fn write(&self, text: &mut String, look: Look) {
        let name: String = self.name.chars().take(NAME).collect();
        let (old, new) = (shown(self.before), shown(self.after));
        let mut line = format!("{name:<NAME$}{old:>NUMBER$}{new:>NUMBER$}");
        if let (Some(old), Some(new)) = (self.before, self.after) {
            let sign = if new > old { "+" } else { "-" };
            let difference = format!("{sign}{}", fitting((new - old).abs()));
            let share = signed_percent(old, new);
            let (word, tone) = match (self.better, new > old) {
                (Better::Higher, true) | (Better::Lower, false) => ("  better", Tone::Good),
                (Better::Higher, false) | (Better::Lower, true) => ("  worse", Tone::Bad),
                (Better::Neither, _) => ("", Tone::Plain),
            };
            let _ = write!(line, "{}", look.paint(tone, format!("{difference:>NUMBER$}{share:>9}{word}")));
        }
        let _ = writeln!(text, "  {line}");
    }
}

/// What differs only in digits that nobody sees has not moved.
fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), fitting)
}

/// A number that leaves a blank in its column, and room for a sign.
fn fitting(value: f64) -> String {
    let text = number(value);
    if text.len() < NUMBER - 1 { text } else { format!("{value:.3e}") }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::world::result::RunResult;

    fn of(before: RunResult, after: RunResult, look: Look) -> String {
        sample::with_result(before, |before| sample::with_result(after, |after| moved(before, after, look)))
    }

    #[test]
    fn equal_runs_have_one_line() {
        let text = of(sample::result(), sample::result(), Look::default());
        assert_eq!(text, "nothing changed in the run: digest 0123456789abcdef\n");
    }

    #[test]
    fn what_moved_has_both_values_and_the_difference() {
        let mut after = sample::result();
        after.digest = 1;
        after.populations.acked -= 79;
        after.populations.failed += 79;
        after.requests = 60;
        after.errors.insert("NotLeaderOrFollowerException", 79);
        after.errors.remove("RecordTooLargeException");
        after.warnings.push("so it is".to_owned());
        let text = of(sample::result(), after, Look::default());
        insta::assert_snapshot!(text, @r"
        Figures                        before        after   difference
          acked                           979          900          -79    -8.1%  worse
          failed                           11           90          +79  +718.2%  worse
          acked records/s               97.78        89.89       -7.890    -8.1%  worse
          requests                         80           60          -20   -25.0%  better
          NotLeaderOrFollower               0           79          +79      new  worse
          RecordTooLarge                    3            0           -3  -100.0%  better

        New warnings
          ! so it is

        digest 0123456789abcdef -> 0000000000000001
        ");
    }

    #[test]
    fn settings_are_shown_old_and_new() {
        let setting = |name: &str, value: &str| Setting {
            name: name.to_owned(),
            value: value.to_owned(),
            origin: "default".to_owned(),
        };
        let before = [setting("a", "1"), setting("b", "2"), setting("c", "3"), setting("c", "4")];
        let after = [setting("c", "3"), setting("c", "5"), setting("b", "2"), setting("d", "6")];
        let mut text = String::new();
        settings(&mut text, Look::default(), &before, &after);
        assert_eq!(text, "Settings\n    c: 3, 4 -> 3, 5\n    d: (none) -> 6\n    a: 1 -> (none)\n");
    }

    #[test]
    fn lines_fit_a_terminal_and_a_colour_has_its_word() {
        let text = of(sample::empty(), sample::huge(), Look::default());
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let text = of(sample::huge(), sample::empty(), Look { colour: true, ..Look::default() });
        for line in text.lines().filter(|line| line.contains("\x1b[31m")) {
            assert!(line.contains("worse"), "{line}");
        }
    }

    #[test]
    fn every_figure_is_one() {
        for (_, figure) in FIGURES {
            assert!(Wanted::parse(figure).is_ok(), "{figure}");
        }
    }
}
