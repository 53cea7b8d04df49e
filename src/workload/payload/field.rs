//! Fields of a template: what is drawn for each record.

use std::io::Write;

use super::fill::Fill;
use crate::engine::alias::Alias;
use crate::engine::rng::mix;

/// Bytes of a UUID as text.
const UUID_LENGTH: u64 = 36;
/// Bytes of the longest whole number, with its sign.
const NUMBER_LENGTH: u64 = 20;

/// What a field is, drawn with one random word.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A whole number, all alike, both ends included.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest, at least `min`.
        max: i64,
    },
    /// A number with digits behind the point, all alike, both ends included.
    Decimal {
        /// Smallest, in units of the last digit.
        min: i64,
        /// Largest, at least `min`.
        max: i64,
        /// Digits behind the point, 1 to 9.
        digits: u32,
    },
    /// One of several texts, by weight.
    Choice(Choice),
    /// Words, the last one cut.
    Text {
        /// Fewest bytes.
        min: u32,
        /// Most, at least `min`.
        max: u32,
    },
    /// A random UUID (version 4 of RFC 9562).
    Uuid,
    /// `true` or `false`.
    Boolean {
        /// How often it is true, in permille, at most 1000.
        true_permille: u32,
    },
}

/// Texts by weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    texts: Vec<String>,
    alias: Alias,
}

impl Choice {
    /// These (text, weight); `None` if there are none.
    pub fn new(weighted: Vec<(String, u32)>) -> Option<Choice> {
        if weighted.is_empty() || u32::try_from(weighted.len()).is_err() {
            return None;
        }
        let alias = Alias::new(weighted.iter().map(|&(_, weight)| u64::from(weight)).collect());
        Some(Choice { texts: weighted.into_iter().map(|(text, _)| text).collect(), alias })
    }

    /// The texts.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

impl Field {
    /// Appends the value at the random word `u`.
    pub(super) fn write(&self, u: u64, out: &mut Vec<u8>) {
        // Writing to a vector cannot fail.
        let _ = match self {
            Field::Integer { min, max } => write!(out, "{}", between(*min, *max, u)),
            Field::Decimal { min, max, digits } => {
                let number = between(*min, *max, u);
                let (sign, one) = (if number < 0 { "-" } else { "" }, 10u64.pow(*digits));
                let (whole, rest) = (number.unsigned_abs() / one, number.unsigned_abs() % one);
                write!(out, "{sign}{whole}.{rest:0width$}", width = *digits as usize)
            }
            Field::Choice(choice) => out.write_all(choice.texts[choice.alias.draw(u) as usize].as_bytes()),
            Field::Text { min, max } => {
                let lengths = u128::from(max - min) + 1;
                let product = u128::from(u) * lengths;
                Fill::Words.write(product as u64, min + (product >> 64) as u32, out);
                Ok(())
            }
            Field::Uuid => {
                let (high, low) = (mix(u, 0), mix(u, 1));
                let (version, variant) = (high & 0xfff | 0x4000, low >> 48 & 0x3fff | 0x8000);
                let (first, second) = (high >> 32, high >> 16 & 0xffff);
                write!(
                    out,
                    "{first:08x}-{second:04x}-{version:04x}-{variant:04x}-{:012x}",
                    low & 0xffff_ffff_ffff
                )
            }
            Field::Boolean { true_permille } => {
                let permille = (u128::from(u) * 1_000) >> 64;
                write!(out, "{}", permille < u128::from(*true_permille))
            }
        };
    }

    /// Bytes of the longest value.
    pub(super) fn longest(&self) -> u64 {
        match self {
            Field::Integer { .. } => NUMBER_LENGTH,
            Field::Decimal { .. } => NUMBER_LENGTH + 2,
            Field::Choice(choice) => choice.texts.iter().map(|text| text.len() as u64).max().unwrap_or(0),
            Field::Text { max, .. } => u64::from(*max),
            Field::Uuid => UUID_LENGTH,
            Field::Boolean { .. } => 5,
        }
    }
}

/// A number from `min` to `max`.
fn between(min: i64, max: i64, u: u64) -> i64 {
    let numbers = u128::from(max.abs_diff(min)) + 1;
    // With all 2^64 numbers the product is below 2^128.
    min.wrapping_add_unsigned(((u128::from(u) * numbers) >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Purpose, Streams};

    fn drawn(field: &Field, n: usize) -> Vec<String> {
        let mut stream = Streams::new(5).stream(Purpose::PayloadContent, 0);
        let mut one = || {
            let mut out = Vec::new();
            field.write(stream.next_u64(), &mut out);
            assert!(out.len() as u64 <= field.longest(), "{field:?}");
            String::from_utf8(out).expect("UTF-8")
        };
        (0..n).map(|_| one()).collect()
    }

    fn share(values: &[String], wanted: &str) -> f64 {
        values.iter().filter(|value| *value == wanted).count() as f64 / values.len() as f64
    }

    #[test]
    fn whole_numbers_reach_both_ends_and_are_all_alike() {
        let values = drawn(&Field::Integer { min: -2, max: 2 }, 50_000);
        for wanted in ["-2", "-1", "0", "1", "2"] {
            assert!((share(&values, wanted) - 0.2).abs() < 0.01, "{wanted}");
        }
        let at = |u| between(i64::MIN, i64::MAX, u);
        assert_eq!([at(0), at(u64::MAX)], [i64::MIN, i64::MAX]);
    }

    #[test]
    fn decimals_have_all_their_digits() {
        let field = Field::Decimal { min: -105, max: 105, digits: 2 };
        let text = |u| {
            let mut out = Vec::new();
            field.write(u, &mut out);
            String::from_utf8(out).expect("ASCII")
        };
        assert_eq!([text(0), text(u64::MAX)], ["-1.05", "1.05"]);
        let values = drawn(&field, 20_000);
        assert!(values.iter().all(|value| value.trim_start_matches('-').len() == 4), "{values:?}");
        assert!(values.iter().any(|value| value == "-0.05") && values.iter().any(|value| value == "0.00"));
    }

    #[test]
    fn choices_come_by_weight() {
        let choice = Choice::new(vec![("a".to_owned(), 3), ("ü".to_owned(), 1)]).expect("two");
        let values = drawn(&Field::Choice(choice), 40_000);
        assert!((share(&values, "ü") - 0.25).abs() < 0.01);
        assert_eq!(Choice::new(Vec::new()), None);
    }

    #[test]
    fn booleans_have_their_share() {
        let values = drawn(&Field::Boolean { true_permille: 250 }, 40_000);
        assert!((share(&values, "true") - 0.25).abs() < 0.01);
        let never = drawn(&Field::Boolean { true_permille: 0 }, 1_000);
        let always = drawn(&Field::Boolean { true_permille: 1_000 }, 1_000);
        assert_eq!((share(&never, "false"), share(&always, "true")), (1.0, 1.0));
    }

    #[test]
    fn texts_have_every_length_between() {
        let values = drawn(&Field::Text { min: 3, max: 5 }, 30_000);
        for len in 3..=5 {
            let share = values.iter().filter(|value| value.len() == len).count() as f64 / 30_000.0;
            assert!((share - 1.0 / 3.0).abs() < 0.01, "{len}: {share}");
        }
    }

    #[test]
    fn a_uuid_says_that_it_is_random() {
        let values = drawn(&Field::Uuid, 100);
        for value in &values {
            let parts: Vec<usize> = value.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{value}");
            assert!(value[14..].starts_with('4') && "89ab".contains(&value[19..20]), "{value}");
        }
        assert_ne!(values[0], values[1]);
    }
}
