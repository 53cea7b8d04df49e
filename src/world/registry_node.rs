//! The schema registry of a run: it answers a call after its latency, unless it is down.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::rng::{Purpose, Stream, Streams};
use crate::registry::client::{Call, Failure};
use crate::registry::registered::Registered;
use crate::registry::store::Registry;
use crate::scenario::preparation::RegistrySpec;
use crate::values::time::{Span, Time};

/// How long the client waits for an answer (`RestService.HTTP_READ_TIMEOUT_MS`).
const READ_TIMEOUT: Span = Span::from_secs(60);

/// No call takes less: a client that asks again and again would else do so without end in one instant.
const LEAST_CALL: Span = Span::from_micros(1);

/// As usual, in permille.
const USUAL: u64 = 1_000;

/// The registry with what a fault does to it.
#[derive(Debug)]
pub(super) struct RegistryNode {
    store: Registry,
    latency: Span,
    jitter: Span,
    stream: Stream,
    /// The faults by which it is down, or slow and how much.
    down_by: BTreeSet<u32>,
    slow_by: BTreeMap<u32, u64>,
    /// How many calls a fault has met.
    touched: Touched,
    pub(super) counts: RegistryCounts,
}

/// Calls by the fault that they have met.
#[derive(Debug, Default)]
struct Touched(BTreeMap<u32, u64>);

impl Touched {
    fn count<'f>(&mut self, faults: impl Iterator<Item = &'f u32>) {
        faults.for_each(|fault| *self.0.entry(*fault).or_default() += 1);
    }
}

/// What it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryCounts {
    /// Calls that were answered with a schema.
    pub answered: u64,
    /// Calls that it refused: a schema that is not compatible, or not there.
    pub refused: u64,
    /// Calls that never came back with an answer.
    pub unanswered: u64,
}

impl RegistryNode {
    pub(super) fn new(spec: &RegistrySpec, streams: &Streams) -> RegistryNode {
        RegistryNode {
            store: Registry::clone(&spec.initial),
            latency: spec.latency,
            jitter: spec.jitter,
            stream: streams.stream(Purpose::SchemaRegistry, 0),
            down_by: BTreeSet::new(),
            slow_by: BTreeMap::new(),
            touched: Touched::default(),
            counts: RegistryCounts::default(),
        }
    }

    /// A call of `now`: when it is over, and why it will have no answer, if that is certain by now.
    pub(super) fn call(&mut self, now: Time) -> (Time, Option<Failure>) {
        let word = self.stream.next_u64();
        let jitter = ((u128::from(word) * (u128::from(self.jitter.0) + 1)) >> 64) as u64;
        let takes = Span((self.latency.0 + jitter).saturating_mul(self.slow_permille()) / USUAL);
        let failure = match self.down_by.is_empty() {
            false => Some(Failure::Refused),
            true => (takes > READ_TIMEOUT).then_some(Failure::TimedOut),
        };
        match self.down_by.is_empty() {
            false => self.touched.count(self.down_by.iter()),
            true => self.touched.count(self.slow_by.keys()),
        }
        (now + takes.min(READ_TIMEOUT).max(LEAST_CALL), failure)
    }

    /// What a call that is over has come to.
    pub(super) fn answer(&mut self, call: &Call, failure: Option<Failure>) -> Result<Registered, Failure> {
        let failure = failure.or_else(|| {
            // It went down while it had the call.
            self.touched.count(self.down_by.iter());
            (!self.down_by.is_empty()).then_some(Failure::Refused)
        });
        if let Some(failure) = failure {
            self.counts.unanswered += 1;
            return Err(failure);
        }
        match self.store.serve(call) {
            Ok(registered) => {
                self.counts.answered += 1;
                Ok(registered)
            }
            Err(error) => {
                self.counts.refused += 1;
                Err(Failure::Rest(error))
            }
        }
    }

    fn slow_permille(&self) -> u64 {
        self.slow_by.values().copied().max().unwrap_or(USUAL)
    }

    /// From now on it is down.
    pub(super) fn go_down(&mut self, fault: u32) {
        self.down_by.insert(fault);
    }

    /// From now on it takes so many thousandths of its usual time; of several faults the worst counts.
    pub(super) fn slow_down(&mut self, fault: u32, permille: u64) {
        self.slow_by.insert(fault, permille);
    }

    /// A fault is over; others go on.
    pub(super) fn recover(&mut self, fault: u32) {
        self.down_by.remove(&fault);
        self.slow_by.remove(&fault);
    }

    /// How many calls a fault has met.
    pub(super) fn touched(&self, fault: u32) -> u64 {
        self.touched.0.get(&fault).copied().unwrap_or(0)
    }

    /// Subjects with their versions and ids, in order.
    pub(super) fn subjects(&self) -> Vec<(String, Vec<(u32, u32)>)> {
        let versions = |subject: &str| {
            self.store
                .versions(subject)
                .iter()
                .map(|registered| (registered.version, registered.id))
                .collect()
        };
        let subjects = self.store.subjects().into_iter();
        subjects.map(|subject| (subject.to_owned(), versions(subject))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::error::Generation;
    use std::sync::Arc;

    #[test]
    fn the_end_of_a_fault_leaves_others_alone() {
        let initial = Arc::new(Registry::new(Generation::Eight));
        let spec = RegistrySpec { initial, latency: Span::from_millis(10), jitter: Span::ZERO };
        let mut node = RegistryNode::new(&spec, &Streams::new(1));
        let takes = |node: &mut RegistryNode| {
            let (ends, failure) = node.call(Time::START);
            (ends - Time::START, failure)
        };
        node.go_down(1);
        node.go_down(2);
        node.recover(2);
        assert_eq!(takes(&mut node).1, Some(Failure::Refused));
        node.recover(1);
        node.slow_down(3, 5_000);
        node.slow_down(4, 2_000);
        assert_eq!(takes(&mut node), (Span::from_millis(50), None));
        node.recover(3);
        assert_eq!(takes(&mut node), (Span::from_millis(20), None));
        assert_eq!([1, 2, 3, 4].map(|fault| node.touched(fault)), [1, 0, 1, 2]);
    }

    #[test]
    fn a_call_takes_time_even_without_latency() {
        let initial = Arc::new(Registry::new(Generation::Eight));
        let spec = RegistrySpec { initial, latency: Span::ZERO, jitter: Span::ZERO };
        let mut node = RegistryNode::new(&spec, &Streams::new(1));
        assert!(node.call(Time::START).0 > Time::START);
    }
}
