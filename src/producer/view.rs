//! The client's snapshot of the cluster: who leads what, in the list orders of the JVM (HSH-1, 6.11).

use crate::producer::network::NodeIx;
use crate::producer::partitioner::TopicPartitions;
use crate::producer::topics::{Slot, Topics};
use crate::protocol::jvm::{self, DEFAULT_CAPACITY};
use crate::values::ids::TopicId;

/// No leader epoch known.
pub(crate) const NO_EPOCH: i32 = -1;

/// What the snapshot says of a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leader {
    pub(crate) node: Option<NodeIx>,
    pub(crate) epoch: i32,
}

/// A partition to put into a snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) slot: Slot,
    pub(crate) leader: Leader,
}

/// The partitions of a topic, and those with a known leader, in list order.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopicView {
    all: Vec<u32>,
    available: Vec<u32>,
}

impl TopicView {
    #[inline]
    pub(crate) fn partitions(&self) -> TopicPartitions<'_> {
        TopicPartitions { all: &self.all, available: &self.available }
    }
}

/// `MetadataSnapshot` with its `Cluster`.
#[derive(Debug, Default)]
pub(crate) struct ClusterView {
    /// Brokers in list order.
    pub(crate) nodes: Vec<NodeIx>,
    /// Partitions in the order of the snapshot's map.
    order: Vec<Slot>,
    /// By slot: `None` outside the snapshot.
    leaders: Vec<Option<Leader>>,
    topics: Vec<TopicView>,
    /// By node: the partitions it leads, in list order.
    led: Vec<Vec<Slot>>,
    /// By slot: its place in its leader's list.
    place: Vec<u32>,
    /// Topics whose names the cluster rejected.
    pub(crate) invalid_topics: Vec<TopicId>,
    /// Topics that this client may not see.
    pub(crate) unauthorized_topics: Vec<TopicId>,
}

impl ClusterView {
    /// A full response replaces everything.
    pub(crate) fn replace(&mut self, entries: &[Entry], topics: &Topics) {
        self.leaders.clear();
        self.order.clear();
        self.put(entries, topics);
        self.rebuild(topics);
    }

    /// A partial response, or leader hints: new entries first, then what is kept of the old ones (MDU-11).
    pub(crate) fn merge(&mut self, entries: &[Entry], keep: impl Fn(TopicId) -> bool, topics: &Topics) {
        let old: Vec<Entry> = self
            .order
            .iter()
            .filter(|slot| keep(topics.partition(**slot).topic))
            .filter(|slot| entries.iter().all(|entry| entry.slot != **slot))
            .filter_map(|&slot| self.leader(slot).map(|leader| Entry { slot, leader }))
            .collect();
        self.leaders.clear();
        self.order.clear();
        self.put(entries, topics);
        self.put(&old, topics);
        let hash = |slot: &Slot| topics.partition_hash(*slot);
        jvm::sort_as_table(&mut self.order, jvm::capacity_for(entries.len()), hash);
        self.rebuild(topics);
    }

    fn put(&mut self, entries: &[Entry], topics: &Topics) {
        self.leaders.resize(topics.slot_count(), None);
        for entry in entries {
            if self.leaders[entry.slot.index()].replace(entry.leader).is_none() {
                self.order.push(entry.slot);
            }
        }
    }

    /// The snapshot's own map is sized for its content; every list of the client follows its order.
    fn rebuild(&mut self, topics: &Topics) {
        let capacity = jvm::capacity_for(self.order.len());
        jvm::sort_as_table(&mut self.order, capacity, |slot| topics.partition_hash(*slot));
        self.topics.clear();
        self.topics.resize(topics.len(), TopicView::default());
        self.led.iter_mut().for_each(Vec::clear);
        self.place.resize(topics.slot_count(), 0);
        for &slot in &self.order {
            let tp = topics.partition(slot);
            let view = &mut self.topics[tp.topic.index()];
            view.all.push(tp.partition);
            let Some(node) = self.leaders[slot.index()].and_then(|leader| leader.node) else { continue };
            view.available.push(tp.partition);
            if self.led.len() <= node.index() {
                self.led.resize_with(node.index() + 1, Vec::new);
            }
            self.place[slot.index()] = self.led[node.index()].len() as u32;
            self.led[node.index()].push(slot);
        }
    }

    /// Sets the broker list, given in the order of the response; most clients put it through a map by id.
    pub(crate) fn set_nodes(&mut self, mut nodes: Vec<(NodeIx, i32)>, as_map: bool) {
        if as_map {
            jvm::sort_as_table(&mut nodes, DEFAULT_CAPACITY, |(_, id)| *id as u32);
        }
        self.nodes = nodes.into_iter().map(|(node, _)| node).collect();
    }

    /// Starts again from nothing but these nodes, in this order (CON-8).
    pub(crate) fn bootstrap(&mut self, nodes: Vec<NodeIx>, topics: &Topics) {
        *self = ClusterView { nodes, ..ClusterView::default() };
        self.rebuild(topics);
    }

    /// What is known of a partition, `None` if it is not in the snapshot.
    #[inline]
    pub(crate) fn leader(&self, slot: Slot) -> Option<Leader> {
        self.leaders.get(slot.index()).copied().flatten()
    }

    /// The node that leads a partition.
    #[inline]
    pub(crate) fn leader_node(&self, slot: Slot) -> Option<NodeIx> {
        self.leader(slot).and_then(|leader| leader.node)
    }

    /// The leader epoch of a partition, [`NO_EPOCH`] if unknown.
    #[inline]
    pub(crate) fn leader_epoch(&self, slot: Slot) -> i32 {
        self.leader(slot).map_or(NO_EPOCH, |leader| leader.epoch)
    }

    /// Number of partitions of a topic, `None` if the topic is not in the snapshot.
    #[inline]
    pub(crate) fn partition_count(&self, topic: TopicId) -> Option<u32> {
        let count = self.topics.get(topic.index()).map_or(0, |view| view.all.len() as u32);
        (count > 0).then_some(count)
    }

    /// The topic's partitions in list order.
    #[inline]
    pub(crate) fn partitions(&self, topic: TopicId) -> TopicPartitions<'_> {
        match self.topics.get(topic.index()) {
            Some(view) => view.partitions(),
            None => TopicPartitions { all: &[], available: &[] },
        }
    }

    /// What the snapshot says of a topic, to be kept.
    pub(crate) fn topic(&self, topic: TopicId) -> TopicView {
        self.topics.get(topic.index()).cloned().unwrap_or_default()
    }

    /// Partitions led by a node, in list order.
    #[inline]
    pub(crate) fn led_by(&self, node: NodeIx) -> &[Slot] {
        self.led.get(node.index()).map_or(&[], Vec::as_slice)
    }

    /// The place of a partition in its leader's list.
    #[inline]
    pub(crate) fn place(&self, slot: Slot) -> u32 {
        self.place[slot.index()]
    }
}
