//! Floor 8: replaying golden traces of the real client, and computing again what it computed.
//!
//! A *case* is a script (what applications, brokers and network do) and the trace of what the real client did in it.
//! The replay drives a [`crate::producer::Producer`] through the script in integer milliseconds and compares every
//! event with the trace. The first difference ends a case.

mod application;
mod case;
mod cluster;
mod codec;
mod compare;
mod event;
mod fault;
mod fill;
mod find;
mod happening;
mod ledger;
mod log;
mod network;
mod op;
mod packed;
mod raw;
mod replay;
mod report;
mod script;
mod sender;
mod settings;
mod trace;
mod vectors;

pub use packed::pack;

use std::path::PathBuf;

use self::case::Case;
use self::replay::Replay;
use self::report::{Outcome, Summary};
use self::script::Script;
use self::trace::Header;

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// For people, with a newline at the end.
    pub text: String,
    /// Cases that agree with their traces.
    pub passed: usize,
    /// Cases that differ.
    pub failed: usize,
    /// Cases that were not replayed because they use transactions.
    pub skipped: usize,
}

/// Where the sizes of compressed batches come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codecs {
    /// From the traces: they depend on the codec library.
    #[default]
    Recorded,
    /// The records' own bytes are compressed.
    Real,
}

/// Replays every case in or below `paths`: pairs `NAME.script.json`, `NAME.trace.jsonl` and packed files
/// (`NAME.jsonl`, see [`pack`]); and every row of files of vectors: results of the client's own functions, one in a line,
/// `NAME.jsonl` or `NAME.jsonl.gz`. Folders are searched completely, in the order of their names.
///
/// # Errors
/// A sentence about a path without cases, or about the file and line that cannot be read or understood.
pub fn run(paths: &[PathBuf], codecs: Codecs) -> Result<Report, String> {
    let mut summary = Summary::default();
    for path in paths {
        let files = find::case_files(path)?;
        if files.is_empty() {
            return Err(format!(
                "{}: no cases here; a case is a pair NAME.script.json and NAME.trace.jsonl, or a line group of a packed NAME.jsonl",
                path.display()
            ));
        }
        for file in files {
            if let Some(vectors) = vectors::Vectors::open(&file)? {
                vectors.check(&mut summary)?;
                continue;
            }
            for case in case::load(&file)? {
                summary.add(&case, &replay(&case, codecs)?);
            }
        }
    }
    Ok(summary.into_report())
}

fn replay(case: &Case, codecs: Codecs) -> Result<Outcome, String> {
    if case.uses_transactions() {
        return Ok(Outcome::Skipped);
    }
    let script = Script::parse(case)?;
    let header = Header::parse(case, &script)?;
    let in_script = |problem: String| case.in_script(&problem);
    if codecs == Codecs::Real && script.is_too_large_for_bytes() {
        return Err(in_script("its records are too large to be compressed here".to_owned()));
    }
    let config = settings::producer_config(&script).map_err(in_script)?;
    let divergence = Replay::new(&script, &header, config, &case.events, codecs).run().map_err(in_script)?;
    Ok(divergence.map_or(Outcome::Passed, |divergence| Outcome::Failed(Box::new(divergence))))
}
