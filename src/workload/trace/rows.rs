//! Rows of a CSV file, one at a time, in bounded memory, with their line numbers.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use crate::workload::error::{WorkloadError, shown};

/// Longest row that is read, and longest field therefore.
pub(super) const MAX_ROW_BYTES: usize = 1 << 20;

/// A reader of rows that reuses one buffer. Blank lines are skipped.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    csv: csv::Reader<RowFeed<R>>,
    fields: ByteRecord,
    file: PathBuf,
    header: Vec<String>,
}

/// The row read last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) file: &'a Path,
    pub(crate) line: u64,
    pub(crate) fields: &'a ByteRecord,
}

impl<R: Read> Rows<R> {
    /// Reads the header of `input`; `file` is its name in errors.
    pub(crate) fn new(input: R, file: &Path) -> Result<Rows<R>, WorkloadError> {
        let csv =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(RowFeed::new(input));
        let mut rows = Rows { csv, fields: ByteRecord::new(), file: file.to_owned(), header: Vec::new() };
        if !rows.advance()? {
            return Err(WorkloadError::at(file, 0, "the file is empty: expected a header and rows"));
        }
        let line = rows.csv.get_ref().row_line;
        rows.header = header_names(&rows.fields).map_err(|message| WorkloadError::at(file, line, message))?;
        Ok(rows)
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Line on which the row read last begins.
    pub(crate) fn row_line(&self) -> u64 {
        self.csv.get_ref().row_line
    }

    /// The next row, `None` at the end of the file. It has as many fields as the header.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, WorkloadError> {
        if !self.advance()? {
            return Ok(None);
        }
        let (found, expected) = (self.fields.len(), self.header.len());
        if found != expected {
            let message = format!("the row has {found} fields where the header has {expected}");
            return Err(WorkloadError::at(&self.file, self.row_line(), message));
        }
        Ok(Some(Row { file: &self.file, line: self.row_line(), fields: &self.fields }))
    }

    fn advance(&mut self) -> Result<bool, WorkloadError> {
        let read = self.read_row()?;
        let feed = self.csv.get_ref();
        if feed.has_open_quote() {
            let message = "a quote is not closed in this row, which so takes the rest of the file";
            return Err(WorkloadError::at(&self.file, feed.row_line, message));
        }
        Ok(read)
    }

    fn read_row(&mut self) -> Result<bool, WorkloadError> {
        let begun = self.csv.get_mut().begin_row();
        let read = match begun {
            Ok(()) => self.csv.read_byte_record(&mut self.fields).map_err(io::Error::from),
            Err(error) => Err(error),
        };
        read.map_err(|error| {
            let feed = self.csv.get_ref();
            let message = if feed.too_long {
                format!(
                    "the row is longer than {} MiB: is this a CSV file with one record a line?",
                    MAX_ROW_BYTES >> 20
                )
            } else {
                format!("cannot be read: {error}")
            };
            WorkloadError::at(&self.file, feed.row_line, message)
        })
    }
}

/// Checks that the first row can be a header.
fn header_names(fields: &ByteRecord) -> Result<Vec<String>, String> {
    const MAX_COLUMNS: usize = 256;
    if fields.len() > MAX_COLUMNS {
        return Err(format!("the header has {} columns; expected at most {MAX_COLUMNS}", fields.len()));
    }
    let name = |field| match std::str::from_utf8(field) {
        Ok(name) if !name.contains('\0') => Ok(name.trim().to_owned()),
        _ => Err(format!(
            "\"{}\" is no column name: expected a header in UTF-8, is this a binary file?",
            shown(field)
        )),
    };
    fields.iter().map(name).collect()
}

/// Hands the lines of a file to the CSV parser one by one, so that the line number is known at every row, and refuses
/// to feed one row more than [`MAX_ROW_BYTES`]: neither a file without line ends nor an unclosed quote fills the memory.
#[derive(Debug)]
struct RowFeed<R> {
    input: BufReader<R>,
    /// Line of the next byte.
    line: u64,
    /// Line of the present row's first byte.
    row_line: u64,
    /// What the present row may still take.
    bytes_left: usize,
    too_long: bool,
    /// Quotes in the present row, and whether the file ended before the parser had all of it.
    quotes: usize,
    is_cut: bool,
}

impl<R: Read> RowFeed<R> {
    fn new(input: R) -> RowFeed<R> {
        RowFeed {
            input: BufReader::new(input),
            line: 1,
            row_line: 1,
            bytes_left: 0,
            too_long: false,
            quotes: 0,
            is_cut: false,
        }
    }

    /// Whether the row goes on over line ends to the end of the file because of a quote that nothing closes.
    fn has_open_quote(&self) -> bool {
        self.is_cut && self.quotes % 2 == 1 && self.line > self.row_line
    }

    /// Skips blank lines; the row begins behind them.
    fn begin_row(&mut self) -> io::Result<()> {
        while let Some(&end @ (b'\n' | b'\r')) = self.input.fill_buf()?.first() {
            self.input.consume(1);
            self.line += u64::from(end == b'\n');
        }
        self.row_line = self.line;
        self.bytes_left = MAX_ROW_BYTES;
        self.quotes = 0;
        Ok(())
    }
}

impl<R: Read> Read for RowFeed<R> {
    /// At most one line.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let input = self.input.fill_buf()?;
        let line_end = input.iter().position(|&byte| byte == b'\n').map(|newline| newline + 1);
        let len = line_end.unwrap_or(input.len()).min(buffer.len());
        if len > self.bytes_left {
            self.too_long = true;
            return Err(io::Error::other("row too long"));
        }
        buffer[..len].copy_from_slice(&input[..len]);
        self.quotes += input[..len].iter().filter(|&&byte| byte == b'"').count();
        self.is_cut = len == 0;
        self.input.consume(len);
        self.bytes_left -= len;
        self.line += u64::from(line_end == Some(len));
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Result<Vec<(u64, Vec<String>)>, String> {
        let mut rows = Rows::new(text, Path::new("t.csv")).map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|error| error.to_string())? {
            let fields = row.fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            all.push((row.line, fields));
        }
        Ok(all)
    }

    #[test]
    fn rows_know_their_line_whatever_ends_the_lines() {
        let expected =
            vec![(2, vec!["1".to_owned(), "2".to_owned()]), (5, vec!["3".to_owned(), "4".to_owned()])];
        assert_eq!(rows(b"a,b\n1,2\n\n\n3,4\n"), Ok(expected.clone()));
        assert_eq!(rows(b"a,b\r\n1,2\r\n\r\n\r\n3,4"), Ok(expected.clone()));
        assert_eq!(rows("\u{feff}a,b\n1,2\n\n\n3,4".as_bytes()), Ok(expected));
    }

    #[test]
    fn a_quoted_line_end_belongs_to_its_row() {
        let expected =
            vec![(2, vec!["x\ny".to_owned(), "2".to_owned()]), (4, vec!["3".to_owned(), "4".to_owned()])];
        assert_eq!(rows(b"a,b\n\"x\ny\",2\n3,4\n"), Ok(expected));
    }

    #[test]
    fn a_line_is_counted_once_however_often_it_is_read() {
        let mut feed = RowFeed::new(&b"abcdef\nx\n"[..]);
        feed.begin_row().expect("in memory");
        let mut buffer = [0; 4];
        let reads: Vec<(usize, u64)> =
            (0..3).map(|_| (feed.read(&mut buffer).expect("in memory"), feed.line)).collect();
        assert_eq!(reads, [(4, 1), (3, 2), (2, 3)]);
    }

    #[test]
    fn an_endless_line_is_refused_without_reading_it() {
        let error = Rows::new(io::repeat(b'x'), Path::new("t.csv")).expect_err("too long");
        assert_eq!(error.line, 1);
        assert!(error.message.contains("longer than 1 MiB"), "{error}");
        let mut rows = Rows::new(b"a,b\n".chain(io::repeat(b',')), Path::new("t.csv")).expect("a header");
        assert_eq!(rows.next().expect_err("too long").line, 2);
    }

    #[test]
    fn an_unclosed_quote_is_refused_without_reading_the_rest() {
        let mut rows =
            Rows::new(b"a,b\n1,\"".chain(io::repeat(b'\n')), Path::new("t.csv")).expect("a header");
        let error = rows.next().expect_err("too long");
        assert_eq!(
            error.to_string(),
            "t.csv:2: the row is longer than 1 MiB: is this a CSV file with one record a line?"
        );
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_rows() {
        let error = rows(b"a,b\n1,\"2\n3,4\n5,6\n").expect_err("an open quote");
        assert_eq!(error, "t.csv:2: a quote is not closed in this row, which so takes the rest of the file");
        let closed = vec![(2, vec!["1".to_owned(), "2\n3".to_owned()])];
        assert_eq!(rows(b"a,b\n1,\"2\n3\""), Ok(closed));
        let inches = vec![(2, vec!["1".to_owned(), "5\"".to_owned()])];
        assert_eq!(rows(b"a,b\n1,5\""), Ok(inches.clone()));
        assert_eq!(rows(b"a,b\n1,5\"\n"), Ok(inches));
    }

    #[test]
    fn headers_that_are_none_are_refused() {
        assert_eq!(rows(b""), Err("t.csv: the file is empty: expected a header and rows".to_owned()));
        assert_eq!(rows(b"\n\n"), Err("t.csv: the file is empty: expected a header and rows".to_owned()));
        let binary = rows(b"PK\x03\x04\xff\xfe\n").expect_err("binary");
        assert!(binary.contains("is this a binary file?"), "{binary}");
        let wide = rows(&[b','; 1_000]).expect_err("wide");
        assert_eq!(wide, "t.csv:1: the header has 1001 columns; expected at most 256");
    }

    #[test]
    fn ragged_rows_are_refused() {
        let error = rows(b"a,b\n1,2\n3\n").expect_err("ragged");
        assert_eq!(error, "t.csv:3: the row has 1 fields where the header has 2");
    }
}
