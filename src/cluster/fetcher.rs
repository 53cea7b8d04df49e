//! One fetcher: the fetches of a follower broker at a leader broker, of which one is always under way (REP-1).
//!
//! A fetch that finds nothing new waits at the leader; in Kafka it returns empty after `replica.fetch.wait.max.ms` and
//! comes again. These empty rounds are computed, not simulated: an idle cluster has no events, and yet it is known for
//! every instant when the follower has asked last and whether a fetch is at the leader or between the brokers.

use super::partition::PartitionIx;
use crate::values::time::{Span, Time};

/// How long a fetch waits for data, and from one to the next when there is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cadence {
    /// One way between the brokers.
    pub(super) latency: Span,
    wait: Span,
    period: Span,
}

/// What an answer brings for one partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carried {
    pub(super) partition: PartitionIx,
    /// Where the follower's log ends afterwards.
    pub(super) end: u64,
    /// Bytes of its log afterwards.
    pub(super) log_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// One of the two is down, or the follower has nothing to fetch here.
    Stopped,
    /// Waits at the leader, or is in the empty round that follows from having waited since this time.
    Waiting { since: Time },
    /// An answer is on its way to the follower, or the next fetch to the leader.
    Travelling,
}

/// The fetches of one follower broker at one leader broker.
#[derive(Debug)]
pub(super) struct Fetcher {
    pub(super) cadence: Cadence,
    state: State,
    /// Counts departures from the leader and stops: what was planned before is void.
    pub(super) round: u32,
    /// When the last simulated fetch reached the leader.
    last_fetch: Time,
    /// One of the two has stood still or been out of reach since then: no empty rounds after that.
    frozen_since: Option<Time>,
    /// Partitions of which the follower does not have everything, and whose rest is not on its way.
    pub(super) news: Vec<PartitionIx>,
    /// Partitions that the next fetch will be the first to ask for.
    joining: Vec<PartitionIx>,
    /// What is on its way to the follower, or has been written and not yet been told to the leader.
    pub(super) carried: Vec<Carried>,
}

impl Cadence {
    /// One way between the brokers takes `latency`.
    pub(super) fn new(wait: Span, latency: Span) -> Cadence {
        let period = wait + latency + latency;
        Cadence { latency, wait, period: Span(period.0.max(1)) }
    }
}

impl Fetcher {
    pub(super) fn new(cadence: Cadence) -> Fetcher {
        Fetcher {
            cadence,
            state: State::Stopped,
            round: 0,
            last_fetch: Time::START,
            frozen_since: None,
            news: Vec::new(),
            joining: Vec::new(),
            carried: Vec::new(),
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state == State::Stopped
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// A fetch reaches the leader. Until it is answered, it waits.
    pub(super) fn arrive(&mut self, now: Time) {
        self.state = State::Waiting { since: now };
        self.last_fetch = now;
        self.news.append(&mut self.joining);
    }

    /// The follower will ask for one more partition. Gives when that fetch arrives, if this has to be simulated and
    /// is not yet: `first` if it is the follower's first one here.
    pub(super) fn join(&mut self, now: Time, partition: PartitionIx, first: Time) -> Option<Time> {
        let planned = !self.joining.is_empty();
        self.joining.push(partition);
        match self.state {
            State::Stopped => {
                self.state = State::Travelling;
                Some(first)
            }
            State::Waiting { .. } if !planned => Some(self.next_fetch(now)),
            State::Waiting { .. } | State::Travelling => None,
        }
    }

    /// No empty rounds from now on.
    pub(super) fn freeze(&mut self, now: Time) {
        self.frozen_since.get_or_insert(now);
    }

    /// They go on. True: with a fetch that the follower sends now.
    pub(super) fn thaw(&mut self, now: Time) -> bool {
        if self.frozen_since.is_none() || !self.is_waiting() {
            self.frozen_since = None;
            return false;
        }
        self.depart(now);
        self.frozen_since = None;
        true
    }

    /// The follower will no longer ask for a partition here.
    pub(super) fn leave(&mut self, partition: PartitionIx) {
        self.news.retain(|ix| *ix != partition);
        self.joining.retain(|ix| *ix != partition);
        self.carried.retain(|carried| carried.partition != partition);
    }

    /// When a fetch has reached the leader last.
    pub(super) fn last_fetch(&self, now: Time) -> Time {
        let now = self.frozen_since.map_or(now, |since| since.min(now));
        match self.state {
            State::Waiting { since } => Time(now.0 - (now - since).0 % self.cadence.period.0),
            State::Stopped | State::Travelling => self.last_fetch,
        }
    }

    /// Whether a fetch is at the leader right now and can be answered.
    pub(super) fn is_at_leader(&self, now: Time) -> bool {
        self.is_waiting() && now - self.last_fetch(now) < self.cadence.wait
    }

    /// When the next fetch reaches the leader if nothing new turns up.
    pub(super) fn next_fetch(&self, now: Time) -> Time {
        (self.last_fetch(now) + self.cadence.period).max(now)
    }

    /// The waiting fetch gets its answer, or is on its way without.
    pub(super) fn depart(&mut self, now: Time) {
        self.last_fetch = self.last_fetch(now);
        self.state = State::Travelling;
        self.round += 1;
    }

    /// One of the brokers has died. Gives the partitions that the follower would have asked for.
    pub(super) fn stop(&mut self, now: Time) -> impl Iterator<Item = PartitionIx> + '_ {
        self.depart(now);
        (self.state, self.frozen_since) = (State::Stopped, None);
        self.carried.clear();
        self.news.drain(..).chain(self.joining.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits 500, travels 2 * 10.
    fn fetcher() -> Fetcher {
        Fetcher::new(Cadence::new(Span(500), Span(10)))
    }

    #[test]
    fn empty_rounds_are_known_without_being_simulated() {
        let mut fetcher = fetcher();
        fetcher.arrive(Time(100));
        for (now, last, at_leader) in [
            (100, 100, true),
            (599, 100, true),
            (600, 100, false),
            (619, 100, false),
            (620, 620, true),
            (100 + 520 * 1000 + 499, 100 + 520 * 1000, true),
        ] {
            let now = Time(now);
            assert_eq!(fetcher.last_fetch(now), Time(last), "{now}");
            assert_eq!(fetcher.is_at_leader(now), at_leader, "{now}");
        }
    }

    #[test]
    fn a_fetch_that_is_not_at_the_leader_comes_at_the_end_of_its_round() {
        let mut fetcher = fetcher();
        fetcher.arrive(Time(100));
        assert_eq!(fetcher.next_fetch(Time(610)), Time(620));
        let round = fetcher.round;
        fetcher.depart(Time(610));
        assert!(!fetcher.is_waiting());
        assert_ne!(fetcher.round, round, "what was planned before is void");
        assert_eq!(fetcher.last_fetch(Time(615)), Time(100));
    }

    #[test]
    fn a_stopped_fetcher_remembers_its_last_round() {
        let mut fetcher = fetcher();
        fetcher.arrive(Time(0));
        assert_eq!(fetcher.stop(Time(1100)).count(), 0);
        assert_eq!(fetcher.last_fetch(Time(9000)), Time(1040));
        assert!(!fetcher.is_at_leader(Time(9000)));
    }

    #[test]
    fn a_cadence_of_nothing_never_waits() {
        let mut fetcher = Fetcher::new(Cadence::new(Span::ZERO, Span::ZERO));
        fetcher.arrive(Time(5));
        assert!(!fetcher.is_at_leader(Time(7)));
        assert_eq!(fetcher.next_fetch(Time(7)), Time(8));
    }

    #[test]
    fn a_partition_joins_with_the_next_fetch() {
        let mut fetcher = fetcher();
        let (one, two) = (PartitionIx(1), PartitionIx(2));
        assert_eq!(fetcher.join(Time(40), one, Time(50)), Some(Time(50)), "the first fetch");
        assert_eq!(fetcher.join(Time(45), two, Time(55)), None, "it is on its way");
        fetcher.arrive(Time(50));
        assert_eq!(fetcher.news, [one, two]);
        assert_eq!(fetcher.join(Time(60), one, Time(70)), Some(Time(570)), "the one after that");
        assert_eq!(fetcher.join(Time(60), two, Time(70)), None, "the same");
        assert_eq!(fetcher.news.len(), 2);
        assert_eq!(fetcher.stop(Time(60)).count(), 4);
    }
}
