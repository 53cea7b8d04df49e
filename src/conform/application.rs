//! Application threads: the ops of a script, one after the other.

use super::event::{Event, Why};
use super::op::{Action, Op};
use super::replay::Replay;
use crate::producer::{BlockedOn, Exception, FlushMark, Sent};
use crate::protocol::record::{Record, TailId};
use crate::values::ids::TopicId;
use crate::values::time::{Span, Time};

/// An application thread.
#[derive(Debug)]
pub(super) struct Application<'s> {
    ops: &'s [Op],
    /// The next op and its repetition.
    next: usize,
    repetition: u64,
    wait: Option<Wait>,
}

/// What a thread waits for in the middle of an op.
#[derive(Clone, Copy, Debug)]
enum Wait {
    Send {
        call: Call,
        why: Why,
    },
    /// The future of a record.
    Sync {
        record: u64,
    },
    Flush(FlushMark),
    Close {
        until: Time,
    },
    ForceClose,
}

/// A call of `send`.
#[derive(Clone, Copy, Debug)]
struct Call {
    record: u64,
    topic: TopicId,
    tail: TailId,
    /// The thread waits for the record's future afterwards.
    wait: bool,
    /// `send_begin` has been traced.
    begun: bool,
}

impl<'s> Application<'s> {
    /// A thread that has done nothing yet.
    pub(super) fn new(ops: &'s [Op]) -> Application<'s> {
        let mut application = Application { ops, next: 0, repetition: 0, wait: None };
        application.skip_finished();
        application
    }

    /// All its ops are done.
    pub(super) fn is_done(&self) -> bool {
        self.wait.is_none() && self.next == self.ops.len()
    }

    /// When its next op is due.
    fn due(&self) -> Time {
        self.ops.get(self.next).map_or(Time::NEVER, |op| op.due(self.repetition))
    }

    /// The next op and its repetition, if it is due.
    fn take(&mut self, now: Time) -> Option<(&'s Action, u64)> {
        if self.due() > now {
            return None;
        }
        let (op, repetition) = (&self.ops[self.next], self.repetition);
        self.repetition += 1;
        self.skip_finished();
        Some((&op.action, repetition))
    }

    fn skip_finished(&mut self) {
        while self.ops.get(self.next).is_some_and(|op| self.repetition >= op.count) {
            self.next += 1;
            self.repetition = 0;
        }
    }
}

impl Replay<'_> {
    /// When a thread has something to do at the latest.
    pub(super) fn thread_deadline(&self, thread: usize) -> Time {
        match self.threads[thread].wait {
            None => self.threads[thread].due(),
            Some(Wait::Send { .. }) => self.producer.blocked_until(thread as u32),
            Some(Wait::Close { until }) => until,
            Some(Wait::Sync { .. } | Wait::Flush(_) | Wait::ForceClose) => Time::NEVER,
        }
    }

    fn is_runnable(&self, thread: usize) -> bool {
        let has_come = match self.threads[thread].wait {
            None => false,
            Some(Wait::Send { .. }) => self.producer.is_runnable(thread as u32),
            Some(Wait::Sync { record }) => self.ledger.is_completed(record),
            Some(Wait::Flush(mark)) => self.producer.is_flushed(mark),
            Some(Wait::Close { .. } | Wait::ForceClose) => self.producer.has_ended(),
        };
        has_come || self.thread_deadline(thread) <= self.now
    }

    /// Lets a thread run until it yields; whether it could.
    pub(super) fn run_thread(&mut self, thread: usize) -> bool {
        if !self.is_runnable(thread) {
            return false;
        }
        if let Some(wait) = self.threads[thread].wait.take() {
            self.go_on(thread, wait);
        }
        while self.threads[thread].wait.is_none() && !self.trace.has_diverged() {
            let Some((action, repetition)) = self.threads[thread].take(self.now) else { break };
            self.act(thread, action, repetition);
        }
        true
    }

    fn act(&mut self, thread: usize, action: &Action, repetition: u64) {
        let id = thread as u32;
        match action {
            Action::Send { records, wait } => {
                let number = self.ledger.enter();
                let mut record = records.record(repetition, number);
                if self.keeps_bytes {
                    let fill = self.script.fill;
                    record.tail =
                        self.producer.keep_tail(|out| records.put_tail(repetition, number, fill, out));
                }
                let Record { topic, tail, .. } = record;
                let call = Call { record: number, topic, tail, wait: *wait, begun: false };
                let sent = self.producer.send(self.now, id, &record);
                self.sent(thread, call, sent);
            }
            Action::Flush => {
                self.event(Event::FlushBegin { thread: id });
                let mark = self.producer.begin_flush();
                if self.producer.is_flushed(mark) {
                    self.flushed(thread);
                } else {
                    self.block(thread, Wait::Flush(mark), Why::Flush);
                }
            }
            Action::Close { timeout } => {
                self.event(Event::CloseBegin { thread: id });
                self.close(thread, *timeout);
            }
        }
    }

    /// A wait is over, or its deadline has come.
    fn go_on(&mut self, thread: usize, wait: Wait) {
        match wait {
            Wait::Send { call, why } => {
                self.unblock(thread, why);
                let sent = self.producer.resume(self.now, thread as u32);
                self.sent(thread, call, sent);
            }
            Wait::Sync { .. } => self.unblock(thread, Why::Sync),
            Wait::Flush(_) => {
                self.unblock(thread, Why::Flush);
                self.flushed(thread);
            }
            Wait::Close { .. } => {
                self.unblock(thread, Why::Close);
                self.force_close(thread);
            }
            Wait::ForceClose => {
                self.unblock(thread, Why::ForceClose);
                self.event(Event::CloseEnd { thread: thread as u32 });
            }
        }
    }

    /// What the client says to a `send`.
    fn sent(&mut self, thread: usize, mut call: Call, sent: Sent) {
        match sent {
            Sent::Appended { tp, thrown: None, .. } => {
                self.ledger.accept(call.record);
                if call.begun {
                    self.end_send(thread, &call, tp.partition as i32, None);
                } else {
                    let partitions = vec![tp.partition];
                    self.event(Event::Send { thread: thread as u32, rec: call.record, partitions });
                }
                if call.wait {
                    self.block(thread, Wait::Sync { record: call.record }, Why::Sync);
                }
            }
            Sent::Appended { tp, thrown: Some(exception), .. } => {
                self.failed(thread, &mut call, exception, tp.partition as i32);
            }
            Sent::Blocked { on, .. } => {
                self.begin_send(thread, &mut call);
                let why = match on {
                    BlockedOn::Metadata => Why::Metadata,
                    // Records of scripts are serialized when they are sent.
                    BlockedOn::Buffer | BlockedOn::Serializers => Why::Buffer,
                };
                self.block(thread, Wait::Send { call, why }, why);
            }
            Sent::Rejected { exception, partition } => {
                self.producer.forget_tail(call.tail);
                self.failed(thread, &mut call, exception, partition);
            }
        }
    }

    /// A `send` ends with an exception: in its callback and its future, or thrown.
    fn failed(&mut self, thread: usize, call: &mut Call, exception: Exception, partition: i32) {
        self.begin_send(thread, call);
        if exception.is_api_exception() {
            self.event(Event::Complete {
                topic: self.script.topic_names.name(call.topic).to_owned(),
                partition,
                offset: -1,
                recs: vec![call.record],
                error: Some(exception.name()),
            });
            self.ledger.complete(call.record, false);
        } else {
            self.ledger.throw(call.record);
        }
        self.end_send(thread, call, -1, Some(exception));
    }

    fn begin_send(&mut self, thread: usize, call: &mut Call) {
        if !call.begun {
            call.begun = true;
            self.event(Event::SendBegin { thread: thread as u32, rec: call.record });
        }
    }

    fn end_send(&mut self, thread: usize, call: &Call, partition: i32, exception: Option<Exception>) {
        let error = exception.map(Exception::name);
        self.event(Event::SendEnd { thread: thread as u32, rec: call.record, partition, error });
    }

    fn flushed(&mut self, thread: usize) {
        self.producer.end_flush();
        self.event(Event::FlushEnd { thread: thread as u32 });
    }

    /// Waits for the sender to end, unless there is no time for that.
    fn close(&mut self, thread: usize, timeout: Option<Span>) {
        if timeout == Some(Span::ZERO) {
            return self.force_close(thread);
        }
        self.producer.close();
        if self.producer.has_ended() {
            return self.event(Event::CloseEnd { thread: thread as u32 });
        }
        let until = timeout.map_or(Time::NEVER, |timeout| self.now + timeout);
        self.block(thread, Wait::Close { until }, Why::Close);
    }

    /// Makes the sender end, if it has not ended by itself.
    fn force_close(&mut self, thread: usize) {
        if self.producer.has_ended() {
            return self.event(Event::CloseEnd { thread: thread as u32 });
        }
        self.producer.force_close();
        self.block(thread, Wait::ForceClose, Why::ForceClose);
    }

    fn block(&mut self, thread: usize, wait: Wait, why: Why) {
        self.event(Event::Blocked { thread: thread as u32, why });
        self.threads[thread].wait = Some(wait);
    }

    fn unblock(&mut self, thread: usize, why: Why) {
        self.event(Event::Unblocked { thread: thread as u32, why });
    }

    fn event(&mut self, event: Event) {
        self.trace.event(self.now, event);
    }
}
