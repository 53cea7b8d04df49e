//! The lab as a picture: latency, requests and the load of each partition, a colour for each partitioner.

use plotters::style::text_anchor::HPos;

use super::Findings;
use crate::report::drawing::{Area, GRID, PALETTE, filled, label, line, picture};
use crate::report::numbers::number;

const MARGIN: i32 = 16;
const PANEL: (i32, i32) = (360, 220);
const GAP: i32 = 56;
const TITLE: i32 = 30;
const LEFT: i32 = 64;

/// A group of bars, one for each partitioner.
struct Group {
    name: String,
    values: Vec<f64>,
}

/// Draws the findings.
///
/// # Errors
/// What the drawing library says; writing into memory does not fail.
pub fn lab(findings: &Findings, title: &str) -> Result<String, String> {
    let arms = findings.comparison.labels.len();
    let means = |name: &str| (0..arms).map(|arm| findings.comparison.mean(arm, name)).collect::<Vec<f64>>();
    let group = |name: &str, metric: &str| Group { name: name.to_owned(), values: means(metric) };
    let latency = [
        group("p50", "sim-record-latency p(50)"),
        group("p95", "sim-record-latency p(95)"),
        group("p99", "sim-record-latency p(99)"),
    ];
    let work = [group("requests", "sim-requests"), group("batches", "sim-batches")];
    let partitions = findings.load.first().map_or(0, Vec::len);
    let load: Vec<Group> = (0..partitions)
        .map(|partition| Group {
            name: partition.to_string(),
            values: findings.load.iter().map(|arm| arm[partition]).collect(),
        })
        .collect();
    let width = 2 * MARGIN + 2 * (LEFT + PANEL.0) + GAP;
    let height = 2 * MARGIN + 2 * TITLE + 2 * (PANEL.1 + GAP);
    picture((width, height), |area| {
        label(area, title, (MARGIN, MARGIN + 4), 15, HPos::Left)?;
        legend(area, &findings.comparison.labels)?;
        let top = MARGIN + 2 * TITLE;
        panel(area, "latency in ms", &latency, (MARGIN, top), PANEL.0)?;
        panel(area, "requests and batches", &work, (MARGIN + LEFT + PANEL.0 + GAP, top), PANEL.0)?;
        let whole = 2 * PANEL.0 + LEFT + GAP;
        let name = format!("records of each partition of {}", findings.topic);
        panel(area, &name, &load, (MARGIN, top + PANEL.1 + GAP), whole)
    })
}

fn legend(area: &Area<'_>, labels: &[String]) -> Result<(), String> {
    for (at, name) in labels.iter().enumerate() {
        let x = MARGIN + 150 * at as i32;
        filled(area, (x, MARGIN + 22), (x + 11, MARGIN + 33), colour(at))?;
        label(area, name, (x + 17, MARGIN + 28), 12, HPos::Left)?;
    }
    Ok(())
}

fn colour(arm: usize) -> plotters::style::RGBColor {
    PALETTE[arm % PALETTE.len()]
}

/// Groups of bars from 0 up; `corner` is the upper left one of everything.
fn panel(
    area: &Area<'_>,
    title: &str,
    groups: &[Group],
    corner: (i32, i32),
    width: i32,
) -> Result<(), String> {
    let (left, bottom) = (corner.0 + LEFT, corner.1 + PANEL.1);
    let most = groups.iter().flat_map(|group| &group.values).copied().fold(0.0, f64::max);
    let most = if most > 0.0 { most } else { 1.0 };
    let tall = f64::from(PANEL.1 - TITLE);
    label(area, title, (corner.0, corner.1 + 6), 12, HPos::Left)?;
    for part in 0..=4 {
        let y = bottom - (tall * f64::from(part) / 4.0) as i32;
        line(area, vec![(left, y), (left + width, y)], GRID, 1)?;
        label(area, &number(three_digits(most * f64::from(part) / 4.0)), (left - 6, y), 10, HPos::Right)?;
    }
    let step = f64::from(width) / groups.len().max(1) as f64;
    for (at, group) in groups.iter().enumerate() {
        let (from, to) =
            (f64::from(left) + step * (at as f64 + 0.1), f64::from(left) + step * (at as f64 + 0.9));
        let bar = (to - from) / group.values.len().max(1) as f64;
        for (arm, value) in group.values.iter().enumerate() {
            let x = from + bar * arm as f64;
            let top = bottom - (tall * value / most) as i32;
            filled(area, (x as i32, top), (((x + bar) as i32 - 1).max(x as i32), bottom), colour(arm))?;
        }
        // Names that would run into each other are left out.
        if at % (groups.len().div_ceil(24)).max(1) == 0 {
            label(area, &group.name, ((from + to) as i32 / 2, bottom + 12), 10, HPos::Center)?;
        }
    }
    Ok(())
}

/// Enough beside an axis.
fn three_digits(value: f64) -> f64 {
    match value {
        v if v >= 1_000.0 => (v / 10.0).round() * 10.0,
        v if v >= 10.0 => v.round(),
        v => (v * 100.0).round() / 100.0,
    }
}
