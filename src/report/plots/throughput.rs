//! Records a second: into batches, acknowledged, failed.

use super::chart::{Axis, Chart, Sign};
use super::lines::{draw_line, pieces};
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::recording::series::Bin;
use crate::report::figures::grouped;
use crate::report::numbers::number;

type Get = fn(&Bin) -> u64;

const LINES: [(&str, Get); 3] = [
    ("acknowledged", |bin| bin.acked),
    ("sent by the application", |bin| bin.appended),
    ("failed or refused", |bin| bin.failed),
];

/// The place of the last one.
const FAILED: usize = 2;

/// Draws it.
///
/// # Errors
/// What the drawing library says.
pub fn draw(shown: &Shown<'_>) -> Result<Picture, String> {
    let stretches = shown.stretches();
    let result = &shown.recording.result;
    let time = TimeAxis::new(result.ended_at);
    let values = LINES.map(|(_, get)| -> Vec<f64> {
        stretches.iter().map(|stretch| get(stretch.bin) as f64 / stretch.seconds()).collect()
    });
    let up = Scale::fitting(values.iter().flatten().copied());
    // That nothing fails is shown by nothing.
    let is_shown = |place: usize, value: f64| value > 0.0 || (place != FAILED && !up.is_logarithmic());
    let shown_value = |place, value| is_shown(place, value).then_some(value);
    // A line of nothing but zeros is only named if something failed at all.
    let is_there = |place: &usize| values[*place].iter().any(|value| *value > 0.0);
    let there: Vec<usize> = (0..LINES.len()).filter(|place| *place != FAILED || is_there(place)).collect();
    let lines: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(place, values)| {
            let points = stretches
                .iter()
                .zip(values)
                .map(|(stretch, value)| (stretch.middle(), shown_value(place, *value)));
            pieces(points, time, |value| up.share(value))
        })
        .collect();
    let bytes: u64 = stretches.iter().map(|stretch| stretch.bin.acked_bytes).sum();
    let seconds = (result.ended_at.0.max(1)) as f64 / 1e9;
    let says = format!(
        "{} of {} records were acknowledged: {} a second, {:.1} kB a second of keys and values.",
        grouped(result.populations.acked),
        grouped(result.populations.offered),
        number((result.populations.acked as f64 / seconds).round()),
        bytes as f64 / seconds / 1e3,
    );
    let chart = Chart {
        shown,
        file: "throughput-over-time.svg",
        title: "Throughput over time",
        says,
        height: 280,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: format!("records a second{}", up.kind()), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        legend: there.iter().map(|place| (Sign::Line(*place), LINES[*place].0.to_owned())).collect(),
    };
    chart.draw(|area, plot| {
        there.iter().rev().try_for_each(|place| draw_line(area, plot, *place, &lines[*place]))
    })
}
