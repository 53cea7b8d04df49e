//! `lingersim truth-table`: what faults do, by configuration.

use std::path::Path;
use std::process::ExitCode;

use super::args::{Format, TruthTableArgs};
use super::effort::Stopwatch;
use super::exit::Failure;
use super::{out_dir, output, threads};
use crate::experiment::truth_table::{self, Cell, Plan, Table};
use crate::values::nearest::{did_you_mean, nearest};

/// Runs the command.
pub fn run(args: &TruthTableArgs) -> Result<ExitCode, Failure> {
    let mut cells = truth_table::all_cells();
    for only in &args.only {
        keep(&mut cells, only)?;
    }
    let stopwatch = Stopwatch::start();
    let plan = Plan { cells, first_seed: args.first, seeds: args.seeds };
    let table = truth_table::run(plan, threads(args.threads))?;
    if !args.quiet {
        let runs: u64 = table.tallies.iter().map(|tally| tally.runs).sum();
        super::effort::tell_runs(&stopwatch, runs);
    }
    if let Some(file) = &args.svg {
        draw(&table, file)?;
    }
    output::print(&match args.format {
        Format::Text => truth_table::text(&table),
        Format::Json => truth_table::json(&table),
        Format::Csv => truth_table::csv(&table),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Leaves the cells that have one of the values of `acks=0,1`.
fn keep(cells: &mut Vec<Cell>, only: &str) -> Result<(), Failure> {
    let wrong = |message: String, wanted: &str, known: &[&str]| {
        let near = did_you_mean(&nearest(wanted, known.iter().copied()));
        let help = near.unwrap_or_else(|| format!("expected one of {}", known.join(", ")));
        Err(Failure::Input(format!("error: `--only {only}`: {message}\n = help: {help}")))
    };
    let labels: Vec<(&str, String)> = truth_table::all_cells().iter().flat_map(Cell::labels).collect();
    let (key, values) = only.split_once('=').unwrap_or((only, ""));
    let mut known: Vec<&str> = Vec::new();
    for (label, value) in &labels {
        if *label == key && !known.contains(&value.as_str()) {
            known.push(value);
        }
    }
    if known.is_empty() {
        let mut keys: Vec<&str> = labels.iter().map(|(label, _)| *label).collect();
        keys.dedup();
        keys.truncate(5);
        return wrong(format!("there is no `{key}` in the table"), key, &keys);
    }
    let values: Vec<&str> = values.split(',').map(str::trim).collect();
    if let Some(value) = values.iter().find(|value| !known.contains(value)) {
        return wrong(format!("`{key}` is never \"{value}\""), value, &known);
    }
    cells.retain(|cell| {
        cell.labels().iter().any(|(label, value)| *label == key && values.contains(&value.as_str()))
    });
    match cells.is_empty() {
        true => Err(Failure::Input(format!("error: `--only {only}` leaves nothing of the table"))),
        false => Ok(()),
    }
}

fn draw(table: &Table, file: &Path) -> Result<(), Failure> {
    let picture = truth_table::svg::svg(table).map_err(Failure::Environment)?;
    out_dir::write_file(file, &picture)
}
