//! What the client expects of compression, op by op (`compression_estimator`).

use super::differs;
use super::row::Row;
use crate::producer::RatioEstimator;
use crate::protocol::compression::Compression;

/// The client has one table for all codecs, a producer here one for its own: a place for each pair of topic and codec.
struct Table {
    estimator: RatioEstimator,
    topics: Vec<String>,
}

impl Table {
    fn place(&mut self, topic: &str, codec: Compression) -> usize {
        let known = self.topics.iter().position(|name| name == topic);
        let topic = known.unwrap_or_else(|| {
            self.topics.push(topic.to_owned());
            self.topics.len() - 1
        });
        topic * Compression::ALL.len() + codec.id() as usize
    }
}

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let mut table = Table { estimator: RatioEstimator::new(true), topics: Vec::new() };
    for (number, op) in row.rows("ops")?.enumerate() {
        let kind = op.text("op")?;
        if kind == "reset" {
            for codec in Compression::ALL {
                let place = table.place(op.text("topic")?, codec);
                table.estimator.set(place, 1.0);
            }
            continue;
        }
        let word = op.text("codec")?;
        let codec = Compression::of_word(word).ok_or_else(|| format!("no codec is called {word}"))?;
        let place = table.place(op.text("topic")?, codec);
        match kind {
            "update" => table.estimator.observe(place, ratio(op)?),
            "set" => table.estimator.set(place, ratio(op)?),
            "get" => {}
            other => return Err(format!("no op is called {other}")),
        }
        let (client, here) = (op.bits("estimate_bits")?.to_bits(), table.estimator.get(place).to_bits());
        if let Some(difference) = differs(&format!("the estimate after op {number}"), &client, &here) {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

fn ratio(op: Row) -> Result<f32, String> {
    if op.is_null("ratio_bits") { op.float("ratio") } else { op.bits("ratio_bits") }
}
