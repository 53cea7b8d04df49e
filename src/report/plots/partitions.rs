//! The load of partitions: as a whole, and over time.

use plotters::prelude::*;

use super::chart::{Axis, Chart, Sign, nothing, shortened};
use super::look::colour;
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::report::drawing::{Area, INK, filled, label, line, told};
use crate::report::figures::grouped;
use crate::report::numbers::number;

/// Bars of more partitions would be lines.
const MOST_BARS: usize = 200;
/// A bar is not wider than this, in pixels.
const WIDEST_BAR: i32 = 100;
/// Rows and columns of the map.
const MOST_ROWS: usize = 48;
const MOST_COLUMNS: usize = 96;
/// Shades of the map.
const SHADES: f64 = 10.0;

/// Names of partitions, in the order of [`crate::recording::totals::Totals::place`].
fn names(shown: &Shown<'_>) -> Vec<String> {
    let topics = &shown.scenario.cluster.topics;
    let is_one = topics.len() == 1;
    let of = |topic: &crate::cluster::spec::TopicSpec| {
        let name = shortened(&topic.name, 14);
        let partition = move |number: usize| match is_one {
            true => number.to_string(),
            false => format!("{name}-{number}"),
        };
        (0..topic.assignment.len()).map(partition).collect::<Vec<String>>()
    };
    topics.iter().flat_map(of).collect()
}

/// What the axis of partitions is called.
fn of_topic(shown: &Shown<'_>) -> String {
    match &shown.scenario.cluster.topics[..] {
        [topic] => format!("partition of {}", shortened(&topic.name, 40)),
        _ => "partition".to_owned(),
    }
}

/// Records acknowledged, by partition.
fn records(shown: &Shown<'_>, count: usize) -> Vec<u64> {
    let mut records = vec![0; count];
    for bin in shown.recording.totals.series.bins() {
        records.iter_mut().zip(&bin.partitions).for_each(|(sum, count)| *sum += count);
    }
    records
}

/// The partitions that have the most records, as many as there is room for, in the order of their numbers.
fn fullest(records: &[u64], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..records.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(records[*place]));
    places.truncate(most);
    places.sort_unstable();
    places
}

/// What is not shown, in words.
fn left_out(count: usize, most: usize) -> String {
    match count.saturating_sub(most) {
        0 => String::new(),
        _ => format!(" Of {} partitions the fullest {most} are shown.", grouped(count as u64)),
    }
}

/// Bars of the acknowledged records of each partition.
///
/// # Errors
/// What the drawing library says.
pub fn load(shown: &Shown<'_>) -> Result<Picture, String> {
    let names = names(shown);
    let all = records(shown, names.len());
    let places = fullest(&all, MOST_BARS);
    let count = places.len();
    let bars: Vec<u64> = places.iter().map(|place| all[*place]).collect();
    let mean = all.iter().sum::<u64>() as f64 / all.len().max(1) as f64;
    let up = Scale::linear(bars.iter().map(|records| *records as f64).chain([mean]));
    let (least, most) = (all.iter().min().copied().unwrap_or(0), all.iter().max().copied().unwrap_or(0));
    let by_mean = if mean > 0.0 { most as f64 / mean } else { 0.0 };
    let says = format!(
        "From {} to {} records; the fullest partition has {:.2} times the mean.{}",
        grouped(least),
        grouped(most),
        by_mean,
        left_out(names.len(), MOST_BARS)
    );
    let middle = |place: usize| (place as f64 + 0.5) / count as f64;
    // Names that would run into each other are left out.
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(1);
    let every = (count * (widest * 8 + 8)).div_ceil(840).max(1);
    let ticks = places.iter().enumerate().step_by(every);
    let chart = Chart {
        shown,
        file: "load-by-partition.svg",
        title: "Load of each partition",
        says,
        height: 260,
        more_left: 0,
        across: Axis {
            name: of_topic(shown),
            ticks: ticks.map(|(bar, place)| (middle(bar), names[*place].clone())).collect(),
        },
        up: Axis { name: "records acknowledged".to_owned(), ticks: up.ticks() },
        has_names: false,
        is_over_time: false,
        legend: vec![
            (Sign::Fill(0), "acknowledged records".to_owned()),
            (Sign::Line(1), "mean of all partitions".to_owned()),
        ],
    };
    chart.draw(|area, plot| {
        for (place, records) in bars.iter().enumerate() {
            let (from, to) = (place as f64 / count as f64, (place + 1) as f64 / count as f64);
            let (left, right) = (plot.x(from), plot.x(to));
            let wide = right - left;
            let gap = if wide > 8 { (wide / 8).max((wide - WIDEST_BAR) / 2) } else { i32::from(wide > 2) };
            let top = plot.y(up.share(*records as f64));
            filled(area, (left + gap, top), (right - gap, plot.bottom), colour(0))?;
        }
        let y = plot.y(up.share(mean));
        line(area, vec![(plot.left, y), (plot.right, y)], colour(1), 2)
    })
}

/// Records acknowledged by partition and time, as shades.
///
/// # Errors
/// What the drawing library says.
pub fn heat_map(shown: &Shown<'_>) -> Result<Picture, String> {
    let names = names(shown);
    let places = fullest(&records(shown, names.len()), MOST_ROWS);
    let rows = places.len();
    let time = TimeAxis::new(shown.recording.result.ended_at);
    let stretches = shown.stretches();
    let columns: Vec<_> = stretches.chunks(stretches.len().div_ceil(MOST_COLUMNS).max(1)).collect();
    let rate = |row: usize, column: &[super::Stretch<'_>]| {
        let records: u64 =
            column.iter().map(|one| one.bin.partitions.get(places[row]).copied().unwrap_or(0)).sum();
        records as f64 / column.iter().map(super::Stretch::seconds).sum::<f64>()
    };
    let rates = columns.iter().flat_map(|column| (0..rows).map(move |row| (row, column)));
    let rates = rates.map(|(row, column)| rate(row, column));
    let mut rates: Vec<f64> = rates.filter(|rate| *rate > 0.0).collect();
    rates.sort_by(f64::total_cmp);
    let most = rates.last().copied().unwrap_or(0.0);
    // A few fields that are far above the others are not to make all of those pale.
    let full = rates.get(rates.len() * 19 / 20).copied().unwrap_or(0.0);
    let says = format!(
        "The fullest field has {} records a second.{}",
        number(most.round()),
        left_out(names.len(), MOST_ROWS)
    );
    let height = (rows as i32 * 30).clamp(90, 480);
    let every = rows.div_ceil((height / 15) as usize).max(1);
    let from_above = |row: f64| 1.0 - row / rows as f64;
    let widest = places.iter().map(|place| names[*place].chars().count()).max().unwrap_or(1);
    let ticks = places.iter().enumerate().step_by(every);
    let chart = Chart {
        shown,
        file: "load-over-time.svg",
        title: "Load of each partition over time",
        says,
        height,
        more_left: (widest as i32 * 8 - 40).max(0),
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis {
            name: of_topic(shown),
            ticks: ticks.map(|(row, place)| (from_above(row as f64 + 0.5), names[*place].clone())).collect(),
        },
        has_names: true,
        is_over_time: true,
        legend: Vec::new(),
    };
    chart.draw(|area, plot| {
        if full <= 0.0 {
            return nothing(area, plot, "no record was acknowledged");
        }
        for (column, row) in columns.iter().flat_map(|column| (0..rows).map(move |row| (column, row))) {
            let (Some(first), Some(last)) = (column.first(), column.last()) else { continue };
            let (left, right) = (plot.x(time.share(first.from)), plot.x(time.share(last.until)));
            let (top, bottom) = (plot.y(from_above(row as f64)), plot.y(from_above(row as f64 + 1.0)));
            let shade = ((rate(row, column) / full).min(1.0) * SHADES).ceil() / SHADES;
            let gap = i32::from(bottom - top > 8);
            shaded(area, (left, top + gap), (right, bottom - gap), shade)?;
        }
        // Bands would not be seen behind the fields.
        for fault in &shown.faults {
            for at in std::iter::once(fault.from).chain(fault.until) {
                let x = plot.x(time.share(at));
                line(area, vec![(x, plot.top), (x, plot.bottom)], INK, 1)?;
            }
        }
        key(area, (plot.right - 330, 46), &format!("{} a second or more", number(full.round())))
    })
}

/// A field: the fuller the colour, the more. Nothing is drawn for nothing, whatever the page looks like.
fn shaded(area: &Area<'_>, from: (i32, i32), to: (i32, i32), shade: f64) -> Result<(), String> {
    if shade <= 0.0 {
        return Ok(());
    }
    area.draw(&Rectangle::new([from, to], colour(0).mix(shade).filled())).map_err(told)
}

/// What the shades mean.
fn key(area: &Area<'_>, (x, y): (i32, i32), full: &str) -> Result<(), String> {
    use plotters::style::text_anchor::HPos;
    label(area, "none", (x, y), 15, HPos::Right)?;
    for step in 1..=10 {
        let left = x + 6 + 20 * (step - 1);
        shaded(area, (left, y - 7), (left + 20, y + 7), f64::from(step) / SHADES)?;
    }
    label(area, full, (x + 214, y), 15, HPos::Left)
}
