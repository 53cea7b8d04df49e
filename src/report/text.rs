//! The summary for people: populations first, 80 columns at most.

use std::fmt::{self, Display, Write};

use super::Run;
use super::figures::{QUANTILES, grouped, mean_latency_ms, ms, percent, quantile_ms, ratio};
use super::look::{Look, Tone};
use super::mishaps;
use super::timeline::Timeline;
use crate::values::time::Time;
use crate::world::result::{PartitionResult, ProducerResult, RunResult};

/// Partitions that are shown, and producers whose metrics are, side by side.
const MAX_PARTITIONS: usize = 24;
const MAX_PRODUCERS: usize = 3;
const MAX_ERRORS: usize = 10;
const MAX_WARNINGS: usize = 10;

/// Length of the longest bar.
const BAR: u32 = 30;

/// Columns of a summary.
const WIDTH: usize = 80;

/// The JMX metrics of a summary; the others are in the JSON and CSV reports.
const METRICS: [&str; 16] = [
    "batch-size-avg",
    "batch-size-max",
    "records-per-request-avg",
    "record-size-avg",
    "record-queue-time-avg",
    "record-queue-time-max",
    "request-latency-avg",
    "request-latency-max",
    "record-send-total",
    "record-retry-total",
    "record-error-total",
    "batch-split-total",
    "compression-rate-avg",
    "buffer-exhausted-total",
    "bufferpool-wait-time-ns-total",
    "produce-throttle-time-avg",
];

/// Stands for a metric that a producer does not have.
const NO_VALUE: &str = "-";

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
        records(f, look, result)?;
        audit(f, look, result)?;
        latency(f, look, result)?;
        if let Some(timeline) = self.timeline {
            timeline.write(f, look, result.ended_at, &result.faults)?;
        }
        requests(f, look, result)?;
        reasons(f, look, result)?;
        errors(f, look, result)?;
        mishaps::write(f, look, result)?;
        metrics(f, look, result)?;
        partitions(f, look, &result.partitions)?;
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

/// The populations as a sum that can be checked by eye.
fn records(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let populations = &result.populations;
    look.heading(f, "Records")?;
    let mut sign = ' ';
    for (name, count) in populations.parts() {
        let tone = match name {
            "failed" | "unknown" | "refused" => Tone::Bad.if_any(count),
            _ => Tone::Plain,
        };
        let line = format!("{name:<10}{:>18}{:>9}", grouped(count), percent(count, populations.offered));
        writeln!(f, "  {sign} {}", look.paint(tone, line))?;
        sign = '+';
    }
    let offered = grouped(populations.offered);
    match populations.add_up() {
        true => writeln!(f, "  = {:<10}{offered:>18}", "offered"),
        false => {
            writeln!(f, "  = {:<10}{:>18}", "sum", grouped(populations.sum()))?;
            let line = format!("! {:<10}{offered:>18}  the sum is wrong: a bug of lingersim", "offered");
            writeln!(f, "  {}", look.paint(Tone::Bad, line))
        }
    }
}

/// What the logs have in the end, against what producers were told; one line if all is well.
fn audit(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let audit = &result.audit;
    let silence = format!("longest silence {:.3} s", ms(result.longest_silence.span.0) / 1e3);
    if audit.is_quiet() {
        let well = look.paint(Tone::Good, "nothing lost, duplicated or reordered");
        return writeln!(f, "    audit: {well}; {silence}");
    }
    look.heading(f, "Audit of the logs")?;
    let meanings = [
        "acked, but not in the log",
        "copies beyond the first",
        "behind a record sent later",
        "reported as failed, but in the log",
    ];
    let mut line = |tone: Tone, name: &str, count: u64, meaning: &str| match count {
        0 => Ok(()),
        count => {
            let line = format!("{name:<18}{:>18}  {meaning}", grouped(count));
            writeln!(f, "    {}", look.paint(tone, line))
        }
    };
    for ((name, count), meaning) in audit.parts().into_iter().zip(meanings) {
        line(Tone::Bad, name, count, meaning)?;
    }
    line(Tone::Bad, "sequence gaps", audit.sequence_gaps, "places where sequences are missing")?;
    line(Tone::Warning, "under way", audit.under_way, "acks=0, not at the broker at the end")?;
    writeln!(f, "    {silence}, from {:.3} s on", ms(result.longest_silence.start.0) / 1e3)
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

/// The metrics of the first producers side by side: to compare them is why there are several.
fn metrics(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let shown = &result.producers[..result.producers.len().min(MAX_PRODUCERS)];
    let mut lines = String::new();
    for name in METRICS {
        let values: Vec<String> = shown.iter().map(|producer| metric(producer, name)).collect();
        if values.iter().any(|value| value != NO_VALUE) {
            write!(lines, "    {name:<30}")?;
            values.iter().try_for_each(|value| write!(lines, "{value:>15}"))?;
            lines.push('\n');
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let mut heading = format!("{:<34}", "producer-metrics");
    shown.iter().try_for_each(|producer| write!(heading, "{:>15}", clipped(&producer.client_id, 14)))?;
    look.heading(f, &heading)?;
    f.write_str(&lines)?;
    and_more(f, result.producers.len(), MAX_PRODUCERS, ["producer", "producers"])?;
    match result.producers.len() > MAX_PRODUCERS {
        true => writeln!(f, "    (their metrics are in the JSON and CSV reports)"),
        false => Ok(()),
    }
}

/// A metric of a producer in at most 14 columns. What counts or sums up has no decimals.
fn metric(producer: &ProducerResult, name: &str) -> String {
    let value = producer.metrics.iter().find(|(known, _)| *known == name).map(|&(_, value)| value);
    match value.filter(|value| value.is_finite()) {
        None => NO_VALUE.to_owned(),
        Some(value) if value.abs() >= 1e11 => format!("{value:.3e}"),
        Some(value) if value >= 0.0 && (name.ends_with("-total") || name.ends_with("-max")) => {
            grouped(value.round() as u64)
        }
        Some(value) => format!("{value:.3}"),
    }
}

fn partitions(f: &mut fmt::Formatter<'_>, look: Look, partitions: &[PartitionResult]) -> fmt::Result {
    if partitions.is_empty() {
        return Ok(());
    }
    look.heading(f, "Partitions")?;
    let heads = ["acked", "batches", "rec/batch", "log end"];
    writeln!(f, "    {:<24}{:>14}{:>12}{:>11}{:>14}", "partition", heads[0], heads[1], heads[2], heads[3])?;
    for partition in partitions.iter().take(MAX_PARTITIONS) {
        let number = partition.partition.to_string();
        let name = format!("{}-{number}", clipped(&partition.topic, 22 - number.len()));
        let mean = ratio(partition.records, partition.batches);
        let (records, batches) = (grouped(partition.records), grouped(partition.batches));
        writeln!(
            f,
            "    {name:<24}{records:>14}{batches:>12}{mean:>11.2}{:>14}",
            grouped(partition.log_end)
        )?;
        if partition.log_start > 0 {
            writeln!(f, "      deleted by retention: records below offset {}", grouped(partition.log_start))?;
        }
    }
    and_more(f, partitions.len(), MAX_PARTITIONS, ["partition", "partitions"])
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

fn and_more(f: &mut fmt::Formatter<'_>, all: usize, shown: usize, [one, several]: [&str; 2]) -> fmt::Result {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        1 => writeln!(f, "    ... and 1 more {one}"),
        more => writeln!(f, "    ... and {more} more {several}"),
    }
}

/// At most `width` characters.
fn clipped(text: &str, width: usize) -> String {
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
    use crate::world::result::Audit;

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

    #[test]
    fn producers_stand_side_by_side() {
        let mut result = sample::huge();
        let one = &result.producers[0];
        let other = ProducerResult {
            client_id: "a-client-with-a-long-name".to_owned(),
            metrics: vec![("record-send-total", 1e18), ("batch-size-max", 16_384.0)],
        };
        result.producers = vec![one.clone(), other.clone(), other.clone(), other];
        let text = sample::with_result(result, summary);
        let block: Vec<&str> =
            text.lines().skip_while(|line| !line.starts_with("producer-metrics")).collect();
        assert_eq!(
            block[..6],
            [
                "producer-metrics                       producer-1 a-client-with~ a-client-with~",
                "    batch-size-avg                       1170.250              -              -",
                "    batch-size-max                              -         16,384         16,384",
                "    record-send-total                           -       1.000e18       1.000e18",
                "    ... and 1 more producer",
                "    (their metrics are in the JSON and CSV reports)",
            ]
        );
    }

    #[test]
    fn what_the_audit_has_found_is_told_line_by_line() {
        let mut result = sample::result();
        result.audit = Audit { lost: 12_345, failed_but_present: 7, ..Audit::default() };
        let text = sample::with_result(result, summary);
        let block: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Audit")).collect();
        assert_eq!(
            block[..4],
            [
                "Audit of the logs",
                "    lost                          12,345  acked, but not in the log",
                "    failed-but-present                 7  reported as failed, but in the log",
                "    longest silence 1.250 s, from 4.000 s on",
            ]
        );
    }

    #[test]
    fn populations_that_do_not_add_up_are_shown_as_a_bug() {
        let mut result = sample::result();
        result.populations.acked -= 1;
        let text = sample::with_result(result, summary);
        assert!(text.contains("the sum is wrong"), "{text}");
    }
}
