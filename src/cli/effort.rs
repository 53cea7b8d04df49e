//! How long a simulation took: wall clock and processor time of this process.

#![expect(clippy::disallowed_methods, reason = "wall time goes to stderr, never into a result")]

use std::fs;
use std::time::Instant;

use super::output;
use crate::report::bench::Effort;
use crate::report::grouped;

/// Linux counts processor time in hundredths of a second in `/proc/self/stat`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A started stopwatch.
pub struct Stopwatch {
    started: Instant,
    cpu_s: Option<f64>,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Stopwatch {
        Stopwatch { started: Instant::now(), cpu_s: cpu_seconds() }
    }

    /// Time since the start. Where the system does not tell processor time, it is taken for the wall clock's.
    pub fn stop(&self) -> Effort {
        let wall_s = self.started.elapsed().as_secs_f64();
        let cpu_s = match (self.cpu_s, cpu_seconds()) {
            (Some(before), Some(after)) if after > before => after - before,
            _ => wall_s,
        };
        Effort { wall_s, cpu_s }
    }
}

/// Tells how many runs there were, and how many a second.
pub fn tell_runs(stopwatch: &Stopwatch, runs: u64) {
    let wall_s = stopwatch.stop().wall_s;
    let rate = grouped((runs as f64 / wall_s.max(1e-9)) as u64);
    output::tell(&format!("{} runs, {wall_s:.3} s wall clock, {rate} runs/s", grouped(runs)));
}

/// Tells how many points of a sweep there were, and how many a second.
pub fn tell_points(stopwatch: &Stopwatch, points: u64, runs: u64) {
    let wall_s = stopwatch.stop().wall_s;
    let rate = grouped((points as f64 / wall_s.max(1e-9)) as u64);
    let (points, runs) = (grouped(points), grouped(runs));
    output::tell(&format!("{points} points, {runs} runs, {wall_s:.3} s wall clock, {rate} points/s"));
}

/// Processor seconds of this process so far, user and system. `schedstat` counts nanoseconds, `stat` only ticks.
fn cpu_seconds() -> Option<f64> {
    let nanoseconds =
        || fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse::<u64>().ok();
    if let Some(nanoseconds) = nanoseconds().filter(|&nanoseconds| nanoseconds > 0) {
        return Some(nanoseconds as f64 / 1e9);
    }
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may contain blanks.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
