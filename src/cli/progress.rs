//! A progress line on stderr, only if stderr is a terminal and the run takes long enough to wonder.

#![expect(clippy::disallowed_methods, reason = "the bar on stderr moves with the wall clock")]

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::scenario::End;
use crate::values::time::Time;

/// Nothing is shown before this, so that short runs stay silent.
const DELAY: Duration = Duration::from_millis(500);
/// Time between two updates.
const EVERY: Duration = Duration::from_millis(200);
/// Calls between two looks at the clock.
const CALLS: u32 = 1 << 12;

/// The state of the progress line.
pub struct Progress {
    end: End,
    started: Instant,
    next: Instant,
    calls: u32,
    is_terminal: bool,
    is_shown: bool,
}

impl Progress {
    /// For a run that ends at `end`; silent if `quiet` or if stderr is no terminal.
    pub fn new(end: End, quiet: bool) -> Progress {
        let started = Instant::now();
        let is_terminal = !quiet && io::stderr().is_terminal();
        Progress { end, started, next: started + DELAY, calls: 0, is_terminal, is_shown: false }
    }

    /// Tells how far the run is: virtual time, and records so far.
    #[inline]
    pub fn tick(&mut self, now: Time, records: u64) {
        if !self.is_terminal {
            return;
        }
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(CALLS) && Instant::now() >= self.next {
            self.show(now, records);
        }
    }

    #[cold]
    fn show(&mut self, now: Time, records: u64) {
        let elapsed = self.started.elapsed().as_secs_f64();
        let line = line(&self.end, now, records, elapsed);
        let mut stderr = io::stderr().lock();
        // A progress line that cannot be written is not worth an error.
        let _ = write!(stderr, "\r\x1b[2K{line}").and_then(|()| stderr.flush());
        self.is_shown = true;
        self.next = Instant::now() + EVERY;
    }

    /// Removes the line.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// `[#####-----]  52%  5.2 s simulated, 1234567 records, 3 s left`.
fn line(end: &End, now: Time, records: u64, elapsed_s: f64) -> String {
    let by_time = end.at.map(|at| now.0 as f64 / at.0.max(1) as f64);
    let by_records = end.records.map(|limit| records as f64 / limit.max(1) as f64);
    let mut text = String::new();
    let share = by_time
        .into_iter()
        .chain(by_records)
        .fold(None, |most: Option<f64>, share| Some(most.map_or(share, |most| most.max(share))));
    // Writing to a String cannot fail.
    if let Some(share) = share.map(|share| share.clamp(0.0, 1.0)) {
        let filled = (share * 20.0) as usize;
        let _ = write!(text, "[{}{}] {:3.0}%  ", "#".repeat(filled), "-".repeat(20 - filled), share * 100.0);
    }
    let _ = write!(text, "{:.1} s simulated, {records} records", now.0 as f64 / 1e9);
    if let Some(share) = share.filter(|&share| share > 0.01) {
        let _ = write!(text, ", {:.0} s left", (elapsed_s / share - elapsed_s).max(0.0));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_the_share_and_the_time_left() {
        let end = End { at: Some(Time::from_millis(10_000)), records: None, close_timeout: None };
        assert_eq!(
            line(&end, Time::from_millis(5_000), 1_234, 3.0),
            "[##########----------]  50%  5.0 s simulated, 1234 records, 3 s left"
        );
    }

    #[test]
    fn a_run_without_a_known_end_has_no_bar() {
        let end = End { at: None, records: None, close_timeout: None };
        assert_eq!(line(&end, Time::from_millis(1_500), 7, 3.0), "1.5 s simulated, 7 records");
    }
}
