//! Links: each connection has one each way, with latency, jitter and bandwidth. Messages of a link never overtake, so
//! only its oldest one is an event.

use std::collections::VecDeque;

use super::client::Client;
pub(super) use super::link_faults::LinkFault;
use super::link_faults::LinkFaults;
use super::wire::{Message, RESULT_BYTES, SMALL_BYTES};
use super::{Event, World};
use crate::cluster::spec::BrokerSpec;
use crate::cluster::{ClusterOutput, Listening, RequestIx};
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::planted::{PlantedBug, planted};
use crate::protocol::error::ErrorCode;
use crate::scenario::NetworkSpec;
use crate::values::ids::{ConnId, NodeId};
use crate::values::time::{Span, Time};

/// Between one client and one node of its node list. Its number is that of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathIx(pub(super) u32);

/// One direction of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkIx(u32);

impl PathIx {
    fn up(self) -> LinkIx {
        LinkIx(2 * self.0)
    }

    fn down(self) -> LinkIx {
        LinkIx(2 * self.0 + 1)
    }

    fn conn(self) -> ConnId {
        ConnId(self.0)
    }
}

impl LinkIx {
    pub(super) fn is_upstream(self) -> bool {
        self.0.is_multiple_of(2)
    }

    fn path(self) -> PathIx {
        PathIx(self.0 / 2)
    }

    /// Its place among the links of its path.
    fn direction(self) -> usize {
        (self.0 % 2) as usize
    }
}

#[derive(Debug)]
struct InTransit {
    arrives: Time,
    /// The use of the path that it belongs to.
    opened: u32,
    message: Message,
}

#[derive(Debug, Default)]
struct Link {
    /// Until then earlier messages occupy the wire.
    busy_until: Time,
    last_arrival: Time,
    /// One way to the broker that is at the other end.
    latency: Span,
    queue: VecDeque<InTransit>,
    jitter: Option<Box<Stream>>,
}

#[derive(Debug, Default)]
struct Path {
    client: u32,
    /// As the client names it: bootstrap addresses are negative.
    node: NodeIdOrNone,
    broker: u32,
    /// Counts connections, as the client does.
    opened: u32,
    /// The one that the broker has: it goes on with a former one until it hears of the next.
    opened_at_broker: u32,
    open: bool,
    /// Upstream and downstream.
    links: [Link; 2],
}

/// A node id; 0 before the path is in use.
type NodeIdOrNone = i32;

/// All links of a run.
#[derive(Debug)]
pub(super) struct Links {
    network: NetworkSpec,
    /// By broker.
    distances: Vec<Span>,
    paths: Vec<Path>,
    faults: LinkFaults,
}

impl Link {
    /// When a message that is sent now arrives, unless one before it comes later.
    #[inline]
    fn arrival(&mut self, now: Time, bytes: u64, bits_per_second: u64, network: &NetworkSpec) -> Time {
        let sending = match bits_per_second {
            0 => Span::ZERO,
            rate => Span((u128::from(bytes) * 8_000_000_000 / u128::from(rate)) as u64),
        };
        let jitter = match &mut self.jitter {
            None => Span::ZERO,
            Some(stream) => {
                let spread = u128::from(network.jitter.0) + 1;
                Span(((u128::from(stream.next_u64()) * spread) >> 64) as u64)
            }
        };
        self.busy_until = self.busy_until.max(now) + sending;
        self.busy_until + self.latency + jitter
    }
}

impl Links {
    pub(super) fn new(
        network: &NetworkSpec,
        brokers: &[BrokerSpec],
        paths: usize,
        streams: &Streams,
    ) -> Links {
        let jitter = |link: usize| {
            (network.jitter > Span::ZERO)
                .then(|| Box::new(streams.stream(Purpose::NetworkLatency, link as u32)))
        };
        let link = |link| Link { jitter: jitter(link), ..Link::default() };
        let path = |path| Path { links: [link(2 * path), link(2 * path + 1)], ..Path::default() };
        Links {
            network: network.clone(),
            distances: brokers.iter().map(|broker| broker.distance).collect(),
            paths: (0..paths).map(path).collect(),
            faults: LinkFaults::default(),
        }
    }

    /// Connections get worse.
    pub(super) fn worsen(&mut self, fault: LinkFault) {
        self.faults.add(fault);
    }

    /// They are as they were.
    pub(super) fn restore(&mut self, number: u32) {
        self.faults.remove(number);
    }

    /// Messages that a fault has touched.
    pub(super) fn touched(&self, number: u32) -> u64 {
        self.faults.touched(number)
    }
}

impl World {
    fn send(&mut self, now: Time, link: LinkIx, bytes: u64, message: Message) {
        let Links { network, faults, paths, .. } = &mut self.links;
        let path = &mut paths[link.path().0 as usize];
        let state = &mut path.links[link.direction()];
        let usual = network.bits_per_second;
        let arrives = if faults.is_empty() {
            state.arrival(now, bytes, usual, network)
        } else {
            // Each message is late by itself, not by what it was behind one that is late.
            let rate = faults.bandwidth(usual, path.broker);
            let own = state.arrival(now, bytes, rate, network);
            faults.arrival(own, path.broker, link.is_upstream())
        };
        state.last_arrival = state.last_arrival.max(arrives);
        let arrives = state.last_arrival;
        let opened = if link.is_upstream() { path.opened } else { path.opened_at_broker };
        state.queue.push_back(InTransit { arrives, opened, message });
        if state.queue.len() == 1 {
            self.events.push(arrives, Event::Arrival(link));
        }
    }

    /// The oldest message of a link, if its connection is still the same.
    #[inline(always)]
    fn receive(&mut self, link: LinkIx) -> Option<Message> {
        let path = &mut self.links.paths[link.path().0 as usize];
        let queue = &mut path.links[link.direction()].queue;
        let oldest = queue.pop_front()?;
        if let Some(next) = queue.front() {
            self.events.push(next.arrives, Event::Arrival(link));
        }
        // The other end still gets what was sent before a close.
        let same = path.opened == oldest.opened && (path.open || link.is_upstream());
        let is_mistaken = planted(PlantedBug::AnswerOnNewConnection) && path.open && !link.is_upstream();
        if !same && !is_mistaken {
            self.forget(oldest.message);
            return None;
        }
        Some(oldest.message)
    }

    #[cold]
    fn forget(&mut self, message: Message) {
        match message {
            Message::Request(request) => self.cluster.forget(request),
            Message::Produced { response, .. } => self.cluster.release(response),
            Message::Close | Message::Metadata(_) | Message::ProducerId(_) | Message::Closed => {}
        }
    }

    /// A client starts to connect.
    pub(super) fn connect(&mut self, now: Time, path: PathIx, client: u32, node: NodeId, broker: u32) {
        let state = &mut self.links.paths[path.0 as usize];
        (state.client, state.node, state.broker) = (client, node.0, broker);
        let latency = self.links.network.latency + self.links.distances[broker as usize];
        state.links.iter_mut().for_each(|link| link.latency = latency);
        state.opened += 1;
        state.open = true;
        self.events.push(now + self.links.network.connect, Event::ConnectEnds(path, state.opened));
    }

    /// The connection is up, or refused. Gives the client that hears of it.
    pub(super) fn connect_ends(
        &mut self,
        now: Time,
        path: PathIx,
        opened: u32,
        clients: &mut [Client],
    ) -> Option<u32> {
        let state = &mut self.links.paths[path.0 as usize];
        if !state.open || state.opened != opened {
            return None;
        }
        if let Some(until) = self.links.faults.blocks_until(now, state.broker) {
            self.events.push(until, Event::ConnectEnds(path, opened));
            return None;
        }
        let producer = &mut clients[state.client as usize].producer;
        match self.cluster.connect(now, path.conn(), state.client, NodeId(state.broker as i32 + 1)) {
            Listening::Yes => {
                state.opened_at_broker = opened;
                producer.connected(NodeId(state.node));
            }
            Listening::No => {
                state.open = false;
                producer.disconnected(NodeId(state.node));
            }
            Listening::Later(until) => {
                self.events.push(until, Event::ConnectEnds(path, opened));
                return None;
            }
        }
        Some(state.client)
    }

    /// The client closes a connection; what it has sent still arrives.
    pub(super) fn close(&mut self, now: Time, path: PathIx) {
        if std::mem::take(&mut self.links.paths[path.0 as usize].open) {
            self.send(now, path.up(), SMALL_BYTES, Message::Close);
        }
    }

    pub(super) fn send_request(&mut self, now: Time, path: PathIx, bytes: u64, request: RequestIx) {
        self.send(now, path.up(), bytes, Message::Request(request));
    }

    pub(super) fn arrive_at_broker(&mut self, now: Time, link: LinkIx) {
        let conn = link.path().conn();
        match self.receive(link) {
            Some(Message::Request(request)) => {
                if let Some(diary) = self.facts.diary() {
                    diary.arrived(now, self.cluster.token(request));
                }
                self.cluster.arrive(now, conn, request);
            }
            Some(Message::Close) => self.cluster.disconnect(conn),
            Some(_) | None => {}
        }
    }

    /// What has happened inside the cluster.
    #[inline]
    pub(super) fn note_cluster(&mut self, now: Time) {
        if let Some(observers) = &mut self.facts.observers {
            observers.cluster_moved(now, &mut self.cluster);
        }
    }

    pub(super) fn send_to_client(&mut self, now: Time, output: ClusterOutput) {
        let (conn, bytes, message) = match output {
            ClusterOutput::Produced { conn, token, response, throttle_ms } => {
                if let Some(diary) = self.facts.diary() {
                    diary.answered(now, token);
                }
                let results = self.cluster.results(response).len() as u64;
                (
                    conn,
                    SMALL_BYTES + RESULT_BYTES * results,
                    Message::Produced { token: token as u32, response, throttle_ms },
                )
            }
            ClusterOutput::Metadata { conn, response, .. } => {
                let partitions: usize = response.topics.iter().map(|topic| topic.partitions.len()).sum();
                (conn, SMALL_BYTES + RESULT_BYTES * partitions as u64, Message::Metadata(response))
            }
            ClusterOutput::InitProducerId { conn, producer_id, .. } => {
                (conn, SMALL_BYTES, Message::ProducerId(producer_id))
            }
            ClusterOutput::Disconnected { conn } => (conn, SMALL_BYTES, Message::Closed),
        };
        self.send(now, PathIx(conn.0).down(), bytes, message);
    }

    /// Gives the client that has to look.
    pub(super) fn arrive_at_client(
        &mut self,
        now: Time,
        link: LinkIx,
        clients: &mut [Client],
    ) -> Option<u32> {
        let message = self.receive(link)?;
        let path = &mut self.links.paths[link.path().0 as usize];
        let (client, node) = (path.client, NodeId(path.node));
        let producer = &mut clients[client as usize].producer;
        match message {
            Message::Produced { token, response, throttle_ms } => {
                if let Some(diary) = self.facts.diary() {
                    diary.responded(now, token);
                }
                let throttle_ms = i64::try_from(throttle_ms).unwrap_or(i64::MAX);
                producer.produced(node, self.cluster.results(response), &[], throttle_ms);
                self.cluster.release(response);
            }
            Message::Metadata(response) => producer.metadata_arrived(node, response),
            Message::ProducerId(id) => producer.producer_id_arrived(node, id, 0, ErrorCode::None),
            Message::Closed => {
                path.open = false;
                producer.disconnected(node);
            }
            Message::Request(_) | Message::Close => {}
        }
        Some(client)
    }
}
