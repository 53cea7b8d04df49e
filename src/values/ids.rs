//! Names of things as small integers. Who hands out an id says so on the type.

use std::fmt;

/// A topic: an index into the topic table of the run, given out in order of first mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub u32);

/// One partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicId,
    /// The partition number, from 0.
    pub partition: u32,
}

/// A broker id as Kafka numbers it. Bootstrap addresses are the pseudo nodes -1, -2, … (CON-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

/// One connection between a client and a broker, numbered by the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u32);

/// A batch as the audit of a run knows it; it travels with produce requests. Small numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchMark(pub u32);

impl BatchMark {
    /// A batch that is not audited.
    pub const NONE: BatchMark = BatchMark(0);

    /// Whether the batch is not audited.
    #[inline]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    pub const fn new(topic: TopicId, partition: u32) -> TopicPartition {
        TopicPartition { topic, partition }
    }
}

impl TopicId {
    /// The index into a table of topics.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
