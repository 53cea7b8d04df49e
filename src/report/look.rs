//! How a report looks where it is read: with which characters, and whether in colour. It does not know terminals.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

/// The characters of bars and charts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// ASCII only.
    #[default]
    Ascii,
    /// Blocks of Unicode: eight heights, and bars to an eighth of a column.
    Unicode,
}

/// How a report looks. The default is that of files: ASCII without colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Which characters there are.
    pub charset: Charset,
    /// Whether there are colours.
    pub colour: bool,
}

/// What a piece of text tells. A colour only repeats what a word or a sign says beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// What follows is about this.
    Heading,
    /// All is well.
    Good,
    /// Something to know.
    Warning,
    /// Records failed or are lost.
    Bad,
}

impl Tone {
    /// This tone if there is anything to tell.
    pub fn if_any(self, count: u64) -> Tone {
        if count > 0 { self } else { Tone::Plain }
    }

    /// The colour for it, the one that the eight colours of every terminal have.
    pub fn style(self) -> Style {
        match self {
            Tone::Plain => Style::new(),
            Tone::Heading => Style::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Warning => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default(),
        }
    }
}

impl Look {
    /// A text in the colour of its tone, if there are colours. Columns are filled up before: escapes have a length.
    pub fn paint<T: Display>(self, tone: Tone, text: T) -> Painted<T> {
        Painted { style: if self.colour { tone.style() } else { Style::new() }, text }
    }

    /// A heading behind an empty line, with the end of its line.
    pub fn heading(self, f: &mut impl fmt::Write, text: &str) -> fmt::Result {
        writeln!(f, "\n{}", self.paint(Tone::Heading, text))
    }

    /// A bar for a share of a whole, of `width` columns if it is all. Anything above zero has one.
    pub fn bar(self, part: u64, whole: u64, width: u32) -> String {
        let steps = match self.charset {
            Charset::Ascii => 1,
            Charset::Unicode => 8,
        };
        let longest = u128::from(width) * steps;
        let length = (u128::from(part.min(whole)) * longest).div_ceil(u128::from(whole.max(1)));
        match self.charset {
            Charset::Ascii => "#".repeat(length as usize),
            Charset::Unicode => {
                let mut bar = "█".repeat((length / steps) as usize);
                bar.extend(PARTS.get((length % steps) as usize).into_iter().flatten());
                bar
            }
        }
    }

    /// A column for each value, as high as its share of the largest; nothing has none.
    pub fn sparkline(self, values: &[f64]) -> String {
        let heights = match self.charset {
            Charset::Ascii => ASCII_HEIGHTS,
            Charset::Unicode => UNICODE_HEIGHTS,
        };
        let largest = values.iter().copied().fold(0.0, f64::max);
        let column = |&value: &f64| match value > 0.0 {
            false => ' ',
            true => {
                let height = (value / largest * heights.len() as f64).ceil() as usize;
                heights[height.clamp(1, heights.len()) - 1]
            }
        };
        values.iter().map(column).collect()
    }
}

/// Eighths of a column, from the left.
const PARTS: [Option<char>; 8] =
    [None, Some('▏'), Some('▎'), Some('▍'), Some('▌'), Some('▋'), Some('▊'), Some('▉')];
const UNICODE_HEIGHTS: &[char] = &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// By the ink that they have.
const ASCII_HEIGHTS: &[char] = &['.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// A text with its colour.
#[derive(Clone, Copy, Debug)]
pub struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Painted { style, text } = self;
        write!(f, "{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNICODE: Look = Look { charset: Charset::Unicode, colour: false };

    #[test]
    fn bars_are_as_long_as_the_share_and_never_gone() {
        let ascii = Look::default();
        assert_eq!([0, 1, 500, 1_000].map(|part| ascii.bar(part, 1_000, 10).len()), [0, 1, 5, 10]);
        assert_eq!(UNICODE.bar(0, 1_000, 10), "");
        assert_eq!(UNICODE.bar(1, 1_000, 10), "▏");
        assert_eq!(UNICODE.bar(250, 1_000, 10), "██▌");
        assert_eq!(UNICODE.bar(1_000, 1_000, 10), "██████████");
        assert_eq!(UNICODE.bar(u64::MAX, u64::MAX, 10), "██████████");
        assert_eq!(UNICODE.bar(3, 0, 10), "");
    }

    #[test]
    fn columns_are_as_high_as_the_share_and_nothing_has_none() {
        let values = [0.0, 0.1, 5.0, 10.0];
        assert_eq!(UNICODE.sparkline(&values), " ▁▄█");
        assert_eq!(Look::default().sparkline(&values), " .+@");
        assert_eq!(UNICODE.sparkline(&[0.0, 0.0]), "  ");
        assert_eq!(UNICODE.sparkline(&[]), "");
    }

    #[test]
    fn only_a_look_with_colours_has_escapes() {
        let colour = Look { colour: true, ..Look::default() };
        assert_eq!(Look::default().paint(Tone::Bad, "lost").to_string(), "lost");
        assert_eq!(colour.paint(Tone::Bad, "lost").to_string(), "\x1b[31mlost\x1b[0m");
        assert_eq!(colour.paint(Tone::Plain, "acked").to_string(), "acked");
        assert_eq!(colour.paint(Tone::Bad.if_any(0), "lost").to_string(), "lost");
    }
}
