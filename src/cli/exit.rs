//! Exit codes, and how failures are told.

use std::process::ExitCode;

use super::output;
use crate::world::WorldError;

/// Exit codes of the program, as `--help` lists them.
pub const CODES: &str = "Exit codes:\n  \
    0  fine, warnings and failed records allowed\n  \
    1  a gate failed: threshold, baseline, promise, trace of the real client\n  \
    2  wrong usage, or an invalid scenario, configuration or trace\n  \
    3  a baseline is missing, unreadable, or of another question\n  \
    4  the simulator contradicts itself: a bug of ours, please report it\n  \
    5  the environment: disk, permissions, memory\n  \
    6  a part of the result is missing";

/// A gate failed.
pub const GATE: u8 = 1;
const INPUT: u8 = 2;
/// A baseline is missing, unreadable, or of another question.
pub const BASELINE: u8 = 3;
/// The simulator contradicts itself.
pub const BUG: u8 = 4;
const ENVIRONMENT: u8 = 5;
/// A part of the result is missing.
pub const PARTIAL: u8 = 6;

/// Why a command ends early, with what it says on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Wrong usage or input; the text is complete.
    Input(String),
    /// The simulator contradicts itself.
    Bug(String),
    /// Disk, permissions, memory.
    Environment(String),
    /// The reader of our output has gone: nothing to say, nothing wrong.
    ReaderGone,
}

impl Failure {
    /// Says it on stderr and gives the exit code.
    pub fn tell(self) -> ExitCode {
        let (text, code) = match self {
            Failure::Input(text) => (text, INPUT),
            Failure::Bug(text) => (format!("error: {text}\n{PLEASE_REPORT}"), BUG),
            Failure::Environment(text) => (format!("error: {text}"), ENVIRONMENT),
            Failure::ReaderGone => return ExitCode::SUCCESS,
        };
        output::tell(&text);
        ExitCode::from(code)
    }
}

impl Failure {
    /// The same with one more line.
    pub fn with(self, line: &str) -> Failure {
        match self {
            Failure::Input(text) => Failure::Input(format!("{text}\n{line}")),
            Failure::Bug(text) => Failure::Bug(format!("{text}\n{line}")),
            Failure::Environment(text) => Failure::Environment(format!("{text}\n{line}")),
            Failure::ReaderGone => Failure::ReaderGone,
        }
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Failure {
        match error {
            WorldError::Input(text) => Failure::Input(format!("error: {text}")),
            WorldError::Environment(text) => Failure::Environment(text),
            WorldError::Invariant(text) => Failure::Bug(text),
        }
    }
}

/// What comes after such an error.
pub const PLEASE_REPORT: &str =
    "This is a bug of lingersim: please report it with the scenario and the seed.";

/// A panic is a broken invariant of the simulator: say so, and leave with the code for it.
pub fn report_bugs_as_such() {
    std::panic::set_hook(Box::new(|panic| {
        output::tell(&format!("error: {panic}\n{PLEASE_REPORT}"));
        std::process::exit(i32::from(BUG));
    }));
}
