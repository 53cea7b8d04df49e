//! What Kafka's tool leaves out: time before the call of `send`, and records that were not acknowledged.

use super::decimal::fixed;
use super::run::Tested;
use crate::report::grouped;
use crate::world::result::RunResult;

/// The footnote, in lines of at most 80 columns. Without a schedule records are due when they are sent.
pub fn footnote(tested: &Tested, has_schedule: bool) -> String {
    let mut text = match has_schedule {
        true => format!(
            "From the time each record was due, not from the call of send:\n{}",
            latencies(&tested.from_due)
        ),
        false => "Unthrottled: no record is due at a time, so latency counts from send alone.\n".to_owned(),
    };
    let populations = tested.from_call.populations;
    let missing = populations.offered - populations.acked;
    if missing == 0 {
        text.push_str("All records were acknowledged.\n");
        return text;
    }
    let (missing, offered) = (grouped(missing), grouped(populations.offered));
    text.push_str(&format!(
        "{missing} of {offered} records were not acknowledged, and count nowhere above:\n"
    ));
    for (name, count) in &tested.from_call.errors {
        text.push_str(&format!("  {:>15} {name}\n", grouped(*count)));
    }
    text
}

fn latencies(result: &RunResult) -> String {
    let latency = &result.latency;
    if latency.is_empty() {
        return "  no record was acknowledged\n".to_owned();
    }
    let ms = |ns: f64| fixed(ns / 1e6, 2);
    let at = |quantile: f64| ms(latency.value_at_quantile(quantile) as f64);
    format!(
        "  {} ms avg, {} ms max,\n  {} ms 50th, {} ms 95th, {} ms 99th, {} ms 99.9th\n",
        ms(result.latency_sum_ns as f64 / latency.len() as f64),
        ms(latency.max() as f64),
        at(0.5),
        at(0.95),
        at(0.99),
        at(0.999),
    )
}
