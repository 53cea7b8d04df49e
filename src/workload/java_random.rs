//! Java's generators of random numbers, seeded with 0: which payload of a file Kafka's performance test sends next.

use super::spec::Generator;

/// A generator.
#[derive(Clone, Copy, Debug)]
pub(super) enum JavaRandom {
    /// `new Random(0)`.
    Random { seed: u64 },
    /// `new SplittableRandom(0)`.
    Splittable { seed: u64 },
}

/// Of `java.util.Random`, a linear congruence modulo 2^48.
const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl JavaRandom {
    pub(super) fn new(generator: Generator) -> JavaRandom {
        match generator {
            Generator::Random => JavaRandom::Random { seed: MULTIPLIER },
            Generator::SplittableRandom => JavaRandom::Splittable { seed: 0 },
        }
    }

    /// `nextInt(bound)`: 0 to `bound` - 1. Of a bound above 2^31 - 1, which Java has not, it is that of 2^31 - 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u32::try_from(bound).unwrap_or(u32::MAX).clamp(1, i32::MAX as u32);
        if bound.is_power_of_two() {
            return self.of_power_of_two(bound) as usize;
        }
        loop {
            let bits = self.next_31_bits();
            let value = bits % bound;
            // The last values, of which not all remainders are left, would make some more frequent.
            if bits - value <= i32::MAX as u32 - (bound - 1) {
                return value as usize;
            }
        }
    }

    fn of_power_of_two(&mut self, bound: u32) -> u32 {
        match self {
            JavaRandom::Random { .. } => ((u64::from(bound) * u64::from(self.next_31_bits())) >> 31) as u32,
            JavaRandom::Splittable { .. } => self.next_32_bits() & (bound - 1),
        }
    }

    fn next_31_bits(&mut self) -> u32 {
        self.next_32_bits() >> 1
    }

    fn next_32_bits(&mut self) -> u32 {
        match self {
            JavaRandom::Random { seed } => {
                *seed = seed.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
                (*seed >> 16) as u32
            }
            JavaRandom::Splittable { seed } => {
                *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (*seed ^ (*seed >> 33)).wrapping_mul(0x62A9_D9ED_7997_05F5);
                ((mixed ^ (mixed >> 28)).wrapping_mul(0xCB24_D0A5_C88C_35B3) >> 32) as u32
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn<const N: usize>(generator: Generator, bound: usize) -> [usize; N] {
        let mut random = JavaRandom::new(generator);
        std::array::from_fn(|_| random.below(bound))
    }

    // What OpenJDK 17 draws; with the last bound one value in four is thrown away.

    #[test]
    fn it_draws_as_splittable_random_does() {
        let generator = Generator::SplittableRandom;
        assert_eq!(drawn(generator, 3), [1, 1, 0, 0, 1, 1, 2, 0, 1, 0]);
        assert_eq!(drawn(generator, 8), [5, 1, 3, 2, 2, 5, 7, 1, 5, 3]);
        assert_eq!(
            drawn(generator, 1_610_612_741),
            [410_557_678, 830_209_396, 1_297_781_037, 86_017_789, 751_831_786, 570_074_207]
        );
    }

    #[test]
    fn it_draws_as_random_does() {
        let generator = Generator::Random;
        assert_eq!(drawn(generator, 3), [0, 1, 1, 2, 2, 2, 2, 0, 0, 2]);
        assert_eq!(drawn(generator, 8), [5, 6, 1, 4, 5, 2, 4, 0, 4, 6]);
        assert_eq!(
            drawn(generator, 1_610_612_741),
            [1569741360, 516548029, 1302116447, 1368843515, 663681053, 1182054491]
        );
    }
}
