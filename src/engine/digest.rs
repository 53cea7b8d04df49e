//! A running fingerprint of everything a run decides, to compare two runs in one number.

/// 64-bit fingerprint of a sequence of words. Fixed for good: recorded digests must stay comparable between
/// versions. It guards against accidents, not against an adversary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    state: u64,
}

/// Bits of the golden ratio, odd: multiplication by it is one to one and spreads low bits upwards.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Digest {
    /// The fingerprint of no words.
    pub const fn new() -> Digest {
        Digest { state: 0xcbf2_9ce4_8422_2325 }
    }

    /// Appends one word. Every step is one to one in the state and in the word, so two sequences that differ in
    /// one word never agree.
    #[inline]
    pub const fn write(&mut self, word: u64) {
        self.state = (self.state ^ word).wrapping_mul(FACTOR).rotate_left(29);
    }

    /// The fingerprint of the words so far.
    pub const fn value(&self) -> u64 {
        let mixed = (self.state ^ self.state >> 32).wrapping_mul(FACTOR);
        mixed ^ mixed >> 29
    }
}

impl Default for Digest {
    fn default() -> Digest {
        Digest::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(words: &[u64]) -> u64 {
        let mut digest = Digest::new();
        words.iter().for_each(|&word| digest.write(word));
        digest.value()
    }

    #[test]
    fn the_algorithm_is_pinned() {
        assert_eq!(digest(&[]), 9_615_434_041_927_672_947);
        assert_eq!(digest(&[1, 2, 3]), 159_938_444_485_946_869);
    }

    #[test]
    fn order_length_and_every_bit_count() {
        assert_ne!(digest(&[1, 2]), digest(&[2, 1]));
        assert_ne!(digest(&[0]), digest(&[0, 0]));
        for bit in 0..64 {
            assert_ne!(digest(&[7, 1 << bit, 9]), digest(&[7, 0, 9]), "bit {bit}");
        }
    }
}
