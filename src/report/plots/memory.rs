//! What is under way: bytes of `buffer.memory`, and requests in flight, at most in each bin.

use super::chart::{Axis, Chart, Sign};
use super::lines::{draw_line, pieces};
use super::scale::{Scale, TimeAxis};
use super::{Picture, Shown};
use crate::report::drawing::line;
use crate::report::figures::{grouped, percent};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The unit in which so many bytes are a readable number, and its name.
fn unit(bytes: u64) -> (u64, &'static str) {
    match bytes {
        MIB.. => (MIB, "MiB"),
        KIB.. => (KIB, "KiB"),
        _ => (1, "bytes"),
    }
}

fn in_words(bytes: u64) -> String {
    let (unit, name) = unit(bytes);
    format!("{:.1} {name}", bytes as f64 / unit as f64)
}

/// Memory in use, with the limit where it matters.
///
/// # Errors
/// What the drawing library says.
pub fn buffer(shown: &Shown<'_>) -> Result<Picture, String> {
    let stretches = shown.stretches();
    let time = TimeAxis::new(shown.recording.result.ended_at);
    let most = stretches.iter().map(|stretch| stretch.bin.buffer).max().unwrap_or(0);
    let groups = &shown.scenario.producers;
    let limit: u64 =
        groups.iter().map(|group| group.config.buffer_memory.saturating_mul(u64::from(group.count))).sum();
    let (unit, name) = unit(most);
    let of = |bytes: u64| bytes as f64 / unit as f64;
    // A limit far above would press everything else to the ground.
    let is_near = limit <= most.saturating_mul(2);
    let up = Scale::linear([of(most), if is_near { of(limit) } else { 0.0 }].into_iter());
    let points = stretches.iter().map(|stretch| (stretch.middle(), Some(of(stretch.bin.buffer))));
    let points = pieces(points, time, |value| up.share(value));
    let legend = match is_near {
        true => vec![(Sign::Line(0), "in use".to_owned()), (Sign::Line(1), "buffer.memory".to_owned())],
        false => Vec::new(),
    };
    let says = format!(
        "At most {} of {} ({}) of buffer.memory were in use{}.",
        in_words(most),
        in_words(limit),
        percent(most, limit),
        if groups.iter().map(|group| group.count).sum::<u32>() > 1 { ", all producers together" } else { "" }
    );
    let chart = Chart {
        shown,
        file: "buffer-over-time.svg",
        title: "Buffer in use over time",
        says,
        height: 240,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: format!("most in use, in {name}"), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        legend,
    };
    chart.draw(|area, plot| {
        if is_near {
            let y = plot.y(up.share(of(limit)));
            line(area, vec![(plot.left, y), (plot.right, y)], super::look::colour(1), 2)?;
        }
        draw_line(area, plot, 0, &points)
    })
}

/// Requests in flight, of all connections together.
///
/// # Errors
/// What the drawing library says.
pub fn in_flight(shown: &Shown<'_>) -> Result<Picture, String> {
    let stretches = shown.stretches();
    let time = TimeAxis::new(shown.recording.result.ended_at);
    let most = stretches.iter().map(|stretch| stretch.bin.in_flight).max().unwrap_or(0);
    let up = Scale::linear([(most as f64).max(5.0)].into_iter());
    let points = stretches.iter().map(|stretch| (stretch.middle(), Some(stretch.bin.in_flight as f64)));
    let points = pieces(points, time, |value| up.share(value));
    let chart = Chart {
        shown,
        file: "in-flight-over-time.svg",
        title: "Requests in flight over time",
        says: format!(
            "At most {} requests were in flight at once on all connections, of {} in all.",
            grouped(most),
            grouped(shown.recording.result.requests)
        ),
        height: 240,
        more_left: 0,
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis { name: "most requests in flight".to_owned(), ticks: up.ticks() },
        has_names: false,
        is_over_time: true,
        legend: Vec::new(),
    };
    chart.draw(|area, plot| draw_line(area, plot, 0, &points))
}
