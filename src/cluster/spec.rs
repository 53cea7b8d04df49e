//! What a cluster is: brokers, topics, timings, rules of elections. Plain checked values.

use super::RecordedResponses;
use crate::values::ids::NodeId;
use crate::values::time::Span;

/// A cluster. Checked by the scenario: at least one broker, leaders and replicas exist, names are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSpec {
    /// Brokers, ids ascending from 1.
    pub brokers: Vec<BrokerSpec>,
    /// Topics; their index is the [`crate::values::ids::TopicId`].
    pub topics: Vec<TopicSpec>,
    /// Replication.
    pub replication: ReplicationSpec,
    /// What brokers do with their logs.
    pub logs: LogSpec,
    /// The controller.
    pub controller: ControllerSpec,
    /// What each client may have of each broker.
    pub quotas: QuotaSpec,
    /// A partition may get other replicas than it has now.
    pub reassigns: bool,
    /// A broker may lose what it has not written to disk.
    pub logs_can_be_lost: bool,
}

/// Quotas of a client at a broker; 0: no limit. Names are Kafka's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaSpec {
    /// Bytes of produce requests per second.
    pub producer_byte_rate: u64,
    /// Time of handler and network threads, in percent of one thread.
    pub request_percentage: u64,
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
    /// `num.network.threads`: each connection belongs to one of them; at least 1.
    pub network_threads: u32,
    /// Time of a network thread for a request that it reads, and for an answer that it writes.
    pub network_per_request: Span,
    /// More for each byte of a request, in picoseconds.
    pub network_ps_per_byte: u64,
    /// Service time of a produce request: fixed part.
    pub service: Span,
    /// Service time per byte of its batches, in picoseconds.
    pub service_ps_per_byte: u64,
    /// Service time per batch after the first.
    pub service_per_batch: Span,
    /// Service time of any other request.
    pub service_other: Span,
    /// The service time of a produce request is drawn, exponentially with what the others say as its mean. Else it is
    /// exactly that.
    pub service_is_exponential: bool,
    /// One way between clients and this broker, on top of the network's latency: it is further away than others.
    pub distance: Span,
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
    /// How long its records stay.
    pub retention: RetentionSpec,
}

/// What a topic's logs keep. Names follow the topic's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSpec {
    /// `segment.bytes`.
    pub segment_bytes: u64,
    /// `segment.ms`: a segment takes nothing that comes so much later than its first record.
    pub segment: Span,
    /// `retention.bytes`, if there is a limit.
    pub retention_bytes: Option<u64>,
    /// `retention.ms`, if there is a limit.
    pub retention: Option<Span>,
}

impl RetentionSpec {
    /// One segment, for ever.
    pub const KEEPS_ALL: RetentionSpec = RetentionSpec {
        segment_bytes: u64::MAX,
        segment: Span(u64::MAX),
        retention_bytes: None,
        retention: None,
    };
}

/// What brokers do with their logs, whatever the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSpec {
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval: Span,
    /// A partition that begins a new segment takes nothing for so long.
    pub segment_roll: Span,
    /// What a leader knows of an idempotent producer goes with the producer's last record, and then UNKNOWN_PRODUCER_ID
    /// is what it gets (before KAFKA-7190, which is in 2.4).
    pub producers_go_with_records: bool,
}

/// Replication timings. Names follow the broker's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationSpec {
    /// `replica.lag.time.max.ms`.
    pub replica_lag_time_max: Span,
    /// `replica.fetch.wait.max.ms`.
    pub replica_fetch_wait_max: Span,
    /// `replica.fetch.backoff.ms`: a follower whose fetch was turned away, or found nobody, tries again after this.
    pub replica_fetch_backoff: Span,
    /// One way between two brokers.
    pub broker_latency: Span,
    /// On top of that, if they are in different racks.
    pub rack_latency: Span,
    /// Time a follower needs to append what it fetched: fixed part.
    pub follower_append: Span,
    /// Time a follower needs per fetched byte, in picoseconds.
    pub follower_ps_per_byte: u64,
    /// Whether the high watermark stands while there are fewer than `min.insync.replicas` in sync (KIP-966). Before, it
    /// moved, and acks=all got NOT_ENOUGH_REPLICAS_AFTER_APPEND.
    pub watermark_needs_min_isr: bool,
    /// How often the operating system writes a log to disk; what came later is gone when the machine dies.
    pub os_flush_interval: Span,
}

impl ControllerSpec {
    /// From one look at broken-off sessions to the next.
    pub fn session_check_interval(&self) -> Span {
        Span((self.broker_session_timeout.0 / 8).max(1_000_000))
    }
}

impl ReplicationSpec {
    /// From one look at followers that have fallen behind to the next.
    pub fn isr_check_interval(&self) -> Span {
        Span((self.replica_lag_time_max.0 / 2).max(1))
    }
}

/// The controller: its timings, and whom it may elect. Names follow the broker's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerSpec {
    /// The broker that is the active controller as well; `None`: it runs apart.
    pub broker: Option<NodeId>,
    /// `broker.session.timeout.ms`: a dead broker is fenced this long after its last heartbeat, with the controller's
    /// next look, which comes every eighth of this.
    pub broker_session_timeout: Span,
    /// `broker.heartbeat.interval.ms`.
    pub broker_heartbeat_interval: Span,
    /// From the controller's decision to a broker's metadata cache, at least.
    pub metadata_propagation: Span,
    /// Up to this much comes to that, drawn anew for each broker.
    pub metadata_propagation_jitter: Span,
    /// From the loss of the controller to the first decision of its successor.
    pub failover: Span,
    /// From the start of a broker's process to its registration.
    pub broker_startup: Span,
    /// In a controlled shutdown, from the time a broker hears of the controller's consent to the end of its process.
    pub broker_shutdown: Span,
    /// A broker that gives up a leadership serves nothing for so long.
    pub resignation: Span,
    /// `unclean.leader.election.enable`.
    pub unclean_elections: bool,
    /// Eligible leader replicas (KIP-966).
    pub eligible_leader_replicas: bool,
    /// `leader.imbalance.check.interval.seconds`: leadership goes back to preferred replicas; `None`: never.
    pub rebalance_every: Option<Span>,
}
