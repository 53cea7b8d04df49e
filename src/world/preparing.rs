//! Records that go through interceptors and serializers on their way into the pipeline.

use super::client::Client;
use super::preparer::{Around, Prepared};
use super::result::{InterceptorResult, PreparationResult, RegistryResult};
use super::threads::State;
use super::{Run, World};
use crate::producer::interceptor::Acknowledged;
use crate::producer::{BatchId, BlockedOn, Outcome, Sent};
use crate::scenario::Scenario;
use crate::values::time::Time;

impl Client {
    /// The record that a thread has taken last goes the whole way.
    #[inline(never)]
    pub(super) fn send_prepared(&mut self, world: &mut World, at: usize, now: Time) {
        let Some(preparer) = &mut self.preparer else { return };
        let thread = &mut self.threads[at];
        let preparing = preparer.draft(&thread.workload);
        let sent = self.producer.begin_send(now, at as u32, &preparing.draft.record);
        thread.preparing = Some(Box::new(preparing));
        self.after_step(world, at, (now, now), sent);
    }

    /// What a step of `send` came to: with metadata there, the serializers begin.
    pub(super) fn after_step(
        &mut self,
        world: &mut World,
        at: usize,
        (called, now): (Time, Time),
        sent: Sent,
    ) {
        match sent {
            Sent::Blocked { on: BlockedOn::Serializers, .. } => self.prepare(world, at, (called, now)),
            Sent::Blocked { .. } => self.after_send(world, at, (called, now), sent),
            Sent::Appended { .. } | Sent::Rejected { .. } => self.sent(world, at, (called, now), sent),
        }
    }

    /// The serializers go on.
    pub(super) fn prepare(&mut self, world: &mut World, at: usize, (called, now): (Time, Time)) {
        let (Some(preparer), thread) = (&mut self.preparer, &mut self.threads[at]) else { return };
        let Some(record) = &mut thread.preparing else { return };
        let was_locked = preparer.is_locked();
        let around = Around {
            workload: &thread.workload,
            registry: world.registry.as_mut(),
            producer: &mut self.producer,
        };
        let prepared = preparer.advance(now, record, around);
        let is_free = was_locked && !preparer.is_locked();
        let sent = match prepared {
            Prepared::Ready => {
                let record = record.draft.record;
                self.producer.serialized(now, at as u32, Ok(&record))
            }
            Prepared::Failed(exception) => self.producer.serialized(now, at as u32, Err(exception)),
            Prepared::Wait(until) => {
                let is_first = !matches!(thread.state, State::Preparing { .. });
                thread.state = State::Preparing { called, since: now, until };
                let waits = Sent::Blocked { on: BlockedOn::Serializers, until };
                if is_first && world.looks_at_sends {
                    self.note_sent(world, at, (called, now), waits);
                }
                self.update_sender(now);
                self.let_others_look(is_free, now);
                return;
            }
        };
        self.let_others_look(is_free, now);
        self.after_step(world, at, (called, now), sent);
    }

    /// The lock of the registry's client is free: threads that wait for it look again.
    fn let_others_look(&mut self, is_free: bool, now: Time) {
        if !is_free {
            return;
        }
        for thread in &mut self.threads {
            if let State::Preparing { until, .. } = &mut thread.state
                && *until == Time::NEVER
            {
                *until = now;
            }
        }
    }

    /// A record has been appended or refused.
    fn sent(&mut self, world: &mut World, at: usize, times: (Time, Time), sent: Sent) {
        self.after_send(world, at, times, sent);
        let Some(preparing) = self.threads[at].preparing.take() else { return };
        let Sent::Rejected { exception, partition } = sent else { return };
        let record = preparing.draft.record;
        self.producer.forget_tail(record.tail);
        if let Some(preparer) = &mut self.preparer {
            let topic = record.topic;
            preparer.acknowledged(&Acknowledged { topic, partition, offset: -1, exception: Some(exception) });
        }
    }

    /// CB-1: the interceptors hear of each record of a batch that has ended.
    #[cold]
    pub(super) fn tell_interceptors(&mut self, batch: BatchId, outcome: Outcome) {
        let Some(preparer) = self.preparer.as_mut().filter(|preparer| preparer.listens()) else { return };
        let ended = self.producer.batch(batch);
        let (tp, count) = (ended.partition(), ended.records().len() as u32);
        for index in 0..count {
            let told = match outcome {
                Outcome::Acked { base_offset: -1 } => Acknowledged::at(tp, -1),
                Outcome::Acked { base_offset } => Acknowledged::at(tp, base_offset + i64::from(index)),
                Outcome::Failed { .. } | Outcome::FailedByRecord { .. } => {
                    let exception = self.producer.record_exception(&outcome, index);
                    Acknowledged { exception, ..Acknowledged::at(tp, -1) }
                }
            };
            preparer.acknowledged(&told);
        }
    }
}

impl Run {
    /// What happened before the pipelines, if it could be seen.
    pub(super) fn preparation_result(&self, scenario: &Scenario) -> Option<PreparationResult> {
        if scenario.registry.is_none() && scenario.producers.iter().all(|group| group.preparation.is_none()) {
            return None;
        }
        let mut result = PreparationResult {
            serializing_ns: self.world.facts.prepared_ns,
            ..PreparationResult::default()
        };
        for client in &self.clients {
            let Some(preparer) = &client.preparer else { continue };
            let client_id = &client.producer.config().client_id;
            for (name, tally, findings) in preparer.tallies() {
                let client_id = client_id.clone();
                result.interceptors.push(InterceptorResult { client_id, name, tally, findings });
            }
            for (name, message) in preparer.errors() {
                if !result.exceptions.iter().any(|(known, _)| known == name) {
                    result.exceptions.push((name, message.clone()));
                }
            }
        }
        result.registry = self
            .world
            .registry
            .as_ref()
            .map(|registry| RegistryResult { counts: registry.counts, subjects: registry.subjects() });
        Some(result)
    }
}
