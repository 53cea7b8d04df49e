//! Writing integers of variable length, seven bits a byte, the lowest first: Kafka's (`ByteUtils`), and Avro's and Protobuf's
//! alike.

/// Appends an unsigned varint.
#[inline]
pub fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed value, zigzag-encoded: `varint` and `varlong` are the same for what fits into both.
#[inline]
pub fn put(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_of_either_sign_are_short() {
        let bytes = |value| {
            let mut out = Vec::new();
            put(&mut out, value);
            out
        };
        assert_eq!([0, -1, 1, -64, 63].map(bytes), [[0], [1], [2], [127], [126]]);
        assert_eq!((bytes(64), bytes(-65)), (vec![0x80, 1], vec![0x81, 1]));
        assert_eq!(bytes(i64::MIN), [vec![0xff; 9], vec![1]].concat());
    }
}
