//! The 61 bytes before the records of a batch (3.3).

use super::WireError;
use crate::protocol::compression::Compression;
use crate::protocol::size::BATCH_OVERHEAD;

/// Bytes of base offset and length, which the length does not count.
pub const LOG_OVERHEAD: usize = 12;

/// Where that begins which the checksum is of.
const CRC_FROM: usize = 21;

/// The only format that producers have written since 0.11.
const MAGIC: u8 = 2;

const CODEC_BITS: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

/// The attributes of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The codec of the records.
    pub compression: Compression,
    /// Timestamps are the broker's.
    pub is_log_append_time: bool,
    /// Part of a transaction.
    pub is_transactional: bool,
    /// Not an application's records, but marks of a transaction or of a leader.
    pub is_control: bool,
    /// The base timestamp is a delete horizon (KIP-534).
    pub has_delete_horizon: bool,
}

impl Attributes {
    /// As a number.
    pub fn bits(self) -> i16 {
        let flag = |is_set: bool, bit: i16| if is_set { bit } else { 0 };
        self.compression.id()
            | flag(self.is_log_append_time, LOG_APPEND_TIME)
            | flag(self.is_transactional, TRANSACTIONAL)
            | flag(self.is_control, CONTROL)
            | flag(self.has_delete_horizon, DELETE_HORIZON)
    }

    /// What a number says; bits that nobody knows are ignored, as the client ignores them.
    ///
    /// # Errors
    /// A codec that does not exist.
    pub fn of_bits(bits: i16) -> Result<Attributes, WireError> {
        let Some(compression) = Compression::of_id(bits & CODEC_BITS) else {
            return WireError::illegal(format!("Unknown compression type id: {}", bits & CODEC_BITS));
        };
        Ok(Attributes {
            compression,
            is_log_append_time: bits & LOG_APPEND_TIME != 0,
            is_transactional: bits & TRANSACTIONAL != 0,
            is_control: bits & CONTROL != 0,
            has_delete_horizon: bits & DELETE_HORIZON != 0,
        })
    }
}

/// The header of a batch, but its length and checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record; a producer says 0.
    pub base_offset: i64,
    /// Epoch of the leader that appended it; a producer says -1.
    pub partition_leader_epoch: i32,
    /// Codec and flags.
    pub attributes: Attributes,
    /// Offset of the last record without the base offset.
    pub last_offset_delta: i32,
    /// Timestamp of the first record, or the delete horizon, in epoch ms.
    pub base_timestamp_ms: i64,
    /// Largest timestamp, in epoch ms.
    pub max_timestamp_ms: i64,
    /// Producer id, -1 without idempotence.
    pub producer_id: i64,
    /// Producer epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// Sequence of the first record, -1 without idempotence.
    pub base_sequence: i32,
    /// Number of records.
    pub records: i32,
}

impl BatchHeader {
    /// Sequence of the last record: behind the largest int comes 0; -1 without idempotence.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return -1;
        }
        let last = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (last % (i64::from(i32::MAX) + 1)) as i32
    }

    /// Writes the header into the first 61 bytes of `batch`, whose other bytes are its records as they will be sent.
    /// Without room for a header nothing is written.
    pub fn write(&self, batch: &mut [u8]) {
        let length = batch.len().saturating_sub(LOG_OVERHEAD) as i32;
        let Some(header) = batch.first_chunk_mut::<{ BATCH_OVERHEAD as usize }>() else { return };
        header[0..8].copy_from_slice(&self.base_offset.to_be_bytes());
        header[8..12].copy_from_slice(&length.to_be_bytes());
        header[12..16].copy_from_slice(&self.partition_leader_epoch.to_be_bytes());
        header[16] = MAGIC;
        header[21..23].copy_from_slice(&self.attributes.bits().to_be_bytes());
        header[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        header[27..35].copy_from_slice(&self.base_timestamp_ms.to_be_bytes());
        header[35..43].copy_from_slice(&self.max_timestamp_ms.to_be_bytes());
        header[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        header[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        header[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        header[57..61].copy_from_slice(&self.records.to_be_bytes());
        let crc = crc32c::crc32c(&batch[CRC_FROM..]);
        batch[17..21].copy_from_slice(&crc.to_be_bytes());
    }

    /// Writes into a whole batch what its leader does when it appends it (`LogValidator`): the offset of its first record, and
    /// the leader's epoch. The checksum is of neither. Without room for a header nothing is written.
    pub fn stamp(batch: &mut [u8], base_offset: i64, partition_leader_epoch: i32) {
        let Some(header) = batch.first_chunk_mut::<{ BATCH_OVERHEAD as usize }>() else { return };
        header[0..8].copy_from_slice(&base_offset.to_be_bytes());
        header[12..16].copy_from_slice(&partition_leader_epoch.to_be_bytes());
    }

    /// Reads the header of the batch at the front of `bytes`.
    ///
    /// # Errors
    /// Bytes that end early, another format, a wrong checksum.
    pub fn read(bytes: &[u8]) -> Result<(BatchHeader, Frame), WireError> {
        let Some(header) = bytes.first_chunk::<{ BATCH_OVERHEAD as usize }>() else {
            return WireError::corrupt(format!("{} bytes, where a header alone has 61", bytes.len()));
        };
        if header[16] != MAGIC {
            return WireError::corrupt(format!("format {} of record batches; only 2 is read", header[16]));
        }
        let length = i32::from_be_bytes(array(header, 8));
        let Some(batch) = usize::try_from(length).ok().and_then(|length| bytes.get(..length + LOG_OVERHEAD))
        else {
            return WireError::corrupt(format!("a length of {length} with {} bytes there", bytes.len()));
        };
        if batch.len() < BATCH_OVERHEAD as usize {
            return WireError::corrupt(format!("a length of {length}, which has no room for a header"));
        }
        let crc = u32::from_be_bytes(array(header, 17));
        let computed = crc32c::crc32c(&batch[CRC_FROM..]);
        if crc != computed {
            return WireError::corrupt(format!(
                "Record is corrupt (stored crc = {crc}, computed crc = {computed})"
            ));
        }
        let read = BatchHeader {
            base_offset: i64::from_be_bytes(array(header, 0)),
            partition_leader_epoch: i32::from_be_bytes(array(header, 12)),
            attributes: Attributes::of_bits(i16::from_be_bytes(array(header, 21)))?,
            last_offset_delta: i32::from_be_bytes(array(header, 23)),
            base_timestamp_ms: i64::from_be_bytes(array(header, 27)),
            max_timestamp_ms: i64::from_be_bytes(array(header, 35)),
            producer_id: i64::from_be_bytes(array(header, 43)),
            producer_epoch: i16::from_be_bytes(array(header, 51)),
            base_sequence: i32::from_be_bytes(array(header, 53)),
            records: i32::from_be_bytes(array(header, 57)),
        };
        Ok((read, Frame { size: batch.len(), crc }))
    }
}

/// What frames a batch that has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Bytes of the whole batch.
    pub size: usize,
    /// CRC-32C of all behind the checksum.
    pub crc: u32,
}

/// The bytes of a number in a header; every place is within its 61 bytes.
fn array<const N: usize>(header: &[u8; BATCH_OVERHEAD as usize], at: usize) -> [u8; N] {
    std::array::from_fn(|byte| header[at + byte])
}
