//! Lines over time with markers.

use plotters::prelude::*;

use super::chart::Plot;
use super::look::colour;
use super::scale::TimeAxis;
use crate::report::drawing::{Area, line, told};
use crate::values::time::Time;

/// Pieces of a line over time: it is not drawn where there is no value.
pub type Pieces = Vec<Vec<(f64, f64)>>;

/// Shares of time and height for a value at the middle of each bin.
pub fn pieces(
    values: impl Iterator<Item = (Time, Option<f64>)>,
    time: TimeAxis,
    up: impl Fn(f64) -> f64,
) -> Pieces {
    let mut pieces: Pieces = vec![Vec::new()];
    for (at, value) in values {
        match (value, pieces.last_mut()) {
            (Some(value), Some(piece)) => piece.push((time.share(at), up(value))),
            (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Draws pieces of a line with its markers, about ten of them.
///
/// # Errors
/// What the drawing library says.
pub fn draw_line(area: &Area<'_>, plot: Plot, number: usize, pieces: &Pieces) -> Result<(), String> {
    let count: usize = pieces.iter().map(Vec::len).sum();
    let every = (count / 10).max(1);
    // Markers of several lines are not to hide each other.
    let mut place = number * every / 3;
    for piece in pieces {
        let points: Vec<(i32, i32)> = piece.iter().map(|(x, y)| (plot.x(*x), plot.y(*y))).collect();
        line(area, points.clone(), colour(number), 2)?;
        for (at, point) in points.iter().enumerate() {
            if place.is_multiple_of(every) || (points.len() == 1 && at == 0) {
                marker(area, number, *point)?;
            }
            place += 1;
        }
    }
    Ok(())
}

/// The marker of a line: a disk, a square, a triangle.
///
/// # Errors
/// What the drawing library says.
pub fn marker(area: &Area<'_>, number: usize, (x, y): (i32, i32)) -> Result<(), String> {
    let ink = colour(number);
    let corners: &[(i32, i32)] = match number % 3 {
        0 => return area.draw(&Circle::new((x, y), 4, ink.filled())).map_err(told),
        1 => &[(-4, -4), (4, -4), (4, 4), (-4, 4)],
        _ => &[(0, -5), (5, 4), (-5, 4)],
    };
    let corners: Vec<(i32, i32)> = corners.iter().map(|(right, down)| (x + right, y + down)).collect();
    area.draw(&Polygon::new(corners, ink.filled())).map_err(told)
}
