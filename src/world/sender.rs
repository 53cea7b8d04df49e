//! The sender thread of a client: when it runs, and what comes of it.

use super::World;
use super::client::Client;
use super::happening::Link;
use super::links::PathIx;
use super::wire::SMALL_BYTES;
use crate::audit::{Fate, NewBatch};
use crate::producer::{BatchId, Output, RequestId};
use crate::values::ids::{BatchMark, NodeId};
use crate::values::time::Time;

/// Answers are told apart by the connection alone; a diary has a number for each request.
const NO_TOKEN: u64 = 0;

impl Client {
    /// Finds out anew when the sender runs. Its thread's own time delays it: it wakes up with a delay, and it is busy
    /// with a turn for a while. The pipeline knows nothing of that.
    #[inline]
    pub(super) fn update_sender(&mut self, now: Time) {
        let due = self.producer.next_poll();
        let at = if due == Time::NEVER {
            due
        } else if due.max(now) <= self.busy_until {
            self.busy_until
        } else if due > now {
            due + self.waker.delay_after_sleep()
        } else {
            now + self.waker.delay()
        };
        self.sender_at = self.sender_at.min(at);
    }

    /// One step of the sender.
    pub(super) fn run_sender(&mut self, world: &mut World, now: Time) {
        self.outputs.clear();
        self.producer.poll(now, &mut self.outputs);
        if let Some(diary) = world.facts.diary() {
            diary.held(now, self.number, self.producer.held());
        }
        let spin = self.spins.turn(now, self.outputs.is_empty());
        let mut requests = 0;
        for at in 0..self.outputs.len() {
            let output = self.outputs[at];
            requests += u64::from(matches!(output, Output::ProduceRequest { .. }));
            self.act(world, now, at, output);
        }
        self.busy_until = now + self.waker.busy_for(requests).max(spin);
        self.sender_at = Time::NEVER;
        self.update_sender(now);
        if self.producer.has_ended() {
            self.end(world, now);
        }
    }

    #[inline]
    fn act(&mut self, world: &mut World, now: Time, at: usize, output: Output) {
        match output {
            Output::Connect { node } => {
                self.note_link(world, now, node, Link::Connecting);
                let (path, broker) = self.path(node);
                world.connect(now, path, self.number, node, broker);
            }
            Output::Close { node } => world.close(now, self.path(node).0),
            Output::MetadataRequest { node, request } => {
                let topics = self.producer.request(request).topics();
                let written = world.cluster.write_metadata(NO_TOKEN, topics);
                world.send_request(now, self.path(node).0, SMALL_BYTES, written);
            }
            Output::InitProducerIdRequest { node } => {
                let written = world.cluster.write_init_producer_id(NO_TOKEN);
                world.send_request(now, self.path(node).0, SMALL_BYTES, written);
            }
            Output::ProduceRequest { node, request } => self.send_produce(world, now, node, request),
            Output::Completed { batch, .. } if self.producer.batch(batch).is_ghost() => {}
            Output::Completed { batch, outcome } => {
                let fate = world.facts.completed(now, &self.producer, self.number, batch, outcome);
                let mut mark = self.marks.take(batch);
                if fate == Fate::Unknown && self.is_written_behind(at, batch) {
                    mark = self.mark_attempt(world, batch, mark);
                    self.marks.keep_for_request(batch, mark);
                }
                world.cluster.auditor().ended(mark, fate);
                if self.preparer.is_some() {
                    self.tell_interceptors(batch, outcome);
                }
                if !self.is_carefree {
                    self.batch_ended(batch, now);
                }
            }
            Output::Split { batch, child, first } => {
                if let Some(diary) = world.facts.diary() {
                    diary.split(now, &self.producer, self.number, (batch, child, first));
                }
                self.audit_split(world, batch, child, first);
                self.batch_split(batch, child, first);
            }
            Output::Retried { batch, error } => world.facts.retried(now, self.number, batch, error),
            Output::Connected { node } => self.note_link(world, now, node, Link::Connected),
            Output::Disconnected { node } => self.note_link(world, now, node, Link::Disconnected),
            Output::MetadataResponse { .. } => {
                if let Some(diary) = world.facts.diary() {
                    diary.metadata(now, self.number);
                }
            }
            Output::InitProducerIdResponse { producer_id, .. } => {
                if let Some(diary) = world.facts.diary() {
                    diary.producer_id(now, self.number, producer_id);
                }
            }
            Output::ProduceResponse { .. } => {}
        }
    }

    #[inline]
    fn note_link(&self, world: &mut World, now: Time, node: NodeId, link: Link) {
        if let Some(diary) = world.facts.diary() {
            diary.connection(now, self.number, node, link);
        }
    }

    /// Parts come in the order of their records, the last one first.
    #[cold]
    fn audit_split(&mut self, world: &mut World, batch: BatchId, child: BatchId, first: u32) {
        let records = self.producer.batch(child).records().len() as u32;
        let part = world.cluster.auditor().open_part(*self.marks.of(batch), first, records);
        *self.marks.of(child) = part;
        if first == 0 {
            world.cluster.auditor().ended(self.marks.take(batch), Fate::Split);
        }
    }

    #[inline(never)]
    fn send_produce(&mut self, world: &mut World, now: Time, node: NodeId, request: RequestId) {
        let token = match &mut world.facts.observers {
            Some(observers) => observers.writes(now, self.number, &self.producer, (node, request)),
            None => NO_TOKEN,
        };
        let content = self.producer.request(request);
        let written = world.cluster.write_produce(token, content.acks(), content.timeout_ms());
        world.facts.requested(now, self.number, &self.producer, content);
        for &id in content.batches() {
            let batch = self.producer.batch(id);
            let mut on_wire = batch.on_wire();
            on_wire.mark = match self.marks.of_ended(id) {
                Some(mark) => mark,
                None => {
                    let known = *self.marks.of(id);
                    let mark = self.mark_attempt(world, id, known);
                    *self.marks.of(id) = mark;
                    mark
                }
            };
            world.facts.batch_sent(now, self.number, batch, &on_wire);
            if batch.attempts() > 0 {
                world.facts.cadence.sent_again(batch.attempts(), self.producer.waited_ms(now, batch));
            }
            world.cluster.add_batch(written, on_wire);
        }
        world.send_request(now, self.path(node).0, content.bytes(), written);
    }

    /// Whether a batch that has ended is sent all the same: it expired in the turn in which it was drained.
    #[cold]
    fn is_written_behind(&self, at: usize, batch: BatchId) -> bool {
        self.outputs[at..].iter().any(|output| match *output {
            Output::ProduceRequest { request, .. } => {
                self.producer.request(request).batches().contains(&batch)
            }
            _ => false,
        })
    }

    /// The audit hears of one more transmission of a batch.
    #[inline]
    fn mark_attempt(&self, world: &mut World, batch: BatchId, mark: BatchMark) -> BatchMark {
        let auditor = world.cluster.auditor();
        if !mark.is_none() {
            auditor.attempt(mark);
            return mark;
        }
        let (batch, client) = (self.producer.batch(batch), self.number);
        let (tp, records) = (batch.partition(), batch.records().len() as u32);
        auditor.first_attempt(NewBatch { client, tp, number: batch.number(), first: 0, records })
    }

    /// The path to a node, and the broker behind it: bootstrap addresses take the brokers in turn.
    fn path(&self, node: NodeId) -> (PathIx, u32) {
        let at = node.0.unsigned_abs() - 1;
        let place = if node.0 < 0 { at } else { self.bootstrap + at };
        (PathIx(self.first_path + place), at % self.brokers)
    }

    /// Nothing is left to be done for this client.
    #[cold]
    fn end(&mut self, world: &mut World, now: Time) {
        self.force_close_at = Time::NEVER;
        world.facts.ended_clients += 1;
        for place in 0..self.path_count() {
            world.close(now, PathIx(self.first_path + place));
        }
    }
}
