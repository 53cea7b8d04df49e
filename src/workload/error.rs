//! What can be wrong with a workload's files.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in a file that cannot be used, and what would be right there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadError {
    /// The file.
    pub file: PathBuf,
    /// The line where the row begins, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// The column's name in the header, if one column is to blame.
    pub column: Option<String>,
    /// What is wrong and what was expected, without the place.
    pub message: String,
}

impl WorkloadError {
    /// An error about a whole row.
    pub(crate) fn at(file: &Path, line: u64, message: impl Into<String>) -> WorkloadError {
        WorkloadError { file: file.to_owned(), line, column: None, message: message.into() }
    }

    /// The same error, blamed on one column.
    pub(crate) fn in_column(mut self, column: &str) -> WorkloadError {
        self.column = Some(shown(column.as_bytes()));
        self
    }
}

impl fmt::Display for WorkloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        match &self.column {
            Some(column) => write!(f, " column `{column}`: {}", self.message),
            None => write!(f, " {}", self.message),
        }
    }
}

impl std::error::Error for WorkloadError {}

/// Bytes of a file as they may appear in a message: escaped, and cut when long.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const MAX_BYTES: usize = 40;
    let (start, rest) = bytes.split_at(bytes.len().min(MAX_BYTES));
    let start = String::from_utf8_lossy(start).escape_debug().to_string();
    if rest.is_empty() { start } else { format!("{start}…") }
}
