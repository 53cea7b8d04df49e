//! KIP-794 (2.5 to 2.7): a topic's records stay on a partition for `batch.size` bytes; the next one is drawn evenly,
//! or weighted by how short its queue is.

use super::TopicPartitions;
use crate::producer::random::Draws;

/// Weights for the next draw (2.6): `cumulative[i]` goes with `partitions[i]`.
#[derive(Debug, Default)]
struct LoadStats {
    cumulative: Vec<i32>,
    partitions: Vec<u32>,
    length: usize,
}

/// `BuiltInPartitioner` of one topic.
#[derive(Debug, Default)]
pub(crate) struct BuiltIn {
    current: Option<u32>,
    /// How often a partition has been chosen: tells whether it is still the same choice.
    choices: u32,
    produced_bytes: i32,
    load: LoadStats,
}

impl BuiltIn {
    /// The partition in use, if one has been chosen.
    #[inline]
    pub(crate) fn current(&self) -> Option<u32> {
        self.current
    }

    /// Which choice the partition in use is.
    pub(crate) fn choice(&self) -> u32 {
        self.choices
    }

    /// BIP-1.
    pub(crate) fn peek(&mut self, topic: TopicPartitions<'_>, draws: &mut Draws) -> u32 {
        match self.current {
            Some(partition) => partition,
            None => self.switch(topic, draws),
        }
    }

    /// Whether so much has been produced to the partition that [`BuiltIn::update`] may move on.
    #[inline]
    pub(crate) fn has_enough(&self, sticky_size: i32) -> bool {
        self.produced_bytes >= sticky_size
    }

    /// The common half of [`BuiltIn::update`]: accounts for bytes, and tells whether it may move on.
    #[inline]
    pub(crate) fn add(&mut self, bytes: u64, sticky_size: i32) -> bool {
        self.produced_bytes = self.produced_bytes.wrapping_add(bytes as i32);
        self.has_enough(sticky_size)
    }

    /// BIP-3: accounts for bytes and moves on when there were enough. True if it moved.
    ///
    /// BIP-4: in Java the doubling overflows for a `batch.size` of 2^30 and more, and then `send` never returns: every
    /// look at a queue without open batch is a switch, and every switch another look. Here it does not overflow.
    pub(crate) fn update(
        &mut self,
        bytes: u64,
        sticky_size: i32,
        enable_switch: bool,
        topic: TopicPartitions<'_>,
        draws: &mut Draws,
    ) -> bool {
        self.produced_bytes = self.produced_bytes.wrapping_add(bytes as i32);
        let enough = (enable_switch && self.produced_bytes >= sticky_size)
            || self.produced_bytes >= sticky_size.saturating_mul(2);
        if enough {
            self.switch(topic, draws);
        }
        enough
    }

    fn switch(&mut self, topic: TopicPartitions<'_>, draws: &mut Draws) -> u32 {
        let partition = self.next(topic, draws.positive());
        self.current = Some(partition);
        self.choices += 1;
        self.produced_bytes = 0;
        partition
    }

    /// BIP-9, ADP-9.
    fn next(&self, topic: TopicPartitions<'_>, random: u32) -> u32 {
        let Some(last) = self.load.length.checked_sub(1) else { return topic.pick(random) };
        let weight = (random % self.load.cumulative[last] as u32) as i32;
        let at = self.load.cumulative[..last].partition_point(|&sum| sum <= weight);
        self.load.partitions[at]
    }

    /// No weights: the next draw is uniform.
    #[inline]
    pub(crate) fn forget_load(&mut self) {
        self.load.length = 0;
    }

    /// ADP-6 to ADP-8: takes queue lengths, of which the first `claimed` count, and makes weights of them.
    pub(crate) fn set_load(&mut self, queues: &[i32], partitions: &[u32], claimed: usize) {
        self.load.length = 0;
        if claimed < 1 || queues.len() < 2 {
            return;
        }
        let (first, longest) = (queues[0], queues[..claimed].iter().copied().max().unwrap_or(0));
        if claimed == queues.len() && queues.iter().all(|&length| length == first) {
            return;
        }
        self.load.partitions.clear();
        self.load.partitions.extend_from_slice(&partitions[..claimed]);
        self.load.cumulative.clear();
        let mut sum = 0;
        for &length in &queues[..claimed] {
            sum += longest + 1 - length;
            self.load.cumulative.push(sum);
        }
        self.load.length = claimed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: TopicPartitions<'static> = TopicPartitions { all: &[0, 1, 2], available: &[0, 1, 2] };

    #[test]
    fn bip_3_stays_for_the_sticky_size_and_no_longer_than_twice_it() {
        let mut draws = Draws::recorded(vec![0, 1, 2]);
        let mut partitioner = BuiltIn::default();
        assert_eq!(partitioner.peek(THREE, &mut draws), 0);
        assert!(!partitioner.update(99, 100, true, THREE, &mut draws));
        assert!(!partitioner.update(1, 100, false, THREE, &mut draws), "enough, but not allowed to switch");
        assert!(partitioner.update(100, 100, false, THREE, &mut draws), "twice the size is the limit");
        assert_eq!(partitioner.peek(THREE, &mut draws), 1);
        assert!(partitioner.update(100, 100, true, THREE, &mut draws));
    }

    /// The queues of Kafka's own test, with how often each partition comes in all draws.
    #[test]
    fn adp_9_short_queues_are_chosen_more_often() {
        for (queues, draws, expected) in [
            (&[5, 0, 3, 0, 1][..], 21, &[1, 6, 3, 6, 5][..]),
            (&[1, 7, 2], 14, &[7, 1, 6]),
            (&[0, 3, 1], 8, &[4, 1, 3]),
        ] {
            let partitions: Vec<u32> = (0..queues.len() as u32).collect();
            let mut partitioner = BuiltIn::default();
            partitioner.set_load(queues, &partitions, queues.len());
            let mut counts = vec![0; queues.len()];
            for random in 0..draws {
                let topic = TopicPartitions { all: &partitions, available: &partitions };
                counts[partitioner.next(topic, random) as usize] += 1;
            }
            assert_eq!(counts, expected, "{queues:?}");
        }
    }

    #[test]
    fn adp_7_equal_queues_give_no_weights_unless_a_partition_was_left_out() {
        let mut partitioner = BuiltIn::default();
        partitioner.set_load(&[2, 2, 2], &[0, 1, 2], 3);
        assert_eq!(partitioner.load.length, 0);
        partitioner.set_load(&[2, 2, 0], &[0, 2, 0], 2);
        assert_eq!(partitioner.load.length, 2);
        assert_eq!((partitioner.next(THREE, 0), partitioner.next(THREE, 1)), (0, 2));
    }
}
