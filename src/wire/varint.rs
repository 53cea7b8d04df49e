//! Reading integers of variable length (`ByteUtils`).

use super::WireError;

/// Takes a signed value off the front.
pub(super) fn take(bytes: &mut &[u8]) -> Result<i64, WireError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = bytes.split_first() else {
            return WireError::corrupt("the bytes end inside a varint");
        };
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    WireError::corrupt("a varint of more than ten bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::size;
    use crate::protocol::varint::put;

    #[test]
    fn values_come_back_and_have_the_length_that_sizes_count_with() {
        let values = (0..63).flat_map(|shift| [1i64 << shift, (1 << shift) - 1, -(1 << shift)]);
        for value in values.chain([0, i64::MIN, i64::MAX]) {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(bytes.len() as u32, size::varint(value), "{value}");
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest), (Ok(value), &[][..]));
        }
    }

    #[test]
    fn what_ends_early_or_never_is_an_error() {
        assert!(take(&mut &[0x80, 0x80][..]).is_err());
        assert!(take(&mut &[0xff; 11][..]).is_err());
    }
}
