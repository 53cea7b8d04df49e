//! Batches that end without success, and giving back what they held (5.9, 7.2).

use crate::producer::batch::{BatchId, FinalState};
use crate::producer::exception::Exception;
use crate::producer::producer_id_reset::BrokenSequence;
use crate::producer::{Outcome, Output, Producer};

impl Producer {
    /// `failBatch`. The metric counts a batch that was final already once more (7.7).
    pub(super) fn fail_batch(
        &mut self,
        batch: BatchId,
        outcome: Outcome,
        adjust: bool,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        let (Outcome::Failed { exception } | Outcome::FailedByRecord { exception, .. }) = outcome else {
            return Ok(());
        };
        let done = self.accumulator.batches[batch].is_done();
        if !done || self.personality.late_failures_count {
            self.sequences_failed(batch, exception, adjust)?;
        }
        self.metrics.record_errors += u64::from(self.accumulator.batches[batch].count());
        if done {
            return Ok(());
        }
        self.accumulator.batches[batch].final_state = Some(FinalState::Failed);
        out.push(Output::Completed { batch, outcome });
        self.end_batch(batch);
        Ok(())
    }

    /// ABT-1: everything that is not complete fails, in order of creation; nothing is counted.
    pub(crate) fn abort_incomplete(&mut self, exception: Exception, out: &mut Vec<Output>) {
        let incomplete: Vec<BatchId> = self.accumulator.batches.incomplete().collect();
        for batch in incomplete {
            let slot = self.accumulator.batches[batch].slot;
            self.accumulator.remove(slot, batch);
            let aborted = &mut self.accumulator.batches[batch];
            aborted.final_state = Some(FinalState::Aborted);
            aborted.appends_aborted = true;
            out.push(Output::Completed { batch, outcome: Outcome::Failed { exception } });
            self.end_batch(batch);
            self.accumulator.batches.release_if_unused(batch);
        }
    }

    /// A batch is no longer incomplete. Its memory comes back now, or with the end of its request (KAFKA-19012).
    pub(super) fn end_batch(&mut self, batch: BatchId) {
        let in_flight = self.accumulator.batches[batch].in_flight;
        if in_flight {
            self.forget_in_flight(batch);
        }
        self.accumulator.batches.complete(batch);
        if !(in_flight && self.personality.keeps_buffer_in_flight) {
            self.accumulator.deallocate(batch);
        }
    }
}
