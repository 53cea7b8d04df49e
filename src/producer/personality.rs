//! What differs between releases of the client, as data (9.4, 9.5).

use crate::config::producer::ClientVersion;
use crate::producer::exception::Exception;
use crate::protocol::backoff::Backoff;
use crate::protocol::size::TopicNames;

/// When `send` rather asks the partitioner again than opens a batch (SEND-10, KAFKA-9965).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AbortOnNewBatch {
    Never,
    /// For every partitioner (2.4 to 3.9: the built-in rules of 3.3 on are no partitioner).
    WithPartitioner,
}

/// The partition in the callback of a `send` that failed, besides an explicit one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToldPartition {
    /// None.
    Explicit,
    /// The one that was chosen before the append.
    Chosen,
    /// The one that the append had tried last.
    Appended,
}

/// The habits of one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Personality {
    pub(crate) topic_names: TopicNames,
    pub(crate) abort_on_new_batch: AbortOnNewBatch,
    /// KIP-580.
    exponential_backoff: bool,
    /// KIP-951: leader hints are used, and a new leader ends the backoff (PB-6).
    pub(crate) follows_leader_hints: bool,
    /// Before 3.3 all queues of the accumulator are in one map, later one per topic (HSH-3, HSH-4).
    pub(crate) one_map_of_queues: bool,
    /// Before 2.8 requests and responses are built from hash maps, so their order is that of the tables.
    pub(crate) messages_are_maps: bool,
    /// What the callback of a `send` that failed before its append is told about the partition.
    pub(crate) told_partition: ToldPartition,
    /// DRN-4.
    pub(crate) drain_index_per_node: bool,
    /// EPO-2 (KIP-360).
    pub(crate) bumps_epoch_locally: bool,
    /// KAFKA-19012: an in-flight batch that expires or is aborted keeps its buffer until its request ends.
    pub(crate) keeps_buffer_in_flight: bool,
    pub(crate) halves_split_children: bool,
    pub(crate) flush_waits_for_split_children: bool,
    pub(crate) can_rebootstrap: bool,
    /// HSH-2: `Node` has the field `isFenced`.
    pub(crate) fenced_field_in_node_hash: bool,
    /// 6.12.
    pub(crate) last_untried_node_wins: bool,
    /// `bufferpool-wait-time-total`, removed in 4.0.
    pub(crate) has_buffer_wait_time_total: bool,
    /// What a `send` that waited in vain for memory gets.
    pub(crate) pool_timeout: Exception,
}

impl Personality {
    pub(crate) fn of(version: ClientVersion) -> Personality {
        let newest = Personality {
            topic_names: TopicNames::Ids,
            abort_on_new_batch: AbortOnNewBatch::Never,
            exponential_backoff: true,
            follows_leader_hints: true,
            one_map_of_queues: false,
            messages_are_maps: false,
            told_partition: ToldPartition::Appended,
            drain_index_per_node: true,
            bumps_epoch_locally: true,
            keeps_buffer_in_flight: true,
            halves_split_children: true,
            flush_waits_for_split_children: true,
            can_rebootstrap: true,
            fenced_field_in_node_hash: true,
            last_untried_node_wins: false,
            has_buffer_wait_time_total: false,
            pool_timeout: Exception::BufferExhaustedException,
        };
        let v3_9 = Personality {
            topic_names: TopicNames::Compact,
            abort_on_new_batch: AbortOnNewBatch::WithPartitioner,
            keeps_buffer_in_flight: false,
            halves_split_children: false,
            flush_waits_for_split_children: false,
            fenced_field_in_node_hash: false,
            has_buffer_wait_time_total: true,
            ..newest
        };
        let v3_1 = Personality {
            exponential_backoff: false,
            follows_leader_hints: false,
            one_map_of_queues: true,
            told_partition: ToldPartition::Chosen,
            drain_index_per_node: false,
            can_rebootstrap: false,
            ..v3_9
        };
        match version {
            ClientVersion::V4_3 => newest,
            ClientVersion::V3_9 => v3_9,
            ClientVersion::V3_1 => v3_1,
            ClientVersion::V2_3 => Personality {
                topic_names: TopicNames::Plain,
                messages_are_maps: true,
                told_partition: ToldPartition::Explicit,
                abort_on_new_batch: AbortOnNewBatch::Never,
                bumps_epoch_locally: false,
                last_untried_node_wins: true,
                pool_timeout: Exception::TimeoutException,
                ..v3_1
            },
        }
    }

    /// The backoff of retries and of metadata, which was constant before KIP-580.
    pub(crate) fn backoff(&self, initial_ms: i64, max_ms: i64) -> Backoff {
        Backoff::new(initial_ms, if self.exponential_backoff { max_ms } else { initial_ms })
    }
}
