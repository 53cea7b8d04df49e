//! `lingersim report`: a run, or two of them, as a page.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::exit::Failure;
use super::progress::Progress;
use super::recorded_run::RecordedRun;
use super::reproduction::quoted;
use super::{out_dir, output};
use crate::recording::{Limits, Recording, record};
use crate::report::grouped;
use crate::report::lesson::{Tour, tour};
use crate::report::page::{PageRun, page};
use crate::scenario::load::Loaded;
use crate::values::quantity::Measure;
use crate::values::time::{Span, Time};
use crate::values::units::Bytes;

/// `lingersim report`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// A scenario (.toml), or a folder that `run --out` has written; two of them are compared in one page
    #[arg(value_name = "SCENARIO|RUN", required = true, num_args = 1..=2)]
    runs: Vec<PathBuf>,

    /// Where to write the page: one file, which needs no network
    #[arg(long, value_name = "FILE.html", required = true)]
    html: PathBuf,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Compare the run with itself under another setting: `--against linger.ms=50`; repeatable, all of them at once
    #[arg(long, value_name = "KEY=VALUE")]
    against: Vec<String>,

    /// The master seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// The largest page; what does not fit is left out by a rule that the page states
    #[arg(long, value_name = "BYTES", default_value = "2MB", value_parser = size)]
    report_max: u64,

    /// Keep detail only from this virtual time on, 1.5s
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Time>,

    /// Keep detail only before this virtual time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Time>,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim report scenarios/linger.toml --html linger.html\n  \
    lingersim report results/ --html results.html\n  \
    lingersim report scenarios/linger.toml --against linger.ms=50 --html compared.html\n  \
    lingersim report before.toml after.toml --html compared.html --report-max 8MB\n\n\
    What is in the page: docs/replay.md.";

/// The largest page, unless somebody says otherwise.
const DEFAULT_MAX: u64 = 2_000_000;
/// Happenings that fit the default size as a rule.
const FIRST_TRY: u64 = 500_000;
/// A page is made smaller at most so often.
const TRIES: u32 = 6;
/// The smallest page that makes sense: the script alone takes some hundred thousand bytes.
const SMALLEST: u64 = 256 * 1024;

fn size(text: &str) -> Result<u64, String> {
    let Bytes(bytes) = Bytes::parse(text).map_err(|error| error.to_string())?;
    match bytes >= SMALLEST {
        true => Ok(bytes),
        false => Err("a page takes at least 256KiB".to_owned()),
    }
}

fn time(text: &str) -> Result<Time, String> {
    Span::parse(text).map(|span| Time::START + span).map_err(|error| error.to_string())
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let runs = runs(args)?;
    let mut limit = FIRST_TRY / runs.len() as u64;
    let mut best = None;
    for _ in 0..TRIES {
        let recordings = runs
            .iter()
            .map(|run| record_one(run, args, limit))
            .collect::<Result<Vec<Recording>, Failure>>()?;
        let tours = tours(&runs, &recordings)?;
        let page = page_of(args, &runs, &recordings, &tours);
        let (bytes, kept) = (page.len() as u64, most_kept(&recordings));
        let is_whole = !recordings.iter().any(|recording| recording.is_cut);
        let fits = bytes <= args.report_max;
        if fits || best.is_none() {
            best = Some((page, recordings));
        }
        if fits && (is_whole || bytes >= args.report_max / 10 * 9) {
            break;
        }
        // As many happenings as there is room for, if each takes what those of this page took.
        let each = bytes.saturating_sub(SMALLEST / 2) as f64 / kept.max(1) as f64;
        let room = args.report_max.saturating_sub(SMALLEST / 2) as f64;
        limit = (room * 0.96 / each.max(0.5)) as u64;
    }
    let Some((page, recordings)) = best else { return Ok(ExitCode::SUCCESS) };
    write(args, &page, &recordings)?;
    Ok(ExitCode::SUCCESS)
}

/// The most happenings that a recording has in detail.
fn most_kept(recordings: &[Recording]) -> u64 {
    recordings.iter().map(|one| one.events().count() as u64).max().unwrap_or(0)
}

/// The runs to show: one, or two to compare.
fn runs(args: &ReportArgs) -> Result<Vec<RecordedRun>, Failure> {
    let seed = args.seed;
    let mut runs = args
        .runs
        .iter()
        .map(|path| RecordedRun::load(path, &args.set, seed))
        .collect::<Result<Vec<_>, _>>()?;
    if args.against.is_empty() {
        return Ok(runs);
    }
    let [path] = &args.runs[..] else {
        let help = "with --against, name one scenario: it is compared with itself";
        return Err(Failure::Input(format!("error: two scenarios and --against\n = help: {help}")));
    };
    let set: Vec<String> = args.set.iter().chain(&args.against).cloned().collect();
    let mut other = RecordedRun::load(path, &set, seed)?;
    other.name = args.against.join(" ");
    runs[0].name = "as it is".to_owned();
    runs.push(other);
    Ok(runs)
}

fn record_one(run: &RecordedRun, args: &ReportArgs, events: u64) -> Result<Recording, Failure> {
    let mut progress = Progress::new(run.loaded.scenario.end, args.quiet);
    let limits =
        Limits { events, from: args.from.unwrap_or(Time::START), until: args.until.unwrap_or(Time::NEVER) };
    let recording = record(&run.loaded.scenario, limits, &mut |now, records| {
        progress.tick(now, records);
        true
    });
    progress.finish();
    let mut recording = recording?;
    run.is_the_same(recording.result.digest)?;
    recording.result.warnings.splice(0..0, run.loaded.notes.iter().cloned());
    Ok(recording)
}

/// The lessons of the scenarios, computed from their runs.
fn tours(runs: &[RecordedRun], recordings: &[Recording]) -> Result<Vec<Tour>, Failure> {
    let tour_of = |(run, recording): (&RecordedRun, &Recording)| {
        tour(&run.loaded.lesson, &run.loaded.scenario, recording)
            .map_err(|error| Failure::Input(error.to_string()))
    };
    runs.iter().zip(recordings).map(tour_of).collect()
}

fn page_of(args: &ReportArgs, runs: &[RecordedRun], recordings: &[Recording], tours: &[Tour]) -> String {
    let command = command(args);
    let of = |((run, recording), tour)| {
        let RecordedRun { loaded, name, .. }: &RecordedRun = run;
        let Loaded { scenario, settings, .. } = loaded;
        PageRun { scenario, settings, recording, command: &command, name, tour }
    };
    let pages: Vec<PageRun<'_>> = runs.iter().zip(recordings).zip(tours).map(of).collect();
    page(&pages)
}

/// The command line that makes the page again.
fn command(args: &ReportArgs) -> String {
    let mut words = vec!["lingersim report".to_owned()];
    words.extend(args.runs.iter().map(|path| quoted(&path.display().to_string())));
    words.extend(args.set.iter().map(|set| format!("--set {}", quoted(set))));
    words.extend(args.against.iter().map(|set| format!("--against {}", quoted(set))));
    words.extend(args.seed.map(|seed| format!("--seed {seed}")));
    words.extend(args.from.map(|at| format!("--from {}ns", at.0)));
    words.extend(args.until.map(|at| format!("--until {}ns", at.0)));
    if args.report_max != DEFAULT_MAX {
        words.push(format!("--report-max {}B", args.report_max));
    }
    words.push(format!("--html {}", quoted(&args.html.display().to_string())));
    words.join(" ")
}

fn write(args: &ReportArgs, page: &str, recordings: &[Recording]) -> Result<(), Failure> {
    out_dir::write_file(Path::new(&args.html), page)?;
    if args.quiet {
        return Ok(());
    }
    output::tell(&format!("{}: {} bytes", args.html.display(), grouped(page.len() as u64)));
    for recording in recordings.iter().filter(|recording| !recording.is_whole()) {
        let kept = recording.events().count() as u64;
        let (kept, all) = (grouped(kept), grouped(recording.happenings));
        output::tell(&format!("{kept} of {all} happenings are in it; the page states the rule"));
    }
    if page.len() as u64 > args.report_max {
        output::tell("the page is larger than --report-max: its sums alone take that much");
    }
    Ok(())
}
