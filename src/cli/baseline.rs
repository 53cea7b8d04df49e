//! `lingersim baseline`: what a scenario does now becomes what it is held to, after somebody has looked at it.

use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::baseline_files;
use super::environment::is_ci;
use super::exit::{Failure, GATE};
use super::{output, scenario_files};
use crate::experiment::check::baseline::Baseline;
use crate::experiment::check::{baseline_of, text};
use crate::scenario::load::Overrides;

/// `lingersim baseline`.
#[derive(clap::Args)]
pub struct BaselineArgs {
    #[command(subcommand)]
    command: BaselineCommand,
}

/// What to do with baselines.
#[derive(Subcommand)]
enum BaselineCommand {
    /// Take what scenarios do now as their baselines: files that are named, and in folders those with a proposal
    Accept(AcceptArgs),
    /// Show each proposal, and ask what to do with it (on a terminal)
    Review(PathArgs),
    /// Remove proposals
    Reject(PathArgs),
    /// List proposals; exit code 1 if there are some
    Pending(PathArgs),
}

#[derive(clap::Args)]
struct PathArgs {
    /// Scenario files, or folders with some [default: scenarios/, or the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct AcceptArgs {
    /// Scenario files, or folders with some [default: scenarios/, or the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// In folders, every scenario, also those without a baseline
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub fn run(args: &BaselineArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        BaselineCommand::Accept(args) => accept(args),
        BaselineCommand::Review(args) => review(args),
        BaselineCommand::Reject(args) => reject(args),
        BaselineCommand::Pending(args) => pending(args),
    }
}

/// Nothing is written where nobody looks.
fn refuse_in_ci() -> Result<(), Failure> {
    if !is_ci() {
        return Ok(());
    }
    let help = "accept it where somebody looks at it, and commit the file; or unset CI";
    Err(Failure::Input(format!("error: CI is set, so no baseline is written\n = help: {help}")))
}

fn accept(args: &AcceptArgs) -> Result<ExitCode, Failure> {
    refuse_in_ci()?;
    let named = |file: &PathBuf| args.paths.contains(file);
    let files: Vec<PathBuf> = (scenario_files::find(&args.paths)?.into_iter())
        .filter(|file| args.all || named(file) || baseline_files::proposal(file).exists())
        .collect();
    if files.is_empty() {
        output::print("nothing is proposed; name scenario files, or use --all\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = scenario_files::load_all(&files, &Overrides::default())?;
    for (file, loaded) in files.iter().zip(&loaded) {
        let baseline = baseline_of(loaded)?;
        baseline_files::accept(file, &baseline)?;
        output::print(&format!("accepted {}\n", baseline_files::path(file).display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn proposals(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let files = scenario_files::find(paths)?;
    Ok(files.into_iter().filter(|file| baseline_files::proposal(file).exists()).collect())
}

fn reject(args: &PathArgs) -> Result<ExitCode, Failure> {
    refuse_in_ci()?;
    for file in proposals(&args.paths)? {
        baseline_files::reject(&file)?;
        output::print(&format!("rejected {}\n", baseline_files::proposal(&file).display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn pending(args: &PathArgs) -> Result<ExitCode, Failure> {
    let files = proposals(&args.paths)?;
    let lines: String =
        files.iter().map(|file| format!("{}\n", baseline_files::proposal(file).display())).collect();
    output::print(&lines)?;
    Ok(if files.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(GATE) })
}

fn review(args: &PathArgs) -> Result<ExitCode, Failure> {
    let files = proposals(&args.paths)?;
    if files.is_empty() {
        output::print("nothing is proposed\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let asks = io::stdin().is_terminal();
    if asks {
        refuse_in_ci()?;
    }
    for (at, file) in files.iter().enumerate() {
        let (old, new) = (load(&baseline_files::path(file))?, load(&baseline_files::proposal(file))?);
        let head = format!("{} ({} of {})\n", file.display(), at + 1, files.len());
        output::print(&(head + &difference(file, &old, &new)?))?;
        if asks {
            ask(file, &new)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn load(path: &Path) -> Result<Baseline, Failure> {
    let wrong = |why: String| Failure::Input(format!("error: {}: {why}", path.display()));
    let text = baseline_files::read(path).ok_or_else(|| wrong("there is none".to_owned()))?;
    text.and_then(|text| Baseline::from_text(&text)).map_err(wrong)
}

/// What changes with a proposal.
fn difference(file: &Path, old: &Baseline, new: &Baseline) -> Result<String, Failure> {
    let loaded = scenario_files::load_all(&[file.to_owned()], &Overrides::default())?;
    let mut lines: Vec<String> = old
        .setting_changes(&new.configuration)
        .iter()
        .map(|setting| format!("  set    {}", setting.text()))
        .collect();
    for loaded in &loaded {
        let changes = old.changes(new, &loaded.guard.check);
        lines.extend(changes.iter().map(|change| format!("  {}", text::change_line(change))));
    }
    let digests = |baseline: &Baseline| baseline.digests.values().next().cloned().unwrap_or_default();
    lines.push(format!("  digest {} -> {}", digests(old), digests(new)));
    Ok(lines.join("\n") + "\n")
}

/// Asks until there is an answer.
fn ask(file: &Path, new: &Baseline) -> Result<(), Failure> {
    loop {
        output::print("[a]ccept, [r]eject, [s]kip? ")?;
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        match (read, answer.trim()) {
            (Ok(0) | Err(_), _) => return Ok(()),
            (_, "a" | "accept") => return baseline_files::accept(file, new),
            (_, "r" | "reject") => return baseline_files::reject(file).map(|_| ()),
            (_, "s" | "skip") => return Ok(()),
            _ => {}
        }
    }
}
