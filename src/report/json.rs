//! The complete report for programs: versioned, numbers as numbers, keys always in the same order.

use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use super::figures::{BATCH_QUANTILES, LOW_QUANTILES, QUANTILES, mean_latency_ms, ms, quantile_ms, ratio};
use super::{Run, preparation};
use crate::world::MODEL_VERSION;
use crate::world::result::{Audit, FaultResult, PartitionResult, ProducerResult, RetryWait, RunResult};

/// Name and version of the format.
pub const SCHEMA: &str = "lingersim/run/1";

/// The report of a run: one JSON object, indented, with a newline at the end.
///
/// Times are in milliseconds (`_ms`) or seconds (`_s`), sizes in bytes. The digest is a text of 16 hexadecimal
/// digits, as 64 bits do not fit the numbers of most JSON readers. A metric that Kafka reports as NaN is `null`.
pub fn report(run: &Run<'_>) -> String {
    let Run { scenario, settings, result } = run;
    let populations = &result.populations;
    let report = json!({
        "schema": SCHEMA,
        "name": scenario.name,
        "title": scenario.title,
        "seed": scenario.seed,
        "model_version": MODEL_VERSION,
        "kafka_version": scenario.producers[0].config.version.name(),
        "simulated_s": result.ended_at.0 as f64 / 1e9,
        "digest": format!("{:016x}", result.digest),
        "records": {
            "offered": populations.offered,
            "acked": populations.acked,
            "failed": populations.failed,
            "unknown": populations.unknown,
            "refused": populations.refused,
            "pending": populations.pending,
        },
        "audit": audit(&result.audit),
        "longest_silence": {
            "start_s": result.longest_silence.start.0 as f64 / 1e9,
            "span_ms": ms(result.longest_silence.span.0),
        },
        "latency_ms": latency(result),
        "first_record_wait_ms": first_record_wait(result),
        "records_per_batch": records_per_batch(result),
        "requests": {
            "requests": result.requests,
            "batches": result.batches,
            "records": result.batch_records,
            "bytes": result.batch_bytes,
            "records_per_batch": ratio(result.batch_records, result.batches),
            "batches_per_request": ratio(result.batches, result.requests),
        },
        "reasons": counts(result.reasons.parts().into_iter().chain(result.reasons.marks())),
        "blocked_s": ms(result.blocked_ns) / 1e3,
        "preparation": preparation::json(result.preparation.as_ref()),
        "errors": counts(result.errors.iter().map(|(&name, &count)| (name, count))),
        "retries": counts(result.retries.iter().map(|(&name, &count)| (name, count))),
        "retry_waits": result.retry_waits.iter().map(retry_wait).collect::<Vec<_>>(),
        "faults": result.faults.iter().map(fault).collect::<Vec<_>>(),
        "cluster": counts(result.cluster.iter().copied()),
        "producers": result.producers.iter().map(producer).collect::<Vec<_>>(),
        "partitions": result.partitions.iter().map(partition).collect::<Vec<_>>(),
        "configuration": settings.iter().map(|setting| json!({
            "name": setting.name,
            "value": setting.value,
            "origin": setting.origin,
        })).collect::<Vec<_>>(),
        "warnings": result.warnings,
    });
    format!("{report:#}\n")
}

fn retry_wait(wait: &RetryWait) -> Value {
    json!({
        "retry": wait.retry,
        "batches": wait.batches,
        "min_ms": wait.min_ms,
        "mean_ms": ratio(wait.sum_ms, wait.batches),
        "max_ms": wait.max_ms,
    })
}

fn fault(fault: &FaultResult) -> Value {
    json!({
        "at_s": fault.at.0 as f64 / 1e9,
        "fault": fault.said,
        "broker": fault.node.map(|node| node.0),
        "touched": fault.touched,
    })
}

fn audit(audit: &Audit) -> Value {
    json!({
        "lost": audit.lost,
        "duplicates": audit.duplicates,
        "reordered": audit.reordered,
        "failed_but_present": audit.failed_but_present,
        "sequence_gaps": audit.sequence_gaps,
        "under_way": audit.under_way,
        "findings": audit.findings.iter().map(|finding| json!({
            "promise": finding.promise.name(),
            "producer": finding.producer,
            "topic": finding.topic,
            "partition": finding.partition,
            "partitions": finding.partitions,
            "count": finding.count,
            "sentence": finding.sentence(),
        })).collect::<Vec<_>>(),
    })
}

fn latency(result: &RunResult) -> Value {
    let mut map = Map::new();
    map.insert("count".to_owned(), result.latency.len().into());
    map.insert("mean".to_owned(), mean_latency_ms(result).into());
    add_quantiles(&mut map, &result.latency);
    Value::Object(map)
}

fn first_record_wait(result: &RunResult) -> Value {
    let histogram = &result.first_record_wait;
    let mut map = Map::new();
    map.insert("count".to_owned(), histogram.len().into());
    for (name, quantile) in LOW_QUANTILES {
        map.insert(name.to_owned(), quantile_ms(histogram, quantile).into());
    }
    add_quantiles(&mut map, histogram);
    Value::Object(map)
}

fn records_per_batch(result: &RunResult) -> Value {
    let histogram = &result.records_per_batch;
    let mut map = Map::new();
    map.insert("count".to_owned(), histogram.len().into());
    map.insert("mean".to_owned(), ratio(result.batch_records, result.batches).into());
    for (name, quantile) in BATCH_QUANTILES {
        map.insert(name.to_owned(), histogram.value_at_quantile(quantile).into());
    }
    map.insert("max".to_owned(), histogram.max().into());
    Value::Object(map)
}

fn add_quantiles(map: &mut Map<String, Value>, histogram: &Histogram<u64>) {
    for (name, quantile) in QUANTILES {
        map.insert(name.replace('.', ""), quantile_ms(histogram, quantile).into());
    }
    map.insert("max".to_owned(), ms(histogram.max()).into());
}

fn counts<'a>(parts: impl Iterator<Item = (&'a str, u64)>) -> Value {
    Value::Object(parts.map(|(name, count)| (name.to_owned(), count.into())).collect())
}

fn producer(producer: &ProducerResult) -> Value {
    let metrics: Map<String, Value> =
        producer.metrics.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "client_id": producer.client_id, "metrics": metrics })
}

fn partition(partition: &PartitionResult) -> Value {
    json!({
        "topic": partition.topic,
        "partition": partition.partition,
        "records": partition.records,
        "batches": partition.batches,
        "bytes": partition.bytes,
        "log_end_offset": partition.log_end,
        "log_start_offset": partition.log_start,
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_report_is_complete_and_keeps_its_order() {
        insta::assert_snapshot!(sample::with_run(report));
    }

    #[test]
    fn the_report_is_json_and_nan_is_null() {
        let text = sample::with_run(report);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["schema"], SCHEMA);
        assert_eq!(value["producers"][0]["metrics"]["produce-throttle-time-avg"], Value::Null);
        assert_eq!(value["records"]["offered"], 1_000);
    }
}
