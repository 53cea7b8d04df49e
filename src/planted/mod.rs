//! Bugs on purpose: each breaks one rule of broker, replication or client, to show that the audit or a swarm would find
//! it (`tests/planted_bugs.rs`). Only the feature `planted-bugs` has the switch. Without it no bug can be on, and nothing
//! of the places that ask is left in the program.

/// The list, as an enum with a sentence on each bug and the file that it is in.
macro_rules! planted_bugs {
    ($($name:ident in $place:literal: $sentence:literal;)*) => {
        /// A rule that is broken on purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PlantedBug {
            $(#[doc = $sentence] $name,)*
        }

        impl PlantedBug {
            /// All of them, from the broker to the client.
            pub const ALL: &[PlantedBug] = &[$(PlantedBug::$name,)*];

            /// What is wrong.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(PlantedBug::$name => $sentence,)*
                }
            }

            /// The file that it is in, below `src/`.
            pub const fn place(self) -> &'static str {
                match self {
                    $(PlantedBug::$name => $place,)*
                }
            }
        }
    };
}

planted_bugs! {
    AckBeforeHighWatermark in "cluster/produce.rs":
        "acks=all is answered as soon as the leader has the batch.";
    DuplicateAckedAtOnce in "cluster/produce.rs":
        "acks=all of a duplicate is answered although the followers may lack the batch.";
    MinIsrNotChecked in "cluster/partition.rs":
        "The leader promises with fewer in-sync replicas than `min.insync.replicas`.";
    HighWatermarkOfLeaderOnly in "cluster/partition.rs":
        "The high watermark is where the leader's log ends.";
    SentTakenForWritten in "cluster/replication.rs":
        "The leader takes what it has sent to a follower for written there.";
    LogsComparedByEnd in "cluster/log.rs":
        "A follower keeps what a former leader wrote if its log is no longer than the leader's (as before KIP-101).";
    EpochNotRaised in "cluster/elections.rs":
        "A new leader gets the epoch of its predecessor.";
    SequencesKeptBeyondEnd in "cluster/partition.rs":
        "A new leader remembers batches that its log does not have.";
    DeposedAnswersOk in "cluster/purgatory.rs":
        "A leader that hears that it is deposed confirms what waits for followers.";
    TimeoutAnsweredOk in "cluster/purgatory.rs":
        "An answer that has waited for too long is sent as a success.";
    IsrJoinedTooEarly in "cluster/isr.rs":
        "A follower joins the ISR with its first fetch, caught up or not.";
    IsrShrunkUnasked in "cluster/isr.rs":
        "A leader goes on without followers that lag although the controller has not agreed.";
    UncleanElection in "cluster/controller.rs":
        "A replica out of sync is elected although that is not allowed.";
    MovedOutOfIsr in "cluster/controller.rs":
        "A planned move makes a replica the leader that is not in sync.";
    ReassignedTooEarly in "cluster/reassignment.rs":
        "A reassignment is complete before the new replicas have caught up.";
    DuplicateAppended in "cluster/sequences.rs":
        "The check for duplicates is off.";
    EpochIgnoredInDuplicates in "cluster/sequences.rs":
        "A batch with the sequences of one of an older epoch is taken for that one.";
    OutOfOrderAccepted in "cluster/sequences.rs":
        "A batch is appended whatever its sequence.";
    AnswerOnNewConnection in "world/links.rs":
        "The answer to a request of an old connection arrives on the next one.";
    RetryAtTail in "producer/accumulator/requeue.rs":
        "A batch without sequence that is sent again goes behind those that wait.";
    LostInRequeue in "producer/accumulator/requeue.rs":
        "A batch that is to be sent again is in no queue.";
    RetryGetsNewSequence in "producer/accumulator/requeue.rs":
        "A batch that is sent again gets a new sequence.";
    SplitSharesSequence in "producer/accumulator/requeue.rs":
        "All parts of a split begin with the sequence of the whole.";
    EpochNotBumped in "producer/idempotence.rs":
        "Sequences begin anew in the same epoch.";
    ExhaustedRetriesAcked in "producer/sender/complete.rs":
        "A batch that may not be sent again is reported as a success.";
    CompletedTwice in "producer/sender/complete.rs":
        "A late success completes a batch that has expired once more.";
    DisconnectLeavesNoDoubt in "producer/sender/complete.rs":
        "A batch whose connection broke is taken for one that was never written.";
    BufferKept in "producer/accumulator/mod.rs":
        "The memory of a batch that failed is not given back.";
    BufferOfPartsGivenBack in "producer/accumulator/mod.rs":
        "Parts of a split give back memory that they never had.";
}

#[cfg(feature = "planted-bugs")]
mod switch {
    use super::PlantedBug;
    use std::cell::Cell;

    thread_local! {
        static ON: Cell<Option<PlantedBug>> = const { Cell::new(None) };
    }

    /// Whether this bug is on in this thread.
    #[inline]
    pub fn planted(bug: PlantedBug) -> bool {
        ON.get() == Some(bug)
    }

    /// Turns a bug on for what this thread runs, and all others off.
    pub fn plant(bug: Option<PlantedBug>) {
        ON.set(bug);
    }
}

#[cfg(feature = "planted-bugs")]
pub use switch::{plant, planted};

/// No bug is on.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub const fn planted(_: PlantedBug) -> bool {
    false
}
