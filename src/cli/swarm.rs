//! `lingersim swarm`: scenarios drawn at random, and what must never happen in them.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use toml::Table;

use super::args::SwarmArgs;
use super::effort::{self, Stopwatch};
use super::exit::{BUG, Failure, GATE, PLEASE_REPORT};
use super::{out_dir, output, threads};
use crate::experiment::swarm::{self, Found, MOST_TRIES, Summary, drawn, reduce, text};
use crate::report::grouped;

/// Failures that are listed, at most; all are counted.
const MOST_LISTED: usize = 20;

thread_local! {
    /// Seed and scenario of the run that this thread is at.
    static CURRENT: RefCell<Option<(u64, Table)>> = const { RefCell::new(None) };
}

fn starts(seed: u64, scenario: &Table) {
    CURRENT.replace(Some((seed, scenario.clone())));
}

/// Runs the command.
pub fn run(args: &SwarmArgs) -> Result<ExitCode, Failure> {
    if args.show {
        output::print(&text(&drawn(args.first)))?;
        return Ok(ExitCode::SUCCESS);
    }
    report_panics(args.out.clone());
    let stopwatch = Stopwatch::start();
    let summary = swarm::run(args.first, args.seeds, threads(args.threads), &starts);
    if !args.quiet {
        effort::tell_runs(&stopwatch, args.seeds);
    }
    let mut report = format!(
        "{} scenarios, seeds {} to {}: {} failures\n",
        grouped(args.seeds),
        args.first,
        args.first.wrapping_add(args.seeds - 1),
        grouped(summary.found.len() as u64)
    );
    report.push_str(&failures(&summary, &args.out)?);
    report.push('\n');
    report.push_str(&summary.coverage.text());
    output::print(&report)?;
    if let Some(file) = &args.coverage {
        out_dir::write_file(file, &summary.coverage.csv())?;
    }
    let code = summary.found.iter().map(code).max();
    Ok(code.map_or(ExitCode::SUCCESS, ExitCode::from))
}

/// A contradiction of the simulator weighs more than a broken promise.
fn code(found: &Found) -> u8 {
    if found.failure.is_a_contradiction() { BUG } else { GATE }
}

/// All failures; the first of each class with its scenario, reduced.
fn failures(summary: &Summary, folder: &Path) -> Result<String, Failure> {
    let mut report = String::new();
    let mut classes: Vec<&str> = Vec::new();
    for (at, found) in summary.found.iter().enumerate() {
        let class = found.failure.class();
        if !classes.contains(&class) {
            classes.push(class);
            report.push_str(&in_full(found, folder)?);
        } else if at < MOST_LISTED {
            report.push_str(&format!("\nseed {}: {}\n", found.seed, found.failure));
        }
    }
    Ok(report)
}

fn in_full(found: &Found, folder: &Path) -> Result<String, Failure> {
    let Found { seed, failure } = found;
    let (whole, reduced) = (text(&drawn(*seed)), text(&found.reduced(&starts)));
    let name = format!("seed-{seed}.toml");
    let file = folder.join(&name);
    let about = format!("# {}\n# {}\n", failure.class(), command(&file, *seed));
    out_dir::write(folder, &[(&name, about + &reduced)])?;
    Ok(format!(
        "\nseed {seed}: {failure}\n\nThe scenario:\n{}\nReduced:\n{}\nRun it: {}\n",
        indented(&whole),
        indented(&reduced),
        command(&file, *seed)
    ))
}

/// The line that runs a scenario again.
fn command(file: &Path, seed: u64) -> String {
    format!("lingersim run {} --seed {seed}", file.display())
}

fn indented(text: &str) -> String {
    text.lines().filter(|line| !line.is_empty()).map(|line| format!("    {line}\n")).collect()
}

/// A panic ends the process, so the scenario is reduced by other processes, which end in the same way.
fn report_panics(folder: PathBuf) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        output::tell(&format!("error: {panic}"));
        if let Some((seed, scenario)) = CURRENT.take() {
            output::tell(&format!("seed {seed}, with the scenario:\n{}", indented(&text(&scenario))));
            match reduced_by_processes(seed, &scenario, &place, &folder) {
                Ok(file) => output::tell(&format!("Run it: {}", command(&file, seed))),
                Err(failure) => drop(failure.tell()),
            }
        }
        output::tell(PLEASE_REPORT);
        std::process::exit(i32::from(BUG));
    }));
}

/// Reduces a scenario as long as a run of it panics at `place`, and writes it.
fn reduced_by_processes(seed: u64, scenario: &Table, place: &str, folder: &Path) -> Result<PathBuf, Failure> {
    let candidate_file = folder.join(format!("seed-{seed}.candidate.toml"));
    out_dir::write(folder, &[])?;
    let panics = |candidate: &Table| {
        let runs = fs::write(&candidate_file, text(candidate)).is_ok();
        runs && panics_at(&candidate_file, seed, place)
    };
    let reduced = text(&reduce(scenario, MOST_TRIES, panics));
    // Best effort: it is one file too many, no more.
    let _ = fs::remove_file(&candidate_file);
    let name = format!("seed-{seed}.toml");
    let file = folder.join(&name);
    let about = format!("# panic at {place}\n# {}\n", command(&file, seed));
    out_dir::write(folder, &[(&name, about + &reduced)])?;
    Ok(file)
}

/// Whether a run of this file, in a process of its own, panics at `place`.
fn panics_at(file: &Path, seed: u64, place: &str) -> bool {
    let Ok(program) = std::env::current_exe() else { return false };
    let mut run = Command::new(program);
    run.args(["run", "--quiet", "--seed", &seed.to_string()]).arg(file).stdin(Stdio::null());
    run.output().is_ok_and(|output| {
        output.status.code() == Some(i32::from(BUG))
            && String::from_utf8_lossy(&output.stderr).contains(place)
    })
}
