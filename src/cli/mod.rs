//! Floor 11: the command line. The only place that looks at the wall clock, and never for a result.

mod args;
mod baseline;
mod baseline_files;
mod check;
mod compare;
mod completions;
mod config;
mod conform;
mod dump_log;
mod effort;
mod environment;
mod exit;
mod explain;
mod exports;
mod init;
mod lessons;
mod library;
mod list;
mod look;
mod man;
mod many;
mod measure;
mod metrics;
mod out_dir;
mod output;
mod partitioners;
mod perf_test;
mod perf_test_scenario;
mod points_bar;
mod progress;
mod recorded_run;
mod report;
mod reproduction;
mod run;
mod scenario_files;
mod schema;
mod shard;
mod start;
mod swarm;
mod sweep;
mod truth_table;
mod watch;
mod watched_files;

use std::ffi::OsString;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::Parser;

use self::args::{Args, Command};
use self::exit::Failure;

/// Runs the program with these arguments, the program's name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    exit::report_bugs_as_such();
    let args: Vec<OsString> = args.into_iter().collect();
    look::colour_of(&args).into_iter().for_each(look::hold_to);
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        // Help goes to stdout with code 0, wrong usage to stderr with code 2. A closed pipe is no error.
        Err(answer) if answer.use_stderr() => {
            // If that fails, there is nobody to tell.
            let _ = answer.print();
            return ExitCode::from(answer.exit_code() as u8);
        }
        Err(answer) => return help(&answer),
    };
    look::hold_to(args.look.color);
    match dispatch(args) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

/// Help, or the version.
fn help(answer: &clap::Error) -> ExitCode {
    let printed = answer.print().and_then(|()| io::stdout().flush());
    printed.map_or_else(|error| output::failure(error).tell(), |()| ExitCode::SUCCESS)
}

/// How many threads to use: what was asked for, else all processors.
fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from)
}

fn dispatch(args: Args) -> Result<ExitCode, Failure> {
    let look = look::of_stdout(args.look);
    match args.command {
        Command::Run(args) => run::run(&args, look),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args),
        Command::DumpLog(args) => dump_log::run(&args),
        Command::Compare(args) => compare::run_command(&args),
        Command::Measure(args) => measure::run(&args),
        Command::Metrics(args) => metrics::run(&args),
        Command::Sweep(args) => sweep::run_command(&args),
        Command::List(args) => list::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Partitioners(args) => partitioners::run(&args),
        Command::Check(args) => check::run_command(&args, look),
        Command::Baseline(args) => baseline::run(&args),
        Command::PerfTest(args) => perf_test::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Conform(args) => conform::run(&args),
        Command::Swarm(args) => swarm::run(&args),
        Command::TruthTable(args) => truth_table::run(&args),
        Command::Schema => schema::run(),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { out } => man::run(out.as_deref()),
    }
}
