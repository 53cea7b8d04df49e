//! What is on its way between a client and a broker.

use crate::cluster::{RequestIx, ResponseId};
use crate::protocol::message::MetadataResponse;

/// Bytes of a request or response that does not carry records: header and a few fields.
pub(super) const SMALL_BYTES: u64 = 60;
/// Bytes of one partition in a produce response.
pub(super) const RESULT_BYTES: u64 = 30;

/// A message of a link.
#[derive(Debug)]
pub(super) enum Message {
    /// To the broker.
    Request(RequestIx),
    /// To the broker: the client has closed the connection.
    Close,
    /// To the client.
    Produced {
        /// What the request came with.
        token: u32,
        /// The results.
        response: ResponseId,
        /// For so long the client is throttled.
        throttle_ms: u64,
    },
    /// To the client.
    Metadata(Box<MetadataResponse>),
    /// To the client.
    ProducerId(i64),
    /// To the client: the broker has closed the connection.
    Closed,
}
