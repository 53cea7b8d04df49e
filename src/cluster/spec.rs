//! What a cluster is: brokers, topics, timings, planned faults. Plain checked values.

use super::RecordedResponses;
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// A cluster. Checked by the scenario: at least one broker, leaders and replicas exist, names are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSpec {
    /// Brokers, ids ascending from 1.
    pub brokers: Vec<BrokerSpec>,
    /// Topics; their index is the [`crate::values::ids::TopicId`].
    pub topics: Vec<TopicSpec>,
    /// Replication and controller timings.
    pub replication: ReplicationSpec,
    /// What goes wrong, and when; ascending in time.
    pub faults: Vec<Fault>,
}

/// One broker: requests of one connection are served one at a time (NETB-2), all connections share the handlers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerSpec {
    /// Broker id.
    pub node: NodeId,
    /// Rack, if any.
    pub rack: Option<String>,
    /// `num.io.threads`: requests served at the same time, at least 1.
    pub io_threads: u32,
    /// Service time of a produce request: fixed part.
    pub service: Span,
    /// Service time per byte of its batches, in picoseconds.
    pub service_ps_per_byte: u64,
    /// Service time per batch after the first.
    pub service_per_batch: Span,
    /// Service time of any other request.
    pub service_other: Span,
    /// In place of the service times of produce requests, and of waiting for followers: the whole time from a request's
    /// arrival to its answer. Answers of one connection still keep their order.
    pub recorded: Option<RecordedResponses>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// Name.
    pub name: String,
    /// Replicas of each partition, the preferred leader first. Never empty, no broker twice.
    pub assignment: Vec<Vec<NodeId>>,
    /// `min.insync.replicas`, at least 1.
    pub min_insync_replicas: u32,
    /// `max.message.bytes` of the topic.
    pub max_message_bytes: u32,
}

/// Replication and controller timings. Names follow the broker's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationSpec {
    /// `replica.lag.time.max.ms`.
    pub replica_lag_time_max: Span,
    /// `replica.fetch.wait.max.ms`.
    pub replica_fetch_wait_max: Span,
    /// One way between two brokers.
    pub broker_latency: Span,
    /// Time a follower needs to append what it fetched: fixed part.
    pub follower_append: Span,
    /// Time a follower needs per fetched byte, in picoseconds.
    pub follower_ps_per_byte: u64,
    /// `broker.session.timeout.ms`: a dead broker is fenced this long after its last heartbeat.
    pub broker_session_timeout: Span,
    /// `broker.heartbeat.interval.ms`.
    pub broker_heartbeat_interval: Span,
    /// From the controller's decision to the brokers' metadata caches.
    pub metadata_propagation: Span,
}

/// One planned fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When.
    pub at: Time,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The broker's process dies; connections break at once, its log survives.
    Crash(NodeId),
    /// The broker starts again and rejoins as a follower.
    Restart(NodeId),
}
