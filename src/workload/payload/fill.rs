//! Virtual payloads: a length and a seed that become bytes only when somebody needs them.

use super::draws::{Draws, Room};
use super::orders;
use super::words;

/// What a payload without a content of its own consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// Zero bytes.
    #[default]
    Zeros,
    /// Random bytes, which no codec makes smaller.
    Random,
    /// Letters A to Z, all alike, as `kafka-producer-perf-test` draws its records.
    Letters,
    /// Frequent English words with spaces between them.
    Words,
    /// JSON-like order events one after the other, the last one cut. They compress as those that were sent to real brokers.
    Orders,
}

impl Fill {
    /// All of them with their names in a scenario.
    pub const NAMES: [(&'static str, Fill); 5] = [
        ("zeros", Fill::Zeros),
        ("random", Fill::Random),
        ("letters", Fill::Letters),
        ("words", Fill::Words),
        ("orders", Fill::Orders),
    ];

    /// Appends exactly `len` bytes, which follow from `seed` alone. Nothing else is allocated than room in `out`.
    pub fn write(self, seed: u64, len: u32, out: &mut Vec<u8>) {
        match self {
            Fill::Zeros => out.resize(out.len() + len as usize, 0),
            Fill::Random => in_words_of_eight(seed, len, out, u64::to_le_bytes),
            Fill::Letters => in_words_of_eight(seed, len, out, letters),
            Fill::Words => words::write(seed, len, out),
            Fill::Orders => orders::write(seed, len, out),
        }
    }
}

fn in_words_of_eight(seed: u64, len: u32, out: &mut Vec<u8>, bytes_of: impl Fn(u64) -> [u8; 8]) {
    let mut draws = Draws::new(seed);
    let mut room = Room::new(out, len);
    while !room.is_full() {
        room.put(&bytes_of(draws.next_u64()));
    }
}

/// The first eight digits of a fraction in base 26.
fn letters(mut fraction: u64) -> [u8; 8] {
    std::array::from_fn(|_| {
        let product = u128::from(fraction) * 26;
        fraction = product as u64;
        b'A' + (product >> 64) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::WORDS;
    use super::*;
    use proptest::prelude::*;

    fn written(fill: Fill, seed: u64, len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        fill.write(seed, len, &mut bytes);
        bytes
    }

    fn text(fill: Fill, len: u32) -> String {
        String::from_utf8(written(fill, 7, len)).expect("ASCII")
    }

    proptest! {
        #[test]
        fn a_fill_appends_its_length_and_is_a_function_of_its_seed(seed: u64, len in 0u32..3_000, before in 0usize..9) {
            for (_, fill) in Fill::NAMES {
                let mut bytes = vec![0xff; before];
                fill.write(seed, len, &mut bytes);
                prop_assert_eq!(bytes.len(), before + len as usize);
                prop_assert!(bytes[..before].iter().all(|&byte| byte == 0xff));
                prop_assert_eq!(&bytes[before..], &written(fill, seed, len)[..]);
            }
        }

        #[test]
        fn a_longer_value_begins_as_a_shorter_one(seed: u64, len in 0u32..3_000) {
            for (_, fill) in Fill::NAMES {
                prop_assert!(written(fill, seed, 3_000).starts_with(&written(fill, seed, len)));
            }
        }
    }

    #[test]
    fn the_bytes_are_pinned() {
        assert_eq!(written(Fill::Zeros, 7, 3), [0, 0, 0]);
        assert_eq!(written(Fill::Random, 7, 10), [215u8, 13, 50, 89, 228, 225, 203, 99, 28, 102]);
        assert_eq!(text(Fill::Letters, 20), "KDNQVVGAALJBWBAVXKXU");
        assert_eq!(text(Fill::Words, 40), "much in country say think see came use a");
        assert_eq!(
            text(Fill::Orders, 250),
            concat!(
                r#"{"id":"63cbe1e459320dd7","event":"created","time":1700090076068,"customer":"953aeb7","city":"Zurich","#,
                r#""total":264.46,"currency":"EUR","items":[{"sku":"413141","qty":1,"price":96.91,"discount":0.00,"#,
                r#""taxed":true},{"sku":"871331","qty":5,"price":59.87,"d"#,
            )
        );
    }

    #[test]
    fn other_seeds_give_other_bytes() {
        for (name, fill) in Fill::NAMES.into_iter().skip(1) {
            assert_ne!(written(fill, 1, 100), written(fill, 2, 100), "{name}");
        }
    }

    #[test]
    fn letters_and_bytes_are_all_alike() {
        let mut counts = [0u32; 256];
        written(Fill::Letters, 3, 260_000).iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        // Five standard deviations of a count are 490.
        assert!(counts[65..91].iter().all(|count| count.abs_diff(10_000) < 490), "{counts:?}");
        let mut counts = [0u32; 256];
        written(Fill::Random, 3, 256_000).iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        assert!(counts.iter().all(|count| count.abs_diff(1_000) < 160), "{counts:?}");
    }

    #[test]
    fn a_whole_order_event_is_json() {
        let text = text(Fill::Orders, 4_000);
        let mut events = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
        let event = events.next().expect("an event").expect("JSON");
        assert!(event["items"].as_array().is_some_and(|items| items.len() >= 3), "{event}");
        assert!(events.next().is_some_and(|event| event.is_ok()));
    }

    #[test]
    fn words_are_all_different() {
        let mut words = WORDS.to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), WORDS.len());
    }
}
