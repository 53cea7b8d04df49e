//! Many cases in one file, with rows instead of objects.
//!
//! A packed file is JSON lines. The first line is the table of columns, `{"columns": {"send": ["thread", …], …}}`. Each
//! case is then its script on one line, the header of its trace, and its events: a row `[kind, t, column, column, …]`
//! for every kind in the table, the event itself for the others. A field for which the table has an entry is a list
//! of such rows, without kind and `t`. A column whose name ends in `?` is absent where its value is null or missing.

use serde_json::{Map, Value, json};

use super::case::{self, Case, TraceLine};
use super::find;
use std::path::Path;

/// The columns that [`pack`] writes; [`unpack`] goes by the table of the file.
const COLUMNS: &[(&str, &[&str])] = &[
    ("send", &["thread", "rec", "partitions"]),
    ("send_begin", &["thread", "rec"]),
    ("send_end", &["thread", "rec", "partition", "error"]),
    ("blocked", &["thread", "why"]),
    ("unblocked", &["thread", "why"]),
    ("flush_begin", &["thread"]),
    ("flush_end", &["thread"]),
    ("close_begin", &["thread"]),
    ("close_end", &["thread"]),
    ("connect", &["conn", "node"]),
    ("connected", &["conn", "node"]),
    ("disconnected", &["conn", "node"]),
    ("close", &["conn", "node"]),
    ("metadata_request", &["conn", "node", "topics"]),
    ("metadata_response", &["conn", "node"]),
    ("request", &["req", "node", "acks", "timeout_ms", "bytes", "batches"]),
    (
        "batches",
        &["topic", "partition", "records", "size", "attempt", "recs", "base_seq?", "pid?", "epoch?", "raw?"],
    ),
    ("response", &["req", "node", "errors?"]),
    ("complete", &["topic", "partition", "offset", "recs", "error"]),
];

type Table = Map<String, Value>;

fn table() -> Table {
    COLUMNS.iter().map(|(kind, columns)| ((*kind).to_owned(), json!(columns))).collect()
}

/// Packs all pairs of script and trace at or below `source` into one text.
///
/// # Errors
/// A sentence about a file that cannot be read or is no case.
pub fn pack(source: &Path) -> Result<String, String> {
    let table = table();
    let mut lines = vec![json!({ "columns": table }).to_string()];
    for file in find::case_files(source)? {
        for case in case::load(&file)? {
            let script: Value =
                serde_json::from_str(&case.script).map_err(|error| case.in_script(&error.to_string()))?;
            lines.push(script.to_string());
            lines.push(case.header.value.to_string());
            lines.extend(case.events.iter().map(|line| pack_event(&table, &line.value).to_string()));
        }
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

fn pack_event(table: &Table, event: &Value) -> Value {
    let kind = event.get("ev").and_then(Value::as_str).unwrap_or_default();
    match table.get(kind) {
        None => event.clone(),
        Some(columns) => {
            let mut row = vec![json!(kind), event["t"].clone()];
            row.extend(pack_row(table, columns, event));
            Value::Array(row)
        }
    }
}

fn pack_row(table: &Table, columns: &Value, object: &Value) -> Vec<Value> {
    let mut row: Vec<Value> = names(columns)
        .map(|(name, _)| match (table.get(name), &object[name]) {
            (Some(columns), Value::Array(items)) => {
                items.iter().map(|item| Value::Array(pack_row(table, columns, item))).collect()
            }
            (_, value) => value.clone(),
        })
        .collect();
    let optional = names(columns).rev().take_while(|(_, optional)| *optional).count();
    let absent = row.iter().rev().take(optional).take_while(|value| value.is_null()).count();
    row.truncate(row.len() - absent);
    row
}

/// Column names without their mark, and whether they have it.
fn names(columns: &Value) -> impl DoubleEndedIterator<Item = (&str, bool)> {
    let columns = columns.as_array().map_or(&[][..], Vec::as_slice);
    columns.iter().filter_map(Value::as_str).map(|name| match name.strip_suffix('?') {
        Some(name) => (name, true),
        None => (name, false),
    })
}

/// Reads the cases of a packed file.
///
/// # Errors
/// A sentence with file and line.
pub(super) fn unpack(file: &str, text: &str) -> Result<Vec<Case>, String> {
    let mut lines = case::parse_lines(file, text)?.into_iter();
    let table = match lines.next().map(|line| line.value) {
        Some(Value::Object(mut first)) => match first.remove("columns") {
            Some(Value::Object(table)) => table,
            _ => return Err(format!("{file}:1: expected the table of columns of a packed file")),
        },
        _ => return Err(format!("{file}:1: expected the table of columns of a packed file")),
    };
    let mut cases = Vec::new();
    let mut script: Option<TraceLine> = None;
    let mut trace = Vec::new();
    for line in lines {
        if line.value.is_object() && line.value.get("ev").is_none() {
            cases.extend(finish(file, script.replace(line), &mut trace)?);
        } else {
            let value = unpack_event(&table, line.value)
                .map_err(|problem| format!("{file}:{}: {problem}", line.number))?;
            trace.push(TraceLine { number: line.number, value });
        }
    }
    cases.extend(finish(file, script, &mut trace)?);
    Ok(cases)
}

fn finish(file: &str, script: Option<TraceLine>, trace: &mut Vec<TraceLine>) -> Result<Option<Case>, String> {
    let trace = std::mem::take(trace);
    match (script, trace.first()) {
        (Some(script), _) => {
            let place = format!("{file}:{}", script.number);
            Case::new(place, script.value.to_string(), file.to_owned(), trace).map(Some)
        }
        (None, Some(line)) => {
            Err(format!("{file}:{}: expected a script before the first trace", line.number))
        }
        (None, None) => Ok(None),
    }
}

fn unpack_event(table: &Table, line: Value) -> Result<Value, String> {
    let Value::Array(row) = line else { return Ok(line) };
    let mut row = row.into_iter();
    let kind = row.next().unwrap_or_default();
    let columns = kind.as_str().and_then(|kind| table.get(kind));
    let columns = columns.ok_or_else(|| format!("{kind} is no kind of event in the table of columns"))?;
    let mut event = Map::new();
    event.insert("t".to_owned(), row.next().unwrap_or_default());
    event.insert("ev".to_owned(), kind.clone());
    unpack_row(table, columns, row, &mut event)?;
    Ok(Value::Object(event))
}

fn unpack_row(
    table: &Table,
    columns: &Value,
    mut row: impl Iterator<Item = Value>,
    object: &mut Table,
) -> Result<(), String> {
    for (name, optional) in names(columns) {
        let value = match row.next() {
            None | Some(Value::Null) if optional => continue,
            None => return Err(format!("the row ends before its column `{name}`")),
            Some(value) => value,
        };
        let value = match (table.get(name), value) {
            (Some(columns), Value::Array(rows)) => {
                rows.into_iter().map(|row| unpack_item(table, columns, row)).collect::<Result<_, _>>()?
            }
            (_, value) => value,
        };
        object.insert(name.to_owned(), value);
    }
    match row.next() {
        None => Ok(()),
        Some(extra) => Err(format!("the row goes on behind its last column with {extra}")),
    }
}

fn unpack_item(table: &Table, columns: &Value, row: Value) -> Result<Value, String> {
    let Value::Array(row) = row else { return Err(format!("expected a row instead of {row}")) };
    let mut object = Map::new();
    unpack_row(table, columns, row.into_iter(), &mut object)?;
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_as_they_were() {
        let events = [
            json!({"t": 1, "ev": "response", "req": 2, "node": 3}),
            json!({"t": 1, "ev": "response", "req": 2, "node": 3, "errors": [["a", 0, "NOT_COORDINATOR"]]}),
            json!({"t": 4, "ev": "send_end", "thread": 0, "rec": 7, "partition": 1, "error": null}),
            json!({"t": 5, "ev": "request", "req": 1, "node": 1, "acks": 0, "timeout_ms": 1, "bytes": 9, "batches": [
                {"topic": "a", "partition": 0, "records": 1, "size": 70, "attempt": 0, "recs": [0, 0], "raw": 9},
                {"topic": "a", "partition": 1, "records": 1, "size": 70, "attempt": 0, "recs": [1, 1]}]}),
            json!({"t": 9, "ev": "end", "records": 8}),
        ];
        let table = table();
        for event in events {
            let packed = pack_event(&table, &event);
            assert_eq!(packed.is_array(), event["ev"] != "end");
            assert_eq!(unpack_event(&table, packed), Ok(event));
        }
    }

    #[test]
    fn broken_files_are_named_with_their_line() {
        let table = json!({ "columns": table() }).to_string();
        for (lines, problem) in [
            ("", "x:1: expected the table of columns"),
            ("[1]", "x:1: expected the table of columns"),
            ("{\"columns\":3}", "x:1: expected the table of columns"),
            ("TABLE\n[\"send\",1]", "x:2: the row ends before its column `thread`"),
            ("TABLE\n[\"flush_end\",1,2,3]", "x:2: the row goes on behind its last column with 3"),
            ("TABLE\n[\"sent\",1]", "x:2: \"sent\" is no kind of event"),
            ("TABLE\n[\"request\",1,1,1,1,1,1,[3]]", "x:2: expected a row instead of 3"),
            ("TABLE\n[\"flush_end\",1,2]", "x:2: expected a script before the first trace"),
            ("TABLE\n{\"name\":1", "x:2: not a JSON value"),
            ("TABLE\n{\"name\":1}", "x:2: not a script"),
        ] {
            let text = lines.replace("TABLE", &table);
            let error = unpack("x", &text).expect_err(lines);
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
