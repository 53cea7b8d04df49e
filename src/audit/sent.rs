//! Batches from their first transmission until nothing about them is open.

use super::copies::Session;
use super::ledger::{Breach, Ledger};
use super::lines::Place;
use crate::values::ids::{BatchMark, TopicId, TopicPartition};

/// What the client was told of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Open,
    /// It was acknowledged, or written with acks=0.
    Acked,
    /// It failed, and an answer excludes that it is in a log.
    Failed,
    /// It failed, and may be in a log.
    Unknown,
    /// It lives on in its parts.
    Split,
}

/// A batch that is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBatch {
    /// The client, numbered over the run.
    pub client: u32,
    /// Where it goes.
    pub tp: TopicPartition,
    /// Its place in the order in which the client opened its batches; parts of a split have that of the whole.
    pub number: u64,
    /// The place of its first record in the batch that was opened; not 0 in parts of a split only.
    pub first: u32,
    /// Number of records.
    pub records: u32,
}

impl NewBatch {
    /// Batches of one client for one partition are opened in the order of their records.
    #[inline]
    pub(super) fn order(&self) -> (u64, u32) {
        (self.number, self.first)
    }
}

/// A batch that has been sent.
#[derive(Debug)]
pub(super) struct SentBatch {
    pub(super) batch: NewBatch,
    /// What is open: its fate, requests that may still append it, copies that may or may not be in the final log.
    pub(super) open: u32,
    /// Copies that are in the final log.
    pub(super) present: u32,
    pub(super) fate: Fate,
    /// Where the first copy is.
    pub(super) place: Place,
    /// In which that one was sent, by an idempotent producer.
    pub(super) session: Session,
}

impl SentBatch {
    const FREE: SentBatch = SentBatch {
        batch: NewBatch {
            client: 0,
            tp: TopicPartition::new(TopicId(0), 0),
            number: 0,
            first: 0,
            records: 0,
        },
        open: 0,
        present: 0,
        fate: Fate::Open,
        place: Place::InOrder,
        session: Session::NONE,
    };

    #[inline]
    fn reopen(&mut self, batch: NewBatch, attempts: u32) {
        (self.batch, self.open, self.present) = (batch, attempts + 1, 0);
        (self.fate, self.place) = (Fate::Open, Place::InOrder);
    }

    /// A further copy is in the log.
    #[cold]
    pub(super) fn doubled(&self, session: Session, ledger: &mut Ledger) {
        let same = session == self.session && !session.is_none();
        let breach = if same { Breach::SessionDuplicate } else { Breach::Duplicate };
        ledger.note(breach, &self.batch, self.batch.records);
    }

    /// Nothing is open any more.
    #[cold]
    pub(super) fn judge(&self, ledger: &mut Ledger) {
        let batch = &self.batch;
        match (self.fate, self.present > 0) {
            (Fate::Acked, false) => ledger.note(Breach::Lost, batch, batch.records),
            (Fate::Unknown, true) => ledger.note(Breach::FailedButPresent, batch, batch.records),
            (Fate::Failed, true) => ledger.contradict(|| {
                let NewBatch { client, tp, number, .. } = *batch;
                let place = format!("partition {} of topic {}", tp.partition, tp.topic.0);
                format!("batch {number} of producer {client} cannot be in a log, but it is in {place}")
            }),
            _ => {}
        }
        let breach = match self.place {
            Place::InOrder => return,
            Place::BehindLaterOfSession => Breach::SessionReordered,
            Place::BehindLater if self.fate == Fate::Acked => Breach::AckedReordered,
            Place::BehindLater => Breach::Reordered,
        };
        ledger.note(breach, batch, batch.records);
    }

    /// The run is over, and something is open still: its fate, or a request. What is acknowledged (with acks=0) and still
    /// on its way is neither there nor lost.
    pub(super) fn judge_at_the_end(&self, ledger: &mut Ledger) {
        match (self.fate, self.present) {
            (Fate::Acked, 0) => ledger.under_way += u64::from(self.batch.records),
            _ => self.judge(ledger),
        }
    }
}

/// A slab of sent batches that is used again. Marks begin with 1: 0 is [`BatchMark::NONE`].
#[derive(Debug, Default)]
pub(super) struct SentBatches {
    slab: Vec<SentBatch>,
    free: Vec<BatchMark>,
}

impl SentBatches {
    #[inline]
    pub(super) fn open(&mut self, batch: NewBatch, attempts: u32) -> BatchMark {
        let mark = self.free.pop().unwrap_or_else(|| self.grow());
        self[mark].reopen(batch, attempts);
        mark
    }

    /// Takes no batch: so that an opened one is written field by field where it belongs.
    #[cold]
    fn grow(&mut self) -> BatchMark {
        self.slab.push(SentBatch::FREE);
        BatchMark(self.slab.len() as u32)
    }

    #[inline]
    pub(super) fn free(&mut self, mark: BatchMark) {
        self.free.push(mark);
    }

    /// Nothing is open in a free place.
    pub(super) fn live(&self) -> impl Iterator<Item = &SentBatch> {
        self.slab.iter().filter(|sent| sent.open > 0)
    }
}

impl std::ops::Index<BatchMark> for SentBatches {
    type Output = SentBatch;
    #[inline]
    fn index(&self, mark: BatchMark) -> &SentBatch {
        &self.slab[mark.0 as usize - 1]
    }
}

impl std::ops::IndexMut<BatchMark> for SentBatches {
    #[inline]
    fn index_mut(&mut self, mark: BatchMark) -> &mut SentBatch {
        &mut self.slab[mark.0 as usize - 1]
    }
}
