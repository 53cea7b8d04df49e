//! Floor 8: a run written down: every batch, request and record with all its times, and why it did what it did.
//!
//! A run is deterministic, so it can be recorded afterwards: a first pass finds out where it is worth looking if not
//! everything can be kept, a second one keeps that. Sums over the whole run are exact in any case.

pub mod fact;
pub mod focus;
mod keeper;
pub mod lesson;
pub mod series;
pub mod stages;
pub mod step;
pub mod story;
pub mod totals;

use std::collections::BTreeMap;

use self::focus::Windows;
use self::keeper::Keeper;
use self::stages::Leg;
use self::story::{BatchStory, RecordStory, RequestStory};
use self::totals::Totals;
use crate::cluster::Standing;
use crate::scenario::Scenario;
use crate::values::ids::TopicPartition;
use crate::values::time::Time;
use crate::world::happening::{Happening, Link};
use crate::world::observe::{Asked, Glance};
use crate::world::result::RunResult;
use crate::world::{WorldError, run_observed};

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At most so many happenings; sums are not limited.
    pub events: u64,
    /// Only what happens from here on.
    pub from: Time,
    /// And before this time.
    pub until: Time,
}

impl Limits {
    /// The whole run, if it has at most so many happenings.
    pub const fn most(events: u64) -> Limits {
        Limits { events, from: Time::START, until: Time::NEVER }
    }
}

/// A time of which everything has been kept.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its first instant.
    pub from: Time,
    /// The first instant after it.
    pub until: Time,
    /// What was under way when it began.
    pub before: Scene,
    /// What happened in it.
    pub events: Vec<Happening>,
}

/// What is under way at some time.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Batches that have not ended, as they are then.
    pub batches: Vec<BatchStory>,
    /// Requests that have not been answered.
    pub requests: Vec<RequestStory>,
    /// How partitions stand.
    pub standings: Vec<(TopicPartition, Standing)>,
    /// Connections, by producer and node.
    pub links: Vec<(u32, i32, Link)>,
    /// Producers that have been closed.
    pub closed: Vec<u32>,
}

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Its result: the same as without recording.
    pub result: RunResult,
    /// Sums over the whole run.
    pub totals: Totals,
    /// All happenings of the run, kept or not.
    pub happenings: u64,
    /// Something that was asked for could not be kept.
    pub is_cut: bool,
    /// The parts that were kept, in order.
    pub parts: Vec<Part>,
    /// Batches that were under way in them, by number.
    pub batches: BTreeMap<u32, BatchStory>,
    /// Likewise, requests.
    pub requests: BTreeMap<u32, RequestStory>,
}

/// Runs a scenario and writes it down. `goes_on` hears the time and the number of records so far, now and then, and says
/// whether the run goes on; what it says is to depend on these alone, as a run may be made twice.
///
/// # Errors
/// See [`WorldError`].
pub fn record(
    scenario: &Scenario,
    limits: Limits,
    goes_on: &mut dyn FnMut(Time, u64) -> bool,
) -> Result<Recording, WorldError> {
    let whole = Windows::one(limits.from, limits.until, limits.events);
    let first = pass(scenario, whole, goes_on)?;
    if !first.is_cut {
        return Ok(first);
    }
    let windows = focus::choose(&first, limits);
    // The second pass is not to have both in memory.
    drop(first);
    Ok(Recording { is_cut: true, ..pass(scenario, windows, goes_on)? })
}

/// One run; keeps what is in the windows.
fn pass(
    scenario: &Scenario,
    windows: Windows,
    goes_on: &mut dyn FnMut(Time, u64) -> bool,
) -> Result<Recording, WorldError> {
    let mut writer = Writer::new(scenario, windows);
    let asked = Asked { happenings: true, ..Asked::default() };
    let observed = run_observed(scenario, &asked, &mut |glance: Glance<'_>| {
        glance.happenings.iter().for_each(|happening| writer.take(happening));
        goes_on(glance.now, glance.records)
    })?;
    Ok(writer.finish(observed.result))
}

/// Writes parts of a run down as it goes.
struct Writer {
    keeper: Keeper,
    windows: Windows,
    happenings: u64,
    parts: Vec<Part>,
    batches: BTreeMap<u32, BatchStory>,
    requests: BTreeMap<u32, RequestStory>,
    /// The window that is being kept.
    open: Option<usize>,
}

impl Writer {
    fn new(scenario: &Scenario, windows: Windows) -> Writer {
        Writer {
            keeper: Keeper::new(scenario),
            windows,
            happenings: 0,
            parts: Vec::new(),
            batches: BTreeMap::new(),
            requests: BTreeMap::new(),
            open: None,
        }
    }

    fn take(&mut self, happening: &Happening) {
        let at = happening.at;
        self.happenings += 1;
        let window = self.windows.at(at);
        if window != self.open {
            self.close(at);
            if window.is_some() {
                self.open(window);
            }
        }
        self.keeper.totals.happening(at);
        self.keeper.follow(happening);
        match (self.open, self.parts.last_mut()) {
            (Some(_), Some(part)) => {
                part.events.push(happening.clone());
                self.windows.spend();
            }
            _ => self.windows.note_cut(at),
        }
        self.keep_ended(at);
    }

    /// What has ended is kept if a part has seen it.
    fn keep_ended(&mut self, now: Time) {
        let (is_open, bounds) = (self.open.is_some(), self.parts.last().map(|part| part.from..part.until));
        let is_seen = |ended: Option<Time>| match (ended, &bounds) {
            (Some(at), Some(bounds)) => bounds.contains(&at),
            _ => is_open,
        };
        let (batches, requests) = self.keeper.take_ended(now);
        for batch in batches {
            let ended = batch.ended.map(|(at, _)| at);
            if is_seen(ended) || self.batches.contains_key(&batch.number) {
                self.batches.insert(batch.number, batch);
            }
        }
        for request in requests {
            if is_seen(request.done) || self.requests.contains_key(&request.number) {
                self.requests.insert(request.number, request);
            }
        }
    }

    fn open(&mut self, window: Option<usize>) {
        let keeper = &self.keeper;
        let standings = keeper.standings.iter().map(|(tp, standing)| (*tp, standing.clone())).collect();
        let before = Scene {
            batches: keeper.batches.values().cloned().collect(),
            requests: keeper.requests.values().cloned().collect(),
            standings,
            links: keeper.links.iter().map(|((client, node), link)| (*client, *node, *link)).collect(),
            closed: keeper.closed(),
        };
        let (from, until) = self.windows.bounds();
        self.parts.push(Part { from, until, before, events: Vec::new() });
        self.open = window;
    }

    /// A part is over. What is under way now is kept when it has ended, too.
    fn close(&mut self, now: Time) {
        let (Some(_), Some(part)) = (self.open.take(), self.parts.last_mut()) else { return };
        // A part whose room is used up ends with what it has.
        let last = part.events.last().map_or(part.from, |last| last.at);
        part.until = part.until.min(now.max(Time(last.0.saturating_add(1))));
        let Keeper { batches, requests, .. } = &self.keeper;
        self.batches.extend(batches.iter().map(|(number, story)| (*number, story.clone())));
        self.requests.extend(requests.iter().map(|(number, story)| (*number, story.clone())));
    }

    fn finish(mut self, result: RunResult) -> Recording {
        self.keep_ended(Time::NEVER);
        self.close(Time(result.ended_at.0.saturating_add(1)));
        let is_cut = self.windows.are_cut();
        Recording {
            result,
            is_cut,
            totals: self.keeper.totals,
            happenings: self.happenings,
            parts: self.parts,
            batches: self.batches,
            requests: self.requests,
        }
    }
}

impl Recording {
    /// A record with its batch, if it was under way in a kept part.
    pub fn record(&self, number: u64) -> Option<(&BatchStory, &RecordStory)> {
        self.batches.values().find_map(|batch| {
            let record = batch.records.iter().find(|record| record.number == number)?;
            // The whole of a split has ended before its parts.
            (batch.ended.is_some() || self.batches.values().all(|other| other.parent != Some(batch.number)))
                .then_some((batch, record))
        })
    }

    /// The legs of a record's way.
    pub fn legs(&self, batch: &BatchStory, record: &RecordStory) -> Vec<Leg> {
        stages::legs(record, batch, |number| self.requests.get(&number), self.result.ended_at)
    }

    /// What happened, in all kept parts.
    pub fn events(&self) -> impl Iterator<Item = &Happening> {
        self.parts.iter().flat_map(|part| &part.events)
    }

    /// Whether everything has been kept.
    pub fn is_whole(&self) -> bool {
        self.events().count() as u64 == self.happenings
    }
}
