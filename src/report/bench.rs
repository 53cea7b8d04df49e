//! One line of JSON for races against other programs, the only report with wall-clock figures in it.

use serde_json::json;

use super::figures::{mean_latency_ms, ms, quantile_ms, ratio};
use crate::world::result::RunResult;

/// What the race measured outside the simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Wall-clock seconds of the simulation alone.
    pub wall_s: f64,
    /// Processor seconds of the same.
    pub cpu_s: f64,
}

/// The line, with a newline at the end.
pub fn line(result: &RunResult, effort: Effort) -> String {
    let Effort { wall_s, cpu_s } = effort;
    let records = result.populations.offered;
    let line = json!({
        "records": records,
        "sim_s": result.ended_at.0 as f64 / 1e9,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "records_per_s": records as f64 / wall_s.max(1e-9),
        "batches": result.batches,
        "requests": result.requests,
        "mean_batch_records": ratio(result.batch_records, result.batches),
        "mean_request_batches": ratio(result.batches, result.requests),
        "lat_mean_ms": mean_latency_ms(result),
        "lat_p50_ms": quantile_ms(&result.latency, 0.5),
        "lat_p99_ms": quantile_ms(&result.latency, 0.99),
        "lat_p999_ms": quantile_ms(&result.latency, 0.999),
        "blocked_s": ms(result.blocked_ns) / 1e3,
    });
    format!("{line}\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_line_has_what_the_race_reads() {
        let text = line(&sample::result(), Effort { wall_s: 0.5, cpu_s: 0.25 });
        insta::assert_snapshot!(text);
        assert_eq!(text.lines().count(), 1);
    }
}
