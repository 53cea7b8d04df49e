//! All keys of a source. Texts are hashed once, before the run.

use std::fmt::Write as _;
use std::io::Write as _;

use super::spec::{self, KeyForm};
use crate::engine::alias::Alias;
use crate::protocol::record::Key;

/// All keys by their number, and how one is chosen.
#[derive(Debug)]
pub(super) struct KeyTable {
    count: u32,
    form: KeyForm,
    hashed: Hashed,
    choice: Choice,
}

#[derive(Debug)]
enum Hashed {
    Before(Vec<Key>),
    /// A number in eight bytes is hashed more quickly than a large table is looked up.
    WhenDrawn,
}

#[derive(Debug)]
enum Choice {
    Uniform,
    Weighted(Alias),
    HotSet { hot: u32, hot_permille: u32 },
}

/// A key and its number in the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbered {
    pub(super) key: Key,
    pub(super) number: u32,
}

impl KeyTable {
    /// `None` of null keys.
    pub(super) fn new(keys: &spec::Keys) -> Option<KeyTable> {
        let (count, form, choice) = match keys {
            spec::Keys::None => return None,
            spec::Keys::Uniform { count, form } => (*count, form, Choice::Uniform),
            spec::Keys::Zipf { count, exponent_permille, form } => {
                (*count, form, Choice::Weighted(zipf(*count, *exponent_permille)))
            }
            // Without cold keys, or without hot ones, nobody is left to share unevenly.
            spec::Keys::HotSet { count, hot, form, .. } if *hot == 0 || hot >= count => {
                (*count, form, Choice::Uniform)
            }
            spec::Keys::HotSet { count, hot, hot_permille, form } => {
                (*count, form, Choice::HotSet { hot: *hot, hot_permille: *hot_permille })
            }
        };
        let hashed = Hashed::new(count, form);
        Some(KeyTable { count, form: form.clone(), hashed, choice })
    }

    /// How many keys there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The key with this number.
    #[inline]
    pub(super) fn key(&self, number: u32) -> Key {
        self.hashed.key(number)
    }

    /// Appends the bytes of the key with this number.
    pub(super) fn write(&self, number: u32, out: &mut Vec<u8>) {
        match self.form {
            KeyForm::BigEndian8 => out.extend_from_slice(&u64::from(number).to_be_bytes()),
            KeyForm::Text(_) => self.write_text(number, out),
        }
    }

    /// Appends it as text: of a key in eight bytes, its number.
    pub(super) fn write_text(&self, number: u32, out: &mut Vec<u8>) {
        if let KeyForm::Text(prefix) = &self.form {
            out.extend_from_slice(prefix.as_bytes());
        }
        // Writing to a vector cannot fail.
        let _ = write!(out, "{number}");
    }

    /// The key at a draw.
    #[inline]
    pub(super) fn draw(&self, u: u64) -> Numbered {
        let number = self.number(u);
        Numbered { key: self.hashed.key(number), number }
    }

    /// The number of the key at a draw.
    #[inline]
    pub(super) fn number(&self, u: u64) -> u32 {
        let number = match &self.choice {
            Choice::Uniform => scaled(u, u64::from(self.count)).0,
            Choice::Weighted(alias) => u64::from(alias.draw(u)),
            Choice::HotSet { hot, hot_permille } => {
                // The first digits, in base 1000, say hot or not; what is left of the draw says which key.
                let (permille, rest) = scaled(u, 1_000);
                let hot = u64::from(*hot);
                if permille < u64::from(*hot_permille) {
                    scaled(rest, hot).0
                } else {
                    hot + scaled(rest, u64::from(self.count) - hot).0
                }
            }
        };
        number as u32
    }
}

/// `u * n` as a number below `n` and what is left of `u`, again even over 64 bits.
#[inline]
fn scaled(u: u64, n: u64) -> (u64, u64) {
    let product = u128::from(u) * u128::from(n);
    ((product >> 64) as u64, product as u64)
}

/// Key k has weight (k+1)^-s, in 2^-63 of the first key's.
fn zipf(count: u32, exponent_permille: u32) -> Alias {
    let exponent = -f64::from(exponent_permille) / 1000.0;
    let weight = |k: u32| (libm::pow(f64::from(k) + 1.0, exponent) * (1u64 << 63) as f64) as u64;
    Alias::new((0..count).map(weight).collect())
}

impl Hashed {
    fn new(count: u32, form: &KeyForm) -> Hashed {
        match form {
            KeyForm::BigEndian8 => Hashed::WhenDrawn,
            KeyForm::Text(prefix) => {
                let mut text = prefix.clone();
                let key = |k| {
                    text.truncate(prefix.len());
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{k}");
                    Key::of(text.as_bytes())
                };
                Hashed::Before((0..count).map(key).collect())
            }
        }
    }

    #[inline]
    fn key(&self, number: u32) -> Key {
        match self {
            Hashed::Before(keys) => keys[number as usize],
            Hashed::WhenDrawn => Key::of(&u64::from(number).to_be_bytes()),
        }
    }
}
