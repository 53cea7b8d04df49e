//! What differs between releases of the client, as data (9.4, 9.5).

use crate::config::producer::{ClientVersion, ProducerConfig};
use crate::producer::exception::Exception;
use crate::protocol::backoff::{Backoff, Bound};
use crate::protocol::error::ErrorCode;
use crate::protocol::size::TopicNames;

/// When `send` rather asks the partitioner again than opens a batch (SEND-10, KAFKA-9965).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AbortOnNewBatch {
    Never,
    /// For every partitioner (2.4 to 3.9: the built-in rules of 3.3 on are no partitioner).
    WithPartitioner,
}

/// The partition in the callback of a `send` that failed, besides an explicit one that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToldPartition {
    /// None at all, and not an explicit one either.
    Nothing,
    /// The one that was chosen before the append.
    Chosen,
    /// The one that the append had tried last.
    Appended,
}

/// What an idempotent producer does about a gap in the sequence numbers of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapRepair {
    /// KIP-360: it raises its epoch by itself, and only that partition starts again (EPO-2).
    RaiseEpoch,
    /// It drops its producer id, and every partition starts again with a new one.
    NewProducerId,
}

/// What becomes of an InitProducerId that was answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InitErrors {
    /// Retriable errors are retried, and a later attempt may overcome a missing authorization (PID-2, PID-3).
    Recoverable,
    /// Only a coordinator that is busy is asked again; every other error is the end.
    MostlyFatal,
    /// Retriable errors are retried, every other is the end and shows itself as it is.
    FatalAsTheyAre,
}

/// How the time between two attempts to connect grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reconnects {
    /// Jitter at every look, from the first attempt on, bounded by the maximum.
    Bounded,
    /// Likewise, but jitter may exceed the maximum (up to 3.1).
    Unbounded,
    /// Jitter only after a failure, on whole milliseconds, may exceed the maximum (up to 2.6).
    AfterFailures,
}

/// The habits of one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Personality {
    pub(crate) topic_names: TopicNames,
    pub(crate) abort_on_new_batch: AbortOnNewBatch,
    /// KIP-580.
    exponential_backoff: bool,
    reconnects: Reconnects,
    /// KIP-601: connections are given up when they take too long to come up.
    limits_connection_setup: bool,
    /// KAFKA-14317: a request that waited too long ends as timed out, not as if its connection had broken.
    pub(crate) tells_request_timeouts: bool,
    /// Time for which the broker throttles does not count towards `request.timeout.ms`.
    pub(crate) throttling_extends_requests: bool,
    /// Before 2.8 a partition that is muted for order stays so while the broker throttles.
    pub(crate) mutes_while_throttled: bool,
    /// A wait for a node ends when the node's own delay does, to look again.
    pub(crate) looks_again_after_node_delay: bool,
    /// KIP-526: new topics are fetched alone. Before, every update is of everything, the client's construction counts
    /// as one, and a topic's idle time begins with the first update after its last use.
    pub(crate) partial_metadata: bool,
    /// A connection that breaks puts a metadata update off that is due or under way on it (TMO-5).
    pub(crate) disconnects_delay_metadata: bool,
    /// The node list is that of a hash map by id; before 2.4 that of the response.
    pub(crate) nodes_are_a_map: bool,
    /// KIP-951: leader hints are used, and a new leader ends the backoff (PB-6).
    pub(crate) follows_leader_hints: bool,
    /// Before 3.3 all queues of the accumulator are in one map, later one per topic (HSH-3, HSH-4).
    pub(crate) one_map_of_queues: bool,
    /// Before 2.8 requests and responses are built from hash maps, so their order is that of the tables.
    pub(crate) messages_are_maps: bool,
    /// The maps of what is in flight are filled with `computeIfAbsent` (HSH-6, HSH-8).
    pub(crate) computes_in_flight_maps: bool,
    /// What the callback of a `send` that failed before its append is told about the partition.
    pub(crate) told_partition: ToldPartition,
    /// DRN-4.
    pub(crate) drain_index_per_node: bool,
    pub(crate) gap_repair: GapRepair,
    pub(crate) init_errors: InitErrors,
    /// Before 2.5 the loop stands still until there is a producer id.
    pub(crate) stands_still_for_producer_id: bool,
    /// A batch that fails although it has ended long ago still counts for the sequences (up to 3.1).
    pub(crate) late_failures_count: bool,
    /// SEND-12: `send` throws what has befallen an idempotent producer.
    pub(crate) send_tells_fatal_error: bool,
    /// KAFKA-19012: an in-flight batch that expires or is aborted keeps its buffer until its request ends.
    pub(crate) keeps_buffer_in_flight: bool,
    pub(crate) halves_split_children: bool,
    /// Before 2.4 the last child of a split takes more records.
    pub(crate) closes_split_children: bool,
    /// The estimate of the compression ratio does not fall below what was observed.
    pub(crate) ratio_has_floor: bool,
    /// KAFKA-8673: closing wakes those who wait for memory.
    pub(crate) close_wakes_memory_waits: bool,
    pub(crate) flush_waits_for_split_children: bool,
    pub(crate) can_rebootstrap: bool,
    /// HSH-2: `Node` has the field `isFenced`.
    pub(crate) fenced_field_in_node_hash: bool,
    /// 6.12: of nodes without connection the last of the list is chosen, not the one tried longest ago.
    pub(crate) last_node_wins: bool,
    /// Metrics forget a window by its last event; before 3.9 by its beginning.
    pub(crate) metric_windows_overlap: bool,
    /// `bufferpool-wait-time-total`, removed in 4.0.
    pub(crate) has_buffer_wait_time_total: bool,
    /// What a `send` that waited in vain for memory gets.
    pub(crate) pool_timeout: Exception,
    /// The first error code that this release does not know: it takes them for `UNKNOWN_SERVER_ERROR`.
    first_unknown_code: i16,
    /// Errors that became retriable later.
    not_retriable: &'static [ErrorCode],
    /// Exceptions that have become others since.
    former_exceptions: &'static [(ErrorCode, Exception)],
}

impl Personality {
    pub(crate) fn of(version: ClientVersion) -> Personality {
        let newest = Personality {
            topic_names: TopicNames::Ids,
            abort_on_new_batch: AbortOnNewBatch::Never,
            exponential_backoff: true,
            reconnects: Reconnects::Bounded,
            limits_connection_setup: true,
            tells_request_timeouts: true,
            throttling_extends_requests: true,
            mutes_while_throttled: false,
            looks_again_after_node_delay: true,
            partial_metadata: true,
            disconnects_delay_metadata: true,
            nodes_are_a_map: true,
            follows_leader_hints: true,
            one_map_of_queues: false,
            messages_are_maps: false,
            computes_in_flight_maps: true,
            told_partition: ToldPartition::Appended,
            drain_index_per_node: true,
            gap_repair: GapRepair::RaiseEpoch,
            init_errors: InitErrors::Recoverable,
            stands_still_for_producer_id: false,
            late_failures_count: false,
            send_tells_fatal_error: true,
            keeps_buffer_in_flight: true,
            halves_split_children: true,
            closes_split_children: true,
            ratio_has_floor: true,
            close_wakes_memory_waits: true,
            flush_waits_for_split_children: true,
            can_rebootstrap: true,
            fenced_field_in_node_hash: true,
            last_node_wins: false,
            metric_windows_overlap: true,
            has_buffer_wait_time_total: false,
            pool_timeout: Exception::BufferExhaustedException,
            first_unknown_code: i16::MAX,
            not_retriable: &[],
            former_exceptions: &[],
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
            reconnects: Reconnects::Unbounded,
            tells_request_timeouts: false,
            throttling_extends_requests: false,
            looks_again_after_node_delay: false,
            follows_leader_hints: false,
            one_map_of_queues: true,
            computes_in_flight_maps: false,
            told_partition: ToldPartition::Chosen,
            drain_index_per_node: false,
            init_errors: InitErrors::MostlyFatal,
            late_failures_count: true,
            can_rebootstrap: false,
            metric_windows_overlap: false,
            first_unknown_code: 107,
            not_retriable: &[ErrorCode::ConcurrentTransactions],
            ..v3_9
        };
        match version {
            ClientVersion::V4_3 => newest,
            ClientVersion::V3_9 => v3_9,
            ClientVersion::V3_1 => v3_1,
            ClientVersion::V2_3 => Personality {
                topic_names: TopicNames::Plain,
                messages_are_maps: true,
                told_partition: ToldPartition::Nothing,
                abort_on_new_batch: AbortOnNewBatch::Never,
                reconnects: Reconnects::AfterFailures,
                limits_connection_setup: false,
                mutes_while_throttled: true,
                partial_metadata: false,
                disconnects_delay_metadata: false,
                nodes_are_a_map: false,
                gap_repair: GapRepair::NewProducerId,
                init_errors: InitErrors::FatalAsTheyAre,
                stands_still_for_producer_id: true,
                send_tells_fatal_error: false,
                closes_split_children: false,
                ratio_has_floor: false,
                close_wakes_memory_waits: false,
                last_node_wins: true,
                pool_timeout: Exception::TimeoutException,
                first_unknown_code: 83,
                not_retriable: &[ErrorCode::ConcurrentTransactions, ErrorCode::ReplicaNotAvailable],
                former_exceptions: &[
                    (ErrorCode::InvalidProducerEpoch, Exception::Broker(ErrorCode::ProducerFenced)),
                    (ErrorCode::NotLeaderOrFollower, Exception::NotLeaderForPartitionException),
                ],
                ..v3_1
            },
        }
    }

    /// The backoff of retries and of metadata, which was constant before KIP-580.
    pub(crate) fn backoff(&self, initial_ms: i64, max_ms: i64) -> Backoff {
        Backoff::new(initial_ms, if self.exponential_backoff { max_ms } else { initial_ms })
    }

    /// The time between two attempts to connect to a node.
    pub(crate) fn reconnect_backoff(&self, config: &ProducerConfig) -> Backoff {
        let bound = match self.reconnects {
            Reconnects::Bounded => Bound::AfterJitter,
            Reconnects::Unbounded => Bound::BeforeJitter,
            Reconnects::AfterFailures => Bound::WholeBeforeJitter,
        };
        Backoff::new(config.reconnect_backoff_ms, config.reconnect_backoff_max_ms).bounded(bound)
    }

    /// Whether the wait before an attempt has jitter although none has failed.
    pub(crate) fn first_reconnect_has_jitter(&self) -> bool {
        self.reconnects != Reconnects::AfterFailures
    }

    /// How long a connection may take to come up; `None`: for ever.
    pub(crate) fn setup_backoff(&self, config: &ProducerConfig) -> Option<Backoff> {
        let bound = match self.reconnects {
            Reconnects::Bounded => Bound::AfterJitter,
            Reconnects::Unbounded | Reconnects::AfterFailures => Bound::BeforeJitter,
        };
        let (initial_ms, max_ms) =
            (config.socket_connection_setup_timeout_ms, config.socket_connection_setup_timeout_max_ms);
        self.limits_connection_setup.then(|| Backoff::new(initial_ms, max_ms).bounded(bound))
    }

    /// What this release makes of an error code.
    #[inline]
    pub(crate) fn known(&self, error: ErrorCode) -> ErrorCode {
        if error.code() >= self.first_unknown_code { ErrorCode::UnknownServerError } else { error }
    }

    /// Whether the exception of an error is a `RetriableException` (column R of 7.4).
    pub(crate) fn is_retriable(&self, error: ErrorCode) -> bool {
        error.is_retriable() && !self.not_retriable.contains(&error)
    }

    /// Whether the exception of an error is an `InvalidMetadataException` (column M of 7.4), which is retriable.
    #[inline]
    pub(crate) fn is_invalid_metadata(&self, error: ErrorCode) -> bool {
        error != ErrorCode::None && error.is_invalid_metadata() && !self.not_retriable.contains(&error)
    }

    /// The exception of an error.
    pub(crate) fn exception(&self, error: ErrorCode) -> Exception {
        let former = self.former_exceptions.iter().find(|(code, _)| *code == error);
        former.map_or(Exception::Broker(error), |(_, exception)| *exception)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_makes_of_an_error() {
        use ErrorCode::*;
        let [newest, v3_9, v3_1, v2_3] = ClientVersion::ALL.map(Personality::of);
        assert_eq!(
            (newest.known(TransactionAbortable), v3_9.known(InvalidRecord)),
            (TransactionAbortable, InvalidRecord)
        );
        assert_eq!(
            (v3_1.known(TransactionAbortable), v3_1.known(InconsistentTopicId)),
            (UnknownServerError, InconsistentTopicId)
        );
        assert_eq!(
            (v2_3.known(InvalidRecord), v2_3.known(FencedInstanceId)),
            (UnknownServerError, FencedInstanceId)
        );
        for (personality, concurrent, replica) in
            [(newest, true, true), (v3_1, false, true), (v2_3, false, false)]
        {
            assert_eq!(personality.is_retriable(ConcurrentTransactions), concurrent);
            assert_eq!(personality.is_retriable(ReplicaNotAvailable), replica);
            assert_eq!(personality.is_invalid_metadata(ReplicaNotAvailable), replica);
            assert!(personality.is_retriable(NotLeaderOrFollower));
        }
        let name = |personality: Personality, error| personality.exception(error).name();
        assert_eq!(name(v3_1, NotLeaderOrFollower), "NotLeaderOrFollowerException");
        assert_eq!(name(v2_3, NotLeaderOrFollower), "NotLeaderForPartitionException");
        assert_eq!(name(v2_3, InvalidProducerEpoch), "ProducerFencedException");
    }
}
