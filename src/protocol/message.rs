//! What a client and a broker tell each other, reduced to what decisions depend on.

use super::error::ErrorCode;
use crate::values::ids::{BatchMark, NodeId, TopicId, TopicPartition};

/// `acks` of a produce request (PRQ-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// `0`: no answer at all.
    None,
    /// `1`: the leader has appended.
    Leader,
    /// `all` or `-1`: every in-sync replica has the data.
    All,
}

impl Acks {
    /// The number on the wire: 0, 1 or -1.
    pub const fn wire(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// One record batch of a produce request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProduceBatch {
    /// Where it goes.
    pub tp: TopicPartition,
    /// Number of records.
    pub records: u32,
    /// Encoded size in bytes, 61-byte header included, after compression.
    pub bytes: u32,
    /// Producer id, -1 without idempotence.
    pub producer_id: i64,
    /// Producer epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// Sequence number of the first record, -1 without idempotence.
    pub base_sequence: i32,
    /// What the audit of the run knows it by.
    pub mark: BatchMark,
}

/// The answer for one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchResult {
    /// [`ErrorCode::None`] for success.
    pub error: ErrorCode,
    /// Offset of the batch's first record, -1 with an error.
    pub base_offset: i64,
    /// First offset still in the log, -1 if not told (8.6).
    pub log_start_offset: i64,
    /// The leader that the broker knows instead (KIP-951), with errors 6 and 74 only.
    pub leader_hint: Option<LeaderHint>,
}

impl BatchResult {
    /// Appended at `base_offset`.
    pub const fn ok(base_offset: i64) -> BatchResult {
        BatchResult { error: ErrorCode::None, base_offset, log_start_offset: 0, leader_hint: None }
    }

    /// Not appended, or not provably.
    pub const fn failed(error: ErrorCode) -> BatchResult {
        BatchResult { error, base_offset: -1, log_start_offset: -1, leader_hint: None }
    }
}

/// A leader and its epoch, as a produce response may carry them (7.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderHint {
    /// The leader.
    pub node: NodeId,
    /// Its leader epoch.
    pub leader_epoch: i32,
}

/// A broker's address in a metadata response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Broker id.
    pub node: NodeId,
    /// Host name; it enters hash orders of the client (HSH-2).
    pub host: String,
    /// Port; likewise.
    pub port: u16,
    /// Rack, if any; likewise.
    pub rack: Option<String>,
}

/// A metadata response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataResponse {
    /// All brokers.
    pub brokers: Vec<Endpoint>,
    /// The topics asked for, in that order.
    pub topics: Vec<TopicMetadata>,
}

/// One topic of a metadata response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    /// The topic.
    pub topic: TopicId,
    /// [`ErrorCode::None`], or why there are no partitions.
    pub error: ErrorCode,
    /// Partitions, ascending.
    pub partitions: Vec<PartitionMetadata>,
}

/// One partition of a metadata response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// Partition number.
    pub partition: u32,
    /// [`ErrorCode::None`] or `LEADER_NOT_AVAILABLE`.
    pub error: ErrorCode,
    /// The leader, if there is one.
    pub leader: Option<NodeId>,
    /// Leader epoch.
    pub leader_epoch: i32,
}
