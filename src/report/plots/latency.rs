//! Latency over time: the median, the 99th percentile, the slowest record of each bin.

use super::chart::{Axis, Chart, Sign, nothing};
use super::lines::{draw_line, pieces};
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::report::figures::{ms, quantile_ms};
use crate::report::numbers::number;

/// Names and permille.
const LINES: [(&str, u64); 3] = [("p50", 500), ("p99", 990), ("max", 1000)];

/// Draws it.
///
/// # Errors
/// What the drawing library says.
pub fn draw(shown: &Shown<'_>) -> Result<Picture, String> {
    let stretches = shown.stretches();
    let time = TimeAxis::new(shown.recording.result.ended_at);
    let values = LINES.map(|(_, permille)| -> Vec<Option<f64>> {
        stretches.iter().map(|stretch| stretch.bin.latency_ns(permille).map(ms)).collect()
    });
    let up = Scale::fitting(values.iter().flatten().flatten().copied());
    let lines = values.map(|values| {
        let points = stretches.iter().zip(values).map(|(stretch, value)| (stretch.middle(), value));
        pieces(points, time, |value| up.share(value))
    });
    let latency = &shown.recording.result.latency;
    let of = |quantile| number(quantile_ms(latency, quantile));
    let says = match latency.is_empty() {
        true => "No record was acknowledged.".to_owned(),
        false => {
            let max = number(ms(latency.max()));
            format!("Of the whole run: p50 {} ms, p99 {} ms, max {max} ms.", of(0.5), of(0.99))
        }
    };
    let chart = Chart {
        shown,
        file: "latency-over-time.svg",
        title: "Latency over time",
        says,
        height: 300,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: format!("latency in ms{}", up.kind()), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        legend: LINES
            .iter()
            .enumerate()
            .map(|(place, (name, _))| (Sign::Line(place), format!("{name} of acknowledged records")))
            .collect(),
    };
    chart.draw(|area, plot| {
        if latency.is_empty() {
            return nothing(area, plot, "no record was acknowledged");
        }
        // The median lies on top.
        lines.iter().enumerate().rev().try_for_each(|(place, line)| draw_line(area, plot, place, line))
    })
}
