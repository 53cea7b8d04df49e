//! By which marks the audit knows a client's batches, from their first transmission to their end.

use crate::producer::BatchId;
use crate::values::ids::BatchMark;

/// The marks of one client's batches.
#[derive(Debug, Default)]
pub(super) struct Marks {
    by_batch: Vec<BatchMark>,
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

    /// The batch has ended: its number will be another one's.
    #[inline]
    pub(super) fn take(&mut self, batch: BatchId) -> BatchMark {
        match self.by_batch.get_mut(batch.index()) {
            Some(mark) => std::mem::replace(mark, BatchMark::NONE),
            None => BatchMark::NONE,
        }
    }
}
