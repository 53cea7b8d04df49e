//! What the brokers know and answer: topics, leaders, logs.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::happening::Happening;
use super::log::PartitionLog;
use super::script::{Script, TopicSpec};
use crate::config::producer::ClientVersion;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{
    BatchResult, LeaderHint, MetadataResponse, PartitionMetadata, ProduceBatch, TopicMetadata,
};
use crate::values::ids::{NodeId, TopicId, TopicPartition};
use crate::values::time::Time;

/// The first producer id that is given out.
const FIRST_PRODUCER_ID: i64 = 1_000;

/// All brokers.
#[derive(Debug)]
pub(super) struct Cluster<'s> {
    script: &'s Script,
    checks_sequences: bool,
    leader_hints: bool,
    /// By topic id; `None` until it is there.
    topics: Vec<Option<Topic>>,
    unreachable_until: BTreeMap<NodeId, Time>,
    init_pid_requests: usize,
    next_producer_id: i64,
}

#[derive(Debug)]
struct Topic {
    partitions: Vec<Partition>,
    max_message_bytes: Option<u32>,
}

#[derive(Debug)]
struct Partition {
    leader: Option<NodeId>,
    leader_epoch: i32,
    log: PartitionLog,
}

impl Partition {
    fn new(leader: Option<NodeId>) -> Partition {
        Partition { leader, leader_epoch: 0, log: PartitionLog::default() }
    }
}

/// The answer to a produce request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Produced {
    /// One result per batch.
    pub(super) results: Vec<BatchResult>,
    /// Pairs (batch, record) of rejected records.
    pub(super) record_errors: Vec<(u32, u32)>,
}

impl<'s> Cluster<'s> {
    /// The cluster at the start of the script; `idempotent`: what the producer is.
    pub(super) fn new(script: &'s Script, idempotent: bool) -> Cluster<'s> {
        let mut cluster = Cluster {
            script,
            checks_sequences: script.broker_checks_sequences.unwrap_or(idempotent),
            leader_hints: script.leader_hints
                && matches!(script.version, ClientVersion::V4_3 | ClientVersion::V3_9),
            topics: script.topic_names.all().iter().map(|_| None).collect(),
            unreachable_until: BTreeMap::new(),
            init_pid_requests: 0,
            next_producer_id: FIRST_PRODUCER_ID,
        };
        for spec in &script.topics {
            cluster.add_topic(spec);
        }
        cluster
    }

    fn add_topic(&mut self, spec: &TopicSpec) {
        self.topics[spec.topic.index()].get_or_insert_with(|| Topic {
            partitions: spec.leaders.iter().map(|&leader| Partition::new(leader)).collect(),
            max_message_bytes: spec.max_message_bytes,
        });
    }

    fn partition(&mut self, tp: TopicPartition) -> Option<&mut Partition> {
        self.topics[tp.topic.index()].as_mut()?.partitions.get_mut(tp.partition as usize)
    }

    /// Lets a scripted event change what the brokers know. Connections are not touched.
    pub(super) fn happen(&mut self, happening: &Happening) {
        match happening {
            Happening::SetLeader { tp, leader } => {
                if let Some(partition) = self.partition(*tp) {
                    partition.leader = *leader;
                    partition.leader_epoch += 1;
                }
            }
            Happening::Disconnect { node, until } => {
                self.unreachable_until.insert(*node, *until);
            }
            Happening::AddPartitions { topic, leaders } => {
                if let Some(topic) = &mut self.topics[topic.index()] {
                    topic.partitions.extend(leaders.iter().map(|&leader| Partition::new(leader)));
                }
            }
            Happening::AddTopic(spec) => self.add_topic(spec),
        }
    }

    /// Whether a connection that is tried now will be refused.
    pub(super) fn refuses_connections(&self, node: NodeId, now: Time) -> bool {
        self.unreachable_until.get(&node).is_some_and(|until| now < *until)
    }

    /// All brokers, and the topics in the order asked.
    pub(super) fn metadata(&self, topics: &[TopicId]) -> MetadataResponse {
        MetadataResponse {
            brokers: self.script.nodes.clone(),
            topics: topics.iter().map(|&topic| self.topic_metadata(topic)).collect(),
        }
    }

    fn topic_metadata(&self, topic: TopicId) -> TopicMetadata {
        let Some(known) = &self.topics[topic.index()] else {
            return TopicMetadata {
                topic,
                error: ErrorCode::UnknownTopicOrPartition,
                partitions: Vec::new(),
            };
        };
        let partitions = (0..).zip(&known.partitions).map(|(number, partition)| PartitionMetadata {
            partition: number,
            error: if partition.leader.is_some() { ErrorCode::None } else { ErrorCode::LeaderNotAvailable },
            leader: partition.leader,
            leader_epoch: partition.leader_epoch,
        });
        TopicMetadata { topic, error: ErrorCode::None, partitions: partitions.collect() }
    }

    /// A new producer id, or the error that the script has for this request.
    pub(super) fn init_producer_id(&mut self) -> Result<i64, ErrorCode> {
        let error = self.script.init_pid_errors.get(self.init_pid_requests).copied();
        self.init_pid_requests += 1;
        match error {
            None | Some(ErrorCode::None) => {
                self.next_producer_id += 1;
                Ok(self.next_producer_id - 1)
            }
            Some(error) => Err(error),
        }
    }

    /// Processes a produce request that has arrived at `node`.
    pub(super) fn produce(
        &mut self,
        node: NodeId,
        batches: &[ProduceBatch],
        fault: Option<&Fault>,
    ) -> Produced {
        let mut produced = Produced::default();
        for (at, batch) in (0..).zip(batches) {
            let injected = fault.and_then(|fault| fault.error(batch.tp));
            let mut result = match injected {
                Some(error) if !error.append => Err(error.code),
                _ => self.append(node, batch),
            };
            if let Some(error) = injected {
                result = Err(error.code);
                produced.record_errors.extend(error.records.iter().map(|&record| (at, record)));
            }
            produced.results.push(match result {
                Ok(base_offset) => BatchResult::ok(base_offset),
                Err(error) => {
                    BatchResult { leader_hint: self.hint(error, batch.tp), ..BatchResult::failed(error) }
                }
            });
        }
        produced
    }

    fn append(&mut self, node: NodeId, batch: &ProduceBatch) -> Result<i64, ErrorCode> {
        let checks_sequences = self.checks_sequences;
        let topic = self.topics[batch.tp.topic.index()].as_mut();
        let topic = topic.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let partition = topic.partitions.get_mut(batch.tp.partition as usize);
        let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if partition.leader != Some(node) {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        if topic.max_message_bytes.is_some_and(|max| batch.bytes > max) {
            return Err(ErrorCode::MessageTooLarge);
        }
        partition.log.append(batch, checks_sequences)
    }

    /// KIP-951: who leads, with the error that says that this broker does not.
    fn hint(&mut self, error: ErrorCode, tp: TopicPartition) -> Option<LeaderHint> {
        if error != ErrorCode::NotLeaderOrFollower || !self.leader_hints {
            return None;
        }
        let partition = self.partition(tp)?;
        let leader_epoch = partition.leader_epoch;
        partition.leader.map(|node| LeaderHint { node, leader_epoch })
    }

    /// Next offsets of all partitions of the topics that are there.
    pub(super) fn log_ends(&self) -> impl Iterator<Item = (TopicId, Vec<i64>)> + '_ {
        let topics = (0..).map(TopicId).zip(&self.topics);
        topics.filter_map(|(topic, known)| {
            let partitions = known.as_ref()?.partitions.iter();
            Some((topic, partitions.map(|partition| partition.log.next_offset).collect()))
        })
    }
}
