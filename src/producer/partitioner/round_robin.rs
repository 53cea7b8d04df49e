//! `RoundRobinPartitioner` (2.3), and the default partitioner up to 2.3, which does the same for null keys.

use super::{Partitioner, TopicPartitions};
use crate::producer::random::Draws;
use crate::protocol::record::Record;

/// A counter per topic that walks through the available partitions in list order.
#[derive(Debug)]
pub struct RoundRobin {
    counters: Vec<Option<u32>>,
    /// Default partitioner of 2.3: keys are hashed, and each topic's counter starts at a drawn number.
    hashes_keys: bool,
}

impl RoundRobin {
    /// The class of that name: keys are ignored, counters start at 0 (RR-1).
    pub fn ignoring_keys() -> RoundRobin {
        RoundRobin { counters: Vec::new(), hashes_keys: false }
    }

    /// `DefaultPartitioner` up to 2.3.
    pub fn for_null_keys() -> RoundRobin {
        RoundRobin { counters: Vec::new(), hashes_keys: true }
    }
}

impl Partitioner for RoundRobin {
    fn partition(&mut self, record: &Record, topic: TopicPartitions<'_>, draws: &mut Draws) -> i32 {
        if self.hashes_keys && record.key.len >= 0 {
            return topic.of_key(record.key.murmur2) as i32;
        }
        let at = record.topic.index();
        if self.counters.len() <= at {
            self.counters.resize(at + 1, None);
        }
        let start = || if self.hashes_keys { draws.positive() } else { 0 };
        let counter = self.counters[at].get_or_insert_with(start);
        let number = *counter & 0x7fff_ffff;
        *counter = counter.wrapping_add(1);
        topic.pick(number) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::record::Key;
    use crate::values::ids::TopicId;

    /// RR-1, RR-3, RR-4.
    #[test]
    fn rr_2_only_available_partitions_in_list_order() {
        let record = Record {
            topic: TopicId(0),
            partition: -1,
            key: Key::of(b"ignored"),
            value_len: 1,
            ..Record::EMPTY
        };
        let topic = TopicPartitions { all: &[1, 0, 2], available: &[1, 2] };
        let mut draws = Draws::recorded(Vec::new());
        let mut partitioner = RoundRobin::ignoring_keys();
        let chosen: Vec<i32> = (0..4).map(|_| partitioner.partition(&record, topic, &mut draws)).collect();
        assert_eq!(chosen, [1, 2, 1, 2]);
        // RR-4: without leaders the same counter goes on, over all partitions.
        let leaderless = TopicPartitions { all: &[1, 0, 2], available: &[] };
        let chosen: Vec<i32> =
            (0..3).map(|_| partitioner.partition(&record, leaderless, &mut draws)).collect();
        assert_eq!(chosen, [1, 2, 0]);
    }
}
