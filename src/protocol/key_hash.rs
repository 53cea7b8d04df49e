//! How clients other than Java's turn a key into a partition: the reason why the same key can be in two of them.

use super::murmur2::murmur2;

/// A client's way from a key to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHash {
    /// CRC-32 modulo partitions: `consistent` and `consistent_random` of librdkafka, and so of its Python, Go, .NET and C++
    /// clients by default.
    Crc32,
    /// The absolute value of a 32-bit FNV-1a: the hash partitioner of sarama, `fnv1a` of librdkafka.
    Fnv1a,
    /// The absolute value of murmur2, where Java cuts off the sign: a mistake that many clients have made. It differs for
    /// keys with a negative hash, about half of them.
    Murmur2Abs,
}

impl KeyHash {
    /// The words of `key-partitioner`.
    pub const NAMES: [(&'static str, Option<KeyHash>); 4] = [
        ("java", None),
        ("crc32", Some(KeyHash::Crc32)),
        ("fnv1a", Some(KeyHash::Fnv1a)),
        ("murmur2-abs", Some(KeyHash::Murmur2Abs)),
    ];

    /// The hash of a key; its remainder by the number of partitions is the partition.
    pub fn of(self, key: &[u8]) -> u32 {
        match self {
            KeyHash::Crc32 => crc32(key),
            KeyHash::Fnv1a => (fnv1a(key) as i32).unsigned_abs(),
            KeyHash::Murmur2Abs => murmur2(key).unsigned_abs(),
        }
    }
}

/// CRC-32 as Ethernet and zip have it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that librdkafka's own test 0048 has.
    #[test]
    fn hashes_are_those_of_librdkafka() {
        let long = "this is another string with more length to it perhaps";
        let of = |hash: KeyHash| ["23456", long, "hejsan"].map(|key| hash.of(key.as_bytes()));
        assert_eq!(of(KeyHash::Crc32), [0xb1b4_51d7, 0xb015_0df7, 0xd077_037e]);
        assert_eq!(of(KeyHash::Fnv1a), [0x27e6_f469, 0x155e_3e5f, 0x17b1_e27a]);
        assert_eq!(of(KeyHash::Crc32).map(|hash| hash % 17), [7, 15, 14]);
        assert_eq!(of(KeyHash::Fnv1a).map(|hash| hash % 7), [5, 6, 3]);
    }

    /// Keys that sarama's tests have.
    #[test]
    fn crc32_has_no_sign_and_fnv1a_loses_it() {
        let crc32 = |key: &str| KeyHash::Crc32.of(key.as_bytes()) % 100;
        assert_eq!(["abc123def456", "SheetJS", "9e8c7f4cf45857cfff7645d6"].map(crc32), [57, 26, 24]);
        assert_eq!(KeyHash::Fnv1a.of(b""), 0x7ee3_623b);
        assert_eq!(KeyHash::Fnv1a.of(b"1468509572224"), 0x8000_0000);
    }

    #[test]
    fn the_mistake_with_the_sign_shows_for_negative_hashes_only() {
        // -973932308 and 479470107 are in Java's own tests.
        assert_eq!(KeyHash::Murmur2Abs.of(b"21"), 973_932_308);
        assert_eq!(KeyHash::Murmur2Abs.of(b"abc"), 479_470_107);
    }
}
