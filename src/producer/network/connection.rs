//! One connection: its state, its backoffs and the requests in flight on it (6.8, 6.9).

use std::collections::VecDeque;

use super::RequestId;
use crate::protocol::jvm::Hash;
use crate::values::ids::NodeId;

/// `ConnectionState`. The ApiVersions exchange is part of connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionState {
    /// Never tried.
    Unknown,
    Connecting,
    Ready,
    Disconnected,
}

/// A node of the cluster (or a bootstrap address) and the connection to it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) node: NodeId,
    /// `Node.hashCode` (HSH-2).
    pub(crate) node_hash: Hash,
    /// Hash of the id as text (HSH-8).
    pub(crate) id_hash: Hash,
    pub(crate) state: ConnectionState,
    pub(crate) last_attempt_ms: i64,
    pub(crate) failed_attempts: u32,
    pub(crate) failed_connects: u32,
    pub(crate) reconnect_backoff_ms: i64,
    pub(crate) setup_timeout_ms: i64,
    pub(crate) throttled_until_ms: i64,
    /// Its place among all attempts to connect.
    pub(crate) attempt: u64,
    /// Since which request of the client there has been a list of requests in flight for it; 0: there is none.
    pub(crate) listed_since: u64,
    /// Requests in flight, oldest first.
    pub(crate) in_flight: VecDeque<RequestId>,
    /// How many of them, from the oldest on, have an answer that has not been looked at.
    pub(crate) answered: usize,
    /// The newest request has not been written completely (NET-3).
    pub(crate) unwritten: bool,
    /// AVL-2: when the node last had data ready, and when it could last be sent to; 0 before the first observation.
    pub(crate) ready_ms: i64,
    pub(crate) drain_ms: i64,
    /// DRN-4.
    pub(crate) drain_index: u32,
}

impl Connection {
    pub(crate) fn new(node: NodeId, node_hash: Hash, id_hash: Hash) -> Connection {
        Connection {
            node,
            node_hash,
            id_hash,
            state: ConnectionState::Unknown,
            last_attempt_ms: 0,
            failed_attempts: 0,
            failed_connects: 0,
            reconnect_backoff_ms: 0,
            setup_timeout_ms: 0,
            throttled_until_ms: 0,
            attempt: 0,
            listed_since: 0,
            in_flight: VecDeque::new(),
            answered: 0,
            unwritten: false,
            ready_ms: 0,
            drain_ms: 0,
            drain_index: 0,
        }
    }

    /// RDN-4.
    #[inline]
    fn can_send_more(&self, max_in_flight: usize) -> bool {
        self.in_flight.is_empty() || (!self.unwritten && self.in_flight.len() < max_in_flight)
    }

    /// RDN-3.
    #[inline]
    pub(crate) fn can_send(&self, now_ms: i64, max_in_flight: usize) -> bool {
        self.state == ConnectionState::Ready
            && self.throttled_until_ms <= now_ms
            && self.can_send_more(max_in_flight)
    }

    /// CST-1.
    pub(crate) fn can_connect(&self, now_ms: i64) -> bool {
        match self.state {
            ConnectionState::Unknown => true,
            ConnectionState::Disconnected => now_ms - self.last_attempt_ms >= self.reconnect_backoff_ms,
            ConnectionState::Connecting | ConnectionState::Ready => false,
        }
    }

    /// CST-8: how long nothing can be sent for, `i64::MAX` if only an answer can change it.
    pub(crate) fn poll_delay_ms(&self, now_ms: i64) -> i64 {
        match self.state {
            ConnectionState::Unknown => 0,
            ConnectionState::Connecting => self.setup_timeout_ms,
            ConnectionState::Disconnected => {
                (self.reconnect_backoff_ms - (now_ms - self.last_attempt_ms)).max(0)
            }
            ConnectionState::Ready if self.throttled_until_ms > now_ms => self.throttled_until_ms - now_ms,
            ConnectionState::Ready => i64::MAX,
        }
    }
}
