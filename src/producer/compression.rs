//! What compression does to sizes: the client's running estimate, and who says what a codec achieves.

use super::batch::Batch;
use super::tails::{Tails, put_section};
use crate::config::producer::ProducerConfig;
use crate::protocol::compression::Compression;
use crate::wire::codec::Compressor;

/// `CompressionRatioEstimator` (3.6): one ratio per topic, since a producer uses one codec.
#[derive(Debug)]
pub struct RatioEstimator {
    ratios: Vec<f32>,
    has_floor: bool,
}

/// CRE-3: how far an estimate moves at least upwards, and at most downwards, in one batch.
const DETERIORATE_STEP: f32 = 0.05;
const IMPROVING_STEP: f32 = 0.005;

impl RatioEstimator {
    /// Without `has_floor` an estimate falls in steps of the same size, past what is observed (up to 2.3).
    pub fn new(has_floor: bool) -> RatioEstimator {
        RatioEstimator { ratios: Vec::new(), has_floor }
    }

    /// The current estimate of a topic, 1 at first.
    pub fn get(&self, topic: usize) -> f32 {
        self.ratios.get(topic).copied().unwrap_or(1.0)
    }

    /// CRE-3: a batch was closed with this ratio.
    pub fn observe(&mut self, topic: usize, observed: f32) {
        let current = self.get(topic);
        let next = if observed > current {
            (current + DETERIORATE_STEP).max(observed)
        } else if observed < current && self.has_floor {
            (current - IMPROVING_STEP).max(observed)
        } else if observed < current {
            current - IMPROVING_STEP
        } else {
            current
        };
        self.set(topic, next);
    }

    /// Replaces the estimate (CRE-6).
    pub fn set(&mut self, topic: usize, ratio: f32) {
        if self.ratios.len() <= topic {
            self.ratios.resize(topic + 1, 1.0);
        }
        self.ratios[topic] = ratio;
    }
}

/// What the codec makes of a batch: real bytes, or a model of them.
pub trait Codec: std::fmt::Debug {
    /// Bytes of the compressed records of a batch that is about to be sent, header excluded. `tails` has the bytes of those
    /// records that are kept.
    fn compressed_bytes(&mut self, batch: &Batch, tails: &Tails) -> u64;
}

/// A codec that always reaches the same ratio.
#[derive(Clone, Copy, Debug)]
pub struct FixedRatio {
    /// Compressed size in permille of the uncompressed one.
    pub permille: u32,
}

impl Codec for FixedRatio {
    fn compressed_bytes(&mut self, batch: &Batch, _: &Tails) -> u64 {
        (batch.uncompressed_bytes() * u64::from(self.permille)).div_ceil(1000)
    }
}

/// The codec itself, on the bytes of the records.
#[derive(Debug)]
pub struct RealCodec {
    compressor: Compressor,
    section: Vec<u8>,
    packed: Vec<u8>,
}

impl RealCodec {
    /// A codec with its level.
    pub fn new(compressor: Compressor) -> RealCodec {
        RealCodec { compressor, section: Vec::new(), packed: Vec::new() }
    }

    /// That of a configuration; none without compression. A checked configuration has no level that its codec refuses.
    pub fn of(config: &ProducerConfig) -> Option<RealCodec> {
        let compressor = match config.compression {
            Compression::None => None,
            compression => Compressor::new(compression, Some(config.compression_level)).ok(),
        };
        compressor.map(RealCodec::new)
    }
}

impl Codec for RealCodec {
    fn compressed_bytes(&mut self, batch: &Batch, tails: &Tails) -> u64 {
        self.section.clear();
        self.packed.clear();
        put_section(batch, tails, &mut self.section);
        match self.compressor.compress(&self.section, &mut self.packed) {
            Ok(()) => self.packed.len() as u64,
            // No library fails to compress; if one does, its batch is sent as it is.
            Err(_) => batch.uncompressed_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cre_4_up_by_at_least_a_twentieth_down_by_at_most_a_two_hundredth() {
        let mut estimator = RatioEstimator::new(true);
        estimator.observe(0, 0.3);
        assert_eq!(estimator.get(0), 0.995);
        estimator.observe(0, 0.996);
        assert_eq!(estimator.get(0), 0.995 + 0.05);
        assert_eq!(estimator.get(7), 1.0);
    }

    #[test]
    fn without_a_floor_a_step_down_is_always_a_whole_one() {
        let mut estimator = RatioEstimator::new(false);
        estimator.observe(0, 0.999);
        assert_eq!(estimator.get(0), 0.995);
    }
}
