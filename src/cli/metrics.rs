//! `lingersim metrics`: the names of all figures that gates, comparisons and sweeps may speak of.

use std::process::ExitCode;

use super::exit::Failure;
use super::output;
use crate::report::metric_table;

/// `lingersim metrics`.
#[derive(clap::Args)]
pub struct MetricsArgs {
    /// As rows of a Markdown table
    #[arg(long)]
    markdown: bool,
}

/// Runs the command.
pub fn run(args: &MetricsArgs) -> Result<ExitCode, Failure> {
    output::print(&if args.markdown { metric_table::markdown() } else { metric_table::text() })?;
    Ok(ExitCode::SUCCESS)
}
