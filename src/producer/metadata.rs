//! When metadata is fetched, and what of it is kept (1.3, 6.11).

use crate::producer::random::Draws;
use crate::producer::topics::{Slot, Topics};
use crate::producer::view::{Entry, Leader, NO_EPOCH};
use crate::protocol::backoff::Backoff;
use crate::protocol::jvm::{self, DEFAULT_CAPACITY};
use crate::protocol::message::PartitionMetadata;
use crate::values::ids::TopicId;

/// Before KIP-526: the topic has been used since the last update, and will not expire before the next one.
const USED_SINCE_UPDATE: i64 = i64::MAX;

/// Something has changed since the client last asked when the next update is due.
const NOT_SETTLED: i64 = i64::MIN;

/// What the client tracks of a topic.
#[derive(Clone, Copy, Debug, Default)]
struct Tracked {
    /// The topic is dropped at this time unless it is used again; `None`: not tracked.
    expires_ms: Option<i64>,
    /// Still waiting for its first metadata.
    is_new: bool,
    /// Its id is in the snapshot.
    id_known: bool,
}

/// `ProducerMetadata`, without the snapshot itself.
#[derive(Debug)]
pub(crate) struct Metadata {
    backoff: Backoff,
    max_age_ms: i64,
    max_idle_ms: i64,
    /// Before KIP-526: every update is of everything, and a topic's idle time begins with an update.
    whole: bool,
    last_refresh_ms: i64,
    pub(crate) last_successful_ms: i64,
    failures: u32,
    equivalent_responses: u32,
    need_full: bool,
    need_partial: bool,
    request_version: u32,
    pub(crate) update_version: u32,
    tracked: Vec<Tracked>,
    /// Tracked topics in order of insertion.
    order: Vec<TopicId>,
    /// By slot: the newest leader epoch seen, [`NO_EPOCH`] if none.
    epochs: Vec<i32>,
    /// Before this time no update is due, and then one is, for its age alone: no backoff lasts as long, and nobody has
    /// asked for one. [`NOT_SETTLED`] whenever that has to be found out anew.
    settled_until_ms: i64,
    pub(crate) closed: bool,
}

/// A metadata request about to be sent.
#[derive(Debug)]
pub(crate) struct MetadataRequest {
    pub(crate) topics: Vec<TopicId>,
    pub(crate) version: u32,
    pub(crate) partial: bool,
}

impl Metadata {
    /// CON-8: a full update is needed from the start.
    pub(crate) fn new(backoff: Backoff, max_age_ms: i64, max_idle_ms: i64) -> Metadata {
        Metadata {
            backoff,
            max_age_ms,
            max_idle_ms,
            whole: false,
            last_refresh_ms: 0,
            last_successful_ms: 0,
            failures: 0,
            equivalent_responses: 0,
            need_full: true,
            need_partial: false,
            request_version: 0,
            update_version: 1,
            tracked: Vec::new(),
            order: Vec::new(),
            epochs: Vec::new(),
            settled_until_ms: NOT_SETTLED,
            closed: false,
        }
    }

    /// The same for a client before KIP-526, to which its construction at `start_ms` is an update.
    pub(crate) fn whole(backoff: Backoff, max_age_ms: i64, max_idle_ms: i64, start_ms: i64) -> Metadata {
        Metadata {
            whole: true,
            last_refresh_ms: start_ms,
            last_successful_ms: start_ms,
            ..Metadata::new(backoff, max_age_ms, max_idle_ms)
        }
    }

    /// META-2: notes that a topic is used; a new one asks for an update.
    #[inline(always)]
    pub(crate) fn add(&mut self, topic: TopicId, now_ms: i64) {
        // Java's sum of longs wraps around for very long times, and so do those below.
        let expires_ms = if self.whole { USED_SINCE_UPDATE } else { now_ms.wrapping_add(self.max_idle_ms) };
        match self.tracked.get_mut(topic.index()) {
            Some(Tracked { expires_ms: Some(known), .. }) => *known = expires_ms,
            _ => self.track(topic, expires_ms),
        }
    }

    #[cold]
    fn track(&mut self, topic: TopicId, expires_ms: i64) {
        if self.tracked.len() <= topic.index() {
            self.tracked.resize(topic.index() + 1, Tracked::default());
        }
        let tracked = &mut self.tracked[topic.index()];
        (tracked.expires_ms, tracked.is_new) = (Some(expires_ms), true);
        self.order.push(topic);
        self.request_update_for_new_topics();
    }

    fn request_update_for_new_topics(&mut self) {
        self.last_refresh_ms = 0;
        self.need_partial = true;
        self.settled_until_ms = NOT_SETTLED;
        self.equivalent_responses = 0;
        self.request_version += 1;
    }

    /// MDU-13: asks for a full update, subject to backoff.
    pub(crate) fn request_update(&mut self) {
        self.need_full = true;
        self.settled_until_ms = NOT_SETTLED;
    }

    /// META-4: asks for an update of one topic, and gives the version that must be exceeded.
    pub(crate) fn request_update_for(&mut self, topic: TopicId) -> u32 {
        if self.tracked[topic.index()].is_new && !self.whole {
            self.request_update_for_new_topics();
        } else {
            self.request_update();
        }
        self.update_version
    }

    #[inline]
    fn update_requested(&self) -> bool {
        self.need_full || self.need_partial
    }

    /// MDU-2, in ms. Each call consumes the jitter that the client draws (RND-4), needed or not.
    #[inline(always)]
    pub(crate) fn time_to_next_update(&mut self, now_ms: i64, draws: &mut Draws) -> i64 {
        if now_ms < self.settled_until_ms {
            self.skip_backoffs(draws);
            return self.settled_until_ms - now_ms;
        }
        self.look_at_next_update(now_ms, draws)
    }

    #[cold]
    fn look_at_next_update(&mut self, now_ms: i64, draws: &mut Draws) -> i64 {
        let fresh_for = self.last_successful_ms.wrapping_add(self.max_age_ms).wrapping_sub(now_ms);
        if fresh_for > 0 && fresh_for >= self.longest_backoff(now_ms) && !self.update_requested() {
            // What is left of a backoff and of the age shrink alike, so it stays like this, unless the sum wraps around.
            let due_ms = self.last_successful_ms.checked_add(self.max_age_ms);
            self.settled_until_ms = due_ms.unwrap_or(NOT_SETTLED);
            self.skip_backoffs(draws);
            return fresh_for;
        }
        self.time_to_update_soon(fresh_for.max(0), now_ms, draws)
    }

    /// The same when an update is asked for, or nearly due.
    fn time_to_update_soon(&mut self, fresh_for: i64, now_ms: i64, draws: &mut Draws) -> i64 {
        let time_to_expire = if self.update_requested() { 0 } else { fresh_for };
        if fresh_for == 0 {
            self.equivalent_responses = 0;
        }
        if time_to_expire >= self.longest_backoff(now_ms) {
            self.skip_backoffs(draws);
            return time_to_expire;
        }
        time_to_expire.max(self.time_to_allow(now_ms - self.last_refresh_ms, draws))
    }

    /// No backoff can last longer from now on. A client that looked at its clock before its last refresh came sees a
    /// `now_ms` that is older than that.
    #[inline]
    fn longest_backoff(&self, now_ms: i64) -> i64 {
        self.backoff.max_ms().saturating_sub(now_ms - self.last_refresh_ms)
    }

    #[inline]
    fn skip_backoffs(&self, draws: &mut Draws) {
        if self.backoff.is_random() {
            draws.skip_units(if self.equivalent_responses > 0 { 2 } else { 1 });
        }
    }

    /// MDU-1.
    fn time_to_allow(&self, elapsed_ms: i64, draws: &mut Draws) -> i64 {
        let mut backoff = |n: u32| {
            let unit = if self.backoff.is_random() { draws.unit() } else { 0.0 };
            self.backoff.after(n, unit)
        };
        let after_failures = backoff(self.failures.saturating_sub(1)) - elapsed_ms;
        let after_equivalents = match self.equivalent_responses {
            0 => 0,
            n => backoff(n - 1) - elapsed_ms,
        };
        after_failures.max(after_equivalents).max(0)
    }

    /// MDU-5.
    pub(crate) fn new_request(&mut self, now_ms: i64, topics: &Topics) -> MetadataRequest {
        let is_fresh = self.last_successful_ms.wrapping_add(self.max_age_ms) > now_ms;
        let partial = !self.whole && !self.need_full && is_fresh;
        let asked = |topic: &&TopicId| !partial || self.tracked[topic.index()].is_new;
        let mut wanted: Vec<TopicId> = self.order.iter().filter(asked).copied().collect();
        jvm::sort_as_table(&mut wanted, DEFAULT_CAPACITY, |topic| topics.hash(*topic));
        MetadataRequest { topics: wanted, version: self.request_version, partial }
    }

    /// MDU-12.
    pub(crate) fn failed(&mut self, now_ms: i64) {
        self.last_refresh_ms = now_ms;
        self.settled_until_ms = NOT_SETTLED;
        self.failures += 1;
        self.equivalent_responses = 0;
    }

    /// MDU-7, first half: a response with brokers has come.
    pub(crate) fn begin_update(&mut self, request: &MetadataRequest, now_ms: i64) {
        self.need_partial = request.version < self.request_version;
        self.last_refresh_ms = now_ms;
        self.settled_until_ms = NOT_SETTLED;
        self.failures = 0;
        self.update_version += 1;
        if !request.partial {
            self.need_full = false;
            self.last_successful_ms = now_ms;
        }
        self.equivalent_responses += 1;
    }

    /// MDU-9: whether a topic of the response, or of the old snapshot, stays.
    pub(crate) fn retain(&mut self, topic: TopicId, now_ms: i64) -> bool {
        let Some(tracked) = self.tracked.get_mut(topic.index()) else { return false };
        match tracked.expires_ms {
            None => false,
            Some(USED_SINCE_UPDATE) => {
                tracked.expires_ms = Some(now_ms.wrapping_add(self.max_idle_ms));
                true
            }
            Some(_) if tracked.is_new => true,
            Some(expires_ms) if expires_ms > now_ms => true,
            Some(_) => {
                tracked.expires_ms = None;
                self.order.retain(|&other| other != topic);
                false
            }
        }
    }

    /// A topic with an id appears in a response. True: the id was not known before.
    pub(crate) fn note_topic_id(&mut self, topic: TopicId) -> bool {
        !std::mem::replace(&mut self.tracked[topic.index()].id_known, true)
    }

    /// The new snapshot does not have this topic, or has an error in its place.
    pub(crate) fn forget_topic_id(&mut self, topic: TopicId) {
        if let Some(tracked) = self.tracked.get_mut(topic.index()) {
            tracked.id_known = false;
        }
    }

    /// MDU-10: what to keep of a partition: the response's word, or the older entry if that has a newer epoch.
    pub(crate) fn newest(
        &mut self,
        slot: Slot,
        answer: &PartitionMetadata,
        leader: Leader,
        id_is_new: bool,
        old: Option<Leader>,
    ) -> Option<Entry> {
        if self.epochs.len() <= slot.index() {
            self.epochs.resize(slot.index() + 1, NO_EPOCH);
        }
        let seen = &mut self.epochs[slot.index()];
        if answer.leader_epoch < 0 {
            *seen = NO_EPOCH;
            self.equivalent_responses = 0;
        } else if *seen == NO_EPOCH || id_is_new || answer.leader_epoch > *seen {
            *seen = answer.leader_epoch;
            self.equivalent_responses = 0;
        } else if answer.leader_epoch < *seen {
            return old.map(|leader| Entry { slot, leader });
        }
        Some(Entry { slot, leader })
    }

    /// 7.6: whether a leader hint with this epoch says more than what has been seen.
    pub(crate) fn is_newer_epoch(&self, slot: Slot, epoch: i32) -> bool {
        epoch > self.epochs.get(slot.index()).copied().unwrap_or(NO_EPOCH)
    }

    /// 7.6: a leader hint was taken over.
    pub(crate) fn note_epoch(&mut self, slot: Slot, epoch: i32) {
        if self.epochs.len() <= slot.index() {
            self.epochs.resize(slot.index() + 1, NO_EPOCH);
        }
        self.epochs[slot.index()] = epoch;
    }

    /// MDU-8: a topic that was answered is no longer new, whatever the answer.
    pub(crate) fn no_longer_new(&mut self, topic: TopicId) {
        if let Some(tracked) = self.tracked.get_mut(topic.index()) {
            tracked.is_new = false;
        }
    }

    /// MDU-3: everything known is given up for the bootstrap servers.
    pub(crate) fn rebootstrapped(&mut self) {
        self.need_full = true;
        self.settled_until_ms = NOT_SETTLED;
        self.update_version += 1;
        for tracked in &mut self.tracked {
            tracked.id_known = false;
        }
    }
}
