//! Whether lessons are true of their runs.

use super::exit::Failure;
use crate::recording::{Limits, record};
use crate::report::lesson::tour;
use crate::scenario::load::Loaded;

/// A run with more happenings is too long to be a lesson.
const MOST_EVENTS: u64 = 1_000_000;

/// Runs every scenario that has a lesson, and computes what the lesson says.
///
/// # Errors
/// [`Failure::Input`] with everything that is not so, of all lessons.
pub fn hold<'a>(all: impl Iterator<Item = &'a Loaded>) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for Loaded { scenario, lesson, .. } in all.filter(|loaded| !loaded.lesson.steps.is_empty()) {
        let recording = record(scenario, Limits::most(MOST_EVENTS), &mut |_, _| true)?;
        wrong.extend(tour(lesson, scenario, &recording).err().map(|error| error.to_string()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Input(wrong.join("\n\n"))) }
}
