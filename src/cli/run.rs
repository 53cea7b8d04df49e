//! `lingersim run`: load, simulate, report.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use super::args::{Format, RunArgs};
use super::effort::Stopwatch;
use super::exit::Failure;
use super::progress::Progress;
use super::recorded_run::{COMMAND_FILE, command_file};
use super::{many, out_dir, output, reproduction, watch};
use crate::report::bench::Effort;
use crate::report::look::Look;
use crate::report::timeline::Timeline;
use crate::report::{Run, bench, grouped, json, settings, text, tidy};
use crate::scenario::load::{self, Loaded, Overrides};
use crate::world::observe::Asked;
use crate::world::result::RunResult;
use crate::world::run_observed;

const NOTHING_TO_RUN: &str = "error: there is nothing to run\n = help: name a scenario, or give --properties or \
    --trace; `lingersim run --help` has examples";

/// Runs the command.
pub fn run(args: &RunArgs, look: Look) -> Result<ExitCode, Failure> {
    args.exports.check(args.runs)?;
    if let (true, Some(scenario)) = (args.watch, &args.scenario) {
        return watch::run(args, look, scenario);
    }
    let loaded = load(args)?;
    let is_summary = args.format == Format::Text && !args.bench && args.runs == 1;
    // A summary has them among its warnings.
    if !args.quiet && !is_summary {
        loaded.notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
    }
    if args.show_config {
        let table = settings::table(loaded.settings.iter());
        // What a program reads is not to begin with something else.
        match args.format == Format::Text && !args.bench {
            true => output::print(&(table + "\n"))?,
            false => output::tell(&table),
        }
    } else if args.scenario.is_none() && !args.quiet {
        tell_defaults(&loaded);
    }
    if args.runs > 1 {
        return many::run(args, &loaded);
    }
    let done = simulate(args, &loaded, is_summary && shows_time(args))?;
    report(args, look, &loaded, &done)?;
    args.exports.write(&loaded, args.quiet)?;
    populations_add_up(&[done.result])
}

/// A run that is over.
pub(super) struct Done {
    pub(super) result: RunResult,
    pub(super) effort: Effort,
    /// If it is to be shown.
    pub(super) timeline: Option<Timeline>,
}

/// Whether a summary shows the run over time.
pub(super) fn shows_time(args: &RunArgs) -> bool {
    args.over_time || io::stdout().is_terminal()
}

/// Success, unless some record is in no population or in several.
pub(super) fn populations_add_up(results: &[RunResult]) -> Result<ExitCode, Failure> {
    match results.iter().all(|result| result.populations.add_up()) {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Failure::Bug("the populations of records do not add up".to_owned())),
    }
}

pub(super) fn load(args: &RunArgs) -> Result<Loaded, Failure> {
    let overrides = Overrides { set: args.set.clone(), flags: flags(args), ..Overrides::default() };
    let loaded = match &args.scenario {
        Some(path) => load::from_file(path, &overrides),
        None if args.properties.is_none() && args.trace.is_none() => {
            return Err(Failure::Input(NOTHING_TO_RUN.to_owned()));
        }
        None => load::from_arguments("command line", &overrides),
    };
    loaded.map_err(|error| Failure::Input(error.to_string()))
}

/// Flags that are paths of a scenario.
pub(super) fn flags(args: &RunArgs) -> Vec<(&'static str, &'static str, String)> {
    // In a scenario, a relative path begins at its folder; on the command line, where the user is.
    let file = |path: &Option<String>| match &args.scenario {
        Some(_) => path.as_ref().map(|path| absolute(path)),
        None => path.clone(),
    };
    let no_keys = args.no_keys.then(|| "none".to_owned());
    [
        ("--kafka", "kafka.version", &args.kafka),
        ("--brokers", "cluster.brokers", &args.brokers),
        ("--partitions", "cluster.partitions", &args.partitions),
        ("--replication", "cluster.replication", &args.replication),
        ("--responses", "cluster.responses", &file(&args.responses)),
        ("--properties", "producer.properties-file", &file(&args.properties)),
        ("--trace", "workload.trace", &file(&args.trace)),
        ("--late", "workload.late", &file(&args.late)),
        ("--no-keys", "workload.keys", &no_keys),
        ("--topic", "workload.topic", &args.topic),
        ("--records", "run.records", &args.records),
        ("--seed", "seed", &args.seed),
    ]
    .into_iter()
    .filter_map(|(flag, path, value)| value.clone().map(|value| (flag, path, value)))
    .collect()
}

pub(super) fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string())
}

/// What the simulator assumes where neither a file nor a flag says it; Kafka's own defaults are no news.
pub(super) fn tell_defaults(loaded: &Loaded) {
    let assumed = loaded.settings.iter().filter(|setting| setting.is_assumed());
    output::tell("Assumed, as nothing else is said (change with --set NAME=VALUE):");
    for line in settings::table(assumed).lines() {
        output::tell(&format!("  {}", line.trim_end_matches("default").trim_end()));
    }
    output::tell("");
}

/// Runs it. To look at it over time takes a moment more, and changes nothing.
pub(super) fn simulate(args: &RunArgs, loaded: &Loaded, shows_time: bool) -> Result<Done, Failure> {
    let scenario = &loaded.scenario;
    let mut progress = Progress::new(scenario.end, args.quiet);
    let mut timeline = shows_time.then(Timeline::default);
    let asked = Asked { acks: shows_time, ..Asked::default() };
    let stopwatch = Stopwatch::start();
    let observed = run_observed(scenario, &asked, &mut |glance| {
        progress.tick(glance.now, glance.records);
        if let Some(timeline) = &mut timeline {
            timeline.note(glance.acks);
        }
        true
    });
    let effort = stopwatch.stop();
    progress.finish();
    let mut result = observed.map_err(|error| reproduction::told(error.into(), args, scenario.seed))?.result;
    result.warnings.splice(0..0, loaded.notes.iter().cloned());
    Ok(Done { result, effort, timeline })
}

fn report(args: &RunArgs, look: Look, loaded: &Loaded, done: &Done) -> Result<(), Failure> {
    let Done { result, effort, timeline } = done;
    let run = Run { scenario: &loaded.scenario, settings: &loaded.settings, result };
    write_files(args, &run)?;
    match (args.bench, args.format) {
        (true, _) => output::print(&bench::line(result, *effort))?,
        (false, Format::Text) => output::print(&text::summary_with(&run, look, timeline.as_ref()))?,
        (false, Format::Json) => output::print(&json::report(&run))?,
        (false, Format::Csv) => output::print(&tidy::report(&run))?,
    }
    if !args.quiet {
        let rate = grouped((result.populations.offered as f64 / effort.wall_s.max(1e-9)) as u64);
        output::tell(&format!("{:.3} s wall clock, {rate} records/s", effort.wall_s));
    }
    Ok(())
}

/// What `--out` asks for.
pub(super) fn write_files(args: &RunArgs, run: &Run<'_>) -> Result<(), Failure> {
    let Some(folder) = &args.out else { return Ok(()) };
    let files = [
        ("summary.txt", text::summary(run)),
        ("result.json", json::report(run)),
        ("result.csv", tidy::report(run)),
        ("configuration.txt", settings::table(run.settings.iter())),
        (COMMAND_FILE, command_file(reproduction::words(args, run.scenario.seed), run.result.digest)),
    ];
    out_dir::write(folder, &files)
}
