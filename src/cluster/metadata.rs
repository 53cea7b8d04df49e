//! Metadata responses: what the brokers' caches know (CTL-6).

use super::Cluster;
use super::requests::RequestIx;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Endpoint, MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::values::ids::{NodeId, TopicId};

/// The port of every broker.
const PORT: u16 = 9092;

/// The host name of a broker.
pub fn host(node: NodeId) -> String {
    format!("broker-{node}")
}

impl Cluster {
    /// What a broker has heard of: all brokers that are not fenced, and the topics in the order asked.
    pub(super) fn metadata_response(&self, asked: u32, request: RequestIx) -> MetadataResponse {
        let heard = self.brokers[asked as usize].heard;
        let active = self.brokers.iter().filter(|broker| !broker.is_fenced_at(heard));
        let brokers = active.map(|broker| Endpoint {
            node: broker.node,
            host: host(broker.node),
            port: PORT,
            rack: broker.spec.rack.clone(),
        });
        let topics = self.requests[request].topics.iter().map(|topic| self.topic_metadata(*topic, heard));
        MetadataResponse { brokers: brokers.collect(), topics: topics.collect() }
    }

    fn topic_metadata(&self, topic: TopicId, heard: u32) -> TopicMetadata {
        let Some(spec) = self.topics.get(topic.index()) else {
            return TopicMetadata {
                topic,
                error: ErrorCode::UnknownTopicOrPartition,
                partitions: Vec::new(),
            };
        };
        let first = self.first_partition[topic.index()];
        let partitions = (0..spec.assignment.len() as u32).map(|partition| {
            let known = self.partitions[(first + partition) as usize].elections.known_at(heard);
            let leader = known.leader.map(|leader| self.brokers[leader as usize].node);
            let error = if leader.is_some() { ErrorCode::None } else { ErrorCode::LeaderNotAvailable };
            PartitionMetadata { partition, error, leader, leader_epoch: known.epoch }
        });
        TopicMetadata { topic, error: ErrorCode::None, partitions: partitions.collect() }
    }
}
