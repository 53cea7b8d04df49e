//! `lingersim list`: the library of scenarios.

use std::process::ExitCode;

use super::exit::Failure;
use super::library::{self, EXAMPLES};
use super::output;

/// `lingersim list`.
#[derive(clap::Args)]
#[command(after_help = "What cures each, with figures before and after: docs/library.md.")]
pub struct ListArgs {
    /// Print this scenario, comments and all
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Runs the command.
pub fn run(args: &ListArgs) -> Result<ExitCode, Failure> {
    match &args.name {
        Some(name) => output::print(library::find(name)?.text)?,
        None => output::print(&table())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each scenario, then what to do with one.
fn table() -> String {
    let width = EXAMPLES.iter().map(|example| example.name.len()).max().unwrap_or(0);
    let mut table: String =
        EXAMPLES.iter().map(|example| format!("{:width$}  {}\n", example.name, example.symptom)).collect();
    table.push_str("\nlingersim list NAME prints one, lingersim init --example NAME writes it\n");
    table
}
