//! A broker's network threads (`SocketServer.Processor`): each reads the requests of its connections, and writes their
//! answers, one after the other. They cost time only where a scenario says so.

use super::connections::ConnectionIx;
use super::spec::BrokerSpec;
use super::{Cluster, ClusterOutput, Event};
use crate::values::time::{Span, Time};

/// The network threads of one broker.
#[derive(Debug)]
pub(super) struct NetworkThreads {
    /// Whether they take any time.
    pub(super) cost_time: bool,
    per_request: Span,
    ps_per_byte: u64,
    /// When each has done what it has been given.
    busy_until: Vec<Time>,
    /// Connections so far, which the threads get in turn.
    connections: u32,
}

/// An answer that a network thread has not written yet.
#[derive(Debug)]
pub(super) struct Unwritten {
    output: ClusterOutput,
    throttle_ms: u64,
}

impl NetworkThreads {
    pub(super) fn new(spec: &BrokerSpec) -> NetworkThreads {
        NetworkThreads {
            cost_time: spec.network_per_request > Span::ZERO || spec.network_ps_per_byte > 0,
            per_request: spec.network_per_request,
            ps_per_byte: spec.network_ps_per_byte,
            busy_until: vec![Time::START; spec.network_threads as usize],
            connections: 0,
        }
    }

    /// The thread of a new connection.
    pub(super) fn assign(&mut self) -> u32 {
        let thread = self.connections % self.busy_until.len() as u32;
        self.connections = self.connections.wrapping_add(1);
        thread
    }

    fn cost(&self, bytes: u64) -> Span {
        self.per_request + Span(bytes.saturating_mul(self.ps_per_byte) / 1000)
    }

    /// When a thread will have read or written a message that it is given now.
    fn done(&mut self, now: Time, thread: u32, bytes: u64) -> Time {
        let cost = self.cost(bytes);
        let busy_until = &mut self.busy_until[thread as usize];
        *busy_until = now.max(*busy_until) + cost;
        *busy_until
    }
}

impl Cluster {
    /// A network thread reads the next request of a connection.
    #[cold]
    pub(super) fn read(&mut self, now: Time, connection: ConnectionIx) {
        let state = &self.connections[connection];
        let Some(&request) = state.requests.front() else { return };
        let (bytes, network) =
            (self.requests[request].bytes(), &mut self.brokers[state.broker as usize].network);
        // QUO-3: what its answer will take counts as well.
        self.requests[request].thread_time = network.cost(bytes) + network.cost(0);
        let done = network.done(now, state.thread, bytes);
        let used = state.used;
        self.events.push(done, Event::Read { connection, used });
    }

    /// It has been read, unless its connection has broken meanwhile.
    pub(super) fn read_ended(&mut self, now: Time, connection: ConnectionIx, used: u32) {
        let state = &self.connections[connection];
        if state.used != used || !state.muted {
            return;
        }
        match state.requests.is_empty() {
            true => self.unmute(now, connection),
            false => self.queue_request(now, connection),
        }
    }

    /// A network thread writes an answer.
    #[cold]
    pub(super) fn write(
        &mut self,
        now: Time,
        connection: ConnectionIx,
        output: ClusterOutput,
        throttle_ms: u64,
    ) {
        let state = &mut self.connections[connection];
        let done = self.brokers[state.broker as usize].network.done(now, state.thread, 0);
        state.unwritten = Some(Unwritten { output, throttle_ms });
        self.events.push(done, Event::Written { connection, used: state.used });
    }

    /// It has been written.
    pub(super) fn written(&mut self, now: Time, connection: ConnectionIx, used: u32) {
        let state = &mut self.connections[connection];
        if state.used == used
            && let Some(Unwritten { output, throttle_ms }) = state.unwritten.take()
        {
            self.answer_now(now, connection, output, throttle_ms);
        }
    }

    /// The connection is gone, and so is what was to be written on it.
    pub(super) fn forget_unwritten(&mut self, connection: ConnectionIx) {
        if let Some(Unwritten { output: ClusterOutput::Produced { response, .. }, .. }) =
            self.connections[connection].unwritten.take()
        {
            self.responses.release(response);
        }
    }
}
