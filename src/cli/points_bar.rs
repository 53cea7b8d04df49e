//! A line on stderr that says how many points of a sweep are done, and how long the others may take.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

use super::effort::Stopwatch;

/// The line on stderr that says how far the sweep is, if that is a terminal.
pub struct Bar {
    state: Option<Mutex<State>>,
    before: u64,
}

struct State {
    stopwatch: Stopwatch,
    told: f64,
}

impl Bar {
    /// Seconds between two updates.
    const EVERY_S: f64 = 0.2;

    /// `before`: points that were there already; silent if `quiet` or if stderr is no terminal.
    pub fn new(quiet: bool, before: u64) -> Bar {
        let is_shown = !quiet && io::stderr().is_terminal();
        let state = is_shown.then(|| Mutex::new(State { stopwatch: Stopwatch::start(), told: 0.0 }));
        Bar { state, before }
    }

    /// So many points of all are done.
    pub fn tell(&self, done: u64, all: u64) {
        let Some(Ok(mut state)) = self.state.as_ref().map(Mutex::lock) else { return };
        let elapsed = state.stopwatch.stop().wall_s;
        if elapsed - state.told < Self::EVERY_S {
            return;
        }
        state.told = elapsed;
        let left = elapsed / done as f64 * (all - done) as f64;
        let (done, all) = (done + self.before, all + self.before);
        // A progress line that cannot be written is not worth an error.
        let _ = write!(io::stderr().lock(), "\r\x1b[2K{done} of {all} points, {left:.0} s left");
    }

    /// Removes the line.
    pub fn clear(&self) {
        if self.state.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }
}
