//! `lingersim run --watch`: runs again whenever a file is saved, and shows what that has changed.

use std::path::Path;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use super::args::RunArgs;
use super::exit::Failure;
use super::output;
use super::run::{Done, load, populations_add_up, shows_time, simulate, write_files};
use super::watched_files::Watched;
use crate::report::look::Look;
use crate::report::moved::moved;
use crate::report::{Run, text};
use crate::scenario::load::Loaded;

/// Time between two looks at the files.
const EVERY: Duration = Duration::from_millis(200);

/// Runs the command; it ends with Ctrl-C.
pub fn run(args: &RunArgs, look: Look, scenario: &Path) -> Result<ExitCode, Failure> {
    let mut wait = || {
        sleep(EVERY);
        true
    };
    watch(
        args,
        look,
        scenario,
        &mut Around { wait: &mut wait, print: &mut output::print, tell: &mut output::tell },
    )
}

/// What is outside: the clock and the terminal.
struct Around<'a> {
    /// Waits a moment. `false`: nobody wants to know any more.
    wait: &'a mut dyn FnMut() -> bool,
    /// Writes a result.
    print: &'a mut dyn FnMut(&str) -> Result<(), Failure>,
    /// Tells an error, or how it goes.
    tell: &'a mut dyn FnMut(&str),
}

/// A scenario as it was, and what it did.
struct Last {
    loaded: Loaded,
    done: Done,
}

fn watch(args: &RunArgs, look: Look, scenario: &Path, around: &mut Around<'_>) -> Result<ExitCode, Failure> {
    // One that was never there is a name that is misspelt, not one that is saved just now.
    if !scenario.exists() {
        load(args)?;
    }
    let mut last: Option<Last> = None;
    loop {
        // Before the files are read: what is saved meanwhile is seen afterwards.
        let files = Watched::now(scenario, args);
        match once(args, last.is_none()) {
            Ok(now) => {
                show(args, look, last.as_ref(), &now, around)?;
                last = Some(now);
            }
            Err(Failure::Input(text)) => (around.tell)(&text),
            Err(Failure::Environment(text)) => (around.tell)(&format!("error: {text}")),
            Err(failure) => return Err(failure),
        }
        if !args.quiet {
            (around.tell)(&format!("\nwatching {}; Ctrl-C ends it", scenario.display()));
        }
        if !is_saved(&files, around.wait) {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Loads and runs; over time only if that is shown.
fn once(args: &RunArgs, is_first: bool) -> Result<Last, Failure> {
    let loaded = load(args)?;
    let done = simulate(args, &loaded, is_first && shows_time(args))?;
    populations_add_up(std::slice::from_ref(&done.result))?;
    Ok(Last { loaded, done })
}

fn show(
    args: &RunArgs,
    look: Look,
    last: Option<&Last>,
    now: &Last,
    around: &mut Around<'_>,
) -> Result<(), Failure> {
    let run = of(now);
    write_files(args, &run)?;
    match last {
        None => (around.print)(&text::summary_with(&run, look, now.done.timeline.as_ref())),
        Some(last) => (around.print)(&format!("\n{}", moved(&of(last), &run, look))),
    }
}

fn of(last: &Last) -> Run<'_> {
    Run { scenario: &last.loaded.scenario, settings: &last.loaded.settings, result: &last.done.result }
}

/// Waits until a file is another one and stays so for a moment: a file may be saved piece by piece, or be gone until its
/// new version has its name.
fn is_saved(files: &Watched, wait: &mut dyn FnMut() -> bool) -> bool {
    let mut before = files.clone();
    while wait() {
        let now = files.again();
        if now == before && now != *files {
            return true;
        }
        before = now;
    }
    false
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs;
    use std::path::PathBuf;

    use clap::Parser;

    use super::super::args::{Args, Command};
    use super::*;

    const SMALL: &str = "[run]\nrecords = 1000\n[workload]\nrate = \"1000/s\"\n";

    /// An empty folder of this name.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lingersim-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn run_args(line: &[&str]) -> RunArgs {
        match Args::try_parse_from(line).map(|args| args.command) {
            Ok(Command::Run(args)) => *args,
            Ok(_) => panic!("arguments of `run`"),
            Err(error) => panic!("{error}"),
        }
    }

    /// What is said while these files are saved, one after another, each in its own moment.
    fn said(scenario: &Path, saves: &[(&str, String)]) -> String {
        let line = ["lingersim", "run", "--watch", scenario.to_str().expect("UTF-8")];
        let args = run_args(&line);
        let text = RefCell::new(String::new());
        // One moment to save a file, one to see that it stays.
        let mut moments = saves.iter().flat_map(|save| [Some(save), None]);
        let mut wait = || match moments.next() {
            Some(Some((name, content))) => {
                text.borrow_mut().push_str(&format!("=== {name}\n"));
                fs::write(scenario.with_file_name(name), content).expect("a file");
                true
            }
            Some(None) => true,
            None => false,
        };
        let mut print = |printed: &str| {
            text.borrow_mut().push_str(printed);
            Ok(())
        };
        let mut tell = |told: &str| text.borrow_mut().push_str(&format!("{told}\n"));
        let mut around = Around { wait: &mut wait, print: &mut print, tell: &mut tell };
        let code = watch(&args, Look::default(), scenario, &mut around);
        assert_eq!(code.map(|code| format!("{code:?}")), Ok(format!("{:?}", ExitCode::SUCCESS)));
        let _ = fs::remove_dir_all(scenario.parent().expect("a folder"));
        text.into_inner()
    }

    #[test]
    fn each_version_is_compared_with_the_last_one_that_ran() {
        let scenario = folder("watch-versions").join("a.toml");
        let of = |linger: &str| format!("{SMALL}[producer]\nlinger.ms = {linger}\n");
        fs::write(&scenario, of("5")).expect("a file");
        let text = said(
            &scenario,
            &[("a.toml", of("20")), ("a.toml", of("\"soon\"")), ("a.toml", of("20 # as before"))],
        );
        let parts: Vec<&str> = text.split("=== a.toml\n").collect();
        assert!(parts[0].starts_with("a\nclient 4.3, seed 1"), "{text}");
        assert!(parts[1].contains("Settings\n    producer.linger.ms: 5 -> 20\n"), "{text}");
        assert!(parts[1].contains("\nFigures") && parts[1].contains("\n  latency p99 ms"), "{text}");
        assert!(parts[2].starts_with("error: ") && parts[2].contains("watching"), "{text}");
        assert!(parts[3].starts_with("\nnothing changed in the run: digest "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn files_that_a_scenario_names_are_watched_too() {
        let scenario = folder("watch-files").join("a.toml");
        fs::write(&scenario, format!("{SMALL}[producer]\nproperties-file = \"p.properties\"\n"))
            .expect("a file");
        fs::write(scenario.with_file_name("p.properties"), "linger.ms=5\n").expect("a file");
        let text = said(
            &scenario,
            &[
                ("other.properties", "linger.ms=1\n".to_owned()),
                ("p.properties", "linger.ms=50\n".to_owned()),
            ],
        );
        let parts: Vec<&str> = text.split("===").collect();
        assert_eq!(parts[1], " other.properties\n");
        assert!(parts[2].contains("producer.linger.ms: 5 -> 50\n"), "{text}");
    }

    #[test]
    fn a_scenario_may_be_wrong_to_begin_with() {
        let scenario = folder("watch-wrong").join("a.toml");
        fs::write(&scenario, "[workload]\nrate = 5\n").expect("a file");
        let text = said(&scenario, &[("a.toml", SMALL.to_owned())]);
        let parts: Vec<&str> = text.split("=== a.toml\n").collect();
        assert!(parts[0].starts_with("error: "), "{text}");
        assert!(parts[1].starts_with("a\nclient 4.3, seed 1") && parts[1].contains("\nRecords\n"), "{text}");
    }

    #[test]
    fn a_file_is_saved_when_it_stays_as_it_is() {
        let file = folder("watch-saved").join("a.toml");
        fs::write(&file, SMALL).expect("a file");
        let line = ["lingersim", "run", "--watch", file.to_str().expect("UTF-8")];
        let files = Watched::now(&file, &run_args(&line));
        // An editor moves the old file away, writes the new one in two pieces, and touches nothing any more.
        let mut moments = 0;
        let mut wait = || {
            moments += 1;
            match moments {
                2 => fs::remove_file(&file).expect("a file"),
                3 => fs::write(&file, "[run]\n").expect("a file"),
                4 => fs::write(&file, "[run]\nrecords = 5\n").expect("a file"),
                _ => assert!(moments < 9, "it waits for ever"),
            }
            true
        };
        assert!(is_saved(&files, &mut wait));
        assert_eq!(moments, 5);
        assert!(!is_saved(&files.again(), &mut || false));
        let _ = fs::remove_dir_all(file.parent().expect("a folder"));
    }

    #[test]
    fn a_scenario_that_never_was_there_ends_it() {
        let line = ["lingersim", "run", "--watch", "no-such-scenario.toml"];
        let args = run_args(&line);
        let failure = run(&args, Look::default(), Path::new("no-such-scenario.toml"));
        assert!(matches!(failure, Err(Failure::Input(_))), "{failure:?}");
    }
}
