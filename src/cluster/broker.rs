//! A broker's handler threads (11.1): they take requests in the order in which these came up on their connections.

use std::collections::VecDeque;

use super::connections::ConnectionIx;
use super::network_threads::NetworkThreads;
use super::requests::{RequestIx, RequestKind};
use super::spec::{BrokerSpec, ClusterSpec};
use super::{Cluster, ClusterOutput, Event, broker_index};
use crate::engine::dist::Sampler;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::values::ids::{ConnId, NodeId};
use crate::values::time::{Span, Time};

/// The broker's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    Up,
    /// It reads its logs, registers, and waits for the news; nobody listens yet.
    Starting {
        registered: bool,
    },
    Down,
}

/// One broker.
#[derive(Debug)]
pub(super) struct Broker {
    pub(super) node: NodeId,
    pub(super) spec: BrokerSpec,
    pub(super) process: Process,
    /// The controller lets it neither lead nor be in sync.
    pub(super) fenced: bool,
    /// The decision that made it so, or not.
    fenced_by: u32,
    /// It is in a controlled shutdown, and leads nothing any more.
    pub(super) is_leaving: bool,
    /// The decision with which it leaves, until it has heard of that; and whether it led something before.
    pub(super) leaves_with: Option<(u32, bool)>,
    /// Counts starts and ends: what belongs to an earlier life is void.
    pub(super) life: u32,
    /// Counts losses and recoveries of contact with the controller.
    pub(super) contact: u32,
    out_of_contact: bool,
    /// The controller's decisions that its metadata cache has.
    pub(super) heard: u32,
    /// When the last of those that are on their way arrives.
    pub(super) hears_last: Time,
    /// It stands still until then.
    pub(super) stalled_until: Time,
    /// It cannot reach the other brokers until then, and the controller until then.
    pub(super) unreachable_until: Time,
    pub(super) cut_off_until: Time,
    /// Its service times are so many thousandths of what is usual.
    pub(super) slowness_permille: u64,
    pub(super) network: NetworkThreads,
    idle_handlers: u32,
    /// For service times, if they are drawn.
    services: Stream,
    /// Connections whose next request waits for a handler.
    waiting: VecDeque<ConnectionIx>,
    pub(super) isr_check_scheduled: bool,
    /// The decision with which it is giving up a leadership.
    pub(super) resigns_with: Option<u32>,
    /// When in its period it sends a heartbeat, and looks for followers that have fallen behind.
    pub(super) heartbeat_phase: Span,
    pub(super) isr_check_phase: Span,
    /// And for old segments.
    pub(super) retention_check_phase: Span,
    pub(super) retention_check_scheduled: bool,
}

/// A request that a handler thread has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) broker: u32,
    life: u32,
    pub(super) connection: ConnectionIx,
    pub(super) request: RequestIx,
}

/// Thousandths.
const USUAL: u64 = 1_000;

impl Broker {
    pub(super) fn new(spec: &BrokerSpec, cluster: &ClusterSpec, streams: &Streams) -> Broker {
        let mut phases = streams.stream(Purpose::Phase, broker_index(spec.node));
        Broker {
            node: spec.node,
            spec: spec.clone(),
            process: Process::Up,
            fenced: false,
            fenced_by: 0,
            is_leaving: false,
            leaves_with: None,
            life: 0,
            contact: 0,
            out_of_contact: false,
            heard: 0,
            hears_last: Time::START,
            stalled_until: Time::START,
            unreachable_until: Time::START,
            cut_off_until: Time::START,
            slowness_permille: USUAL,
            network: NetworkThreads::new(spec),
            idle_handlers: spec.io_threads,
            services: streams.stream(Purpose::BrokerService, broker_index(spec.node)),
            waiting: VecDeque::new(),
            isr_check_scheduled: false,
            resigns_with: None,
            heartbeat_phase: phases.phase(cluster.controller.broker_heartbeat_interval),
            isr_check_phase: phases.phase(cluster.replication.isr_check_interval()),
            retention_check_phase: phases.phase(cluster.logs.retention_check_interval),
            retention_check_scheduled: false,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.process == Process::Up
    }

    pub(super) fn is_stalled(&self, now: Time) -> bool {
        self.stalled_until > now
    }

    pub(super) fn is_unreachable(&self, now: Time) -> bool {
        self.unreachable_until > now
    }

    pub(super) fn is_cut_off(&self, now: Time) -> bool {
        self.cut_off_until > now
    }

    pub(super) fn is_in_contact(&self) -> bool {
        !self.out_of_contact
    }

    pub(super) fn lose_contact(&mut self) {
        self.out_of_contact = true;
        self.contact += 1;
    }

    pub(super) fn regain_contact(&mut self) {
        self.out_of_contact = false;
        self.contact += 1;
    }

    /// True if that is news.
    pub(super) fn set_fenced(&mut self, fenced: bool, decision: u32) -> bool {
        let news = self.fenced != fenced;
        if news {
            (self.fenced, self.fenced_by) = (fenced, decision);
        }
        news
    }

    /// Whether it is fenced for a broker that has heard of the decisions up to `heard`.
    pub(super) fn is_fenced_at(&self, heard: u32) -> bool {
        if self.fenced_by <= heard { self.fenced } else { !self.fenced }
    }

    /// The process ends.
    pub(super) fn stop(&mut self) {
        self.process = Process::Down;
        self.life += 1;
        (self.is_leaving, self.leaves_with) = (false, None);
        self.stalled_until = Time::START;
        self.waiting.clear();
        self.idle_handlers = self.spec.io_threads;
    }
}

/// What takes so long usually, on a broker that is slow.
#[inline]
fn slowed(usual: Span, permille: u64) -> Span {
    if permille == USUAL {
        return usual;
    }
    Span(u64::try_from(u128::from(usual.0) * u128::from(permille) / u128::from(USUAL)).unwrap_or(u64::MAX))
}

impl Cluster {
    /// A request arrives. On a connection that is closed it has no effect.
    #[inline(always)]
    pub fn arrive(&mut self, now: Time, conn: ConnId, request: RequestIx) {
        let Some(connection) = self.connections.find(conn) else {
            self.requests.release(request, &mut self.auditor);
            return;
        };
        self.requests[request].arrived = now;
        self.connections[connection].requests.push_back(request);
        if !self.connections[connection].muted {
            self.come_up(now, connection);
        }
    }

    /// The next request of a connection comes up; the others wait until it has been answered.
    #[inline(always)]
    pub(super) fn come_up(&mut self, now: Time, connection: ConnectionIx) {
        self.connections[connection].muted = true;
        match self.brokers[self.connections[connection].broker as usize].network.cost_time {
            true => self.read(now, connection),
            false => self.queue_request(now, connection),
        }
    }

    /// It has been read, and is put before the handlers.
    #[inline(always)]
    pub(super) fn queue_request(&mut self, now: Time, connection: ConnectionIx) {
        let broker = self.connections[connection].broker;
        let state = &mut self.brokers[broker as usize];
        if state.idle_handlers > 0 && state.waiting.is_empty() && !state.is_stalled(now) {
            self.start_handler(now, broker, connection);
        } else {
            state.waiting.push_back(connection);
            if state.is_stalled(now) {
                // It has met the fault that its broker stands still for.
                self.marks.concerning(|watched| watched == broker);
                return;
            }
            self.start_handlers(now, broker);
        }
    }

    /// Idle handlers take what waits.
    #[inline(always)]
    pub(super) fn start_handlers(&mut self, now: Time, broker: u32) {
        if self.brokers[broker as usize].is_stalled(now) {
            return;
        }
        while self.brokers[broker as usize].idle_handlers > 0
            && let Some(connection) = self.brokers[broker as usize].waiting.pop_front()
        {
            self.start_handler(now, broker, connection);
        }
    }

    /// An idle handler takes the oldest request of a connection.
    #[inline(never)]
    fn start_handler(&mut self, now: Time, broker: u32, connection: ConnectionIx) {
        let Some(request) = self.connections[connection].requests.pop_front() else { return };
        let done = self.served_at(now, broker, request);
        let fields = &mut self.requests[request];
        fields.thread_time = fields.thread_time + (done - now);
        let state = &mut self.brokers[broker as usize];
        state.idle_handlers -= 1;
        let taken = Taken { broker, life: state.life, connection, request };
        self.events.push(done, Event::Served(taken));
    }

    /// When a request that a handler takes now has been served.
    #[inline]
    fn served_at(&mut self, now: Time, broker: u32, request: RequestIx) -> Time {
        let request = &self.requests[request];
        let Broker { spec, slowness_permille, services, .. } = &mut self.brokers[broker as usize];
        let slowness_permille = *slowness_permille;
        if !matches!(request.kind, RequestKind::Produce { .. }) {
            return now + slowed(spec.service_other, slowness_permille);
        }
        if let Some(recorded) = &spec.recorded {
            return now.max(request.arrived + recorded.of_request(request.arrived));
        }
        let by_bytes = Span(request.bytes().saturating_mul(spec.service_ps_per_byte) / 1000);
        let further = request.batches.len().saturating_sub(1) as u64;
        let further = Span(spec.service_per_batch.0.saturating_mul(further));
        let service = slowed(spec.service + by_bytes + further, slowness_permille);
        match spec.service_is_exponential {
            false => now + service,
            true => now + Span(Sampler::exponential(service.0).draw(services.next_u64())),
        }
    }

    /// A handler has finished. A request that its broker did not live to finish leaves no trace.
    pub(super) fn served(&mut self, now: Time, taken: Taken) {
        let Taken { broker, life, connection, request } = taken;
        if self.brokers[broker as usize].life == life {
            if self.logs.segment_roll > Span::ZERO
                && let Some(until) = self.rolls_until(now, broker, request)
            {
                self.events.push(until, Event::Served(taken));
                return;
            }
            self.brokers[broker as usize].idle_handlers += 1;
            let conn = self.connections[connection].conn;
            let token = self.requests[request].token;
            match self.requests[request].kind {
                RequestKind::Produce { acks, timeout_ms } => {
                    self.append_request(now, taken, acks, timeout_ms);
                }
                RequestKind::Metadata => {
                    let response = Box::new(self.metadata_response(broker, request));
                    let output = ClusterOutput::Metadata { conn, token, response };
                    self.answer(now, connection, output, 0);
                }
                RequestKind::InitProducerId => {
                    let producer_id = self.next_producer_id;
                    self.next_producer_id += 1;
                    let output = ClusterOutput::InitProducerId { conn, token, producer_id };
                    self.answer(now, connection, output, 0);
                }
            }
            self.start_handlers(now, broker);
        }
        self.requests.release(request, &mut self.auditor);
    }
}
