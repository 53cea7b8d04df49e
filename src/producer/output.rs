//! What leaves the producer: requests, connections, the ends of batches.

use crate::producer::Producer;
use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::network::RequestId;
use crate::protocol::error::ErrorCode;
use crate::values::ids::NodeId;

/// What the driver must do, or may want to know. Outputs of one poll are in the order in which they happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Start connecting, and answer with [`Producer::connected`] or [`Producer::disconnected`].
    Connect {
        /// The node.
        node: NodeId,
    },
    /// The client has seen that a connection is up.
    Connected {
        /// The node.
        node: NodeId,
    },
    /// The client has seen that a connection is gone or was refused.
    Disconnected {
        /// The node.
        node: NodeId,
    },
    /// Close the connection. Nothing that is still on its way reaches the client.
    Close {
        /// The node.
        node: NodeId,
    },
    /// Send a metadata request for [`crate::producer::Request::topics`], and answer with [`Producer::metadata_arrived`].
    MetadataRequest {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
    },
    /// The client has taken a metadata response.
    MetadataResponse {
        /// The node.
        node: NodeId,
    },
    /// Send an InitProducerId, and answer with [`Producer::producer_id_arrived`].
    InitProducerIdRequest {
        /// The node.
        node: NodeId,
    },
    /// The client has taken an InitProducerId response.
    InitProducerIdResponse {
        /// The node.
        node: NodeId,
        /// The producer id, -1 with an error.
        producer_id: i64,
        /// The error, if any.
        error: ErrorCode,
    },
    /// Send a produce request, and answer with [`Producer::produced`] unless acks is 0.
    ProduceRequest {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
    },
    /// The client has taken a produce response.
    ProduceResponse {
        /// The node.
        node: NodeId,
        /// The request that it answers.
        request: RequestId,
    },
    /// A batch has ended; the callbacks of its records run now, in append order.
    Completed {
        /// The batch.
        batch: BatchId,
        /// How.
        outcome: Outcome,
    },
    /// Records of a batch that was too large live on in a new one.
    Split {
        /// The batch that was too large. It has ended without callbacks.
        batch: BatchId,
        /// One of the new batches.
        child: BatchId,
        /// The place in `batch` of the first record of `child`.
        first: u32,
    },
    /// A batch goes back to the accumulator to be sent again.
    Retried {
        /// The batch.
        batch: BatchId,
        /// What it was answered.
        error: ErrorCode,
    },
}

/// The end of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged (or written, with acks=0).
    Acked {
        /// Offset of the first record, -1 if unknown.
        base_offset: i64,
    },
    /// All records have failed alike.
    Failed {
        /// The exception.
        exception: Exception,
    },
    /// The broker named the records that it did not like: ask [`Producer::record_exception`].
    FailedByRecord {
        /// The exception of the batch.
        exception: Exception,
        /// The request in which the batch was.
        request: RequestId,
        /// The place of the batch in the request.
        at: u32,
    },
}

impl Producer {
    /// The exception of the record at `index` of a batch that ended like this (7.5), `None` if it was acknowledged.
    pub fn record_exception(&self, outcome: &Outcome, index: u32) -> Option<Exception> {
        let (exception, request, at) = match *outcome {
            Outcome::Acked { .. } => return None,
            Outcome::Failed { exception } => return Some(exception),
            Outcome::FailedByRecord { exception, request, at } => (exception, request, at),
        };
        let errors = &self.network.requests[request].record_errors;
        let of_batch = errors.iter().filter(|(batch, _)| *batch == at);
        let listed = of_batch.clone().any(|(_, record)| *record == index);
        Some(match (listed, of_batch.count()) {
            (false, _) => Exception::KafkaException,
            (true, 1) => exception,
            (true, _) => Exception::InvalidRecordException,
        })
    }
}
