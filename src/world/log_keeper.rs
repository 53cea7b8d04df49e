//! Keeps what leaders append, as bytes, until the run is over and it is known what the logs have.
//!
//! The cluster's logs are offsets. So a batch is kept from the request that carries it on, and gets its place from the
//! leader that appends it. What is cut off later stays here: only the end shows which epochs a log has.

use std::collections::BTreeMap;

use super::WorldError;
use super::observe::{AskedLogs, FinalLog};
use crate::cluster::{Cluster, Place, Served};
use crate::producer::{Producer, Request};
use crate::scenario::Scenario;
use crate::values::ids::{TopicId, TopicPartition};
use crate::wire::header::BatchHeader;

/// Requests that are remembered until a broker has looked at them; those that were lost never are.
const MOST_UNDER_WAY: usize = 1 << 16;

/// A batch as its client wrote it.
#[derive(Debug)]
struct Written {
    tp: TopicPartition,
    records: u64,
    bytes: Vec<u8>,
}

/// What was appended to a partition, by offset of the first record and leader epoch.
type Appended = BTreeMap<(u64, i32), Written>;

/// What goes into logs.
#[derive(Debug)]
pub(super) struct LogKeeper {
    asked: AskedLogs,
    requests: u32,
    /// Batches of the requests on their way, by number: a broker names their places.
    under_way: BTreeMap<u32, Vec<Option<Written>>>,
    appended: BTreeMap<TopicPartition, Appended>,
    /// Of all that is here.
    bytes: u64,
    /// The first thing that went wrong.
    error: Option<WorldError>,
}

impl LogKeeper {
    pub(super) fn new(asked: AskedLogs) -> LogKeeper {
        LogKeeper {
            asked,
            requests: 0,
            under_way: BTreeMap::new(),
            appended: BTreeMap::new(),
            bytes: 0,
            error: None,
        }
    }

    fn is_asked(&self, tp: TopicPartition) -> bool {
        self.asked.partitions.is_empty() || self.asked.partitions.contains(&tp)
    }

    /// A produce request is written. Gives its number, counted from 1.
    pub(super) fn written(&mut self, producer: &Producer, request: &Request) -> u32 {
        self.requests += 1;
        let mut batches = Vec::with_capacity(request.batches().len());
        for &id in request.batches() {
            let wire = producer.batch(id).on_wire();
            batches.push(match self.is_asked(wire.tp).then(|| producer.encode(id)) {
                None => None,
                Some(Ok(mut bytes)) => {
                    bytes.shrink_to_fit();
                    self.bytes += bytes.len() as u64;
                    Some(Written { tp: wire.tp, records: u64::from(wire.records), bytes })
                }
                Some(Err(error)) => {
                    self.error.get_or_insert(WorldError::Invariant(format!("a batch has no bytes: {error}")));
                    None
                }
            });
        }
        if batches.iter().any(Option::is_some) {
            self.under_way.insert(self.requests, batches);
        }
        if self.under_way.len() > MOST_UNDER_WAY
            && let Some((_, lost)) = self.under_way.pop_first()
        {
            self.forget(lost.into_iter().flatten());
        }
        self.requests
    }

    fn forget(&mut self, batches: impl Iterator<Item = Written>) {
        self.bytes -= batches.map(|batch| batch.bytes.len() as u64).sum::<u64>();
    }

    /// A leader has looked at a batch.
    pub(super) fn served(&mut self, served: &Served) {
        let request = served.token as u32;
        let Some(batches) = self.under_way.get_mut(&request) else { return };
        let batch = batches.get_mut(served.at as usize).and_then(Option::take);
        if batches.iter().all(Option::is_none) {
            self.under_way.remove(&request);
        }
        let Some(batch) = batch else { return };
        let replaced = match served.appended {
            Some(Place { base, epoch }) => {
                self.appended.entry(batch.tp).or_default().insert((base, epoch), batch)
            }
            None => Some(batch),
        };
        self.forget(replaced.into_iter());
    }

    /// Whether all that is asked for can still be had.
    pub(super) fn check(&mut self, cluster: &Cluster) -> Result<(), WorldError> {
        if self.bytes > self.asked.most_bytes {
            self.drop_what_is_gone(cluster);
        }
        if self.bytes > self.asked.most_bytes {
            let mib = self.asked.most_bytes >> 20;
            return Err(WorldError::Environment(format!(
                "the logs have more than {mib} MiB of batches, which takes too much memory: ask for fewer records \
                 (--records, --duration) or partitions (--partition)"
            )));
        }
        self.error.take().map_or(Ok(()), Err)
    }

    /// Forgets what no log has any more.
    fn drop_what_is_gone(&mut self, cluster: &Cluster) {
        let mut gone = 0;
        for (tp, batches) in &mut self.appended {
            batches.retain(|&(base, epoch), batch| {
                let is_there = cluster.some_log_contains(*tp, epoch, base + batch.records - 1);
                gone += if is_there { 0 } else { batch.bytes.len() as u64 };
                is_there
            });
        }
        self.bytes -= gone;
    }

    /// The logs that are asked for, now that the run is over.
    pub(super) fn finish(
        mut self,
        cluster: &Cluster,
        scenario: &Scenario,
    ) -> Result<Vec<FinalLog>, WorldError> {
        let mut logs = Vec::new();
        for (topic, id) in scenario.cluster.topics.iter().zip(0..) {
            for partition in 0..topic.assignment.len() as u32 {
                let tp = TopicPartition::new(TopicId(id), partition);
                let appended = self.appended.remove(&tp).unwrap_or_default();
                if self.is_asked(tp)
                    && let Some(log) = final_log(cluster, tp, &self.asked, appended)
                {
                    is_whole(&log).map_err(|offset| {
                        let place = format!("{}-{partition}", topic.name);
                        WorldError::Invariant(format!("nobody knows what {place} has at offset {offset}"))
                    })?;
                    logs.push(log);
                }
            }
        }
        Ok(logs)
    }
}

/// Of all that was appended to a partition what the asked replica has, as its leaders wrote it.
fn final_log(
    cluster: &Cluster,
    tp: TopicPartition,
    asked: &AskedLogs,
    appended: Appended,
) -> Option<FinalLog> {
    let (broker, start, end) = cluster.log_of(tp, asked.broker)?;
    let mut batches = Vec::new();
    for ((base, epoch), Written { records, mut bytes, .. }) in appended {
        let has = |offset| cluster.log_contains(tp, asked.broker, epoch, offset);
        if base >= start && has(base) && has(base + records - 1) {
            BatchHeader::stamp(&mut bytes, base as i64, epoch);
            batches.push(bytes);
        }
    }
    Some(FinalLog { tp, broker, start, end, batches })
}

/// Every offset is there once.
///
/// # Errors
/// The first one that is not.
fn is_whole(log: &FinalLog) -> Result<(), u64> {
    let mut next = log.start;
    for batch in &log.batches {
        let Ok((header, _)) = BatchHeader::read(batch) else { return Err(next) };
        if header.base_offset != next as i64 {
            return Err(next);
        }
        next += u64::from(header.records.unsigned_abs());
    }
    if next == log.end { Ok(()) } else { Err(next) }
}
