//! `lingersim check`: gates and baselines of scenarios.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use super::baseline_files;
use super::environment::{is_ci, is_set};
use super::exit::{BASELINE, Failure, GATE};
use super::{effort, lessons, out_dir, output, scenario_files, threads};
use crate::experiment::check::{Checked, Strictness, Subject, annotations, junit, markdown, run, text};
use crate::report::look::Look;
use crate::scenario::load::{Loaded, Overrides};

/// `lingersim check`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Scenario files, or folders with some [default: scenarios/, or the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Run each scenario with this many seeds, whatever its `check.seeds` says; baselines of other seeds are not comparable
    #[arg(long, value_name = "N")]
    seeds: Option<String>,

    /// Threads to use; the outcome is the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Form of the report on stdout
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,

    /// Also write JUnit XML into this file
    #[arg(long, value_name = "FILE.xml")]
    junit: Option<PathBuf>,

    /// Also write Markdown into this file, for example "$GITHUB_STEP_SUMMARY"
    #[arg(long, value_name = "FILE.md")]
    markdown: Option<PathBuf>,

    /// Print annotations for the lines of gates that fail, as GitHub reads them
    #[arg(long, value_enum, default_value_t = When::Auto)]
    annotations: When,

    /// A scenario without a baseline fails, with exit code 3
    #[arg(long)]
    require_baseline: bool,

    /// Do not compare with baselines
    #[arg(long, conflicts_with = "require_baseline")]
    no_baseline: bool,

    /// With a tolerance, improvements that nobody has accepted fail too
    #[arg(long)]
    strict: bool,

    /// Tell everything, and leave with exit code 0
    #[arg(long)]
    warn_only: bool,

    /// Show gates that hold too
    #[arg(long, short)]
    verbose: bool,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim check scenarios/\n  \
    lingersim check my.toml --set linger.ms=50\n  \
    lingersim check --junit check.xml --markdown \"$GITHUB_STEP_SUMMARY\"\n\n\
    Gates stand in the scenario: [thresholds] and [[gate]], see docs/check.md. What has\n\
    changed since a baseline is laid beside it as NAME.json.new, unless CI is set;\n\
    `lingersim baseline review` shows it.";

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For the summary of a CI job
    Markdown,
    /// JUnit XML
    Junit,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// If GITHUB_ACTIONS is set
    Auto,
    /// In any case
    Always,
    /// Not at all
    Never,
}

/// Runs the command.
pub fn run_command(args: &CheckArgs, look: Look) -> Result<ExitCode, Failure> {
    let stopwatch = effort::Stopwatch::start();
    let files = scenario_files::find(&args.paths)?;
    let flags = args.seeds.iter().map(|seeds| ("--seeds", "check.seeds", seeds.clone())).collect();
    let loaded = scenario_files::load_all(
        &files,
        &Overrides { set: args.set.clone(), flags, ..Overrides::default() },
    )?;
    lessons::hold(loaded.iter())?;
    let subjects: Vec<Subject> =
        files.iter().zip(loaded).map(|(file, loaded)| subject(args, file, loaded)).collect();
    let strictness = Strictness { require_baseline: args.require_baseline, strict: args.strict };
    let checked = run(&subjects, strictness, threads(args.threads)).map_err(|(at, seed, error)| {
        Failure::from(error).with(&format!("in {} with seed {seed}", subjects[at].file))
    })?;
    // What `--set` has changed is a trial, and no proposal; and what is not compared says nothing of an older one.
    if !is_ci() && args.set.is_empty() && args.seeds.is_none() && !args.no_baseline {
        propose(&files, &checked)?;
    }
    output::print(&match args.format {
        CheckFormat::Text => text::report(&checked, args.verbose, look),
        CheckFormat::Markdown => markdown::report(&checked),
        CheckFormat::Junit => junit::document(&checked, &command(args)),
    })?;
    // The report first: a file that cannot be written must not swallow it.
    write_files(args, &checked)?;
    let annotate = match args.annotations {
        When::Auto => is_set("GITHUB_ACTIONS"),
        When::Always => true,
        When::Never => false,
    };
    if annotate {
        output::print(&annotations::commands(&checked))?;
    }
    if !args.quiet {
        let runs: u64 = checked.iter().map(|scenario| scenario.seeds.len() as u64).sum();
        effort::tell_runs(&stopwatch, runs);
    }
    Ok(code(args, &checked))
}

fn code(args: &CheckArgs, checked: &[Checked]) -> ExitCode {
    if args.warn_only {
        return ExitCode::SUCCESS;
    }
    if checked.iter().any(Checked::fails) {
        return ExitCode::from(GATE);
    }
    match checked.iter().any(Checked::lacks_baseline) {
        true => ExitCode::from(BASELINE),
        false => ExitCode::SUCCESS,
    }
}

fn subject(args: &CheckArgs, file: &Path, mut loaded: Loaded) -> Subject {
    if args.no_baseline {
        loaded.guard.check.baseline = crate::scenario::gate::BaselineMode::Off;
    }
    let baseline = baseline_files::read(&baseline_files::path(file));
    Subject { file: file.display().to_string(), loaded, baseline }
}

/// The command that repeats the check of a scenario, up to its name.
fn command(args: &CheckArgs) -> String {
    let set: String = args.set.iter().map(|set| format!(" --set {set}")).collect();
    format!("lingersim check{set}")
}

fn write_files(args: &CheckArgs, checked: &[Checked]) -> Result<(), Failure> {
    if let Some(file) = &args.junit {
        out_dir::write_file(file, &junit::document(checked, &command(args)))?;
    }
    if let Some(file) = &args.markdown {
        out_dir::write_file(file, &markdown::report(checked))?;
    }
    Ok(())
}

/// Lays beside each baseline that is no longer right what it would be now, and removes what is no longer wanted.
fn propose(files: &[PathBuf], checked: &[Checked]) -> Result<(), Failure> {
    for (file, scenario) in files.iter().zip(checked) {
        match &scenario.proposal {
            Some(baseline) => baseline_files::propose(file, baseline)?,
            None => {
                baseline_files::reject(file)?;
            }
        }
    }
    Ok(())
}
