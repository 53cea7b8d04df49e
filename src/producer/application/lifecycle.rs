//! `flush` and `close` (1.6, 1.7).

use crate::producer::Producer;

/// What a `flush` waits for: the batches that were incomplete when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlushMark(u64);

impl Producer {
    /// FLU-1, FLU-2: until [`Producer::end_flush`], every batch may leave at once.
    pub fn begin_flush(&mut self) -> FlushMark {
        self.accumulator.flushes += 1;
        self.wake();
        FlushMark(self.accumulator.batches.last_number())
    }

    /// Whether everything that a flush waits for is done.
    pub fn is_flushed(&self, mark: FlushMark) -> bool {
        let batches = &self.accumulator.batches;
        if batches.split_children == 0 {
            // Batches are listed in order of creation.
            return batches.oldest_incomplete().is_none_or(|batch| batches[batch].number > mark.0);
        }
        batches.incomplete().all(|batch| batches[batch].number > mark.0)
    }

    /// The flush has returned.
    pub fn end_flush(&mut self) {
        self.accumulator.flushes = self.accumulator.flushes.saturating_sub(1);
    }

    /// CLO-2: no more records; what is in the accumulator is sent. The sender ends when nothing is left to do.
    pub fn close(&mut self) {
        self.accumulator.closed = true;
        if self.personality.close_wakes_memory_waits {
            self.accumulator.pool.close();
        }
        self.sender.close();
        self.wake();
    }

    /// CLO-3: what is incomplete fails, and the sender ends at its next step.
    pub fn force_close(&mut self) {
        self.sender.force_close();
        self.close();
    }

    /// Whether the sender has ended. It never does anything afterwards.
    pub fn has_ended(&self) -> bool {
        self.sender.has_ended()
    }
}
