//! The configuration of a script's producer.

use super::script::Script;
use crate::config::check;
use crate::config::producer::{ENDLESS_BATCH_SIZE, ProducerConfig};
use crate::config::rejection::Rejection;

/// What every recorded producer was given besides its brokers, as far as its release knows the keys.
const GIVEN: [(&str, &str); 7] = [
    ("client.id", "oracle"),
    ("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"),
    ("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"),
    ("metric.reporters", ""),
    ("enable.metrics.push", "false"),
    ("auto.include.jmx.reporter", "false"),
    // As long as its initial value: no draw.
    ("socket.connection.setup.timeout.max.ms", "10000"),
];

/// What the script's producer runs with: the defaults of its release, what every recorded producer was given, and then
/// the keys of the script.
///
/// # Errors
/// A sentence about what the client would not accept.
pub(super) fn producer_config(script: &Script) -> Result<ProducerConfig, String> {
    let addresses: Vec<String> =
        script.nodes.iter().map(|endpoint| format!("{}:{}", endpoint.host, endpoint.port)).collect();
    let addresses = addresses.join(",");
    let given = [("bootstrap.servers", addresses.as_str())].into_iter().chain(GIVEN);
    let keys = script.config.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let config = check::producer_config(script.version, given.chain(keys));
    let config = config.map_err(|rejections| sentence(&rejections))?;
    match config.batch_size >= ENDLESS_BATCH_SIZE {
        true => {
            Err(format!("the client never returns from `send` with a `batch.size` of {}", config.batch_size))
        }
        false => Ok(config),
    }
}

/// The first rejection, which is the one that the client throws.
fn sentence(rejections: &[Rejection]) -> String {
    let first = rejections.first().map_or("it is rejected", |rejection| &rejection.message);
    format!("the client does not accept this `config`: {first}")
}
