//! Packs the golden cases below a folder into one file on stdout, the form in which `tests/golden` keeps them:
//! `cargo run --example pack_golden -- FOLDER > tests/golden/CLIENT/FAMILY.jsonl`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: pack_golden FOLDER");
        return ExitCode::from(2);
    };
    match lingersim::conform::pack(&folder) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
