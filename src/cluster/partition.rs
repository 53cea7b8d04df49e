//! A partition: who leads, who is in sync, and how far the high watermark is.

use super::elections::Elections;
use super::log::Log;
use super::replica::Replica;
use super::segments::Segments;
use super::sequences::Sequences;
use super::spec::TopicSpec;
use crate::planted::{PlantedBug, planted};
use crate::values::time::{Span, Time};

/// A partition as a dense index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartitionIx(pub(super) u32);

impl PartitionIx {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a follower's fetch finds at the leader.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// New data, or that the logs differ.
    pub(super) is_something: bool,
    /// The follower has records that the leader has not: it must cut them off, and ask again for what comes then.
    pub(super) diverges: bool,
    /// Bytes sent.
    pub(super) bytes: u64,
    /// Where the follower's log ends afterwards.
    pub(super) end: u64,
    /// Its bytes afterwards.
    pub(super) log_bytes: u64,
}

/// One partition.
#[derive(Debug)]
pub(super) struct Partition {
    /// Never more than there are replicas.
    pub(super) min_insync_replicas: usize,
    pub(super) max_message_bytes: u32,
    /// In the order of the assignment.
    pub(super) replicas: Vec<Replica>,
    /// Who is to lead: what the controller has decided, and what brokers have heard of that.
    pub(super) elections: Elections,
    /// The broker that leads: it has been elected, and knows. What follows is its view.
    pub(super) leader: Option<u32>,
    pub(super) leader_epoch: i32,
    /// The leader's. An elected leader goes on with its predecessor's; in Kafka it may know a slightly older one until
    /// its followers have fetched, which no producer can see.
    pub(super) high_watermark: u64,
    /// Where the current leader began.
    pub(super) epoch_start: u64,
    /// The leader's.
    pub(super) sequences: Sequences,
    /// The leader's.
    pub(super) segments: Segments,
    /// A new segment is being made until then.
    pub(super) rolled_at: Time,
    /// Leaders of older epochs that have not heard of a newer one.
    pub(super) deposed: Vec<Deposed>,
    /// A reassignment under way: the replicas that it will have.
    pub(super) target: Option<Vec<u32>>,
}

/// A broker that goes on as leader because nobody has told it otherwise: what it appends will be cut off.
#[derive(Debug)]
pub(super) struct Deposed {
    pub(super) broker: u32,
    pub(super) epoch: i32,
    pub(super) sequences: Sequences,
}

impl Partition {
    pub(super) fn new(replicas: Vec<u32>, topic: &TopicSpec) -> Partition {
        Partition {
            elections: Elections::new(replicas.first().copied()),
            min_insync_replicas: replicas.len().min(topic.min_insync_replicas as usize),
            max_message_bytes: topic.max_message_bytes,
            leader: replicas.first().copied(),
            replicas: replicas.into_iter().map(Replica::new).collect(),
            leader_epoch: 0,
            high_watermark: 0,
            epoch_start: 0,
            sequences: Sequences::default(),
            segments: Segments::new(topic.retention),
            rolled_at: Time::START,
            deposed: Vec::new(),
            target: None,
        }
    }

    pub(super) fn is_replicated(&self) -> bool {
        self.replicas.len() > 1
    }

    pub(super) fn replica(&mut self, broker: u32) -> Option<&mut Replica> {
        self.replicas.iter_mut().find(|replica| replica.broker == broker)
    }

    /// The place of the leader among the replicas; without leader, that of the first one that could be it.
    fn leader_place(&self) -> usize {
        let place = |is_it: fn(&Replica) -> bool| self.replicas.iter().position(is_it);
        let place = match self.leader {
            Some(leader) => self.replicas.iter().position(|replica| replica.broker == leader),
            None => place(|replica| replica.in_sync).or_else(|| place(|replica| replica.eligible)),
        };
        place.unwrap_or(0)
    }

    pub(super) fn leader_log(&self) -> &Log {
        &self.replicas[self.leader_place()].log
    }

    /// What the partition's log is, as things stand: see [`Partition::final_replica`].
    pub(super) fn final_log(&self) -> &Log {
        &self.final_replica().log
    }

    /// Whose log is the partition's, as things stand: the elected leader, whether it knows or not.
    pub(super) fn final_replica(&self) -> &Replica {
        let elected = self.elections.newest().leader;
        let its = self.replicas.iter().find(|replica| Some(replica.broker) == elected);
        its.unwrap_or_else(|| &self.replicas[self.leader_place()])
    }

    pub(super) fn isr(&self) -> impl Iterator<Item = u32> + '_ {
        self.replicas.iter().filter(|replica| replica.in_sync).map(|replica| replica.broker)
    }

    pub(super) fn isr_len(&self) -> usize {
        self.isr().count()
    }

    /// ACK-1: without enough in-sync replicas nothing is promised. It is the leader who counts them.
    pub(super) fn is_under_min_isr(&self) -> bool {
        self.replicas.iter().filter(|replica| replica.counts_as_in_sync).count() < self.min_insync_replicas
            && !planted(PlantedBug::MinIsrNotChecked)
    }

    /// The leader learns what the controller has made of the ISR.
    pub(super) fn learn_isr(&mut self) {
        self.replicas.iter_mut().for_each(|replica| replica.counts_as_in_sync = replica.in_sync);
    }

    /// REP-7: a follower that has everything up to here may join the ISR: what is promised, and what the leader had
    /// when it began, of which older leaders may have promised more than this one knows.
    pub(super) fn isr_entry(&self) -> u64 {
        self.high_watermark.max(self.epoch_start)
    }

    /// The leader appends a batch; gives its base offset.
    #[inline(always)]
    pub(super) fn append(&mut self, next_flush: u64, records: u64, bytes: u64) -> u64 {
        let (place, epoch) = (self.leader_place(), self.leader_epoch);
        self.replicas[place].note_flush(next_flush);
        self.replicas[place].log.append(epoch, records, bytes)
    }

    /// A deposed leader is none any more. It keeps what it knows as long as it has its log.
    pub(super) fn end_deposed(&mut self, broker: u32) -> bool {
        let Some(at) = self.deposed.iter().position(|deposed| deposed.broker == broker) else { return false };
        let sequences = self.deposed.swap_remove(at).sequences;
        if let Some(replica) = self.replica(broker) {
            replica.sequences = Some(sequences);
        }
        true
    }

    /// The leader begins: of producers it knows what is in its own log. Others that have more, or other records, keep
    /// what was known of those until they follow it.
    pub(super) fn take_over_sequences(&mut self, leader: u32) {
        let end = self.leader_log().end;
        let (known, own) = (&self.sequences, |replica: &Replica| replica.broker == leader);
        for replica in self.replicas.iter_mut().filter(|replica| !own(replica)) {
            if replica.log.end > end && replica.sequences.is_none() {
                replica.sequences = Some(known.clone());
            }
        }
        if let Some(own) = self.replica(leader).and_then(|replica| replica.sequences.take()) {
            self.sequences = own;
        }
        if !planted(PlantedBug::SequencesKeptBeyondEnd) {
            self.sequences.truncate(end);
        }
    }

    /// So does one that leads no more.
    pub(super) fn append_at_deposed(&mut self, broker: u32, records: u64, bytes: u64) -> Option<u64> {
        let epoch = self.deposed.iter().find(|deposed| deposed.broker == broker)?.epoch;
        Some(self.replica(broker)?.log.append(epoch, records, bytes))
    }

    /// A follower asks for what lies behind its own log (REP-2, REP-10).
    pub(super) fn fetch(&self, follower: u32) -> Found {
        let of_follower = |replica: &&Replica| replica.broker == follower;
        let Some(replica) = self.replicas.iter().find(of_follower) else { return Found::default() };
        let (own, leader) = (&replica.log, self.leader_log());
        let common = own.end_agreed_with(leader);
        if common < own.end {
            let log_bytes = own.bytes_up_to(common);
            return Found { is_something: true, diverges: true, bytes: 0, end: common, log_bytes };
        }
        Found {
            is_something: own.end < leader.end,
            diverges: false,
            // What is deleted is not sent any more.
            bytes: leader.bytes.saturating_sub(own.bytes.max(self.segments.log_start_bytes)),
            end: leader.end,
            log_bytes: leader.bytes,
        }
    }

    /// The follower takes over what a fetch has brought; `end` and `log_bytes` as in [`Found`].
    pub(super) fn follow(&mut self, follower: u32, end: u64, log_bytes: u64) {
        let leader = self.leader_place();
        let Some(at) = self.replicas.iter().position(|replica| replica.broker == follower) else { return };
        if let Ok([replica, leader]) = self.replicas.get_disjoint_mut([at, leader]) {
            replica.log.follow(&leader.log, end, log_bytes);
            replica.sequences = None;
        }
    }

    /// REP-3: moves the high watermark to the smallest end among the in-sync replicas and those that are about to
    /// join them: they may, and have caught up. Not while there are too few in-sync replicas (ACK-1). True if it has
    /// moved.
    pub(super) fn advance_high_watermark(
        &mut self,
        now: Time,
        lag_max: Span,
        needs_min_isr: bool,
        may_join: impl Fn(u32) -> bool,
    ) -> bool {
        if self.leader.is_none() || (needs_min_isr && self.is_under_min_isr()) {
            return false;
        }
        let leader_end = self.leader_log().end;
        let counts = |replica: &&Replica| {
            Some(replica.broker) != self.leader
                && !planted(PlantedBug::HighWatermarkOfLeaderOnly)
                && (replica.counts_as_in_sync
                    || replica.is_caught_up(leader_end, now, lag_max) && may_join(replica.broker))
        };
        let followers = self.replicas.iter().filter(counts).map(|replica| replica.fetched.unwrap_or(0));
        let end = followers.fold(leader_end, u64::min);
        let moved = end > self.high_watermark;
        self.high_watermark = self.high_watermark.max(end);
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::super::sequences::Verdict;
    use super::super::spec::RetentionSpec;
    use super::*;
    use crate::protocol::message::ProduceBatch;
    use crate::values::ids::{BatchMark, NodeId, TopicId, TopicPartition};

    fn partition(min_insync_replicas: u32) -> Partition {
        let topic = TopicSpec {
            name: "t".to_owned(),
            assignment: vec![vec![NodeId(1), NodeId(2), NodeId(3)]],
            min_insync_replicas,
            max_message_bytes: 1_048_588,
            retention: RetentionSpec::KEEPS_ALL,
        };
        Partition::new(vec![0, 1, 2], &topic)
    }

    fn advance(partition: &mut Partition, now: u64) -> u64 {
        partition.advance_high_watermark(Time(now), Span(30), true, |broker| broker != 2);
        partition.high_watermark
    }

    #[test]
    fn the_slowest_in_sync_follower_sets_the_high_watermark() {
        let mut partition = partition(1);
        assert_eq!(partition.append(1, 10, 1000), 0);
        assert_eq!(partition.append(1, 5, 500), 10);
        partition.replicas[1].fetched_up_to(15, 15, Time(1));
        assert_eq!(advance(&mut partition, 1), 0);
        partition.replicas[2].fetched_up_to(10, 15, Time(1));
        assert_eq!(advance(&mut partition, 1), 10);
        partition.replicas[2].in_sync = false;
        assert_eq!(advance(&mut partition, 1), 10, "the leader has not heard of it");
        partition.learn_isr();
        assert_eq!(advance(&mut partition, 1), 15, "broker 2 is fenced");
    }

    #[test]
    fn a_follower_that_has_just_caught_up_holds_the_high_watermark_before_it_is_in_the_isr() {
        let mut partition = partition(1);
        partition.append(1, 10, 1000);
        partition.replicas[2].fetched_up_to(10, 10, Time(0));
        partition.replicas[1].in_sync = false;
        partition.learn_isr();
        assert_eq!(advance(&mut partition, 30), 0);
        assert_eq!(advance(&mut partition, 31), 10);
    }

    #[test]
    fn who_joins_the_isr_has_what_the_leader_began_with() {
        let mut partition = partition(1);
        (partition.high_watermark, partition.epoch_start) = (10, 20);
        assert_eq!(partition.isr_entry(), 20);
        partition.high_watermark = 30;
        assert_eq!(partition.isr_entry(), 30);
    }

    #[test]
    fn below_the_minimum_the_high_watermark_stands() {
        let mut partition = partition(2);
        partition.append(1, 10, 1000);
        partition.replicas[1].in_sync = false;
        partition.replicas[2].in_sync = false;
        partition.learn_isr();
        assert_eq!(advance(&mut partition, 100), 0);
        partition.min_insync_replicas = 1;
        assert_eq!(advance(&mut partition, 100), 10);
    }

    /// A replica that has more than the next leader had knows the producers of it, should it lead itself without having
    /// followed in between.
    #[test]
    fn a_leader_knows_the_producers_in_its_own_log() {
        let batch = |base_sequence| ProduceBatch {
            tp: TopicPartition::new(TopicId(0), 0),
            records: 5,
            bytes: 100,
            producer_id: 7,
            producer_epoch: 0,
            base_sequence,
            mark: BatchMark::NONE,
        };
        for follows in [false, true] {
            let mut partition = partition(1);
            for base in [0, 5] {
                partition.append(1, 5, 100);
                partition.sequences.appended(Time(1), &batch(base), base as u64);
            }
            partition.follow(1, 5, 100);
            (partition.leader, partition.leader_epoch) = (Some(1), 1);
            partition.take_over_sequences(1);
            assert_eq!(partition.sequences.check(&batch(5)), Verdict::Append, "broker 1 has only the first");
            if follows {
                partition.follow(0, 5, 100);
            }
            (partition.leader, partition.leader_epoch) = (Some(0), 2);
            partition.take_over_sequences(0);
            let expected = if follows { Verdict::Append } else { Verdict::Duplicate { offset: 5 } };
            assert_eq!(partition.sequences.check(&batch(5)), expected, "{follows}");
        }
    }
}
