//! What the network tells the producer. The client looks at it when its poll ends.

use crate::producer::Producer;
use crate::producer::network::{Arrival, NodeIx, RequestId, RequestKind};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{BatchResult, MetadataResponse};
use crate::values::ids::NodeId;
use crate::values::time::Time;

impl Producer {
    /// A connection that was asked for is up, handshake included.
    pub fn connected(&mut self, node: NodeId) {
        if let Some(node) = self.network.find(node) {
            self.arrived(Arrival::Connected(node));
        }
    }

    /// A connection is gone, or could not be made. Answers that arrived before stay readable.
    pub fn disconnected(&mut self, node: NodeId) {
        if let Some(node) = self.network.find(node) {
            self.arrived(Arrival::Disconnected(node));
        }
    }

    /// A produce response has arrived: one result per batch of the oldest unanswered request on the connection,
    /// pairs (batch of the request, record of the batch) that the broker rejected, and the throttle time in ms (-1: the answer
    /// does not say).
    pub fn produced(
        &mut self,
        node: NodeId,
        results: &[BatchResult],
        record_errors: &[(u32, u32)],
        throttle_time_ms: i64,
    ) {
        let Some((node, request)) = self.oldest_unanswered(node, RequestKind::Produce) else { return };
        let answer = &mut self.network.requests[request];
        answer.results.extend_from_slice(results);
        answer.record_errors.extend_from_slice(record_errors);
        answer.throttle_time_ms = throttle_time_ms;
        self.answered(node);
    }

    /// A metadata response has arrived.
    pub fn metadata_arrived(&mut self, node: NodeId, response: Box<MetadataResponse>) {
        let Some((node, request)) = self.oldest_unanswered(node, RequestKind::Metadata) else { return };
        self.network.requests[request].metadata = Some(response);
        self.answered(node);
    }

    /// An InitProducerId response has arrived.
    pub fn producer_id_arrived(&mut self, node: NodeId, producer_id: i64, epoch: i16, error: ErrorCode) {
        let Some((node, request)) = self.oldest_unanswered(node, RequestKind::InitProducerId) else { return };
        self.network.requests[request].producer_id = (producer_id, epoch, error);
        self.answered(node);
    }

    /// RDN-6: the oldest request without answer. `None` if it is of another kind: the driver has mixed things up, or
    /// the connection has been closed in the meantime.
    #[inline(always)]
    fn oldest_unanswered(&self, node: NodeId, kind: RequestKind) -> Option<(NodeIx, RequestId)> {
        let node = self.network.find(node)?;
        let connection = &self.network[node];
        let request = *connection.in_flight.get(connection.answered)?;
        (self.network.requests[request].kind == kind).then_some((node, request))
    }

    fn answered(&mut self, node: NodeIx) {
        self.network[node].answered += 1;
        self.arrived(Arrival::Response(node));
    }

    /// Whatever arrives ends the sender's poll.
    #[inline]
    fn arrived(&mut self, arrival: Arrival) {
        self.network.inbox.push(arrival);
        self.poll_ends = Time::START;
    }
}
