//! The trace of a case while a replay goes along it.

use serde::Deserialize;
use serde_json::Value;

use super::case::{Case, TraceLine};
use super::compare::{Difference, Slack, difference};
use super::event::Event;
use super::script::Script;
use crate::producer::Draws;
use crate::values::time::Time;

/// This many events before a difference are kept.
const CONTEXT: usize = 5;

/// What the first line of a trace tells the replay: what the real client drew.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    format: u32,
    partitioner_random: Vec<Vec<i32>>,
    #[serde(default)]
    sender_random: Vec<i64>,
}

impl Header {
    /// Reads and checks the header of a case.
    ///
    /// # Errors
    /// A sentence with file and line.
    pub(super) fn parse(case: &Case, script: &Script) -> Result<Header, String> {
        let problem = |text: String| case.in_trace(case.header.number, &text);
        let header = Header::deserialize(&case.header.value).map_err(|error| problem(error.to_string()))?;
        if header.format != 1 {
            return Err(problem(format!("`format` is {}; format 1 is understood", header.format)));
        }
        let (draws, threads) = (header.partitioner_random.len(), script.threads.len());
        if draws != threads {
            return Err(problem(format!("draws of {draws} threads for a script with {threads}")));
        }
        Ok(header)
    }

    /// The draws of each application thread.
    pub(super) fn thread_draws(&self) -> Vec<Draws> {
        let lists = self.partitioner_random.iter();
        lists.map(|list| Draws::recorded(list.iter().map(|&draw| u64::from(draw as u32)).collect())).collect()
    }

    /// The draws of the sender thread.
    pub(super) fn sender_draws(&self) -> Draws {
        Draws::recorded(self.sender_random.iter().map(|&draw| draw as u64).collect())
    }
}

/// The first event of a replay that is not that of the trace.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Divergence {
    /// Line of the trace's event, or of its last one if the replay went on.
    pub(super) line: usize,
    /// What both agree on just before.
    pub(super) before: Vec<Value>,
    /// The trace's event, if it has one more.
    pub(super) expected: Option<Value>,
    /// The replay's event, if it has one more.
    pub(super) actual: Option<Value>,
    /// Where the two differ, if both are there.
    pub(super) difference: Option<Difference>,
}

/// Compares the events of a replay with those of a trace, one by one.
#[derive(Debug)]
pub(super) struct Trace<'c> {
    expected: &'c [TraceLine],
    slack: Slack,
    next: usize,
    /// The newest event: more may still join its line.
    open: Option<(Time, Event)>,
    divergence: Option<Divergence>,
}

impl<'c> Trace<'c> {
    /// Starts at the first event.
    pub(super) fn new(expected: &'c [TraceLine], slack: Slack) -> Trace<'c> {
        Trace { expected, slack, next: 0, open: None, divergence: None }
    }

    /// The replay did this.
    pub(super) fn event(&mut self, now: Time, event: Event) {
        if let Some((at, open)) = &mut self.open
            && *at == now
            && open.absorb(&event)
        {
            return;
        }
        self.compare_open();
        self.open = Some((now, event));
    }

    /// Whether a difference has been found. What comes after it means nothing.
    pub(super) fn has_diverged(&self) -> bool {
        self.divergence.is_some()
    }

    /// The replay is over.
    pub(super) fn finish(mut self) -> Option<Divergence> {
        self.compare_open();
        if self.next < self.expected.len() {
            self.compare(None);
        }
        self.divergence
    }

    fn compare_open(&mut self) {
        if let Some((at, event)) = self.open.take() {
            self.compare(Some(event.line(at)));
        }
    }

    fn compare(&mut self, actual: Option<Value>) {
        if self.divergence.is_some() {
            return;
        }
        let line = self.expected.get(self.next);
        let expected = line.map(|line| &line.value);
        let difference = match (expected, &actual) {
            (Some(expected), Some(actual)) => match difference(expected, actual, self.slack) {
                None => {
                    self.next += 1;
                    return;
                }
                different => different,
            },
            _ => None,
        };
        let before = &self.expected[self.next.saturating_sub(CONTEXT)..self.next];
        self.divergence = Some(Divergence {
            line: line.or(self.expected.last()).map_or(0, |line| line.number),
            before: before.iter().map(|line| line.value.clone()).collect(),
            expected: expected.cloned(),
            actual,
            difference,
        });
    }
}
