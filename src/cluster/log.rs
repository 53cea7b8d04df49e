//! A replica's log, reduced to offsets: where it ends, and where each leader epoch began in it.

use crate::planted::{PlantedBug, planted};

/// One replica's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Offset behind the last record.
    pub(super) end: u64,
    /// Bytes up to there; after a truncation in proportion, since batches are not kept.
    pub(super) bytes: u64,
    /// (leader epoch, offset of its first record), ascending; one entry per epoch with records.
    epochs: Vec<(i32, u64)>,
}

impl Log {
    /// Records of a leader epoch are appended; gives the offset of the first one.
    pub(super) fn append(&mut self, epoch: i32, records: u64, bytes: u64) -> u64 {
        let base = self.end;
        if self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
            self.epochs.push((epoch, self.end));
        }
        self.end += records;
        self.bytes += bytes;
        base
    }

    /// A follower's log becomes what its leader's is up to `end`, where that has `bytes`.
    pub(super) fn follow(&mut self, leader: &Log, end: u64, bytes: u64) {
        self.truncate(self.end_agreed_with(leader));
        for &(epoch, start) in &leader.epochs {
            let start = if planted(PlantedBug::LogsComparedByEnd) { start.max(self.end) } else { start };
            if start < end && self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
                self.epochs.push((epoch, start));
            }
        }
        self.end = end;
        self.bytes = bytes;
    }

    /// Up to where a follower's log is what its leader's is.
    pub(super) fn end_agreed_with(&self, leader: &Log) -> u64 {
        match planted(PlantedBug::LogsComparedByEnd) {
            true => self.end.min(leader.end),
            false => self.common_end(leader),
        }
    }

    /// The offset up to which this log and another have the same records (REP-10): the newest epoch that both know,
    /// and where it ends in the shorter of both.
    pub(super) fn common_end(&self, other: &Log) -> u64 {
        let newest =
            other.epochs.iter().rev().find(|epoch| self.epochs.iter().rev().any(|own| own == *epoch));
        newest.map_or(0, |&(epoch, _)| self.end_of(epoch).min(other.end_of(epoch)))
    }

    /// Whether the record at `offset` is there, and is the one that the leader of `epoch` has appended.
    pub(super) fn contains(&self, epoch: i32, offset: u64) -> bool {
        let of_offset = self.epochs.iter().rev().find(|(_, start)| *start <= offset);
        offset < self.end && of_offset.is_some_and(|(known, _)| *known == epoch)
    }

    /// The leader epoch of the last record, -1 without any.
    pub(super) fn newest_epoch(&self) -> i32 {
        self.epochs.last().map_or(-1, |(epoch, _)| *epoch)
    }

    /// Bytes up to `end`, in proportion.
    pub(super) fn bytes_up_to(&self, end: u64) -> u64 {
        if end >= self.end {
            return self.bytes;
        }
        (u128::from(self.bytes) * u128::from(end) / u128::from(self.end)) as u64
    }

    fn end_of(&self, epoch: i32) -> u64 {
        let later = self.epochs.iter().rev().take_while(|(other, _)| *other > epoch);
        later.last().map_or(self.end, |(_, start)| *start)
    }

    /// Cuts off what lies at `end` and behind it.
    pub(super) fn truncate(&mut self, end: u64) {
        if end < self.end {
            self.bytes = self.bytes_up_to(end);
            self.end = end;
            self.epochs.retain(|(_, start)| *start < end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_agree_up_to_the_end_of_the_last_common_epoch() {
        let mut old = Log::default();
        old.append(0, 10, 1000);
        let mut new = Log::default();
        new.follow(&old, 7, 700);
        old.append(0, 5, 500);
        new.append(1, 4, 400);
        assert_eq!((new.common_end(&old), old.common_end(&new)), (7, 7));
        old.follow(&new, 7, 700);
        assert_eq!((old.end, old.bytes), (7, 700));
        old.follow(&new, 11, 1100);
        assert_eq!((old.end, old.common_end(&new)), (11, 11));
    }

    #[test]
    fn a_record_is_known_by_epoch_and_offset() {
        let mut log = Log::default();
        log.append(0, 10, 1000);
        log.append(2, 5, 500);
        for (epoch, offset, expected) in [
            (0, 0, true),
            (0, 9, true),
            (0, 10, false),
            (2, 10, true),
            (2, 14, true),
            (2, 15, false),
            (1, 9, false),
        ] {
            assert_eq!(log.contains(epoch, offset), expected, "{epoch} {offset}");
        }
        assert!(!Log::default().contains(0, 0));
    }

    #[test]
    fn epochs_that_only_one_log_knows_are_skipped() {
        // Both had epoch 0 up to 10; then one led in epoch 1, the other in 2.
        let (mut one, mut two) = (Log::default(), Log::default());
        one.append(0, 10, 1000);
        two.follow(&one, 10, 1000);
        one.append(1, 5, 500);
        two.append(2, 3, 300);
        assert_eq!((one.common_end(&two), two.common_end(&one)), (10, 10));
        one.follow(&two, 13, 1300);
        assert_eq!((one.end, one.common_end(&two)), (13, 13));
        assert_eq!(Log::default().common_end(&one), 0);
    }
}
