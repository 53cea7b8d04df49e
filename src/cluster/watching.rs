//! What somebody who watches a cluster can see of it: what became of each batch, and how partitions stand. Nothing is
//! decided by it, and a cluster that is not watched keeps nothing.

use super::Cluster;
use super::log::Log;
use super::partition::Partition;
use super::replica::Replica;
use super::requests::RequestIx;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{BatchResult, ProduceBatch};
use crate::values::ids::{NodeId, TopicPartition};

/// A leader has looked at a batch of a produce request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The mark that the request came with.
    pub token: u64,
    /// The broker.
    pub broker: NodeId,
    /// Place of the batch in the request.
    pub at: u32,
    /// What became of it.
    pub stored: Stored,
    /// Its place in the log, if it was appended, whatever was answered.
    pub appended: Option<Place>,
}

/// Where a leader has appended a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Offset of its first record.
    pub base: u64,
    /// The epoch in which it was leader.
    pub epoch: i32,
}

/// What a leader did with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is in the log from this offset on.
    Appended(u64),
    /// It was there already, from this offset on: the sequence check has found it.
    Duplicate(u64),
    /// It would not take it.
    Rejected(ErrorCode),
}

/// How a partition stands, as its acting leader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The broker that acts as leader.
    pub leader: Option<NodeId>,
    /// Its leader epoch.
    pub epoch: i32,
    /// Offset below which every in-sync replica has everything.
    pub high_watermark: u64,
    /// One entry for each replica, in the order of the assignment.
    pub replicas: Vec<ReplicaStanding>,
}

/// How a replica stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaStanding {
    /// Its broker.
    pub broker: NodeId,
    /// Offset behind its last record.
    pub log_end: u64,
    /// Whether the controller has it among the in-sync replicas.
    pub in_sync: bool,
}

impl Cluster {
    /// From now on the cluster notes what becomes of every batch.
    pub fn watch_served(&mut self) {
        self.served = Some(Vec::new());
    }

    /// What it has noted since the last call.
    pub fn take_served(&mut self, into: &mut Vec<Served>) {
        if let Some(served) = &mut self.served {
            into.append(served);
        }
    }

    /// Looks at a partition again; whether it stands otherwise than `known`, which is brought up to date.
    pub fn has_moved(&self, tp: TopicPartition, known: &mut Standing) -> bool {
        let Some(ix) = self.partition(tp) else { return false };
        let partition = &self.partitions[ix.index()];
        let node = |broker: u32| self.brokers[broker as usize].node;
        let head = (partition.leader.map(node), partition.leader_epoch, partition.high_watermark);
        let replicas = partition.replicas.iter().map(|replica| ReplicaStanding {
            broker: node(replica.broker),
            log_end: replica.log.end,
            in_sync: replica.in_sync,
        });
        let is_same = head == (known.leader, known.epoch, known.high_watermark)
            && replicas.clone().eq(known.replicas.iter().copied());
        if !is_same {
            (known.leader, known.epoch, known.high_watermark) = head;
            known.replicas.clear();
            known.replicas.extend(replicas);
        }
        !is_same
    }

    /// The replica at a broker; without one that whose log is the partition's, as in [`Cluster::log_end`].
    fn asked_replica(&self, tp: TopicPartition, broker: Option<NodeId>) -> Option<(&Partition, &Replica)> {
        let partition = &self.partitions[self.partition(tp)?.index()];
        let Some(node) = broker else { return Some((partition, partition.final_replica())) };
        let is_it = |replica: &&Replica| replica.broker == super::broker_index(node);
        partition.replicas.iter().find(is_it).map(|replica| (partition, replica))
    }

    /// A replica's log: its broker, the offset of its first record, and that behind its last one. A log's first records are
    /// those that retention has left to the leader. Without `broker`: the replica that leads, or may lead next. `None`: that
    /// broker has no replica.
    pub fn log_of(&self, tp: TopicPartition, broker: Option<NodeId>) -> Option<(NodeId, u64, u64)> {
        let (partition, replica) = self.asked_replica(tp, broker)?;
        let end = replica.log.end;
        let node = self.brokers[replica.broker as usize].node;
        Some((node, partition.segments.log_start.min(end), end))
    }

    /// Whether the log of [`Cluster::log_of`] has the record at `offset` that the leader of `epoch` has appended.
    pub fn log_contains(&self, tp: TopicPartition, broker: Option<NodeId>, epoch: i32, offset: u64) -> bool {
        self.asked_replica(tp, broker).is_some_and(|(_, replica)| replica.log.contains(epoch, offset))
    }

    /// Whether any replica has the record at `offset` that the leader of `epoch` has appended, and retention has left it.
    pub fn some_log_contains(&self, tp: TopicPartition, epoch: i32, offset: u64) -> bool {
        let Some(ix) = self.partition(tp) else { return false };
        let partition = &self.partitions[ix.index()];
        offset >= partition.segments.log_start
            && partition.replicas.iter().any(|replica| replica.log.contains(epoch, offset))
    }

    /// Whether the process of a broker runs and takes connections.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.brokers.get(super::broker_index(node) as usize).is_some_and(|broker| broker.is_up())
    }

    /// Where the log of a broker ends before a batch, for [`Cluster::note_served`].
    #[inline]
    pub(super) fn end_before(&self, broker: u32, batch: &ProduceBatch) -> u64 {
        self.watched_log(broker, batch).map_or(0, |log| log.end)
    }

    /// The log of a broker that a batch goes to, if somebody watches.
    #[inline]
    fn watched_log(&self, broker: u32, batch: &ProduceBatch) -> Option<&Log> {
        let ix = self.served.as_ref().and_then(|_| self.partition(batch.tp))?;
        let replicas = &self.partitions[ix.index()].replicas;
        replicas.iter().find(|replica| replica.broker == broker).map(|replica| &replica.log)
    }

    #[inline]
    pub(super) fn note_served(
        &mut self,
        (broker, request, at): (u32, RequestIx, usize),
        end: u64,
        batch: &ProduceBatch,
        result: &BatchResult,
    ) {
        let grown = self.watched_log(broker, batch).filter(|log| log.end > end);
        let appended = grown.map(|log| Place { base: end, epoch: log.newest_epoch() });
        if let Some(served) = &mut self.served {
            let stored = match u64::try_from(result.base_offset) {
                _ if result.error != ErrorCode::None => Stored::Rejected(result.error),
                Ok(offset) if offset < end => Stored::Duplicate(offset),
                Ok(offset) => Stored::Appended(offset),
                Err(_) => Stored::Appended(end),
            };
            let token = self.requests[request].token;
            let broker = self.brokers[broker as usize].node;
            served.push(Served { token, broker, at: at as u32, stored, appended });
        }
    }
}
