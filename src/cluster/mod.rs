//! Floor 4: the simulated cluster, one state machine: brokers that serve requests, partitions with leader and
//! followers, replication, and a controller that moves leaders (section 11 of the rules, NETB, REP, CTL).
//!
//! Inputs are requests at the time they reach a broker; outputs are answers at the time they leave it. Logs are
//! offsets: what memory a cluster takes does not depend on how long it runs.

mod answers;
mod broker;
mod connections;
mod controller;
mod counters;
mod durability;
mod elections;
mod fetcher;
mod injections;
mod isr;
mod leadership;
mod lifecycle;
mod log;
mod marks;
mod metadata;
mod network_threads;
mod partition;
mod produce;
mod purgatory;
mod quota;
mod reassignment;
mod recorded;
mod replica;
mod replication;
mod requests;
mod responses;
mod segments;
mod sequences;
pub mod spec;
mod watching;

pub use counters::Counters;
pub use injections::{CERTAIN_PPM, Injected, Injection};
pub use lifecycle::CutOff;
pub use metadata::host;
pub use recorded::RecordedResponses;
pub use requests::RequestIx;
pub use responses::ResponseId;
pub use watching::{Place, ReplicaStanding, Served, Standing, Stored};

use self::broker::{Broker, Taken};
use self::connections::{ConnectionIx, Connections};
use self::controller::Controller;
use self::injections::Injections;
use self::marks::Marks;
use self::partition::{Partition, PartitionIx};
use self::purgatory::Purgatory;
use self::quota::Quotas;
use self::replication::{Fetchers, Round};
use self::requests::Requests;
use self::responses::Responses;
use self::spec::{ClusterSpec, LogSpec, ReplicationSpec, TopicSpec};
use crate::audit::Auditor;
use crate::engine::queue::EventQueue;
use crate::engine::rng::Streams;
use crate::protocol::message::{BatchResult, MetadataResponse};
use crate::values::ids::{ConnId, NodeId, TopicPartition};
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
        /// For so long the client is to send nothing more to this broker.
        throttle_ms: u64,
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
    /// A network thread has read a request.
    Read { connection: ConnectionIx, used: u32 },
    /// It has written an answer.
    Written { connection: ConnectionIx, used: u32 },
    /// A follower has written what its fetch brought.
    FollowerAppended(Round),
    /// A follower's next fetch reaches the leader.
    FetchArrived(Round),
    /// A leader looks for followers that have fallen behind.
    IsrCheck { broker: u32 },
    /// A follower whose fetch was turned away tries again, if it still knows what it knew.
    FetchAgain { ix: PartitionIx, follower: u32, heard: u32, life: u32 },
    /// Nothing has been heard of a broker for the length of a session.
    SessionEnded { broker: u32, contact: u32 },
    /// A fenced broker that is alive wants to take part again.
    Rejoin { broker: u32, contact: u32 },
    /// A broker has started, and registers.
    Register { broker: u32, life: u32 },
    /// The controller's decision reaches a broker.
    Heard { broker: u32, decision: u32, life: u32 },
    /// A broker that is to be shut down asks the controller to move what it leads.
    AsksToLeave { broker: u32, life: u32 },
    /// Its process ends.
    ShutDown { broker: u32, life: u32 },
    /// A throttled connection is served again.
    ThrottleEnds { connection: ConnectionIx, used: u32 },
    /// What a broker was held up by may be over.
    GoesOn { broker: u32 },
    /// A controller has taken over.
    ControllerActive,
    /// A broker looks for old segments.
    RetentionCheck { broker: u32 },
    /// The controller looks for partitions that their preferred replica does not lead.
    Rebalance,
}

/// The first producer id that is given out.
const FIRST_PRODUCER_ID: i64 = 1000;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    now: Time,
    replication: ReplicationSpec,
    logs: LogSpec,
    controller: Controller,
    /// No broker is held up from this time on.
    holds_until: Time,
    /// Number of the operating systems' next write to disk, and its time.
    next_flush: u64,
    next_flush_at: Time,
    topics: Vec<TopicSpec>,
    /// By topic: index of its first partition.
    first_partition: Vec<u32>,
    brokers: Vec<Broker>,
    partitions: Vec<Partition>,
    connections: Connections,
    requests: Requests,
    responses: Responses,
    purgatory: Purgatory,
    fetchers: Fetchers,
    events: EventQueue<Event>,
    next_producer_id: i64,
    counters: Counters,
    injections: Injections,
    marks: Marks,
    quotas: Quotas,
    auditor: Auditor,
    /// No fault takes back what is below a high watermark: elections are clean, and logs survive their broker.
    commits_are_final: bool,
    /// What a leader without followers appends stays: besides, it will never get any.
    appends_are_final: bool,
    /// Outputs of the current poll; the list changes places with the caller's.
    outbox: Vec<ClusterOutput>,
    /// What has become of batches, if somebody asks for it.
    served: Option<Vec<Served>>,
}

impl Cluster {
    /// A cluster at [`Time::START`]: all brokers up, every preferred replica leads, every replica in sync.
    pub fn new(spec: &ClusterSpec, streams: &Streams) -> Cluster {
        let commits_are_final = !spec.logs_can_be_lost && !spec.controller.unclean_elections;
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
            now: Time::START,
            replication: spec.replication.clone(),
            logs: spec.logs.clone(),
            controller: Controller::new(&spec.controller, streams),
            holds_until: Time::START,
            next_flush: 1,
            next_flush_at: Time::START + spec.replication.os_flush_interval,
            topics: spec.topics.clone(),
            first_partition,
            brokers: spec.brokers.iter().map(|broker| Broker::new(broker, spec, streams)).collect(),
            fetchers: Fetchers::new(spec, &partitions),
            purgatory: Purgatory::new(partitions.len()),
            auditor: Auditor::new(partitions.len()),
            commits_are_final,
            appends_are_final: commits_are_final && !spec.reassigns,
            partitions,
            connections: Connections::default(),
            requests: Requests::default(),
            responses: Responses::default(),
            events: EventQueue::new(),
            counters: Counters::default(),
            injections: Injections::default(),
            marks: Marks::default(),
            quotas: Quotas::new(spec.quotas, spec.brokers.len()),
            next_producer_id: FIRST_PRODUCER_ID,
            outbox: Vec::new(),
            served: None,
        }
    }

    /// Client number `client` connects.
    pub fn connect(&mut self, now: Time, conn: ConnId, client: u32, node: NodeId) -> Listening {
        let index = broker_index(node);
        let Some(broker) = self.brokers.get(index as usize).filter(|broker| broker.is_up()) else {
            self.marks.refused(index);
            return Listening::No;
        };
        if broker.is_stalled(now) {
            let until = broker.stalled_until;
            self.marks.concerning(|watched| watched == index);
            return Listening::Later(until);
        }
        let thread = self.brokers[index as usize].network.assign();
        self.connections.open(conn, client, index, thread);
        Listening::Yes
    }

    /// The client has closed a connection. What it sent before is still served, in order, until a second answer has gone
    /// nowhere.
    pub fn disconnect(&mut self, conn: ConnId) {
        self.connections.abandon(conn);
    }

    /// When the cluster has something to do.
    #[inline]
    pub fn next_poll(&self) -> Time {
        self.events.peek_time().min(self.purgatory.next_deadline())
    }

    /// Does everything that is due by `now`, appends the answers to `out`, and gives [`Cluster::next_poll`].
    ///
    /// Answers leave at `now`: a driver polls at every time that it is given, and before it hands over a request of a
    /// later time.
    pub fn poll(&mut self, now: Time, out: &mut Vec<ClusterOutput>) -> Time {
        // In it are connections that faults have broken since the last poll.
        loop {
            let (deadline, next_event) = (self.purgatory.next_deadline(), self.events.peek_time());
            let due = deadline.min(next_event);
            if due > now || due == Time::NEVER {
                break;
            }
            if deadline <= next_event {
                self.expire_delayed(deadline);
            } else if let Some((at, event)) = self.events.pop() {
                if at < self.holds_until
                    && let Some(until) = self.held_up_until(at, &event)
                {
                    self.note_wait(&event);
                    self.events.push(until, event);
                } else {
                    self.happen(at, event);
                }
            }
        }
        match out.is_empty() {
            true => std::mem::swap(out, &mut self.outbox),
            false => out.append(&mut self.outbox),
        }
        self.next_poll()
    }

    #[inline]
    fn happen(&mut self, now: Time, event: Event) {
        self.now = now;
        match event {
            Event::Served(taken) => self.served(now, taken),
            Event::Read { connection, used } => self.read_ended(now, connection, used),
            Event::Written { connection, used } => self.written(now, connection, used),
            Event::FollowerAppended(round) => self.follower_appended(now, round),
            Event::FetchArrived(round) => self.fetch_arrived(now, round),
            Event::IsrCheck { broker } => self.check_isr(now, broker),
            Event::FetchAgain { ix, follower, heard, life } => {
                self.fetch_again(now, ix, follower, heard, life);
            }
            Event::SessionEnded { broker, contact } => self.session_ended(now, broker, contact),
            Event::Rejoin { broker, contact } => self.rejoin(now, broker, contact),
            Event::Register { broker, life } => self.register(now, broker, life),
            Event::Heard { broker, decision, life } => self.heard(now, broker, decision, life),
            Event::AsksToLeave { broker, life } => self.ask_to_leave(now, broker, life),
            Event::ShutDown { broker, life } => self.shut_down_ended(now, broker, life),
            Event::ThrottleEnds { connection, used } => self.throttle_ends(now, connection, used),
            Event::GoesOn { broker } => self.goes_on(now, broker),
            Event::ControllerActive => self.controller_active(now),
            Event::RetentionCheck { broker } => self.check_retention(now, broker),
            Event::Rebalance => self.rebalance(now),
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

    /// Offset behind the last record at the elected leader; without one, at the replica that may lead next.
    pub fn log_end(&self, tp: TopicPartition) -> u64 {
        self.partition(tp).map_or(0, |partition| self.partitions[partition.index()].final_log().end)
    }

    /// Offset of the oldest record that has not been deleted for its age or the log's size.
    pub fn log_start(&self, tp: TopicPartition) -> u64 {
        self.partition(tp).map_or(0, |partition| self.partitions[partition.index()].segments.log_start)
    }

    /// Offset below which every in-sync replica has everything.
    pub fn high_watermark(&self, tp: TopicPartition) -> u64 {
        self.partition(tp).map_or(0, |partition| self.partitions[partition.index()].high_watermark)
    }

    /// The leader that the controller has elected last, if there is one.
    pub fn leader(&self, tp: TopicPartition) -> Option<NodeId> {
        let partition = &self.partitions[self.partition(tp)?.index()];
        partition.elections.newest().leader.map(|leader| self.brokers[leader as usize].node)
    }

    /// The first replica in the order of the assignment that does not lead.
    pub fn first_follower(&self, tp: TopicPartition) -> Option<NodeId> {
        let partition = &self.partitions[self.partition(tp)?.index()];
        let leader = partition.elections.newest().leader;
        let follower = partition.replicas.iter().find(|replica| Some(replica.broker) != leader)?;
        Some(self.brokers[follower.broker as usize].node)
    }

    /// The broker that is the active controller, if it is one.
    pub fn controller(&self) -> Option<NodeId> {
        self.controller.broker.map(|broker| self.brokers[broker as usize].node)
    }

    /// What has happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// In-sync replicas as the controller has them, ascending.
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
}

/// Whether a broker takes connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// The connection is open.
    Yes,
    /// Nobody is there.
    No,
    /// The process stands still until then.
    Later(Time),
}

/// Brokers are numbered from 1; bootstrap addresses -1, -2, … are the same brokers.
fn broker_index(node: NodeId) -> u32 {
    node.0.unsigned_abs().saturating_sub(1)
}
