//! KIP-480 sticky partitioning (2.4): null keys stay on a partition until a batch is opened for it.

use super::{Partitioner, TopicPartitions};
use crate::producer::random::Draws;
use crate::protocol::record::Record;

/// `StickyPartitionCache`: the current partition of each topic.
#[derive(Debug, Default)]
struct StickyCache {
    partitions: Vec<Option<u32>>,
}

impl StickyCache {
    /// STK-1.
    fn partition(&mut self, topic_index: usize, topic: TopicPartitions<'_>, draws: &mut Draws) -> u32 {
        match self.partitions.get(topic_index).copied().flatten() {
            Some(partition) => partition,
            None => self.next(topic_index, topic, None, draws),
        }
    }

    /// STK-2, STK-3: another partition, unless someone has already moved on from `previous`.
    fn next(
        &mut self,
        topic_index: usize,
        topic: TopicPartitions<'_>,
        previous: Option<u32>,
        draws: &mut Draws,
    ) -> u32 {
        if self.partitions.len() <= topic_index {
            self.partitions.resize(topic_index + 1, None);
        }
        let old = self.partitions[topic_index];
        if let Some(old) = old
            && previous != Some(old)
        {
            return old;
        }
        let next = match topic.available.len() {
            0 => topic.pick(draws.positive()),
            1 => topic.available[0],
            _ => loop {
                let candidate = topic.pick(draws.positive());
                if Some(candidate) != old {
                    break candidate;
                }
            },
        };
        self.partitions[topic_index] = Some(next);
        next
    }
}

/// `UniformStickyPartitioner`: sticky for every record, keys ignored.
#[derive(Debug, Default)]
pub struct UniformSticky {
    cache: StickyCache,
}

impl Partitioner for UniformSticky {
    fn partition(&mut self, record: &Record, topic: TopicPartitions<'_>, draws: &mut Draws) -> i32 {
        self.cache.partition(record.topic.index(), topic, draws) as i32
    }

    fn on_new_batch(
        &mut self,
        record: &Record,
        topic: TopicPartitions<'_>,
        previous: u32,
        draws: &mut Draws,
    ) {
        self.cache.next(record.topic.index(), topic, Some(previous), draws);
    }
}

/// `DefaultPartitioner` of 2.4 to 3.2: keys are hashed, null keys stick (STK-5).
#[derive(Debug, Default)]
pub struct DefaultSticky {
    sticky: UniformSticky,
}

impl Partitioner for DefaultSticky {
    fn partition(&mut self, record: &Record, topic: TopicPartitions<'_>, draws: &mut Draws) -> i32 {
        if record.key.len >= 0 {
            return topic.of_key(record.key.murmur2) as i32;
        }
        self.sticky.partition(record, topic, draws)
    }

    fn on_new_batch(
        &mut self,
        record: &Record,
        topic: TopicPartitions<'_>,
        previous: u32,
        draws: &mut Draws,
    ) {
        self.sticky.on_new_batch(record, topic, previous, draws);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stk_2_only_who_names_the_current_partition_moves_it() {
        let topic = TopicPartitions { all: &[0, 1, 2], available: &[0, 1, 2] };
        let mut draws = Draws::recorded(vec![4, 4, 2]);
        let mut cache = StickyCache::default();
        assert_eq!(cache.partition(0, topic, &mut draws), 1);
        assert_eq!(cache.next(0, topic, Some(2), &mut draws), 1, "someone else's partition");
        assert_eq!(cache.next(0, topic, Some(1), &mut draws), 2, "4 picks 1 again and is drawn anew");
        assert_eq!(cache.partition(0, topic, &mut draws), 2);
    }

    /// STK-3, STK-9: leaders are looked at when the partition changes, and only then.
    #[test]
    fn a_sticky_partition_outlives_its_leader() {
        let all = TopicPartitions { all: &[0, 1, 2], available: &[0, 1, 2] };
        let one = TopicPartitions { all: &[0, 1, 2], available: &[2] };
        let none = TopicPartitions { all: &[0, 1, 2], available: &[] };
        let mut draws = Draws::recorded(vec![1, 5]);
        let mut cache = StickyCache::default();
        assert_eq!((cache.partition(0, all, &mut draws), cache.partition(0, one, &mut draws)), (1, 1));
        assert_eq!(cache.next(0, one, Some(1), &mut draws), 2);
        assert_eq!(cache.next(0, one, Some(2), &mut draws), 2, "there is no other");
        assert_eq!(cache.next(0, none, Some(2), &mut draws), 2, "5 modulo 3");
    }

    /// STK-5.
    #[test]
    fn keys_count_for_one_of_the_two_only() {
        use crate::protocol::record::Key;
        use crate::values::ids::TopicId;
        let record = Record {
            topic: TopicId(0),
            partition: -1,
            key: Key::of(b"foobar"),
            value_len: 1,
            ..Record::EMPTY
        };
        let topic = TopicPartitions { all: &[0, 1, 2, 3, 4, 5, 6], available: &[3] };
        let mut draws = Draws::recorded(Vec::new());
        let of_key = topic.of_key(record.key.murmur2) as i32;
        assert_ne!(of_key, 3);
        assert_eq!(DefaultSticky::default().partition(&record, topic, &mut draws), of_key);
        assert_eq!(UniformSticky::default().partition(&record, topic, &mut draws), 3);
        let null = Record { key: Key::NULL, ..record };
        assert_eq!(DefaultSticky::default().partition(&null, topic, &mut draws), 3);
    }
}
