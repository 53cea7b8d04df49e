//! Brokers hear of the controller's decisions: they begin to lead, resign, or follow another leader.

use super::broker::Process;
use super::partition::{Deposed, Partition, PartitionIx};
use super::replica::Replica;
use super::{Cluster, Event};
use crate::protocol::error::ErrorCode;
use crate::values::time::{Span, Time};

impl Cluster {
    /// A broker's metadata cache has come up to a decision. For one that starts it is the first one, and it is up now.
    pub(super) fn heard(&mut self, now: Time, broker: u32, decision: u32, life: u32) {
        let state = &mut self.brokers[broker as usize];
        if state.life != life || decision < state.heard {
            return;
        }
        match state.process {
            Process::Starting { registered: true } => {
                state.process = Process::Up;
                state.heard = decision;
                self.begin(now, broker);
                self.ask_to_be_unfenced(now, broker);
            }
            Process::Up => {
                if self.takes_time_to_resign(now, broker, decision) {
                    return;
                }
                let heard = std::mem::replace(&mut self.brokers[broker as usize].heard, decision);
                for ix in self.controller.changed(heard, decision) {
                    self.apply(now, ix, broker);
                }
                self.finish_shutdown(now, broker);
            }
            Process::Starting { .. } | Process::Down => {}
        }
    }

    /// What a leader hears of its successor takes effect when it has stood still for a while. True: it does from now on.
    fn takes_time_to_resign(&mut self, now: Time, broker: u32, decision: u32) -> bool {
        let takes = self.controller.spec.resignation;
        let state = &self.brokers[broker as usize];
        if takes == Span::ZERO || state.resigns_with == Some(decision) {
            return false;
        }
        let resigns = |ix: &PartitionIx| {
            let partition = &self.partitions[ix.index()];
            let leads = partition.leader == Some(broker)
                || partition.deposed.iter().any(|deposed| deposed.broker == broker);
            leads && partition.elections.known_at(decision).leader != Some(broker)
        };
        if !self.controller.changed(state.heard, decision).iter().any(resigns) {
            return false;
        }
        let (until, life) = (now + takes, state.life);
        self.brokers[broker as usize].resigns_with = Some(decision);
        self.stand_still(broker, until);
        self.events.push(until, Event::Heard { broker, decision, life });
        true
    }

    /// A started broker takes its place in every partition.
    fn begin(&mut self, now: Time, broker: u32) {
        for at in 0..self.partitions.len() {
            let ix = PartitionIx(at as u32);
            if self.partitions[at].replicas.iter().any(|replica| replica.broker == broker) {
                self.apply(now, ix, broker);
            }
        }
    }

    /// A broker does what it knows to be its part in a partition.
    fn apply(&mut self, now: Time, ix: PartitionIx, broker: u32) {
        let heard = self.brokers[broker as usize].heard;
        let partition = &mut self.partitions[ix.index()];
        let known = partition.elections.known_at(heard);
        if known.leader == Some(broker) {
            if partition.leader == Some(broker) && partition.leader_epoch == known.epoch {
                partition.learn_isr();
                self.advance_high_watermark(now, ix);
            } else {
                self.become_leader(now, ix, broker, known.epoch);
            }
        } else if partition.replica(broker).is_some_and(|replica| replica.follows != Some(known.epoch)) {
            self.resign(now, ix, broker, known.epoch);
            self.follow_leader(now, ix, broker, known.epoch);
        }
    }

    /// The new leader's log is the truth from now on. A predecessor that is alive and has not heard of it goes on.
    fn become_leader(&mut self, now: Time, ix: PartitionIx, leader: u32, epoch: i32) {
        let partition = &self.partitions[ix.index()];
        if partition.leader_epoch > epoch {
            // It hears of an election that others know to be over.
            return;
        }
        self.leave_fetcher(ix, leader);
        let partition = &mut self.partitions[ix.index()];
        if let Some(former) = partition.leader.filter(|former| *former != leader)
            && self.brokers[former as usize].is_up()
        {
            self.counters.deposed_leaders += 1;
            let sequences = partition.sequences.clone();
            partition.deposed.push(Deposed { broker: former, epoch: partition.leader_epoch, sequences });
        }
        partition.end_deposed(leader);
        if let Some(replica) = partition.replica(leader) {
            replica.follows = None;
        }
        (partition.leader, partition.leader_epoch) = (Some(leader), epoch);
        let end = partition.leader_log().end;
        partition.epoch_start = end;
        partition.high_watermark = partition.high_watermark.min(end);
        partition.take_over_sequences(leader);
        partition.segments.truncate(end, partition.leader_log().bytes);
        partition.learn_isr();
        partition.replicas.iter_mut().for_each(|replica| replica.forget_fetches(now));
        if partition.replicas.iter().any(|replica| replica.is_leaving) {
            self.drop_leaving(ix);
        }
        self.advance_high_watermark(now, ix);
        self.schedule_isr_check(now, leader);
        self.schedule_retention_check(now, ix);
    }

    /// A leader hears that it is none any more. What it has delayed is answered NOT_LEADER_OR_FOLLOWER (11.3).
    fn resign(&mut self, now: Time, ix: PartitionIx, broker: u32, epoch: i32) {
        let partition = &mut self.partitions[ix.index()];
        let was_deposed = partition.end_deposed(broker);
        let led = partition.leader == Some(broker) && partition.leader_epoch < epoch;
        if led {
            // Until the successor knows, nobody leads.
            partition.leader = None;
        }
        if led || was_deposed {
            self.fail_delayed_of(now, ix, broker, ErrorCode::NotLeaderOrFollower);
        }
    }

    /// A follower turns to the leader that it knows of. News of the ISR alone do not disturb it.
    fn follow_leader(&mut self, now: Time, ix: PartitionIx, follower: u32, epoch: i32) {
        self.leave_fetcher(ix, follower);
        if let Some(replica) = self.partitions[ix.index()].replica(follower) {
            replica.follows = Some(epoch);
        }
        self.start_fetching(now, ix, follower);
    }

    /// The follower no longer fetches the partition wherever it did; what is on its way is of no use.
    fn leave_fetcher(&mut self, ix: PartitionIx, follower: u32) {
        if let Some(replica) = self.partitions[ix.index()].replica(follower) {
            (replica.asks, replica.has_news) = (false, false);
        }
        self.fetchers.leave(ix, follower);
    }

    /// A follower begins to fetch a partition from the leader that it knows: with a first fetch, or with the next one
    /// if it fetches there already. The fetch under way does not ask for it.
    pub(super) fn start_fetching(&mut self, now: Time, ix: PartitionIx, follower: u32) {
        let heard = self.brokers[follower as usize].heard;
        let partition = &mut self.partitions[ix.index()];
        let known = partition.elections.known_at(heard);
        let Some(leader) = known.leader.filter(|leader| *leader != follower) else { return };
        if !self.brokers[follower as usize].is_up() {
            return;
        }
        if !self.brokers[leader as usize].is_up() {
            self.retry_fetching(now, ix, follower);
            return;
        }
        let Some(replica) = partition.replica(follower) else { return };
        replica.asks = true;
        if std::mem::replace(&mut replica.has_news, true) {
            return;
        }
        let fetcher = self.fetchers.at(leader, follower);
        let first = now + fetcher.cadence.latency;
        if let Some(arrives) = fetcher.join(now, ix, first) {
            let round = self.fetchers.round(leader, follower);
            self.events.push(arrives, Event::FetchArrived(round));
        }
    }

    /// REP-1: the leader has turned the follower away, or does not answer.
    pub(super) fn retry_fetching(&mut self, now: Time, ix: PartitionIx, follower: u32) {
        let state = &self.brokers[follower as usize];
        let (heard, life) = (state.heard, state.life);
        let at = now + self.replication.replica_fetch_backoff;
        self.events.push(at, Event::FetchAgain { ix, follower, heard, life });
    }

    /// The backoff is over, unless the follower has been told something else in between.
    pub(super) fn fetch_again(&mut self, now: Time, ix: PartitionIx, follower: u32, heard: u32, life: u32) {
        let state = &self.brokers[follower as usize];
        let partition = &self.partitions[ix.index()];
        let known = |heard| partition.elections.known_at(heard);
        if state.life == life && known(state.heard) == known(heard) {
            if let Some(leader) = known(heard).leader {
                self.rest_if_idle(now, leader, follower);
            }
            self.start_fetching(now, ix, follower);
        }
    }

    /// A follower that has had nothing to ask for at a leader has no fetch under way there.
    fn rest_if_idle(&mut self, now: Time, leader: u32, follower: u32) {
        let asks = |partition: &Partition| {
            let asks = |replica: &Replica| replica.broker == follower && replica.asks;
            partition.leader == Some(leader) && partition.replicas.iter().any(asks)
        };
        if !self.partitions.iter().any(asks) {
            self.fetchers.rest(now, leader, follower);
        }
    }
}
