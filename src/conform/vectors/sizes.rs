//! Sizes of single records, without encoding them (`record_sizes`).

use super::differs;
use super::row::Row;
use crate::protocol::record::{Key, Record};
use crate::protocol::size;

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let len = |name| if row.is_null(name) { Ok(-1) } else { row.integer::<i32>(name) };
    let headers = row.list("headers")?;
    let headers_bytes: Result<Vec<u64>, String> = headers
        .iter()
        .map(|header| {
            let name = header[0].as_str().ok_or("a header's name should be a text")?;
            let value = header[1].as_u64().map(|len| len as u32);
            Ok(size::header(name.len() as u32, value))
        })
        .collect();
    let record = Record {
        key: Key { len: len("key_len")?, murmur2: 0 },
        value_len: len("value_len")?,
        headers_bytes: headers_bytes?.iter().sum::<u64>() as u32,
        headers_count: headers.len() as u32,
        ..Record::EMPTY
    };
    let fixed = record.fixed_bytes();
    let size = size::record(fixed, row.integer("timestamp_delta")?, row.integer("offset_delta")?);
    let bounds = row.row("batch_upper_bound").row("v2");
    Ok(differs("the record's size", &row.integer("size")?, &size)
        .or(differs(
            "the record's upper bound",
            &row.integer("record_upper_bound")?,
            &size::record_upper_bound(fixed),
        ))
        .or(differs("the batch's upper bound", &bounds.integer("none")?, &size::batch_upper_bound(fixed))))
}
