//! Floor 3: the audit, which compares what producers were told of their records with what the logs have in the end.
//!
//! It hears of every batch that is sent, of every append at a leader, of every request that can append nothing any more,
//! and of what the client was told at last. From that it finds acknowledged records that are lost, duplicates, records
//! that overtook earlier ones, records that failed and are there all the same, and gaps in sequences. It costs a few
//! steps a batch and nothing a record; what is decided is forgotten at once. Nothing here changes what happens.

mod copies;
mod ledger;
mod lines;
mod sent;

pub use copies::{Decision, LogCopy, Session};
pub use ledger::{Breach, Ledger};
pub use sent::{Fate, NewBatch};

use self::copies::Copies;
use self::lines::{Lines, Place};
use self::sent::SentBatches;
use crate::values::ids::BatchMark;

/// A partition's log as far as it is decided, and what is not.
#[derive(Debug, Default)]
struct LogAudit {
    /// Offset behind the last copy that is there for good.
    end: u64,
    undecided: Copies,
    lines: Lines,
}

/// The audit of a run under way.
#[derive(Debug)]
pub struct Auditor {
    sent: SentBatches,
    logs: Vec<LogAudit>,
    ledger: Ledger,
}

impl Auditor {
    /// Nothing has been sent. Partitions are numbered over all topics.
    pub fn new(partitions: usize) -> Auditor {
        let logs = (0..partitions).map(|_| LogAudit::default()).collect();
        Auditor { sent: SentBatches::default(), logs, ledger: Ledger::default() }
    }

    /// A request with a batch that has never been sent is written.
    #[inline]
    pub fn first_attempt(&mut self, batch: NewBatch) -> BatchMark {
        self.sent.open(batch, 1)
    }

    /// A batch that was too large has been split. The part from record `first` on, of `records`, is a batch of its own.
    /// The whole ends with [`Fate::Split`] behind its last part; should it be in a log after all, it doubles its parts.
    #[cold]
    pub fn open_part(&mut self, whole: BatchMark, first: u32, records: u32) -> BatchMark {
        if whole.is_none() {
            return BatchMark::NONE;
        }
        let part = self.sent[whole].batch;
        self.sent.open(NewBatch { first: part.first + first, records, ..part }, 0)
    }

    /// A further request with the batch is written.
    #[cold]
    pub fn attempt(&mut self, mark: BatchMark) {
        if !mark.is_none() {
            self.sent[mark].open += 1;
        }
    }

    /// That request will append nothing any more: it was served, or lost.
    #[inline]
    pub fn attempt_ended(&mut self, mark: BatchMark) {
        if !mark.is_none() {
            self.close_one(mark);
        }
    }

    /// The client has been told what became of the batch.
    #[inline]
    pub fn ended(&mut self, mark: BatchMark, fate: Fate) {
        if !mark.is_none() {
            self.sent[mark].fate = fate;
            self.close_one(mark);
        }
    }

    /// A leader has appended a batch that nothing can take out of the log again.
    #[inline(always)]
    pub fn appended_for_good(&mut self, partition: usize, copy: &LogCopy) {
        let (log, sent) = (&mut self.logs[partition], &mut self.sent[copy.mark]);
        // Nearly every batch is the first copy of one without a number, in order.
        let is_plain = sent.present == 0 && copy.session.is_none() && sent.fate != Fate::Split;
        if is_plain && copy.offset == log.end && log.lines.extend(sent.batch.client, sent.batch.order()) {
            log.end = copy.end();
            sent.present = 1;
        } else {
            self.fold(partition, copy);
        }
    }

    /// A leader has appended a batch. True: it is time for a [`Auditor::sweep`].
    #[inline]
    pub fn appended(&mut self, partition: usize, copy: LogCopy) -> bool {
        self.sent[copy.mark].open += 1;
        self.logs[partition].undecided.push(copy)
    }

    /// Takes the oldest undecided copies of a partition as long as `decide` knows what becomes of them. In any one log,
    /// copies are in the order in which they were appended.
    pub fn sweep(&mut self, partition: usize, decide: impl Fn(&LogCopy) -> Decision) {
        while let Some(copy) = self.logs[partition].undecided.front() {
            let decision = decide(&copy);
            if decision == Decision::Open {
                break;
            }
            self.logs[partition].undecided.pop();
            if decision == Decision::Present {
                self.fold(partition, &copy);
            }
            self.close_one(copy.mark);
        }
        self.logs[partition].undecided.swept();
    }

    /// What lies below offset `end` is committed, though fewer replicas have it than `min.insync.replicas` wants.
    #[cold]
    pub fn committed_too_early(&mut self, partition: usize, end: u64, copies: usize, promised: usize) {
        self.ledger.contradict(|| {
            format!("partition {partition} is committed up to {end} with {copies} replicas of {promised}")
        });
    }

    /// A broker is let into the in-sync replicas of a partition, or is to lead it, with the log up to `end`. What is
    /// committed ends at `committed`.
    #[cold]
    pub fn trusted(&mut self, partition: usize, broker: u32, end: u64, committed: u64) {
        if end < committed {
            self.ledger.contradict(|| {
                format!(
                    "broker {broker} has partition {partition} up to {end}, but is trusted with {committed}"
                )
            });
        }
    }

    /// The log of a partition ends at `end`, and every copy in it must have come by.
    pub fn close_log(&mut self, partition: usize, end: u64) {
        let decided = self.logs[partition].end;
        if decided != end || !self.logs[partition].undecided.is_empty() {
            self.ledger.contradict(|| {
                format!("the log of partition {partition} ends at {end}, but what was sent ends at {decided}")
            });
        }
    }

    /// What there is to say at the end. All logs must be closed.
    pub fn finish(mut self) -> Ledger {
        let ledger = &mut self.ledger;
        self.sent.live().for_each(|sent| sent.judge_at_the_end(ledger));
        self.ledger
    }

    /// Records of batches of which something is still open; what it costs to remember them.
    #[cfg(test)]
    fn remembered(&self) -> usize {
        self.sent.live().count() + self.logs.iter().map(|log| log.undecided.len()).sum::<usize>()
    }

    /// A copy is in the log for good, behind all that were before.
    #[inline(never)]
    fn fold(&mut self, partition: usize, copy: &LogCopy) {
        let log = &mut self.logs[partition];
        if copy.offset != log.end {
            let end = log.end;
            self.ledger.contradict(|| {
                format!("a batch is at offset {} of partition {partition}, where {end} is next", copy.offset)
            });
        }
        log.end = copy.offset + u64::from(copy.records);
        let sent = &mut self.sent[copy.mark];
        let is_first = sent.present == 0 && sent.fate != Fate::Split;
        let (place, gap) = log.lines.of(sent.batch.client).follow(copy, sent.batch.order(), is_first);
        if is_first {
            sent.place = place;
            if !copy.session.is_none() {
                sent.session = copy.session;
            }
        } else {
            sent.doubled(copy.session, &mut self.ledger);
        }
        if let Some(gap) = gap {
            self.ledger.note(gap, &sent.batch, 1);
        }
        sent.present += 1;
    }

    /// One thing less is open about a batch. It is judged and forgotten when nothing is.
    #[inline(always)]
    fn close_one(&mut self, mark: BatchMark) {
        let sent = &mut self.sent[mark];
        sent.open -= 1;
        if sent.open == 0 {
            self.conclude(mark);
        }
    }

    #[inline(never)]
    fn conclude(&mut self, mark: BatchMark) {
        let sent = &self.sent[mark];
        let is_well = sent.fate == Fate::Acked && sent.present > 0 && sent.place == Place::InOrder;
        if !is_well {
            sent.judge(&mut self.ledger);
        }
        self.sent.free(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::ids::{TopicId, TopicPartition};

    fn batch(number: u64) -> NewBatch {
        NewBatch { client: 0, tp: TopicPartition::new(TopicId(0), 0), number, first: 0, records: 10 }
    }

    fn copy(mark: BatchMark, offset: u64) -> LogCopy {
        LogCopy { mark, leader_epoch: 0, offset, records: 10, base_sequence: -1, session: Session::NONE }
    }

    fn numbered(mark: BatchMark, offset: u64, epoch: i16, base_sequence: i32) -> LogCopy {
        LogCopy { base_sequence, session: Session { producer_id: 7, epoch }, ..copy(mark, offset) }
    }

    /// One partition without replicas, where every append is for good, and its copies in their order: numbers of
    /// batches, and what else there is to a copy.
    fn logged(copies: &[(u64, i16, i32)]) -> Ledger {
        let mut auditor = Auditor::new(1);
        let newest = copies.iter().map(|(number, ..)| *number).max().unwrap_or(0);
        let marks: Vec<BatchMark> = (0..=newest).map(|number| auditor.first_attempt(batch(number))).collect();
        for (at, &(number, epoch, base_sequence)) in copies.iter().enumerate() {
            auditor.appended_for_good(
                0,
                &numbered(marks[number as usize], 10 * at as u64, epoch, base_sequence),
            );
        }
        auditor.close_log(0, 10 * copies.len() as u64);
        auditor.finish()
    }

    #[test]
    fn what_is_decided_is_forgotten() {
        let mut auditor = Auditor::new(1);
        let mut queued = 0;
        for number in 0..10_000 {
            let mark = auditor.first_attempt(batch(number));
            let is_due = auditor.appended(0, copy(mark, 10 * number));
            auditor.attempt_ended(mark);
            auditor.ended(mark, Fate::Acked);
            if is_due {
                // The last 20 copies are not decided.
                auditor.sweep(0, |copy| match copy.offset + 200 < 10 * number {
                    true => Decision::Present,
                    false => Decision::Open,
                });
            }
            queued = queued.max(auditor.remembered());
        }
        assert!((128..=132).contains(&queued), "{queued} batches and copies");
        auditor.sweep(0, |_| Decision::Present);
        assert_eq!(auditor.remembered(), 0);
        auditor.close_log(0, 100_000);
        assert_eq!(auditor.finish(), Ledger::default());
    }

    #[test]
    fn a_request_that_is_lost_with_an_acknowledged_batch_loses_it() {
        let mut auditor = Auditor::new(1);
        let (lost, on_its_way) = (auditor.first_attempt(batch(0)), auditor.first_attempt(batch(1)));
        auditor.ended(lost, Fate::Acked);
        auditor.ended(on_its_way, Fate::Acked);
        auditor.attempt_ended(lost);
        let ledger = auditor.finish();
        assert_eq!((ledger.count(Breach::Lost), ledger.under_way), (10, 10));
    }

    #[test]
    fn a_late_copy_of_a_failed_batch_is_found() {
        let mut auditor = Auditor::new(1);
        let mark = auditor.first_attempt(batch(0));
        auditor.ended(mark, Fate::Unknown);
        auditor.appended_for_good(0, &copy(mark, 0));
        auditor.attempt_ended(mark);
        assert_eq!(auditor.remembered(), 0);
        assert_eq!(auditor.finish().count(Breach::FailedButPresent), 10);
    }

    #[test]
    fn an_append_that_an_answer_excludes_contradicts() {
        let mut auditor = Auditor::new(1);
        let mark = auditor.first_attempt(batch(0));
        auditor.appended_for_good(0, &copy(mark, 0));
        auditor.attempt_ended(mark);
        auditor.ended(mark, Fate::Failed);
        let ledger = auditor.finish();
        let expected = "batch 0 of producer 0 cannot be in a log, but it is in partition 0 of topic 0";
        assert_eq!(ledger.contradiction(), Some(expected));
    }

    #[test]
    fn a_log_with_records_that_nobody_sent_contradicts() {
        let mut auditor = Auditor::new(2);
        let mark = auditor.first_attempt(batch(0));
        auditor.appended_for_good(0, &copy(mark, 0));
        auditor.close_log(0, 20);
        let expected = "the log of partition 0 ends at 20, but what was sent ends at 10";
        assert_eq!(auditor.finish().contradiction(), Some(expected));
        let mut auditor = Auditor::new(2);
        let mark = auditor.first_attempt(batch(0));
        auditor.appended_for_good(1, &copy(mark, 10));
        let expected = "a batch is at offset 10 of partition 1, where 0 is next";
        assert_eq!(auditor.finish().contradiction(), Some(expected));
    }

    #[test]
    fn a_replica_that_is_trusted_with_more_than_it_has_contradicts() {
        let mut auditor = Auditor::new(1);
        auditor.trusted(0, 2, 10, 10);
        assert_eq!(auditor.ledger.contradiction(), None);
        auditor.trusted(0, 2, 9, 10);
        let expected = "broker 2 has partition 0 up to 9, but is trusted with 10";
        assert_eq!(auditor.finish().contradiction(), Some(expected));
    }

    #[test]
    fn parts_of_a_split_have_an_order_and_the_whole_doubles_them() {
        let mut auditor = Auditor::new(1);
        let whole = auditor.first_attempt(batch(4));
        let parts = [6, 0].map(|first| auditor.open_part(whole, first, [6, 4][usize::from(first > 0)]));
        auditor.ended(whole, Fate::Split);
        auditor.attempt(parts[0]);
        auditor.appended_for_good(0, &LogCopy { records: 4, ..copy(parts[0], 0) });
        auditor.attempt(parts[1]);
        auditor.appended_for_good(0, &LogCopy { records: 6, ..copy(parts[1], 4) });
        auditor.appended_for_good(0, &copy(whole, 10));
        for (mark, fate) in parts.into_iter().map(|part| (part, Some(Fate::Acked))).chain([(whole, None)]) {
            fate.into_iter().for_each(|fate| auditor.ended(mark, fate));
            auditor.attempt_ended(mark);
        }
        assert_eq!(auditor.remembered(), 0);
        let ledger = auditor.finish();
        assert_eq!((ledger.count(Breach::AckedReordered), ledger.count(Breach::Duplicate)), (6, 10));
    }

    #[test]
    fn sequences_of_a_session_follow_each_other() {
        let gaps = |copies: &[(u64, i16, i32)]| logged(copies).count(Breach::SequenceGap);
        assert_eq!(gaps(&[(0, 0, 0), (1, 0, 10), (2, 0, 20)]), 0);
        assert_eq!(gaps(&[(0, 0, 0), (1, 0, 20), (2, 0, 30)]), 1);
        let late = logged(&[(0, 0, 10), (1, 0, 20)]);
        let counts = (late.count(Breach::SequenceGap), late.count(Breach::LateStart));
        assert_eq!(counts, (0, 1), "a session begins at 0");
        assert_eq!(gaps(&[(0, 0, 0), (1, 1, 0), (2, 1, 10), (3, 1, 30)]), 1, "each has its own");
        assert_eq!(gaps(&[(0, 0, 0), (1, 1, 0), (2, 0, 50)]), 0, "a former one says nothing");
        assert_eq!(gaps(&[(0, 0, 0), (0, 0, 0), (1, 0, 10)]), 0, "nor does a duplicate");
        assert_eq!(gaps(&[(0, 0, 0), (0, 1, 0), (1, 1, 10)]), 0, "unless a session begins with it");
    }

    #[test]
    fn duplicates_and_order_within_a_session_are_told_apart() {
        let ledger = logged(&[(1, 0, 10), (0, 0, 0), (0, 0, 0), (0, 1, 0)]);
        assert_eq!((ledger.count(Breach::SessionDuplicate), ledger.count(Breach::Duplicate)), (10, 10));
        assert_eq!(ledger.count(Breach::SessionReordered), 10);
        let ledger = logged(&[(1, 0, 0), (0, 1, 0)]);
        assert_eq!((ledger.count(Breach::SessionReordered), ledger.count(Breach::Reordered)), (0, 10));
    }
}
