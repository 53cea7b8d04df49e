//! The configuration of a script's producer.

use super::script::Script;
use crate::config::check;
use crate::config::keys;
use crate::config::producer::ProducerConfig;

const SERIALIZER: &str = "org.apache.kafka.common.serialization.ByteArraySerializer";

/// What every recorded producer was given before the keys of its script, where its version knows it.
const COMMON: [(&str, &str); 5] = [
    ("bootstrap.servers", "localhost:9092"),
    ("client.id", "oracle"),
    ("key.serializer", SERIALIZER),
    ("value.serializer", SERIALIZER),
    // Equal to its initial value, so that no backoff of connecting is drawn.
    ("socket.connection.setup.timeout.max.ms", "10000"),
];

/// What the script's producer runs with.
///
/// # Errors
/// A sentence about the first key or value that the client would not take, or would pass over.
pub(super) fn producer_config(script: &Script) -> Result<ProducerConfig, String> {
    let own = script.config.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    if let Some((key, _)) = own.clone().find(|(key, _)| keys::key(key).is_none()) {
        return Err(format!("`config` key `{key}` is no key of the producer"));
    }
    check::producer_config(script.version, COMMON.into_iter().chain(own)).map_err(|rejections| {
        let messages: Vec<String> = rejections.into_iter().map(|rejection| rejection.message).collect();
        format!("`config`: {}", messages.join("; "))
    })
}
