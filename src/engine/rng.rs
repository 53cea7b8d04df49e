//! Independent random streams, one per purpose and entity, all from one master seed.
//!
//! ChaCha8 has a 64-bit stream number beside its key. Purpose and entity fill it, so a new consumer or a new
//! entity never shifts the numbers that another one sees. From the crate come raw words only; what is made of them
//! is written here, so that its next version cannot change a result.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::values::time::Span;

/// What a stream is drawn for. The numbers are part of every result: append, never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Gaps between records of an application thread.
    ArrivalGap = 1,
    /// Value sizes of an application thread.
    RecordSize = 2,
    /// Keys of an application thread.
    Key = 3,
    /// Topics of an application thread.
    TopicChoice = 4,
    /// Partition choices of a producer's partitioner.
    StickyChoice = 5,
    /// Jitter of a link.
    NetworkLatency = 6,
    /// Service times of a broker.
    BrokerService = 7,
    /// Jitter of a producer's backoffs.
    RetryJitter = 8,
    /// Faults.
    Fault = 9,
    /// Where a producer starts in a list of nodes.
    NodeOrder = 10,
    /// When a producer's sender thread gets to run.
    SenderWake = 11,
    /// When an application thread that sleeps gets to run.
    ApplicationWake = 12,
    /// When the controller's decisions reach the brokers.
    MetadataPropagation = 13,
    /// When in its period a broker or the controller does what it does periodically.
    Phase = 14,
    /// The seed from which the payloads of an application thread follow.
    PayloadSeed = 15,
    /// Fields and choices of an application thread's payloads.
    PayloadContent = 16,
    /// The schema registry's jitter, and when clients ask it again.
    SchemaRegistry = 17,
    /// What an experiment draws for a run, before the run itself draws anything.
    Experiment = 100,
}

/// The source of all streams of a run.
#[derive(Clone, Debug)]
pub struct Streams {
    key: [u8; 32],
}

/// A stream of random words. Every draw, of whatever kind, takes one 64-bit word.
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
    skipped: u64,
}

impl Streams {
    /// The streams of master seed `master`.
    pub fn new(master: u64) -> Streams {
        let mut key = [0; 32];
        for (bytes, k) in key.chunks_exact_mut(8).zip(0..) {
            bytes.copy_from_slice(&mix(master, k).to_le_bytes());
        }
        Streams { key }
    }

    /// The stream for `purpose` of entity number `entity`, from its start.
    pub fn stream(&self, purpose: Purpose, entity: u32) -> Stream {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream(((purpose as u64) << 32) | u64::from(entity));
        Stream { rng, skipped: 0 }
    }
}

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        if self.skipped > 0 {
            self.catch_up();
        }
        self.rng.next_u64()
    }

    /// The next 32 bits: the upper half of a word.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    /// A number below `n`, all alike; 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u32
    }

    /// A time below `period`, all alike.
    #[inline]
    pub fn phase(&mut self, period: Span) -> Span {
        Span(((u128::from(self.next_u64()) * u128::from(period.0)) >> 64) as u64)
    }

    /// Leaves out `n` draws in constant time; the next real draw pays for the jump.
    #[inline]
    pub fn skip(&mut self, n: u64) {
        self.skipped = self.skipped.saturating_add(n);
    }

    #[cold]
    fn catch_up(&mut self) {
        let words = 2 * u128::from(self.skipped);
        self.skipped = 0;
        self.rng.set_word_pos(self.rng.get_word_pos() + words);
    }
}

/// The seed of replication `k` of an experiment with master seed `master` (SplitMix64 at step `k`): one to one in
/// each of the two.
pub const fn mix(master: u64, k: u64) -> u64 {
    let z = master.wrapping_add(k.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_values_of_every_purpose_are_pinned() {
        let all = [
            Purpose::ArrivalGap,
            Purpose::RecordSize,
            Purpose::Key,
            Purpose::TopicChoice,
            Purpose::StickyChoice,
            Purpose::NetworkLatency,
            Purpose::BrokerService,
            Purpose::RetryJitter,
            Purpose::Fault,
            Purpose::NodeOrder,
            Purpose::SenderWake,
            Purpose::PayloadSeed,
            Purpose::PayloadContent,
        ];
        let streams = Streams::new(42);
        let shown: Vec<String> = all
            .iter()
            .map(|&purpose| {
                let (mut first, mut second) = (streams.stream(purpose, 0), streams.stream(purpose, 1));
                format!(
                    "{} {:016x} {:016x} {:016x}",
                    purpose as u32,
                    first.next_u64(),
                    first.next_u64(),
                    second.next_u64()
                )
            })
            .collect();
        let pinned = [
            "1 2d1c2000ba4a6a4d 6264e43c4b3e1714 78108eb3a407c5a8",
            "2 d296d9c6a5c95db5 eebf5b417c0b754e 999a5b2a2355ed18",
            "3 416866b58befcb1e 76a0372cd0b8d275 ccd56e7b5796e277",
            "4 159c53c6ef93f3d4 00a475dcea96dfad bd285c3a2825ee8f",
            "5 93fbd7abd55bbcd0 028d217bff3d0f32 e4010d9191b1abf2",
            "6 f46e9c5f5609c8e9 56190d4652551568 81fc81cc9a762775",
            "7 d95029cee277e5e1 7c4f26d42d0680f5 acc401b40776ee39",
            "8 14f2f9ad11ff16b0 f8deb22da2eac74f d372afe7e8f76fbb",
            "9 7806d7687530e47a 0a87cdaa2bdf334a 09320f6c8e7eb224",
            "10 5cd5a87ae7b02769 138ef3302bc74138 5902d898b92c3192",
            "11 127a84ae1d4ee207 cd6c76a2a5c42f11 a45c87fa1aa7dc79",
            "15 a936bf1fcefb8c38 4994cf04e837c82b e11bafaaf31eeeff",
            "16 d942b26b8dd9133a 0c7e08b5ebc3c5fd 3802aebbea85d9ca",
        ];
        assert_eq!(shown, pinned);
    }

    #[test]
    fn mix_is_splitmix64() {
        // The published first outputs of SplitMix64 for seed 1234567.
        assert_eq!(mix(1_234_567, 0), 6_457_827_717_110_365_317);
        assert_eq!(mix(1_234_567, 1), 3_203_168_211_198_807_973);
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut stream = Streams::new(7).stream(Purpose::Key, 0);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        // Five standard deviations of a count are 460.
        assert!(counts.iter().all(|&count| count.abs_diff(10_000) < 460), "{counts:?}");
        assert_eq!(stream.below(0), 0);
    }

    proptest! {
        #[test]
        fn skipping_equals_drawing(before in 0u64..70, skip_a in 0u64..200, skip_b in 0u64..200) {
            let streams = Streams::new(1);
            let (mut drawn, mut skipped) = (streams.stream(Purpose::Fault, 3), streams.stream(Purpose::Fault, 3));
            for _ in 0..before {
                prop_assert_eq!(drawn.next_u64(), skipped.next_u64());
            }
            for _ in 0..skip_a + skip_b {
                drawn.next_u64();
            }
            skipped.skip(skip_a);
            skipped.skip(skip_b);
            for _ in 0..70 {
                prop_assert_eq!(drawn.next_u32(), skipped.next_u32());
            }
        }
    }
}
