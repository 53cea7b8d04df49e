//! `cluster.responses`: a CSV file with the produce requests of a recorded run.
//!
//! | column | meaning |
//! |---|---|
//! | `node` | the broker |
//! | `sent_us` | when the request was sent, in µs since the start of the run |
//! | `received_us` | when its response was there |
//!
//! Other columns are ignored, rows may come in any order, and a request may have several rows, one for each batch.

use std::path::Path;

use super::limits;
use crate::cluster::RecordedResponses;
use crate::values::time::{Span, Time};
use crate::workload::error::WorkloadError;
use crate::workload::trace::{needed, open};

/// The recorded responses of brokers 1 to `brokers`, by broker; `None` for one without rows.
///
/// # Errors
/// Files that cannot be read, columns that are missing, and rows that cannot be used, at their line and column.
pub fn read(path: &Path, brokers: u64) -> Result<Vec<Option<RecordedResponses>>, WorkloadError> {
    const MAX_US: u64 = limits::SPAN.as_nanos() / 1_000;
    let mut rows = open(path)?;
    let (node, sent, received) =
        (needed(&rows, "node")?, needed(&rows, "sent_us")?, needed(&rows, "received_us")?);
    let mut requests: Vec<Vec<(Time, Span)>> = vec![Vec::new(); brokers as usize];
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let id = row.count(node, u64::MAX)?;
        if !(1..=brokers).contains(&id) {
            return Err(row.error(node, format!("there is no broker {id}: expected 1 to {brokers}")));
        }
        let (sent_us, received_us) = (row.count(sent, MAX_US)?, row.count(received, MAX_US)?);
        if received_us < sent_us {
            let message = format!("{received_us} is before `sent_us`, which is {sent_us}");
            return Err(row.error(received, message));
        }
        count += 1;
        if count > limits::RECORDED_RESPONSES {
            let message =
                format!("there are too many rows: at most {} are allowed", limits::RECORDED_RESPONSES);
            return Err(WorkloadError::at(path, row.line, message));
        }
        let request = (Time(sent_us * 1_000), Span::from_micros(received_us - sent_us));
        requests[id as usize - 1].push(request);
    }
    if count == 0 {
        return Err(WorkloadError::at(path, 0, "the file has a header but no rows"));
    }
    Ok(requests.into_iter().map(RecordedResponses::new).collect())
}
