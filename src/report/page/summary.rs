//! What the page says without scripts: the figures of each run, and how it was made.

use super::PageRun;
use super::markup::{escaped, list, table};
use crate::recording::focus;
use crate::recording::stages::Stage;
use crate::recording::totals::Totals;
use crate::report::figures::{QUANTILES, grouped, mean_latency_ms, ms, percent, quantile_ms};
use crate::report::numbers::number;
use crate::world::MODEL_VERSION;

/// Partitions that the table has room for.
const MOST_PARTITIONS: usize = 64;

/// One line below the title.
pub(super) fn subtitle(run: &PageRun<'_>) -> String {
    let version = run.scenario.producers[0].config.version.name();
    let seconds = number(ms(run.recording.result.ended_at.0) / 1e3);
    let digest = run.recording.result.digest;
    format!("client {version}, seed {}, simulated {seconds} s, digest {digest:016x}", run.scenario.seed)
}

/// The figures of all runs.
pub(super) fn summary(runs: &[PageRun<'_>]) -> String {
    runs.iter().map(|run| heading(runs, run) + &figures(run)).collect()
}

/// How each run was made.
pub(super) fn setup(runs: &[PageRun<'_>]) -> String {
    runs.iter().map(|run| heading(runs, run) + &made(run)).collect()
}

fn heading(runs: &[PageRun<'_>], run: &PageRun<'_>) -> String {
    if runs.len() > 1 { format!("<h3>{}</h3>", escaped(run.name)) } else { String::new() }
}

fn figures(run: &PageRun<'_>) -> String {
    let result = &run.recording.result;
    let populations = &result.populations;
    let mut records: Vec<Vec<String>> = populations
        .parts()
        .into_iter()
        .map(|(name, count)| vec![name.to_owned(), grouped(count), percent(count, populations.offered)])
        .collect();
    records.push(vec!["offered".to_owned(), grouped(populations.offered), String::new()]);
    let mut latency = vec![vec!["mean".to_owned(), number(mean_latency_ms(result))]];
    latency.extend(
        QUANTILES.iter().map(|&(name, q)| vec![name.to_owned(), number(quantile_ms(&result.latency, q))]),
    );
    latency.push(vec!["max".to_owned(), number(ms(result.latency.max()))]);
    let reasons: Vec<Vec<String>> = result
        .reasons
        .parts()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| vec![name.to_owned(), grouped(count), percent(count, result.batches)])
        .collect();
    let partitions: Vec<Vec<String>> = result
        .partitions
        .iter()
        .take(MOST_PARTITIONS)
        .map(|one| {
            let name = format!("{}-{}", one.topic, one.partition);
            vec![name, grouped(one.records), grouped(one.batches), grouped(one.bytes)]
        })
        .collect();
    let left_out = result.partitions.len().saturating_sub(MOST_PARTITIONS);
    let more = match left_out {
        0 => String::new(),
        more => format!("<p class=\"small\">and {} more partitions</p>", grouped(more as u64)),
    };
    let audit: Vec<String> = result
        .audit
        .parts()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name}: {} records", grouped(count)))
        .collect();
    let audit = match audit.is_empty() {
        true => "<p>Nothing was lost, duplicated or reordered.</p>".to_owned(),
        false => list(audit),
    };
    format!(
        "<div class=\"sums\"><div class=\"card\">{}{audit}</div><div class=\"card\">{}</div><div class=\"card\">{}</div>\
         <div class=\"card\">{}</div><div class=\"card\">{}{more}</div></div>{}",
        table("What became of the records", &["records", "count", "share"], &records),
        table("Latency of acknowledged records, in ms", &["figure", "ms"], &latency),
        stage_table(&run.recording.totals),
        table("Why batches left", &["reason", "batches", "share"], &reasons),
        table("Partitions, as acknowledged", &["partition", "records", "batches", "bytes"], &partitions),
        list(result.warnings.iter().cloned()),
    )
}

/// Where the time of the median record, and of that at the 99th percentile, went; the columns add up.
fn stage_table(totals: &Totals) -> String {
    let chosen: Vec<(&str, _)> = [("p50", 500), ("p99", 990), ("slowest", 1000)]
        .into_iter()
        .filter_map(|(name, permille)| Some((name, totals.at_permille(permille)?.1.first.2)))
        .collect();
    let cell = |ns: u64| number(ms(ns));
    let mut rows: Vec<Vec<String>> = Stage::ALL
        .into_iter()
        .filter(|stage| chosen.iter().any(|(_, sums)| sums[stage.index()] > 0))
        .map(|stage| {
            let cells = chosen.iter().map(|(_, sums)| cell(sums[stage.index()]));
            std::iter::once(stage.words().to_owned()).chain(cells).collect()
        })
        .collect();
    let sums = chosen.iter().map(|(_, sums)| cell(sums.iter().sum()));
    rows.push(std::iter::once("total".to_owned()).chain(sums).collect());
    let headings: Vec<&str> = std::iter::once("stage").chain(chosen.iter().map(|(name, _)| *name)).collect();
    table("Where the time of one record went, in ms", &headings, &rows)
}

fn made(run: &PageRun<'_>) -> String {
    let recording = run.recording;
    let kept = recording.events().count() as u64;
    let detail = match recording.is_whole() {
        true => format!("All {} happenings are in this page.", grouped(kept)),
        false => format!(
            "{} of {} happenings are in this page. {} For more: --report-max 8MiB, or --from and --until for a part of the \
             run.",
            grouped(kept),
            grouped(recording.happenings),
            focus::RULE
        ),
    };
    let settings: Vec<Vec<String>> = run
        .settings
        .iter()
        .map(|setting| vec![setting.name.clone(), setting.value.clone(), setting.origin.clone()])
        .collect();
    format!(
        "<dl class=\"facts\"><dt>command</dt><dd><pre>{}</pre></dd><dt>seed</dt><dd>{}</dd><dt>digest</dt>\
         <dd><code>{:016x}</code></dd><dt>model version</dt><dd>{MODEL_VERSION}</dd><dt>detail</dt><dd>{}</dd></dl>\
         <details><summary>Effective configuration: {} values with their origins</summary><div class=\"scroll\" \
         tabindex=\"0\" role=\"region\" aria-label=\"effective configuration\">{}</div></details>",
        escaped(run.command),
        run.scenario.seed,
        recording.result.digest,
        escaped(&detail),
        run.settings.len(),
        table("", &["key", "value", "origin"], &settings),
    )
}
