//! Pictures of a sweep: a map of a figure over two axes, a line over one, and what is to be had of two figures at once.

use plotters::prelude::{RGBColor, WHITE};
use plotters::style::text_anchor::HPos;

use super::Sweep;
use super::pareto::front;
use crate::report::drawing::{Area, GRID, INK, PALETTE, disk, filled, label, line, picture, shade, text};
use crate::report::numbers::number;

const MARGIN: i32 = 16;
/// Space for the title above, and for names of values on the left and below.
const TOP: i32 = 44;
const LEFT: i32 = 110;
const BELOW: i32 = 46;
/// A map is about so large, whatever the number of its cells.
const MAP: (i32, i32) = (640, 420);
/// Cells smaller than this have no number in them.
const READABLE: (i32, i32) = (44, 16);
const DARK: RGBColor = RGBColor(8, 69, 148);
/// Names of values on an axis.
const MOST_NAMES: usize = 16;

/// A figure over the first two axes of a grid, as the mean over all others; with one axis a line. `None` if there is no
/// grid to draw, or no value.
///
/// # Errors
/// What the drawing library says.
pub fn map(sweep: &Sweep, metric: usize) -> Option<Result<String, String>> {
    let values = &sweep.plan.values;
    if values.iter().take(2).any(Vec::is_empty) || !is_grid(sweep) {
        return None;
    }
    match values.len() {
        0 => None,
        1 => Some(curve(sweep, metric)),
        _ => heat_map(sweep, metric),
    }
}

/// Whether there is a point for every combination.
fn is_grid(sweep: &Sweep) -> bool {
    let count: usize = sweep.plan.values.iter().map(Vec::len).product();
    count == sweep.plan.points.len()
}

/// Mean over points with these values of the first axes.
fn mean_at(sweep: &Sweep, metric: usize, place: &[&String]) -> Option<f64> {
    let is_there = |point: &usize| place.iter().zip(&sweep.plan.points[*point]).all(|(a, b)| *a == b);
    let points = (0..sweep.plan.points.len()).filter(is_there);
    let means: Vec<f64> = points.filter_map(|point| Some(sweep.estimate(point, metric)?.mean)).collect();
    (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
}

fn heat_map(sweep: &Sweep, metric: usize) -> Option<Result<String, String>> {
    let [rows, columns, ..] = &sweep.plan.values[..] else { return None };
    let cells: Vec<Vec<Option<f64>>> = (rows.iter())
        .map(|row| columns.iter().map(|column| mean_at(sweep, metric, &[row, column])).collect())
        .collect();
    let known = || cells.iter().flatten().flatten().copied();
    let (low, high) = (known().reduce(f64::min)?, known().reduce(f64::max)?);
    let cell = ((MAP.0 / columns.len() as i32).clamp(3, 96), (MAP.1 / rows.len() as i32).clamp(3, 32));
    let width = 2 * MARGIN + LEFT + (cell.0 * columns.len() as i32).max(320);
    let height = 2 * MARGIN + TOP + cell.1 * rows.len() as i32 + BELOW;
    let corner = (MARGIN + LEFT, MARGIN + TOP);
    Some(picture((width, height), |area| {
        title(area, sweep, metric, (low, high))?;
        for (y, row) in cells.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                let from = (corner.0 + cell.0 * x as i32, corner.1 + cell.1 * y as i32);
                draw_cell(area, from, cell, *value, (low, high))?;
            }
        }
        for (y, name) in few(rows) {
            let at = (corner.0 - 6, corner.1 + cell.1 * y as i32 + cell.1 / 2);
            label(area, name, at, 11, HPos::Right)?;
        }
        let below = corner.1 + cell.1 * rows.len() as i32 + 12;
        for (x, name) in few(columns) {
            label(area, name, (corner.0 + cell.0 * x as i32 + cell.0 / 2, below), 11, HPos::Center)?;
        }
        let axes = &sweep.plan.axes;
        label(area, &axes[1], (corner.0, below + 20), 12, HPos::Left)?;
        label(area, &axes[0], (MARGIN, corner.1 - 12), 12, HPos::Left)
    }))
}

fn draw_cell(
    area: &Area<'_>,
    from: (i32, i32),
    cell: (i32, i32),
    value: Option<f64>,
    (low, high): (f64, f64),
) -> Result<(), String> {
    let to = (from.0 + cell.0 - 1, from.1 + cell.1 - 1);
    let Some(value) = value else { return filled(area, from, to, GRID) };
    let share = if high > low { (value - low) / (high - low) } else { 0.0 };
    // The lightest cell is not white, or it would look like none.
    filled(area, from, to, shade(DARK, 0.08 + 0.92 * share))?;
    if cell.0 < READABLE.0 || cell.1 < READABLE.1 {
        return Ok(());
    }
    let ink = if share > 0.5 { WHITE } else { INK };
    text(area, &number(value), (from.0 + cell.0 / 2, from.1 + cell.1 / 2), 10, HPos::Center, ink)
}

fn title(area: &Area<'_>, sweep: &Sweep, metric: usize, (low, high): (f64, f64)) -> Result<(), String> {
    let name = &sweep.plan.metrics[metric];
    let unit = sweep.plan.wanted().get(metric).map_or("", |wanted| wanted.metric.metric.dimension.unit());
    let title = format!("{}: {name}{}{unit}", sweep.plan.scenario, if unit.is_empty() { "" } else { " in " });
    label(area, &title, (MARGIN, MARGIN + 4), 14, HPos::Left)?;
    label(area, &format!("{} to {}", number(low), number(high)), (MARGIN, MARGIN + 20), 11, HPos::Left)
}

/// As many names as can be read, with their places; the first one always.
fn few(names: &[String]) -> impl Iterator<Item = (usize, &String)> {
    let step = names.len().div_ceil(MOST_NAMES).max(1);
    names.iter().enumerate().step_by(step)
}

/// A figure over the only axis, with the 95 % interval of each point.
fn curve(sweep: &Sweep, metric: usize) -> Result<String, String> {
    let names = &sweep.plan.values[0];
    let points: Vec<(usize, f64, f64)> = (0..names.len())
        .filter_map(|at| {
            let estimate = sweep.estimate(at, metric)?;
            Some((at, estimate.mean, estimate.half.unwrap_or(0.0)))
        })
        .collect();
    let low = points.iter().map(|(_, mean, half)| mean - half).fold(f64::INFINITY, f64::min).min(0.0);
    let high = points.iter().map(|(_, mean, half)| mean + half).fold(f64::NEG_INFINITY, f64::max);
    let high = if high > low { high } else { low + 1.0 };
    let (width, height) = (2 * MARGIN + LEFT + MAP.0, 2 * MARGIN + TOP + MAP.1 + BELOW);
    let x = |at: usize| MARGIN + LEFT + 20 + (MAP.0 - 40) * at as i32 / (names.len() as i32 - 1).max(1);
    let y = |value: f64| MARGIN + TOP + MAP.1 - ((value - low) / (high - low) * f64::from(MAP.1)) as i32;
    picture((width, height), |area| {
        title(
            area,
            sweep,
            metric,
            (low.max(points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min)), high),
        )?;
        scale(area, (low, high), y)?;
        line(area, points.iter().map(|&(at, mean, _)| (x(at), y(mean))).collect(), PALETTE[0], 2)?;
        for &(at, mean, half) in &points {
            line(area, vec![(x(at), y(mean - half)), (x(at), y(mean + half))], PALETTE[0], 1)?;
            disk(area, (x(at), y(mean)), 3, PALETTE[0])?;
        }
        for (at, name) in few(names) {
            label(area, name, (x(at), MARGIN + TOP + MAP.1 + 14), 11, HPos::Center)?;
        }
        label(area, &sweep.plan.axes[0], (MARGIN + LEFT, MARGIN + TOP + MAP.1 + 34), 12, HPos::Left)
    })
}

/// Five lines with their values on the left.
fn scale(area: &Area<'_>, (low, high): (f64, f64), y: impl Fn(f64) -> i32) -> Result<(), String> {
    for part in 0..=4 {
        let value = low + (high - low) * f64::from(part) / 4.0;
        line(area, vec![(MARGIN + LEFT, y(value)), (MARGIN + LEFT + MAP.0, y(value))], GRID, 1)?;
        label(area, &number(rounded(value)), (MARGIN + LEFT - 6, y(value)), 11, HPos::Right)?;
    }
    Ok(())
}

/// Three digits are enough beside an axis.
fn rounded(value: f64) -> f64 {
    let size = value.abs();
    let step = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1.0, 0.1, 0.01, 0.001];
    let step = step.into_iter().find(|step| size >= 100.0 * step).unwrap_or(0.0001);
    (value / step).round() * step
}

/// All points by two figures, and the front of those that nobody beats in both.
///
/// # Errors
/// What the drawing library says.
pub fn pareto(sweep: &Sweep, x: usize, y: usize) -> Option<Result<String, String>> {
    let values = |metric: usize| {
        (0..sweep.plan.points.len())
            .map(move |point| sweep.estimate(point, metric).map(|estimate| estimate.mean))
    };
    let range = |metric: usize| {
        let known: Vec<f64> = values(metric).flatten().collect();
        let (low, high) = (known.iter().copied().reduce(f64::min)?, known.iter().copied().reduce(f64::max)?);
        Some(if high > low { (low, high) } else { (low - 0.5, high + 0.5) })
    };
    let (across, up) = (range(x)?, range(y)?);
    let (width, height) = (2 * MARGIN + LEFT + MAP.0, 2 * MARGIN + TOP + MAP.1 + BELOW);
    let place_x = |value: f64| {
        MARGIN + LEFT + 10 + ((value - across.0) / (across.1 - across.0) * f64::from(MAP.0 - 20)) as i32
    };
    let place_y = |value: f64| {
        MARGIN + TOP + MAP.1 - 10 - ((value - up.0) / (up.1 - up.0) * f64::from(MAP.1 - 20)) as i32
    };
    Some(picture((width, height), |area| {
        let names = &sweep.plan.metrics;
        label(
            area,
            &format!("{}: what is to be had at once", sweep.plan.scenario),
            (MARGIN, MARGIN + 4),
            14,
            HPos::Left,
        )?;
        label(area, &names[y], (MARGIN, MARGIN + 24), 12, HPos::Left)?;
        scale(area, up, place_y)?;
        for part in 0..=4 {
            let value = across.0 + (across.1 - across.0) * f64::from(part) / 4.0;
            let at = (place_x(value), MARGIN + TOP + MAP.1 + 14);
            label(area, &number(rounded(value)), at, 11, HPos::Center)?;
        }
        label(area, &names[x], (MARGIN + LEFT, MARGIN + TOP + MAP.1 + 34), 12, HPos::Left)?;
        let places: Vec<Option<(i32, i32)>> =
            values(x).zip(values(y)).map(|(x, y)| Some((place_x(x?), place_y(y?)))).collect();
        for place in places.iter().flatten() {
            disk(area, *place, 2, GRID)?;
        }
        let best: Vec<(usize, (i32, i32))> =
            front(sweep, x, y).into_iter().filter_map(|point| Some((point, places[point]?))).collect();
        line(area, best.iter().map(|(_, place)| *place).collect(), PALETTE[1], 1)?;
        for (at, (point, place)) in best.iter().enumerate() {
            disk(area, *place, 4, PALETTE[1])?;
            // Names of neighbours would lie on each other.
            if at % best.len().div_ceil(8) == 0 {
                let (shift, side) =
                    if place.0 > MARGIN + LEFT + MAP.0 / 2 { (-8, HPos::Right) } else { (8, HPos::Left) };
                label(area, &sweep.plan.label(*point), (place.0 + shift, place.1 - 8), 10, side)?;
            }
        }
        Ok(())
    }))
}
