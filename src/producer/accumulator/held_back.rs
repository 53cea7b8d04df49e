//! Why batches did not leave although they were ready: for whoever explains a run. Nothing is decided by it, and a
//! producer that is not asked keeps nothing.

use crate::producer::Producer;
use crate::producer::batch::BatchId;
use crate::producer::network::{ConnectionState, NodeIx};
use crate::producer::topics::Slot;

/// Why a batch that was ready stayed in the accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBack {
    /// It has failed before, and `retry.backoff.ms` is not over (RND-3).
    Backoff,
    /// With one request in flight, a partition waits for the batch before (5.5).
    Muted,
    /// Its leader has no connection that is ready.
    Disconnected,
    /// Its leader has `max.in.flight.requests.per.connection` requests, or one that is not written completely.
    InFlight,
    /// Its leader has told the client to wait (QUO-4).
    Throttled,
    /// A metadata refresh is due, and goes first (RDN-2).
    MetadataDue,
    /// Nobody is known to lead its partition.
    LeaderUnknown,
    /// The request has no room for it (`max.request.size`); the drain of its node has ended there.
    RequestSize,
    /// The producer has no producer id yet.
    NoProducerId,
    /// Whether an earlier sequence is in the log is not known.
    UnresolvedSequence,
    /// Batches of an older epoch are still in flight.
    StaleEpoch,
    /// A batch before it is to be sent again first.
    RetryOrder,
}

impl HeldBack {
    /// All of them.
    pub const ALL: [HeldBack; 12] = [
        HeldBack::Backoff,
        HeldBack::Muted,
        HeldBack::Disconnected,
        HeldBack::InFlight,
        HeldBack::Throttled,
        HeldBack::MetadataDue,
        HeldBack::LeaderUnknown,
        HeldBack::RequestSize,
        HeldBack::NoProducerId,
        HeldBack::UnresolvedSequence,
        HeldBack::StaleEpoch,
        HeldBack::RetryOrder,
    ];

    /// The code of reports: a word.
    pub const fn code(self) -> &'static str {
        match self {
            HeldBack::Backoff => "backoff",
            HeldBack::Muted => "muted",
            HeldBack::Disconnected => "disconnected",
            HeldBack::InFlight => "in-flight",
            HeldBack::Throttled => "throttled",
            HeldBack::MetadataDue => "metadata-due",
            HeldBack::LeaderUnknown => "leader-unknown",
            HeldBack::RequestSize => "request-size",
            HeldBack::NoProducerId => "no-producer-id",
            HeldBack::UnresolvedSequence => "unresolved-sequence",
            HeldBack::StaleEpoch => "stale-epoch",
            HeldBack::RetryOrder => "retry-order",
        }
    }
}

/// A batch that was ready and stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The batch, at the head of its queue.
    pub batch: BatchId,
    /// Why.
    pub why: HeldBack,
}

impl Producer {
    /// From now on the producer notes why batches stay although they are ready.
    pub fn watch_held(&mut self) {
        self.held = Some(Vec::new());
    }

    /// What stayed in the last poll, in the order in which it was looked at; a batch can be there more than once.
    /// Empty unless [`Producer::watch_held`] was called.
    pub fn held(&self) -> &[Held] {
        self.held.as_deref().unwrap_or(&[])
    }

    pub(crate) fn forget_held(&mut self) {
        if let Some(held) = &mut self.held {
            held.clear();
        }
    }

    /// The head of a queue stays, if it is ready.
    #[inline]
    pub(crate) fn note_held(&mut self, slot: Slot, why: HeldBack, now_ms: i64) {
        if self.held.is_some() {
            self.keep_held(slot, why, now_ms);
        }
    }

    #[cold]
    fn keep_held(&mut self, slot: Slot, why: HeldBack, now_ms: i64) {
        // A partition to which nothing was ever sent has no queue.
        let Some(queue) = self.accumulator.queues.get(slot.index()) else { return };
        let Some(&head) = queue.batches.front() else { return };
        let batch = &self.accumulator.batches[head];
        let several = queue.batches.len() > 1;
        if self.ready_reason(batch, several, batch.waited_ms(now_ms)).is_some()
            && let Some(held) = &mut self.held
        {
            held.push(Held { batch: head, why });
        }
    }

    /// Nothing leaves in this pass.
    pub(crate) fn note_all_held(&mut self, why: HeldBack, now_ms: i64) {
        if self.held.is_none() {
            return;
        }
        let mut place = 0;
        while let Some(at) = self.accumulator.filled.next(place) {
            self.keep_held(self.accumulator.scan[at as usize], why, now_ms);
            place = at + 1;
        }
    }

    /// Nothing leaves for a node, from a place of its list on: from 0 nothing at all.
    pub(crate) fn note_node_held(&mut self, node: NodeIx, places: &[(u32, u32)], why: HeldBack, now_ms: i64) {
        if self.held.is_none() {
            return;
        }
        for &(from, to) in places {
            for place in from..to {
                self.keep_held(self.view.led_by(node)[place as usize], why, now_ms);
            }
        }
    }

    /// A node cannot be sent to: why not.
    pub(crate) fn note_unready_node(&mut self, node: NodeIx, now_ms: i64) {
        if self.held.is_none() {
            return;
        }
        let connection = &self.network[node];
        let why = if connection.state != ConnectionState::Ready {
            HeldBack::Disconnected
        } else if connection.throttled_until_ms > now_ms {
            HeldBack::Throttled
        } else if connection.can_send(now_ms, self.max_in_flight) {
            HeldBack::MetadataDue
        } else {
            HeldBack::InFlight
        };
        let parts = self.view.led_by(node).len() as u32;
        self.note_node_held(node, &[(0, parts)], why, now_ms);
    }
}
