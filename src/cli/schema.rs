//! `lingersim schema`: what editors know of scenarios.

use std::process::ExitCode;

use super::exit::Failure;
use super::output;
use crate::report::schema;

/// Runs the command.
pub fn run() -> Result<ExitCode, Failure> {
    output::print(&schema::json())?;
    Ok(ExitCode::SUCCESS)
}
