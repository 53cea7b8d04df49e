//! One replica of a partition: its log, and what the leader knows of it.

use super::log::Log;
use super::sequences::Sequences;
use crate::values::time::{Span, Time};

/// No fetch of the current leader's time.
const NO_FETCH: u64 = u64::MAX;

/// One replica of a partition.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) broker: u32,
    /// In the ISR, as the controller has it.
    pub(super) in_sync: bool,
    /// In the ISR, as far as the leader knows.
    pub(super) counts_as_in_sync: bool,
    /// Not in the ISR, but it has everything that was ever promised (KIP-966).
    pub(super) eligible: bool,
    /// What the replica itself has.
    pub(super) log: Log,
    /// What is known of producers in its log, if that has records which the leader's has not.
    pub(super) sequences: Option<Sequences>,
    /// Where its log ended when the operating system wrote it to disk last, and the number of that write.
    flushed: (u64, u64),
    /// It has lost what it had: since its broker last registered.
    pub(super) is_damaged: bool,
    /// A reassignment has taken it out; it goes when nobody needs its log.
    pub(super) is_leaving: bool,
    /// Its fetches ask for this partition.
    pub(super) asks: bool,
    /// The leader's epoch in which it follows.
    pub(super) follows: Option<i32>,
    /// It is in the list of news of its fetcher.
    pub(super) has_news: bool,
    /// Where the follower's last fetch asked to go on; `None` before its first one in this leader's epoch (REP-9).
    pub(super) fetched: Option<u64>,
    /// When the follower last had everything (REP-5).
    caught_up_at: Option<Time>,
    last_fetch_at: Time,
    leader_end_at_last_fetch: u64,
}

impl Replica {
    pub(super) fn new(broker: u32) -> Replica {
        Replica {
            broker,
            in_sync: true,
            counts_as_in_sync: true,
            eligible: false,
            log: Log::default(),
            sequences: None,
            flushed: (0, 0),
            is_damaged: false,
            is_leaving: false,
            asks: true,
            follows: Some(0),
            has_news: false,
            fetched: Some(0),
            caught_up_at: Some(Time::START),
            last_fetch_at: Time::START,
            leader_end_at_last_fetch: 0,
        }
    }

    /// The log is about to grow in the interval before write `number`: all earlier ones have it as it is.
    #[inline]
    pub(super) fn note_flush(&mut self, number: u64) {
        if number > self.flushed.1 {
            self.flushed = (self.log.end, number);
        }
    }

    /// What is on disk in the interval before write `number`.
    pub(super) fn end_on_disk(&self, number: u64) -> u64 {
        if number > self.flushed.1 { self.log.end } else { self.flushed.0.min(self.log.end) }
    }

    /// The machine dies in the interval before write `number`: what came since the last one is gone.
    pub(super) fn lose_unflushed(&mut self, number: u64) {
        self.note_flush(number);
        self.log.truncate(self.flushed.0);
    }

    /// It fetches this partition for the first time, with nothing of it.
    pub(super) fn added(broker: u32) -> Replica {
        let mut replica = Replica::new(broker);
        (replica.in_sync, replica.counts_as_in_sync, replica.follows) = (false, false, None);
        replica.forget_fetches(Time::START);
        replica
    }

    /// REP-5: a follower that asks for what lies behind `offset` has everything before it.
    pub(super) fn fetched_up_to(&mut self, offset: u64, leader_end: u64, now: Time) {
        if offset >= leader_end {
            self.caught_up_at = Some(now);
        } else if offset >= self.leader_end_at_last_fetch {
            self.caught_up_at = self.caught_up_at.max(Some(self.last_fetch_at));
        }
        self.fetched = Some(offset);
        self.last_fetch_at = now;
        self.leader_end_at_last_fetch = leader_end;
    }

    /// The leader's log is about to grow beyond `leader_end`. A follower that had everything has said so again with
    /// each of its fetches, the last time at `last_fetch`.
    pub(super) fn leader_grows(&mut self, leader_end: u64, last_fetch: Time) {
        if self.fetched == Some(leader_end) {
            let last = self.last_fetch_at.max(last_fetch);
            self.fetched_up_to(leader_end, leader_end, last);
        }
    }

    /// REP-9: a new leader knows nothing of its followers, and gives those in sync time to show themselves.
    pub(super) fn forget_fetches(&mut self, now: Time) {
        self.fetched = None;
        self.caught_up_at = self.in_sync.then_some(now);
        self.last_fetch_at = now;
        self.leader_end_at_last_fetch = NO_FETCH;
    }

    /// REP-6: whether the leader takes the follower for caught up.
    pub(super) fn is_caught_up(&self, leader_end: u64, now: Time, lag_max: Span) -> bool {
        self.fetched == Some(leader_end) || self.caught_up_at.is_some_and(|at| now - at <= lag_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_at_the_end_has_caught_up_now() {
        let mut replica = Replica::new(2);
        replica.fetched_up_to(10, 10, Time(100));
        assert!(replica.is_caught_up(10, Time(9999), Span(5)), "at the end it never lags");
        assert!(replica.is_caught_up(11, Time(105), Span(5)));
        assert!(!replica.is_caught_up(11, Time(106), Span(5)));
    }

    /// REP-5.
    #[test]
    fn a_follower_that_reaches_the_end_of_its_last_fetch_had_caught_up_then() {
        let mut replica = Replica::new(2);
        replica.fetched_up_to(5, 10, Time(100));
        replica.fetched_up_to(10, 20, Time(200));
        assert!(replica.is_caught_up(20, Time(150), Span(50)));
        assert!(!replica.is_caught_up(20, Time(151), Span(50)));
        replica.fetched_up_to(19, 30, Time(300));
        assert!(!replica.is_caught_up(30, Time(151), Span(50)), "19 of 20 is not everything");
    }

    #[test]
    fn an_idle_follower_has_caught_up_with_its_last_fetch() {
        let mut replica = Replica::new(2);
        replica.fetched_up_to(10, 10, Time(100));
        replica.leader_grows(10, Time(700));
        assert!(replica.is_caught_up(11, Time(705), Span(5)));
        replica.leader_grows(11, Time(800));
        assert!(!replica.is_caught_up(12, Time(801), Span(5)), "it lags already");
    }

    #[test]
    fn only_in_sync_replicas_get_time_from_a_new_leader() {
        for in_sync in [true, false] {
            let mut replica = Replica::new(2);
            replica.in_sync = in_sync;
            replica.forget_fetches(Time(3));
            assert_eq!(replica.is_caught_up(0, Time(4), Span(5)), in_sync);
            replica.fetched_up_to(7, 9, Time(4));
            assert_eq!(replica.is_caught_up(9, Time(5), Span(5)), in_sync);
        }
    }
}
