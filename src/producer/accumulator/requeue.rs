//! Putting batches back: retries (5.6) and the children of a split (5.7).

use crate::planted::{PlantedBug, planted};
use crate::producer::batch::{BatchId, NO_PRODUCER_ID, NO_SEQUENCE, NewBatch, RecordEntry};
use crate::producer::producer_id_reset::BrokenSequence;
use crate::producer::topics::Slot;
use crate::producer::{Output, Producer};
use crate::protocol::compression::Compression;
use crate::protocol::size;

impl Producer {
    /// 5.6: back to the head, or with sequence numbers to its place among them. The client throws where it looks after
    /// none of the partition: another batch with the number of this one has ended, and been taken for it.
    pub(crate) fn reenqueue(&mut self, batch: BatchId, now_ms: i64) -> Result<(), BrokenSequence> {
        self.accumulator.batches.reenqueued(batch, now_ms);
        let slot = self.accumulator.batches[batch].slot;
        if self.idempotence.as_ref().is_some_and(|manager| manager.in_flight(slot).is_empty()) {
            return Err(BrokenSequence);
        }
        if planted(PlantedBug::LostInRequeue) {
            return Ok(());
        }
        if planted(PlantedBug::RetryGetsNewSequence) {
            self.accumulator.batches[batch].set_producer_state(NO_PRODUCER_ID, -1, NO_SEQUENCE);
        }
        self.insert_batch(slot, batch);
        Ok(())
    }

    fn insert_batch(&mut self, slot: Slot, batch: BatchId) {
        let at = match self.idempotence.is_some() {
            true => self.place_by_sequence(slot, batch),
            false if planted(PlantedBug::RetryAtTail) => self.accumulator.queues[slot.index()].batches.len(),
            false => 0,
        };
        self.accumulator.insert(slot, at, batch);
    }

    fn place_by_sequence(&self, slot: Slot, batch: BatchId) -> usize {
        let batches = &self.accumulator.batches;
        let sequence = batches[batch].base_sequence;
        let queued = self.accumulator.queues[slot.index()].batches.iter();
        queued
            .take_while(|other| batches[**other].has_sequence() && batches[**other].base_sequence < sequence)
            .count()
    }

    /// 5.7 and 3.8: a batch that the broker found too large becomes several, at the head of the queue.
    pub(crate) fn split_and_reenqueue(
        &mut self,
        parent: BatchId,
        out: &mut Vec<Output>,
    ) -> Result<(), BrokenSequence> {
        let topic = self.accumulator.batches[parent].partition().topic;
        let ratio = self.accumulator.batches[parent].compression_ratio().max(1.0);
        self.accumulator.ratios.set(topic.index(), ratio);
        let children = self.split(parent, ratio);
        let slot = self.accumulator.batches[parent].slot;
        if self.has_forgotten_sequences(slot) {
            self.lose_children(&children);
            return Err(BrokenSequence);
        }
        let mut first = self.accumulator.batches[parent].count();
        for &child in children.iter().rev() {
            first -= self.accumulator.batches[child].count();
            // The client makes them incomplete in this order, the last one first: so they would be aborted (HSH-7).
            self.accumulator.batches.make_newest(child);
            out.push(Output::Split { batch: parent, child, first });
            if self.idempotence.is_some() {
                self.track_in_flight(slot, child);
            }
            self.insert_batch(slot, child);
        }
        Ok(())
    }

    /// Nobody looks after the sequences of the children: the client throws when it has made the last of them
    /// incomplete, and that is all there ever is of it.
    #[cold]
    fn lose_children(&mut self, children: &[BatchId]) {
        let Some((last, others)) = children.split_last() else { return };
        self.accumulator.batches[*last].is_ghost = true;
        for &child in others {
            self.accumulator.batches.complete(child);
            self.accumulator.batches.release_if_unused(child);
        }
    }

    /// SPL-2 to SPL-5.
    fn split(&mut self, parent: BatchId, ratio: f32) -> Vec<BatchId> {
        let records: Vec<RecordEntry> = self.accumulator.batches[parent].records().to_vec();
        let parent_limit = self.split_limit(parent);
        let mut children: Vec<BatchId> = Vec::new();
        for record in records {
            let last = children.last().copied();
            let now_ms = self.accumulator.batches[parent].created_ms;
            let joined = last
                .is_some_and(|child| self.accumulator.batches[child].try_append(record, now_ms).is_some());
            if !joined {
                children.push(self.open_child(parent, parent_limit, ratio, record));
            }
        }
        self.share_tails(parent);
        let mut sequence = self.accumulator.batches[parent].base_sequence;
        let (pid, epoch) = {
            let parent = &self.accumulator.batches[parent];
            (parent.producer_id, parent.producer_epoch)
        };
        for &child in &children {
            let child = &mut self.accumulator.batches[child];
            child.set_append_closed(self.personality.closes_split_children);
            if sequence >= 0 {
                child.set_producer_state(pid, epoch, sequence);
                if planted(PlantedBug::SplitSharesSequence) {
                    continue;
                }
                sequence += child.count() as i32;
            }
        }
        children
    }

    /// The size of the children: `batch.size`, but a batch that is itself a child is halved, or a large single
    /// record would be split for ever (what client 4.3 does).
    fn split_limit(&self, parent: BatchId) -> u64 {
        let parent = &self.accumulator.batches[parent];
        if parent.is_split && self.personality.halves_split_children {
            parent.max_record_size.max(parent.estimated_bytes() / 2)
        } else {
            u64::from(self.config.batch_size)
        }
    }

    fn open_child(&mut self, parent: BatchId, limit: u64, ratio: f32, first: RecordEntry) -> BatchId {
        let from = &self.accumulator.batches[parent];
        let (created_ms, number, maybe_logged) = (from.created_ms, from.number, from.maybe_logged);
        let new = NewBatch {
            slot: from.slot,
            tp: from.partition(),
            now: from.opened_at(),
            now_ms: created_ms,
            write_limit: limit.max(size::batch_upper_bound(u64::from(first.fixed_bytes))),
            compressed: self.config.compression != Compression::None,
            ratio,
        };
        let child = self.accumulator.batches.open(new, first);
        self.accumulator.batches.split_children += 1;
        let batch = &mut self.accumulator.batches[child];
        batch.is_split = true;
        batch.maybe_logged = maybe_logged;
        if self.personality.flush_waits_for_split_children {
            batch.number = number;
        }
        child
    }
}
