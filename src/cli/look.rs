//! How output looks where it goes: its characters, and whether it has colours. Files never have any.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;

use super::environment::is_utf8;
use crate::report::look::{Charset, Look};

/// Options of all commands.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Terminal")]
pub struct LookArgs {
    /// Colours: `auto` has them on a terminal only, and hears NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,

    /// Characters of bars and charts: `auto` is Unicode on a terminal whose locale is UTF-8, else ASCII
    #[arg(long, global = true, value_name = "SET", value_enum, default_value_t = Characters::Auto)]
    pub charset: Characters,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum Colour {
    Auto,
    Always,
    Never,
}

/// Which characters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum Characters {
    Auto,
    Unicode,
    Ascii,
}

/// Makes a choice hold for everything that is written from now on, help and errors of the command line included.
pub fn hold_to(colour: Colour) {
    let choice = match colour {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// The choice of arguments that nobody has read yet: help and wrong usage end the reading before it is known.
pub fn colour_of(args: &[OsString]) -> Option<Colour> {
    let mut words = args.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(|value| value.to_owned().into()),
            None => None,
        };
        found = value.and_then(|value| Colour::from_str(&value, false).ok()).or(found);
    }
    found
}

/// How stdout looks.
pub fn of_stdout(args: LookArgs) -> Look {
    let charset = charset(args.charset, io::stdout().is_terminal() && is_utf8());
    Look { charset, colour: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
}

/// Whether stderr has colours.
pub fn colours_stderr() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The characters that were asked for, or those that can be shown.
fn charset(asked: Characters, shows_unicode: bool) -> Charset {
    match (asked, shows_unicode) {
        (Characters::Unicode, _) | (Characters::Auto, true) => Charset::Unicode,
        (Characters::Ascii, _) | (Characters::Auto, false) => Charset::Ascii,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_known_before_arguments_are_read() {
        let of = |line: &str| colour_of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("lingersim --color never --help"), Some(Colour::Never));
        assert_eq!(of("lingersim run --color=always"), Some(Colour::Always));
        assert_eq!(of("lingersim run --color"), None);
        assert_eq!(of("lingersim run --color=green --colors never"), None);
        assert_eq!(of("lingersim run -- --color never"), None);
    }

    #[test]
    fn what_was_asked_for_wins_over_what_can_be_shown() {
        assert_eq!(charset(Characters::Auto, true), Charset::Unicode);
        assert_eq!(charset(Characters::Auto, false), Charset::Ascii);
        assert_eq!(charset(Characters::Unicode, false), Charset::Unicode);
        assert_eq!(charset(Characters::Ascii, true), Charset::Ascii);
    }
}
