//! The value of any figure, by its name: what gates, comparisons and sweeps ask a run for.

use hdrhistogram::Histogram;

use super::figures::ratio;
use super::skew::Skew;
use crate::metric::{Kind, MetricRef, Stat};
use crate::scenario::Scenario;
use crate::world::result::{PartitionResult, RunResult};

/// A run, or a part of one, that can be asked.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// What came out, of the whole run or of a part.
    pub result: &'a RunResult,
}

impl View<'_> {
    /// The value in the unit of the metric; `None` if the run has none: no sample, a metric that Kafka reports as NaN, a
    /// fault that did not happen.
    pub fn value(&self, metric: &MetricRef, stat: Stat) -> Option<f64> {
        let value = match stat {
            Stat::Value => self.number(metric),
            Stat::Rate => self.number(metric).map(|count| self.per_second(count)),
            _ => statistic(self.distribution(metric.metric.name)?, stat, self.unit_ns(metric)),
        };
        value.filter(|value| value.is_finite())
    }

    /// Virtual seconds of the run, or of its part.
    fn seconds(&self) -> f64 {
        self.result.ended_at.0 as f64 / 1e9
    }

    fn per_second(&self, count: f64) -> f64 {
        let seconds = self.seconds();
        if seconds == 0.0 { 0.0 } else { count / seconds }
    }

    fn distribution(&self, name: &str) -> Option<&Histogram<u64>> {
        match name {
            "sim-record-latency" => Some(&self.result.latency),
            "sim-records-per-batch" => Some(&self.result.records_per_batch),
            "sim-first-record-wait" => Some(&self.result.first_record_wait),
            _ => None,
        }
    }

    /// Steps of a distribution in one unit of its metric.
    fn unit_ns(&self, metric: &MetricRef) -> f64 {
        if metric.metric.dimension == crate::metric::Dimension::Millis { 1e6 } else { 1.0 }
    }

    fn number(&self, metric: &MetricRef) -> Option<f64> {
        if metric.metric.is_kafka() {
            return self.of_clients(metric);
        }
        let result = self.result;
        let (populations, audit) = (&result.populations, &result.audit);
        let count = |count: u64| Some(count as f64);
        let label = |key| metric.label(key);
        match metric.metric.name {
            "sim-offered-records" => count(populations.offered),
            "sim-acked-records" if label("partition").is_some() || label("topic").is_some() => {
                count(self.acked_at(label("topic"), label("partition")))
            }
            "sim-acked-records" => count(populations.acked),
            "sim-failed-records" => count(populations.failed),
            "sim-unknown-records" => count(populations.unknown),
            "sim-refused-records" => count(populations.refused),
            "sim-pending-records" => count(populations.pending),
            "sim-lost-records" => count(audit.lost),
            "sim-duplicate-records" => count(audit.duplicates),
            "sim-reordered-records" => count(audit.reordered),
            "sim-failed-but-present-records" => count(audit.failed_but_present),
            "sim-longest-silence" => Some(result.longest_silence.span.0 as f64 / 1e6),
            "sim-throughput" => Some(self.per_second(populations.acked as f64)),
            "sim-blocked-time" => Some(result.blocked_ns as f64 / 1e9),
            "sim-simulated-time" => Some(self.seconds()),
            "sim-requests" => count(result.requests),
            "sim-batches" => count(result.batches),
            "sim-batch-bytes" => count(result.batch_bytes),
            "sim-requests-per-record" => quotient(result.requests, result.batch_records),
            "sim-bytes-per-record" => quotient(result.batch_bytes, result.batch_records),
            "sim-batches-per-request" => quotient(result.batches, result.requests),
            "sim-batch-fill" => self.fill(),
            "sim-batches-left" => count(self.left(label("reason"))),
            "sim-batches-left-ratio" => quotient(self.left(label("reason")), result.batches),
            "sim-errors" => count(sum_of(&result.errors, label("exception"))),
            "sim-retries" => count(sum_of(&result.retries, label("error"))),
            "sim-fault-touched" => self.touched(label("fault")),
            "sim-partition-skew" => self.skew(label("topic")).map(|skew| skew.max_by_mean),
            "sim-partition-cv" => self.skew(label("topic")).map(|skew| skew.cv),
            "sim-partition-gini" => self.skew(label("topic")).map(|skew| skew.gini),
            "sim-empty-partitions" => count(
                self.partitions(label("topic")).filter(|partition| partition.records == 0).count() as u64,
            ),
            "sim-split-keys" => self.result.split_keys.map(|keys| keys.split as f64),
            "sim-split-keys-ratio" => self.result.split_keys.map(|keys| ratio(keys.split, keys.keys)),
            _ => None,
        }
    }

    /// One of the clients' own metrics: of the one that is asked for, or of all together.
    fn of_clients(&self, metric: &MetricRef) -> Option<f64> {
        let name = metric.metric.name;
        let asked = metric.label("client-id");
        let values: Vec<f64> = (self.result.producers.iter())
            .filter(|producer| asked.is_none_or(|asked| asked == producer.client_id))
            .filter_map(|producer| producer.metrics.iter().find(|(other, _)| *other == name))
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite())
            .collect();
        if values.is_empty() {
            return None;
        }
        let sum: f64 = values.iter().sum();
        match metric.metric.kind {
            Kind::Mean => Some(sum / values.len() as f64),
            Kind::Largest => values.into_iter().reduce(f64::max),
            Kind::Counter | Kind::Sum | Kind::Distribution => Some(sum),
        }
    }

    /// Bytes of the mean batch by `batch.size`, if all producers have the same.
    fn fill(&self) -> Option<f64> {
        let mut sizes = self.scenario.producers.iter().map(|group| group.config.batch_size);
        let size = sizes.next().filter(|size| *size > 0)?;
        if sizes.any(|other| other != size) {
            return None;
        }
        quotient(self.result.batch_bytes, self.result.batches).map(|bytes| bytes / f64::from(size))
    }

    fn left(&self, reason: Option<&str>) -> u64 {
        let parts = self.result.reasons.parts();
        parts.iter().filter(|(name, _)| reason.is_none_or(|reason| reason == *name)).map(|(_, n)| n).sum()
    }

    fn touched(&self, fault: Option<&str>) -> Option<f64> {
        let faults = &self.scenario.faults;
        let is_asked = |at: usize| {
            fault.is_none_or(|name| faults[at].name.as_deref() == Some(name) || (at + 1).to_string() == name)
        };
        let said = (0..faults.len()).filter(|&at| is_asked(at)).map(|at| faults[at].said.as_str());
        let said: Vec<&str> = said.collect();
        let results = self.result.faults.iter().filter(|result| said.contains(&result.said.as_str()));
        Some(results.map(|result| result.touched).sum::<u64>() as f64)
    }

    fn partitions<'s>(&'s self, topic: Option<&'s str>) -> impl Iterator<Item = &'s PartitionResult> {
        self.result
            .partitions
            .iter()
            .filter(move |partition| topic.is_none_or(|topic| topic == partition.topic))
    }

    /// Acknowledged records of some partitions: a number, a range with both ends, or `*` for all.
    fn acked_at(&self, topic: Option<&str>, partition: Option<&str>) -> u64 {
        let (first, last) = match partition {
            None | Some("*") => (Some(0), Some(u32::MAX)),
            Some(text) => {
                let (first, last) = text.split_once("..").unwrap_or((text, text));
                (first.parse().ok(), last.parse().ok())
            }
        };
        let Some((first, last)) = first.zip(last) else { return 0 };
        let is_asked = |partition: &&PartitionResult| (first..=last).contains(&partition.partition);
        self.partitions(topic).filter(is_asked).map(|partition| partition.records).sum()
    }

    fn skew(&self, topic: Option<&str>) -> Option<Skew> {
        Skew::of(self.partitions(topic).map(|partition| partition.records))
    }
}

fn sum_of(counts: &std::collections::BTreeMap<&'static str, u64>, name: Option<&str>) -> u64 {
    counts.iter().filter(|(other, _)| name.is_none_or(|name| name == **other)).map(|(_, count)| count).sum()
}

fn quotient(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A statistic in units of `unit` steps; `None` without any value.
fn statistic(histogram: &Histogram<u64>, stat: Stat, unit: f64) -> Option<f64> {
    if stat == Stat::Count {
        return Some(histogram.len() as f64);
    }
    if histogram.is_empty() {
        return None;
    }
    let steps = match stat {
        Stat::Min => histogram.min() as f64,
        Stat::Max => histogram.max() as f64,
        Stat::Avg => histogram.mean(),
        Stat::StdDev => histogram.stdev(),
        Stat::Percentile(q) => histogram.value_at_quantile(q / 100.0).min(histogram.max()) as f64,
        Stat::Value | Stat::Rate | Stat::Count => return None,
    };
    Some(steps / unit)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::world::SplitKeys;

    fn value(name: &str, stat: Stat) -> Option<f64> {
        sample::with_run(|run| {
            let view = View { scenario: run.scenario, result: run.result };
            view.value(&MetricRef::parse(name).expect("a metric"), stat)
        })
    }

    #[test]
    fn figures_have_the_units_of_their_metrics() {
        assert_eq!(value("sim-acked-records", Stat::Value), Some(979.0));
        assert_eq!(value("sim-longest-silence", Stat::Value), Some(1_250.0));
        assert_eq!(value("sim-blocked-time", Stat::Value), Some(1.5));
        assert_eq!(value("batch-size-avg", Stat::Value), Some(1_170.25));
        assert_eq!(value("sim-records-per-batch", Stat::Max), Some(25.0));
        let p50 = value("sim-record-latency", Stat::Percentile(50.0)).expect("a value");
        assert!((4.89..4.91).contains(&p50), "{p50}");
        let rate = value("sim-requests", Stat::Rate).expect("a value");
        assert!((7.98..8.0).contains(&rate), "{rate}");
    }

    #[test]
    fn labels_choose() {
        assert_eq!(value("sim-batches-left{reason=linger}", Stat::Value), Some(50.0));
        assert_eq!(value("sim-errors{exception=TimeoutException}", Stat::Value), Some(11.0));
        assert_eq!(value("sim-errors", Stat::Value), Some(14.0));
        assert_eq!(value("batch-size-avg{client-id=nobody}", Stat::Value), None);
    }

    #[test]
    fn what_is_not_there_has_no_value() {
        assert_eq!(value("produce-throttle-time-avg", Stat::Value), None);
        assert_eq!(value("sim-split-keys", Stat::Value), None);
        let empty = sample::with_result(sample::empty(), |run| {
            let view = View { scenario: run.scenario, result: run.result };
            view.value(&MetricRef::parse("sim-record-latency").expect("a metric"), Stat::Percentile(99.0))
        });
        assert_eq!(empty, None);
    }

    #[test]
    fn every_metric_of_ours_is_known() {
        for metric in crate::metric::Metric::all().filter(|metric| !metric.is_kafka()) {
            let stat = match metric.kind {
                Kind::Distribution => Stat::Avg,
                _ => Stat::Value,
            };
            let split_keys = Some(SplitKeys { keys: 4, split: 1, records: 9, split_records: 3 });
            let found = sample::with_result(RunResult { split_keys, ..sample::result() }, |run| {
                let view = View { scenario: run.scenario, result: run.result };
                view.value(&MetricRef { metric, labels: Vec::new() }, stat)
            });
            assert!(found.is_some(), "{}", metric.name);
        }
    }
}
