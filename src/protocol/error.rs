//! Protocol error codes as the producer classifies them (table 7.4; the real client's own class hierarchy).

macro_rules! error_codes {
    ($($name:ident = $code:literal, $text:literal, $exception:literal, $retriable:literal, $metadata:literal;)*) => {
        /// A protocol error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        #[allow(missing_docs, reason = "the names are Kafka's own")]
        pub enum ErrorCode { $($name = $code,)* }

        impl ErrorCode {
            /// Every code, ascending.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name,)*];

            /// Kafka's constant name, `NOT_LEADER_OR_FOLLOWER`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorCode::$name => $text,)* }
            }

            /// Simple class name of the Java exception, empty for `NONE`.
            pub const fn exception(self) -> &'static str {
                match self { $(ErrorCode::$name => $exception,)* }
            }

            /// Whether the exception is a `RetriableException` (column R of 7.4).
            pub const fn is_retriable(self) -> bool {
                match self { $(ErrorCode::$name => $retriable,)* }
            }

            /// Whether the exception is an `InvalidMetadataException`, which asks for a refresh (column M of 7.4).
            pub const fn is_invalid_metadata(self) -> bool {
                match self { $(ErrorCode::$name => $metadata,)* }
            }
        }
    };
}

error_codes! {
    UnknownServerError = -1, "UNKNOWN_SERVER_ERROR", "UnknownServerException", false, false;
    None = 0, "NONE", "", false, false;
    OffsetOutOfRange = 1, "OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException", false, false;
    CorruptMessage = 2, "CORRUPT_MESSAGE", "CorruptRecordException", true, false;
    UnknownTopicOrPartition = 3, "UNKNOWN_TOPIC_OR_PARTITION", "UnknownTopicOrPartitionException", true, true;
    LeaderNotAvailable = 5, "LEADER_NOT_AVAILABLE", "LeaderNotAvailableException", true, true;
    NotLeaderOrFollower = 6, "NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException", true, true;
    RequestTimedOut = 7, "REQUEST_TIMED_OUT", "TimeoutException", true, false;
    ReplicaNotAvailable = 9, "REPLICA_NOT_AVAILABLE", "ReplicaNotAvailableException", true, true;
    MessageTooLarge = 10, "MESSAGE_TOO_LARGE", "RecordTooLargeException", false, false;
    NetworkException = 13, "NETWORK_EXCEPTION", "NetworkException", true, true;
    CoordinatorLoadInProgress = 14, "COORDINATOR_LOAD_IN_PROGRESS", "CoordinatorLoadInProgressException", true, false;
    CoordinatorNotAvailable = 15, "COORDINATOR_NOT_AVAILABLE", "CoordinatorNotAvailableException", true, false;
    NotCoordinator = 16, "NOT_COORDINATOR", "NotCoordinatorException", true, false;
    InvalidTopicException = 17, "INVALID_TOPIC_EXCEPTION", "InvalidTopicException", false, false;
    RecordListTooLarge = 18, "RECORD_LIST_TOO_LARGE", "RecordBatchTooLargeException", false, false;
    NotEnoughReplicas = 19, "NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException", true, false;
    NotEnoughReplicasAfterAppend = 20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "NotEnoughReplicasAfterAppendException", true, false;
    InvalidRequiredAcks = 21, "INVALID_REQUIRED_ACKS", "InvalidRequiredAcksException", false, false;
    IllegalGeneration = 22, "ILLEGAL_GENERATION", "IllegalGenerationException", false, false;
    UnknownMemberId = 25, "UNKNOWN_MEMBER_ID", "UnknownMemberIdException", false, false;
    TopicAuthorizationFailed = 29, "TOPIC_AUTHORIZATION_FAILED", "TopicAuthorizationException", false, false;
    GroupAuthorizationFailed = 30, "GROUP_AUTHORIZATION_FAILED", "GroupAuthorizationException", false, false;
    ClusterAuthorizationFailed = 31, "CLUSTER_AUTHORIZATION_FAILED", "ClusterAuthorizationException", false, false;
    InvalidTimestamp = 32, "INVALID_TIMESTAMP", "InvalidTimestampException", false, false;
    UnsupportedVersion = 35, "UNSUPPORTED_VERSION", "UnsupportedVersionException", false, false;
    NotController = 41, "NOT_CONTROLLER", "NotControllerException", true, false;
    UnsupportedForMessageFormat = 43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "UnsupportedForMessageFormatException", false, false;
    OutOfOrderSequenceNumber = 45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException", false, false;
    DuplicateSequenceNumber = 46, "DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException", false, false;
    InvalidProducerEpoch = 47, "INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException", false, false;
    InvalidTxnState = 48, "INVALID_TXN_STATE", "InvalidTxnStateException", false, false;
    InvalidProducerIdMapping = 49, "INVALID_PRODUCER_ID_MAPPING", "InvalidPidMappingException", false, false;
    InvalidTransactionTimeout = 50, "INVALID_TRANSACTION_TIMEOUT", "InvalidTxnTimeoutException", false, false;
    ConcurrentTransactions = 51, "CONCURRENT_TRANSACTIONS", "ConcurrentTransactionsException", true, false;
    TransactionalIdAuthorizationFailed = 53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "TransactionalIdAuthorizationException", false, false;
    OperationNotAttempted = 55, "OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException", false, false;
    KafkaStorageError = 56, "KAFKA_STORAGE_ERROR", "KafkaStorageException", true, true;
    SaslAuthenticationFailed = 58, "SASL_AUTHENTICATION_FAILED", "SaslAuthenticationException", false, false;
    UnknownProducerId = 59, "UNKNOWN_PRODUCER_ID", "UnknownProducerIdException", false, false;
    ListenerNotFound = 72, "LISTENER_NOT_FOUND", "ListenerNotFoundException", true, true;
    FencedLeaderEpoch = 74, "FENCED_LEADER_EPOCH", "FencedLeaderEpochException", true, true;
    UnknownLeaderEpoch = 75, "UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException", true, false;
    OffsetNotAvailable = 78, "OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException", true, false;
    FencedInstanceId = 82, "FENCED_INSTANCE_ID", "FencedInstanceIdException", false, false;
    InvalidRecord = 87, "INVALID_RECORD", "InvalidRecordException", false, false;
    UnstableOffsetCommit = 88, "UNSTABLE_OFFSET_COMMIT", "UnstableOffsetCommitException", true, false;
    ThrottlingQuotaExceeded = 89, "THROTTLING_QUOTA_EXCEEDED", "ThrottlingQuotaExceededException", true, false;
    ProducerFenced = 90, "PRODUCER_FENCED", "ProducerFencedException", false, false;
    UnknownTopicId = 100, "UNKNOWN_TOPIC_ID", "UnknownTopicIdException", true, true;
    InconsistentTopicId = 103, "INCONSISTENT_TOPIC_ID", "InconsistentTopicIdException", true, true;
    TransactionAbortable = 120, "TRANSACTION_ABORTABLE", "TransactionAbortableException", false, false;
}

impl ErrorCode {
    /// The number on the wire.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The code with this name; `NOT_LEADER_FOR_PARTITION` is what clients before 2.6 call code 6.
    pub fn from_name(name: &str) -> Option<ErrorCode> {
        let name = if name == "NOT_LEADER_FOR_PARTITION" { "NOT_LEADER_OR_FOLLOWER" } else { name };
        ErrorCode::ALL.iter().copied().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_codes() {
        for &code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_name(code.name()), Some(code));
        }
        assert_eq!(ErrorCode::from_name("NOT_LEADER_FOR_PARTITION").map(ErrorCode::code), Some(6));
        assert_eq!(ErrorCode::from_name("no such code"), None);
    }

    #[test]
    fn classes_follow_table_7_4() {
        assert!(
            ErrorCode::NotEnoughReplicas.is_retriable()
                && !ErrorCode::NotEnoughReplicas.is_invalid_metadata()
        );
        assert!(ErrorCode::NotLeaderOrFollower.is_invalid_metadata());
        assert!(!ErrorCode::MessageTooLarge.is_retriable());
    }
}
