//! What all our pictures share: texts, colours, and how errors of the drawing library are told. Pictures are SVG, and the
//! same bytes on every machine: positions are whole pixels, and texts are not measured.

use std::fmt::Display;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Something to draw on.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Text and axes.
pub const INK: RGBColor = RGBColor(40, 40, 40);
/// Lines behind the data.
pub const GRID: RGBColor = RGBColor(210, 210, 210);
/// Colours that people who do not see some of them can tell apart.
pub const PALETTE: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
];

/// Draws a picture of so many pixels.
///
/// # Errors
/// What the drawing library says; writing into memory does not fail.
pub fn picture(
    (width, height): (i32, i32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), String>,
) -> Result<String, String> {
    let mut text = String::new();
    {
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE).map_err(told)?;
        draw(&area)?;
        area.present().map_err(told)?;
    }
    Ok(text)
}

/// Writes a text whose anchor is in the middle of its height.
///
/// # Errors
/// What the drawing library says.
pub fn text(
    area: &Area<'_>,
    shown: &str,
    at: (i32, i32),
    size: i32,
    side: HPos,
    ink: RGBColor,
) -> Result<(), String> {
    if shown.is_empty() {
        return Ok(());
    }
    let style = ("sans-serif", size).into_font().color(&ink).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(shown.to_owned(), at, style)).map_err(told)
}

/// The same in [`INK`].
///
/// # Errors
/// What the drawing library says.
pub fn label(area: &Area<'_>, shown: &str, at: (i32, i32), size: i32, side: HPos) -> Result<(), String> {
    text(area, shown, at, size, side, INK)
}

/// A filled box between two corners.
///
/// # Errors
/// What the drawing library says.
pub fn filled(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), String> {
    area.draw(&Rectangle::new([from, to], colour.filled())).map_err(told)
}

/// A line through points.
///
/// # Errors
/// What the drawing library says.
pub fn line(area: &Area<'_>, points: Vec<(i32, i32)>, colour: RGBColor, width: u32) -> Result<(), String> {
    area.draw(&PathElement::new(points, colour.stroke_width(width))).map_err(told)
}

/// A disk.
///
/// # Errors
/// What the drawing library says.
pub fn disk(area: &Area<'_>, at: (i32, i32), radius: i32, colour: RGBColor) -> Result<(), String> {
    area.draw(&Circle::new(at, radius, colour.filled())).map_err(told)
}

/// White for 0, `dark` for 1, and anything between.
pub fn shade(dark: RGBColor, share: f64) -> RGBColor {
    let mix = |dark: u8| (255.0 - (255.0 - f64::from(dark)) * share.clamp(0.0, 1.0)) as u8;
    RGBColor(mix(dark.0), mix(dark.1), mix(dark.2))
}

/// An error of the drawing library in words.
pub fn told(error: impl Display) -> String {
    error.to_string()
}
