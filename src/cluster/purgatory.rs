//! Answers that wait for followers (`DelayedProduce`): acks=all, until the high watermark or the request's timeout.

use std::collections::VecDeque;

use super::broker::Taken;
use super::partition::PartitionIx;
use super::{Cluster, ClusterOutput, ResponseId};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::BatchResult;
use crate::values::time::{Span, Time};

/// One batch whose offset must be passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) partition: PartitionIx,
    /// The high watermark must reach this.
    pub(super) offset: u64,
    /// Place of the batch in its request.
    pub(super) at: u32,
}

/// One delayed answer.
#[derive(Debug)]
pub(super) struct Delayed {
    pub(super) taken: Taken,
    pub(super) token: u64,
    pub(super) response: ResponseId,
    pub(super) deadline: Time,
    /// What it still waits for.
    pub(super) waits: Vec<Wait>,
}

/// A delayed answer: its place in the slab, and the how manieth use of it.
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

#[derive(Debug, Default)]
struct Place {
    used: u32,
    delayed: Option<Delayed>,
}

/// All delayed answers.
#[derive(Debug, Default)]
pub(super) struct Purgatory {
    slab: Vec<Place>,
    free: Vec<u32>,
    spare_waits: Vec<Vec<Wait>>,
    /// By partition, in order of arrival.
    waiting: Vec<VecDeque<DelayedIx>>,
    timeouts: Vec<SameTimeout>,
    /// The earliest deadline; `None`: nothing is delayed.
    next_deadline: Option<Time>,
}

impl Purgatory {
    /// An empty list from the store.
    pub(super) fn take_waits(&mut self) -> Vec<Wait> {
        self.spare_waits.pop().unwrap_or_default()
    }

    pub(super) fn put_waits(&mut self, mut waits: Vec<Wait>) {
        waits.clear();
        self.spare_waits.push(waits);
    }

    /// When the next answer times out.
    #[inline]
    pub(super) fn next_deadline(&self) -> Time {
        self.next_deadline.unwrap_or(Time::NEVER)
    }

    fn find_next_deadline(&self) -> Option<Time> {
        let heads = self.timeouts.iter().filter_map(|same| self.get(*same.queue.front()?));
        heads.map(|delayed| delayed.deadline).min()
    }

    fn get(&self, ix: DelayedIx) -> Option<&Delayed> {
        let place = &self.slab[ix.place as usize];
        place.delayed.as_ref().filter(|_| place.used == ix.used)
    }

    fn get_mut(&mut self, ix: DelayedIx) -> Option<&mut Delayed> {
        let place = &mut self.slab[ix.place as usize];
        let used = place.used;
        place.delayed.as_mut().filter(|_| used == ix.used)
    }

    fn insert(&mut self, delayed: Delayed, timeout: Span) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Place::default());
            self.slab.len() as u32 - 1
        });
        let slot = &mut self.slab[place as usize];
        slot.used += 1;
        let ix = DelayedIx { place, used: slot.used };
        for wait in &delayed.waits {
            let partition = wait.partition.index();
            if self.waiting.len() <= partition {
                self.waiting.resize_with(partition + 1, VecDeque::new);
            }
            self.waiting[partition].push_back(ix);
        }
        self.slab[place as usize].delayed = Some(delayed);
        match self.timeouts.iter_mut().find(|same| same.timeout == timeout) {
            Some(same) => same.queue.push_back(ix),
            None => self.timeouts.push(SameTimeout { timeout, queue: VecDeque::from([ix]) }),
        }
        self.next_deadline = self.find_next_deadline();
    }

    fn remove(&mut self, ix: DelayedIx) -> Option<Delayed> {
        self.get(ix)?;
        let delayed = self.slab[ix.place as usize].delayed.take();
        self.free.push(ix.place);
        for at in 0..self.timeouts.len() {
            while let Some(&head) = self.timeouts[at].queue.front()
                && self.get(head).is_none()
            {
                self.timeouts[at].queue.pop_front();
            }
        }
        self.next_deadline = self.find_next_deadline();
        delayed
    }
}

impl Cluster {
    pub(super) fn delay(
        &mut self,
        now: Time,
        taken: Taken,
        token: u64,
        response: ResponseId,
        timeout: Span,
        waits: Vec<Wait>,
    ) {
        let deadline = now + timeout;
        self.purgatory.insert(Delayed { taken, token, response, deadline, waits }, timeout);
    }

    /// ACK-3: the high watermark of a partition has moved, or its leader has.
    pub(super) fn complete_waiting(&mut self, now: Time, partition: PartitionIx) {
        let Some(queue) = self.purgatory.waiting.get_mut(partition.index()) else { return };
        let mut queue = std::mem::take(queue);
        queue.retain(|&ix| !self.is_answered(now, partition, ix));
        // Answering may bring up requests, but never new waits on this partition at this instant.
        self.purgatory.waiting[partition.index()] = queue;
    }

    /// Ticks off what a delayed answer no longer waits for. True: the partition can forget it.
    fn is_answered(&mut self, now: Time, ix: PartitionIx, delayed: DelayedIx) -> bool {
        let partition = &self.partitions[ix.index()];
        let (end, enough) = (partition.high_watermark, partition.isr_len() >= partition.min_insync_replicas);
        let Some(entry) = self.purgatory.get_mut(delayed) else { return true };
        let lost_leader = partition.leader != Some(entry.taken.broker);
        let response = entry.response;
        let mut still_waits = false;
        let mut at = 0;
        while at < entry.waits.len() {
            let wait = entry.waits[at];
            let result = match (wait.partition == ix, lost_leader, wait.offset <= end) {
                (true, true, _) => Some(ErrorCode::NotLeaderOrFollower),
                (true, false, true) if enough => Some(ErrorCode::None),
                (true, false, true) => Some(ErrorCode::NotEnoughReplicasAfterAppend),
                (true, false, false) => {
                    still_waits = true;
                    None
                }
                (false, ..) => None,
            };
            match result {
                None => at += 1,
                Some(error) => {
                    entry.waits.swap_remove(at);
                    if error != ErrorCode::None {
                        self.responses.set(response, wait.at as usize, BatchResult::failed(error));
                    }
                }
            }
        }
        if entry.waits.is_empty() {
            self.answer_delayed(now, delayed);
            return true;
        }
        !still_waits
    }

    fn answer_delayed(&mut self, now: Time, ix: DelayedIx) {
        let Some(delayed) = self.purgatory.remove(ix) else { return };
        let Delayed { taken, token, response, waits, .. } = delayed;
        self.purgatory.put_waits(waits);
        let conn = taken.conn;
        self.answer(now, conn, taken.opened, ClusterOutput::Produced { conn, token, response });
    }

    /// ACK-4: what has waited for too long is answered REQUEST_TIMED_OUT; the data stays in the log.
    pub(super) fn expire_delayed(&mut self, now: Time) {
        while self.purgatory.next_deadline() <= now {
            let heads = self.purgatory.timeouts.iter().filter_map(|same| same.queue.front().copied());
            let due = heads.min_by_key(|ix| self.purgatory.get(*ix).map(|delayed| delayed.deadline));
            let Some(ix) = due else { return };
            if let Some(delayed) = self.purgatory.get(ix) {
                for wait in &delayed.waits {
                    let result = BatchResult::failed(ErrorCode::RequestTimedOut);
                    self.responses.set(delayed.response, wait.at as usize, result);
                }
            }
            self.answer_delayed(now, ix);
        }
    }

    /// A broker's process has ended: nobody answers what it had delayed.
    pub(super) fn drop_delayed_of(&mut self, broker: u32) {
        for place in 0..self.purgatory.slab.len() as u32 {
            let slot = &self.purgatory.slab[place as usize];
            if slot.delayed.as_ref().is_some_and(|delayed| delayed.taken.broker == broker) {
                let ix = DelayedIx { place, used: slot.used };
                if let Some(delayed) = self.purgatory.remove(ix) {
                    self.purgatory.put_waits(delayed.waits);
                    self.responses.release(delayed.response);
                }
            }
        }
    }
}
