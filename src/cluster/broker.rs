//! A broker's connections and handler threads (11.1): one request of a connection at a time, in order; the handlers
//! take connections in the order in which their requests came up.

use std::collections::VecDeque;

use super::requests::{RequestIx, RequestKind};
use super::spec::BrokerSpec;
use super::{Cluster, ClusterOutput, Event};
use crate::values::ids::{ConnId, NodeId};
use crate::values::time::{Span, Time};

/// One broker.
#[derive(Debug)]
pub(super) struct Broker {
    pub(super) node: NodeId,
    pub(super) spec: BrokerSpec,
    pub(super) up: bool,
    pub(super) fenced: bool,
    /// Counts starts of the process.
    pub(super) life: u32,
    idle_handlers: u32,
    /// Connections whose next request waits for a handler.
    waiting: VecDeque<(ConnId, u32)>,
    pub(super) isr_check_scheduled: bool,
}

/// One client connection, as the broker sees it.
#[derive(Debug, Default)]
pub(super) struct Connection {
    broker: u32,
    open: bool,
    /// Counts uses of this number.
    opened: u32,
    /// NETB-2: muted from the time a request is taken until it has been answered.
    muted: bool,
    requests: VecDeque<RequestIx>,
}

/// A request that a handler thread is busy with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) broker: u32,
    pub(super) life: u32,
    pub(super) conn: ConnId,
    pub(super) opened: u32,
    pub(super) request: RequestIx,
}

impl Broker {
    pub(super) fn new(spec: &BrokerSpec) -> Broker {
        Broker {
            node: spec.node,
            spec: spec.clone(),
            up: true,
            fenced: false,
            life: 0,
            idle_handlers: spec.io_threads,
            waiting: VecDeque::new(),
            isr_check_scheduled: false,
        }
    }

    /// The process ends.
    pub(super) fn stop(&mut self) {
        self.up = false;
        self.life += 1;
        self.waiting.clear();
        self.idle_handlers = self.spec.io_threads;
    }
}

impl Cluster {
    pub(super) fn open_connection(&mut self, conn: ConnId, broker: u32) {
        let at = conn.0 as usize;
        if self.connections.len() <= at {
            self.connections.resize_with(at + 1, Connection::default);
        }
        self.close_connection(conn);
        let connection = &mut self.connections[at];
        (connection.broker, connection.open, connection.muted) = (broker, true, false);
        connection.opened += 1;
    }

    /// Drops what has not been taken by a handler; answers to the rest go nowhere.
    pub(super) fn close_connection(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.get_mut(conn.0 as usize) else { return };
        connection.open = false;
        while let Some(request) = connection.requests.pop_front() {
            self.requests.release(request);
        }
    }

    /// Whether a connection is still the one that was opened for the n-th time.
    fn is_same(&self, conn: ConnId, opened: u32) -> bool {
        self.connections.get(conn.0 as usize).is_some_and(|c| c.open && c.opened == opened)
    }

    pub(super) fn arrive(&mut self, now: Time, conn: ConnId, request: RequestIx) {
        let Some(connection) = self.connections.get_mut(conn.0 as usize).filter(|connection| connection.open)
        else {
            self.requests.release(request);
            return;
        };
        connection.requests.push_back(request);
        if !connection.muted && connection.requests.len() == 1 {
            let (broker, opened) = (connection.broker, connection.opened);
            self.brokers[broker as usize].waiting.push_back((conn, opened));
            self.start_handlers(now, broker);
        }
    }

    /// Idle handlers take what waits.
    fn start_handlers(&mut self, now: Time, broker: u32) {
        while self.brokers[broker as usize].idle_handlers > 0 {
            let Some((conn, opened)) = self.brokers[broker as usize].waiting.pop_front() else { return };
            if !self.is_same(conn, opened) {
                continue;
            }
            let connection = &mut self.connections[conn.0 as usize];
            let Some(request) = connection.requests.pop_front() else { continue };
            connection.muted = true;
            self.brokers[broker as usize].idle_handlers -= 1;
            let done = now + self.service_time(broker, request);
            let life = self.brokers[broker as usize].life;
            self.events.push(done, Event::Served(Taken { broker, life, conn, opened, request }));
        }
    }

    fn service_time(&self, broker: u32, request: RequestIx) -> Span {
        let (spec, request) = (&self.brokers[broker as usize].spec, self.request(request));
        if !matches!(request.kind, RequestKind::Produce { .. }) {
            return spec.service_other;
        }
        let by_bytes = Span(request.bytes().saturating_mul(spec.service_ps_per_byte) / 1000);
        let further = request.batches.len().saturating_sub(1) as u64;
        spec.service + by_bytes + Span(spec.service_per_batch.0.saturating_mul(further))
    }

    /// A handler has finished. A request that outlived its broker's process leaves no trace.
    pub(super) fn served(&mut self, now: Time, taken: Taken) {
        let Taken { broker, life, conn, opened, request } = taken;
        if self.brokers[broker as usize].life != life {
            self.requests.release(request);
            return;
        }
        self.brokers[broker as usize].idle_handlers += 1;
        match self.request(request).kind {
            RequestKind::Produce { acks, timeout_ms } => {
                self.append_request(now, taken, acks, timeout_ms);
            }
            RequestKind::Metadata => {
                let response = Box::new(self.metadata_response(request));
                let token = self.request(request).token;
                self.answer(now, conn, opened, ClusterOutput::Metadata { conn, token, response });
            }
            RequestKind::InitProducerId => {
                let (token, producer_id) = (self.request(request).token, self.next_producer_id);
                self.next_producer_id += 1;
                self.answer(now, conn, opened, ClusterOutput::InitProducerId { conn, token, producer_id });
            }
        }
        self.requests.release(request);
        self.start_handlers(now, broker);
    }

    /// Sends an answer, and lets the connection's next request come up.
    pub(super) fn answer(&mut self, now: Time, conn: ConnId, opened: u32, output: ClusterOutput) {
        if self.is_same(conn, opened) {
            self.outbox.push(output);
            self.unmute(now, conn);
        } else if let ClusterOutput::Produced { response, .. } = output {
            self.responses.release(response);
        }
    }

    /// A request needs no answer (acks=0): the next one comes up.
    pub(super) fn no_answer(&mut self, now: Time, conn: ConnId, opened: u32) {
        if self.is_same(conn, opened) {
            self.unmute(now, conn);
        }
    }

    fn unmute(&mut self, now: Time, conn: ConnId) {
        let connection = &mut self.connections[conn.0 as usize];
        connection.muted = false;
        if !connection.requests.is_empty() {
            let (broker, opened) = (connection.broker, connection.opened);
            self.brokers[broker as usize].waiting.push_back((conn, opened));
            self.start_handlers(now, broker);
        }
    }

    /// The broker closes a connection on its own.
    pub(super) fn drop_connection(&mut self, conn: ConnId, opened: u32) {
        if self.is_same(conn, opened) {
            self.close_connection(conn);
            self.outbox.push(ClusterOutput::Disconnected { conn });
        }
    }

    /// All connections of a broker that dies.
    pub(super) fn drop_connections_of(&mut self, broker: u32) {
        for at in 0..self.connections.len() {
            let connection = &self.connections[at];
            if connection.open && connection.broker == broker {
                self.drop_connection(ConnId(at as u32), connection.opened);
            }
        }
    }
}
