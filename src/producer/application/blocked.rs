//! The waits inside `send`: for metadata (1.3), for the serializers, and for memory (4, BUF-4 to BUF-7).

use super::{BlockedOn, Sent};
use crate::producer::Producer;
use crate::producer::accumulator::Append;
use crate::producer::exception::Exception;
use crate::protocol::record::Record;
use crate::values::time::{Span, Time};

/// A `send` that has not returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    record: Record,
    stage: Stage,
    /// When the wait under way ends in failure.
    until: Time,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Metadata {
        /// When `send` was entered.
        entered: Time,
        /// The update version that must be exceeded.
        version: u32,
        then: Then,
    },
    Serializers {
        /// Kafka's clock when the metadata was there: the record's timestamp, however long serializing takes (CLK-4).
        now_ms: i64,
        /// What the metadata wait has left of `max.block.ms`; serializing does not count (SEND-4).
        max_block: Span,
    },
    Buffer {
        append: Append,
        /// When the condition wait under way began.
        since: Time,
        /// How long it may last.
        remaining: Span,
    },
}

/// What comes when the metadata is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Append,
    Serialize,
}

impl Producer {
    /// Whether what a blocked thread waits for has come.
    pub fn is_runnable(&self, thread: u32) -> bool {
        match self.threads[thread as usize].pending.map(|pending| pending.stage) {
            None => true,
            Some(Stage::Metadata { version, .. }) => {
                self.metadata.update_version > version || self.metadata.closed
            }
            Some(Stage::Serializers { .. }) => false,
            Some(Stage::Buffer { .. }) => self.accumulator.pool.is_signalled(thread),
        }
    }

    /// When a blocked thread gives up, [`Time::NEVER`] if it is not blocked.
    pub fn blocked_until(&self, thread: u32) -> Time {
        self.threads[thread as usize].pending.map_or(Time::NEVER, |pending| pending.until)
    }

    /// Lets a blocked thread look again. If it still has nothing and time is left, it is blocked as before.
    ///
    /// A thread that is not blocked has nothing to resume: that is the driver's mistake, and it gets an
    /// `IllegalStateException`.
    pub fn resume(&mut self, now: Time, thread: u32) -> Sent {
        let Some(pending) = self.threads[thread as usize].pending else {
            return Sent::Rejected { exception: Exception::IllegalStateException, partition: -1 };
        };
        let runnable = self.is_runnable(thread);
        if !runnable && now < pending.until {
            let on = match pending.stage {
                Stage::Metadata { .. } => BlockedOn::Metadata,
                Stage::Serializers { .. } => BlockedOn::Serializers,
                Stage::Buffer { .. } => BlockedOn::Buffer,
            };
            return Producer::blocked(on, pending.until);
        }
        self.threads[thread as usize].pending = None;
        match pending.stage {
            Stage::Metadata { entered, then, .. } => {
                self.metadata_came((now, runnable), thread, &pending.record, entered, then)
            }
            // It has no deadline at which it could be resumed.
            Stage::Serializers { now_ms, max_block } => {
                self.wait_for_serializers(thread, &pending.record, now_ms, max_block)
            }
            Stage::Buffer { append, since, remaining } => {
                let remaining = Span(remaining.0.saturating_sub((now - since).0));
                self.metrics.buffer_wait_ns += (now - since).0;
                let sent = self.memory_came(now, &pending.record, append, remaining, runnable);
                if !matches!(sent, Sent::Blocked { .. }) {
                    self.threads[thread as usize].known = None;
                }
                sent
            }
        }
    }

    /// SEND-5 to SEND-14: what the serializers made of the record of a thread that waits for them, or what they threw.
    ///
    /// A thread that does not wait for them is the driver's mistake, and gets an `IllegalStateException`.
    pub fn serialized(&mut self, now: Time, thread: u32, record: Result<&Record, Exception>) -> Sent {
        let pending = self.threads[thread as usize].pending.take();
        let Some(Pending { record: draft, stage: Stage::Serializers { now_ms, max_block }, .. }) = pending
        else {
            self.threads[thread as usize].pending = pending;
            return Sent::Rejected { exception: Exception::IllegalStateException, partition: -1 };
        };
        match record {
            Ok(record) => self.append_record((now, now_ms), thread, record, max_block),
            Err(exception) => self.reject(exception, draft.partition),
        }
    }

    pub(super) fn wait_for_serializers(
        &mut self,
        thread: u32,
        draft: &Record,
        now_ms: i64,
        max_block: Span,
    ) -> Sent {
        let stage = Stage::Serializers { now_ms, max_block };
        self.threads[thread as usize].pending = Some(Pending { record: *draft, stage, until: Time::NEVER });
        Producer::blocked(BlockedOn::Serializers, Time::NEVER)
    }

    /// META-4: asks for the topic and starts to wait.
    pub(super) fn ask_for_metadata(
        &mut self,
        now: Time,
        thread: u32,
        record: &Record,
        entered: Time,
        then: Then,
    ) -> Sent {
        let version = self.metadata.request_update_for(record.topic);
        self.wake();
        let remaining_ms = self.config.max_block_ms - (now.as_millis() - entered.as_millis());
        if remaining_ms <= 0 {
            return self.reject(Exception::TimeoutException, record.partition);
        }
        let until = now + Span::from_millis(remaining_ms as u64);
        let stage = Stage::Metadata { entered, version, then };
        self.threads[thread as usize].pending = Some(Pending { record: *record, stage, until });
        Producer::blocked(BlockedOn::Metadata, until)
    }

    /// META-6 to META-9.
    fn metadata_came(
        &mut self,
        (now, in_time): (Time, bool),
        thread: u32,
        record: &Record,
        entered: Time,
        then: Then,
    ) -> Sent {
        if in_time && self.metadata.closed {
            return self.reject(Exception::KafkaException, record.partition);
        }
        let elapsed_ms = now.as_millis() - entered.as_millis();
        if !in_time || elapsed_ms >= self.config.max_block_ms {
            return self.reject(Exception::TimeoutException, record.partition);
        }
        if self.view.unauthorized_topics.contains(&record.topic) {
            return self.reject(Exception::TopicAuthorizationException, record.partition);
        }
        if self.view.invalid_topics.contains(&record.topic) {
            return self.reject(Exception::InvalidTopicException, record.partition);
        }
        if !self.is_partition_known(record) {
            self.metadata.add(record.topic, self.millis(now));
            return self.ask_for_metadata(now, thread, record, entered, then);
        }
        self.metrics.metadata_wait_ns += (now - entered).0;
        let remaining = Span::from_millis((self.config.max_block_ms - elapsed_ms) as u64);
        match then {
            Then::Append => self.append_record((now, self.millis(now)), thread, record, remaining),
            Then::Serialize => self.wait_for_serializers(thread, record, self.millis(now), remaining),
        }
    }

    /// BUF-4.
    pub(super) fn wait_for_memory(
        &mut self,
        now: Time,
        record: &Record,
        append: Append,
        bytes: u64,
        max_block: Span,
    ) -> Sent {
        let thread = append.target.thread;
        self.accumulator.pool.wait(thread, bytes);
        self.threads[thread as usize].known = Some(self.view.topic(append.target.topic));
        self.wait_on(now, record, append, max_block)
    }

    /// BUF-5, BUF-17: one condition wait; without time it fails at once.
    fn wait_on(&mut self, now: Time, record: &Record, append: Append, remaining: Span) -> Sent {
        if remaining == Span::ZERO {
            self.threads[append.target.thread as usize].known = None;
            return self.memory_exhausted(record, append);
        }
        let until = now + remaining;
        let stage = Stage::Buffer { append, since: now, remaining };
        self.threads[append.target.thread as usize].pending = Some(Pending { record: *record, stage, until });
        Producer::blocked(BlockedOn::Buffer, until)
    }

    /// BUF-5, BUF-6.
    fn memory_came(
        &mut self,
        now: Time,
        record: &Record,
        mut append: Append,
        remaining: Span,
        signalled: bool,
    ) -> Sent {
        if self.accumulator.pool.closed {
            self.accumulator.pool.give_up(append.target.thread);
            let told = self.told_partition(record, append.target.partition, append.last_partition);
            return self.reject(Exception::KafkaException, told);
        }
        if !signalled {
            return self.memory_exhausted(record, append);
        }
        match self.accumulator.pool.take(append.target.thread) {
            Some(bytes) => {
                append.granted = Some(bytes);
                let appended = self.append(&mut append, now);
                self.after_append(now, record, append, appended, remaining)
            }
            None => self.wait_on(now, record, append, remaining),
        }
    }

    fn memory_exhausted(&mut self, record: &Record, append: Append) -> Sent {
        self.accumulator.pool.give_up(append.target.thread);
        if self.personality.pool_timeout == Exception::BufferExhaustedException {
            self.metrics.buffer_exhausted += 1;
        }
        let told = self.told_partition(record, append.target.partition, append.last_partition);
        self.reject(self.personality.pool_timeout, told)
    }
}
