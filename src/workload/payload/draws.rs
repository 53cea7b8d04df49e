//! Random words of one record, and a place for its bytes that is full at a given length.

use crate::engine::rng::mix;

/// The words that follow from one seed: SplitMix64, the same on every machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    seed: u64,
    drawn: u64,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Draws {
        Draws { seed, drawn: 0 }
    }

    #[inline]
    pub(super) fn next_u64(&mut self) -> u64 {
        let word = mix(self.seed, self.drawn);
        self.drawn += 1;
        word
    }

    /// A number below `n`, all alike.
    #[inline]
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u32
    }

    /// One of several, all alike; they are at least one.
    #[inline]
    pub(super) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }
}

/// The end of a buffer that takes so many bytes more; what comes behind them is dropped.
#[derive(Debug)]
pub(super) struct Room<'a> {
    out: &'a mut Vec<u8>,
    left: usize,
}

impl<'a> Room<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, len: u32) -> Room<'a> {
        out.reserve(len as usize);
        Room { out, left: len as usize }
    }

    pub(super) fn is_full(&self) -> bool {
        self.left == 0
    }

    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let taken = bytes.len().min(self.left);
        self.out.extend_from_slice(&bytes[..taken]);
        self.left -= taken;
    }

    /// A number in decimal, with zeros in front up to `width` digits, which are at most 20.
    pub(super) fn put_number(&mut self, mut number: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        while number > 0 {
            start -= 1;
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.put(&digits[start.min(digits.len().saturating_sub(width.max(1)))..]);
    }
}
