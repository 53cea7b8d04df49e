//! Whether a node can be sent to, and starting and losing connections (6.8, 6.9).

use super::{ConnectionState, Ending, NodeIx, RequestId, RequestKind};
use crate::producer::{Output, Producer};

impl Producer {
    /// RDN-2: nothing is ready while a metadata refresh is due.
    #[inline(always)]
    pub(crate) fn is_ready(&mut self, node: NodeIx, now_ms: i64) -> bool {
        !self.is_metadata_due(now_ms) && self.network[node].can_send(now_ms, self.max_in_flight)
    }

    /// RDN-1: ready, or at least trying to connect from now on.
    #[inline(always)]
    pub(crate) fn ready_or_connect(&mut self, node: NodeIx, now_ms: i64, out: &mut Vec<Output>) -> bool {
        if self.is_ready(node, now_ms) {
            return true;
        }
        if self.network[node].can_connect(now_ms) {
            self.connect(node, now_ms, out);
        }
        false
    }

    pub(crate) fn is_metadata_due(&mut self, now_ms: i64) -> bool {
        self.network.metadata_in_flight.is_none()
            && self.metadata.time_to_next_update(now_ms, &mut self.sender_draws) == 0
    }

    /// CST-2.
    pub(crate) fn connect(&mut self, node: NodeIx, now_ms: i64, out: &mut Vec<Output>) {
        if self.network[node].state == ConnectionState::Unknown {
            let reconnect_backoff_ms = self.network.first_reconnect_backoff(&mut self.sender_draws);
            let setup_timeout_ms = self.network.setup_timeout_after(0, &mut self.sender_draws);
            let connection = &mut self.network[node];
            (connection.reconnect_backoff_ms, connection.setup_timeout_ms) =
                (reconnect_backoff_ms, setup_timeout_ms);
        }
        let connection = &mut self.network[node];
        connection.last_attempt_ms = now_ms;
        connection.state = ConnectionState::Connecting;
        self.network.connecting += 1;
        self.metrics.connections_created += 1;
        self.network[node].attempt = self.metrics.connections_created;
        out.push(Output::Connect { node: self.network.id(node) });
    }

    /// CST-4.
    pub(crate) fn connection_ready(&mut self, node: NodeIx) {
        if self.network[node].state == ConnectionState::Connecting {
            self.network.connecting -= 1;
        }
        self.network[node].state = ConnectionState::Ready;
        self.network[node].failed_attempts = 0;
        self.network[node].reconnect_backoff_ms =
            self.network.first_reconnect_backoff(&mut self.sender_draws);
        self.reset_setup_timeout(node);
    }

    fn reset_setup_timeout(&mut self, node: NodeIx) {
        self.network[node].failed_connects = 0;
        self.network[node].setup_timeout_ms = self.network.setup_timeout_after(0, &mut self.sender_draws);
    }

    /// A connection is gone, for whatever reason: CST-5, then its requests, then the metadata (TMO-5).
    pub(crate) fn connection_lost(&mut self, node: NodeIx, now_ms: i64, ending: Ending) {
        let was_connecting = self.network[node].state == ConnectionState::Connecting;
        self.network[node].last_attempt_ms = now_ms;
        let failed_attempts = self.network[node].failed_attempts;
        let backoff = self.network.reconnect_backoff_after(failed_attempts, &mut self.sender_draws);
        let connection = &mut self.network[node];
        connection.reconnect_backoff_ms = backoff;
        connection.failed_attempts += 1;
        if was_connecting {
            self.network.connecting -= 1;
            let connection = &mut self.network[node];
            connection.failed_connects += 1;
            let failed_connects = connection.failed_connects;
            self.network[node].setup_timeout_ms =
                self.network.setup_timeout_after(failed_connects, &mut self.sender_draws);
        } else {
            self.reset_setup_timeout(node);
        }
        self.network[node].state = ConnectionState::Disconnected;
        self.metrics.connections_closed += 1;
        self.cancel_in_flight(node, now_ms, ending);
        if self.personality.disconnects_delay_metadata && self.is_metadata_due(now_ms) {
            self.metadata_failed(now_ms);
        }
        self.metadata.request_update();
    }

    /// TMO-2 to TMO-4: oldest first.
    fn cancel_in_flight(&mut self, node: NodeIx, now_ms: i64, ending: Ending) {
        if self.network[node].listed_since > 0 {
            self.network[node].listed_since = 0;
            self.network.in_flight_map.remove();
        }
        self.network[node].answered = 0;
        self.network[node].unwritten = false;
        self.network.inbox.retain(|arrival| *arrival != super::Arrival::Response(node));
        while let Some(request) = self.network[node].in_flight.pop_front() {
            self.network.in_flight_count -= 1;
            if self.network.requests[request].kind == RequestKind::Metadata {
                if self.personality.disconnects_delay_metadata {
                    self.metadata_failed(now_ms);
                }
                self.network.metadata_in_flight = None;
                self.network.requests.release(request);
            } else {
                self.network.requests[request].forget_answer();
                self.network.ended.push((request, ending));
            }
        }
    }

    /// Queues a request on its connection. It is written in the next poll.
    #[inline(always)]
    pub(crate) fn send_request(&mut self, request: RequestId) {
        let node = self.network.requests[request].node;
        let connection = &mut self.network[node];
        connection.in_flight.push_back(request);
        connection.unwritten = true;
        self.network.in_flight_count += 1;
        self.network.unwritten.push(request);
        self.metrics.requests_sent += 1;
        let is_new = self.network[node].listed_since == 0;
        if is_new {
            self.network[node].listed_since = self.metrics.requests_sent;
        }
        if self.personality.computes_in_flight_maps {
            self.network.in_flight_map.compute_if_absent(is_new);
        } else if is_new {
            self.network.in_flight_map.put();
        }
    }
}

impl super::Network {
    fn first_reconnect_backoff(&self, draws: &mut crate::producer::random::Draws) -> i64 {
        if self.personality.first_reconnect_has_jitter() {
            self.reconnect_backoff_after(0, draws)
        } else {
            self.reconnect_backoff.initial_ms()
        }
    }

    fn reconnect_backoff_after(&self, attempts: u32, draws: &mut crate::producer::random::Draws) -> i64 {
        super::poll::draw_backoff(&self.reconnect_backoff, attempts, draws)
    }

    fn setup_timeout_after(&self, attempts: u32, draws: &mut crate::producer::random::Draws) -> i64 {
        let backoff = self.setup_backoff.as_ref();
        backoff.map_or(i64::MAX, |backoff| super::poll::draw_backoff(backoff, attempts, draws))
    }
}
