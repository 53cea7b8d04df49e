//! Failures and elections (11.6): a dead broker is noticed when its session times out; then every partition that it
//! led gets the first live in-sync replica as its leader.

use super::partition::PartitionIx;
use super::requests::RequestIx;
use super::{Cluster, Event};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Endpoint, MetadataResponse, PartitionMetadata, TopicMetadata};
use crate::values::ids::{NodeId, TopicId};
use crate::values::time::Time;

/// The port of every broker.
const PORT: u16 = 9092;

/// The host name of a broker.
pub fn host(node: NodeId) -> String {
    format!("broker-{node}")
}

impl Cluster {
    /// CTL-1: the process dies, its log survives. Whoever has connections to it notices at once, the controller when
    /// no heartbeat has come for `broker.session.timeout.ms`.
    pub(super) fn crash(&mut self, now: Time, broker: u32) {
        if !self.brokers[broker as usize].up {
            return;
        }
        self.brokers[broker as usize].stop();
        self.drop_connections_of(broker);
        self.drop_delayed_of(broker);
        for other in 0..self.brokers.len() as u32 {
            self.restart_fetcher(broker, other);
            self.restart_fetcher(other, broker);
        }
        let noticed = self.last_heartbeat(now, broker) + self.replication.broker_session_timeout;
        let life = self.brokers[broker as usize].life;
        let known = noticed.max(now) + self.replication.metadata_propagation;
        self.events.push(known, Event::Fenced { broker, life });
    }

    /// Heartbeats of the brokers are spread evenly over their interval.
    fn last_heartbeat(&self, now: Time, broker: u32) -> Time {
        let every = self.replication.broker_heartbeat_interval.0.max(1);
        let phase = every * u64::from(broker) / self.brokers.len() as u64;
        match now.0.checked_sub(phase) {
            Some(since) => Time(since / every * every + phase),
            None => Time::START,
        }
    }

    /// CTL-2: the broker leaves every ISR of which it is not the last member, and leads nothing any more.
    pub(super) fn fenced(&mut self, now: Time, broker: u32, life: u32) {
        if self.brokers[broker as usize].life != life || self.brokers[broker as usize].fenced {
            return;
        }
        self.brokers[broker as usize].fenced = true;
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            let partition = &mut self.partitions[at];
            let last_member = partition.isr_len() == 1;
            if let Some(replica) = partition.replica(broker)
                && !last_member
            {
                replica.in_sync = false;
            }
            if partition.leader == Some(broker) {
                self.elect(now, ix);
            } else if self.partitions[at].advance_high_watermark() {
                self.complete_waiting(now, ix);
            }
        }
    }

    /// CTL-3: a clean election. Without candidate the partition has no leader.
    fn elect(&mut self, now: Time, ix: PartitionIx) {
        let brokers = &self.brokers;
        let partition = &mut self.partitions[ix.index()];
        let alive = |broker: u32| brokers[broker as usize].up && !brokers[broker as usize].fenced;
        let candidate = partition
            .replicas
            .iter()
            .find(|replica| replica.in_sync && alive(replica.broker))
            .map(|r| r.broker);
        partition.leader_epoch += 1;
        partition.leader = candidate;
        self.complete_waiting(now, ix);
        if let Some(leader) = candidate {
            self.become_leader(now, ix, leader);
        }
    }

    /// The new leader's log is the truth from now on; the others cut off what it lacks (KIP-101).
    fn become_leader(&mut self, now: Time, ix: PartitionIx, leader: u32) {
        let partition = &mut self.partitions[ix.index()];
        let log = partition.leader_log().clone();
        partition.epoch_start = log.end;
        partition.sequences.truncate(log.end);
        partition.high_watermark = partition.replica(leader).map_or(0, |replica| replica.high_watermark);
        let mut followers = Vec::new();
        for replica in &mut partition.replicas {
            replica.forget_fetches(now);
            if replica.broker != leader && self.brokers[replica.broker as usize].up {
                replica.log.truncate(replica.log.common_end(&log));
                followers.push(replica.broker);
            }
        }
        if partition.advance_high_watermark() {
            self.complete_waiting(now, ix);
        }
        for follower in followers {
            self.start_fetching(now, leader, follower);
        }
    }

    /// CTL-5: the process starts again and registers; until the controller lets it take part, it is fenced.
    pub(super) fn restart(&mut self, now: Time, broker: u32) {
        if self.brokers[broker as usize].up {
            return;
        }
        let life = self.brokers[broker as usize].life;
        self.fenced(now, broker, life);
        let state = &mut self.brokers[broker as usize];
        state.up = true;
        state.life += 1;
        let life = state.life;
        let known = now + self.replication.metadata_propagation;
        self.events.push(known, Event::Unfenced { broker, life });
    }

    pub(super) fn unfenced(&mut self, now: Time, broker: u32, life: u32) {
        let state = &mut self.brokers[broker as usize];
        if state.life != life || !state.up {
            return;
        }
        state.fenced = false;
        let mut leaders = Vec::new();
        for at in 0..self.partitions.len() {
            let partition = &mut self.partitions[at];
            let Some(replica) = partition.replica(broker) else { continue };
            let in_sync = replica.in_sync;
            match partition.leader {
                None if in_sync => self.elect(now, PartitionIx(at as u32)),
                Some(leader) => {
                    let log = partition.leader_log().clone();
                    if let Some(replica) = partition.replica(broker) {
                        replica.log.truncate(replica.log.common_end(&log));
                    }
                    leaders.push(leader);
                }
                None => {}
            }
        }
        leaders.sort_unstable();
        leaders.dedup();
        for leader in leaders {
            self.start_fetching(now, leader, broker);
        }
    }

    /// 11.6: what the brokers know, topics in the order asked.
    pub(super) fn metadata_response(&self, request: RequestIx) -> MetadataResponse {
        let brokers = self.brokers.iter().filter(|broker| !broker.fenced).map(|broker| Endpoint {
            node: broker.node,
            host: host(broker.node),
            port: PORT,
            rack: broker.spec.rack.clone(),
        });
        let topics = self.request(request).topics.iter().map(|topic| self.topic_metadata(*topic));
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
