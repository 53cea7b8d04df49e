//! The segments of a partition's log, as its leader has them: when a new one begins, and when old ones are deleted.
//!
//! A follower learns from its leader where the log begins, and deletes up to there (`UnifiedLog`). Nobody asks for the
//! records in between, so one list for a partition is enough. A record's timestamp is the time of its append.

use std::collections::VecDeque;

use super::partition::{Partition, PartitionIx};
use super::requests::RequestIx;
use super::spec::RetentionSpec;
use super::{Cluster, Event};
use crate::protocol::message::ProduceBatch;
use crate::values::time::Time;

/// No more segments than these are told apart: what is older is deleted as one. It bounds the memory of a log that is
/// kept for long.
const MOST: usize = 4_096;

/// A segment that has records.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Offset of its first record, and the log's bytes before that.
    base: u64,
    base_bytes: u64,
    first_append: Time,
    /// Unknown for the newest one: see [`Segments::last_append`].
    last_append: Time,
}

/// The segments of one log.
#[derive(Debug)]
pub(super) struct Segments {
    spec: RetentionSpec,
    /// Oldest first. Empty as long as the active segment has no records, and there is no older one.
    list: VecDeque<Segment>,
    /// Offset of the oldest record, and the log's bytes before that.
    pub(super) log_start: u64,
    pub(super) log_start_bytes: u64,
    /// A batch that makes the log longer than this, or comes later, needs a new segment.
    rolls_above: u64,
    rolls_after: Time,
    last_append: Time,
}

impl Segments {
    pub(super) fn new(spec: RetentionSpec) -> Segments {
        Segments {
            spec,
            list: VecDeque::new(),
            log_start: 0,
            log_start_bytes: 0,
            rolls_above: 0,
            rolls_after: Time::NEVER,
            last_append: Time::START,
        }
    }

    /// Whether a batch that is appended now begins a segment (`LogSegment.shouldRoll`); `log_bytes` are those of the log
    /// with it.
    #[inline]
    fn needs_roll(&self, now: Time, log_bytes: u64) -> bool {
        log_bytes > self.rolls_above || now > self.rolls_after
    }

    fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there is something that retention may want to delete one day.
    fn can_get_old(&self) -> bool {
        let has_limit = self.spec.retention.is_some() || self.spec.retention_bytes.is_some();
        has_limit && !self.is_empty()
    }

    /// A segment begins at the end of the log.
    fn roll(&mut self, now: Time, end: u64, log_bytes: u64) {
        if let Some(active) = self.list.back_mut() {
            active.last_append = self.last_append;
        }
        self.list.push_back(Segment {
            base: end,
            base_bytes: log_bytes,
            first_append: now,
            last_append: now,
        });
        if self.list.len() > MOST {
            // The second oldest takes in the oldest one.
            let oldest = self.list.pop_front();
            if let (Some(oldest), Some(second)) = (oldest, self.list.front_mut()) {
                (second.base, second.base_bytes) = (oldest.base, oldest.base_bytes);
            }
        }
        self.set_limits();
    }

    fn set_limits(&mut self) {
        (self.rolls_above, self.rolls_after) = match self.list.back() {
            Some(active) => (
                active.base_bytes.saturating_add(self.spec.segment_bytes),
                active.first_append + self.spec.segment,
            ),
            None => (0, Time::NEVER),
        };
    }

    #[inline]
    pub(super) fn appended(&mut self, now: Time) {
        self.last_append = now;
    }

    /// The log has been cut off at `end`, where it has `bytes`.
    pub(super) fn truncate(&mut self, end: u64, bytes: u64) {
        let segments = self.list.len();
        while self.list.back().is_some_and(|segment| segment.base >= end) {
            self.list.pop_back();
        }
        if self.list.len() < segments {
            self.last_append = self.list.back().map_or(Time::START, |active| active.last_append);
        }
        if end < self.log_start {
            (self.log_start, self.log_start_bytes) = (end, bytes);
        }
        self.set_limits();
    }

    /// Deletes what `retention.bytes` and `retention.ms` no longer want, oldest first, as far as it is below the high
    /// watermark (`UnifiedLog.deleteOldSegments`). Gives the number of segments. Should it be all of them, the log goes
    /// on with a new one.
    fn delete_old(&mut self, now: Time, end: u64, log_bytes: u64, high_watermark: u64) -> u64 {
        let mut deleted = 0;
        while let Some(oldest) = self.list.front() {
            let next = self.list.get(1).map(|next| (next.base, next.base_bytes));
            let (next_base, next_bytes) = next.unwrap_or((end, log_bytes));
            let last_append = if next.is_some() { oldest.last_append } else { self.last_append };
            let is_too_old = self.spec.retention.is_some_and(|retention| now - last_append > retention);
            let is_too_much = self.spec.retention_bytes.is_some_and(|most| log_bytes - next_bytes >= most);
            if next_base > high_watermark || !(is_too_old || is_too_much) {
                break;
            }
            self.list.pop_front();
            (self.log_start, self.log_start_bytes) = (next_base, next_bytes);
            deleted += 1;
        }
        self.set_limits();
        deleted
    }
}

impl Partition {
    /// Whether a batch that the leader appends now begins a segment.
    #[inline]
    pub(super) fn needs_roll(&self, now: Time, bytes: u32) -> bool {
        self.segments.needs_roll(now, self.leader_log().bytes + u64::from(bytes))
    }
}

impl Cluster {
    /// A segment begins at the end of a partition's log.
    #[cold]
    pub(super) fn roll_segment(&mut self, now: Time, ix: PartitionIx) {
        let partition = &mut self.partitions[ix.index()];
        let (end, bytes) = (partition.leader_log().end, partition.leader_log().bytes);
        partition.segments.roll(now, end, bytes);
        self.schedule_retention_check(now, ix);
    }

    /// The leader looks for old segments as long as there is something that may have to go.
    pub(super) fn schedule_retention_check(&mut self, now: Time, ix: PartitionIx) {
        let partition = &self.partitions[ix.index()];
        let Some(broker) = partition.leader else { return };
        let state = &mut self.brokers[broker as usize];
        if partition.segments.can_get_old() && !state.retention_check_scheduled {
            state.retention_check_scheduled = true;
            let next = now.next_in_period(self.logs.retention_check_interval, state.retention_check_phase);
            self.events.push(next, Event::RetentionCheck { broker });
        }
    }

    /// A broker looks for old segments of the partitions that it leads (`log.retention.check.interval.ms`).
    pub(super) fn check_retention(&mut self, now: Time, broker: u32) {
        self.brokers[broker as usize].retention_check_scheduled = false;
        for at in 0..self.partitions.len() {
            let partition = &mut self.partitions[at];
            if partition.leader != Some(broker) {
                continue;
            }
            let (end, bytes) = (partition.leader_log().end, partition.leader_log().bytes);
            let deleted = partition.segments.delete_old(now, end, bytes, partition.high_watermark);
            self.counters.segments_deleted += deleted;
            if deleted > 0 && self.logs.producers_go_with_records {
                partition.sequences.forget_before(partition.segments.log_start);
            }
            self.schedule_retention_check(now, PartitionIx(at as u32));
        }
    }

    /// A batch of a request needs a new segment: its handler makes that first, and holds the partition until it is done.
    /// Or another one does, and it has to wait. Gives the time until which.
    #[cold]
    pub(super) fn rolls_until(&mut self, now: Time, broker: u32, request: RequestIx) -> Option<Time> {
        let mut until = None;
        for at in 0..self.requests[request].batches.len() {
            let ProduceBatch { tp, bytes, .. } = self.requests[request].batches[at];
            let Some(ix) = self.partition(tp) else { continue };
            let partition = &self.partitions[ix.index()];
            if partition.leader != Some(broker) {
                continue;
            }
            let is_first = partition.segments.is_empty();
            if partition.rolled_at <= now && !is_first && partition.needs_roll(now, bytes) {
                self.roll_segment(now, ix);
                self.partitions[ix.index()].rolled_at = now + self.logs.segment_roll;
                self.counters.waits_for_segments += 1;
            }
            let rolled_at = self.partitions[ix.index()].rolled_at;
            if rolled_at > now {
                until = until.max(Some(rolled_at));
            }
        }
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::time::Span;

    const SPEC: RetentionSpec = RetentionSpec {
        segment_bytes: 1_000,
        segment: Span(100),
        retention_bytes: Some(2_500),
        retention: Some(Span(500)),
    };

    /// A log of batches of ten records and 400 bytes, one in each `gap`.
    fn filled(spec: RetentionSpec, batches: u64, gap: u64) -> Segments {
        let mut segments = Segments::new(spec);
        for batch in 0..batches {
            let (now, end, bytes) = (Time(batch * gap), batch * 10, batch * 400);
            if segments.needs_roll(now, bytes + 400) {
                segments.roll(now, end, bytes);
            }
            segments.appended(now);
        }
        segments
    }

    fn bases(segments: &Segments) -> Vec<u64> {
        segments.list.iter().map(|segment| segment.base).collect()
    }

    #[test]
    fn a_segment_ends_before_the_batch_that_does_not_fit_or_comes_too_late() {
        assert_eq!(bases(&filled(SPEC, 7, 1)), [0, 20, 40, 60]);
        assert_eq!(bases(&filled(SPEC, 4, 100)), [0, 20], "100 later is still in time");
        assert_eq!(bases(&filled(SPEC, 4, 101)), [0, 10, 20, 30]);
        assert!(filled(SPEC, 2, 1).needs_roll(Time(5), 1_001));
        assert!(!filled(SPEC, 2, 1).needs_roll(Time(5), 1_000));
    }

    #[test]
    fn the_oldest_go_as_long_as_enough_bytes_are_left() {
        let mut segments = filled(SPEC, 10, 1);
        // 4,000 bytes in five segments of 800: two can go, a third would leave 1,600.
        assert_eq!(segments.delete_old(Time(10), 100, 4_000, 100), 1);
        assert_eq!((segments.log_start, segments.log_start_bytes), (20, 800));
        assert_eq!(segments.delete_old(Time(10), 100, 4_000, 100), 0);
        let mut segments = filled(RetentionSpec { retention_bytes: Some(2_400), ..SPEC }, 10, 1);
        assert_eq!(segments.delete_old(Time(10), 100, 4_000, 39), 1, "39 is in the second segment");
        assert_eq!(segments.delete_old(Time(10), 100, 4_000, 40), 1);
        assert_eq!(segments.log_start, 40);
    }

    #[test]
    fn what_is_too_old_goes_even_if_it_is_all() {
        let spec = RetentionSpec { retention_bytes: None, ..SPEC };
        let mut segments = filled(spec, 5, 60);
        // Appends at 0, 60 | 120, 180 | 240.
        assert_eq!(bases(&segments), [0, 20, 40]);
        assert_eq!(segments.delete_old(Time(560), 50, 2_000, 50), 0);
        assert_eq!(segments.delete_old(Time(561), 50, 2_000, 50), 1);
        assert_eq!(segments.delete_old(Time(740), 50, 2_000, 50), 1);
        assert_eq!(segments.delete_old(Time(741), 50, 2_000, 50), 1);
        assert_eq!((segments.log_start, segments.list.len()), (50, 0));
        assert!(segments.needs_roll(Time(742), 2_400), "it goes on with a new one");
        let mut for_ever = filled(RetentionSpec { retention: None, ..spec }, 5, 60);
        assert_eq!(for_ever.delete_old(Time(u64::MAX - 1), 50, 2_000, 50), 0);
    }

    #[test]
    fn truncation_takes_segments_with_it() {
        let mut segments = filled(SPEC, 10, 1);
        segments.delete_old(Time(10), 100, 4_000, 100);
        segments.truncate(60, 2_400);
        assert_eq!(bases(&segments), [20, 40]);
        assert!(!segments.needs_roll(Time(10), 2_600) && segments.needs_roll(Time(10), 2_601));
        segments.truncate(5, 200);
        assert_eq!((segments.log_start, segments.log_start_bytes, segments.list.len()), (5, 200, 0));
    }

    #[test]
    fn a_log_that_is_kept_for_ever_takes_bounded_memory() {
        let segments = filled(RetentionSpec { segment_bytes: 400, ..SPEC }, 10_000, 1);
        assert_eq!(segments.list.len(), MOST);
        assert_eq!((segments.list[0].base, segments.list[1].base), (0, (10_000 - MOST as u64 + 1) * 10));
    }
}
