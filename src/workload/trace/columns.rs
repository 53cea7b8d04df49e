//! Which column of a trace says what.

use super::rows::Rows;
use crate::values::nearest::{did_you_mean, nearest};
use crate::workload::error::{WorkloadError, shown};

/// One column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(super) index: usize,
    pub(super) name: &'static str,
}

/// The columns of a trace.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) time: Column,
    pub(super) clock: Clock,
    pub(super) value_len: Column,
    pub(super) topic: Option<Column>,
    pub(super) key: KeyColumns,
    pub(super) partition: Option<Column>,
    /// Count and encoded bytes.
    pub(super) headers: Option<(Column, Column)>,
    /// Names of the columns that say nothing to a trace.
    pub(super) ignored: Vec<String>,
}

/// How the time column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Nanoseconds of its unit.
    pub(super) unit_ns: u64,
    /// Whether the first row is the start, whatever it says.
    pub(super) from_first_row: bool,
}

/// How a trace gives keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyColumns {
    None,
    Text(Column),
    Hash { hash: Column, len: Option<Column> },
}

/// What a column can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Time(Clock),
    ValueLen,
    Topic,
    Key,
    KeyHash,
    KeyLen,
    Partition,
    HeadersCount,
    HeadersBytes,
}

const fn since_start(unit_ns: u64) -> Role {
    Role::Time(Clock { unit_ns, from_first_row: false })
}

const NAMES: [(&str, Role); 18] = [
    ("t_ns", since_start(1)),
    ("t_us", since_start(1_000)),
    ("t_ms", since_start(1_000_000)),
    ("time_ns", since_start(1)),
    ("time_us", since_start(1_000)),
    ("time_ms", since_start(1_000_000)),
    ("timestamp_ms", Role::Time(Clock { unit_ns: 1_000_000, from_first_row: true })),
    ("value_len", Role::ValueLen),
    ("value_bytes", Role::ValueLen),
    ("size", Role::ValueLen),
    ("topic", Role::Topic),
    ("key", Role::Key),
    ("key_hash", Role::KeyHash),
    ("key_len", Role::KeyLen),
    ("partition", Role::Partition),
    ("headers_count", Role::HeadersCount),
    ("headers_bytes", Role::HeadersBytes),
    ("headers_len", Role::HeadersBytes),
];

/// The column `name` of `rows`.
pub(crate) fn needed<R: std::io::Read>(rows: &Rows<R>, name: &'static str) -> Result<Column, WorkloadError> {
    let index = rows.header().iter().position(|column| column == name);
    index.map(|index| Column { index, name }).ok_or_else(|| {
        let header = shown(rows.header().join(",").as_bytes());
        let message = format!("the header has no column `{name}`, found \"{header}\"");
        WorkloadError::at(rows.file(), rows.row_line(), message)
    })
}

impl Columns {
    /// Finds the columns in the header of `rows`, of which nothing else has been read.
    pub(super) fn find<R: std::io::Read>(rows: &Rows<R>) -> Result<Columns, WorkloadError> {
        let found = Found::new(rows.header());
        found
            .and_then(Found::checked)
            .map_err(|message| WorkloadError::at(rows.file(), rows.row_line(), message))
    }
}

/// The known columns of a header, at most one for each role.
struct Found<'a> {
    header: &'a [String],
    known: Vec<(Role, Column)>,
    ignored: Vec<String>,
}

impl<'a> Found<'a> {
    fn new(header: &'a [String]) -> Result<Found<'a>, String> {
        let mut found = Found { header, known: Vec::new(), ignored: Vec::new() };
        for (index, given) in header.iter().enumerate() {
            let Some(&(name, role)) = NAMES.iter().find(|(name, _)| name == given) else {
                found.ignored.push(given.clone());
                continue;
            };
            if let Some(other) = found.column(|known| same(known, role)) {
                return Err(if other.name == name {
                    format!("the header has `{name}` twice")
                } else {
                    format!("`{}` and `{name}` say the same: keep one of them", other.name)
                });
            }
            found.known.push((role, Column { index, name }));
        }
        Ok(found)
    }

    fn checked(self) -> Result<Columns, String> {
        self.refuse_misspellings()?;
        let time = self.known.iter().find_map(|&(role, column)| match role {
            Role::Time(clock) => Some((column, clock)),
            _ => None,
        });
        let (time, clock) =
            time.ok_or_else(|| self.missing("time", "`t_us`, `t_ms`, `t_ns` or `timestamp_ms`"))?;
        let value_len = self.column(|role| role == Role::ValueLen);
        Ok(Columns {
            time,
            clock,
            value_len: value_len
                .ok_or_else(|| self.missing("value size", "`value_len`, `value_bytes` or `size`"))?,
            topic: self.column(|role| role == Role::Topic),
            key: self.keys()?,
            partition: self.column(|role| role == Role::Partition),
            headers: self.headers()?,
            ignored: self.ignored,
        })
    }

    fn keys(&self) -> Result<KeyColumns, String> {
        let len = self.column(|role| role == Role::KeyLen);
        match (self.column(|role| role == Role::Key), self.column(|role| role == Role::KeyHash)) {
            (Some(_), Some(_)) => Err("`key` and `key_hash` say the same: keep one of them".to_owned()),
            (Some(_), None) if len.is_some() => {
                Err("`key_len` belongs to `key_hash`: the text in `key` has its own length".to_owned())
            }
            (None, None) if len.is_some() => {
                Err("`key_len` alone says nothing about the partition: add `key_hash`".to_owned())
            }
            (Some(text), None) => Ok(KeyColumns::Text(text)),
            (None, Some(hash)) => Ok(KeyColumns::Hash { hash, len }),
            (None, None) => Ok(KeyColumns::None),
        }
    }

    fn headers(&self) -> Result<Option<(Column, Column)>, String> {
        match (self.column(|role| role == Role::HeadersCount), self.column(|role| role == Role::HeadersBytes))
        {
            (Some(count), Some(bytes)) => Ok(Some((count, bytes))),
            (None, None) => Ok(None),
            (Some(_), None) => Err("`headers_count` needs `headers_bytes` beside it".to_owned()),
            (None, Some(bytes)) => Err(format!("`{}` needs `headers_count` beside it", bytes.name)),
        }
    }

    fn column(&self, wanted: impl Fn(Role) -> bool) -> Option<Column> {
        self.known.iter().find(|&&(role, _)| wanted(role)).map(|&(_, column)| column)
    }

    /// An unknown column is ignored, but not when it looks like one that is not there otherwise: its content would
    /// be lost without a word.
    fn refuse_misspellings(&self) -> Result<(), String> {
        let absent = NAMES.iter().filter(|&&(_, role)| self.column(|known| same(known, role)).is_none());
        let absent: Vec<&str> = absent.map(|&(name, _)| name).collect();
        for name in &self.ignored {
            if let Some(suggestion) = did_you_mean(&nearest(name, absent.iter().copied())) {
                return Err(format!("unknown column `{}`: {suggestion}", shown(name.as_bytes())));
            }
        }
        Ok(())
    }

    fn missing(&self, what: &str, expected: &str) -> String {
        let header = shown(self.header.join(",").as_bytes());
        format!("the header has no {what} column: expected one of {expected}, found \"{header}\"")
    }
}

/// Whether two columns say the same kind of thing.
fn same(a: Role, b: Role) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn find(header: &str) -> Result<Columns, String> {
        let rows = Rows::new(header.as_bytes(), Path::new("t.csv")).expect("a header");
        Columns::find(&rows).map_err(|error| error.message)
    }

    #[test]
    fn columns_are_found_in_any_order() {
        let columns = find("partition,value_len,key,topic,t_us").expect("complete");
        assert_eq!(columns.time, Column { index: 4, name: "t_us" });
        assert_eq!(columns.clock.unit_ns, 1_000);
        assert_eq!(columns.key, KeyColumns::Text(Column { index: 2, name: "key" }));
        assert_eq!(columns.partition.map(|column| column.index), Some(0));
        assert!(columns.ignored.is_empty());
    }

    #[test]
    fn strange_columns_are_ignored_but_misspelt_ones_are_not() {
        assert_eq!(find("t_us,size,offset,late_us").expect("complete").ignored, ["offset", "late_us"]);
        assert_eq!(
            find("t_us,size,partiton").expect_err("misspelt"),
            "unknown column `partiton`: did you mean `partition`?"
        );
        // The sizes are there, so this is something else.
        assert_eq!(find("t_us,value_len,value").expect("complete").ignored, ["value"]);
    }

    #[test]
    fn contradictions_and_gaps_are_explained() {
        let cases = [
            ("value_len", "no time column"),
            ("t_us,topic", "no value size column"),
            ("1000,events,user-1,100", "no time column"),
            ("t_us,t_ms,size", "`t_us` and `t_ms` say the same"),
            ("t_us,t_us,size", "`t_us` twice"),
            ("t_us,size,key,key_hash", "keep one of them"),
            ("t_us,size,key,key_len", "its own length"),
            ("t_us,size,key_len", "add `key_hash`"),
            ("t_us,size,headers_count", "needs `headers_bytes`"),
            ("t_us,size,headers_len", "`headers_len` needs `headers_count`"),
            ("T_us,size", "did you mean `t_us`?"),
        ];
        for (header, expected) in cases {
            let message = find(header).expect_err(header);
            assert!(message.contains(expected), "{header}: {message}");
        }
    }
}
