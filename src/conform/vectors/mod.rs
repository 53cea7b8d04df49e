//! Vectors: inputs and results of the real client's own functions, one row a line, computed again.

mod backoff;
mod batches;
mod bytes;
mod estimator;
mod hashes;
mod requests;
mod row;
mod serializers;
mod sizes;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use flate2::read::GzDecoder;
use serde_json::Value;

use self::row::Row;
use super::find::CaseFile;
use super::report::Summary;
use crate::values::file::open_regular;

/// No file of vectors is larger, decompressed.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// No row is longer.
const MAX_ROW_BYTES: u64 = 4 << 20;

/// A table of vectors that is computed again: its name, a field that only its rows have, and how a row is checked.
struct Table {
    name: &'static str,
    field: &'static str,
    /// What is wrong with the row itself, or where the result differs from the client's.
    check: fn(&Row) -> Result<Option<String>, String>,
}

const TABLES: [Table; 7] = [
    Table { name: "record_batches", field: "write_limit", check: batches::check },
    Table { name: "record_sizes", field: "record_upper_bound", check: sizes::check },
    Table { name: "compression_estimator", field: "ops", check: estimator::check },
    Table { name: "murmur2_partitions", field: "murmur2", check: hashes::check },
    Table { name: "produce_requests", field: "correlation_id", check: requests::check },
    Table { name: "serializers", field: "serializer", check: serializers::check },
    Table { name: "backoff", field: "multiplier", check: backoff::check },
];

/// A file of vectors, open.
pub(super) struct Vectors {
    file: String,
    lines: Box<dyn BufRead>,
    first: Value,
    table: &'static Table,
}

impl Vectors {
    /// Opens a file, if it holds vectors and not cases.
    ///
    /// # Errors
    /// A sentence about a file that cannot be read.
    pub(super) fn open(file: &CaseFile) -> Result<Option<Vectors>, String> {
        let (path, is_zipped) = match file {
            CaseFile::Pair { .. } => return Ok(None),
            CaseFile::Packed(path) => (path, false),
            CaseFile::Zipped(path) => (path, true),
        };
        let place = path.display().to_string();
        let opened = open_regular(path).map_err(|error| format!("{place}: {error}"))?;
        let mut lines = lines(opened, is_zipped);
        let first = match next_row(&place, 1, &mut lines) {
            Ok(Some(first)) => first,
            // Whoever reads cases will say what is wrong with it.
            Ok(None) | Err(_) if !is_zipped => return Ok(None),
            Ok(None) => return Err(format!("{place}: nothing in it")),
            Err(problem) => return Err(problem),
        };
        match TABLES.iter().find(|table| first.get(table.field).is_some()) {
            Some(table) => Ok(Some(Vectors { file: place, lines, first, table })),
            None if is_zipped || first.get("id").is_some_and(Value::is_string) => Err(format!(
                "{place}: vectors of a table that is not computed here; there are {}",
                TABLES.map(|table| table.name).join(", ")
            )),
            None => Ok(None),
        }
    }

    /// Computes every row again.
    ///
    /// # Errors
    /// A sentence with the line of a row that cannot be understood.
    pub(super) fn check(self, summary: &mut Summary) -> Result<(), String> {
        let Vectors { file, mut lines, first, table } = self;
        let (mut row, mut number) = (Some(first), 1);
        while let Some(value) = row {
            let place = format!("{file}:{number}");
            let difference =
                (table.check)(&Row::new(&value)).map_err(|problem| format!("{place}: {problem}"))?;
            summary.add_vector(table.name, &place, difference);
            number += 1;
            row = next_row(&file, number, &mut lines)?;
        }
        Ok(())
    }
}

fn lines(file: File, is_zipped: bool) -> Box<dyn BufRead> {
    match is_zipped {
        true => Box::new(BufReader::new(GzDecoder::new(BufReader::new(file)).take(MAX_FILE_BYTES))),
        false => Box::new(BufReader::new(file.take(MAX_FILE_BYTES))),
    }
}

fn next_row(file: &str, number: usize, lines: &mut impl BufRead) -> Result<Option<Value>, String> {
    let problem = |error: &dyn std::fmt::Display| format!("{file}:{number}: {error}");
    let mut line = Vec::new();
    lines.take(MAX_ROW_BYTES + 1).read_until(b'\n', &mut line).map_err(|error| problem(&error))?;
    match line.len() as u64 {
        0 => Ok(None),
        bytes if bytes > MAX_ROW_BYTES => Err(problem(&format!("a row of more than {MAX_ROW_BYTES} bytes"))),
        _ => serde_json::from_slice(&line)
            .map(Some)
            .map_err(|error| problem(&format!("not a JSON value: {error}"))),
    }
}

/// The first of several things that differs: what it is, what the client has, what is computed here.
fn differs<T: PartialEq + std::fmt::Debug>(what: &str, client: &T, here: &T) -> Option<String> {
    (client != here).then(|| format!("{what} is {client:?} in the client, {here:?} here"))
}
