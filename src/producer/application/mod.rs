//! The application's side of the producer: `send`, `flush`, `close` (section 1).

mod blocked;
mod lifecycle;
mod send;

pub use lifecycle::FlushMark;

use self::blocked::Pending;
use crate::producer::Producer;
use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::random::Draws;
use crate::producer::view::TopicView;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;

/// What a thread waits for inside `send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockedOn {
    /// Metadata of the topic (1.3).
    Metadata,
    /// `buffer.memory` (section 4).
    Buffer,
    /// The serializers, which the driver runs (SEND-5).
    Serializers,
}

/// What became of a `send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The record is in a batch; its future will complete with that batch.
    Appended {
        /// The batch.
        batch: BatchId,
        /// Its partition.
        tp: TopicPartition,
        /// The sender has been woken: [`Producer::next_poll`] may have changed.
        wake: bool,
        /// What the call throws although the record has been appended (SEND-12).
        thrown: Option<Exception>,
    },
    /// The calling thread waits. Go on with [`Producer::resume`] as soon as [`Producer::is_runnable`], or at `until`; with
    /// [`Producer::serialized`] if it waits for its serializers.
    Blocked {
        /// What for.
        on: BlockedOn,
        /// How long at most.
        until: Time,
    },
    /// The record has not been appended. [`Exception::is_api_exception`]: callback and future tell; otherwise thrown.
    Rejected {
        /// Why.
        exception: Exception,
        /// What the callback is told: the explicit or chosen partition, -1 if there was none yet.
        partition: i32,
    },
}

/// An application thread, as far as the client knows it.
#[derive(Debug)]
pub(crate) struct AppThread {
    pub(crate) draws: Draws,
    /// What a `send` that waited for memory knows of its topic: the client goes on with the snapshot that it had
    /// before the wait.
    pub(crate) known: Option<TopicView>,
    pending: Option<Pending>,
}

impl AppThread {
    pub(crate) fn new(draws: Draws) -> AppThread {
        AppThread { draws, known: None, pending: None }
    }
}

impl Producer {
    /// Ends the sender's poll as soon as it can.
    #[inline]
    fn wake(&mut self) {
        self.wakeup = true;
        self.poll_ends = Time::START;
    }
}
