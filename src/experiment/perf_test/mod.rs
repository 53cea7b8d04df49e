//! What `kafka-producer-perf-test` would print, and what it leaves out.

mod java;
mod metrics;
mod stats;

pub use self::metrics::table;

use hdrhistogram::Histogram;

use self::stats::Stats;
use crate::scenario::{LatencyFrom, Scenario};
use crate::values::time::{Span, Time};
use crate::world::observe::Asked;
use crate::world::result::RunResult;
use crate::world::{WorldError, run_observed};

/// The throttler of perf-test adds up the sleeps between records until they are worth a sleep of this length.
const LEAST_SLEEP_NS: u64 = 2_000_000;
/// How long a call of `send` takes where nothing throttles: what a client can offer at most.
pub const SEND_COST: Span = Span::from_micros(1);

/// What a test asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerfTest {
    /// Records to send.
    pub records: u64,
    /// The first so many warm up.
    pub warmup: u64,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct PerfResult {
    /// The lines on stdout.
    pub lines: String,
    /// The run as the tool sees it.
    pub result: RunResult,
    /// The same run with latencies from the time at which each record was due.
    pub honest: RunResult,
}

/// How late the application's thread wakes up at this rate, so that it sends in bursts as perf-test's throttler makes it:
/// records of at least 2 ms of sleep together.
pub fn burst_delay(rate_per_s: f64) -> Span {
    let gap_ns = 1e9 / rate_per_s;
    if !(gap_ns > 0.0 && gap_ns < LEAST_SLEEP_NS as f64) {
        return Span::ZERO;
    }
    let records = (LEAST_SLEEP_NS as f64 / gap_ns).ceil();
    Span(((records - 1.0) * gap_ns) as u64)
}

/// Runs a test. The scenario's workload is that of the test.
///
/// # Errors
/// See [`WorldError`].
pub fn run(scenario: &Scenario, test: PerfTest) -> Result<PerfResult, WorldError> {
    let seen = Scenario { latency_from: LatencyFrom::Call, ..scenario.clone() };
    let steady_since = if test.warmup > 0 { Some(call_of(&seen, test.warmup)?) } else { None };
    let version = scenario.producers[0].config.version;
    let mut stats = Stats::new(test.records, 0, false);
    let mut steady: Option<Stats> = None;
    let mut lines = String::new();
    if test.warmup > 0 {
        lines.push_str(&format!(
            "Warmup first {} records. Steady state results will print after the complete test summary.\n",
            test.warmup
        ));
    }
    let asked = Asked { acks: true, ..Asked::default() };
    let observed = run_observed(&seen, &asked, &mut |glance| {
        for ack in glance.acks {
            let (at_ms, since_ms) = (ms(ack.at), ms(ack.since));
            let latency_ms = (at_ms - since_ms.min(at_ms)) as u32;
            let bytes = u64::from(ack.value_bytes);
            if steady.is_none() && steady_since.is_some_and(|since| ack.since >= since) {
                // The tool begins its second count with the call of `send`, from the main thread.
                let start_ms = steady_since.map_or(0, ms);
                steady = Some(Stats::new(test.records - test.warmup, start_ms, true));
                stats.be_silent();
            }
            lines.extend(stats.record(latency_ms, bytes, at_ms));
            if let Some(steady) =
                steady.as_mut().filter(|_| steady_since.is_some_and(|since| ack.since >= since))
            {
                lines.extend(steady.record(latency_ms, bytes, at_ms));
            }
        }
        true
    })?;
    let end_ms = ms(observed.result.ended_at);
    lines.push_str(&stats.total_line(end_ms, version));
    if let Some(mut steady) = steady {
        lines.push_str(&steady.total_line(end_ms, version));
    }
    let due = Scenario { latency_from: LatencyFrom::Intended, ..scenario.clone() };
    let honest = crate::world::run(&due, &mut |_, _| ())?;
    Ok(PerfResult { lines, result: observed.result, honest })
}

fn ms(time: Time) -> u64 {
    time.0 / 1_000_000
}

/// When `send` is called for record number `record`, from 0, among those that are acknowledged.
fn call_of(scenario: &Scenario, record: u64) -> Result<Time, WorldError> {
    let mut calls: Vec<Time> = Vec::new();
    run_observed(scenario, &Asked { acks: true, ..Asked::default() }, &mut |glance| {
        calls.extend(glance.acks.iter().map(|ack| ack.since));
        true
    })?;
    calls.sort_unstable();
    Ok(calls.get(record as usize).copied().unwrap_or(Time::NEVER))
}

/// What the tool does not say: latencies from when records were due, and records without an acknowledgement. `is_throttled`:
/// there is a rate that records were due by.
pub fn footnote(perf: &PerfResult, is_throttled: bool) -> String {
    let mut text = String::from("What these lines leave out:\n");
    if is_throttled {
        text.push_str(&format!("  from the call of send   {}\n", spectrum(&perf.result.latency)));
        text.push_str(&format!("  from when it was due    {}\n", spectrum(&perf.honest.latency)));
        text.push_str(
            "  What cannot be sent in time is sent late, and the tool does not count the wait\n  (coordinated omission). \
             Fractions of milliseconds are cut off.\n",
        );
    } else {
        text.push_str(&format!("  from the call of send   {}\n", spectrum(&perf.result.latency)));
        text.push_str(
            "  Without --throughput no record is ever due: latency says how long the queue is\n  that buffer.memory allows, \
             not how fast the cluster is.\n",
        );
    }
    let populations = &perf.result.populations;
    let missing = populations.offered - populations.acked;
    if missing > 0 {
        text.push_str(&format!(
            "  {missing} of {} records were not acknowledged ({} failed, {} unknown, {} refused, {}\n  pending); they count \
             nowhere above.\n",
            populations.offered, populations.failed, populations.unknown, populations.refused, populations.pending
        ));
    }
    text
}

/// Latencies in ms with three decimals.
fn spectrum(latency: &Histogram<u64>) -> String {
    if latency.is_empty() {
        return "no record".to_owned();
    }
    let at = |quantile: f64| latency.value_at_quantile(quantile).min(latency.max()) as f64 / 1e6;
    format!(
        "p50 {:.2}  p99 {:.2}  p99.9 {:.2}  max {:.2} ms",
        at(0.5),
        at(0.99),
        at(0.999),
        latency.max() as f64 / 1e6
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_are_as_long_as_the_throttler_sleeps() {
        // Five records of 488 us are the first that make 2 ms.
        assert_eq!(burst_delay(2_048.0), Span(4 * 1_000_000_000 / 2_048));
        assert_eq!(burst_delay(100.0), Span::ZERO);
        assert_eq!(burst_delay(1e6), Span(1_999_000));
    }
}
