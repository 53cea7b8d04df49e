//! What the real client would have logged, as the classes of Kafka write it. The correlation id is the request's number here.

use super::names::Told;
use crate::producer::START_MS;
use crate::recording::story::BatchStory;
use crate::world::happening::Ending;

impl Told<'_> {
    /// The lines about a batch, each with its level, class and message.
    pub fn log_lines(&self, batch: &BatchStory) -> Vec<String> {
        let (partition, client) = (self.partition(batch.tp), self.client(batch.client));
        let (topic, number) = partition.rsplit_once('-').unwrap_or((&partition, "0"));
        let retries = self.config(batch.client).retries;
        let prefix = format!("[Producer clientId={client}]");
        let mut lines = Vec::new();
        // A record that had to wait leaves less than max.block.ms, and how much of it is not written down.
        let at_once = batch.records.first().is_some_and(|first| first.called == first.appended);
        if at_once && batch.parent.is_none() {
            let timeout = self.config(batch.client).max_block_ms;
            lines.push(format!(
                "TRACE RecordAccumulator - {prefix} Allocating a new {} byte message buffer for topic {topic} partition \
                 {number} with remaining timeout {timeout}ms",
                batch.limit
            ));
        }
        lines.push(format!(
            "TRACE KafkaProducer - {prefix} Waking up the sender since topic {topic} partition {number} is either full or \
             getting a new batch"
        ));
        for (attempt, tried) in batch.attempts.iter().zip(1i64..) {
            match attempt.failed {
                Some((_, error @ "MESSAGE_TOO_LARGE")) => lines.push(format!(
                    "WARN  Sender - {prefix} Got error produce response in correlation id {} on topic-partition {partition}, \
                     splitting and retrying ({} attempts left). Error: {error}",
                    attempt.request,
                    i64::from(retries) - (tried - 1),
                )),
                Some((_, error)) => lines.push(format!(
                    "WARN  Sender - {prefix} Got error produce response with correlation id {} on topic-partition \
                     {partition}, retrying ({} attempts left). Error: {error}",
                    attempt.request,
                    i64::from(retries) - tried,
                )),
                None => {}
            }
        }
        if let Some((at, Ending::Failed { exception: "TimeoutException", .. })) = batch.ended {
            let created_ms = START_MS + batch.opened.as_millis();
            let passed = START_MS + at.as_millis() - created_ms;
            lines.push(format!(
                "ERROR application - TimeoutException: Expiring {} record(s) for {partition}:{passed} ms has passed since \
                 batch creation",
                batch.records.len()
            ));
        }
        lines
    }
}
