//! Application threads: they send what their workload says, wait where `send` makes them wait, flush, and close.

use super::World;
use super::client::Client;
use super::diary::Call;
use super::preparer::InPreparation;
use super::record_bytes::{self, Made};
use super::sleep::Sleep;
use crate::producer::{BatchId, FlushMark, Sent};
use crate::protocol::record::{Record, TailId};
use crate::scenario::SendMode;
use crate::serializer::headers::Headers;
use crate::values::time::Time;
use crate::workload::thread::ThreadWorkload;

/// Records that a thread sends before somebody looks how the run goes.
const MOST_AT_ONCE: u32 = 1 << 16;

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It sends its next record when that is due.
    Sending,
    /// Inside `send`: when it was called, and since when it has waited for the same.
    Blocked {
        called: Time,
        since: Time,
    },
    /// Inside `send`, at its serializers: until when.
    Preparing {
        called: Time,
        since: Time,
        until: Time,
    },
    /// Waits for the result of a record: the batch and the record's place in it.
    Awaiting {
        batch: BatchId,
        index: u32,
    },
    /// Inside `flush`.
    Flushing {
        mark: FlushMark,
    },
    Done,
}

/// One application thread.
#[derive(Debug)]
pub(super) struct AppThread {
    pub(super) workload: ThreadWorkload,
    pub(super) state: State,
    /// The record that is being prepared, where records are.
    pub(super) preparing: Option<Box<InPreparation>>,
    /// The bytes of the record that was handed to `send` last, if they are kept without its being prepared.
    tail: TailId,
    /// Nothing before this time: the end of what it waited for.
    not_before: Time,
    /// What its machine does to sleeps between records.
    sleep: Option<Box<Sleep>>,
    since_flush: u64,
}

impl AppThread {
    pub(super) fn new(workload: ThreadWorkload, sleep: Option<Box<Sleep>>) -> AppThread {
        AppThread {
            workload,
            state: State::Sending,
            preparing: None,
            tail: TailId::NONE,
            not_before: Time::START,
            sleep,
            since_flush: 0,
        }
    }

    /// When it sends its next record. If nothing more will come, it is to find that out.
    #[inline]
    fn due(&self) -> Time {
        match self.workload.next_time() {
            Time::NEVER => self.not_before,
            due => due.max(self.not_before),
        }
    }

    /// Between two records it sleeps, and does not spin.
    pub(super) fn sleeps(&self) -> bool {
        self.sleep.is_some()
    }

    /// What it waited for is over: it sends what is due, or sleeps until the next record is.
    #[inline]
    fn go_on(&mut self, now: Time) {
        self.state = State::Sending;
        let due = self.workload.next_time();
        self.not_before = match &mut self.sleep {
            Some(sleep) if due > now && due != Time::NEVER => sleep.ends(due),
            _ => now,
        };
    }
}

impl Client {
    /// The thread whose turn is next, and when. At equal times the first one.
    #[inline(always)]
    pub(super) fn next_thread(&self) -> (usize, Time) {
        match &self.threads[..] {
            [only] if only.state == State::Sending => (0, only.due()),
            _ => self.earliest_thread(),
        }
    }

    fn earliest_thread(&self) -> (usize, Time) {
        let mut earliest = (0, Time::NEVER);
        for (at, thread) in self.threads.iter().enumerate() {
            let time = self.thread_time(at, thread);
            if time < earliest.1 {
                earliest = (at, time);
            }
        }
        earliest
    }

    #[inline]
    fn thread_time(&self, at: usize, thread: &AppThread) -> Time {
        match thread.state {
            State::Sending => thread.due(),
            State::Blocked { .. } if self.producer.is_runnable(at as u32) => thread.not_before,
            State::Blocked { .. } => self.producer.blocked_until(at as u32),
            State::Preparing { until, .. } => until,
            State::Flushing { mark } if self.producer.is_flushed(mark) => thread.not_before,
            State::Flushing { .. } | State::Awaiting { .. } | State::Done => Time::NEVER,
        }
    }

    /// Lets a thread do what is due. If it is the only one, it goes on as long as it sends and nothing else is due.
    /// Gives the time that it has come to.
    pub(super) fn run_thread(&mut self, world: &mut World, at: usize, now: Time, horizon: Time) -> Time {
        match self.threads[at].state {
            State::Sending if self.threads.len() == 1 => return self.send_many(world, now, horizon),
            State::Sending => self.send_one(world, at, now),
            State::Blocked { called, since } => {
                world.facts.blocked_ns += (now - since).0;
                let sent = self.producer.resume(now, at as u32);
                match self.threads[at].preparing {
                    None => self.after_send(world, at, (called, now), sent),
                    Some(_) => self.after_step(world, at, (called, now), sent),
                }
            }
            State::Preparing { called, since, .. } => {
                world.facts.prepared_ns += (now - since).0;
                self.prepare(world, at, (called, now));
            }
            State::Flushing { .. } => {
                self.producer.end_flush();
                if let Some(diary) = world.facts.diary() {
                    diary.flush_ends(now, self.number);
                }
                self.threads[at].go_on(now);
            }
            State::Awaiting { .. } | State::Done => {}
        }
        now
    }

    #[inline]
    fn send_many(&mut self, world: &mut World, mut now: Time, horizon: Time) -> Time {
        for _ in 0..MOST_AT_ONCE {
            self.send_one(world, 0, now);
            let thread = &self.threads[0];
            if thread.state != State::Sending {
                return now;
            }
            let next = thread.due();
            if next >= horizon || next > self.sender_at || next >= self.force_close_at {
                return now;
            }
            now = now.max(next);
        }
        now
    }

    #[inline(always)]
    fn send_one(&mut self, world: &mut World, at: usize, now: Time) {
        let thread = &mut self.threads[at];
        if world.is_over_at(thread.workload.next_time()) {
            thread.state = State::Done;
            self.close_if_done(world, now);
            return;
        }
        if thread.workload.take().is_none() {
            return;
        }
        if world.looks_at_sends {
            world.look_at_send(now, &mut thread.workload);
        }
        self.waker.application_sends(now);
        world.facts.populations.offered += 1;
        world.facts.silence.offered(now);
        if self.takes_detour {
            return self.send_by_detour(world, at, now);
        }
        let sent = self.producer.send(now, at as u32, thread.workload.last());
        self.sent_at_once(world, at, now, sent);
    }

    /// The record goes through serializers, or its bytes are kept.
    #[cold]
    #[inline(never)]
    fn send_by_detour(&mut self, world: &mut World, at: usize, now: Time) {
        match self.preparer {
            Some(_) => self.send_prepared(world, at, now),
            None => self.send_with_bytes(world, at, now),
        }
    }

    /// Somebody wants to have the record's bytes. For the rest it goes as it would go without.
    fn send_with_bytes(&mut self, world: &mut World, at: usize, now: Time) {
        let thread = &mut self.threads[at];
        let made = Made { key: None, value: None, headers: &Headers::default() };
        let record = *thread.workload.last();
        thread.tail = record_bytes::keep(&mut self.producer, &thread.workload, &record, made);
        let record = Record { tail: thread.tail, ..record };
        let sent = self.producer.send(now, at as u32, &record);
        self.sent_at_once(world, at, now, sent);
    }

    /// What a call of `send` came to that nothing has held up before.
    #[inline(always)]
    fn sent_at_once(&mut self, world: &mut World, at: usize, now: Time, sent: Sent) {
        match sent {
            Sent::Appended { batch, wake, thrown: None, tp } if self.is_carefree => {
                if world.looks_at_sends {
                    self.note_sent(world, at, (now, now), Sent::Appended { batch, tp, wake, thrown: None });
                }
                if wake || self.threads[at].sleeps() {
                    self.threads[at].go_on(now);
                }
                if wake {
                    self.update_sender(now);
                }
            }
            sent => self.after_send(world, at, (now, now), sent),
        }
    }

    /// What the last call of `send` came to, for observers.
    #[cold]
    pub(super) fn note_sent(
        &mut self,
        world: &mut World,
        at: usize,
        (called, now): (Time, Time),
        sent: Sent,
    ) {
        let Some(observers) = &mut world.facts.observers else { return };
        let thread = &self.threads[at];
        let record = match &thread.preparing {
            Some(preparing) => &preparing.draft.record,
            None => thread.workload.last(),
        };
        if let Sent::Appended { tp, .. } = sent {
            observers.appended(record, tp.partition);
        }
        if let Some(diary) = &mut observers.diary {
            let call = Call { client: self.number, thread: at as u32, called, record };
            diary.sent(now, &self.producer, call, sent);
        }
    }

    /// What a `send` came to.
    pub(super) fn after_send(
        &mut self,
        world: &mut World,
        at: usize,
        (called, now): (Time, Time),
        sent: Sent,
    ) {
        if world.looks_at_sends {
            self.note_sent(world, at, (called, now), sent);
        }
        let thread = &mut self.threads[at];
        match sent {
            Sent::Appended { batch, thrown: None, .. }
                if self.mode == SendMode::Synchronous || thread.workload.is_closed_loop() =>
            {
                let index = self.producer.batch(batch).records().len() as u32 - 1;
                thread.state = State::Awaiting { batch, index };
            }
            Sent::Appended { thrown, .. } => {
                if thrown.is_some() {
                    thread.workload.completed(now);
                }
                thread.go_on(now);
            }
            Sent::Blocked { .. } => thread.state = State::Blocked { called, since: now },
            Sent::Rejected { exception, .. } => {
                self.producer.forget_tail(std::mem::replace(&mut thread.tail, TailId::NONE));
                thread.workload.completed(now);
                thread.go_on(now);
                world.facts.refused(now, self.number, exception);
            }
        }
        self.flush_if_due(world, at, now, sent);
        self.update_sender(now);
    }

    /// `flush_every_records`.
    fn flush_if_due(&mut self, world: &mut World, at: usize, now: Time, sent: Sent) {
        let thread = &mut self.threads[at];
        if self.flush_every_records == 0 || matches!(sent, Sent::Blocked { .. }) {
            return;
        }
        thread.since_flush += 1;
        if thread.since_flush >= self.flush_every_records && thread.state == State::Sending {
            thread.since_flush = 0;
            thread.not_before = now;
            thread.state = State::Flushing { mark: self.producer.begin_flush() };
            if let Some(diary) = world.facts.diary() {
                diary.flush(now, self.number);
            }
        }
    }

    /// The application closes its producer when all its threads are done.
    fn close_if_done(&mut self, world: &mut World, now: Time) {
        if !self.closing && self.threads.iter().all(|thread| thread.state == State::Done) {
            self.closing = true;
            self.force_close_at = self.close_timeout.map_or(Time::NEVER, |timeout| now + timeout);
            self.producer.close();
            if let Some(diary) = world.facts.diary() {
                diary.close(now, self.number);
            }
            self.update_sender(now);
        }
    }

    /// A batch has ended: whoever waits for a record in it goes on.
    pub(super) fn batch_ended(&mut self, batch: BatchId, now: Time) {
        for thread in &mut self.threads {
            if matches!(thread.state, State::Awaiting { batch: awaited, .. } if awaited == batch) {
                thread.workload.completed(now);
                thread.go_on(now);
            }
        }
    }

    /// Records of a batch have moved to another one, from place `first` on.
    pub(super) fn batch_split(&mut self, parent: BatchId, child: BatchId, first: u32) {
        let count = self.producer.batch(child).records().len() as u32;
        for thread in &mut self.threads {
            if let State::Awaiting { batch, index } = &mut thread.state
                && *batch == parent
                && (first..first + count).contains(index)
            {
                (*batch, *index) = (child, *index - first);
            }
        }
    }
}

impl World {
    /// A record is about to be handed to `send`, and somebody asks for such moments.
    #[cold]
    fn look_at_send(&mut self, now: Time, workload: &mut ThreadWorkload) {
        if self.latency_from_call {
            workload.stamp(now);
        }
        if self.facts.populations.offered == self.watched_call {
            self.facts.called(now);
        }
    }
}
