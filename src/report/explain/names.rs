//! What sentences call things, and the values that they are filled in with.

use super::sentences::{Audience, Sentence, sentence};
use crate::config::producer::ProducerConfig;
use crate::recording::Recording;
use crate::recording::story::{BatchStory, RequestStory};
use crate::report::figures::grouped;
use crate::scenario::Scenario;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::time::{Span, Time};
use crate::world::observe::client_id;

/// Names and values with which sentences are filled in.
pub(super) type Values = Vec<(&'static str, String)>;

/// A recorded run with all that names things in it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// What happened.
    pub recording: &'a Recording,
    /// For whom.
    pub audience: Audience,
}

impl Told<'_> {
    /// A sentence of the catalogue.
    pub(super) fn say(&self, id: &str, values: &Values) -> Sentence {
        sentence(id, self.audience, values)
    }

    /// `orders-3`
    pub(super) fn partition(&self, tp: TopicPartition) -> String {
        let name =
            self.scenario.cluster.topics.get(tp.topic.index()).map_or("?", |topic| topic.name.as_str());
        format!("{name}-{}", tp.partition)
    }

    /// The partition with a number over all topics.
    pub(super) fn partition_at(&self, place: u32) -> Option<TopicPartition> {
        let mut left = place;
        for (topic, id) in self.scenario.cluster.topics.iter().zip(0..) {
            let count = topic.assignment.len() as u32;
            if left < count {
                return Some(TopicPartition::new(TopicId(id), left));
            }
            left -= count;
        }
        None
    }

    /// `client.id` of a producer.
    pub(super) fn client(&self, client: u32) -> String {
        client_id(self.scenario, client)
    }

    /// The configuration of a producer.
    pub(super) fn config(&self, client: u32) -> &ProducerConfig {
        let mut left = client;
        for group in &self.scenario.producers {
            if left < group.count {
                return &group.config;
            }
            left -= group.count;
        }
        &self.scenario.producers[0].config
    }

    /// What sentences about a batch need.
    pub(super) fn batch_values(&self, batch: &BatchStory) -> Values {
        let config = self.config(batch.client);
        vec![
            ("batch", grouped(batch.number.into())),
            ("partition", self.partition(batch.tp)),
            ("client", self.client(batch.client)),
            ("linger", config.linger_ms.to_string()),
            ("inflight", config.max_in_flight.to_string()),
            ("limit", grouped(batch.limit)),
        ]
    }

    /// What sentences about a request need.
    pub(super) fn request_values(&self, request: &RequestStory) -> Values {
        vec![
            ("request", grouped(request.number.into())),
            ("client", self.client(request.client)),
            ("broker", request.node.0.to_string()),
            ("bytes", grouped(request.bytes)),
            ("count", request.batches.len().to_string()),
        ]
    }
}

/// The share of a room in whole percent.
pub(super) fn fill(bytes: u64, limit: u64) -> String {
    let permille = (bytes * 1000).checked_div(limit).unwrap_or(0).min(1000);
    format!("{}%", permille / 10)
}

/// A time with all its nine decimals in groups: `12.031 000 250 s`.
pub fn time_text(at: Time) -> String {
    let rest = format!("{:09}", at.0 % 1_000_000_000);
    format!("{}.{} {} {} s", at.0 / 1_000_000_000, &rest[..3], &rest[3..6], &rest[6..])
}

/// A length of time in the unit that fits, exact to the nanosecond.
pub fn span_text(span: Span) -> String {
    for (size, digits, unit) in [(1_000_000_000, 9, "s"), (1_000_000, 6, "ms"), (1_000, 3, "µs")] {
        if span.0 >= size {
            let rest = format!("{:0digits$}", span.0 % size);
            let rest = rest.trim_end_matches('0');
            let dot = if rest.is_empty() { "" } else { "." };
            return format!("{}{dot}{rest} {unit}", grouped(span.0 / size));
        }
    }
    format!("{} ns", span.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        assert_eq!(time_text(Time(12_031_000_250)), "12.031 000 250 s");
        let spans =
            [0, 999, 1_000, 1_234_567, 2_000_000_000, 1_234_000_000_001].map(|ns| span_text(Span(ns)));
        assert_eq!(spans, ["0 ns", "999 ns", "1 µs", "1.234567 ms", "2 s", "1,234.000000001 s"]);
    }

    #[test]
    fn a_fill_is_cut_and_not_rounded() {
        assert_eq!([fill(999, 1000), fill(2, 1), fill(1, 0)], ["99%", "100%", "0%"]);
    }
}
