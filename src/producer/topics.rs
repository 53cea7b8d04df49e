//! The producer's names: topics in order of first mention, and one dense slot per partition it has ever heard of.

use crate::protocol::jvm::{self, Hash};
use crate::values::ids::{TopicId, TopicPartition};

/// A partition as a dense index. Slots are never given back, so every table of partitions is a plain `Vec`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(pub(crate) u32);

impl Slot {
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
struct Topic {
    name: String,
    hash: Hash,
    slots: Vec<Option<Slot>>,
}

/// All topics and partition slots of one producer.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    topics: Vec<Topic>,
    slots: Vec<TopicPartition>,
}

impl Topics {
    /// The id of a topic, given out now if the name is new.
    pub(crate) fn intern(&mut self, name: &str) -> TopicId {
        let known = self.topics.iter().position(|topic| topic.name == name);
        let index = known.unwrap_or_else(|| {
            self.topics.push(Topic {
                name: name.to_owned(),
                hash: jvm::string_hash(name),
                slots: Vec::new(),
            });
            self.topics.len() - 1
        });
        TopicId(index as u32)
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }

    pub(crate) fn name(&self, topic: TopicId) -> &str {
        &self.topics[topic.index()].name
    }

    pub(crate) fn hash(&self, topic: TopicId) -> Hash {
        self.topics[topic.index()].hash
    }

    pub(crate) fn partition_hash(&self, slot: Slot) -> Hash {
        let tp = self.slots[slot.index()];
        jvm::topic_partition_hash(self.hash(tp.topic), tp.partition)
    }

    /// The slot of a partition, made if there is none yet.
    pub(crate) fn slot(&mut self, tp: TopicPartition) -> Slot {
        let slots = &mut self.topics[tp.topic.index()].slots;
        if slots.len() <= tp.partition as usize {
            slots.resize(tp.partition as usize + 1, None);
        }
        *slots[tp.partition as usize].get_or_insert_with(|| {
            self.slots.push(tp);
            Slot(self.slots.len() as u32 - 1)
        })
    }

    #[inline]
    pub(crate) fn partition(&self, slot: Slot) -> TopicPartition {
        self.slots[slot.index()]
    }

    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }
}
