//! What each producer and each partition had of a run, in the summary.

use std::fmt::{self, Write};

use super::figures::{grouped, ratio};
use super::look::Look;
use super::text::{and_more, clipped};
use crate::world::result::{PartitionResult, ProducerResult, RunResult};

/// Partitions that are shown, and producers whose metrics are, side by side.
const MAX_PARTITIONS: usize = 24;
const MAX_PRODUCERS: usize = 3;

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

/// The metrics of the first producers side by side: to compare them is why there are several.
pub(super) fn metrics(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
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

/// The first partitions, one a line.
pub(super) fn partitions(
    f: &mut fmt::Formatter<'_>,
    look: Look,
    partitions: &[PartitionResult],
) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::text::summary;
    use super::*;

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
}
