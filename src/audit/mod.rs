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
    #[inline]
    pub fn appended_for_good(&mut self, partition: usize, copy: &LogCopy) {
        self.fold(partition, copy);
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
    #[inline]
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
        let (place, is_gap) = log.lines.of(sent.batch.client).follow(copy, sent.batch.order(), is_first);
        if is_first {
            sent.place = place;
            if !copy.session.is_none() {
                sent.session = copy.session;
            }
        } else {
            sent.doubled(copy.session, &mut self.ledger);
        }
        if is_gap {
            self.ledger.note(Breach::SequenceGap, &sent.batch, 1);
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
