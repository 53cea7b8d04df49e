//! `lingersim list`: the library of scenarios.

use std::process::ExitCode;

use super::exit::Failure;
use super::library::{self, EXAMPLES, Example, LESSONS};
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
    let lines = |examples: &[Example]| {
        let width = examples.iter().map(|example| example.name.len()).max().unwrap_or(0);
        examples
            .iter()
            .map(|example| format!("{:width$}  {}\n", example.name, example.symptom))
            .collect::<String>()
    };
    let mut table = lines(EXAMPLES);
    table.push_str("\nLessons, to be shown with lingersim report NAME.toml --html NAME.html\n");
    table.push_str(&lines(LESSONS));
    table.push_str("\nlingersim list NAME prints one, lingersim init --example NAME writes it\n");
    table
}
