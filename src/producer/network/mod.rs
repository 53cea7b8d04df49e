//! `NetworkClient`: connections, requests in flight, and the poll in which the sender thread sleeps.

mod connection;
mod least_loaded;
mod metadata_updater;
mod poll;
mod readiness;
mod requests;

pub(crate) use connection::{Connection, ConnectionState};
pub(crate) use poll::draw_backoff;
pub use requests::{Request, RequestId};
pub(crate) use requests::{RequestKind, Requests};

use crate::producer::metadata::MetadataRequest;
use crate::producer::personality::Personality;
use crate::protocol::backoff::Backoff;
use crate::protocol::jvm;
use crate::protocol::message::Endpoint;
use crate::values::ids::NodeId;

/// A node as a dense index into the connections of this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeIx(pub(crate) u32);

impl NodeIx {
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something the network has reported and the sender has not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Connected(NodeIx),
    Response(NodeIx),
    Disconnected(NodeIx),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer.
    Answered,
    /// acks=0: it has been written (PRQ-4).
    Written,
    /// Its connection broke.
    Disconnected,
    /// It, or another request on its connection, took longer than `request.timeout.ms`.
    TimedOut,
}

/// The client side of all connections.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) connections: Vec<Connection>,
    /// By connection: its node.
    nodes: Vec<NodeId>,
    pub(crate) requests: Requests,
    pub(crate) inbox: Vec<Arrival>,
    /// Requests that ended in this poll and whose callbacks are due.
    ended: Vec<(RequestId, Ending)>,
    /// acks=0 requests written in this poll.
    pub(crate) unacknowledged: Vec<RequestId>,
    /// Requests that have been queued since the last poll began.
    pub(crate) unwritten: Vec<RequestId>,
    pub(crate) bootstrap: Vec<NodeIx>,
    pub(crate) metadata_in_flight: Option<MetadataRequest>,
    /// When the client began to try for metadata (MDU-3).
    pub(crate) metadata_attempt_since_ms: Option<i64>,
    pub(crate) in_flight_count: usize,
    /// The client's map of connections with a list of requests in flight (HSH-8).
    in_flight_map: jvm::Table,
    /// Number of connections that are being set up.
    pub(crate) connecting: usize,
    /// No request in flight is older than this, in epoch ms.
    oldest_request_ms: i64,
    reconnect_backoff: Backoff,
    /// How long a connection may take to come up; `None`: for ever.
    setup_backoff: Option<Backoff>,
    personality: Personality,
    ever_throttled: bool,
}

impl Network {
    pub(crate) fn new(
        reconnect_backoff: Backoff,
        setup_backoff: Option<Backoff>,
        personality: Personality,
    ) -> Network {
        Network {
            connections: Vec::new(),
            nodes: Vec::new(),
            requests: Requests::default(),
            inbox: Vec::new(),
            ended: Vec::new(),
            unacknowledged: Vec::new(),
            unwritten: Vec::new(),
            bootstrap: Vec::new(),
            metadata_in_flight: None,
            metadata_attempt_since_ms: None,
            in_flight_count: 0,
            in_flight_map: jvm::Table::default(),
            connecting: 0,
            oldest_request_ms: 0,
            reconnect_backoff,
            setup_backoff,
            personality,
            ever_throttled: false,
        }
    }

    /// The index of a node, given out now if it is new.
    pub(crate) fn node(&mut self, endpoint: &Endpoint) -> NodeIx {
        if let Some(known) = self.find(endpoint.node) {
            return known;
        }
        let Endpoint { node, host, port, rack } = endpoint;
        let has_fenced_field = self.personality.fenced_field_in_node_hash;
        let hash = jvm::node_hash(host, node.0, *port, rack.as_deref(), has_fenced_field);
        self.nodes.push(*node);
        self.connections.push(Connection::new(*node, hash, jvm::string_hash(&node.0.to_string())));
        NodeIx(self.connections.len() as u32 - 1)
    }

    fn find_oldest_request_ms(&self, now_ms: i64) -> i64 {
        let oldest = self.connections.iter().filter_map(|connection| connection.in_flight.front());
        oldest.map(|request| self.requests[*request].created_ms).min().unwrap_or(now_ms)
    }

    fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.connections.len() as u32).map(NodeIx)
    }

    /// The index of a node that is known.
    pub(crate) fn find(&self, node: NodeId) -> Option<NodeIx> {
        let at = self.nodes.iter().position(|known| *known == node)?;
        Some(NodeIx(at as u32))
    }

    #[inline]
    pub(crate) fn id(&self, node: NodeIx) -> NodeId {
        self.connections[node.index()].node
    }
}

impl std::ops::Index<NodeIx> for Network {
    type Output = Connection;
    #[inline]
    fn index(&self, node: NodeIx) -> &Connection {
        &self.connections[node.index()]
    }
}

impl std::ops::IndexMut<NodeIx> for Network {
    #[inline]
    fn index_mut(&mut self, node: NodeIx) -> &mut Connection {
        &mut self.connections[node.index()]
    }
}
