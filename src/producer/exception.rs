//! The Java exceptions that an application gets to see.

use crate::protocol::error::ErrorCode;

/// Why a record did not make it, by the exception's simple class name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are Java's own")]
pub enum Exception {
    TimeoutException,
    BufferExhaustedException,
    RecordTooLargeException,
    InvalidTopicException,
    TopicAuthorizationException,
    TransactionAbortedException,
    KafkaException,
    IllegalArgumentException,
    IllegalStateException,
    /// What a serializer throws (SEND-5).
    SerializationException,
    /// What Confluent's serializers make of a refusal of the schema registry.
    InvalidConfigurationException,
    /// Any other exception of an application's own serializer.
    RuntimeException,
    /// Of one record of a batch that the broker reported by index.
    InvalidRecordException,
    /// What `NotLeaderOrFollowerException` is called before 2.6.
    NotLeaderForPartitionException,
    /// The exception of a protocol error.
    Broker(ErrorCode),
}

impl Exception {
    /// Simple class name.
    pub const fn name(self) -> &'static str {
        match self {
            Exception::TimeoutException => "TimeoutException",
            Exception::BufferExhaustedException => "BufferExhaustedException",
            Exception::RecordTooLargeException => "RecordTooLargeException",
            Exception::InvalidTopicException => "InvalidTopicException",
            Exception::TopicAuthorizationException => "TopicAuthorizationException",
            Exception::TransactionAbortedException => "TransactionAbortedException",
            Exception::KafkaException => "KafkaException",
            Exception::IllegalArgumentException => "IllegalArgumentException",
            Exception::IllegalStateException => "IllegalStateException",
            Exception::SerializationException => "SerializationException",
            Exception::InvalidConfigurationException => "InvalidConfigurationException",
            Exception::RuntimeException => "RuntimeException",
            Exception::InvalidRecordException => "InvalidRecordException",
            Exception::NotLeaderForPartitionException => "NotLeaderForPartitionException",
            Exception::Broker(code) => code.exception(),
        }
    }

    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        const CLIENT: [Exception; 14] = [
            Exception::TimeoutException,
            Exception::BufferExhaustedException,
            Exception::RecordTooLargeException,
            Exception::InvalidTopicException,
            Exception::TopicAuthorizationException,
            Exception::TransactionAbortedException,
            Exception::KafkaException,
            Exception::IllegalArgumentException,
            Exception::IllegalStateException,
            Exception::SerializationException,
            Exception::InvalidConfigurationException,
            Exception::RuntimeException,
            Exception::InvalidRecordException,
            Exception::NotLeaderForPartitionException,
        ];
        let broker = ErrorCode::ALL.iter().map(|code| code.exception());
        CLIENT.into_iter().map(Exception::name).chain(broker)
    }

    /// Whether `send` turns it into a failed future (and a callback) instead of throwing it (1.4).
    pub const fn is_api_exception(self) -> bool {
        !matches!(
            self,
            Exception::KafkaException
                | Exception::IllegalArgumentException
                | Exception::IllegalStateException
                | Exception::SerializationException
                | Exception::InvalidConfigurationException
                | Exception::RuntimeException
        )
    }

    /// Whether an idempotent producer whose batch failed like this can go no further (8.7).
    pub(crate) const fn ends_idempotence(self) -> bool {
        matches!(
            self,
            Exception::Broker(
                ErrorCode::ClusterAuthorizationFailed
                    | ErrorCode::TransactionalIdAuthorizationFailed
                    | ErrorCode::ProducerFenced
                    | ErrorCode::UnsupportedVersion
            )
        )
    }

    /// Whether `send` counts it in `record-error-total` when it throws it (1.4).
    pub const fn is_kafka_exception(self) -> bool {
        !matches!(
            self,
            Exception::IllegalArgumentException
                | Exception::IllegalStateException
                | Exception::RuntimeException
        )
    }
}
