//! `lingersim sweep`: many points of one scenario, on all processors, in shards, and after interruptions.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::effort::Stopwatch;
use super::exit::{Failure, PARTIAL};
use super::points_bar::Bar;
use super::run::absolute;
use super::{effort, out_dir, output, shard, threads};
use crate::experiment::sweep::journal::{Journal, JournalError, Shard};
use crate::experiment::sweep::merge::{MergeError, complete, merge};
use crate::experiment::sweep::plan::Plan;
use crate::experiment::sweep::{Sweep, SweepError, plot, run, tables};
use crate::experiment::vary::Base;
use crate::metric::Wanted;
use crate::scenario::load::Overrides;
use crate::scenario::sweep::{Design, SweepAxis, SweepSpec};

/// `lingersim sweep`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct SweepArgs {
    #[command(subcommand)]
    command: Option<SweepCommand>,

    #[command(flatten)]
    run: RunArgs,
}

/// What else can be done with sweeps.
#[derive(Subcommand)]
enum SweepCommand {
    /// Put the shards in folders together: the same files as one run of everything; exit code 6 if points are missing
    Merge(MergeArgs),
}

#[derive(Args)]
struct RunArgs {
    /// The scenario, or a properties file of a producer; its `[sweep]` says what varies
    #[arg(value_name = "SCENARIO.toml")]
    scenario: Option<PathBuf>,

    /// Where results go; what is there already of the same sweep is not done again
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Vary this instead of what the scenario says: linger.ms=0,5,20, linger.ms=0..50 step 10, or
    /// batch.size=1024..1048576 log 11; repeatable
    #[arg(long, value_name = "KEY=VALUES")]
    vary: Vec<String>,

    /// A Latin hypercube of so many points instead of a grid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    samples: Option<u32>,

    /// Runs of each point, with the same seeds in all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    seeds: Option<u32>,

    /// Read this figure of each run: "sim-record-latency p(99)"; repeatable [default: those of the scenario]
    #[arg(long, value_name = "METRIC")]
    metric: Vec<String>,

    /// The two figures of the picture of what is to be had at once
    #[arg(long, value_name = "METRIC", num_args = 2, value_names = ["X", "Y"])]
    pareto: Vec<String>,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Do one part of n: 3/16; auto takes it from the array task of Slurm, Kubernetes or AWS Batch
    #[arg(long, value_name = "I/N", value_parser = shard::parse)]
    shard: Option<Shard>,

    /// Threads to use; results are the same for any number [default: all processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// List the points, and run nothing
    #[arg(long)]
    list: bool,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Args)]
struct MergeArgs {
    /// Folders with shards
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,

    /// Where the files go [default: the first folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The two figures of the picture of what is to be had at once
    #[arg(long, value_name = "METRIC", num_args = 2, value_names = ["X", "Y"])]
    pareto: Vec<String>,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim sweep my.toml --vary \"linger.ms=0..50 step 5\" --vary acks=1,all --out results/\n  \
    lingersim sweep my.toml --out results/ --shard 3/16\n  \
    lingersim sweep merge results/\n\n\
    A sweep that was stopped goes on with the same command. docs/sweep.md shows GNU parallel, Slurm, Kubernetes, Ray.";

/// Runs the command.
pub fn run_command(args: &SweepArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        Some(SweepCommand::Merge(args)) => put_together(args),
        None => sweep(&args.run),
    }
}

fn sweep(args: &RunArgs) -> Result<ExitCode, Failure> {
    let base = base(args)?;
    let loaded = base.load().map_err(|error| Failure::Input(error.to_string()))?;
    let spec = spec(args, &loaded.guard.sweep)?;
    let plan = Plan::new(&loaded, &spec).map_err(told)?;
    if args.list {
        let lines: String =
            (0..plan.points.len()).map(|point| format!("{point} {}\n", plan.label(point))).collect();
        output::print(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    let goals = goals(&plan, &args.pareto)?;
    let Some(folder) = &args.out else {
        let help = "say where results go: --out results/; --list shows the points";
        return Err(Failure::Input(format!("error: a sweep needs a folder\n = help: {help}")));
    };
    let shard = args.shard.unwrap_or(Shard::WHOLE);
    let (journal, known) = Journal::open(folder, shard, &plan).map_err(journal_failure)?;
    let before = known.len() as u64;
    let bar = Bar::new(args.quiet, before);
    let stopwatch = Stopwatch::start();
    let results =
        run(&base, &plan, shard, &journal, known, threads(args.threads), &|done, all| bar.tell(done, all));
    bar.clear();
    let results = results.map_err(sweep_failure)?;
    let is_same = base.load().is_ok_and(|loaded| Plan::new(&loaded, &spec).is_ok_and(|now| now == plan));
    if !is_same {
        let help = format!("remove {} and run the sweep again", folder.display());
        let message = "the scenario, or a file it reads, has changed while the sweep ran";
        return Err(Failure::Input(format!("error: {message}\n = help: {help}")));
    }
    if !args.quiet {
        if before > 0 {
            output::tell(&format!("{before} points were there already"));
        }
        let runs = (results.len() as u64 - before) * plan.seeds.len() as u64;
        effort::tell_points(&stopwatch, results.len() as u64 - before, runs);
    }
    if shard != Shard::WHOLE {
        let next = format!(
            "next, when all {} shards are done: lingersim sweep merge {}",
            shard.count,
            folder.display()
        );
        if !args.quiet {
            output::tell(&next);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let sweep = complete(plan, results).map_err(|error| merge_failure(error, folder))?;
    finish(&sweep, &goals, folder)
}

fn put_together(args: &MergeArgs) -> Result<ExitCode, Failure> {
    let first = &args.folders[0];
    let sweep = match merge(&args.folders) {
        Err(MergeError::Missing(plan, missing)) => {
            tell_missing(&plan, &missing, first);
            return Ok(ExitCode::from(PARTIAL));
        }
        other => other.map_err(|error| merge_failure(error, first))?,
    };
    let goals = goals(&sweep.plan, &args.pareto)?;
    finish(&sweep, &goals, args.out.as_ref().unwrap_or(first))
}

/// Writes everything that is made of a whole sweep, and shows the summary.
fn finish(sweep: &Sweep, goals: &[usize], folder: &Path) -> Result<ExitCode, Failure> {
    let summary = tables::summary(sweep, goals);
    let mut files = vec![
        ("runs.csv".to_owned(), tables::tidy(sweep)),
        ("points.csv".to_owned(), tables::points(sweep)),
        ("summary.txt".to_owned(), summary.clone()),
    ];
    for (at, name) in sweep.plan.metrics.iter().enumerate() {
        if let Some(picture) = plot::map(sweep, at) {
            files.push((format!("{}.svg", file_name(name)), picture.map_err(Failure::Environment)?));
        }
    }
    if let [x, y] = goals
        && let Some(picture) = plot::pareto(sweep, *x, *y)
    {
        files.push(("pareto.svg".to_owned(), picture.map_err(Failure::Environment)?));
    }
    let named: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    out_dir::write(folder, &named)?;
    output::print(&summary)?;
    match sweep.failures().count() == sweep.results.len() {
        true => Err(Failure::Input("error: no point has a result\n = help: points.csv says why".to_owned())),
        false => Ok(ExitCode::SUCCESS),
    }
}

/// A name of a figure as one of a file: `sim-record-latency p(99)` is `sim-record-latency-p99`.
fn file_name(metric: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { Some(c) } else { None };
    metric.replace([' ', '{', ',', '='], "-").chars().filter_map(plain).collect()
}

fn base(args: &RunArgs) -> Result<Base, Failure> {
    let Some(path) = &args.scenario else {
        let help = "name a scenario; `lingersim sweep --help` has examples";
        return Err(Failure::Input(format!("error: there is nothing to sweep\n = help: {help}")));
    };
    let is_scenario = path.extension().is_some_and(|extension| extension == "toml");
    let flags = match is_scenario {
        true => Vec::new(),
        false => vec![("--properties", "producer.properties-file", absolute(&path.display().to_string()))],
    };
    let overrides = Overrides { set: args.set.clone(), flags, ..Overrides::default() };
    Ok(Base { file: is_scenario.then(|| path.clone()), overrides })
}

/// What the scenario says, with what the command line says instead.
fn spec(args: &RunArgs, given: &SweepSpec) -> Result<SweepSpec, Failure> {
    let mut spec = given.clone();
    if !args.vary.is_empty() {
        let axes: Result<Vec<SweepAxis>, _> = args.vary.iter().map(|text| SweepAxis::parse(text)).collect();
        spec.axes = axes.map_err(told)?;
    }
    if let Some(samples) = args.samples {
        (spec.design, spec.samples) = (Design::LatinHypercube, samples);
    }
    spec.replications = args.seeds.unwrap_or(spec.replications);
    if !args.metric.is_empty() {
        let metrics: Result<Vec<Wanted>, _> = args.metric.iter().map(|text| Wanted::parse(text)).collect();
        spec.metrics = metrics.map_err(told)?;
    }
    Ok(spec)
}

/// Places of the two figures that are wanted at once: those that are asked for, or p99 latency and requests.
fn goals(plan: &Plan, asked: &[String]) -> Result<Vec<usize>, Failure> {
    let place = |name: &str| plan.metrics.iter().position(|metric| metric == name);
    let [x, y] = asked else {
        return Ok(place("sim-requests")
            .zip(place("sim-record-latency p(99)"))
            .map_or_else(Vec::new, |(x, y)| vec![x, y]));
    };
    let of = |text: &String| {
        let wanted = Wanted::parse(text).map_err(told)?;
        let help = format!("it reads {}; --metric adds others", plan.metrics.join(", "));
        let missing =
            || Failure::Input(format!("error: the sweep does not read {}\n = help: {help}", wanted.name()));
        place(&wanted.name()).ok_or_else(missing)
    };
    Ok(vec![of(x)?, of(y)?])
}

fn told((message, help): (String, String)) -> Failure {
    Failure::Input(format!("error: {message}\n = help: {help}"))
}

fn journal_failure(error: JournalError) -> Failure {
    match error {
        JournalError::Io(path, error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::Input(format!("error: {} does not exist", path.display()))
        }
        JournalError::Io(path, error) => Failure::Environment(format!("{}: {error}", path.display())),
        JournalError::Other(path, why) => Failure::Input(format!("error: {}: {why}", path.display())),
    }
}

fn sweep_failure(error: SweepError) -> Failure {
    match error {
        SweepError::Journal(error) => journal_failure(error),
        SweepError::Environment(text) => Failure::Environment(text),
        SweepError::Bug(point, seed, text) => Failure::Bug(format!("{text}\nat {point} with seed {seed}")),
    }
}

fn merge_failure(error: MergeError, folder: &Path) -> Failure {
    let input = |text: String| Failure::Input(format!("error: {text}"));
    match error {
        MergeError::Journal(error) => journal_failure(error),
        MergeError::Nothing => {
            let help = "a shard writes part-I-of-N.jsonl: lingersim sweep SCENARIO --shard 1/4 --out DIR";
            input(format!("there are no results of a sweep in {}\n = help: {help}", folder.display()))
        }
        MergeError::Different(one, other) => {
            input(format!("{} and {} are of different sweeps", one.display(), other.display()))
        }
        MergeError::Contradiction(point, path) => input(format!(
            "{} has other results for point {point} than another file; were they made by different programs?",
            path.display()
        )),
        MergeError::Missing(plan, missing) => {
            input(format!("{} of {} points are missing", missing.len(), plan.points.len()))
        }
    }
}

/// Which points are missing, and which shards would fill the gaps.
fn tell_missing(plan: &Plan, missing: &[usize], folder: &Path) {
    let few: Vec<String> = missing.iter().take(10).map(|point| point.to_string()).collect();
    let more = if missing.len() > 10 { " …" } else { "" };
    output::tell(&format!(
        "error: {} of {} points are missing: {}{more}\n = help: run the missing shards, or everything: lingersim \
         sweep … --out {}",
        missing.len(),
        plan.points.len(),
        few.join(", "),
        folder.display()
    ));
}
