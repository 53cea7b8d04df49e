//! `lingersim run --runs N`: the same scenario with several seeds, on all processors.

use std::process::ExitCode;
use std::thread::available_parallelism;

use super::args::{Format, RunArgs};
use super::exit::Failure;
use super::{out_dir, output, reproduction};
use crate::report::{Run, json, settings, spread, tidy};
use crate::scenario::Scenario;
use crate::scenario::load::Loaded;
use crate::world::result::RunResult;
use crate::world::{WorldError, run_many};

/// Runs the command. Each run is what a single run with its seed would be, whatever thread it is on.
pub fn run(args: &RunArgs, loaded: &Loaded) -> Result<ExitCode, Failure> {
    let seeds: Vec<u64> = (0..u64::from(args.runs)).map(|n| loaded.scenario.seed.wrapping_add(n)).collect();
    let threads = available_parallelism().map_or(1, usize::from);
    let outcomes = run_many(&loaded.scenario, &seeds, threads);
    let told = |(outcome, seed): (Result<RunResult, WorldError>, &u64)| {
        outcome.map_err(|error| reproduction::told(error.into(), args, *seed))
    };
    let results: Vec<RunResult> = outcomes.into_iter().zip(&seeds).map(told).collect::<Result<_, _>>()?;
    let runs: Vec<(u64, &RunResult)> = seeds.into_iter().zip(&results).collect();
    if let Some(folder) = &args.out {
        let files = [
            ("runs.txt", spread::table(&runs)),
            ("runs.json", lines(loaded, &runs)),
            ("runs.csv", rows(loaded, &runs)),
            ("configuration.txt", settings::table(loaded.settings.iter())),
        ];
        out_dir::write(folder, &files)?;
    }
    output::print(&match args.format {
        Format::Text => spread::table(&runs),
        Format::Json => lines(loaded, &runs),
        Format::Csv => rows(loaded, &runs),
    })?;
    super::run::populations_add_up(&results)
}

/// The reports of all runs in one JSON list.
fn lines(loaded: &Loaded, runs: &[(u64, &RunResult)]) -> String {
    let reports: Vec<String> = each(loaded, runs, json::report).collect();
    format!("[\n{}\n]\n", reports.iter().map(|report| report.trim_end()).collect::<Vec<_>>().join(",\n"))
}

/// The rows of all runs under one header.
fn rows(loaded: &Loaded, runs: &[(u64, &RunResult)]) -> String {
    let mut text = String::new();
    for report in each(loaded, runs, tidy::report) {
        let body = report.split_once('\n').map_or("", |(_, body)| body);
        text.push_str(if text.is_empty() { &report } else { body });
    }
    text
}

fn each<'a>(
    loaded: &'a Loaded,
    runs: &'a [(u64, &'a RunResult)],
    report: fn(&Run<'_>) -> String,
) -> impl Iterator<Item = String> + 'a {
    runs.iter().map(move |&(seed, result)| {
        let scenario = Scenario { seed, ..loaded.scenario.clone() };
        report(&Run { scenario: &scenario, settings: &loaded.settings, result })
    })
}
