//! Why batches left, over time: columns of all reasons on each other.

use super::chart::{Axis, Chart, Sign};
use super::look::colour;
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::producer::Reason;
use crate::report::drawing::filled;
use crate::report::figures::{grouped, percent};
use crate::values::time::Time;

/// More columns than this cannot be told apart.
const MOST_COLUMNS: usize = 64;

/// Batches of some time, by reason, a second.
struct Column {
    from: Time,
    until: Time,
    rates: [f64; 6],
}

/// Draws it.
///
/// # Errors
/// What the drawing library says.
pub fn draw(shown: &Shown<'_>) -> Result<Picture, String> {
    let columns = columns(shown);
    let result = &shown.recording.result;
    let time = TimeAxis::new(result.ended_at);
    let up = Scale::linear(columns.iter().map(|column| column.rates.iter().sum()));
    let counts = shown.recording.totals.series.bins().iter().fold([0; 6], |mut sums, bin| {
        sums.iter_mut().zip(bin.reasons).for_each(|(sum, count): (&mut u64, u64)| *sum += count);
        sums
    });
    let all: u64 = counts.iter().sum();
    let there: Vec<usize> = (0..counts.len()).filter(|place| counts[*place] > 0).collect();
    let name = |place: usize| format!("{} {}", Reason::ALL[place].code(), percent(counts[place], all));
    let names: Vec<String> = there.iter().map(|place| name(*place)).collect();
    let chart = Chart {
        shown,
        file: "closing-reasons-over-time.svg",
        title: "Why batches left, over time",
        says: format!("{} batches: {}.", grouped(all), names.join(", ")),
        height: 280,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: "batches a second".to_owned(), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        // The reason at the bottom comes first.
        legend: there.iter().zip(names).map(|(place, name)| (Sign::Fill(*place), name)).collect(),
    };
    chart.draw(|area, plot| {
        for column in &columns {
            let (left, right) = (plot.x(time.share(column.from)), plot.x(time.share(column.until)));
            let right = if right - left > 3 { right - 1 } else { right };
            let mut below = 0.0;
            for (place, rate) in column.rates.iter().enumerate() {
                let (bottom, top) = (plot.y(up.share(below)), plot.y(up.share(below + rate)));
                below += rate;
                if top < bottom {
                    filled(area, (left, top), (right, bottom), colour(place))?;
                }
            }
        }
        Ok(())
    })
}

fn columns(shown: &Shown<'_>) -> Vec<Column> {
    let stretches = shown.stretches();
    let together = stretches.len().div_ceil(MOST_COLUMNS).max(1);
    let of = |part: &[super::Stretch<'_>]| {
        let (first, last) = (part.first()?, part.last()?);
        let (from, until) = (first.from, last.until);
        let seconds = (until - from).0.max(1) as f64 / 1e9;
        let count = |place: usize| part.iter().map(|stretch| stretch.bin.reasons[place]).sum::<u64>();
        Some(Column { from, until, rates: std::array::from_fn(|place| count(place) as f64 / seconds) })
    };
    stretches.chunks(together).filter_map(of).collect()
}
