//! A recorded run as pictures: SVG, the same bytes for the same run, readable on white and on dark pages.

mod batches;
mod chart;
mod in_sync;
mod latency;
mod lines;
mod look;
mod memory;
mod partitions;
mod reasons;
mod scale;
mod spectrum;
mod throughput;

use super::fault_spans::{FaultSpan, fault_spans};
use crate::recording::Recording;
use crate::recording::series::Bin;
use crate::scenario::Scenario;
use crate::values::time::{Span, Time};

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its file.
    pub file: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What can be seen in it, in a line.
    pub says: String,
    /// The picture itself.
    pub svg: String,
}

/// The name of the file that lists the pictures.
pub const INDEX: &str = "README.md";

/// A run that is shown.
#[derive(Debug)]
pub struct Shown<'a> {
    scenario: &'a Scenario,
    recording: &'a Recording,
    faults: Vec<FaultSpan>,
}

/// What happened in a time of the run.
#[derive(Clone, Copy, Debug)]
struct Stretch<'a> {
    from: Time,
    until: Time,
    bin: &'a Bin,
}

impl Shown<'_> {
    /// The bins of the run with their times. The last one ends with the run; if it is short, it would be all noise, and
    /// is left out.
    fn stretches(&self) -> Vec<Stretch<'_>> {
        let series = &self.recording.totals.series;
        let end = self.recording.result.ended_at;
        let of = |(place, bin)| {
            let from = series.start(place);
            Stretch { from, until: (from + series.width()).min(end).max(from), bin }
        };
        let mut stretches: Vec<Stretch<'_>> = series.bins().iter().enumerate().map(of).collect();
        let is_short = |last: &Stretch<'_>| (last.until - last.from).0 < series.width().0 / 4;
        if stretches.len() > 1 && stretches.last().is_some_and(is_short) {
            stretches.pop();
        }
        stretches
    }
}

impl Stretch<'_> {
    fn middle(&self) -> Time {
        self.from + Span((self.until - self.from).0 / 2)
    }

    fn seconds(&self) -> f64 {
        (self.until - self.from).0.max(1) as f64 / 1e9
    }
}

/// All pictures of a run.
///
/// # Errors
/// What the drawing library says; writing into memory does not fail.
pub fn pictures(scenario: &Scenario, recording: &Recording) -> Result<Vec<Picture>, String> {
    let shown = Shown { scenario, recording, faults: fault_spans(scenario, &recording.result) };
    [
        latency::draw,
        spectrum::draw,
        throughput::draw,
        batches::over_time,
        batches::distribution,
        reasons::draw,
        partitions::load,
        partitions::heat_map,
        in_sync::draw,
        memory::buffer,
        memory::in_flight,
    ]
    .into_iter()
    .map(|draw| draw(&shown))
    .collect()
}

/// The list of the pictures, a line each.
pub fn index(scenario: &Scenario, recording: &Recording, pictures: &[Picture]) -> String {
    let mut text = format!(
        "# {}\n\n`{}`, seed {}, digest `{:016x}`. How to read them: docs/plots.md of lingersim.\n\n",
        scenario.title, scenario.name, scenario.seed, recording.result.digest
    );
    for Picture { file, title, says, .. } in pictures {
        text.push_str(&format!("- [{title}]({file}): {says}\n"));
    }
    text
}
