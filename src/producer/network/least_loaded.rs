//! `leastLoadedNode`: who gets metadata and InitProducerId requests (6.12).

use super::{ConnectionState, NodeIx};
use crate::producer::Producer;

/// The choice, and whether any connection seen on the way was ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeastLoaded {
    pub(crate) node: Option<NodeIx>,
    pub(crate) any_connection_ready: bool,
}

impl Producer {
    /// The scan starts at the first node of the list and the list is not shuffled: of the client's random choices
    /// (RND-6, RND-7) these fixed ones are as good as any other.
    pub(crate) fn least_loaded_node(&self, now_ms: i64) -> LeastLoaded {
        let mut any_connection_ready = false;
        let mut fewest: Option<(usize, NodeIx)> = None;
        let mut connecting = None;
        let mut can_connect: Option<(i64, NodeIx)> = None;
        for &node in &self.view.nodes {
            let connection = &self.network[node];
            any_connection_ready |=
                connection.state == ConnectionState::Ready && connection.throttled_until_ms <= now_ms;
            if connection.can_send(now_ms, self.max_in_flight) {
                let in_flight = connection.in_flight.len();
                if in_flight == 0 {
                    return LeastLoaded { node: Some(node), any_connection_ready };
                }
                if fewest.is_none_or(|(least, _)| in_flight < least) {
                    fewest = Some((in_flight, node));
                }
            } else if connection.state == ConnectionState::Connecting {
                connecting = Some(node);
            } else if connection.can_connect(now_ms) {
                let last_wins = self.personality.last_node_wins;
                if can_connect.is_none_or(|(since, _)| last_wins || connection.last_attempt_ms < since) {
                    can_connect = Some((connection.last_attempt_ms, node));
                }
            }
        }
        let node = fewest.map(|(_, node)| node).or(connecting).or(can_connect.map(|(_, node)| node));
        LeastLoaded { node, any_connection_ready }
    }
}
