//! Everything that happens in a run, one thing at a time, for whoever shows or explains it. Batches, requests and records have
//! numbers from 1, in the order in which they came into being.

use crate::cluster::{Standing, Stored};
use crate::producer::{BlockedOn, HeldBack, Reason};
use crate::protocol::record::Key;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// What.
    pub what: Event,
}

/// A record as it comes into a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number.
    pub record: u64,
    /// Its batch.
    pub batch: u32,
    /// The application thread.
    pub thread: u32,
    /// From where its latency counts.
    pub since: Time,
    /// When `send` was called.
    pub called: Time,
    /// Encoded bytes without deltas and length.
    pub fixed_bytes: u32,
    /// Its key.
    pub key: Key,
    /// Estimated bytes of the batch with it.
    pub estimated: u64,
    /// The batch has no room any more.
    pub full: bool,
}

/// A batch as it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The batch.
    pub batch: u32,
    /// Its request.
    pub request: u32,
    /// Its records.
    pub records: u32,
    /// Its encoded bytes.
    pub bytes: u32,
    /// Why it left.
    pub reason: Reason,
    /// Earlier transmissions.
    pub attempts: u32,
    /// Its first sequence number, -1 without idempotence.
    pub sequence: i32,
    /// For how long it had waited, as the client counts it, in ms.
    pub waited_ms: u64,
}

/// How a batch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Acknowledged, from this offset on; -1: unknown.
    Acked(i64),
    /// Its records fail with this exception; whether an attempt may be in the log all the same.
    Failed {
        /// Name of the exception.
        exception: &'static str,
        /// It may be in the log.
        may_be_logged: bool,
    },
}

/// The state of a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It starts to connect.
    Connecting,
    /// The connection is up.
    Connected,
    /// It is gone, or was refused.
    Disconnected,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A batch has been opened by its first record, which comes next.
    Opened {
        /// The batch.
        batch: u32,
        /// Its producer.
        client: u32,
        /// Its partition.
        tp: TopicPartition,
        /// Bytes that it has room for.
        limit: u64,
    },
    /// A record is in a batch.
    Appended(Appended),
    /// `send` makes a thread wait.
    Blocked {
        /// The producer.
        client: u32,
        /// The thread.
        thread: u32,
        /// What it waits for.
        on: BlockedOn,
    },
    /// `send` would not take a record.
    Refused {
        /// The producer.
        client: u32,
        /// The thread.
        thread: u32,
        /// Name of the exception.
        exception: &'static str,
    },
    /// A thread waits for all that it has sent.
    Flush {
        /// The producer.
        client: u32,
    },
    /// All that it has sent has ended, and it goes on.
    FlushEnds {
        /// The producer.
        client: u32,
    },
    /// The application closes a producer.
    Close {
        /// The producer.
        client: u32,
    },
    /// A batch is ready, and stays.
    Held {
        /// The batch.
        batch: u32,
        /// Why.
        why: HeldBack,
    },
    /// A produce request is written; its batches follow.
    Requested {
        /// The request.
        request: u32,
        /// Its producer.
        client: u32,
        /// Its broker.
        node: NodeId,
        /// Its bytes.
        bytes: u64,
    },
    /// A batch leaves with it.
    Sent(Departure),
    /// A request has reached its broker.
    Arrived {
        /// The request.
        request: u32,
    },
    /// A leader has looked at a batch.
    Stored {
        /// The request.
        request: u32,
        /// The batch.
        batch: u32,
        /// The broker.
        broker: NodeId,
        /// What became of it.
        stored: Stored,
    },
    /// The answer leaves the broker.
    Answered {
        /// The request.
        request: u32,
    },
    /// It has reached the client's machine.
    Response {
        /// The request.
        request: u32,
    },
    /// A batch ends.
    Ended {
        /// The batch.
        batch: u32,
        /// How.
        ending: Ending,
    },
    /// A batch goes back to be sent again.
    Retried {
        /// The batch.
        batch: u32,
        /// What it was answered.
        error: &'static str,
    },
    /// Records of a batch that was too large go on in a new one.
    Split {
        /// The batch that was too large.
        batch: u32,
        /// The new one.
        child: u32,
        /// The place in `batch` of the first record of `child`.
        first: u32,
        /// Records of `child`.
        records: u32,
    },
    /// A partition stands otherwise than before.
    Moved {
        /// The partition.
        tp: TopicPartition,
        /// How it stands now.
        standing: Box<Standing>,
    },
    /// A connection changes.
    Connection {
        /// The producer.
        client: u32,
        /// The node; bootstrap addresses are negative.
        node: NodeId,
        /// How.
        link: Link,
    },
    /// A client has taken a metadata response.
    Metadata {
        /// The producer.
        client: u32,
    },
    /// A client has taken a producer id, -1: an error.
    ProducerId {
        /// The producer.
        client: u32,
        /// The id.
        id: i64,
    },
    /// A fault of the scenario has begun, by its index.
    Fault {
        /// Its index.
        number: u32,
        /// The broker that it strikes.
        node: Option<NodeId>,
    },
    /// It is over.
    FaultEnds {
        /// Its index.
        number: u32,
    },
}
