//! Encoded sizes of records, batches and produce requests, to the byte (sections 3 and 6.5).

use super::record::Record;

/// Header of a record batch of format v2 (3.3).
pub const BATCH_OVERHEAD: u32 = 61;

/// What [`Record::fixed_bytes`] leaves out of the client's upper bound: five bytes of length, ten of timestamp,
/// five of offset (3.4). The attributes byte is part of the fixed bytes.
const UPPER_BOUND_EXTRA: u64 = 20;

/// Length of the zigzag varint of a signed value, 1 to 10 bytes (3.1).
#[inline(always)]
pub const fn varint(value: i64) -> u32 {
    unsigned_varint(((value << 1) ^ (value >> 63)) as u64)
}

/// Bytes of an unsigned varint by its number of leading zeros: seven bits a byte.
const VARINT_BYTES: [u8; 64] = {
    let mut bytes = [0; 64];
    let mut zeros = 0;
    while zeros < 64 {
        bytes[zeros] = (64 - zeros).div_ceil(7) as u8;
        zeros += 1;
    }
    bytes
};

/// Length of the unsigned varint of `value`, 1 to 10 bytes.
#[inline(always)]
pub const fn unsigned_varint(value: u64) -> u32 {
    VARINT_BYTES[(value | 1).leading_zeros() as usize] as u32
}

/// Size of a nullable byte field with its length prefix; `len` is -1 for null.
#[inline]
const fn nullable(len: i32) -> u64 {
    varint(len as i64) as u64 + if len > 0 { len as u64 } else { 0 }
}

impl Record {
    /// Bytes of the record that depend on neither its timestamp nor its place in the batch:
    /// attributes, key, value and headers (3.2).
    #[inline]
    pub const fn fixed_bytes(&self) -> u64 {
        1 + nullable(self.key.len)
            + nullable(self.value_len)
            + varint(self.headers_count as i64) as u64
            + self.headers_bytes as u64
    }
}

/// Encoded size of one header: name and value with their length prefixes; a null value has no length.
pub const fn header(name_len: u32, value_len: Option<u32>) -> u64 {
    let value = match value_len {
        Some(len) => varint(len as i64) as u64 + len as u64,
        None => 1,
    };
    varint(name_len as i64) as u64 + name_len as u64 + value
}

/// Encoded size of a record with its length prefix (3.2).
// Always: it is called for each record, and is small once it is there.
#[inline(always)]
pub const fn record(fixed_bytes: u64, timestamp_delta: i64, offset_delta: u32) -> u64 {
    let body = fixed_bytes + varint(timestamp_delta) as u64 + varint(offset_delta as i64) as u64;
    body + varint(body as i64) as u64
}

/// The client's bound of a record's size when the deltas are unknown (3.4).
#[inline]
pub const fn record_upper_bound(fixed_bytes: u64) -> u64 {
    fixed_bytes + UPPER_BOUND_EXTRA
}

/// The client's bound of a batch that holds only this record (3.4).
#[inline]
pub const fn batch_upper_bound(fixed_bytes: u64) -> u64 {
    BATCH_OVERHEAD as u64 + record_upper_bound(fixed_bytes)
}

/// The client's estimate of a batch's bytes, header included, from those of its uncompressed records (BLD-1). `ratio`: what
/// compression is expected to leave of them, if there is any. In 32-bit floats, as the client has it.
#[inline]
pub fn batch_estimate(records_bytes: u64, ratio: Option<f32>) -> u64 {
    let records = match ratio {
        Some(ratio) => (records_bytes as f32 * ratio * 1.05f32) as u64,
        None => records_bytes,
    };
    BATCH_OVERHEAD as u64 + records
}

/// BLD-2, for a batch that has records and is open.
#[inline]
pub const fn is_full(write_limit: u64, estimate: u64) -> bool {
    write_limit <= estimate
}

/// BLD-3, for a batch that has records: whether one of `record_bytes`, never compressed, still fits. None fits into a full
/// one, since each takes a byte at least.
#[inline]
pub const fn has_room(write_limit: u64, estimate: u64, record_bytes: u64) -> bool {
    write_limit >= estimate + record_bytes
}

/// How a version of the produce request names topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicNames {
    /// Plain lengths, up to version 8.
    Plain,
    /// Compact lengths and tag bytes, versions 9 to 12.
    Compact,
    /// 16-byte topic ids, version 13.
    Ids,
}

/// Size of a produce request on the wire, built up batch by batch (PRQ-5).
#[derive(Clone, Copy, Debug)]
pub struct RequestSize {
    names: TopicNames,
    bytes: u64,
}

impl RequestSize {
    /// The request without topics: length prefix, header, transactional id, acks, timeout, topic count.
    pub fn new(
        names: TopicNames,
        client_id_len: usize,
        transactional_id_len: Option<usize>,
        topics: usize,
    ) -> RequestSize {
        let client_id = 2 + client_id_len as u64;
        let txn = transactional_id_len.unwrap_or(0) as u64;
        let bytes = match names {
            TopicNames::Plain => 4 + 8 + client_id + 2 + txn + 2 + 4 + 4,
            TopicNames::Compact | TopicNames::Ids => {
                let txn_prefix =
                    u64::from(unsigned_varint(transactional_id_len.map_or(0, |len| len as u64 + 1)));
                4 + 8
                    + client_id
                    + 1
                    + txn_prefix
                    + txn
                    + 2
                    + 4
                    + u64::from(unsigned_varint(topics as u64 + 1))
                    + 1
            }
        };
        RequestSize { names, bytes }
    }

    /// Adds the frame of a topic with this many partitions.
    pub fn topic(&mut self, name_len: usize, partitions: usize) {
        let count = u64::from(unsigned_varint(partitions as u64 + 1));
        self.bytes += match self.names {
            TopicNames::Plain => 2 + name_len as u64 + 4,
            TopicNames::Compact => {
                u64::from(unsigned_varint(name_len as u64 + 1)) + name_len as u64 + count + 1
            }
            TopicNames::Ids => 16 + count + 1,
        };
    }

    /// Adds a partition with a batch of `batch_bytes`.
    pub fn batch(&mut self, batch_bytes: u32) {
        let size = u64::from(batch_bytes);
        self.bytes += match self.names {
            TopicNames::Plain => 4 + 4 + size,
            TopicNames::Compact | TopicNames::Ids => 4 + u64::from(unsigned_varint(size + 1)) + size + 1,
        };
    }

    /// The whole request with its 4-byte length prefix.
    pub fn total(self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::record::Key;

    #[test]
    fn varints_change_length_where_3_1_says() {
        for (value, len) in [
            (0, 1),
            (63, 1),
            (-64, 1),
            (64, 2),
            (-65, 2),
            (8191, 2),
            (8192, 3),
            (1_048_575, 3),
            (1_048_576, 4),
            (134_217_727, 4),
            (134_217_728, 5),
            (i64::from(i32::MAX), 5),
            (i64::MAX, 10),
            (i64::MIN, 10),
        ] {
            assert_eq!(varint(value), len, "{value}");
        }
        for shift in 0..64 {
            let mut bytes = 0;
            let mut rest = 1u64 << shift;
            while rest > 0 {
                rest >>= 7;
                bytes += 1;
            }
            assert_eq!(unsigned_varint(1 << shift), bytes, "2^{shift}");
        }
    }

    #[test]
    fn the_examples_of_3_2() {
        let plain = |key_len: i32, value_len| Record {
            key: Key { len: key_len, murmur2: 0 },
            value_len,
            ..Record::EMPTY
        };
        for (key, value, size, bound) in [(-1, 100, 109, 186), (3, 5, 15, 93), (16, 1024, 1049, 1126)] {
            let fixed = plain(key, value).fixed_bytes();
            assert_eq!(
                (record(fixed, 0, 0), batch_upper_bound(fixed)),
                (size, bound),
                "key {key} value {value}"
            );
        }
        let with_header =
            Record { headers_count: 1, headers_bytes: header(3, Some(5)) as u32, ..plain(-1, 100) };
        assert_eq!(record(with_header.fixed_bytes(), 0, 0), 119);
        assert_eq!(record(plain(-1, 100).fixed_bytes(), 0, 64), 110);
    }

    #[test]
    fn prq_5_the_first_request_of_a_recorded_run() {
        let mut size = RequestSize::new(TopicNames::Ids, "oracle".len(), None, 1);
        size.topic("clicks".len(), 1);
        size.batch(931);
        assert_eq!(size.total(), 986);
    }
}
