//! `lingersim conform`: replay traces of the real client.

use std::process::ExitCode;

use super::args::ConformArgs;
use super::exit::{Failure, GATE};
use super::output;
use crate::conform::Codecs;

/// Runs the command.
pub fn run(args: &ConformArgs) -> Result<ExitCode, Failure> {
    let codecs = if args.real_codecs { Codecs::Real } else { Codecs::Recorded };
    let report = crate::conform::run(&args.paths, codecs)
        .map_err(|problem| Failure::Input(format!("error: {problem}")))?;
    output::print(&report.text)?;
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(GATE) })
}
