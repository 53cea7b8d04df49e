//! `KafkaProducer.send` from the record to the accumulator (1.2, 1.4).

use super::blocked::Then;
use super::{BlockedOn, Sent};
use crate::producer::Producer;
use crate::producer::accumulator::{Append, Appended, Look, Target};
use crate::producer::batch::{BatchId, RecordEntry};
use crate::producer::exception::Exception;
use crate::producer::personality::{AbortOnNewBatch, ToldPartition};
use crate::protocol::error::ErrorCode;
use crate::protocol::record::Record;
use crate::protocol::size;
use crate::values::ids::TopicPartition;
use crate::values::time::{Span, Time};

impl Producer {
    /// SEND-2 to SEND-14 for a record whose serialization takes no time. The calling thread must not be blocked.
    #[inline]
    pub fn send(&mut self, now: Time, thread: u32, record: &Record) -> Sent {
        if let Some(exception) = self.may_not_send(record) {
            return self.reject(exception, record.partition);
        }
        let now_ms = self.millis(now);
        self.metadata.add(record.topic, now_ms);
        if !self.is_partition_known(record) {
            return self.ask_for_metadata(now, thread, record, now, Then::Append);
        }
        self.append_record((now, now_ms), thread, record, self.max_block)
    }

    /// SEND-2 to SEND-4 for a record that is not serialized: of `draft`, topic, partition and timestamp are looked at. When
    /// the metadata is there, the thread waits for its serializers, and goes on with [`Producer::serialized`].
    pub fn begin_send(&mut self, now: Time, thread: u32, draft: &Record) -> Sent {
        if let Some(exception) = self.may_not_send(draft) {
            return self.reject(exception, draft.partition);
        }
        let now_ms = self.millis(now);
        self.metadata.add(draft.topic, now_ms);
        if !self.is_partition_known(draft) {
            return self.ask_for_metadata(now, thread, draft, now, Then::Serialize);
        }
        self.wait_for_serializers(thread, draft, now_ms, self.max_block)
    }

    #[inline]
    fn may_not_send(&self, record: &Record) -> Option<Exception> {
        if self.sender.is_closing() {
            return Some(Exception::IllegalStateException);
        }
        let is_invalid =
            !self.view.invalid_topics.is_empty() && self.view.invalid_topics.contains(&record.topic);
        is_invalid.then_some(Exception::InvalidTopicException)
    }

    /// META-3.
    #[inline]
    pub(super) fn is_partition_known(&self, record: &Record) -> bool {
        match self.view.partition_count(record.topic) {
            Some(count) => record.partition < 0 || (record.partition as u32) < count,
            None => false,
        }
    }

    /// SEND-5 to SEND-11; `max_block` is what the metadata wait has left.
    #[inline(always)]
    pub(super) fn append_record(
        &mut self,
        (now, now_ms): (Time, i64),
        thread: u32,
        record: &Record,
        max_block: Span,
    ) -> Sent {
        let partition = match self.choose_partition(thread, record) {
            Ok(partition) => partition,
            Err(exception) => return self.reject(exception, record.partition),
        };
        let fixed_bytes = record.fixed_bytes();
        let bound = size::batch_upper_bound(fixed_bytes);
        if bound > self.most_record_bytes {
            let told = self.told_partition(record, partition, None);
            return self.reject(Exception::RecordTooLargeException, told);
        }
        let timestamp_ms = if record.timestamp_ms < 0 { now_ms } else { record.timestamp_ms };
        let target = Target { topic: record.topic, partition, thread };
        let (tag, tail) = (record.tag, record.tail);
        let entry = RecordEntry { tag, timestamp_ms, fixed_bytes: fixed_bytes as u32, tail };
        match self.look(target, entry, now_ms) {
            Look::Done { batch, tp, wake } => self.appended(batch, tp, wake),
            look => self.append_after_look(now, record, (target, entry), look, max_block),
        }
    }

    /// The rest of SEND-10 and SEND-11, for a record that does not just go into the open batch.
    #[inline(never)]
    fn append_after_look(
        &mut self,
        now: Time,
        record: &Record,
        (target, entry): (Target, RecordEntry),
        look: Look,
        max_block: Span,
    ) -> Sent {
        let abort_on_new_batch = self.partitioner.is_some()
            && self.personality.abort_on_new_batch == AbortOnNewBatch::WithPartitioner;
        let mut append =
            Append { target, entry, abort_on_new_batch, granted: None, tried: None, last_partition: None };
        let mut appended = self.append_slowly(&mut append, look, now);
        if let Appended::Done { batch, tp, wake } = appended {
            return self.appended(batch, tp, wake);
        }
        if let Appended::AbortedForNewBatch { partition } = appended {
            self.tell_new_batch(target.thread, record, partition);
            append.target.partition = match self.choose_partition(target.thread, record) {
                Ok(partition) => partition,
                Err(exception) => return self.reject(exception, record.partition),
            };
            append.abort_on_new_batch = false;
            appended = self.append(&mut append, now);
        }
        self.after_append(now, record, append, appended, max_block)
    }

    /// SEND-6: explicit, partitioner, hash of the key, or the built-in rules (`None`).
    #[inline]
    fn choose_partition(&mut self, thread: u32, record: &Record) -> Result<Option<u32>, Exception> {
        if record.partition >= 0 {
            return Ok(Some(record.partition as u32));
        }
        let partitions = self.view.partitions(record.topic);
        if let Some(partitioner) = &mut self.partitioner {
            let draws = &mut self.threads[thread as usize].draws;
            let chosen = partitioner.partition(record, partitions, draws);
            return u32::try_from(chosen).map(Some).map_err(|_| Exception::IllegalArgumentException);
        }
        if record.key.len >= 0 && !self.config.partitioner_ignore_keys {
            return Ok(Some(partitions.of_key(record.key.murmur2)));
        }
        Ok(None)
    }

    /// SEND-11.
    fn tell_new_batch(&mut self, thread: u32, record: &Record, previous: u32) {
        let partitions = self.view.partitions(record.topic);
        if let Some(partitioner) = &mut self.partitioner {
            partitioner.on_new_batch(record, partitions, previous, &mut self.threads[thread as usize].draws);
        }
    }

    /// SEND-12 to SEND-14, or the wait for memory.
    pub(super) fn after_append(
        &mut self,
        now: Time,
        record: &Record,
        append: Append,
        appended: Appended,
        max_block: Span,
    ) -> Sent {
        match appended {
            Appended::Done { batch, tp, wake } => self.appended(batch, tp, wake),
            Appended::NeedsMemory { bytes } => self.wait_for_memory(now, record, append, bytes, max_block),
            Appended::Failed(exception) => self.reject(
                exception,
                self.told_partition(record, append.target.partition, append.last_partition),
            ),
            // Only an append that may be aborted is, and that has been dealt with.
            Appended::AbortedForNewBatch { .. } => {
                self.reject(Exception::IllegalStateException, record.partition)
            }
        }
    }

    /// SEND-12 to SEND-14.
    #[inline]
    fn appended(&mut self, batch: BatchId, tp: TopicPartition, wake: bool) -> Sent {
        let thrown = self.transaction_error();
        if let Some(exception) = thrown {
            self.count_send_error(exception);
            return Sent::Appended { batch, tp, wake: false, thrown };
        }
        if wake {
            self.wake();
        }
        Sent::Appended { batch, tp, wake, thrown }
    }

    /// SEND-12: what `maybeAddPartition` throws.
    #[inline]
    fn transaction_error(&self) -> Option<Exception> {
        let manager = self.idempotence.as_ref()?;
        if !manager.has_error() || !self.personality.send_tells_fatal_error {
            return None;
        }
        Some(match manager.last_error {
            Some(fenced @ Exception::Broker(ErrorCode::ProducerFenced | ErrorCode::InvalidProducerEpoch)) => {
                fenced
            }
            _ => Exception::KafkaException,
        })
    }

    /// The partition that the callback of a failed `send` is told: the explicit one, or as far as the client got.
    pub(super) fn told_partition(&self, record: &Record, chosen: Option<u32>, tried: Option<u32>) -> i32 {
        let known = match self.personality.told_partition {
            ToldPartition::Nothing => None,
            ToldPartition::Chosen => chosen,
            ToldPartition::Appended => tried,
        };
        known.map_or(record.partition, |partition| partition as i32)
    }

    pub(super) fn reject(&mut self, exception: Exception, partition: i32) -> Sent {
        self.count_send_error(exception);
        let told = self.personality.told_partition != ToldPartition::Nothing;
        let partition = if told { partition } else { -1 };
        Sent::Rejected { exception, partition }
    }

    /// 1.4, column "errors sensor".
    fn count_send_error(&mut self, exception: Exception) {
        if exception.is_kafka_exception() {
            self.metrics.record_errors += 1;
        }
    }

    pub(super) fn blocked(on: BlockedOn, until: Time) -> Sent {
        Sent::Blocked { on, until }
    }
}
