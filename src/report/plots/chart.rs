//! What all charts have: a title and what it says, axes with units, the faults of the run behind the data, a legend.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::lines::marker;
use super::look::{self, BAND, colour};
use super::scale::TimeAxis;
use super::{Picture, Shown};
use crate::report::drawing::{Area, GRID, INK, filled, label, line, picture, told};
use crate::report::fault_spans::FaultSpan;

/// Width of every picture.
const WIDTH: i32 = 960;
const LEFT: i32 = 84;
const RIGHT: i32 = 40;
/// Title and subtitle.
const HEAD: i32 = 62;
const LEGEND: i32 = 24;
const FAULT_ROW: i32 = 17;
const FEET: i32 = 56;
/// Rows of names of faults; others are only shaded.
const MOST_ROWS: usize = 4;
/// Text sizes as the drawing library counts them: pixels are four fifths of that.
const TITLE: i32 = 21;
const TEXT: i32 = 16;
const SMALL: i32 = 15;
/// About the width of a character of [`SMALL`] text, in pixels.
const CHARACTER: i32 = 6;

/// The part of a picture that has the data.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    /// Its left edge in pixels.
    pub left: i32,
    /// Its upper edge.
    pub top: i32,
    /// Its right edge.
    pub right: i32,
    /// Its lower edge.
    pub bottom: i32,
}

impl Plot {
    /// The pixel of a share of the width.
    pub fn x(&self, share: f64) -> i32 {
        self.left + (f64::from(self.right - self.left) * share + 0.5) as i32
    }

    /// The pixel of a share of the height, from below.
    pub fn y(&self, share: f64) -> i32 {
        self.bottom - (f64::from(self.bottom - self.top) * share + 0.5) as i32
    }
}

/// An axis: its name with its unit, and what is written beside it, each at a share of its length.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    /// Name and unit.
    pub name: String,
    /// What is written.
    pub ticks: Vec<(f64, String)>,
}

/// A sign of the legend.
#[derive(Clone, Debug)]
pub enum Sign {
    /// A line with markers, by its number.
    Line(usize),
    /// A box, by its number.
    Fill(usize),
}

/// A chart without its data.
#[derive(Debug)]
pub struct Chart<'a> {
    /// The run.
    pub shown: &'a Shown<'a>,
    /// The file of the picture.
    pub file: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What can be seen in it, in a line.
    pub says: String,
    /// Height of the part with the data.
    pub height: i32,
    /// More space for the names beside the left axis.
    pub more_left: i32,
    /// The axis below.
    pub across: Axis,
    /// The axis on the left.
    pub up: Axis,
    /// The axis on the left has names, not values: there are no lines behind the data.
    pub has_names: bool,
    /// The axis below is the time of the run, so it shows faults.
    pub is_over_time: bool,
    /// Signs with their meanings.
    pub legend: Vec<(Sign, String)>,
}

impl Chart<'_> {
    /// Draws the chart, and its data with `draw`.
    ///
    /// # Errors
    /// What the drawing library says.
    pub fn draw(self, draw: impl FnOnce(&Area<'_>, Plot) -> Result<(), String>) -> Result<Picture, String> {
        let time = TimeAxis::new(self.shown.recording.result.ended_at);
        let faults: &[FaultSpan] = if self.is_over_time { &self.shown.faults } else { &[] };
        let left = LEFT + self.more_left;
        let names = placed(faults, time, (left, WIDTH - RIGHT));
        let rows = names.iter().map(|name| name.row + 1).max().unwrap_or(0) as i32;
        let legend = if self.legend.is_empty() { 0 } else { LEGEND };
        let top = HEAD + legend + rows * FAULT_ROW + 6;
        let plot = Plot { left, top, right: WIDTH - RIGHT, bottom: top + self.height };
        let drawn = picture((WIDTH, plot.bottom + FEET), |area| {
            label(area, self.title, (20, 24), TITLE, HPos::Left)?;
            label(area, &shortened(&self.says, 132), (20, 46), SMALL, HPos::Left)?;
            self.draw_legend(area, (plot.left, HEAD + 8))?;
            draw_faults(area, faults, &names, time, plot)?;
            self.draw_axes(area, plot)?;
            draw(area, plot)
        })?;
        let title = format!("{}: {}", self.title, self.shown.scenario.name);
        let svg = look::finished(&drawn, &title, &self.says);
        Ok(Picture { file: self.file, title: self.title, says: self.says, svg })
    }

    fn draw_axes(&self, area: &Area<'_>, plot: Plot) -> Result<(), String> {
        for (share, text) in &self.up.ticks {
            let y = plot.y(*share);
            if !self.has_names {
                line(area, vec![(plot.left, y), (plot.right, y)], GRID, 1)?;
            }
            label(area, text, (plot.left - 8, y), SMALL, HPos::Right)?;
        }
        for (share, text) in &self.across.ticks {
            let x = plot.x(*share);
            line(area, vec![(x, plot.bottom), (x, plot.bottom + 4)], INK, 1)?;
            label(area, text, (x, plot.bottom + 14), SMALL, HPos::Center)?;
        }
        line(area, vec![(plot.left, plot.bottom), (plot.right, plot.bottom)], INK, 1)?;
        label(area, &self.across.name, ((plot.left + plot.right) / 2, plot.bottom + 38), TEXT, HPos::Center)?;
        upright(area, &self.up.name, (18, (plot.top + plot.bottom) / 2))
    }

    fn draw_legend(&self, area: &Area<'_>, from: (i32, i32)) -> Result<(), String> {
        let mut x = from.0;
        for (sign, text) in &self.legend {
            match sign {
                Sign::Line(number) => {
                    line(area, vec![(x, from.1), (x + 34, from.1)], colour(*number), 2)?;
                    marker(area, *number, (x + 17, from.1))?;
                    label(area, text, (x + 40, from.1), SMALL, HPos::Left)?;
                    x += 40;
                }
                Sign::Fill(number) => {
                    filled(area, (x, from.1 - 7), (x + 16, from.1 + 7), colour(*number))?;
                    label(area, text, (x + 22, from.1), SMALL, HPos::Left)?;
                    x += 22;
                }
            }
            x += CHARACTER * text.chars().count() as i32 + 28;
        }
        Ok(())
    }
}

/// A text that is read from below.
fn upright(area: &Area<'_>, text: &str, at: (i32, i32)) -> Result<(), String> {
    let font = ("sans-serif", TEXT).into_font().transform(FontTransform::Rotate270);
    let style = font.color(&INK).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style)).map_err(told)
}

/// A text that has at most so many characters.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// The name of a fault, above its band.
struct FaultName {
    text: String,
    x: i32,
    side: HPos,
    row: usize,
}

/// Names that do not lie on each other; those for which there is no row are left out.
fn placed(faults: &[FaultSpan], time: TimeAxis, (left, right): (i32, i32)) -> Vec<FaultName> {
    let mut ends: Vec<i32> = Vec::new();
    let mut names = Vec::new();
    for fault in faults {
        let text = shortened(&fault.name, 48);
        let width = CHARACTER * text.chars().count() as i32 + 8;
        let x = left + (f64::from(right - left) * time.share(fault.from) + 0.5) as i32;
        // What does not fit on the right ends at the edge.
        let (x, side, begin) =
            if x + width > right { (right, HPos::Right, right - width) } else { (x, HPos::Left, x) };
        let row = ends.iter().position(|end| *end <= begin).unwrap_or(ends.len());
        if row >= MOST_ROWS {
            continue;
        }
        if row == ends.len() {
            ends.push(0);
        }
        ends[row] = begin + width;
        names.push(FaultName { text, x, side, row });
    }
    names
}

fn draw_faults(
    area: &Area<'_>,
    faults: &[FaultSpan],
    names: &[FaultName],
    time: TimeAxis,
    plot: Plot,
) -> Result<(), String> {
    for fault in faults {
        let from = plot.x(time.share(fault.from));
        let to = plot.x(time.share(fault.until.unwrap_or(fault.from)));
        let band = [(from, plot.top), (to.max(from + 1), plot.bottom)];
        area.draw(&Rectangle::new(band, BAND.mix(0.18).filled())).map_err(told)?;
        line(area, vec![(from, plot.top - 4), (from, plot.bottom)], BAND, 1)?;
    }
    let rows = names.iter().map(|name| name.row).max().unwrap_or(0);
    names.iter().try_for_each(|name| {
        let y = plot.top - 12 - FAULT_ROW * (rows - name.row) as i32;
        label(area, &name.text, (name.x, y), SMALL, name.side)
    })
}

/// Says in the middle that there is nothing to be seen.
///
/// # Errors
/// What the drawing library says.
pub fn nothing(area: &Area<'_>, plot: Plot, why: &str) -> Result<(), String> {
    label(area, why, ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2), TEXT, HPos::Center)
}
