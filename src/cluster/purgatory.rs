//! Answers that wait for followers (`DelayedProduce`): acks=all, until the high watermark or the request's timeout.
//!
//! With KIP-966 the high watermark moves only while there are `min.insync.replicas` (ACK-1): a request that has been
//! appended before hangs and times out. Without it, it gets NOT_ENOUGH_REPLICAS_AFTER_APPEND.

use std::collections::VecDeque;

use super::connections::ConnectionIx;
use super::partition::PartitionIx;
use super::quota::Use;
use super::{Cluster, ResponseId};
use crate::planted::{PlantedBug, planted};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::BatchResult;
use crate::values::time::{Span, Time};

/// One batch that followers must have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) partition: PartitionIx,
    /// The high watermark must reach this.
    pub(super) offset: u64,
    /// Place of the batch in its request.
    pub(super) at: u32,
}

/// An answer to a produce request, ready to leave but for its waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) broker: u32,
    pub(super) connection: ConnectionIx,
    pub(super) token: u64,
    pub(super) response: ResponseId,
    /// With the request.
    pub(super) had: Use,
}

/// A delayed answer.
#[derive(Debug)]
struct Delayed {
    answer: Answer,
    deadline: Time,
    /// What it still waits for; empty in a free place.
    waits: Vec<Wait>,
}

/// A place in the slab, and the how manieth use of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DelayedIx {
    place: u32,
    used: u32,
}

/// Answers with the same timeout, in order of arrival and so of their deadlines.
#[derive(Debug)]
struct SameTimeout {
    timeout: Span,
    queue: VecDeque<DelayedIx>,
}

/// All delayed answers.
#[derive(Debug)]
pub(super) struct Purgatory {
    slab: Vec<Delayed>,
    /// By place: how often it has been used.
    used: Vec<u32>,
    free: Vec<u32>,
    /// By partition, in order of arrival. Answers that are gone stay in line until the high watermark moves.
    waiting: Vec<VecDeque<DelayedIx>>,
    timeouts: Vec<SameTimeout>,
    next_deadline: Time,
    /// What the request that is being appended will wait for.
    expected: Vec<Wait>,
}

impl Purgatory {
    pub(super) fn new(partitions: usize) -> Purgatory {
        Purgatory {
            slab: Vec::new(),
            used: Vec::new(),
            free: Vec::new(),
            waiting: vec![VecDeque::new(); partitions],
            timeouts: Vec::new(),
            next_deadline: Time::NEVER,
            expected: Vec::new(),
        }
    }

    /// The request that is being appended has to wait for this.
    pub(super) fn expect(&mut self, wait: Wait) {
        self.expected.push(wait);
    }

    pub(super) fn expects_nothing(&self) -> bool {
        self.expected.is_empty()
    }

    /// When the next answer times out.
    #[inline]
    pub(super) fn next_deadline(&self) -> Time {
        self.next_deadline
    }

    /// Delays the answer of the request that has just been appended.
    pub(super) fn insert(&mut self, now: Time, answer: Answer, timeout: Span) {
        let deadline = now + timeout;
        let delayed = Delayed { answer, deadline, waits: Vec::new() };
        let ix = self.place(delayed);
        for wait in &self.slab[ix.place as usize].waits {
            let queue = &mut self.waiting[wait.partition.index()];
            if queue.back() != Some(&ix) {
                queue.push_back(ix);
            }
        }
        match self.timeouts.iter_mut().find(|same| same.timeout == timeout) {
            Some(same) => same.queue.push_back(ix),
            None => self.timeouts.push(SameTimeout { timeout, queue: VecDeque::from([ix]) }),
        }
        self.next_deadline = self.next_deadline.min(deadline);
    }

    /// Puts what is expected, and a delayed answer with it, into a free place. The lists keep their memory.
    fn place(&mut self, delayed: Delayed) -> DelayedIx {
        let place = match self.free.pop() {
            Some(place) => {
                let slot = &mut self.slab[place as usize];
                *slot = Delayed { waits: std::mem::take(&mut slot.waits), ..delayed };
                place
            }
            None => {
                self.slab.push(delayed);
                self.used.push(0);
                self.slab.len() as u32 - 1
            }
        };
        std::mem::swap(&mut self.slab[place as usize].waits, &mut self.expected);
        self.used[place as usize] += 1;
        DelayedIx { place, used: self.used[place as usize] }
    }

    fn is_delayed(&self, ix: DelayedIx) -> bool {
        self.used[ix.place as usize] == ix.used && !self.slab[ix.place as usize].waits.is_empty()
    }

    /// A delayed answer is on its way, or never will be; its waits must be gone.
    fn remove(&mut self, place: u32) {
        self.free.push(place);
        let mut next = Time::NEVER;
        for at in 0..self.timeouts.len() {
            while let Some(&head) = self.timeouts[at].queue.front() {
                if self.is_delayed(head) {
                    next = next.min(self.slab[head.place as usize].deadline);
                    break;
                }
                self.timeouts[at].queue.pop_front();
            }
        }
        self.next_deadline = next;
    }

    /// The delayed answer that times out next.
    fn oldest(&self) -> Option<u32> {
        let heads = self.timeouts.iter().filter_map(|same| same.queue.front());
        heads.map(|ix| ix.place).min_by_key(|place| self.slab[*place as usize].deadline)
    }

    fn of_broker(&self, broker: u32) -> Vec<u32> {
        let places = 0..self.slab.len() as u32;
        let its = |delayed: &Delayed| delayed.answer.broker == broker && !delayed.waits.is_empty();
        places.filter(|place| its(&self.slab[*place as usize])).collect()
    }
}

impl Cluster {
    /// The high watermark of a partition has moved.
    pub(super) fn complete_delayed(&mut self, now: Time, partition: PartitionIx) {
        let high_watermark = self.partitions[partition.index()].high_watermark;
        let mut queue = std::mem::take(&mut self.purgatory.waiting[partition.index()]);
        queue.retain(|&ix| self.still_waits(now, partition, high_watermark, ix));
        self.purgatory.waiting[partition.index()] = queue;
    }

    /// Ticks off what a delayed answer no longer waits for. False: it has nothing to do with the partition any more.
    fn still_waits(&mut self, now: Time, partition: PartitionIx, high_watermark: u64, ix: DelayedIx) -> bool {
        if !self.purgatory.is_delayed(ix) {
            return false;
        }
        let delayed = &self.purgatory.slab[ix.place as usize];
        if self.partitions[partition.index()].leader != Some(delayed.answer.broker) {
            // A leader that is deposed knows nothing of this watermark.
            return true;
        }
        if !self.replication.watermark_needs_min_isr && self.partitions[partition.index()].is_under_min_isr()
        {
            self.note_too_few_replicas(partition, high_watermark, ix);
        }
        let waits = &mut self.purgatory.slab[ix.place as usize].waits;
        waits.retain(|wait| wait.partition != partition || wait.offset > high_watermark);
        let still_waits = waits.iter().any(|wait| wait.partition == partition);
        if waits.is_empty() {
            self.answer_delayed(now, ix.place);
        }
        still_waits
    }

    /// What has reached the high watermark meanwhile has done so without enough replicas (11.3).
    #[cold]
    fn note_too_few_replicas(&mut self, partition: PartitionIx, high_watermark: u64, ix: DelayedIx) {
        let delayed = &self.purgatory.slab[ix.place as usize];
        let reached = |wait: &&Wait| wait.partition == partition && wait.offset <= high_watermark;
        for wait in delayed.waits.iter().filter(reached) {
            let too_few = BatchResult::failed(ErrorCode::NotEnoughReplicasAfterAppend);
            self.responses.set(delayed.answer.response, wait.at as usize, too_few);
        }
    }

    fn answer_delayed(&mut self, now: Time, place: u32) {
        self.purgatory.remove(place);
        let answer = self.purgatory.slab[place as usize].answer;
        self.answer_produce(now, answer);
    }

    /// A leader hears that it leads a partition no more: what waits for that gets an error (11.3).
    pub(super) fn fail_delayed_of(&mut self, now: Time, ix: PartitionIx, broker: u32, error: ErrorCode) {
        let leader_hint = self.leader_hint(ix, broker);
        for place in self.purgatory.of_broker(broker) {
            let delayed = &mut self.purgatory.slab[place as usize];
            for wait in delayed.waits.iter().filter(|wait| wait.partition == ix) {
                if planted(PlantedBug::DeposedAnswersOk) {
                    continue;
                }
                let result = BatchResult { leader_hint, ..BatchResult::failed(error) };
                self.responses.set(delayed.answer.response, wait.at as usize, result);
            }
            let before = delayed.waits.len();
            delayed.waits.retain(|wait| wait.partition != ix);
            if delayed.waits.is_empty() && before > 0 {
                self.answer_delayed(now, place);
            }
        }
    }

    /// What has waited for too long is answered REQUEST_TIMED_OUT where it still waits; the data stays in the log.
    pub(super) fn expire_delayed(&mut self, now: Time) {
        let Some(place) = self.purgatory.oldest() else { return };
        let delayed = &mut self.purgatory.slab[place as usize];
        for wait in delayed.waits.drain(..) {
            if planted(PlantedBug::TimeoutAnsweredOk) {
                continue;
            }
            let timed_out = BatchResult::failed(ErrorCode::RequestTimedOut);
            self.responses.set(delayed.answer.response, wait.at as usize, timed_out);
        }
        self.answer_delayed(now, place);
    }

    /// A broker's process has ended: nobody answers what it had delayed.
    pub(super) fn drop_delayed_of(&mut self, broker: u32) {
        for place in self.purgatory.of_broker(broker) {
            let delayed = &mut self.purgatory.slab[place as usize];
            delayed.waits.clear();
            self.responses.release(delayed.answer.response);
            self.purgatory.remove(place);
        }
    }
}
