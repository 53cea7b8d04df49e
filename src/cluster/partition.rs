//! A partition: who leads, who is in sync, and what each replica has.

use super::log::Log;
use super::sequences::Sequences;
use super::spec::TopicSpec;
use crate::values::time::Time;

/// A partition as a dense index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartitionIx(pub(super) u32);

impl PartitionIx {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One replica of a partition.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) broker: u32,
    pub(super) in_sync: bool,
    /// What the replica itself has.
    pub(super) log: Log,
    /// It is on the list of what its fetcher brings next.
    pub(super) has_news: bool,
    /// The high watermark that its leader told it last.
    pub(super) high_watermark: u64,
    /// What the leader knows of it: the offset of its last fetch, and when it last had everything (REP-3).
    pub(super) fetched: u64,
    pub(super) caught_up_at: Time,
    last_fetch_at: Time,
    leader_end_at_last_fetch: u64,
}

/// One partition.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) min_insync_replicas: usize,
    pub(super) max_message_bytes: u32,
    pub(super) replicas: Vec<Replica>,
    pub(super) leader: Option<u32>,
    pub(super) leader_epoch: i32,
    /// The leader's.
    pub(super) high_watermark: u64,
    /// Where the current leader began.
    pub(super) epoch_start: u64,
    pub(super) sequences: Sequences,
}

impl Partition {
    pub(super) fn new(replicas: Vec<u32>, topic: &TopicSpec) -> Partition {
        Partition {
            min_insync_replicas: topic.min_insync_replicas as usize,
            max_message_bytes: topic.max_message_bytes,
            leader: replicas.first().copied(),
            replicas: replicas.into_iter().map(Replica::new).collect(),
            leader_epoch: 0,
            high_watermark: 0,
            epoch_start: 0,
            sequences: Sequences::default(),
        }
    }

    pub(super) fn replica(&mut self, broker: u32) -> Option<&mut Replica> {
        self.replicas.iter_mut().find(|replica| replica.broker == broker)
    }

    /// The place of the leader among the replicas; of the first one if there is no leader.
    fn leader_place(&self) -> usize {
        self.replicas.iter().position(|replica| Some(replica.broker) == self.leader).unwrap_or(0)
    }

    pub(super) fn leader_log(&self) -> &Log {
        &self.replicas[self.leader_place()].log
    }

    pub(super) fn isr(&self) -> impl Iterator<Item = u32> + '_ {
        self.replicas.iter().filter(|replica| replica.in_sync).map(|replica| replica.broker)
    }

    pub(super) fn isr_len(&self) -> usize {
        self.isr().count()
    }

    /// The leader appends a batch; gives its base offset.
    pub(super) fn append(&mut self, records: u64, bytes: u64) -> u64 {
        let (place, epoch) = (self.leader_place(), self.leader_epoch);
        let log = &mut self.replicas[place].log;
        let base = log.end;
        log.append(epoch, records, bytes);
        if self.replicas.len() == 1 {
            self.high_watermark = self.replicas[0].log.end;
        }
        base
    }

    /// REP-5: the smallest end among the in-sync replicas, but only while there are enough of them (KAFKA-15583).
    /// True if the high watermark has moved.
    pub(super) fn advance_high_watermark(&mut self) -> bool {
        if self.isr_len() < self.min_insync_replicas {
            return false;
        }
        let leader = self.leader;
        let end_of = |replica: &Replica| {
            if Some(replica.broker) == leader { replica.log.end } else { replica.fetched }
        };
        let in_sync = self.replicas.iter().filter(|replica| replica.in_sync);
        let Some(end) = in_sync.map(end_of).min() else { return false };
        let moved = end > self.high_watermark;
        self.high_watermark = self.high_watermark.max(end);
        moved
    }
}

impl Replica {
    fn new(broker: u32) -> Replica {
        Replica {
            broker,
            in_sync: true,
            log: Log::default(),
            has_news: false,
            high_watermark: 0,
            fetched: 0,
            caught_up_at: Time::START,
            last_fetch_at: Time::START,
            leader_end_at_last_fetch: 0,
        }
    }

    /// REP-3: a follower that asks for what lies behind `offset` has everything before it.
    pub(super) fn fetched_up_to(&mut self, offset: u64, leader_end: u64, now: Time) {
        if offset >= leader_end {
            self.caught_up_at = self.caught_up_at.max(now);
        } else if offset >= self.leader_end_at_last_fetch {
            self.caught_up_at = self.caught_up_at.max(self.last_fetch_at);
        }
        self.fetched = offset;
        self.last_fetch_at = now;
        self.leader_end_at_last_fetch = leader_end;
    }

    /// A new leader knows nothing of its followers yet.
    pub(super) fn forget_fetches(&mut self, now: Time) {
        self.fetched = 0;
        self.caught_up_at = now;
        self.last_fetch_at = now;
        self.leader_end_at_last_fetch = 0;
    }
}
