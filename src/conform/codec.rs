//! What compression made of each batch, as the trace tells.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::TraceLine;
use crate::producer::{Batch, Codec, Tails};
use crate::protocol::size::BATCH_OVERHEAD;

/// The compressed size of every batch in a trace, by its first record and number of records.
#[derive(Debug)]
pub(super) struct RecordedCodec {
    sizes: BTreeMap<(u64, u64), u64>,
}

impl RecordedCodec {
    /// Learns the sizes from the requests of a trace.
    pub(super) fn of_trace(trace: &[TraceLine]) -> RecordedCodec {
        let requests = trace.iter().filter_map(|line| line.value.get("batches")?.as_array());
        let sizes = requests.flatten().filter_map(|batch| {
            let number = |value: &Value| value.as_u64();
            let size = number(batch.get("size")?)?.checked_sub(u64::from(BATCH_OVERHEAD))?;
            Some(((number(batch.get("recs")?.get(0)?)?, number(batch.get("records")?)?), size))
        });
        RecordedCodec { sizes: sizes.collect() }
    }
}

impl Codec for RecordedCodec {
    /// A batch that is in no request of the trace stays as it is: it is about to differ anyway.
    fn compressed_bytes(&mut self, batch: &Batch, _: &Tails) -> u64 {
        let records = batch.records();
        let first = records.first().map_or(0, |record| record.tag);
        self.sizes.get(&(first, records.len() as u64)).copied().unwrap_or(batch.uncompressed_bytes())
    }
}
