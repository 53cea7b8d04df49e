//! Differential fuzzing: random scripts through the real Java client and through lingersim, until they differ.
//!
//! ```text
//! cargo run --release --example differential -- CLIENT FIRST_SEED COUNT FOLDER [FOCUS]
//! cargo run --release --example differential -- 4.3.0 1 20000 target/differential
//! ```
//!
//! Each seed is a script with any of the knobs turned. `oracle/run CLIENT serve` traces it with the real client. A
//! script whose replay differs is reduced to a smaller one that still does, and kept in the folder as a case:
//! `SEED.script.json` and `SEED.trace.jsonl`, ready for `lingersim conform`. The same seed is the same script.
//! With a FOCUS, only scripts that have this word in them are run, for example `compression.type`.

mod draw;
mod oracle;
mod reduce;
mod script;
mod settings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use oracle::Oracle;

/// Differences are reduced and kept up to this number; the others are counted.
const MOST_KEPT: usize = 25;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [client, first, count, folder, focus @ ..] = &args[..] else {
        eprintln!("usage: differential CLIENT FIRST_SEED COUNT FOLDER [FOCUS]");
        return ExitCode::from(2);
    };
    let (Ok(first), Ok(count)) = (first.parse(), count.parse()) else {
        eprintln!("FIRST_SEED and COUNT are numbers");
        return ExitCode::from(2);
    };
    match run(client, first, count, Path::new(folder), focus.first().map(String::as_str)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

/// Gives the number of scripts that differ.
fn run(client: &str, first: u64, count: u64, folder: &Path, focus: Option<&str>) -> Result<usize, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut trial = Trial { oracle: Oracle::start(client)?, folder: folder.to_owned() };
    let (mut tried, mut refused, mut differ) = (0, 0, 0);
    for seed in first..first + count {
        let script = script::draw(client, seed);
        if focus.is_some_and(|word| !script.to_string().contains(word)) {
            continue;
        }
        tried += 1;
        match trial.run(&script, "trial")? {
            Verdict::Equal => {}
            Verdict::Refused(why) => {
                refused += 1;
                println!("seed {seed} is refused: {why}");
            }
            Verdict::Differs(text) => {
                differ += 1;
                println!("seed {seed}:{}", first_difference(&text));
                if differ <= MOST_KEPT {
                    let least = reduce::reduce(script, |smaller| trial.differs(smaller));
                    trial.keep(&least, seed)?;
                }
            }
        }
        if tried % 1000 == 0 {
            println!("{client}: {tried} scripts, {differ} differ, {refused} refused");
        }
    }
    println!("{client}: {tried} scripts, {differ} differ, {refused} refused");
    Ok(differ)
}

/// What came of one script.
enum Verdict {
    Equal,
    /// One of the two would not have it.
    Refused(String),
    /// The report of `conform`.
    Differs(String),
}

struct Trial {
    oracle: Oracle,
    folder: PathBuf,
}

impl Trial {
    fn run(&mut self, script: &Value, name: &str) -> Result<Verdict, String> {
        let script_file = self.folder.join(format!("{name}.script.json"));
        let trace_file = self.folder.join(format!("{name}.trace.jsonl"));
        std::fs::write(&script_file, script.to_string()).map_err(|error| error.to_string())?;
        if let Err(why) = self.oracle.trace(&script_file, &trace_file)? {
            return Ok(Verdict::Refused(why));
        }
        Ok(match lingersim::conform::run(&[script_file], lingersim::conform::Codecs::Recorded) {
            Ok(report) if report.failed == 0 => Verdict::Equal,
            Ok(report) => Verdict::Differs(report.text),
            Err(problem) => Verdict::Refused(problem),
        })
    }

    fn differs(&mut self, script: &Value) -> bool {
        matches!(self.run(script, "smaller"), Ok(Verdict::Differs(_)))
    }

    /// Leaves script and trace of a reduced difference in the folder.
    fn keep(&mut self, script: &Value, seed: u64) -> Result<(), String> {
        if let Verdict::Differs(text) = self.run(script, &seed.to_string())? {
            println!("  reduced to {} bytes:{}", script.to_string().len(), first_difference(&text));
        }
        Ok(())
    }
}

/// The part of a report that shows the two sides.
fn first_difference(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.contains("trace.jsonl")).unwrap_or(0);
    lines[start..].iter().take(14).map(|line| format!("\n    {line}")).collect()
}
