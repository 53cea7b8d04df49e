//! Names of producers and partitions.

use crate::scenario::Scenario;
use crate::values::ids::TopicPartition;
use crate::world::observe::client_id;

/// What the scenario calls things.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a>(pub &'a Scenario);

impl Names<'_> {
    /// How many producers there are.
    pub fn clients(&self) -> u32 {
        self.0.producers.iter().map(|group| group.count).sum()
    }

    /// The `client.id` of a producer.
    pub fn client(&self, client: u32) -> String {
        client_id(self.0, client)
    }

    /// `events-3`.
    pub fn partition(&self, tp: TopicPartition) -> String {
        format!("{}-{}", self.0.cluster.topics[tp.topic.index()].name, tp.partition)
    }
}
