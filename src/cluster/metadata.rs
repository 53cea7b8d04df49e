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
    /// All brokers that are not fenced, and the topics in the order asked.
    pub(super) fn metadata_response(&self, request: RequestIx) -> MetadataResponse {
        let brokers = self.brokers.iter().filter(|broker| !broker.fenced).map(|broker| Endpoint {
            node: broker.node,
            host: host(broker.node),
            port: PORT,
            rack: broker.spec.rack.clone(),
        });
        let topics = self.requests[request].topics.iter().map(|topic| self.topic_metadata(*topic));
        MetadataResponse { brokers: brokers.collect(), topics: topics.collect() }
    }

    fn topic_metadata(&self, topic: TopicId) -> TopicMetadata {
        let Some(spec) = self.topics.get(topic.index()) else {
            return TopicMetadata {
                topic,
                error: ErrorCode::UnknownTopicOrPartition,
                partitions: Vec::new(),
            };
        };
        let first = self.first_partition[topic.index()];
        let partitions = (0..spec.assignment.len() as u32).map(|partition| {
            let state = &self.partitions[(first + partition) as usize];
            let leader = state.leader.map(|leader| self.brokers[leader as usize].node);
            let error = if leader.is_some() { ErrorCode::None } else { ErrorCode::LeaderNotAvailable };
            PartitionMetadata { partition, error, leader, leader_epoch: state.leader_epoch }
        });
        TopicMetadata { topic, error: ErrorCode::None, partitions: partitions.collect() }
    }
}
