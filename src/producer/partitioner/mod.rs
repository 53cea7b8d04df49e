//! Who chooses the partition of a record that names none (section 2).

pub(crate) mod built_in;
mod round_robin;
mod sticky;

use crate::config::producer::PartitionerKind;
use crate::producer::random::Draws;
use crate::protocol::murmur2::to_positive;
use crate::protocol::record::Record;

pub use round_robin::RoundRobin;
pub use sticky::{DefaultSticky, UniformSticky};

/// What a partitioner may know of a topic: partition numbers in the client's list order (HSH-1).
#[derive(Clone, Copy, Debug)]
pub struct TopicPartitions<'a> {
    /// All partitions.
    pub all: &'a [u32],
    /// Those with a known leader.
    pub available: &'a [u32],
}

impl TopicPartitions<'_> {
    /// The partition that a positive number picks: among the available ones, or among all if there is none.
    pub(crate) fn pick(&self, number: u32) -> u32 {
        match self.available.len() {
            0 => number % (self.all.len() as u32).max(1),
            n => self.available[number as usize % n],
        }
    }

    /// The partition of a key (2.1).
    pub(crate) fn of_key(&self, hash: u32) -> u32 {
        to_positive(hash as i32) % (self.all.len() as u32).max(1)
    }
}

/// A `partitioner.class`. Called once a record; a client with KAFKA-9965 calls it again after `on_new_batch`.
pub trait Partitioner: std::fmt::Debug {
    /// The partition for a record; a negative number makes `send` throw `IllegalArgumentException`.
    fn partition(&mut self, record: &Record, topic: TopicPartitions<'_>, draws: &mut Draws) -> i32;

    /// A new batch is about to be opened for `previous` (only clients 2.4 to 3.9 tell).
    fn on_new_batch(
        &mut self,
        record: &Record,
        topic: TopicPartitions<'_>,
        previous: u32,
        draws: &mut Draws,
    ) {
        let _ = (record, topic, previous, draws);
    }
}

/// The partitioner of a kind; `None`: the built-in rules, which live in the accumulator. A custom class that the
/// driver does not supply falls back to these, and the scenario says so.
pub(crate) fn of_kind(kind: &PartitionerKind) -> Option<Box<dyn Partitioner>> {
    match kind {
        PartitionerKind::BuiltIn | PartitionerKind::Custom(_) => None,
        PartitionerKind::DefaultSticky => Some(Box::new(DefaultSticky::default())),
        PartitionerKind::UniformSticky => Some(Box::new(UniformSticky::default())),
        PartitionerKind::RoundRobin => Some(Box::new(RoundRobin::ignoring_keys())),
        PartitionerKind::DefaultRoundRobin => Some(Box::new(RoundRobin::for_null_keys())),
    }
}
