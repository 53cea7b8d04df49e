//! The slab that batches live in, and the list of those that are incomplete.

use super::batch::{Batch, BatchId, NewBatch, RecordEntry};

/// All batches of a producer: a slab that is used again, and the list of incomplete ones in order of creation.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    slab: Vec<Batch>,
    free: Vec<BatchId>,
    /// Released in this poll: their records stay readable until the next one.
    unused: Vec<BatchId>,
    oldest: Option<BatchId>,
    newest: Option<BatchId>,
    created: u64,
    /// Incomplete children of splits: their creation time is older than their place in the list.
    pub(crate) split_children: u32,
    /// Incomplete batches that have been put back: others that are younger may stand before them.
    retried: u32,
}

impl Batches {
    /// A new batch with its first record, which always fits (BLD-3).
    #[inline(always)]
    pub(crate) fn open(&mut self, new: NewBatch, first: RecordEntry) -> BatchId {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Batch::empty());
            BatchId(self.slab.len() as u32 - 1)
        });
        self.created += 1;
        let slot = &mut self.slab[id.index()];
        slot.reopen(new, self.created, first);
        self.link(id);
        id
    }

    fn link(&mut self, id: BatchId) {
        self.slab[id.index()].previous = self.newest;
        match self.newest {
            Some(newest) => self.slab[newest.index()].next = Some(id),
            None => self.oldest = Some(id),
        }
        self.newest = Some(id);
    }

    fn unlink(&mut self, id: BatchId) {
        let (previous, next) = (self[id].previous, self[id].next);
        match previous {
            Some(previous) => self.slab[previous.index()].next = next,
            None => self.oldest = next,
        }
        match next {
            Some(next) => self.slab[next.index()].previous = previous,
            None => self.newest = previous,
        }
        self.slab[id.index()].next = None;
    }

    /// Puts a batch at the end of the list of incomplete ones, as if it had been created last.
    pub(crate) fn make_newest(&mut self, id: BatchId) {
        self.unlink(id);
        self.link(id);
    }

    /// Takes a batch off the list of incomplete ones.
    pub(crate) fn complete(&mut self, id: BatchId) {
        self.unlink(id);
        self.split_children -= u32::from(self[id].is_split);
        self.retried -= u32::from(self[id].retry);
        self[id].ended = true;
    }

    /// A batch goes back to its queue.
    pub(crate) fn reenqueued(&mut self, id: BatchId, now_ms: i64) {
        self.retried += u32::from(!self[id].retry);
        self[id].reenqueued(now_ms);
    }

    /// Whether every queue, and what is in flight of every partition, is in order of creation.
    #[inline]
    pub(crate) fn are_in_order(&self) -> bool {
        self.split_children == 0 && self.retried == 0
    }

    /// Once a batch has ended, no request carries it and no sequence waits for it, its storage is used again, but not
    /// before the next [`Batches::recycle`].
    pub(crate) fn release_if_unused(&mut self, id: BatchId) {
        let batch = &mut self.slab[id.index()];
        if batch.ended && !batch.in_flight && !batch.tracked && !batch.released {
            batch.released = true;
            self.unused.push(id);
        }
    }

    /// The batches whose storage [`Batches::recycle`] makes available.
    pub(crate) fn unused(&self) -> &[BatchId] {
        &self.unused
    }

    /// Makes the storage of ended batches available.
    #[inline]
    pub(crate) fn recycle(&mut self) {
        match self.unused[..] {
            [] => {}
            [only] => {
                self.free.push(only);
                self.unused.clear();
            }
            _ => self.free.append(&mut self.unused),
        }
    }

    #[inline]
    pub(crate) fn oldest_incomplete(&self) -> Option<BatchId> {
        self.oldest
    }

    /// Incomplete batches in order of creation.
    pub(crate) fn incomplete(&self) -> impl Iterator<Item = BatchId> + '_ {
        std::iter::successors(self.oldest, |id| self[*id].next)
    }

    /// Memory of the buffer in batches that somebody still needs.
    pub(crate) fn held_bytes(&self) -> u64 {
        let holds = |batch: &&Batch| batch.holds_buffer && !batch.is_split && !batch.released;
        self.slab.iter().filter(holds).map(|batch| batch.write_limit).sum()
    }

    /// The number of the newest batch.
    pub(crate) fn last_number(&self) -> u64 {
        self.created
    }
}

impl std::ops::Index<BatchId> for Batches {
    type Output = Batch;
    #[inline]
    fn index(&self, id: BatchId) -> &Batch {
        &self.slab[id.index()]
    }
}

impl std::ops::IndexMut<BatchId> for Batches {
    #[inline]
    fn index_mut(&mut self, id: BatchId) -> &mut Batch {
        &mut self.slab[id.index()]
    }
}
