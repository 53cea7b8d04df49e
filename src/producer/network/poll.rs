//! One `NetworkClient.poll`, cut in two where the real one sleeps: entering it and returning from it (6.7).

use super::{Arrival, ConnectionState, Ending, NodeIx, Request, RequestKind};
use crate::producer::random::Draws;
use crate::producer::{Output, Producer, SPIN};
use crate::protocol::backoff::Backoff;
use crate::protocol::jvm;
use crate::values::time::{Span, Time};

/// A backoff, with its draw if it has jitter.
pub(crate) fn draw_backoff(backoff: &Backoff, attempts: u32, draws: &mut Draws) -> i64 {
    let unit = if backoff.is_random() { draws.unit() } else { 0.0 };
    backoff.after(attempts, unit)
}

impl Producer {
    /// Goes to sleep in the selector for at most `timeout_ms` (6.7 steps 2 and 3).
    #[inline(always)]
    pub(crate) fn enter_poll(&mut self, timeout_ms: i64, (now, now_ms): (Time, i64), out: &mut Vec<Output>) {
        let metadata_ms = self.maybe_update_metadata(now_ms, out);
        let bound_ms = timeout_ms.min(metadata_ms).min(self.config.request_timeout_ms).max(0);
        let wrote = !self.network.unwritten.is_empty();
        if wrote {
            self.write_requests(out);
        }
        self.poll_ends = if wrote || self.wakeup || !self.network.inbox.is_empty() {
            Time::START
        } else {
            // HAZ-2: a poll with timeout 0 that nothing ends still takes a moment, or a spinning sender stops time.
            now + Span::from_millis(bound_ms as u64).max(SPIN)
        };
    }

    /// What has been queued is written inside the poll: behind a connection that the metadata updater asked for, and
    /// until then its node has no room for another request (NET-3).
    #[inline(always)]
    fn write_requests(&mut self, out: &mut Vec<Output>) {
        for request in self.network.unwritten.drain(..) {
            let Request { kind, node, .. } = self.network.requests[request];
            let connection = &mut self.network.connections[node.index()];
            connection.unwritten = false;
            let node = connection.node;
            out.push(match kind {
                RequestKind::Produce => Output::ProduceRequest { node, request },
                RequestKind::Metadata => Output::MetadataRequest { node, request },
                RequestKind::InitProducerId => Output::InitProducerIdRequest { node },
            });
        }
    }

    /// Returns from the selector (6.7 steps 4 and 5). Most of the time little of this has anything to do.
    #[inline]
    pub(crate) fn leave_poll(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        self.wakeup = false;
        if !self.network.unacknowledged.is_empty() {
            self.complete_written();
        }
        if !self.network.inbox.is_empty() {
            self.take_arrivals(now_ms, out);
        }
        if self.network.connecting > 0 {
            self.time_out_connections(now_ms, out);
        }
        if now_ms - self.network.oldest_request_ms > self.config.request_timeout_ms {
            self.time_out_requests(now_ms, out);
        }
        if self.network.metadata_attempt_since_ms.is_some() {
            self.maybe_rebootstrap_after_trigger(now_ms, out);
        }
        if !self.network.ended.is_empty() {
            self.complete_ended(now_ms, out);
        }
    }

    /// PRQ-4: acks=0 requests end when they have been written.
    fn complete_written(&mut self) {
        for at in 0..self.network.unacknowledged.len() {
            let request = self.network.unacknowledged[at];
            let node = self.network.requests[request].node;
            let in_flight = &mut self.network[node].in_flight;
            if let Some(place) = in_flight.iter().position(|other| *other == request) {
                in_flight.remove(place);
                self.network.in_flight_count -= 1;
                self.network.ended.push((request, Ending::Written));
            }
        }
        self.network.unacknowledged.clear();
    }

    /// What this poll hands to the client: everything but second answers of one connection (NET-1). All of it is
    /// announced before any of it is dealt with.
    fn take_arrivals(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        if let [arrival] = self.network.inbox[..] {
            self.network.inbox.clear();
            self.announce(arrival, out);
            self.deal_with(arrival, now_ms);
            return;
        }
        let mut taken = std::mem::take(&mut self.arrivals);
        taken.clear();
        self.network.inbox.retain(|arrival| {
            let later = matches!(arrival, Arrival::Response(_)) && taken.contains(arrival);
            if !later {
                taken.push(*arrival);
            }
            later
        });
        // Traced as connects, responses, disconnects; dealt with as responses, disconnects, connects.
        taken.sort_by_key(|arrival| match arrival {
            Arrival::Connected(_) => 0,
            Arrival::Response(_) => 1,
            Arrival::Disconnected(_) => 2,
        });
        let connects = taken.partition_point(|arrival| matches!(arrival, Arrival::Connected(_)));
        taken.iter().for_each(|arrival| self.announce(*arrival, out));
        taken.rotate_left(connects);
        taken.iter().for_each(|arrival| self.deal_with(*arrival, now_ms));
        self.arrivals = taken;
    }

    #[inline(always)]
    fn announce(&self, arrival: Arrival, out: &mut Vec<Output>) {
        match arrival {
            Arrival::Connected(node) => out.push(Output::Connected { node: self.network.id(node) }),
            Arrival::Response(node) => self.announce_response(node, out),
            Arrival::Disconnected(node) => out.push(Output::Disconnected { node: self.network.id(node) }),
        }
    }

    #[inline(always)]
    fn deal_with(&mut self, arrival: Arrival, now_ms: i64) {
        match arrival {
            Arrival::Connected(node) => self.connection_ready(node),
            Arrival::Response(node) => self.receive(node, now_ms),
            Arrival::Disconnected(node) => self.connection_lost(node, now_ms, Ending::Disconnected),
        }
    }

    #[inline(always)]
    fn announce_response(&self, node: NodeIx, out: &mut Vec<Output>) {
        let request = self.network[node].in_flight[0];
        let id = self.network.id(node);
        let answer = &self.network.requests[request];
        out.push(match answer.kind {
            RequestKind::Produce => Output::ProduceResponse { node: id, request },
            RequestKind::Metadata => Output::MetadataResponse { node: id },
            RequestKind::InitProducerId => {
                let (producer_id, _, error) = answer.producer_id;
                Output::InitProducerIdResponse { node: id, producer_id, error }
            }
        });
    }

    /// Takes the oldest answer of a connection. Metadata is dealt with at once (NET-4), the rest by callbacks.
    #[inline(always)]
    fn receive(&mut self, node: NodeIx, now_ms: i64) {
        let connection = &mut self.network[node];
        connection.answered -= 1;
        let Some(request) = connection.in_flight.pop_front() else { return };
        self.network.in_flight_count -= 1;
        let throttle_ms = self.network.requests[request].throttle_time_ms;
        self.throttle(node, throttle_ms, now_ms);
        if let Some(response) = self.network.requests[request].metadata.take() {
            self.metadata_response(&response, now_ms);
            self.network.requests.release(request);
        } else {
            self.network.ended.push((request, Ending::Answered));
        }
    }

    /// 6.13.
    #[inline(always)]
    fn throttle(&mut self, node: NodeIx, throttle_ms: i64, now_ms: i64) {
        if throttle_ms >= 0 {
            self.metrics.throttle_time(throttle_ms, now_ms);
        }
        if throttle_ms <= 0 {
            return;
        }
        self.network.ever_throttled = true;
        let (connections, requests) = (&mut self.network.connections, &mut self.network.requests);
        let connection = &mut connections[node.index()];
        connection.throttled_until_ms = connection.throttled_until_ms.max(now_ms + throttle_ms);
        if !self.personality.throttling_extends_requests {
            return;
        }
        for &request in &connection.in_flight {
            requests[request].throttled_ms += throttle_ms;
        }
    }

    /// CST-6; nodes in the order of the set of their ids.
    fn time_out_connections(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        let timed_out = |node: &NodeIx| {
            let connection = &self.network[*node];
            connection.state == ConnectionState::Connecting
                && now_ms - connection.last_attempt_ms > connection.setup_timeout_ms
        };
        let mut nodes: Vec<NodeIx> = self.network.indices().filter(timed_out).collect();
        nodes.sort_by_key(|node| self.network[*node].attempt);
        jvm::sort_as_table(&mut nodes, jvm::DEFAULT_CAPACITY, |node| self.network[*node].id_hash);
        for node in nodes {
            out.push(Output::Close { node: self.network.id(node) });
            self.connection_lost(node, now_ms, Ending::TimedOut);
        }
    }

    /// TMO-1, TMO-2; nodes in the order of HSH-8.
    fn time_out_requests(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        self.network.oldest_request_ms = self.network.find_oldest_request_ms(now_ms);
        let timed_out = |node: &NodeIx| self.has_timed_out_request(*node, now_ms);
        let mut nodes: Vec<NodeIx> = self.network.indices().filter(timed_out).collect();
        nodes.sort_by_key(|node| self.network[*node].listed_since);
        let hash = |node: &NodeIx| self.network[*node].id_hash;
        if self.personality.computes_in_flight_maps {
            self.network.in_flight_map.sort_computed(&mut nodes, hash);
        } else {
            self.network.in_flight_map.sort(&mut nodes, hash);
        }
        for node in nodes {
            out.push(Output::Close { node: self.network.id(node) });
            self.connection_lost(node, now_ms, Ending::TimedOut);
        }
    }

    fn has_timed_out_request(&self, node: NodeIx, now_ms: i64) -> bool {
        let expired = |request: &super::RequestId| {
            let request = &self.network.requests[*request];
            now_ms - request.created_ms - request.throttled_ms > self.config.request_timeout_ms
        };
        let in_flight = &self.network[node].in_flight;
        // The oldest request has waited longest; only throttling can make a younger one overdue first.
        if self.network.ever_throttled {
            in_flight.iter().any(expired)
        } else {
            in_flight.front().is_some_and(expired)
        }
    }

    /// Callbacks, in the order in which their requests ended.
    fn complete_ended(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        let mut at = 0;
        while let Some(&(request, ending)) = self.network.ended.get(at) {
            match self.network.requests[request].kind {
                RequestKind::Produce => self.produce_ended(request, ending, now_ms, out),
                RequestKind::InitProducerId => self.init_producer_id_ended(request, ending),
                RequestKind::Metadata => {}
            }
            self.network.requests.release(request);
            at += 1;
        }
        self.network.ended.clear();
    }
}
