//! Followers (11.4): one fetcher per pair of leader and follower broker, which always has one fetch under way.
//!
//! A fetch that finds nothing new waits at the leader and is answered by the next append. In Kafka it returns empty
//! after `replica.fetch.wait.max.ms` and comes again; that round changes nothing and takes no event here.

use super::partition::{Partition, PartitionIx};
use super::{Cluster, Event};
use crate::values::time::{Span, Time};

/// What a fetch brought for one partition.
#[derive(Clone, Copy, Debug)]
struct Fetched {
    partition: PartitionIx,
    leader_epoch: i32,
    end: u64,
    bytes: u64,
    high_watermark: u64,
}

/// The fetcher of one follower broker at one leader broker.
#[derive(Debug, Default)]
struct Fetcher {
    /// Counts new starts; what belongs to an older one is void.
    round: u32,
    /// The fetch waits at the leader.
    parked: bool,
    /// What is on its way to the follower, or has been taken over and not yet been told to the leader.
    carried: Vec<Fetched>,
    /// Partitions with something new since the last answer.
    news: Vec<PartitionIx>,
}

/// All fetchers: the place of (leader, follower) is leader * brokers + follower.
#[derive(Debug)]
pub(super) struct Fetchers {
    brokers: usize,
    fetchers: Vec<Fetcher>,
}

impl Fetchers {
    /// At the start every fetch waits at its leader.
    pub(super) fn new(brokers: usize, partitions: &[Partition]) -> Fetchers {
        let replicated = partitions.iter().any(|partition| partition.replicas.len() > 1);
        let count = if replicated { brokers * brokers } else { 0 };
        let fetchers = (0..count).map(|_| Fetcher { parked: true, ..Fetcher::default() }).collect();
        Fetchers { brokers, fetchers }
    }

    fn at(&mut self, leader: u32, follower: u32) -> &mut Fetcher {
        &mut self.fetchers[leader as usize * self.brokers + follower as usize]
    }
}

impl Cluster {
    /// A leader has appended: its followers' fetches are answered, now or when they come.
    pub(super) fn wake_followers(&mut self, now: Time, ix: PartitionIx) {
        let Some(leader) = self.partitions[ix.index()].leader else { return };
        self.schedule_isr_check(now, leader);
        for at in 0..self.partitions[ix.index()].replicas.len() {
            let replica = &mut self.partitions[ix.index()].replicas[at];
            let follower = replica.broker;
            if follower == leader {
                continue;
            }
            let fetcher = self.fetchers.at(leader, follower);
            if !std::mem::replace(&mut replica.has_news, true) {
                fetcher.news.push(ix);
            }
            if fetcher.parked {
                self.answer_fetch(now, leader, follower);
            }
        }
    }

    /// The leader sends what is new; the follower writes it.
    fn answer_fetch(&mut self, now: Time, leader: u32, follower: u32) {
        if !self.brokers[follower as usize].up || !self.brokers[leader as usize].up {
            return;
        }
        let mut bytes = 0;
        let fetcher =
            &mut self.fetchers.fetchers[leader as usize * self.fetchers.brokers + follower as usize];
        fetcher.carried.clear();
        for ix in fetcher.news.drain(..) {
            let partition = &mut self.partitions[ix.index()];
            if partition.leader != Some(leader) {
                continue;
            }
            let (leader_epoch, high_watermark) = (partition.leader_epoch, partition.high_watermark);
            let (end, all_bytes) = (partition.leader_log().end, partition.leader_log().bytes);
            let Some(replica) = partition.replica(follower) else { continue };
            replica.has_news = false;
            bytes += all_bytes.saturating_sub(replica.log.bytes);
            fetcher.carried.push(Fetched {
                partition: ix,
                leader_epoch,
                end,
                bytes: all_bytes,
                high_watermark,
            });
        }
        fetcher.parked = fetcher.carried.is_empty();
        if fetcher.parked {
            return;
        }
        let round = fetcher.round;
        let writing = Span(bytes.saturating_mul(self.replication.follower_ps_per_byte) / 1000);
        let done = now + self.replication.broker_latency + self.replication.follower_append + writing;
        self.events.push(done, Event::FollowerAppended { leader, follower, round });
    }

    /// The follower has what was on its way, and asks for more.
    pub(super) fn follower_appended(&mut self, now: Time, leader: u32, follower: u32, round: u32) {
        if self.fetchers.at(leader, follower).round != round {
            return;
        }
        let at = leader as usize * self.fetchers.brokers + follower as usize;
        for fetched in &self.fetchers.fetchers[at].carried {
            let partition = &mut self.partitions[fetched.partition.index()];
            if partition.leader_epoch == fetched.leader_epoch {
                take_over(partition, follower, fetched);
            }
        }
        let arrives = now + self.replication.broker_latency;
        self.events.push(arrives, Event::FetchArrived { leader, follower, round });
    }

    /// REP-2, REP-3: the leader learns from the next fetch what the follower has.
    pub(super) fn fetch_arrived(&mut self, now: Time, leader: u32, follower: u32, round: u32) {
        if self.fetchers.at(leader, follower).round != round {
            return;
        }
        let carried = std::mem::take(&mut self.fetchers.at(leader, follower).carried);
        for fetched in &carried {
            let partition = &mut self.partitions[fetched.partition.index()];
            if partition.leader != Some(leader) || partition.leader_epoch != fetched.leader_epoch {
                continue;
            }
            self.note_fetch(now, fetched.partition, follower, fetched.end);
        }
        let fetcher = self.fetchers.at(leader, follower);
        fetcher.carried = carried;
        fetcher.parked = true;
        if !fetcher.news.is_empty() {
            self.answer_fetch(now, leader, follower);
        }
    }

    fn note_fetch(&mut self, now: Time, ix: PartitionIx, follower: u32, offset: u64) {
        let fenced = self.brokers[follower as usize].fenced;
        let partition = &mut self.partitions[ix.index()];
        let (end, high_watermark) = (partition.leader_log().end, partition.high_watermark);
        let epoch_start = partition.epoch_start;
        let Some(replica) = partition.replica(follower) else { return };
        replica.fetched_up_to(offset, end, now);
        // REP-6: back in sync.
        if !replica.in_sync && !fenced && offset >= high_watermark && offset >= epoch_start {
            replica.in_sync = true;
        }
        if partition.advance_high_watermark() {
            self.complete_waiting(now, ix);
        }
    }

    /// REP-4: leaders look for laggards every half `replica.lag.time.max.ms`, as long as somebody lags.
    fn schedule_isr_check(&mut self, now: Time, leader: u32) {
        let broker = &mut self.brokers[leader as usize];
        if !broker.isr_check_scheduled {
            broker.isr_check_scheduled = true;
            let every = (self.replication.replica_lag_time_max.0 / 2).max(1);
            let next = Time((now.0 / every + 1).saturating_mul(every));
            self.events.push(next, Event::IsrCheck { broker: leader });
        }
    }

    pub(super) fn check_isr(&mut self, now: Time, leader: u32) {
        self.brokers[leader as usize].isr_check_scheduled = false;
        if !self.brokers[leader as usize].up {
            return;
        }
        let mut lagging = false;
        for at in 0..self.partitions.len() {
            if self.partitions[at].leader == Some(leader) {
                lagging |= self.shrink_isr(now, PartitionIx(at as u32), leader);
            }
        }
        if lagging {
            self.schedule_isr_check(now, leader);
        }
    }

    /// True: a follower in the ISR lacks something, but not for long enough.
    fn shrink_isr(&mut self, now: Time, ix: PartitionIx, leader: u32) -> bool {
        let max = self.replication.replica_lag_time_max;
        let partition = &mut self.partitions[ix.index()];
        let end = partition.leader_log().end;
        let (mut lagging, mut shrunk) = (false, false);
        for replica in &mut partition.replicas {
            if replica.broker == leader || !replica.in_sync || replica.fetched >= end {
                continue;
            }
            if now - replica.caught_up_at > max {
                replica.in_sync = false;
                shrunk = true;
            } else {
                lagging = true;
            }
        }
        if shrunk && partition.advance_high_watermark() {
            self.complete_waiting(now, ix);
        }
        lagging
    }

    /// Fetches between two brokers start anew.
    pub(super) fn restart_fetcher(&mut self, leader: u32, follower: u32) {
        if self.fetchers.fetchers.is_empty() {
            return;
        }
        let fetcher = self.fetchers.at(leader, follower);
        fetcher.round += 1;
        fetcher.parked = true;
        fetcher.carried.clear();
        for ix in std::mem::take(&mut fetcher.news) {
            if let Some(replica) = self.partitions[ix.index()].replica(follower) {
                replica.has_news = false;
            }
        }
    }

    /// The first fetch of a follower at a leader: it brings what the follower lacks of each of its partitions, and the
    /// leader learns where it stands.
    pub(super) fn start_fetching(&mut self, now: Time, leader: u32, follower: u32) {
        self.restart_fetcher(leader, follower);
        if !self.brokers[leader as usize].up || !self.brokers[follower as usize].up {
            return;
        }
        for at in 0..self.partitions.len() {
            let partition = &mut self.partitions[at];
            if partition.leader == Some(leader)
                && let Some(replica) = partition.replica(follower)
            {
                replica.has_news = true;
                self.fetchers.at(leader, follower).news.push(PartitionIx(at as u32));
            }
        }
        self.answer_fetch(now + self.replication.broker_latency, leader, follower);
    }
}

fn take_over(partition: &mut Partition, follower: u32, fetched: &Fetched) {
    let Some(at) = partition.replicas.iter().position(|replica| replica.broker == follower) else { return };
    let mut log = std::mem::take(&mut partition.replicas[at].log);
    log.copy(partition.leader_log(), fetched.end, fetched.bytes);
    let replica = &mut partition.replicas[at];
    replica.log = log;
    replica.high_watermark = fetched.high_watermark.min(fetched.end);
}
