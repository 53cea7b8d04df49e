//! Writing to stdout and stderr. A reader that goes away, as `head` does, is no error.

use std::io::{self, ErrorKind, Write};

use super::exit::Failure;

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
    let _ = writeln!(io::stderr().lock(), "{text}");
}
