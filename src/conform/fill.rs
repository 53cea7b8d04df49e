//! The bytes that a script gives its records.

use serde::Deserialize;

/// How values are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fill {
    /// Numbers that count up in steps of seven.
    #[default]
    Bytes,
    /// Words.
    Text,
}

/// What text is made of.
const WORDS: [&str; 16] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
    "lima", "mike", "november", "oscar", "papa",
];

impl Fill {
    /// The value of record `number` with `len` bytes. If there is room, it begins with the number in eight bytes.
    pub(super) fn value(self, number: u64, len: u32) -> Vec<u8> {
        let len = len as usize;
        let mut value = Vec::with_capacity(len);
        if len >= 8 {
            value.extend(number.to_be_bytes());
        }
        match self {
            Fill::Bytes => {
                let first = value.len();
                value
                    .extend((first..len).map(|at| number.wrapping_mul(31).wrapping_add(7 * at as u64) as u8));
            }
            Fill::Text => put_words(number, len, &mut value),
        }
        value
    }
}

/// Appends words, each with a space, until there are `len` bytes.
fn put_words(number: u64, len: usize, value: &mut Vec<u8>) {
    let mut state = number as u32;
    while value.len() < len {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let word = WORDS[(state >> 16 & 15) as usize];
        value.extend(word.bytes().chain([b' ']).take(len - value.len()));
    }
}

/// The key of record `number` with `len` bytes.
pub(super) fn key(number: u64, len: u32) -> Vec<u8> {
    (0..u64::from(len)).map(|at| (number.wrapping_mul(17).wrapping_add(3 * at + 1)) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filled_bytes_depend_on_the_records_number() {
        assert_eq!(key(2, 3), [35, 38, 41]);
        assert_eq!(key(15, 1), [0], "256 wraps around");
        assert_eq!(Fill::Bytes.value(2, 3), [62, 69, 76]);
        assert_eq!(Fill::Bytes.value(2, 10), [0, 0, 0, 0, 0, 0, 0, 2, 118, 125]);
    }

    #[test]
    fn words_are_cut_at_the_length() {
        let value = Fill::Text.value(3, 40);
        assert_eq!((value.len(), &value[..8]), (40, &[0, 0, 0, 0, 0, 0, 0, 3][..]));
        let text = String::from_utf8(value[8..].to_vec()).expect("text");
        assert!(text.split(' ').rev().skip(1).all(|word| WORDS.contains(&word)), "{text}");
    }
}
