//! The report for tables: CSV, one figure a line: run, seed, metric, labels, stat, value, unit.

use super::Run;
use super::figures::{BATCH_QUANTILES, LOW_QUANTILES, QUANTILES, mean_latency_ms, ms, quantile_ms};

/// The report of a run, with a header line.
pub fn report(run: &Run<'_>) -> String {
    let mut table = Table::new(run);
    records(&mut table);
    audit(&mut table);
    latency(&mut table);
    requests(&mut table);
    producers(&mut table);
    partitions(&mut table);
    table.finish()
}

/// Lines of one run.
struct Table<'a> {
    run: Run<'a>,
    seed: String,
    writer: csv::Writer<Vec<u8>>,
}

impl<'a> Table<'a> {
    fn new(run: &Run<'a>) -> Table<'a> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        write(&mut writer, ["run", "seed", "metric", "labels", "stat", "value", "unit"]);
        Table { run: *run, seed: run.scenario.seed.to_string(), writer }
    }

    fn line(&mut self, metric: &str, labels: &str, stat: &str, value: impl ToString, unit: &str) {
        let value = value.to_string();
        write(&mut self.writer, [&self.run.scenario.name, &self.seed, metric, labels, stat, &value, unit]);
    }

    fn finish(self) -> String {
        let bytes = self.writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// Writing to memory cannot fail, and all lines have equally many fields.
fn write(writer: &mut csv::Writer<Vec<u8>>, fields: [&str; 7]) {
    let written = writer.write_record(fields);
    debug_assert!(written.is_ok());
}

fn records(table: &mut Table<'_>) {
    let result = table.run.result;
    table.line("records", "population=offered", "count", result.populations.offered, "records");
    for (name, count) in result.populations.parts() {
        table.line("records", &format!("population={name}"), "count", count, "records");
    }
    for (name, count) in &result.errors {
        table.line("errors", &format!("exception={name}"), "count", count, "records");
    }
    for (name, count) in &result.retries {
        table.line("retries", &format!("error={name}"), "count", count, "batches");
    }
    for wait in &result.retry_waits {
        let labels = format!("retry={}", wait.retry);
        table.line("retry-wait", &labels, "count", wait.batches, "batches");
        table.line("retry-wait", &labels, "min", wait.min_ms, "ms");
        table.line("retry-wait", &labels, "mean", wait.sum_ms as f64 / wait.batches as f64, "ms");
        table.line("retry-wait", &labels, "max", wait.max_ms, "ms");
    }
    for (name, count) in result.cluster.iter().filter(|(_, count)| *count > 0) {
        table.line("cluster", &format!("event={name}"), "count", count, "");
    }
    for fault in &result.faults {
        let labels = format!("fault={};at-s={}", fault.said, fault.at.0 as f64 / 1e9);
        table.line("faults", &labels, "touched", fault.touched, "");
    }
    table.line("simulated", "", "total", result.ended_at.0 as f64 / 1e9, "s");
}

fn audit(table: &mut Table<'_>) {
    let result = table.run.result;
    for (name, count) in result.audit.parts() {
        table.line("audit", &format!("found={name}"), "count", count, "records");
    }
    table.line("audit", "found=sequence-gaps", "count", result.audit.sequence_gaps, "gaps");
    table.line("audit", "found=under-way", "count", result.audit.under_way, "records");
    for finding in &result.audit.findings {
        let labels = format!("promise={};client-id={}", finding.promise.name(), finding.producer);
        table.line("broken-promise", &labels, "count", finding.count, "");
    }
    table.line("longest-silence", "", "start", result.longest_silence.start.0 as f64 / 1e9, "s");
    table.line("longest-silence", "", "span", ms(result.longest_silence.span.0), "ms");
}

fn latency(table: &mut Table<'_>) {
    let result = table.run.result;
    if !result.latency.is_empty() {
        table.line("latency", "", "mean", mean_latency_ms(result), "ms");
    }
    for (metric, histogram, low) in [
        ("latency", &result.latency, &[][..]),
        ("first-record-wait", &result.first_record_wait, &LOW_QUANTILES),
    ] {
        if histogram.is_empty() {
            continue;
        }
        for &(name, quantile) in low.iter().chain(&QUANTILES) {
            table.line(metric, "", name, quantile_ms(histogram, quantile), "ms");
        }
        table.line(metric, "", "max", ms(histogram.max()), "ms");
    }
    table.line("blocked", "", "total", ms(result.blocked_ns) / 1e3, "s");
}

fn requests(table: &mut Table<'_>) {
    let result = table.run.result;
    table.line("requests", "", "count", result.requests, "requests");
    table.line("batches", "", "count", result.batches, "batches");
    table.line("batch-records", "", "count", result.batch_records, "records");
    if !result.records_per_batch.is_empty() {
        for (name, quantile) in BATCH_QUANTILES {
            let records = result.records_per_batch.value_at_quantile(quantile);
            table.line("records-per-batch", "", name, records, "records");
        }
        table.line("records-per-batch", "", "max", result.records_per_batch.max(), "records");
    }
    table.line("batch-bytes", "", "total", result.batch_bytes, "B");
    for (name, count) in result.reasons.parts() {
        table.line("batches-left", &format!("reason={name}"), "count", count, "batches");
    }
    for (name, count) in result.reasons.marks() {
        table.line("batches-left", &format!("mark={name}"), "count", count, "batches");
    }
}

fn producers(table: &mut Table<'_>) {
    for producer in &table.run.result.producers {
        let labels = format!("client-id={}", producer.client_id);
        for (name, value) in producer.metrics.iter().filter(|(_, value)| value.is_finite()) {
            table.line(name, &labels, "value", value, "");
        }
    }
}

fn partitions(table: &mut Table<'_>) {
    for partition in &table.run.result.partitions {
        let labels = format!("topic={};partition={}", partition.topic, partition.partition);
        table.line("partition-records", &labels, "count", partition.records, "records");
        table.line("partition-batches", &labels, "count", partition.batches, "batches");
        table.line("partition-bytes", &labels, "total", partition.bytes, "B");
        table.line("partition-log-end", &labels, "offset", partition.log_end, "records");
        table.line("partition-log-start", &labels, "offset", partition.log_start, "records");
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn every_line_is_one_figure() {
        insta::assert_snapshot!(sample::with_run(report));
    }

    #[test]
    fn names_with_commas_are_quoted() {
        let mut result = sample::result();
        result.producers[0].client_id = "a,\"b\"".to_owned();
        let text = sample::with_result(result, report);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let labels: Vec<String> = reader.records().map(|line| line.expect("a line")[3].to_owned()).collect();
        assert!(labels.contains(&"client-id=a,\"b\"".to_owned()));
    }
}
