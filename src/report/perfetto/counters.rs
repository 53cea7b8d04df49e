//! Figures over time: memory and requests of each producer, and how far high watermarks are behind.

use std::collections::{BTreeMap, BTreeSet};

use super::events::Events;
use super::names::Names;
use crate::recording::Recording;
use crate::recording::story::BatchStory;
use crate::values::time::Time;
use crate::world::happening::Event;

/// Draws all of them; `pids` are the producers' processes.
pub fn draw(events: &mut Events, recording: &Recording, names: &Names<'_>, pids: &[u32], cluster: u32) {
    let parents: BTreeSet<u32> = recording.batches.values().filter_map(|batch| batch.parent).collect();
    for (pid, client) in pids.iter().zip(0..) {
        let batches = recording.batches.values().filter(|batch| batch.client == client);
        let memory = batches.flat_map(|batch| memory(batch, parents.contains(&batch.number)));
        steps(events, recording, (*pid, "buffer.memory in use", "bytes"), memory);
        let requests = recording.requests.values().filter(|request| request.client == client);
        let flying = requests.flat_map(|request| {
            [(Some(request.sent), 1), (request.done, -1)].into_iter().filter_map(|(at, by)| Some((at?, by)))
        });
        steps(events, recording, (*pid, "requests in flight", "requests"), flying);
    }
    lags(events, recording, names, cluster);
}

/// When a batch takes memory, and when it gives it back. The parts of a split have none of their own.
fn memory(batch: &BatchStory, is_split: bool) -> impl Iterator<Item = (Time, i64)> + use<> {
    let bytes = batch.limit as i64;
    let ended = batch.ended.map(|(at, _)| at);
    let split = batch.attempts.last().filter(|_| is_split).and_then(|attempt| attempt.failed);
    let given_back = ended.or(split.map(|(at, _)| at)).map(|at| (at, -bytes));
    let is_own = batch.parent.is_none();
    std::iter::once((batch.opened, bytes)).chain(given_back).filter(move |_| is_own)
}

/// A counter from what it grows and shrinks by. It is known only in the parts that have been kept.
fn steps(
    events: &mut Events,
    recording: &Recording,
    (pid, name, unit): (u32, &str, &str),
    changes: impl Iterator<Item = (Time, i64)>,
) {
    let mut sums: BTreeMap<Time, i64> = BTreeMap::new();
    changes.for_each(|(at, by)| *sums.entry(at).or_default() += by);
    for part in &recording.parts {
        sums.entry(part.from).or_default();
    }
    let mut value = 0;
    for (at, by) in sums {
        value += by;
        if recording.parts.iter().any(|part| part.from <= at && at < part.until) {
            events.counter(at, pid, name, unit, u64::try_from(value).unwrap_or(0));
        }
    }
}

/// Records that leaders have, and that not all in-sync replicas are known to have.
fn lags(events: &mut Events, recording: &Recording, names: &Names<'_>, pid: u32) {
    for happening in recording.events() {
        let Event::Moved { tp, standing } = &happening.what else { continue };
        let leader = standing.replicas.iter().find(|replica| Some(replica.broker) == standing.leader);
        if let Some(leader) = leader {
            let name = format!("behind the log of {}: high watermark", names.partition(*tp));
            let lag = leader.log_end.saturating_sub(standing.high_watermark);
            events.counter(happening.at, pid, &name, "records", lag);
        }
    }
}
