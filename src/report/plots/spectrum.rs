//! The latency of each percentile: the further right, the fewer records are slower.

use super::chart::{Axis, Chart, nothing};
use super::look::colour;
use super::scale::Scale;
use super::{Picture, Shown};
use crate::report::drawing::line;
use crate::report::figures::{grouped, ms, quantile_ms};
use crate::report::numbers::number;

/// Percentiles that are written, each with the number of records of which one is slower.
const TICKS: [(&str, f64); 9] = [
    ("0 %", 1.0),
    ("50 %", 2.0),
    ("90 %", 10.0),
    ("99 %", 100.0),
    ("99.9 %", 1e3),
    ("99.99 %", 1e4),
    ("99.999 %", 1e5),
    ("99.9999 %", 1e6),
    ("99.99999 %", 1e7),
];

/// Draws it.
///
/// # Errors
/// What the drawing library says.
pub fn draw(shown: &Shown<'_>) -> Result<Picture, String> {
    let buckets = &shown.recording.totals.latencies;
    let count: u64 = buckets.values().map(|bucket| bucket.count).sum();
    // The slowest record is at the right edge, where no record is slower.
    let most = (count.max(2) as f64).max(10.0);
    let across = |one_of: f64| libm::log10(one_of) / libm::log10(most);
    let up = Scale::fitting(buckets.keys().map(|ns| ms(*ns)));
    let mut points = Vec::new();
    let mut seen = 0;
    for (ns, bucket) in buckets {
        let height = up.share(ms(*ns));
        points.push((across(count as f64 / (count - seen) as f64), height));
        seen += bucket.count;
        points.push((across(count as f64 / (count - seen).max(1) as f64), height));
    }
    let latency = &shown.recording.result.latency;
    let says = format!(
        "{} acknowledged records: p90 {} ms, p99 {} ms, p99.9 {} ms, max {} ms.",
        grouped(count),
        number(quantile_ms(latency, 0.9)),
        number(quantile_ms(latency, 0.99)),
        number(quantile_ms(latency, 0.999)),
        number(ms(latency.max())),
    );
    let ticks = TICKS.iter().filter(|(_, one_of)| *one_of <= most);
    let chart = Chart {
        shown,
        file: "latency-percentiles.svg",
        title: "Latency by percentile",
        says,
        height: 300,
        more_left: 0,
        across: Axis {
            name: "share of the records that are not slower, logarithmic in 1 / (1 − share)".to_owned(),
            ticks: ticks.map(|(name, one_of)| (across(*one_of), String::from(*name))).collect(),
        },
        up: Axis { name: format!("latency in ms{}", up.kind()), ticks: up.ticks() },
        has_names: false,
        is_over_time: false,
        legend: Vec::new(),
    };
    chart.draw(|area, plot| {
        if count == 0 {
            return nothing(area, plot, "no record was acknowledged");
        }
        let points = points.iter().map(|(x, y)| (plot.x(*x), plot.y(*y)));
        line(area, points.collect(), colour(0), 2)
    })
}
