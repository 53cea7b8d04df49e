//! By which marks the audit knows a client's batches, from their first transmission to their end.

use crate::producer::BatchId;
use crate::values::ids::BatchMark;

/// The marks of one client's batches.
#[derive(Debug, Default)]
pub(super) struct Marks {
    by_batch: Vec<BatchMark>,
    /// Of batches that have ended in the same turn of the sender in which they are sent.
    early: Vec<(BatchId, BatchMark)>,
}

impl Marks {
    /// [`BatchMark::NONE`] as long as it has never been sent.
    #[inline]
    pub(super) fn of(&mut self, batch: BatchId) -> &mut BatchMark {
        let at = batch.index();
        if at >= self.by_batch.len() {
            self.grow(at);
        }
        &mut self.by_batch[at]
    }

    #[cold]
    fn grow(&mut self, at: usize) {
        self.by_batch.resize(at + 1, BatchMark::NONE);
    }

    /// A batch has ended, and its request will be written all the same.
    #[cold]
    pub(super) fn keep_for_request(&mut self, batch: BatchId, mark: BatchMark) {
        self.early.push((batch, mark));
    }

    /// The mark of a batch that had ended before its request was written.
    #[inline]
    pub(super) fn of_ended(&mut self, batch: BatchId) -> Option<BatchMark> {
        if self.early.is_empty() {
            return None;
        }
        let at = self.early.iter().position(|(early, _)| *early == batch)?;
        Some(self.early.swap_remove(at).1)
    }

    /// The batch has ended: its number will be another one's.
    #[inline]
    pub(super) fn take(&mut self, batch: BatchId) -> BatchMark {
        match self.by_batch.get_mut(batch.index()) {
            Some(mark) => std::mem::replace(mark, BatchMark::NONE),
            None => BatchMark::NONE,
        }
    }
}
