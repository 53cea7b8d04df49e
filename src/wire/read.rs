//! Reading record batches back.

use super::WireError;
use super::codec;
use super::header::{BatchHeader, Frame};
use super::record::{ReadRecord, take_record};
use crate::protocol::compression::Compression;
use crate::protocol::size::BATCH_OVERHEAD;

/// A batch that has been read, its records decompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadBatch {
    /// What its header says.
    pub header: BatchHeader,
    /// Its size and checksum.
    pub frame: Frame,
    section: Vec<u8>,
}

impl ReadBatch {
    /// Reads the batch at the front of `bytes`. Its records are decompressed to at most `most_bytes`.
    ///
    /// # Errors
    /// What [`BatchHeader::read`] refuses, and records that their codec cannot have written.
    pub fn of(bytes: &[u8], most_bytes: usize) -> Result<ReadBatch, WireError> {
        let (header, frame) = BatchHeader::read(bytes)?;
        let packed = &bytes[BATCH_OVERHEAD as usize..frame.size];
        let section = match header.attributes.compression {
            Compression::None => packed.to_vec(),
            compression => codec::decompress(compression, packed, most_bytes)?,
        };
        Ok(ReadBatch { header, frame, section })
    }

    /// The records as bytes, uncompressed.
    pub fn section(&self) -> &[u8] {
        &self.section
    }

    /// The records.
    ///
    /// # Errors
    /// Bytes that are no records, or not as many as the header says.
    pub fn records(&self) -> Result<Vec<ReadRecord<'_>>, WireError> {
        let mut rest = &self.section[..];
        let mut records = Vec::new();
        while !rest.is_empty() {
            records.push(take_record(&mut rest)?);
        }
        if records.len() as i64 != i64::from(self.header.records) {
            return WireError::corrupt(format!(
                "{} records, where the header says {}",
                records.len(),
                self.header.records
            ));
        }
        Ok(records)
    }

    /// The timestamp of a record, in epoch ms: with log append time that of the batch (`DefaultRecordBatch`).
    pub fn timestamp_ms(&self, record: &ReadRecord<'_>) -> i64 {
        if self.header.attributes.is_log_append_time {
            self.header.max_timestamp_ms
        } else {
            self.header.base_timestamp_ms.wrapping_add(record.timestamp_delta)
        }
    }
}
