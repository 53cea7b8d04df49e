//! The summary for people: populations first, 80 columns at most.

use std::fmt::{self, Display, Write};

use super::figures::{QUANTILES, grouped, mean_latency_ms, ms, percent, quantile_ms, ratio};
use super::look::{Look, Tone};
use super::timeline::Timeline;
use super::{Run, accounts, mishaps, preparation, shares};
use crate::values::time::Time;
use crate::world::result::RunResult;

const MAX_ERRORS: usize = 10;
const MAX_WARNINGS: usize = 10;

/// Length of the longest bar.
const BAR: u32 = 30;

/// Columns of a summary.
const WIDTH: usize = 80;

/// The summary of a run as it is in files, with a newline at the end.
pub fn summary(run: &Run<'_>) -> String {
    summary_with(run, Look::default(), None)
}

/// The same as somebody wants to see it, and over time if that was asked of the run.
pub fn summary_with(run: &Run<'_>, look: Look, timeline: Option<&Timeline>) -> String {
    Summary { run: *run, look, timeline }.to_string()
}

struct Summary<'a> {
    run: Run<'a>,
    look: Look,
    timeline: Option<&'a Timeline>,
}

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (result, look) = (self.run.result, self.look);
        self.head(f)?;
        accounts::records(f, look, result)?;
        accounts::audit(f, look, result)?;
        latency(f, look, result)?;
        if let Some(timeline) = self.timeline {
            timeline.write(f, look, result.ended_at, &result.faults)?;
        }
        requests(f, look, result)?;
        reasons(f, look, result)?;
        errors(f, look, result)?;
        if let Some(preparation) = &result.preparation {
            preparation::write(f, look, preparation)?;
        }
        mishaps::write(f, look, result)?;
        shares::metrics(f, look, result)?;
        shares::partitions(f, look, &result.partitions)?;
        warnings(f, look, result)
    }
}

impl Summary<'_> {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { scenario, result, .. } = self.run;
        painted_wrapped(f, self.look, Tone::Heading, "", &scenario.title)?;
        let version = scenario.producers[0].config.version.name();
        let seconds = seconds(result.ended_at);
        writeln!(f, "client {version}, seed {}, simulated {seconds} s", scenario.seed)?;
        writeln!(f, "digest {:016x}", result.digest)
    }
}

/// Virtual seconds with all their digits.
fn seconds(time: Time) -> String {
    let text = format!("{}.{:09}", time.0 / 1_000_000_000, time.0 % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn latency(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    if result.latency.is_empty() {
        return Ok(());
    }
    look.heading(f, "Latency of acked records in ms, from the intended send time")?;
    let mut names = String::new();
    let mut values = String::new();
    let quantiles = QUANTILES.iter().map(|&(name, q)| (name, quantile_ms(&result.latency, q)));
    let mean = std::iter::once(("mean", mean_latency_ms(result)));
    for (name, value) in mean.chain(quantiles).chain([("max", ms(result.latency.max()))]) {
        write!(names, "{name:>9}")?;
        write!(values, "{:>9}", short_ms(value))?;
    }
    writeln!(f, " {names}\n {values}")
}

/// At most 8 columns: fewer decimals for longer times.
fn short_ms(value: f64) -> String {
    match value {
        v if v < 1_000.0 => format!("{v:.3}"),
        v if v < 100_000.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

fn requests(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    look.heading(f, "Requests")?;
    let line = |f: &mut fmt::Formatter<'_>, name: &str, total: u64, mean: Option<(f64, &str)>| match mean {
        Some((mean, of)) => writeln!(f, "    {name:<16}{:>18}    {mean:.2} {of}", grouped(total)),
        None => writeln!(f, "    {name:<16}{:>18}", grouped(total)),
    };
    let (requests, batches) = (result.requests, result.batches);
    line(f, "requests", requests, Some((ratio(result.batch_records, requests), "records a request")))?;
    line(f, "batches", batches, Some((ratio(batches, requests), "batches a request")))?;
    line(
        f,
        "records in them",
        result.batch_records,
        Some((ratio(result.batch_records, batches), "records a batch")),
    )?;
    line(
        f,
        "bytes of them",
        result.batch_bytes,
        Some((ratio(result.batch_bytes, batches), "bytes a batch")),
    )?;
    let records = &result.records_per_batch;
    if !records.is_empty() {
        let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|quantile| grouped(records.value_at_quantile(quantile)));
        let max = grouped(records.max());
        writeln!(f, "    records of a batch: p10 {p10}, p50 {p50}, p90 {p90}, max {max}")?;
    }
    let wait = &result.first_record_wait;
    if !wait.is_empty() {
        let [p10, p50, p90] = [0.1, 0.5, 0.9].map(|quantile| short_ms(quantile_ms(wait, quantile)));
        writeln!(f, "    wait of a batch's first record: p10 {p10}, p50 {p50}, p90 {p90} ms")?;
    }
    if result.blocked_ns > 0 {
        writeln!(f, "    application threads were blocked in send for {:.3} s", ms(result.blocked_ns) / 1e3)?;
    }
    Ok(())
}

fn reasons(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let parts = result.reasons.parts();
    let all: u64 = parts.iter().map(|(_, count)| count).sum();
    if all == 0 {
        return Ok(());
    }
    look.heading(f, "Why batches left")?;
    for (name, count) in parts.into_iter().filter(|&(_, count)| count > 0) {
        let bar = look.bar(count, all, BAR);
        writeln!(f, "    {name:<12}{:>18}{:>9}  {bar}", grouped(count), percent(count, all))?;
    }
    for (name, count) in result.reasons.marks().into_iter().filter(|&(_, count)| count > 0) {
        writeln!(f, "    of them {name:<8}{:>14}{:>9}", grouped(count), percent(count, all))?;
    }
    Ok(())
}

fn errors(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    if result.errors.is_empty() {
        return Ok(());
    }
    look.heading(f, "Errors")?;
    for (name, count) in result.errors.iter().take(MAX_ERRORS) {
        let line = format!("{name:<44}{:>18}", grouped(*count));
        writeln!(f, "    {}", look.paint(Tone::Bad, line))?;
    }
    and_more(f, result.errors.len(), MAX_ERRORS, ["kind of error", "kinds of errors"])
}

fn warnings(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    if result.warnings.is_empty() {
        return Ok(());
    }
    look.heading(f, "Warnings")?;
    for warning in result.warnings.iter().take(MAX_WARNINGS) {
        painted_wrapped(f, look, Tone::Warning, "  - ", warning)?;
    }
    and_more(f, result.warnings.len(), MAX_WARNINGS, ["warning", "warnings"])
}

/// What is left out.
pub(super) fn and_more(
    f: &mut fmt::Formatter<'_>,
    all: usize,
    shown: usize,
    [one, several]: [&str; 2],
) -> fmt::Result {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        1 => writeln!(f, "    ... and 1 more {one}"),
        more => writeln!(f, "    ... and {more} more {several}"),
    }
}

/// At most `width` characters.
pub(super) fn clipped(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['~']).collect(),
        None => text.to_owned(),
    }
}

/// Words in lines, each in the colour of a tone.
fn painted_wrapped(f: &mut impl Write, look: Look, tone: Tone, lead: &str, words: &str) -> fmt::Result {
    let mut lines = String::new();
    wrapped(&mut lines, lead, words)?;
    lines.lines().try_for_each(|line| writeln!(f, "{}", look.paint(tone, line)))
}

/// Appends the words of `words` to a text, in lines of at most 80 columns, the first one behind `lead`, the others below
/// its end.
pub fn wrap(text: &mut String, lead: &str, words: &str) {
    // Writing to a text cannot fail.
    let _ = wrapped(text, lead, words);
}

/// Words of a text in lines of at most [`WIDTH`] columns, the first one behind `lead`.
fn wrapped(f: &mut impl Write, lead: &str, text: &str) -> fmt::Result {
    let mut line = lead.to_owned();
    let indent = " ".repeat(lead.chars().count());
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let word = clipped(word, WIDTH - indent.len());
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(f, "{line}")?;
            line.clone_from(&indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(&word);
        is_empty = false;
    }
    writeln!(f, "{line}")
}

#[cfg(test)]
mod tests {
    use super::super::look::Charset;
    use super::super::sample;
    use super::*;

    #[test]
    fn a_summary_is_complete_and_fits_80_columns() {
        let text = sample::with_run(summary);
        insta::assert_snapshot!(text);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn huge_numbers_and_names_fit_80_columns() {
        let text = sample::with_result(sample::huge(), summary);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert!(text.contains("... and 76 more partitions"));
    }

    #[test]
    fn blocks_and_colours_take_no_more_columns_and_change_no_word() {
        let look = Look { charset: Charset::Unicode, colour: true };
        for result in [sample::result(), sample::huge(), sample::empty()] {
            let plain = sample::with_result(result.clone(), summary);
            let shown = sample::with_result(result, |run| summary_with(run, look, None));
            let escapes = regex_lite::Regex::new("\x1b\\[[0-9]*m").expect("an expression");
            let bare = escapes.replace_all(&shown, "").into_owned();
            assert!(bare.len() < shown.len() && !bare.contains('\x1b'), "{shown:?}");
            assert!(bare.lines().all(|line| line.chars().count() <= WIDTH), "{bare}");
            let words = |text: &str| {
                let no_bar = |c: char| if c == '#' || ('▁'..='▏').contains(&c) { ' ' } else { c };
                text.chars()
                    .map(no_bar)
                    .collect::<String>()
                    .lines()
                    .map(str::trim_end)
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            assert_eq!(words(&bare), words(&plain));
        }
    }

    #[test]
    fn an_empty_run_has_a_summary() {
        let text = sample::with_result(sample::empty(), summary);
        assert!(text.contains("= offered") && !text.contains("NaN"), "{text}");
    }
}
