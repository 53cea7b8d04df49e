//! Confluent's wire format: what stands before the payload of a record whose schema is in a registry.
//!
//! Magic byte 0, the id of the schema in four bytes, and for Protobuf the message indexes: the way to the message's
//! type in its file, as zigzag varints with their number before them.

use std::fmt;

use crate::protocol::varint;

/// First byte of the format.
pub const MAGIC: u8 = 0;

/// Bytes of the header: magic and id.
pub const HEADER_LEN: usize = 5;

/// Bytes of the longest varint of 32 bits.
const MAX_VARINT_LEN: usize = 5;

/// Why bytes are not in the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFormatError {
    /// The first byte is not 0. Confluent's deserializers say `Unknown magic byte!`.
    UnknownMagicByte(u8),
    /// The bytes end within the header or the message indexes.
    Incomplete,
    /// A varint has more than five bytes.
    VarintTooLong,
    /// The number of message indexes is below zero.
    NegativeCount(i32),
}

impl fmt::Display for WireFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WireFormatError::UnknownMagicByte(byte) => {
                write!(f, "Unknown magic byte! It is {byte}, and should be {MAGIC}")
            }
            WireFormatError::Incomplete => f.write_str("the bytes end before the payload begins"),
            WireFormatError::VarintTooLong => {
                write!(f, "a varint is longer than {MAX_VARINT_LEN} bytes")
            }
            WireFormatError::NegativeCount(count) => {
                write!(f, "the number of message indexes is {count}, and cannot be below 0")
            }
        }
    }
}

impl std::error::Error for WireFormatError {}

/// Appends magic byte and id.
pub fn write_schema_id(id: i32, out: &mut Vec<u8>) {
    out.push(MAGIC);
    out.extend_from_slice(&id.to_be_bytes());
}

/// The id of the schema, and what follows it.
///
/// # Errors
///
/// Another magic byte, or fewer than five bytes.
pub fn read_schema_id(bytes: &[u8]) -> Result<(i32, &[u8]), WireFormatError> {
    match bytes.split_first() {
        Some((&MAGIC, rest)) => {
            let (id, rest) = rest.split_first_chunk().ok_or(WireFormatError::Incomplete)?;
            Ok((i32::from_be_bytes(*id), rest))
        }
        Some((&magic, _)) => Err(WireFormatError::UnknownMagicByte(magic)),
        None => Err(WireFormatError::Incomplete),
    }
}

/// Appends message indexes. The first message of a file, `[0]`, is the single byte 0, and so is no index at all.
pub fn write_message_indexes(indexes: &[i32], out: &mut Vec<u8>) {
    if indexes == [0] {
        out.push(0);
        return;
    }
    varint::put(out, indexes.len() as i64);
    indexes.iter().for_each(|&index| varint::put(out, index.into()));
}

/// The message indexes, and what follows them. The single byte 0 is `[0]`.
///
/// # Errors
///
/// Bytes that end too early, a varint without end, a number of indexes below zero.
pub fn read_message_indexes(bytes: &[u8]) -> Result<(Vec<i32>, &[u8]), WireFormatError> {
    let (count, mut rest) = read_varint(bytes)?;
    if count == 0 {
        return Ok((vec![0], rest));
    }
    let count = usize::try_from(count).map_err(|_| WireFormatError::NegativeCount(count))?;
    let mut indexes = Vec::new();
    for _ in 0..count {
        let (index, behind) = read_varint(rest)?;
        indexes.push(index);
        rest = behind;
    }
    Ok((indexes, rest))
}

fn read_varint(bytes: &[u8]) -> Result<(i32, &[u8]), WireFormatError> {
    let mut zigzag = 0_u32;
    for (at, &byte) in bytes.iter().take(MAX_VARINT_LEN).enumerate() {
        zigzag |= u32::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Ok(((zigzag >> 1) as i32 ^ -((zigzag & 1) as i32), &bytes[at + 1..]));
        }
    }
    let is_too_long = bytes.len() >= MAX_VARINT_LEN;
    Err(if is_too_long { WireFormatError::VarintTooLong } else { WireFormatError::Incomplete })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexes(indexes: &[i32]) -> Vec<u8> {
        let mut out = Vec::new();
        write_message_indexes(indexes, &mut out);
        out
    }

    #[test]
    fn an_id_is_five_bytes_with_the_magic() {
        let mut out = vec![9];
        write_schema_id(0x0102_0304, &mut out);
        assert_eq!(out, [9, 0, 1, 2, 3, 4]);
        assert_eq!(out.len(), 1 + HEADER_LEN);
        out.push(7);
        assert_eq!(read_schema_id(&out[1..]), Ok((0x0102_0304, &[7][..])));
    }

    #[test]
    fn other_bytes_are_no_id() {
        assert_eq!(read_schema_id(b"{\"a\":1}"), Err(WireFormatError::UnknownMagicByte(b'{')));
        assert_eq!(read_schema_id(&[0, 0, 0, 1]), Err(WireFormatError::Incomplete));
        assert_eq!(read_schema_id(&[]), Err(WireFormatError::Incomplete));
    }

    #[test]
    fn the_first_message_has_the_short_form() {
        assert_eq!(indexes(&[0]), [0]);
        assert_eq!(read_message_indexes(&[0, 8, 1]), Ok((vec![0], &[8, 1][..])));
        // Some clients write the long form of it.
        assert_eq!(read_message_indexes(&[2, 0]), Ok((vec![0], &[][..])));
    }

    #[test]
    fn indexes_are_zigzag_varints_behind_their_number() {
        assert_eq!(indexes(&[1, 0]), [4, 2, 0]);
        assert_eq!(indexes(&[64, -1]), [4, 0x80, 1, 1]);
        assert_eq!(read_message_indexes(&[4, 0x80, 1, 1, 5]), Ok((vec![64, -1], &[5][..])));
    }

    #[test]
    fn broken_indexes_are_errors() {
        assert_eq!(read_message_indexes(&[]), Err(WireFormatError::Incomplete));
        assert_eq!(read_message_indexes(&[4, 2]), Err(WireFormatError::Incomplete));
        assert_eq!(read_message_indexes(&[4, 0x80]), Err(WireFormatError::Incomplete));
        assert_eq!(read_message_indexes(&[1]), Err(WireFormatError::NegativeCount(-1)));
        assert_eq!(read_message_indexes(&[0x80; 6]), Err(WireFormatError::VarintTooLong));
        // A count that nobody has the bytes for takes no memory.
        assert_eq!(read_message_indexes(&[0xfe, 0xff, 0xff, 0xff, 0x0f]), Err(WireFormatError::Incomplete));
    }
}
