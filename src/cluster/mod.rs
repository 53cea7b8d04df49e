//! Floor 4: the simulated cluster, one state machine: brokers that serve requests, partitions with leader and
//! followers, replication, and a controller that moves leaders (section 11 of the rules, NETB, REP, CTL).
//!
//! Inputs are requests at the time they reach a broker; outputs are answers at the time they leave it. Logs are
//! offsets: what memory a cluster takes does not depend on how long it runs.

mod broker;
mod controller;
mod log;
mod partition;
mod produce;
mod purgatory;
mod replication;
mod requests;
mod responses;
mod sequences;
pub mod spec;

pub use controller::host;
pub use responses::ResponseId;

use self::broker::{Broker, Connection, Taken};
use self::partition::{Partition, PartitionIx};
use self::purgatory::Purgatory;
use self::replication::Fetchers;
use self::requests::{Request, RequestIx, RequestKind, Requests};
use self::responses::Responses;
use self::spec::{ClusterSpec, FaultKind, ReplicationSpec, TopicSpec};
use crate::engine::queue::EventQueue;
use crate::protocol::message::{Acks, BatchResult, MetadataResponse, ProduceBatch};
use crate::values::ids::{ConnId, NodeId, TopicId, TopicPartition};
use crate::values::time::Time;

/// What the cluster sends to its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterOutput {
    /// A produce response: one result per batch of the request, in its order.
    Produced {
        /// The connection.
        conn: ConnId,
        /// The mark that the request came with.
        token: u64,
        /// Where the results are, until [`Cluster::release`].
        response: ResponseId,
    },
    /// A metadata response.
    Metadata {
        /// The connection.
        conn: ConnId,
        /// The mark that the request came with.
        token: u64,
        /// The response.
        response: Box<MetadataResponse>,
    },
    /// An InitProducerId response.
    InitProducerId {
        /// The connection.
        conn: ConnId,
        /// The mark that the request came with.
        token: u64,
        /// A new producer id; its epoch is 0.
        producer_id: i64,
    },
    /// The broker has closed the connection, or died.
    Disconnected {
        /// The connection.
        conn: ConnId,
    },
}

/// Something that happens inside the cluster at a set time.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A handler thread has finished with a request.
    Served(Taken),
    /// A follower has written what its fetch brought.
    FollowerAppended { leader: u32, follower: u32, round: u32 },
    /// A follower's next fetch reaches the leader.
    FetchArrived { leader: u32, follower: u32, round: u32 },
    /// A leader looks for followers that have fallen behind.
    IsrCheck { broker: u32 },
    /// A planned fault.
    Fault(FaultKind),
    /// The controller has noticed that a broker is gone; everybody knows.
    Fenced { broker: u32, life: u32 },
    /// The controller lets a restarted broker take part; everybody knows.
    Unfenced { broker: u32, life: u32 },
}

/// The first producer id that is given out.
const FIRST_PRODUCER_ID: i64 = 1000;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    replication: ReplicationSpec,
    topics: Vec<TopicSpec>,
    /// By topic: index of its first partition.
    first_partition: Vec<u32>,
    brokers: Vec<Broker>,
    partitions: Vec<Partition>,
    connections: Vec<Connection>,
    requests: Requests,
    responses: Responses,
    purgatory: Purgatory,
    fetchers: Fetchers,
    events: EventQueue<Event>,
    next_producer_id: i64,
    /// Outputs of the poll under way.
    outbox: Vec<ClusterOutput>,
}

impl Cluster {
    /// A cluster at [`Time::START`]: all brokers up, every preferred replica leads, every replica in sync.
    pub fn new(spec: &ClusterSpec) -> Cluster {
        let mut events = EventQueue::new();
        for fault in &spec.faults {
            events.push(fault.at, Event::Fault(fault.kind));
        }
        let mut first_partition = Vec::new();
        let mut partitions = Vec::new();
        for topic in &spec.topics {
            first_partition.push(partitions.len() as u32);
            for replicas in &topic.assignment {
                let replicas = replicas.iter().map(|node| broker_index(*node)).collect();
                partitions.push(Partition::new(replicas, topic));
            }
        }
        Cluster {
            replication: spec.replication.clone(),
            topics: spec.topics.clone(),
            first_partition,
            brokers: spec.brokers.iter().map(Broker::new).collect(),
            fetchers: Fetchers::new(spec.brokers.len(), &partitions),
            partitions,
            connections: Vec::new(),
            requests: Requests::default(),
            responses: Responses::default(),
            purgatory: Purgatory::default(),
            events,
            next_producer_id: FIRST_PRODUCER_ID,
            outbox: Vec::new(),
        }
    }

    /// A client connects. False: nobody listens there.
    pub fn connect(&mut self, conn: ConnId, node: NodeId) -> bool {
        let broker = broker_index(node);
        if !self.brokers.get(broker as usize).is_some_and(|broker| broker.up) {
            return false;
        }
        self.open_connection(conn, broker);
        true
    }

    /// The client has closed a connection. What a handler is busy with is finished, the rest is dropped.
    pub fn disconnect(&mut self, conn: ConnId) {
        self.close_connection(conn);
    }

    /// A produce request arrives.
    pub fn produce(
        &mut self,
        now: Time,
        conn: ConnId,
        token: u64,
        acks: Acks,
        timeout_ms: i64,
        batches: &[ProduceBatch],
    ) {
        let request = self.requests.open(token, RequestKind::Produce { acks, timeout_ms });
        self.requests[request].batches.extend_from_slice(batches);
        self.arrive(now, conn, request);
    }

    /// A metadata request for these topics arrives.
    pub fn metadata(&mut self, now: Time, conn: ConnId, token: u64, topics: &[TopicId]) {
        let request = self.requests.open(token, RequestKind::Metadata);
        self.requests[request].topics.extend_from_slice(topics);
        self.arrive(now, conn, request);
    }

    /// An InitProducerId request arrives.
    pub fn init_producer_id(&mut self, now: Time, conn: ConnId, token: u64) {
        let request = self.requests.open(token, RequestKind::InitProducerId);
        self.arrive(now, conn, request);
    }

    /// When the cluster has something to do.
    #[inline]
    pub fn next_poll(&self) -> Time {
        self.events.peek_time().min(self.purgatory.next_deadline())
    }

    /// Does everything that is due by `now`, appends the answers to `out`, and gives [`Cluster::next_poll`].
    pub fn poll(&mut self, now: Time, out: &mut Vec<ClusterOutput>) -> Time {
        while self.next_poll() <= now {
            if self.purgatory.next_deadline() < self.events.peek_time() {
                self.expire_delayed(self.purgatory.next_deadline());
            } else if let Some((at, event)) = self.events.pop() {
                self.happen(at, event);
            }
        }
        out.append(&mut self.outbox);
        self.next_poll()
    }

    fn happen(&mut self, now: Time, event: Event) {
        match event {
            Event::Served(taken) => self.served(now, taken),
            Event::FollowerAppended { leader, follower, round } => {
                self.follower_appended(now, leader, follower, round);
            }
            Event::FetchArrived { leader, follower, round } => {
                self.fetch_arrived(now, leader, follower, round)
            }
            Event::IsrCheck { broker } => self.check_isr(now, broker),
            Event::Fault(FaultKind::Crash(node)) => self.crash(now, broker_index(node)),
            Event::Fault(FaultKind::Restart(node)) => self.restart(now, broker_index(node)),
            Event::Fenced { broker, life } => self.fenced(now, broker, life),
            Event::Unfenced { broker, life } => self.unfenced(now, broker, life),
        }
    }

    /// The results of a produce response.
    pub fn results(&self, response: ResponseId) -> &[BatchResult] {
        self.responses.results(response)
    }

    /// The results are no longer needed; every response is released once.
    pub fn release(&mut self, response: ResponseId) {
        self.responses.release(response);
    }

    /// Offset behind the last record at the leader (or where there is none, at the last one).
    pub fn log_end(&self, tp: TopicPartition) -> u64 {
        self.partition(tp).map_or(0, |partition| self.partitions[partition.index()].leader_log().end)
    }

    /// Offset below which every in-sync replica has everything.
    pub fn high_watermark(&self, tp: TopicPartition) -> u64 {
        self.partition(tp).map_or(0, |partition| self.partitions[partition.index()].high_watermark)
    }

    /// The leader, if there is one.
    pub fn leader(&self, tp: TopicPartition) -> Option<NodeId> {
        let partition = &self.partitions[self.partition(tp)?.index()];
        partition.leader.map(|leader| self.brokers[leader as usize].node)
    }

    /// In-sync replicas, ascending.
    pub fn isr(&self, tp: TopicPartition) -> Vec<NodeId> {
        let Some(partition) = self.partition(tp) else { return Vec::new() };
        let partition = &self.partitions[partition.index()];
        let mut isr: Vec<NodeId> = partition.isr().map(|broker| self.brokers[broker as usize].node).collect();
        isr.sort_unstable();
        isr
    }

    fn partition(&self, tp: TopicPartition) -> Option<PartitionIx> {
        let topic = self.topics.get(tp.topic.index())?;
        ((tp.partition as usize) < topic.assignment.len())
            .then(|| PartitionIx(self.first_partition[tp.topic.index()] + tp.partition))
    }

    fn request(&self, request: RequestIx) -> &Request {
        &self.requests[request]
    }
}

/// Brokers are numbered from 1; bootstrap addresses -1, -2, … are the same brokers.
fn broker_index(node: NodeId) -> u32 {
    node.0.unsigned_abs().saturating_sub(1)
}
