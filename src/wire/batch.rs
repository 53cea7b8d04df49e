//! Writing a record batch of format v2 (`MemoryRecordsBuilder`).

use super::codec::Compressor;
use super::header::{Attributes, BatchHeader};
use super::{WireError, record};
use crate::protocol::compression::Compression;
use crate::protocol::size::BATCH_OVERHEAD;

/// Who writes a batch, as its header tells. -1 stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    /// Producer id.
    pub id: i64,
    /// Producer epoch.
    pub epoch: i16,
    /// Sequence of the first record.
    pub base_sequence: i32,
}

impl ProducerState {
    /// Without idempotence.
    pub const NONE: ProducerState = ProducerState { id: -1, epoch: -1, base_sequence: -1 };

    /// `MemoryRecordsBuilder.validateProducerState`, in its words.
    fn check(self, attributes: Attributes) -> Result<(), WireError> {
        if attributes.is_transactional && self.id == -1 {
            return WireError::illegal("Cannot write transactional messages without a valid producer ID");
        }
        if self.id == -1 {
            return Ok(());
        }
        if self.epoch == -1 {
            return WireError::illegal("Invalid negative producer epoch");
        }
        if self.base_sequence < 0 && !attributes.is_control {
            return WireError::illegal("Invalid negative sequence number used");
        }
        Ok(())
    }
}

/// What a batch's header says that its records do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchFrame {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Epoch of the leader, -1 from a producer.
    pub partition_leader_epoch: i32,
    /// Codec and flags; whether there is a delete horizon is seen from [`BatchFrame::delete_horizon_ms`].
    pub attributes: Attributes,
    /// With log append time: the timestamp of all records, in epoch ms.
    pub log_append_time_ms: i64,
    /// From when on a cleaner may drop tombstones, in epoch ms.
    pub delete_horizon_ms: Option<i64>,
}

impl BatchFrame {
    /// As a producer writes it.
    pub fn of_producer(compression: Compression, is_transactional: bool) -> BatchFrame {
        BatchFrame {
            base_offset: 0,
            partition_leader_epoch: -1,
            attributes: Attributes { compression, is_transactional, ..Attributes::default() },
            log_append_time_ms: -1,
            delete_horizon_ms: None,
        }
    }
}

/// A batch that grows.
#[derive(Debug)]
pub struct BatchBuilder {
    frame: BatchFrame,
    /// Uncompressed records behind room for a header.
    bytes: Vec<u8>,
    records: i32,
    last_offset: i64,
    base_timestamp_ms: i64,
    max_timestamp_ms: i64,
}

/// Offsets of a batch count from its first one in an int.
const MOST_OFFSET_DELTA: i64 = i32::MAX as i64;

impl BatchBuilder {
    /// An empty batch; `room` is a buffer to use again, whatever is in it.
    pub fn new(frame: BatchFrame, mut room: Vec<u8>) -> BatchBuilder {
        room.clear();
        room.resize(BATCH_OVERHEAD as usize, 0);
        BatchBuilder {
            frame,
            bytes: room,
            records: 0,
            last_offset: -1,
            base_timestamp_ms: -1,
            max_timestamp_ms: -1,
        }
    }

    /// Number of records.
    pub fn records(&self) -> i32 {
        self.records
    }

    /// Bytes of header and uncompressed records.
    pub fn uncompressed_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The records as they are before compression.
    pub fn record_section(&self) -> &[u8] {
        &self.bytes[BATCH_OVERHEAD as usize..]
    }

    /// Appends a record with the next offset.
    ///
    /// # Errors
    /// A negative timestamp.
    pub fn append(&mut self, timestamp_ms: i64, tail: &[u8]) -> Result<(), WireError> {
        let next = if self.records == 0 { self.frame.base_offset } else { self.last_offset + 1 };
        self.append_at(next, timestamp_ms, tail)
    }

    /// Appends a record with this offset (`appendWithOffset`).
    ///
    /// # Errors
    /// A negative timestamp, an offset that does not grow or is too far from the first one.
    pub fn append_at(&mut self, offset: i64, timestamp_ms: i64, tail: &[u8]) -> Result<(), WireError> {
        if self.records > 0 && offset <= self.last_offset {
            return WireError::illegal(format!(
                "Illegal offset {offset} following previous offset {} (Offsets must increase monotonically).",
                self.last_offset
            ));
        }
        if timestamp_ms < 0 && timestamp_ms != -1 {
            return WireError::illegal(format!("Invalid negative timestamp {timestamp_ms}"));
        }
        let delta = offset.wrapping_sub(self.frame.base_offset);
        let Some(offset_delta) = i32::try_from(delta).ok().filter(|delta| *delta >= 0) else {
            return WireError::illegal(format!(
                "Invalid offset delta {delta} of offset {offset}: 0 to {MOST_OFFSET_DELTA} fit into a batch"
            ));
        };
        if self.records == 0 {
            self.base_timestamp_ms = self.frame.delete_horizon_ms.unwrap_or(timestamp_ms);
        }
        let timestamp_delta = timestamp_ms.wrapping_sub(self.base_timestamp_ms);
        record::put_record(&mut self.bytes, timestamp_delta, offset_delta, tail);
        self.max_timestamp_ms = self.max_timestamp_ms.max(timestamp_ms);
        self.last_offset = offset;
        self.records += 1;
        Ok(())
    }

    /// The finished batch. One without records has no bytes at all.
    ///
    /// # Errors
    /// A producer state that no batch can have; a codec that fails.
    pub fn close(
        self,
        producer: ProducerState,
        compressor: Option<&mut Compressor>,
    ) -> Result<Vec<u8>, WireError> {
        let header = self.header(producer)?;
        let Some(header) = header else { return Ok(Vec::new()) };
        let mut batch = match compressor {
            Some(compressor) if self.frame.attributes.compression != Compression::None => {
                let mut batch = vec![0; BATCH_OVERHEAD as usize];
                compressor.compress(self.record_section(), &mut batch)?;
                batch
            }
            _ => self.bytes,
        };
        header.write(&mut batch);
        Ok(batch)
    }

    /// The header that the batch will have, if it has records.
    fn header(&self, producer: ProducerState) -> Result<Option<BatchHeader>, WireError> {
        producer.check(self.frame.attributes)?;
        if self.records == 0 {
            return Ok(None);
        }
        let BatchFrame { attributes, delete_horizon_ms, log_append_time_ms, .. } = self.frame;
        Ok(Some(BatchHeader {
            base_offset: self.frame.base_offset,
            partition_leader_epoch: self.frame.partition_leader_epoch,
            attributes: Attributes { has_delete_horizon: delete_horizon_ms.is_some(), ..attributes },
            last_offset_delta: (self.last_offset - self.frame.base_offset) as i32,
            base_timestamp_ms: self.base_timestamp_ms,
            max_timestamp_ms: if attributes.is_log_append_time {
                log_append_time_ms
            } else {
                self.max_timestamp_ms
            },
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            base_sequence: producer.base_sequence,
            records: self.records,
        }))
    }
}
