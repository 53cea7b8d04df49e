//! How full batches are when they leave.

use super::chart::{Axis, Chart, nothing};
use super::lines::{draw_line, pieces};
use super::look::colour;
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::recording::totals::FILL_STEPS;
use crate::report::drawing::filled;
use crate::report::figures::{grouped, percent};

/// The mean over time.
///
/// # Errors
/// What the drawing library says.
pub fn over_time(shown: &Shown<'_>) -> Result<Picture, String> {
    let stretches = shown.stretches();
    let time = TimeAxis::new(shown.recording.result.ended_at);
    let mean = |fill: u64, batches: u64| (batches > 0).then(|| fill as f64 / batches as f64 / 10.0);
    let points = stretches
        .iter()
        .map(|stretch| (stretch.middle(), mean(stretch.bin.fill_permille, stretch.bin.batches())));
    let up = Scale::linear(points.clone().filter_map(|(_, mean)| mean));
    let line = pieces(points, time, |value| up.share(value));
    let chart = Chart {
        shown,
        file: "batch-fill-over-time.svg",
        title: "How full batches are, over time",
        says: fill_in_words(shown),
        height: 240,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: "mean fill in % of batch.size".to_owned(), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        legend: Vec::new(),
    };
    chart.draw(|area, plot| match line.is_empty() {
        true => nothing(area, plot, "no batch left"),
        false => draw_line(area, plot, 0, &line),
    })
}

fn fill_in_words(shown: &Shown<'_>) -> String {
    let left = shown.recording.totals.left.values();
    let (mut batches, mut fill, mut records) = (0, 0, 0);
    for left in left {
        batches += left.batches;
        fill += left.fill_permille;
        records += left.records;
    }
    if batches == 0 {
        return "No batch left.".to_owned();
    }
    let mean = fill as f64 / batches as f64 / 10.0;
    let each = records as f64 / batches as f64;
    format!("{} batches left, {mean:.1} % full and with {each:.2} records on average.", grouped(batches))
}

/// How many batches were how full.
///
/// # Errors
/// What the drawing library says.
pub fn distribution(shown: &Shown<'_>) -> Result<Picture, String> {
    let fills = &shown.recording.totals.fills;
    let all: u64 = fills.iter().sum();
    let share = |count: u64| count as f64 * 100.0 / all.max(1) as f64;
    let up = Scale::linear(fills.iter().map(|count| share(*count)));
    let full = fills[FILL_STEPS - 1];
    let says = match all {
        0 => "No batch left.".to_owned(),
        _ => format!(
            "{} of {} batches were at least 95 % full; {} at most 5 %.",
            percent(full, all),
            grouped(all),
            percent(fills[0], all)
        ),
    };
    let ticks = (0..=10).map(|ten| (f64::from(ten) / 10.0, (ten * 10).to_string()));
    let chart = Chart {
        shown,
        file: "batch-fill-distribution.svg",
        title: "How full batches are",
        says,
        height: 240,
        more_left: 0,
        across: Axis { name: "fill in % of batch.size, in steps of 5".to_owned(), ticks: ticks.collect() },
        up: Axis { name: "% of all batches".to_owned(), ticks: up.ticks() },
        has_names: false,
        is_over_time: false,
        legend: Vec::new(),
    };
    chart.draw(|area, plot| {
        if all == 0 {
            return nothing(area, plot, "no batch left");
        }
        for (place, count) in fills.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (from, to) = (place as f64 / FILL_STEPS as f64, (place + 1) as f64 / FILL_STEPS as f64);
            // What is there is seen, however few they are.
            let top = plot.y(up.share(share(*count))).min(plot.bottom - 1);
            filled(area, (plot.x(from) + 2, top), (plot.x(to) - 2, plot.bottom), colour(0))?;
        }
        Ok(())
    })
}
