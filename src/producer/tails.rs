//! The bytes of records in the accumulator, for those who want them: a real codec, a dump, a real network. Without anybody
//! who does, this is empty.

use super::Producer;
use super::batch::{Batch, BatchId};
use crate::protocol::record::{Record, TailId};
use crate::protocol::size;
use crate::wire::WireError;
use crate::wire::batch::{BatchBuilder, BatchFrame, ProducerState};
use crate::wire::codec::Compressor;
use crate::wire::record;

/// A slab of encoded tails ([`crate::wire::record`]). Each place keeps its room when it is used again.
#[derive(Debug, Default)]
pub struct Tails {
    places: Vec<Place>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
struct Place {
    /// Batches that need it: the children of a split have the records of their parent.
    users: u32,
    bytes: Vec<u8>,
}

/// A place that was used once for a huge record gives back what is more than this, in bytes.
const MOST_ROOM: usize = 1 << 20;

impl Tails {
    /// Keeps what `write` appends, for one batch.
    pub fn keep(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> TailId {
        let at = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            self.places.len() as u32 - 1
        });
        let place = &mut self.places[at as usize];
        place.users = 1;
        place.bytes.clear();
        write(&mut place.bytes);
        TailId(at)
    }

    /// The bytes of a record; none if they were not kept.
    pub fn get(&self, tail: TailId) -> Option<&[u8]> {
        self.places.get(tail.0 as usize).map(|place| &place.bytes[..])
    }

    /// One more batch needs it.
    fn share(&mut self, tail: TailId) {
        if let Some(place) = self.places.get_mut(tail.0 as usize) {
            place.users += 1;
        }
    }

    /// One batch less needs it.
    fn release(&mut self, tail: TailId) {
        let Some(place) = self.places.get_mut(tail.0 as usize) else { return };
        debug_assert!(place.users > 0, "released twice");
        if place.users == 0 {
            return;
        }
        place.users -= 1;
        if place.users == 0 {
            place.bytes.clear();
            place.bytes.shrink_to(MOST_ROOM);
            self.free.push(tail.0);
        }
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Producer {
    /// Keeps the bytes of a record that is about to be sent: its tail, which `write` appends.
    pub fn keep_tail(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> TailId {
        self.tails.keep(write)
    }

    /// Whether a record will be refused for its size: nobody needs its bytes (SEND-8).
    pub fn is_too_large(&self, record: &Record) -> bool {
        size::batch_upper_bound(record.fixed_bytes()) > self.most_record_bytes
    }

    /// A record was not accepted: nobody needs its bytes any more.
    pub fn forget_tail(&mut self, tail: TailId) {
        self.tails.release(tail);
    }

    /// The bytes of records that are kept now.
    pub fn tails(&self) -> &Tails {
        &self.tails
    }

    /// A batch that is valid now as the bytes that go over the wire (`MemoryRecordsBuilder.close`).
    ///
    /// # Errors
    /// A record whose bytes were not kept.
    pub fn encode(&self, id: BatchId) -> Result<Vec<u8>, WireError> {
        let batch = self.batch(id);
        let compression = self.config.compression;
        let is_transactional = self.config.transactional_id.is_some();
        let mut builder =
            BatchBuilder::new(BatchFrame::of_producer(compression, is_transactional), Vec::new());
        for entry in batch.records() {
            let Some(tail) = self.tails.get(entry.tail) else {
                return Err(WireError::Corrupt("the bytes of a record were not kept".to_owned()));
            };
            builder.append(entry.timestamp_ms, tail)?;
        }
        let state = batch.on_wire();
        let producer = ProducerState {
            id: state.producer_id,
            epoch: state.producer_epoch,
            base_sequence: state.base_sequence,
        };
        let mut compressor = Compressor::new(compression, Some(self.config.compression_level))?;
        builder.close(producer, Some(&mut compressor))
    }

    /// The storage of these batches is about to be used again.
    pub(crate) fn release_tails(&mut self) {
        if self.tails.is_empty() {
            return;
        }
        for id in self.accumulator.batches.unused() {
            for entry in self.accumulator.batches[*id].records() {
                self.tails.release(entry.tail);
            }
        }
    }

    /// Another batch has got the records of this one.
    pub(crate) fn share_tails(&mut self, id: BatchId) {
        for entry in self.accumulator.batches[id].records() {
            self.tails.share(entry.tail);
        }
    }
}

/// Appends the records of a batch as they are before compression. Records whose bytes were not kept are zeros.
pub(super) fn put_section(batch: &Batch, tails: &Tails, out: &mut Vec<u8>) {
    for (offset, entry) in batch.records().iter().enumerate() {
        let delta = entry.timestamp_ms.wrapping_sub(batch.base_timestamp_ms());
        match tails.get(entry.tail) {
            Some(tail) => record::put_record(out, delta, offset as i32, tail),
            None => record::put_record(out, delta, offset as i32, &vec![0; entry.fixed_bytes as usize - 1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_once_all_who_shared_it_are_done() {
        let mut tails = Tails::default();
        let first = tails.keep(|bytes| bytes.extend(b"first"));
        tails.share(first);
        tails.release(first);
        let second = tails.keep(|bytes| bytes.extend(b"second"));
        assert_eq!((tails.get(first), tails.get(second)), (Some(&b"first"[..]), Some(&b"second"[..])));
        tails.release(first);
        let third = tails.keep(|bytes| bytes.extend(b"3"));
        assert_eq!((third, tails.get(third), tails.len()), (first, Some(&b"3"[..]), 2));
        assert_eq!(tails.get(TailId::NONE), None);
    }
}
