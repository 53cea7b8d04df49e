//! Followers (11.4): what a fetch finds at the leader, what its answer does to the follower's log, and what the leader
//! learns from the next fetch.

use super::fetcher::{Cadence, Carried, Fetcher};
use super::partition::{Partition, PartitionIx};
use super::spec::ClusterSpec;
use super::{Cluster, Event};
use crate::planted::{PlantedBug, planted};
use crate::values::time::{Span, Time};

/// All fetchers.
#[derive(Debug)]
pub(super) struct Fetchers {
    brokers: u32,
    /// The one of (leader, follower) is at leader * brokers + follower.
    all: Vec<Fetcher>,
}

/// One fetcher's round trip at one point of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) leader: u32,
    pub(super) follower: u32,
    number: u32,
}

impl Fetchers {
    /// At the start every fetch waits at its leader.
    pub(super) fn new(spec: &ClusterSpec, partitions: &[Partition]) -> Fetchers {
        let (brokers, timing) = (spec.brokers.len(), &spec.replication);
        let replicated = spec.reassigns || partitions.iter().any(Partition::is_replicated);
        let count = if replicated { brokers * brokers } else { 0 };
        let fetcher = |at: usize| {
            let [leader, follower] = [at / brokers, at % brokers].map(|broker| &spec.brokers[broker].rack);
            let further = if leader == follower { Span::ZERO } else { timing.rack_latency };
            let latency = timing.broker_latency + further;
            Fetcher::new(Cadence::new(timing.replica_fetch_wait_max, latency))
        };
        let all = (0..count).map(fetcher).collect();
        let mut fetchers = Fetchers { brokers: brokers as u32, all };
        for partition in partitions {
            let Some(leader) = partition.leader else { continue };
            for replica in partition.replicas.iter().filter(|replica| replica.broker != leader) {
                fetchers.at(leader, replica.broker).arrive(Time::START);
            }
        }
        fetchers
    }

    pub(super) fn at(&mut self, leader: u32, follower: u32) -> &mut Fetcher {
        &mut self.all[(leader * self.brokers + follower) as usize]
    }

    pub(super) fn round(&mut self, leader: u32, follower: u32) -> Round {
        Round { leader, follower, number: self.at(leader, follower).round }
    }

    /// The fetcher, if it has not been stopped since the round began.
    fn current(&mut self, round: Round) -> Option<&mut Fetcher> {
        Some(self.at(round.leader, round.follower)).filter(|fetcher| fetcher.round == round.number)
    }

    /// A follower will fetch a partition elsewhere.
    pub(super) fn leave(&mut self, ix: PartitionIx, follower: u32) {
        if self.all.is_empty() {
            return;
        }
        for leader in 0..self.brokers {
            self.at(leader, follower).leave(ix);
        }
    }

    /// A broker stands still or cannot be reached: nobody knows of a fetch to or from it after this.
    pub(super) fn freeze(&mut self, now: Time, broker: u32) {
        if self.all.is_empty() {
            return;
        }
        for other in 0..self.brokers {
            self.at(broker, other).freeze(now);
            self.at(other, broker).freeze(now);
        }
    }

    /// A follower has nothing to fetch at a leader.
    pub(super) fn rest(&mut self, now: Time, leader: u32, follower: u32) {
        let fetcher = self.at(leader, follower);
        if fetcher.is_waiting() && fetcher.news.is_empty() {
            drop(fetcher.stop(now));
        }
    }

    /// A broker has died: nobody fetches there, and it fetches nowhere.
    pub(super) fn stop(&mut self, now: Time, broker: u32, partitions: &mut [Partition]) {
        if self.all.is_empty() {
            return;
        }
        for other in 0..self.brokers {
            for (leader, follower) in [(broker, other), (other, broker)] {
                for ix in self.at(leader, follower).stop(now) {
                    if let Some(replica) = partitions[ix.index()].replica(follower) {
                        replica.has_news = false;
                    }
                }
            }
        }
    }
}

impl Cluster {
    /// The leader has appended behind `end`; its followers lack that now.
    pub(super) fn note_append(&mut self, now: Time, ix: PartitionIx, end: u64) {
        let partition = &mut self.partitions[ix.index()];
        let Some(leader) = partition.leader else { return };
        for replica in partition.replicas.iter_mut().filter(|replica| replica.broker != leader) {
            let fetcher = self.fetchers.at(leader, replica.broker);
            replica.leader_grows(end, fetcher.last_fetch(now));
            if replica.asks && !fetcher.is_stopped() && !std::mem::replace(&mut replica.has_news, true) {
                fetcher.news.push(ix);
            }
        }
        self.schedule_isr_check(now, leader);
    }

    /// REP-2: a produce request has been appended as a whole; fetches that wait for data of this leader are answered.
    pub(super) fn answer_waiting_fetches(&mut self, now: Time, leader: u32) {
        if self.fetchers.all.is_empty() {
            return;
        }
        for follower in 0..self.fetchers.brokers {
            let fetcher = self.fetchers.at(leader, follower);
            if fetcher.news.is_empty() || !fetcher.is_waiting() {
                continue;
            }
            if fetcher.is_at_leader(now) {
                self.answer_fetch(now, leader, follower);
            } else {
                let arrives = fetcher.next_fetch(now);
                fetcher.depart(now);
                let round = self.fetchers.round(leader, follower);
                self.events.push(arrives, Event::FetchArrived(round));
            }
        }
    }

    /// A broker goes on: its fetches, and those at it, begin anew with their next round.
    pub(super) fn thaw_fetchers(&mut self, now: Time, broker: u32) {
        if self.fetchers.all.is_empty() {
            return;
        }
        for other in 0..self.fetchers.brokers {
            for (leader, follower) in [(broker, other), (other, broker)] {
                let fetcher = self.fetchers.at(leader, follower);
                let arrives = now + fetcher.cadence.latency;
                if fetcher.thaw(now) {
                    let round = self.fetchers.round(leader, follower);
                    self.events.push(arrives, Event::FetchArrived(round));
                }
            }
        }
    }

    /// The leader sends what is new, or where the follower's log departs from its own (REP-10); then the follower asks
    /// again. A fetch for which there is neither waits.
    fn answer_fetch(&mut self, now: Time, leader: u32, follower: u32) {
        let Fetcher { news, carried, .. } = self.fetchers.at(leader, follower);
        carried.clear();
        let (mut bytes, mut turned_away) = (0, Vec::new());
        news.retain(|&ix| {
            let partition = &mut self.partitions[ix.index()];
            if partition.leader != Some(leader) {
                turned_away.push(ix);
                return false;
            }
            let found = partition.fetch(follower);
            bytes += found.bytes;
            if found.is_something {
                carried.push(Carried { partition: ix, end: found.end, log_bytes: found.log_bytes });
            }
            if let Some(replica) = partition.replica(follower) {
                replica.has_news = found.diverges;
                if planted(PlantedBug::SentTakenForWritten) && !found.diverges {
                    replica.fetched = Some(found.end);
                }
            }
            found.diverges
        });
        let nothing_to_bring = carried.is_empty();
        turned_away.into_iter().for_each(|ix| self.turn_away(now, ix, leader, follower));
        if nothing_to_bring {
            return;
        }
        let fetcher = self.fetchers.at(leader, follower);
        fetcher.depart(now);
        let latency = fetcher.cadence.latency;
        let round = self.fetchers.round(leader, follower);
        let spec = &self.replication;
        let writing = Span(bytes.saturating_mul(spec.follower_ps_per_byte) / 1000);
        let written = now + latency + spec.follower_append + writing;
        self.events.push(written, Event::FollowerAppended(round));
    }

    /// The leader is none, or not yet: the follower comes again. One that is deposed takes itself for the leader, and
    /// has nothing that matters.
    #[cold]
    fn turn_away(&mut self, now: Time, ix: PartitionIx, leader: u32, follower: u32) {
        let partition = &mut self.partitions[ix.index()];
        if let Some(replica) = partition.replica(follower) {
            (replica.asks, replica.has_news) = (false, false);
        }
        if partition.deposed.iter().all(|deposed| deposed.broker != leader) {
            let told = now + self.fetchers.at(leader, follower).cadence.latency;
            self.retry_fetching(told, ix, follower);
        }
    }

    /// The follower has written what an answer brought, and asks for more.
    pub(super) fn follower_appended(&mut self, now: Time, round: Round) {
        let Some(fetcher) = self.fetchers.current(round) else { return };
        for carried in &fetcher.carried {
            let Carried { partition: ix, end, log_bytes } = *carried;
            let partition = &mut self.partitions[ix.index()];
            if partition.leader == Some(round.leader) {
                if let Some(replica) = partition.replica(round.follower) {
                    replica.note_flush(self.next_flush);
                    self.counters.truncations += u64::from(end < replica.log.end);
                }
                partition.follow(round.follower, end, log_bytes);
            }
        }
        let latency = self.fetchers.at(round.leader, round.follower).cadence.latency;
        self.events.push(now + latency, Event::FetchArrived(round));
    }

    /// REP-2: a fetch tells the leader where the follower stands in every partition. Only those matter that have
    /// moved or lack something; the others were complete and still are.
    pub(super) fn fetch_arrived(&mut self, now: Time, round: Round) {
        let Some(fetcher) = self.fetchers.current(round) else { return };
        fetcher.arrive(now);
        let news = std::mem::take(&mut fetcher.news);
        let carried = std::mem::take(&mut fetcher.carried);
        for &ix in carried.iter().map(|carried| &carried.partition).chain(&news) {
            if self.partitions[ix.index()].leader == Some(round.leader) {
                self.note_fetch(now, ix, round.follower);
            }
        }
        let fetcher = self.fetchers.at(round.leader, round.follower);
        (fetcher.news, fetcher.carried) = (news, carried);
        self.answer_fetch(now, round.leader, round.follower);
    }
}
