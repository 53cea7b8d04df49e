//! A case as it is read: the text of its script and the events of its trace.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::find::CaseFile;
use super::packed;
use crate::values::file::open_regular;

/// No case file is larger: parsed JSON takes many times its size. A packed family has about a tenth of this.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    identity: Identity,
    /// Where the script is: a file, or a line of one.
    script_place: String,
    /// The script.
    pub(super) script: String,
    /// The file of the trace.
    trace_file: String,
    /// First line of the trace.
    pub(super) header: TraceLine,
    /// The other lines of the trace.
    pub(super) events: Vec<TraceLine>,
}

/// A line of a trace.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TraceLine {
    /// Its number in its file, from 1.
    pub(super) number: usize,
    /// What it says.
    pub(super) value: Value,
}

/// What a script calls itself.
#[derive(Debug, Deserialize)]
struct Identity {
    name: String,
    family: String,
    client: String,
    config: serde_json::Map<String, Value>,
}

impl Case {
    /// A case from its parts; `trace` begins with the header.
    ///
    /// # Errors
    /// A sentence about a script without identity or a trace without header.
    pub(super) fn new(
        script_place: String,
        script: String,
        trace_file: String,
        trace: Vec<TraceLine>,
    ) -> Result<Case, String> {
        let identity = serde_json::from_str(&script)
            .map_err(|error| format!("{script_place}: not a script: {error}"))?;
        let mut lines = trace.into_iter();
        let header =
            lines.next().ok_or_else(|| format!("{trace_file}: the trace of {script_place} is empty"))?;
        if header.value.get("ev").and_then(Value::as_str) != Some("header") {
            return Err(format!("{trace_file}:{}: expected the header of a trace", header.number));
        }
        Ok(Case { identity, script_place, script, trace_file, header, events: lines.collect() })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.identity.name
    }

    /// The client and the family that it belongs to.
    pub(super) fn group(&self) -> (&str, &str) {
        (&self.identity.client, &self.identity.family)
    }

    /// Whether its producer has a `transactional.id`.
    pub(super) fn uses_transactions(&self) -> bool {
        self.identity.config.contains_key("transactional.id")
    }

    /// A sentence about the script.
    pub(super) fn in_script(&self, problem: &str) -> String {
        format!("{}: {problem}", self.script_place)
    }

    /// A sentence about a line of the trace.
    pub(super) fn in_trace(&self, line: usize, problem: &str) -> String {
        format!("{}:{line}: {problem}", self.trace_file)
    }

    /// The file of the trace and a line of it.
    pub(super) fn trace_place(&self, line: usize) -> String {
        format!("{}:{line}", self.trace_file)
    }
}

/// Reads all cases of a file.
///
/// # Errors
/// A sentence with the file, and the line if there is one.
pub(super) fn load(file: &CaseFile) -> Result<Vec<Case>, String> {
    match file {
        CaseFile::Pair { script, trace } => {
            let place = script.display().to_string();
            let trace_place = trace.display().to_string();
            let lines = parse_lines(&trace_place, &read(trace)?)?;
            Ok(vec![Case::new(place, read(script)?, trace_place, lines)?])
        }
        CaseFile::Packed(path) | CaseFile::Zipped(path) => {
            packed::unpack(&path.display().to_string(), &read(path)?)
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let problem = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    // One byte more than allowed tells, whatever size the file is said to have.
    let file = open_regular(path).map_err(problem)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(problem)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("{}: larger than the {MAX_FILE_BYTES} bytes of a case file", path.display()));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|error| format!("{}: not UTF-8 text: {error}", path.display()))
}

/// Parses JSON lines; an empty line may only be the last one.
pub(super) fn parse_lines(file: &str, text: &str) -> Result<Vec<TraceLine>, String> {
    let lines = text.lines().enumerate();
    lines
        .map(|(at, line)| {
            let number = at + 1;
            let value = serde_json::from_str(line)
                .map_err(|error| format!("{file}:{number}: not a JSON value: {error}"))?;
            Ok(TraceLine { number, value })
        })
        .collect()
}
