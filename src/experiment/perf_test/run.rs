//! The test itself: two runs of the same scenario at once. Their records complete in the same order; of each, one run
//! tells when it was handed to `send`, and the other when it was due, which is its number.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::stats::{Completed, Sampling, Stats};
use crate::protocol::size;
use crate::scenario::{LatencyFrom, Scenario};
use crate::values::time::Time;
use crate::world::observe::{Ack, Asked, Glance, Observed};
use crate::world::result::RunResult;
use crate::world::{WorldError, run_observed};

/// Lists of records that one run may be ahead of the other.
const AHEAD: usize = 64;

/// What is tested, beside the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Records to send, at least 1.
    pub records: u64,
    /// The first ones, which do not count for the steady state; fewer than `records`, 0: there is none.
    pub warmup: u64,
    /// The rate of the scenario's only thread, in records per 1000 s.
    pub per_1000_s: u64,
    /// From one line to the next, in ms.
    pub reporting_interval_ms: u64,
    /// Which latencies count for percentiles.
    pub sampling: Sampling,
}

/// What a test came to.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The lines about all records.
    pub totals: String,
    /// The run, with latencies from the call of `send`.
    pub from_call: RunResult,
    /// The same run, with latencies from when records were due.
    pub from_due: RunResult,
}

/// Runs a scenario whose only thread sends null keys at a constant rate. `print` gets the lines of windows as they come,
/// and says whether the run goes on; `None` if it did not.
///
/// # Errors
/// See [`WorldError`].
pub fn run(
    scenario: &Scenario,
    test: &Test,
    print: &mut dyn FnMut(&str) -> bool,
) -> Result<Option<Tested>, WorldError> {
    let due = Scenario { latency_from: LatencyFrom::Intended, ..scenario.clone() };
    let call = Scenario { latency_from: LatencyFrom::Call, ..scenario.clone() };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        let from_due = scope.spawn(move || tell_due_times(&due, &sender));
        let mut told = Told::new(test, receiver);
        let asked =
            Asked { acks: true, call_of: (test.warmup > 0).then_some(test.warmup), ..Asked::default() };
        let mut has_reader = true;
        let from_call = run_observed(&call, &asked, &mut |glance| {
            let lines = told.hear(&glance);
            has_reader = lines.is_empty() || print(&lines);
            has_reader && !told.is_short
        });
        let (stats, steady, is_short) = (told.stats, told.steady, told.is_short);
        // The other run need not go on if this one did not.
        drop(told.due);
        let Ok(from_due) = from_due.join() else {
            return Err(WorldError::Invariant("the second run of the same scenario panicked".to_owned()));
        };
        let (from_call, from_due) = (from_call?.result, from_due?.result);
        if !has_reader {
            return Ok(None);
        }
        // Digests may differ: they have the times from which latency would have counted of records that fail.
        let ends = |result: &RunResult| (result.populations, result.ended_at, result.batch_bytes);
        if is_short || ends(&from_call) != ends(&from_due) {
            return Err(WorldError::Invariant("two runs of the same scenario differ".to_owned()));
        }
        let end_ms = from_call.ended_at.as_millis() as u64;
        let totals = stats.total(end_ms) + &steady.map_or(String::new(), |steady| steady.total(end_ms));
        Ok(Some(Tested { totals, from_call, from_due }))
    })
}

/// When records that complete were due, in the order of their completion.
fn tell_due_times(scenario: &Scenario, sender: &SyncSender<Vec<Time>>) -> Result<Observed, WorldError> {
    let asked = Asked { acks: true, ..Asked::default() };
    let mut has_listener = true;
    run_observed(scenario, &asked, &mut |glance| {
        if has_listener && !glance.acks.is_empty() {
            has_listener = sender.send(glance.acks.iter().map(|ack| ack.since).collect()).is_ok();
        }
        has_listener
    })
}

/// What has been heard so far.
struct Told<'a> {
    test: &'a Test,
    stats: Stats,
    steady: Option<Stats>,
    due: Receiver<Vec<Time>>,
    /// Due times of records that will complete next, the last one first.
    next_due: Vec<Time>,
    /// The other run has completed fewer records.
    is_short: bool,
}

impl Told<'_> {
    fn new(test: &Test, due: Receiver<Vec<Time>>) -> Told<'_> {
        let stats = Stats::new(test.records, test.reporting_interval_ms, test.sampling);
        Told { test, stats, steady: None, due, next_due: Vec::new(), is_short: false }
    }

    /// Counts what has completed; the lines that come of it.
    fn hear(&mut self, glance: &Glance<'_>) -> String {
        let mut lines = String::new();
        for ack in glance.acks {
            let Some(due) = self.next_due() else { break };
            let record = completed(ack, due, self.test.per_1000_s);
            let line = self.stats.record(record);
            // As soon as the steady state begins, only its own windows are told.
            if glance.called.is_none_or(|called| ack.at <= called) {
                lines.extend(line);
            }
            if let Some(called) = glance.called
                && record.number >= self.test.warmup
            {
                let steady = self.steady.get_or_insert_with(|| steady_state(self.test, called));
                lines.extend(steady.record(record));
            }
        }
        lines
    }

    fn next_due(&mut self) -> Option<Time> {
        if self.next_due.is_empty() {
            match self.due.recv() {
                Ok(times) => self.next_due.extend(times.into_iter().rev()),
                Err(_) => self.is_short = true,
            }
        }
        self.next_due.pop()
    }
}

fn steady_state(test: &Test, called: Time) -> Stats {
    let stats = Stats::new(test.records - test.warmup, test.reporting_interval_ms, test.sampling);
    stats.steady(test.warmup, called.as_millis() as u64)
}

fn completed(ack: &Ack, due: Time, per_1000_s: u64) -> Completed {
    Completed {
        number: number(due, per_1000_s),
        called_ms: ack.since.as_millis() as u64,
        at_ms: ack.at.as_millis() as u64,
        bytes: value_bytes(ack.fixed_bytes),
    }
}

/// Which record is due at a time: record k at `k * 10^12 / rate` ns, rounded down.
fn number(due: Time, per_1000_s: u64) -> u64 {
    (u128::from(due.0) * u128::from(per_1000_s)).div_ceil(1_000_000_000_000) as u64
}

/// Bytes of the value of a record without key and headers.
fn value_bytes(fixed_bytes: u32) -> u64 {
    // Attributes, length of the key, number of headers; then the value with its length.
    let value = i64::from(fixed_bytes) - 3;
    let bytes =
        (1..=5).map(|length| value - length).find(|&bytes| bytes + i64::from(size::varint(bytes)) == value);
    bytes.unwrap_or(0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::record::Record;

    #[test]
    fn a_due_time_is_the_number_of_a_record() {
        for per_1000_s in [1, 7_000, 3_333_333, 1_000_000_000, 999_999_999_999, 1_000_000_000_000] {
            for k in [0, 1, 2, 3, 1_000, 999_999] {
                let due = Time((u128::from(k) * 1_000_000_000_000 / u128::from(per_1000_s)) as u64);
                assert_eq!(number(due, per_1000_s), k, "{per_1000_s}");
            }
        }
    }

    #[test]
    fn the_size_of_a_value_is_found_again() {
        for value_len in [0, 1, 63, 64, 100, 8_191, 8_192, 1 << 20, i32::MAX - 20] {
            let record = Record { value_len, ..Record::EMPTY };
            assert_eq!(value_bytes(record.fixed_bytes() as u32), value_len as u64);
        }
    }
}
