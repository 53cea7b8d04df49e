//! Writing to stdout and stderr. A reader that goes away, as `head` does, is no error.

use std::io::{self, ErrorKind, Write};

use super::exit::Failure;
use super::look;
use crate::report::look::{Look, Tone};

/// Writes results to stdout.
///
/// # Errors
/// [`Failure::ReaderGone`] if nobody reads any more, [`Failure::Environment`] if the disk is full.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(failure)
}

/// What it means that stdout cannot be written.
pub fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::Environment(format!("cannot write to stdout: {error}")),
    }
}

/// Writes lines to stderr. If that fails, there is nobody to tell. A name of a file must not steer the terminal.
pub fn tell(text: &str) {
    let harmless = |c: char| if c.is_control() && c != '\n' { '·' } else { c };
    let text: String = text.chars().map(harmless).collect();
    let look = Look { colour: look::colours_stderr(), ..Look::default() };
    let _ = writeln!(io::stderr().lock(), "{}", with_colour(look, &text));
}

/// Words that begin a message, in their colour.
fn with_colour(look: Look, text: &str) -> String {
    let words = [("error:", Tone::Bad), ("warning:", Tone::Warning), ("note:", Tone::Warning)];
    match words.into_iter().find_map(|(word, tone)| Some((word, tone, text.strip_prefix(word)?))) {
        Some((word, tone, rest)) => format!("{}{rest}", look.paint(tone, word)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_that_begins_a_message_has_a_colour() {
        let look = Look { colour: true, ..Look::default() };
        assert_eq!(with_colour(look, "error: no error: here"), "\x1b[31merror:\x1b[0m no error: here");
        assert_eq!(with_colour(look, "1 runs"), "1 runs");
        assert_eq!(with_colour(Look::default(), "note: so"), "note: so");
    }
}
