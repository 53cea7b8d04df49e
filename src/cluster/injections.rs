//! Mishaps that are planned for single requests: lost on the way there, answered by nobody, answered with an error.

use super::{Cluster, broker_index};
use crate::engine::rng::Stream;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;
use crate::values::ids::{NodeId, TopicPartition};

/// One in so many.
pub const CERTAIN_PPM: u32 = 1_000_000;

/// A planned mishap of produce requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injection {
    /// At this broker only.
    pub broker: Option<NodeId>,
    /// Only requests, or batches, for this partition.
    pub partition: Option<TopicPartition>,
    /// What happens.
    pub what: Injected,
    /// In so many of a million cases; [`CERTAIN_PPM`]: always.
    pub chance_ppm: u32,
    /// At most so often.
    pub most: u64,
}

/// What can happen to a produce request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// Its connection breaks before it is read: nothing is appended.
    LoseRequest,
    /// Its connection breaks when the answer is about to leave.
    LoseResponse,
    /// Each batch is answered with an error, before or after it has been appended.
    Answer {
        /// The error.
        error: ErrorCode,
        /// It is in the log nevertheless.
        after_append: bool,
    },
}

/// A mishap that is under way.
#[derive(Debug)]
struct Active {
    /// The mark of whoever planned it.
    fault: u32,
    injection: Injection,
    left: u64,
    chance: Stream,
}

/// All mishaps under way, and how often each has struck.
#[derive(Debug, Default)]
pub(super) struct Injections {
    active: Vec<Active>,
    /// By mark.
    struck: Vec<u64>,
}

impl Injections {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    fn strike(&mut self, at: usize) -> bool {
        let active = &mut self.active[at];
        let hit = active.left > 0
            && (active.injection.chance_ppm >= CERTAIN_PPM
                || active.chance.below(CERTAIN_PPM) < active.injection.chance_ppm);
        if hit {
            active.left -= 1;
            let fault = active.fault as usize;
            if self.struck.len() <= fault {
                self.struck.resize(fault + 1, 0);
            }
            self.struck[fault] += 1;
        }
        hit
    }

    /// Whether a request for these batches meets a mishap of a kind at a broker.
    pub(super) fn strikes(&mut self, broker: u32, batches: &[ProduceBatch], what: Injected) -> bool {
        for at in 0..self.active.len() {
            let injection = self.active[at].injection;
            let concerns = injection.what == what
                && injection.broker.is_none_or(|node| broker_index(node) == broker)
                && injection.partition.is_none_or(|tp| batches.iter().any(|batch| batch.tp == tp));
            if concerns && self.strike(at) {
                return true;
            }
        }
        false
    }

    /// The error that a batch is to be answered with, and whether it is appended nevertheless.
    pub(super) fn error_for(&mut self, broker: u32, batch: &ProduceBatch) -> Option<(ErrorCode, bool)> {
        for at in 0..self.active.len() {
            let injection = self.active[at].injection;
            let Injected::Answer { error, after_append } = injection.what else { continue };
            let concerns = injection.broker.is_none_or(|node| broker_index(node) == broker)
                && injection.partition.is_none_or(|tp| batch.tp == tp);
            if concerns && self.strike(at) {
                return Some((error, after_append));
            }
        }
        None
    }
}

impl Cluster {
    /// Produce requests meet a mishap from now on; `fault` is the caller's mark, `chance` decides where that is needed.
    pub fn inject(&mut self, fault: u32, injection: Injection, chance: Stream) {
        let left = injection.most;
        self.injections.active.push(Active { fault, injection, left, chance });
    }

    /// No longer.
    pub fn withdraw(&mut self, fault: u32) {
        self.injections.active.retain(|active| active.fault != fault);
    }

    /// How often the mishaps with this mark have struck.
    pub fn struck(&self, fault: u32) -> u64 {
        self.injections.struck.get(fault as usize).copied().unwrap_or(0)
    }
}
