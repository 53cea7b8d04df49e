//! The table as a picture: one map of all cells for each measure, the darker the worse.

use plotters::prelude::{RGBColor, Rectangle, WHITE};
use plotters::style::text_anchor::HPos;

use super::measure::{MEASURES, Measure, Unit};
use super::{Cell, Setting, Table};
use crate::report::drawing::{self, Area, GRID, INK, label, shade, text, told};

/// Pixels of a cell.
const CELL: (i32, i32) = (64, 15);
/// Pixels for the names of configurations, on the left.
const LEFT: i32 = 240;
/// Pixels for a map's title and the names of faults above it.
const TOP: i32 = 62;
/// Pixels around everything.
const MARGIN: i32 = 12;
const DARKEST: RGBColor = RGBColor(178, 24, 43);

/// What the picture shows of a table: its rows and columns, whether or not all cells are there.
struct Grid<'a> {
    table: &'a Table,
    faults: Vec<&'static str>,
    settings: Vec<Setting>,
}

/// Draws the table as an SVG document.
///
/// # Errors
/// What the drawing library says; writing into memory does not fail.
pub fn svg(table: &Table) -> Result<String, String> {
    let grid = Grid::of(table);
    let width = 2 * MARGIN + LEFT + CELL.0 * grid.faults.len() as i32;
    let panel = TOP + CELL.1 * grid.settings.len() as i32;
    let height = 2 * MARGIN + panel * MEASURES.len() as i32;
    drawing::picture((width, height), |area| {
        for (at, measure) in MEASURES.iter().enumerate() {
            grid.map(area, at, measure, MARGIN + panel * at as i32)?;
        }
        Ok(())
    })
}

impl Grid<'_> {
    fn of(table: &Table) -> Grid<'_> {
        let mut grid = Grid { table, faults: Vec::new(), settings: Vec::new() };
        for cell in &table.plan.cells {
            if !grid.faults.contains(&cell.fault.name) {
                grid.faults.push(cell.fault.name);
            }
            if !grid.settings.contains(&cell.setting) {
                grid.settings.push(cell.setting);
            }
        }
        grid
    }

    /// One measure, its top at pixel `top`.
    fn map(&self, area: &Area<'_>, at: usize, measure: &Measure, top: i32) -> Result<(), String> {
        let unit = match measure.unit {
            Unit::Records => "share of the runs",
            Unit::Nanoseconds => "mean, in seconds",
        };
        let title = format!("{} ({unit}): {}", measure.name, measure.what);
        label(area, &title, (MARGIN, top + 14), 14, HPos::Left)?;
        for (column, fault) in self.faults.iter().enumerate() {
            // Every second one a line higher, so that long names do not run into each other.
            let line = 34 + 14 * (column as i32 % 2);
            let middle = MARGIN + LEFT + CELL.0 * column as i32 + CELL.0 / 2;
            label(area, fault, (middle, top + line), 10, HPos::Center)?;
        }
        for (row, setting) in self.settings.iter().enumerate() {
            let middle = top + TOP + CELL.1 * row as i32 + CELL.1 / 2;
            label(area, &name(setting), (MARGIN + LEFT - 6, middle), 10, HPos::Right)?;
        }
        let most = self.most(at);
        for (cell, tally) in self.table.plan.cells.iter().zip(&self.table.tallies) {
            let (share, shown) = match measure.unit {
                Unit::Records => (tally.share(at), format!("{:.0}%", 100.0 * tally.share(at))),
                Unit::Nanoseconds => (tally.mean(at) / most, format!("{:.2}", tally.mean(at) / 1e9)),
            };
            self.cell(area, cell, top + TOP, share, if tally.sums[at].0 == 0 { "" } else { &shown })?;
        }
        Ok(())
    }

    /// The largest mean of a measure, at least 1.
    fn most(&self, at: usize) -> f64 {
        self.table.tallies.iter().map(|tally| tally.mean(at)).fold(1.0, f64::max)
    }

    fn cell(&self, area: &Area<'_>, cell: &Cell, top: i32, share: f64, shown: &str) -> Result<(), String> {
        let column = self.faults.iter().position(|fault| *fault == cell.fault.name).unwrap_or(0) as i32;
        let row = self.settings.iter().position(|setting| *setting == cell.setting).unwrap_or(0) as i32;
        let corner = (MARGIN + LEFT + CELL.0 * column, top + CELL.1 * row);
        let opposite = (corner.0 + CELL.0 - 1, corner.1 + CELL.1 - 1);
        drawing::filled(area, corner, opposite, shade(DARKEST, share))?;
        area.draw(&Rectangle::new([corner, opposite], GRID)).map_err(told)?;
        let ink = if share > 0.6 { WHITE } else { INK };
        let middle = (corner.0 + CELL.0 / 2, corner.1 + CELL.1 / 2);
        text(area, shown, middle, 10, HPos::Center, ink)
    }
}

fn name(setting: &Setting) -> String {
    let idempotence = if setting.idempotence { "idempotent, " } else { "" };
    let Setting { acks, min_insync_replicas, in_flight, .. } = setting;
    format!("acks {acks}, {idempotence}min ISR {min_insync_replicas}, in flight {in_flight}")
}
