//! Records of a recorded trace.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use super::columns::{Column, Columns, KeyColumns, needed};
use super::rows::{Row, Rows};
use crate::protocol::record::{Key, Record};
use crate::values::file::open_regular;
use crate::values::ids::TopicId;
use crate::values::nearest::{did_you_mean, nearest};
use crate::workload::error::{WorkloadError, shown};
use crate::workload::spec::TraceFile;

/// The column of the second file.
const LATE_US: &str = "late_us";
/// Latest time of a row: a hundred years.
const MAX_NS: u64 = 100 * 365 * 86_400 * 1_000_000_000;
/// Length of a hashed key when the trace does not say it.
const DEFAULT_KEY_LEN: i32 = 8;

/// Reads a trace record by record. Memory does not grow with the file.
#[derive(Debug)]
pub struct TraceReader {
    rows: Rows<File>,
    columns: Columns,
    late: Option<Lateness>,
    topics: BTreeMap<String, TopicId>,
    partitions: Vec<u32>,
    default_topic: TopicId,
    /// Time of the row before without lateness, and where the clock of the file starts.
    row_ns: Option<u64>,
    origin_ns: u64,
    /// Time of the record before.
    record_ns: u64,
    moved_rows: u64,
    key: KeyText,
}

/// The key of a row.
#[derive(Debug, Default)]
pub struct KeyText {
    text: Vec<u8>,
    is_known: bool,
}

impl KeyText {
    /// Its bytes, none of a null key; `None` if the trace has only its hash.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.is_known.then_some(&self.text[..])
    }
}

/// The second file: how much later than planned each row was sent.
#[derive(Debug)]
struct Lateness {
    rows: Rows<File>,
    column: Column,
}

impl TraceReader {
    /// Opens a trace and checks its header.
    ///
    /// # Errors
    /// Files that cannot be opened, and headers without the needed columns or with contradicting ones.
    pub fn open(trace: &TraceFile) -> Result<TraceReader, WorkloadError> {
        let rows = open(&trace.path)?;
        let mut columns = Columns::find(&rows)?;
        if trace.ignore_keys {
            columns.key = KeyColumns::None;
        }
        let late = trace.late.as_deref().map(Lateness::open).transpose()?;
        let topics = trace.topics.iter().cloned().zip((0..).map(TopicId)).collect();
        Ok(TraceReader {
            rows,
            columns,
            late,
            topics,
            partitions: trace.partitions.clone(),
            default_topic: trace.default_topic,
            row_ns: None,
            origin_ns: 0,
            record_ns: 0,
            moved_rows: 0,
            key: KeyText::default(),
        })
    }

    /// The next record, `None` behind the last. Its tag is its time in ns, never before the time of the one before.
    ///
    /// # Errors
    /// A row that cannot be used, at its line and column; a second file with fewer or more rows than the trace; a trace
    /// without rows.
    pub fn next_record(&mut self) -> Result<Option<Record>, WorkloadError> {
        let Some(row) = self.rows.next()? else {
            if self.row_ns.is_none() {
                return Err(WorkloadError::at(self.rows.file(), 0, "the trace has a header but no rows"));
            }
            self.late.as_mut().map_or(Ok(()), Lateness::end)?;
            return Ok(None);
        };
        let clock = self.columns.clock;
        let ns = row.count(self.columns.time, MAX_NS / clock.unit_ns)? * clock.unit_ns;
        match self.row_ns {
            None if clock.from_first_row => self.origin_ns = ns,
            Some(before) if ns < before => {
                let message = format!("time goes back by {} ns: rows must be in order of time", before - ns);
                return Err(row.error(self.columns.time, message));
            }
            _ => {}
        }
        self.row_ns = Some(ns);
        let mut record = self.columns.record(row, &self.topics, &self.partitions, self.default_topic)?;
        let late_ns = self.late.as_mut().map_or(Ok(0), |late| late.next_ns(row.file, row.line))?;
        let due_ns = ns - self.origin_ns + late_ns;
        self.moved_rows += u64::from(due_ns < self.record_ns);
        self.record_ns = self.record_ns.max(due_ns);
        record.tag = self.record_ns;
        self.key.text.clear();
        self.key.is_known = match self.columns.key {
            KeyColumns::Text(column) => {
                self.key.text.extend_from_slice(row.text(column)?.unwrap_or("").as_bytes());
                true
            }
            KeyColumns::Hash { .. } => record.key == Key::NULL,
            KeyColumns::None => true,
        };
        Ok(Some(record))
    }

    /// Swaps the key of the record that was read last with another.
    pub fn swap_key(&mut self, key: &mut KeyText) {
        std::mem::swap(&mut self.key, key);
    }

    /// Sentences about what was not used as it stands in the files.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let file = self.rows.file().display();
        if !self.columns.ignored.is_empty() {
            let names: Vec<String> = self.columns.ignored.iter().map(|name| shown(name.as_bytes())).collect();
            notes.push(format!("{file}: columns without a meaning here were ignored: {}", names.join(", ")));
        }
        if self.moved_rows > 0 {
            let rows = self.moved_rows;
            notes.push(format!(
                "{file}: rows moved behind their predecessor, which they would pass once late: {rows}"
            ));
        }
        notes
    }
}

impl Lateness {
    fn open(file: &Path) -> Result<Lateness, WorkloadError> {
        let rows = open(file)?;
        let column = needed(&rows, LATE_US)?;
        Ok(Lateness { rows, column })
    }

    /// The next row's lateness, for the row of `trace` at `line`.
    fn next_ns(&mut self, trace: &Path, line: u64) -> Result<u64, WorkloadError> {
        match self.rows.next()? {
            Some(row) => Ok(row.count(self.column, MAX_NS / 1_000)? * 1_000),
            None => {
                let message = format!("has no row for line {line} of {}", trace.display());
                Err(WorkloadError::at(self.rows.file(), 0, message))
            }
        }
    }

    /// The trace is at its end.
    fn end(&mut self) -> Result<(), WorkloadError> {
        match self.rows.next()? {
            None => Ok(()),
            Some(row) => Err(WorkloadError::at(row.file, row.line, "has more rows than the trace")),
        }
    }
}

/// The rows of a file.
pub(crate) fn open(file: &Path) -> Result<Rows<File>, WorkloadError> {
    let input = open_regular(file)
        .map_err(|error| WorkloadError::at(file, 0, format!("the file cannot be opened: {error}")))?;
    Rows::new(input, file)
}

impl Columns {
    /// The row as a record, without its time.
    fn record(
        &self,
        row: Row<'_>,
        topics: &BTreeMap<String, TopicId>,
        partitions: &[u32],
        default_topic: TopicId,
    ) -> Result<Record, WorkloadError> {
        let (headers_count, headers_bytes) = self.headers(row)?;
        let topic = self.topic(row, topics)?.unwrap_or(default_topic);
        Ok(Record {
            topic,
            partition: self.partition(row, partitions.get(topic.index()).copied())?,
            key: self.key(row)?,
            value_len: row.optional_int(self.value_len)?,
            headers_bytes,
            headers_count,
            ..Record::EMPTY
        })
    }

    /// The explicit partition, -1 for none. `send` would wait for one that does not exist until `max.block.ms` is over;
    /// in a recording it is a mistake.
    fn partition(&self, row: Row<'_>, count: Option<u32>) -> Result<i32, WorkloadError> {
        let Some(column) = self.partition else { return Ok(-1) };
        let partition = row.optional_int(column)?;
        match count {
            Some(count) if partition >= count as i32 => {
                let message =
                    format!("{partition} is none of the topic's {count} partitions, 0 to {}", count - 1);
                Err(row.error(column, message))
            }
            _ => Ok(partition),
        }
    }

    fn topic(
        &self,
        row: Row<'_>,
        topics: &BTreeMap<String, TopicId>,
    ) -> Result<Option<TopicId>, WorkloadError> {
        let Some(column) = self.topic else { return Ok(None) };
        let Some(name) = row.text(column)? else { return Ok(None) };
        if let Some(&topic) = topics.get(name) {
            return Ok(Some(topic));
        }
        let help = did_you_mean(&nearest(name, topics.keys().map(String::as_str)))
            .unwrap_or_else(|| "expected a topic of the cluster".to_owned());
        Err(row
            .error(column, format!("\"{}\" is none of the cluster's topics: {help}", shown(name.as_bytes()))))
    }

    fn key(&self, row: Row<'_>) -> Result<Key, WorkloadError> {
        match self.key {
            KeyColumns::None => Ok(Key::NULL),
            KeyColumns::Text(column) => {
                Ok(row.text(column)?.map_or(Key::NULL, |text| Key::of(text.as_bytes())))
            }
            KeyColumns::Hash { hash, len } => {
                let Some(murmur2) = row.hash(hash)? else { return Ok(Key::NULL) };
                let len = len.map_or(Ok(DEFAULT_KEY_LEN), |column| row.optional_int(column))?;
                // A key with a hash is not null, so that an unknown length cannot be -1.
                Ok(Key { len: if len < 0 { DEFAULT_KEY_LEN } else { len }, murmur2 })
            }
        }
    }

    /// Count and encoded bytes. A header takes at least its two length prefixes.
    fn headers(&self, row: Row<'_>) -> Result<(u32, u32), WorkloadError> {
        let Some((count_column, bytes_column)) = self.headers else { return Ok((0, 0)) };
        let count = row.optional_int(count_column)?.max(0) as u32;
        let bytes = row.optional_int(bytes_column)?.max(0) as u32;
        if u64::from(bytes) < 2 * u64::from(count) || (count == 0 && bytes > 0) {
            let message = format!("{bytes} encoded bytes do not fit {count} headers: each takes 2 or more");
            return Err(row.error(bytes_column, message));
        }
        Ok((count, bytes))
    }
}
