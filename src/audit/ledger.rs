//! What the audit has found, by kind, client and partition: as much as there are of these, however long it runs.

use std::collections::BTreeMap;

use super::NewBatch;
use crate::values::ids::TopicPartition;

/// Something that a user would rather not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// Acknowledged, but not in the log.
    Lost,
    /// In the log once more.
    Duplicate,
    /// In the log once more, both times from one session of an idempotent producer.
    SessionDuplicate,
    /// Behind a record that was sent later.
    Reordered,
    /// So, and acknowledged.
    AckedReordered,
    /// So, and both come from one session of an idempotent producer.
    SessionReordered,
    /// Reported as failed, but in the log.
    FailedButPresent,
    /// A place in the log before which sequences of a session are missing; counted once, not by records.
    SequenceGap,
    /// A session whose first batch in the log does not have sequence 0.
    LateStart,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    counts: BTreeMap<(Breach, u32, TopicPartition), u64>,
    /// Acknowledged records of acks=0 that were on their way to their broker when the run ended.
    pub under_way: u64,
    contradiction: Option<String>,
}

impl Ledger {
    #[cold]
    pub(super) fn note(&mut self, breach: Breach, batch: &NewBatch, count: u32) {
        *self.counts.entry((breach, batch.client, batch.tp)).or_default() += u64::from(count);
    }

    /// The first contradiction is kept: others follow from it.
    #[cold]
    pub(super) fn contradict(&mut self, sentence: impl FnOnce() -> String) {
        self.contradiction.get_or_insert_with(sentence);
    }

    /// What the simulator got wrong, if it did: something that no configuration and no fault can explain.
    pub fn contradiction(&self) -> Option<&str> {
        self.contradiction.as_deref()
    }

    /// Records (or gaps) of one kind over all.
    pub fn count(&self, breach: Breach) -> u64 {
        self.entries().filter(|(kind, ..)| *kind == breach).map(|(.., count)| count).sum()
    }

    /// Kind, client, partition and count, in this order.
    pub fn entries(&self) -> impl Iterator<Item = (Breach, u32, TopicPartition, u64)> {
        self.counts.iter().map(|(&(breach, client, tp), &count)| (breach, client, tp, count))
    }
}
