//! Connections between the client and the brokers, and what is on its way on them.

use std::collections::BTreeMap;

use super::cluster::{Cluster, Produced};
use super::fault::Fate;
use super::happening::Happening;
use super::script::Script;
use crate::producer::Producer;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Acks, MetadataResponse, ProduceBatch};
use crate::values::ids::{NodeId, TopicId};
use crate::values::time::{Span, Time};

/// The world outside the client.
#[derive(Debug)]
pub(super) struct Network<'s> {
    script: &'s Script,
    /// The brokers.
    pub(super) cluster: Cluster<'s>,
    /// Connections that are up or being made, the oldest first.
    connections: Vec<Connection>,
    connections_made: u64,
    /// What is due, in order of time and then of cause.
    due: BTreeMap<(Time, u64), Due<'s>>,
    causes: u64,
    /// Produce requests written so far.
    pub(super) produce_requests: u64,
}

#[derive(Debug)]
struct Connection {
    serial: u64,
    /// The client's name of the node.
    node: NodeId,
    broker: NodeId,
    /// When the last answer so far becomes available.
    last_answer: Time,
    /// Nothing more is read from it.
    stuck: bool,
}

#[derive(Debug)]
enum Due<'s> {
    Happening(&'s Happening),
    ConnectResult { serial: u64, refused: bool },
    Answer { serial: u64, answer: Answer },
}

#[derive(Debug)]
enum Answer {
    Metadata(Box<MetadataResponse>),
    ProducerId(Result<i64, ErrorCode>),
    Produced(Produced),
}

impl<'s> Network<'s> {
    /// The world at the start; `idempotent`: what the producer is.
    pub(super) fn new(script: &'s Script, idempotent: bool) -> Network<'s> {
        let mut network = Network {
            script,
            cluster: Cluster::new(script, idempotent),
            connections: Vec::new(),
            connections_made: 0,
            due: BTreeMap::new(),
            causes: 0,
            produce_requests: 0,
        };
        for event in &script.events {
            network.schedule(event.at, Due::Happening(&event.happening));
        }
        network
    }

    fn schedule(&mut self, at: Time, due: Due<'s>) {
        self.due.insert((at, self.causes), due);
        self.causes += 1;
    }

    /// When something happens next.
    pub(super) fn next(&self) -> Time {
        self.due.first_key_value().map_or(Time::NEVER, |((at, _), _)| *at)
    }

    /// Lets everything happen that is due; whether there was anything.
    pub(super) fn happen(&mut self, now: Time, producer: &mut Producer) -> bool {
        let mut any = false;
        while let Some(first) = self.due.first_entry() {
            if first.key().0 > now {
                break;
            }
            any = true;
            match first.remove() {
                Due::Happening(happening) => {
                    self.cluster.happen(happening);
                    if let Happening::Disconnect { node, .. } = happening {
                        self.break_connections(*node, producer);
                    }
                }
                Due::ConnectResult { serial, refused } => self.connect_result(serial, refused, producer),
                Due::Answer { serial, answer } => self.deliver(serial, answer, producer),
            }
        }
        any
    }

    fn connect_result(&mut self, serial: u64, refused: bool, producer: &mut Producer) {
        let Some(at) = self.place(serial) else { return };
        if refused {
            producer.disconnected(self.connections.remove(at).node);
        } else {
            producer.connected(self.connections[at].node);
        }
    }

    fn deliver(&mut self, serial: u64, answer: Answer, producer: &mut Producer) {
        let Some(at) = self.place(serial) else { return };
        let node = self.connections[at].node;
        match answer {
            Answer::Metadata(response) => producer.metadata_arrived(node, response),
            Answer::ProducerId(Ok(id)) => producer.producer_id_arrived(node, id, 0, ErrorCode::None),
            Answer::ProducerId(Err(error)) => producer.producer_id_arrived(node, -1, -1, error),
            Answer::Produced(Produced { results, record_errors }) => {
                producer.produced(node, &results, &record_errors, 0);
            }
        }
    }

    fn place(&self, serial: u64) -> Option<usize> {
        self.connections.iter().position(|connection| connection.serial == serial)
    }

    fn connection(&mut self, node: NodeId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.node == node)
    }

    /// All connections to a broker break; answers that are not available yet are lost.
    fn break_connections(&mut self, broker: NodeId, producer: &mut Producer) {
        self.connections.retain(|connection| {
            if connection.broker == broker {
                producer.disconnected(connection.node);
            }
            connection.broker != broker
        });
    }

    /// The client begins to connect.
    pub(super) fn connect(&mut self, node: NodeId, now: Time) {
        let broker = self.script.broker(node);
        let serial = self.connections_made;
        self.connections_made += 1;
        self.close(node);
        self.connections.push(Connection { serial, node, broker, last_answer: Time::START, stuck: false });
        let refused = self.cluster.refuses_connections(broker, now);
        self.schedule(now + self.script.latency.connect, Due::ConnectResult { serial, refused });
    }

    /// The client closes a connection.
    pub(super) fn close(&mut self, node: NodeId) {
        self.connections.retain(|connection| connection.node != node);
    }

    /// Whether a request can be written; otherwise the client has not noticed yet that the connection is gone.
    pub(super) fn is_open(&self, node: NodeId) -> bool {
        self.connections.iter().any(|connection| connection.node == node)
    }

    /// The client has written a metadata request.
    pub(super) fn metadata_request(&mut self, node: NodeId, topics: &[TopicId], now: Time) {
        if !self.is_stuck(node) {
            let answer = Answer::Metadata(Box::new(self.cluster.metadata(topics)));
            self.answer(node, now, self.script.latency.metadata, answer);
        }
    }

    /// The client has written an InitProducerId request.
    pub(super) fn init_producer_id_request(&mut self, node: NodeId, now: Time) {
        if !self.is_stuck(node) {
            let answer = Answer::ProducerId(self.cluster.init_producer_id());
            self.answer(node, now, self.script.latency.init_pid, answer);
        }
    }

    /// The client has written a produce request.
    pub(super) fn produce_request(
        &mut self,
        node: NodeId,
        acks: Acks,
        batches: &[ProduceBatch],
        now: Time,
        producer: &mut Producer,
    ) {
        self.produce_requests += 1;
        let ordinal = self.produce_requests;
        if self.is_stuck(node) {
            return;
        }
        let fault = self.script.faults.iter().rev().find(|fault| fault.is_about(ordinal));
        let broker = self.script.broker(node);
        match fault.map_or(Fate::Answered, |fault| fault.fate) {
            Fate::Lost => self.stick(node),
            Fate::Dropped => {
                self.cluster.produce(broker, batches, fault);
                self.stick(node);
            }
            Fate::Disconnects => {
                self.cluster.produce(broker, batches, fault);
                self.break_connections(broker, producer);
            }
            Fate::Answered => {
                let produced = self.cluster.produce(broker, batches, fault);
                if acks != Acks::None {
                    let latency = self.script.latency.produce(ordinal, broker);
                    self.answer(node, now, latency, Answer::Produced(produced));
                }
            }
        }
    }

    fn is_stuck(&mut self, node: NodeId) -> bool {
        self.connection(node).is_none_or(|connection| connection.stuck)
    }

    fn stick(&mut self, node: NodeId) {
        if let Some(connection) = self.connection(node) {
            connection.stuck = true;
        }
    }

    /// Answers on one connection never overtake each other.
    fn answer(&mut self, node: NodeId, now: Time, latency: Span, answer: Answer) {
        let Some(connection) = self.connection(node) else { return };
        let at = connection.last_answer.max(now + latency);
        connection.last_answer = at;
        let serial = connection.serial;
        self.schedule(at, Due::Answer { serial, answer });
    }
}
