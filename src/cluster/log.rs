//! A replica's log, reduced to offsets: where it ends, and where each leader epoch began in it.

/// One replica's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Offset behind the last record.
    pub(super) end: u64,
    /// Bytes written so far.
    pub(super) bytes: u64,
    /// (leader epoch, offset of its first record), ascending; one entry per epoch with records.
    epochs: Vec<(i32, u64)>,
}

impl Log {
    /// Records of a leader epoch are appended.
    pub(super) fn append(&mut self, epoch: i32, records: u64, bytes: u64) {
        if self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
            self.epochs.push((epoch, self.end));
        }
        self.end += records;
        self.bytes += bytes;
    }

    /// A follower takes over what its leader's log has up to `end`.
    pub(super) fn copy(&mut self, leader: &Log, end: u64, bytes: u64) {
        for &(epoch, start) in &leader.epochs {
            if start < end && self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
                self.epochs.push((epoch, start));
            }
        }
        self.end = end;
        self.bytes = bytes;
    }

    /// The offset up to which this log and another have the same records (KIP-101): the newest epoch of the other
    /// that this one knows too, and where it ends in the shorter of both.
    pub(super) fn common_end(&self, other: &Log) -> u64 {
        for &(epoch, start) in other.epochs.iter().rev() {
            if self.epochs.contains(&(epoch, start)) {
                return self.end_of(epoch).min(other.end_of(epoch));
            }
        }
        0
    }

    fn end_of(&self, epoch: i32) -> u64 {
        self.epochs.iter().find(|(other, _)| *other > epoch).map_or(self.end, |(_, start)| *start)
    }

    /// Cuts off what lies at `end` and behind it.
    pub(super) fn truncate(&mut self, end: u64) {
        if end >= self.end {
            return;
        }
        self.bytes = (u128::from(self.bytes) * u128::from(end) / u128::from(self.end)) as u64;
        self.end = end;
        self.epochs.retain(|(_, start)| *start < end);
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
        new.copy(&old, 7, 700);
        old.append(0, 5, 500);
        new.append(1, 4, 400);
        assert_eq!((new.common_end(&old), old.common_end(&new)), (7, 7));
        old.truncate(7);
        assert_eq!((old.end, old.bytes), (7, 700));
        old.copy(&new, 11, 1100);
        assert_eq!(old.common_end(&new), 11);
    }
}
