//! What is done to a produce request.

use super::raw::RawFault;
use super::script::{TopicNames, error_code};
use crate::protocol::error::ErrorCode;
use crate::values::ids::TopicPartition;

/// A fault of some produce requests, by ordinal from 1.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    first: u64,
    last: u64,
    /// The batches that are meant; `None`: all.
    partitions: Option<Vec<TopicPartition>>,
    error: Option<InjectedError>,
    /// What becomes of the request as a whole.
    pub(super) fate: Fate,
}

/// An error that the broker answers whatever it thinks of the batch.
#[derive(Clone, Debug)]
pub(super) struct InjectedError {
    /// The error.
    pub(super) code: ErrorCode,
    /// The data is appended all the same.
    pub(super) append: bool,
    /// The records of the batch that the broker names.
    pub(super) records: Vec<u32>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Processed and answered.
    Answered,
    /// Processed and never answered; nothing behind it on the connection is read.
    Dropped,
    /// Not processed and never answered; nothing behind it on the connection is read.
    Lost,
    /// Processed; then all connections to the broker break.
    Disconnects,
}

impl Fault {
    /// Checks a fault of a script.
    pub(super) fn check(raw: &RawFault, names: &TopicNames) -> Result<Fault, String> {
        let fate = match (raw.drop, raw.lost, raw.disconnect) {
            (false, false, false) => Fate::Answered,
            (true, false, false) => Fate::Dropped,
            (false, true, false) => Fate::Lost,
            (false, false, true) => Fate::Disconnects,
            _ => return Err(format!("the fault of request {} has several ends", raw.request)),
        };
        if fate == Fate::Answered && raw.error.is_none() {
            return Err(format!(
                "the fault of request {} does nothing; it has `error`, `drop`, `lost` or `disconnect`",
                raw.request
            ));
        }
        let partitions = raw.partitions.as_ref();
        let partitions = partitions
            .map(|list| list.iter().map(|name| partition(name, names)).collect::<Result<_, _>>())
            .transpose()?;
        let error = raw.error.as_deref().map(error_code).transpose()?;
        let error =
            error.map(|code| InjectedError { code, append: raw.append, records: raw.record_errors.clone() });
        Ok(Fault { first: raw.request, last: raw.to.unwrap_or(raw.request), partitions, error, fate })
    }

    /// Whether it is about the request with this ordinal.
    pub(super) fn is_about(&self, ordinal: u64) -> bool {
        (self.first..=self.last).contains(&ordinal)
    }

    /// The error that a batch for this partition is answered.
    pub(super) fn error(&self, tp: TopicPartition) -> Option<&InjectedError> {
        let meant = self.partitions.as_ref().is_none_or(|partitions| partitions.contains(&tp));
        self.error.as_ref().filter(|_| meant)
    }
}

/// The partition that is written `topic-3`.
fn partition(text: &str, names: &TopicNames) -> Result<TopicPartition, String> {
    let parsed = text
        .rsplit_once('-')
        .and_then(|(name, partition)| Some(TopicPartition::new(names.find(name)?, partition.parse().ok()?)));
    parsed.ok_or_else(|| format!("\"{text}\" is not a partition; one is written TOPIC-NUMBER"))
}
