//! The sender thread of a client: when it runs, and what comes of it.

use super::World;
use super::client::Client;
use super::links::PathIx;
use super::wire::SMALL_BYTES;
use crate::producer::{Output, RequestId};
use crate::values::ids::NodeId;
use crate::values::time::Time;

/// Answers are told apart by the connection alone.
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
        let spin = self.spins.turn(now, self.outputs.is_empty());
        let mut requests = 0;
        for at in 0..self.outputs.len() {
            let output = self.outputs[at];
            requests += u64::from(matches!(output, Output::ProduceRequest { .. }));
            self.act(world, now, output);
        }
        self.busy_until = now + self.waker.busy_for(requests).max(spin);
        self.sender_at = Time::NEVER;
        self.update_sender(now);
        if self.producer.has_ended() {
            self.end(world, now);
        }
    }

    #[inline]
    fn act(&mut self, world: &mut World, now: Time, output: Output) {
        match output {
            Output::Connect { node } => {
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
            Output::Completed { batch, outcome } => {
                world.facts.completed(now, &self.producer, self.number, batch, outcome);
                if !self.is_carefree {
                    self.batch_ended(batch, now);
                }
            }
            Output::Split { batch, child, first } => self.batch_split(batch, child, first),
            Output::Retried { error, .. } => world.facts.retried(error),
            Output::Connected { .. }
            | Output::Disconnected { .. }
            | Output::MetadataResponse { .. }
            | Output::InitProducerIdResponse { .. }
            | Output::ProduceResponse { .. } => {}
        }
    }

    fn send_produce(&mut self, world: &mut World, now: Time, node: NodeId, request: RequestId) {
        let content = self.producer.request(request);
        let written = world.cluster.write_produce(NO_TOKEN, content.acks(), content.timeout_ms());
        world.facts.requested(now, self.number, content);
        for &batch in content.batches() {
            let batch = self.producer.batch(batch);
            let on_wire = batch.on_wire();
            world.facts.batch_sent(now, batch, &on_wire);
            world.cluster.add_batch(written, on_wire);
        }
        world.send_request(now, self.path(node).0, content.bytes(), written);
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
