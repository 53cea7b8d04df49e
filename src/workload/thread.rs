//! What one application thread sends: a plan shared by all threads of a source, and each thread's own progress.

use std::sync::Arc;

use super::error::WorkloadError;
use super::payload::fill::Fill;
use super::spec::{Source, TraceFile};
use super::synthetic::{SyntheticPlan, SyntheticThread};
use super::trace::reader::{KeyText, TraceReader};
use crate::engine::rng::{Purpose, Streams, mix};
use crate::protocol::record::Record;
use crate::values::time::{Span, Time};

/// A closed loop takes at least this from record to record. Without latency, or if nothing is accepted, it would else
/// send without end in one instant.
const LEAST_TURN: Span = Span::from_micros(1);

/// A source made ready: its tables are built once and shared by its threads. Copies are cheap.
#[derive(Clone, Debug)]
pub struct Plan {
    kind: PlanKind,
}

#[derive(Clone, Debug)]
enum PlanKind {
    Synthetic(Arc<SyntheticPlan>),
    Trace(Arc<TraceFile>),
}

/// The records of one application thread, in order of their intended times.
#[derive(Debug)]
pub struct ThreadWorkload {
    next: Time,
    /// The record taken last.
    taken: Time,
    offered: u64,
    /// The record that was taken last. Each one differs from the one before in what is drawn.
    record: Record,
    kind: ThreadKind,
    fill: Fill,
    /// From which the seeds of all records follow.
    payload_seed: u64,
}

/// A value that becomes bytes only when somebody needs them: [`Fill::write`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualValue {
    /// What it consists of.
    pub fill: Fill,
    /// What its bytes follow from: of a run's seed, a thread and a record's number in it, always the same.
    pub seed: u64,
    /// Its length in bytes.
    pub len: u32,
}

#[derive(Debug)]
enum ThreadKind {
    Synthetic(Box<SyntheticThread>),
    Trace(Box<Replay>),
}

/// A trace, read one record ahead.
#[derive(Debug)]
struct Replay {
    reader: TraceReader,
    ahead: Option<Record>,
    /// Of the record that was taken last; the reader has that of the one ahead.
    key: KeyText,
    error: Option<WorkloadError>,
}

impl Plan {
    /// Builds the tables of `source`. Files are opened by [`Plan::thread`].
    pub fn new(source: &Source) -> Plan {
        let kind = match source {
            Source::Synthetic(synthetic) => PlanKind::Synthetic(Arc::new(SyntheticPlan::new(synthetic))),
            Source::Trace(trace) => PlanKind::Trace(Arc::new(trace.clone())),
        };
        Plan { kind }
    }

    /// The workload of one thread. `entity` tells apart all application threads of a run and selects the random
    /// streams. Every thread of a trace replays the whole trace.
    ///
    /// # Errors
    /// A trace that cannot be opened, or whose header or first row cannot be used.
    pub fn thread(&self, streams: &Streams, entity: u32) -> Result<ThreadWorkload, WorkloadError> {
        let (kind, next, record, fill) = match &self.kind {
            PlanKind::Synthetic(plan) => {
                let (thread, first) = plan.start(streams, entity);
                (ThreadKind::Synthetic(Box::new(thread)), first, plan.model(), plan.fill())
            }
            PlanKind::Trace(trace) => {
                let mut reader = TraceReader::open(trace)?;
                let ahead = reader.next_record()?;
                let replay = Replay { reader, ahead, key: KeyText::default(), error: None };
                let first = replay.next_time();
                (ThreadKind::Trace(Box::new(replay)), first, Record::EMPTY, trace.fill)
            }
        };
        let payload_seed = streams.stream(Purpose::PayloadSeed, entity).next_u64();
        Ok(ThreadWorkload { next, taken: Time::START, offered: 0, record, kind, fill, payload_seed })
    }
}

impl ThreadWorkload {
    /// Intended time of the next record. [`Time::NEVER`] when there is none: at the end of a trace, behind a broken
    /// row (see [`ThreadWorkload::error`]), and in a closed loop until [`ThreadWorkload::completed`].
    #[inline]
    pub fn next_time(&self) -> Time {
        self.next
    }

    /// Takes the next record; `None` when [`ThreadWorkload::next_time`] is never. The record's tag is its intended
    /// time in ns.
    #[inline]
    pub fn take(&mut self) -> Option<&Record> {
        if self.next == Time::NEVER {
            return None;
        }
        self.offered += 1;
        self.taken = self.next;
        match &mut self.kind {
            ThreadKind::Synthetic(thread) => {
                self.record.tag = self.next.0;
                thread.draw(&mut self.record);
                self.next = thread.after(self.next);
            }
            ThreadKind::Trace(replay) => {
                self.record = replay.advance()?;
                self.next = replay.next_time();
            }
        }
        Some(&self.record)
    }

    /// The record that was taken last.
    #[inline]
    pub fn last(&self) -> &Record {
        &self.record
    }

    /// When the record that was taken last was due; its tag may count from another time.
    pub fn due(&self) -> Time {
        self.taken
    }

    /// Appends the bytes of the value of the record that was taken last: `value_len` of them, nothing of a null value.
    pub fn value_bytes(&self, out: &mut Vec<u8>) {
        match self.written_value() {
            Some(value) => out.extend_from_slice(value),
            None => {
                if let Some(VirtualValue { fill, seed, len }) = self.virtual_value() {
                    fill.write(seed, len, out);
                }
            }
        }
    }

    /// The value of the record that was taken last, if it is neither null nor made of a template or a file.
    pub fn virtual_value(&self) -> Option<VirtualValue> {
        if self.written_value().is_some() {
            return None;
        }
        let number = self.offered.checked_sub(1)?;
        let len = u32::try_from(self.record.value_len).ok()?;
        Some(VirtualValue { fill: self.fill, seed: mix(self.payload_seed, number), len })
    }

    /// The last value, if it is of a template or a file.
    fn written_value(&self) -> Option<&[u8]> {
        match &self.kind {
            ThreadKind::Synthetic(thread) if self.offered > 0 => thread.value(),
            _ => None,
        }
    }

    /// Appends the bytes of the key of the record that was taken last, nothing of a null key, and says how many they are.
    /// `None`: nobody knows them, for a trace may have only a key's hash.
    pub fn key_bytes(&self, out: &mut Vec<u8>) -> Option<usize> {
        let before = out.len();
        match &self.kind {
            _ if self.offered == 0 => {}
            ThreadKind::Synthetic(thread) => thread.write_key(out),
            ThreadKind::Trace(replay) => out.extend_from_slice(replay.key.bytes()?),
        }
        Some(out.len() - before)
    }

    /// The number of the key of the record that was taken last, if keys are numbered.
    pub fn key_number(&self) -> Option<u32> {
        match &self.kind {
            ThreadKind::Synthetic(thread) => thread.key_number(),
            ThreadKind::Trace(_) => None,
        }
    }

    /// The latency of the record that was taken last counts from `now`, not from when it was due.
    pub fn stamp(&mut self, now: Time) {
        self.record.tag = now.0;
    }

    /// The thread's last record completed at `now`. An open loop does not care.
    pub fn completed(&mut self, now: Time) {
        if let ThreadKind::Synthetic(thread) = &self.kind
            && let Some(next) = thread.after_completion(now)
        {
            self.next = next.max(self.taken + LEAST_TURN);
        }
    }

    /// Whether each record waits for the completion of the one before.
    pub fn is_closed_loop(&self) -> bool {
        match &self.kind {
            ThreadKind::Synthetic(thread) => thread.is_closed_loop(),
            ThreadKind::Trace(_) => false,
        }
    }

    /// Number of records taken.
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// Why a trace ended early. To be asked when the run is over: its result is worth nothing if there is an answer.
    pub fn error(&self) -> Option<&WorkloadError> {
        match &self.kind {
            ThreadKind::Synthetic(_) => None,
            ThreadKind::Trace(replay) => replay.error.as_ref(),
        }
    }

    /// Sentences about what a trace had that was not used as it stands: ignored columns, moved rows.
    pub fn notes(&self) -> Vec<String> {
        match &self.kind {
            ThreadKind::Synthetic(_) => Vec::new(),
            ThreadKind::Trace(replay) => replay.reader.notes(),
        }
    }
}

impl Replay {
    fn next_time(&self) -> Time {
        self.ahead.map_or(Time::NEVER, |record| Time(record.tag))
    }

    fn advance(&mut self) -> Option<Record> {
        self.reader.swap_key(&mut self.key);
        let read = self.reader.next_record().unwrap_or_else(|error| {
            self.error = Some(error);
            None
        });
        std::mem::replace(&mut self.ahead, read)
    }
}
