//! A set of small integers that is walked in ascending order: which positions of a list hold something.

/// Positions 0 to n - 1, one bit each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Empties the set and makes room for positions below `len`.
    pub(crate) fn reset(&mut self, len: usize) {
        self.words.clear();
        self.words.resize(len.div_ceil(64), 0);
    }

    /// Whether there is room for no position at all.
    pub(crate) fn is_empty_room(&self) -> bool {
        self.words.is_empty()
    }

    #[inline]
    pub(crate) fn set(&mut self, at: u32, on: bool) {
        let bit = 1u64 << (at % 64);
        let word = &mut self.words[(at / 64) as usize];
        if on {
            *word |= bit;
        } else {
            *word &= !bit;
        }
    }

    /// The first position that is in the set and not below `from`.
    #[inline]
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let mut index = (from / 64) as usize;
        let mut word = self.words.get(index)? & (u64::MAX << (from % 64));
        while word == 0 {
            index += 1;
            word = *self.words.get(index)?;
        }
        Some(index as u32 * 64 + word.trailing_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_ascending_across_words() {
        let mut bits = Bits::default();
        bits.reset(200);
        for at in [0, 63, 64, 130, 199] {
            bits.set(at, true);
        }
        bits.set(64, false);
        let mut seen = Vec::new();
        let mut from = 0;
        while let Some(at) = bits.next(from) {
            seen.push(at);
            from = at + 1;
        }
        assert_eq!(seen, [0, 63, 130, 199]);
    }
}
