//! Which topics a trace speaks of: one pass over the file, for scenarios that name no topics.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use super::limits;
use super::topic_section::NAME_MAX;
use crate::values::file::open_regular;

/// Bytes of one row; more is no trace.
const ROW_BYTES: usize = 1 << 20;

/// The names in the column `topic`, in order of first mention; none without such a column.
///
/// A trace that is broken gives the topics before the break: reading it during the run tells what is wrong.
pub fn topics(path: &Path) -> Vec<String> {
    open_regular(path).map_or_else(|_| Vec::new(), topics_of)
}

fn topics_of(file: impl Read) -> Vec<String> {
    let row_bytes = Rc::new(Cell::new(0));
    let limited = RowLimit { file, row_bytes: Rc::clone(&row_bytes) };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(limited);
    let is_topic = |name: &[u8]| name.trim_ascii().eq_ignore_ascii_case(b"topic");
    let Some(column) = reader.byte_headers().ok().and_then(|header| header.iter().position(is_topic)) else {
        return Vec::new();
    };
    let mut topics = Vec::new();
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut row = csv::ByteRecord::new();
    while let Ok(true) = reader.read_byte_record(&mut row) {
        row_bytes.set(0);
        let Some(name) = row.get(column).map(<[u8]>::trim_ascii).filter(|name| !name.is_empty()) else {
            continue;
        };
        if seen.contains(name) {
            continue;
        }
        seen.insert(name.to_owned());
        topics.push(String::from_utf8_lossy(name).into_owned());
        // A longer name is refused, and ten thousand of them would fill the memory first.
        if name.len() > NAME_MAX || topics.len() >= limits::TOPICS {
            break;
        }
    }
    topics
}

/// Ends with an error once a row is longer than [`ROW_BYTES`], so that no row is ever held in memory.
struct RowLimit<R> {
    file: R,
    row_bytes: Rc<Cell<usize>>,
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(buffer)?;
        self.row_bytes.set(self.row_bytes.get() + bytes);
        match self.row_bytes.get() > ROW_BYTES {
            true => Err(io::Error::other("the row is too long")),
            false => Ok(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_come_in_order_of_first_mention() {
        let trace = "t_us,Topic,value_len\n0,b,1\n1,a,1\n2,b,1\n3,,1\n4\n";
        assert_eq!(topics_of(trace.as_bytes()), ["b", "a"]);
        assert!(topics_of("t_us,value_len\n0,1\n".as_bytes()).is_empty());
    }

    #[test]
    fn an_endless_row_ends_the_search() {
        let endless = io::repeat(b'x');
        assert!(topics_of("topic\na\n\"".as_bytes().chain(endless)).len() == 1);
    }

    #[test]
    fn names_that_no_topic_can_have_end_the_search() {
        let trace = format!("topic\na\n{}\nb\n", "x".repeat(NAME_MAX + 1));
        assert_eq!(topics_of(trace.as_bytes()).len(), 2);
    }

    #[test]
    fn long_files_are_read_to_their_end() {
        let rows = "12345,a,100\n".repeat(300_000);
        let trace = format!("t_us,topic,value_len\n{rows}5,last,1\n");
        assert_eq!(topics_of(trace.as_bytes()), ["a", "last"]);
    }
}
