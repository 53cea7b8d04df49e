//! Follows a run happening by happening, and knows everything about what is under way.

use std::collections::{BTreeMap, BTreeSet};

use super::stages;
use super::story::{Attempt, BatchStory, RecordStory, RequestStory};
use super::totals::Totals;
use crate::cluster::Standing;
use crate::producer::{BlockedOn, HeldBack, Reason};
use crate::scenario::Scenario;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;
use crate::world::happening::{Appended, Departure, Ending, Event, Happening, Link};

/// Reasons for holding back that are kept for a batch.
const MOST_HELD: usize = 64;

/// A producer, as far as readiness goes.
#[derive(Debug, Default)]
struct ClientState {
    linger_ms: u64,
    /// Threads that wait for memory.
    waits_for_memory: BTreeSet<u32>,
    /// Since when there has been one.
    memory_since: Time,
    /// Flushes under way, and since when there has been one.
    flushes: u32,
    flush_since: Time,
    closed_at: Option<Time>,
    /// By partition: the batch that takes records.
    open: BTreeMap<TopicPartition, u32>,
}

/// What is under way.
#[derive(Debug)]
pub(super) struct Keeper {
    clients: Vec<ClientState>,
    pub(super) batches: BTreeMap<u32, BatchStory>,
    pub(super) requests: BTreeMap<u32, RequestStory>,
    /// By request: batches that have neither ended nor gone back.
    open_batches: BTreeMap<u32, u32>,
    pub(super) standings: BTreeMap<TopicPartition, Standing>,
    /// Connections, by producer and node.
    pub(super) links: BTreeMap<(u32, i32), Link>,
    pub(super) totals: Totals,
    /// What has ended since the last look.
    ended_batches: Vec<BatchStory>,
    ended_requests: Vec<RequestStory>,
}

impl Keeper {
    pub(super) fn new(scenario: &Scenario) -> Keeper {
        let lingers = scenario.producers.iter().flat_map(|group| {
            std::iter::repeat_n(group.config.linger_ms.max(0).unsigned_abs(), group.count as usize)
        });
        let client = |linger_ms| ClientState { linger_ms, ..ClientState::default() };
        Keeper {
            clients: lingers.map(client).collect(),
            batches: BTreeMap::new(),
            requests: BTreeMap::new(),
            open_batches: BTreeMap::new(),
            standings: BTreeMap::new(),
            links: BTreeMap::new(),
            totals: Totals::new(scenario),
            ended_batches: Vec::new(),
            ended_requests: Vec::new(),
        }
    }

    /// Producers that have been closed.
    pub(super) fn closed(&self) -> Vec<u32> {
        let closed = self.clients.iter().zip(0..).filter(|(client, _)| client.closed_at.is_some());
        closed.map(|(_, number)| number).collect()
    }

    /// What has ended before `now` is final.
    pub(super) fn take_ended(&mut self, now: Time) -> (Vec<BatchStory>, Vec<RequestStory>) {
        let is_over = |story: &BatchStory| story.ended.is_none_or(|(at, _)| at < now);
        let count = self.ended_batches.iter().take_while(|story| is_over(story)).count();
        (self.ended_batches.drain(..count).collect(), std::mem::take(&mut self.ended_requests))
    }

    /// One more happening.
    pub(super) fn follow(&mut self, happening: &Happening) {
        let at = happening.at;
        match &happening.what {
            Event::Opened { batch, client, tp, limit } => self.opened(at, *batch, *client, *tp, *limit),
            Event::Appended(appended) => self.appended(at, appended),
            Event::Blocked { client, thread, on } => self.blocked(at, *client, *thread, *on),
            Event::Refused { client, thread, .. } => {
                self.unblocked(*client, *thread);
                self.totals.refused(at);
            }
            Event::Flush { client } => self.clients[*client as usize].flush_begins(at),
            Event::FlushEnds { client } => self.clients[*client as usize].flushes -= 1,
            Event::Close { client } => self.clients[*client as usize].closed_at = Some(at),
            Event::Held { batch, why } => self.held(at, *batch, *why),
            Event::Requested { request, client, node, bytes } => {
                let story = RequestStory {
                    number: *request,
                    client: *client,
                    node: *node,
                    bytes: *bytes,
                    batches: Vec::new(),
                    sent: at,
                    arrived: None,
                    answered: None,
                    response: None,
                    done: None,
                };
                self.requests.insert(*request, story);
                self.totals.requested(at);
            }
            Event::Sent(departure) => self.sent(at, departure),
            Event::Arrived { request } => self.at_request(*request, |story| story.arrived = Some(at)),
            Event::Answered { request } => self.at_request(*request, |story| story.answered = Some(at)),
            Event::Response { request } => {
                self.at_request(*request, |story| story.response = Some(at));
                self.ends_without_batches(at, |story| story.number == *request);
            }
            Event::Connection { client, node, link } => {
                self.links.insert((*client, node.0), *link);
                if *link == Link::Disconnected {
                    self.ends_without_batches(at, |story| (story.client, story.node) == (*client, *node));
                }
            }
            Event::Stored { request, batch, stored, .. } => {
                let attempts = self.batches.get_mut(batch).map(|story| &mut story.attempts);
                let attempt = attempts.and_then(|all| all.iter_mut().find(|one| one.request == *request));
                if let Some(attempt) = attempt {
                    attempt.stored.get_or_insert((at, *stored));
                }
            }
            Event::Ended { batch, ending } => self.ended(at, *batch, *ending),
            Event::Retried { batch, error } => self.retried(at, *batch, error),
            Event::Split { batch, child, first, records } => self.split(at, *batch, *child, *first, *records),
            Event::Moved { tp, standing } => {
                self.totals.moved(at, *tp, standing);
                self.standings.insert(*tp, (**standing).clone());
            }
            Event::Metadata { .. }
            | Event::ProducerId { .. }
            | Event::Fault { .. }
            | Event::FaultEnds { .. } => {}
        }
    }

    fn at_request(&mut self, request: u32, change: impl FnOnce(&mut RequestStory)) {
        if let Some(story) = self.requests.get_mut(&request) {
            change(story);
        }
    }

    fn opened(&mut self, at: Time, number: u32, client: u32, tp: TopicPartition, limit: u64) {
        // The one before has a newer batch behind it now.
        let before = self.clients[client as usize].open.insert(tp, number);
        if let Some(before) = before.and_then(|before| self.batches.get_mut(&before)) {
            before.full_at.get_or_insert(at);
        }
        let story = BatchStory {
            number,
            client,
            tp,
            limit,
            parent: None,
            opened: at,
            full_at: None,
            ready: None,
            records: Vec::new(),
            held: Vec::new(),
            earlier: Vec::new(),
            attempts: Vec::new(),
            ended: None,
            estimated: 0,
        };
        self.batches.insert(number, story);
        self.totals.memory_taken(at, limit);
    }

    fn appended(&mut self, at: Time, appended: &Appended) {
        let Some(story) = self.batches.get_mut(&appended.batch) else { return };
        story.records.push(RecordStory {
            number: appended.record,
            thread: appended.thread,
            since: appended.since,
            called: appended.called,
            appended: at,
            fixed_bytes: appended.fixed_bytes,
            key: appended.key,
        });
        story.estimated = appended.estimated;
        if appended.full {
            story.full_at.get_or_insert(at);
        }
        let client = story.client;
        self.totals.appended(at);
        self.unblocked(client, appended.thread);
    }

    fn blocked(&mut self, at: Time, client: u32, thread: u32, on: BlockedOn) {
        self.totals.blocked(at);
        if on != BlockedOn::Buffer {
            return;
        }
        let state = &mut self.clients[client as usize];
        if state.waits_for_memory.is_empty() {
            state.memory_since = at;
        }
        state.waits_for_memory.insert(thread);
    }

    fn unblocked(&mut self, client: u32, thread: u32) {
        self.clients[client as usize].waits_for_memory.remove(&thread);
    }

    fn held(&mut self, at: Time, batch: u32, why: HeldBack) {
        let Some(story) = self.batches.get_mut(&batch) else { return };
        story.held.truncate(MOST_HELD - 1);
        story.held.push((at, why));
        if story.ready.is_none() && story.attempts.is_empty() {
            story.ready = self.clients[story.client as usize].ready(story, at);
        }
        self.totals.held(why);
    }

    fn sent(&mut self, at: Time, departure: &Departure) {
        let Departure { batch, request, records, bytes, reason, attempts, sequence, waited_ms } = *departure;
        if let Some(story) = self.requests.get_mut(&request) {
            story.batches.push(batch);
            // One that has ended already cannot end with its request.
            let is_open = self.batches.contains_key(&batch);
            *self.open_batches.entry(request).or_default() += u32::from(is_open);
        }
        let Some(story) = self.batches.get_mut(&batch).or_else(|| {
            // It has expired in the turn in which it was drained, and is written all the same.
            self.ended_batches.iter_mut().find(|ended| ended.number == batch)
        }) else {
            return;
        };
        let state = &mut self.clients[story.client as usize];
        if story.attempts.is_empty() {
            if story.ready.is_none() && reason != Reason::Piggyback {
                // What the engine says is ready has a time from which on it was.
                story.ready = state.ready(story, at).or(Some((at, reason)));
            }
            if state.open.get(&story.tp) == Some(&batch) {
                state.open.remove(&story.tp);
            }
        }
        let attempt = Attempt {
            request,
            sent: at,
            reason,
            records,
            bytes,
            sequence,
            waited_ms,
            stored: None,
            failed: None,
        };
        story.attempts.push(attempt);
        self.totals.sent(at, story, reason, attempts > 0);
    }

    fn retried(&mut self, at: Time, batch: u32, error: &'static str) {
        let Some(story) = self.batches.get_mut(&batch) else { return };
        let Some(attempt) = story.attempts.last_mut() else { return };
        attempt.failed = Some((at, error));
        let request = attempt.request;
        self.totals.retried(at);
        self.leaves_request(at, request);
    }

    fn ended(&mut self, at: Time, batch: u32, ending: Ending) {
        let Some(mut story) = self.batches.remove(&batch) else { return };
        story.ended = Some((at, ending));
        let state = &mut self.clients[story.client as usize];
        if state.open.get(&story.tp) == Some(&batch) {
            state.open.remove(&story.tp);
        }
        if story.parent.is_none() {
            self.totals.memory_given_back(at, story.limit);
        }
        let requests = &self.requests;
        for record in &story.records {
            let legs = stages::legs(record, &story, |number| requests.get(&number), at);
            self.totals.record_ended(at, record, &story, &stages::sums(&legs));
        }
        if let Some(attempt) = story.attempts.last()
            && attempt.failed.is_none()
        {
            self.leaves_request(at, attempt.request);
        }
        self.ended_batches.push(story);
    }

    /// Requests whose batches had all ended before they were written are over with their answer, or their connection.
    fn ends_without_batches(&mut self, at: Time, is_it: impl Fn(&RequestStory) -> bool) {
        let is_over = |(_, open): &(&u32, &u32)| **open == 0;
        let over: Vec<u32> = self.open_batches.iter().filter(is_over).map(|(request, _)| *request).collect();
        for request in over {
            if self.requests.get(&request).is_some_and(&is_it) {
                self.is_done(at, request);
            }
        }
    }

    /// One batch of a request is done with.
    fn leaves_request(&mut self, at: Time, request: u32) {
        let Some(open) = self.open_batches.get_mut(&request) else { return };
        *open -= 1;
        if *open == 0 {
            self.is_done(at, request);
        }
    }

    fn is_done(&mut self, at: Time, request: u32) {
        self.open_batches.remove(&request);
        if let Some(mut story) = self.requests.remove(&request) {
            story.done = Some(at);
            self.totals.request_ended(at);
            self.ended_requests.push(story);
        }
    }

    /// Records move to a part of their batch; the first part comes last, and the whole is then done with.
    fn split(&mut self, at: Time, batch: u32, child: u32, first: u32, records: u32) {
        let Some(story) = self.batches.get(&batch) else { return };
        let range = first as usize..(first + records) as usize;
        let records = story.records.get(range).unwrap_or(&[]).to_vec();
        let tried = story.attempts.iter().map(|one| (one.sent, one.failed.map_or(at, |(failed, _)| failed)));
        let earlier = story.earlier.iter().copied().chain(tried).collect();
        let part = BatchStory {
            number: child,
            parent: Some(batch),
            full_at: Some(at),
            held: Vec::new(),
            earlier,
            attempts: Vec::new(),
            records,
            ..story.clone()
        };
        self.batches.insert(child, part);
        if first > 0 {
            return;
        }
        let Some(mut story) = self.batches.remove(&batch) else { return };
        if let Some(attempt) = story.attempts.last_mut() {
            attempt.failed = Some((at, "MESSAGE_TOO_LARGE"));
            let request = attempt.request;
            self.leaves_request(at, request);
        }
        if story.parent.is_none() {
            self.totals.memory_given_back(at, story.limit);
        }
        self.ended_batches.push(story);
    }
}

impl ClientState {
    fn flush_begins(&mut self, at: Time) {
        if self.flushes == 0 {
            self.flush_since = at;
        }
        self.flushes += 1;
    }

    /// When a batch that is ready at `now` became so, and by what: the earliest of all reasons that hold now, in the
    /// client's own order where several began at once.
    fn ready(&self, story: &BatchStory, now: Time) -> Option<(Time, Reason)> {
        let begun = |at: Time| Some(at.max(story.opened)).filter(|at| *at <= now);
        let memory = (!self.waits_for_memory.is_empty()).then_some(self.memory_since);
        let flushed = (self.flushes > 0).then_some(self.flush_since);
        let all = [
            (story.full_at, Reason::Full),
            (Some(story.lingered_at(self.linger_ms)), Reason::Linger),
            (memory, Reason::Memory),
            (self.closed_at, Reason::Close),
            (flushed, Reason::Flush),
        ];
        let begun = all.into_iter().filter_map(|(at, reason)| Some((begun(at?)?, reason)));
        begun.min_by_key(|(at, _)| *at)
    }
}
