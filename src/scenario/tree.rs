//! A TOML document as a tree in which every key and value knows its place.

use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::source::{Place, SourceId, Sources};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub place: Place,
}

/// A value. Numbers keep their digits, so that nothing is rounded.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number in decimal digits, perhaps with a sign.
    Integer(String),
    /// A number with a point or an exponent.
    Float(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or a time, which no key takes.
    Datetime,
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
    /// The value of an argument, which may be a text, a number or a boolean.
    Argument(String),
}

/// Keys and values in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The place of the table's header or braces.
    pub place: Place,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, one segment.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub node: Node,
}

impl Value {
    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::Boolean(_) => "a boolean",
            Value::Datetime => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Argument(_) => "a single value",
        }
    }
}

impl Table {
    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The same table with dotted names instead of nested tables, as Kafka's keys are written: bare, `linger.ms = 5`
    /// is a table `linger` to TOML. Tables below the keys `keep` stay tables.
    pub fn flattened(&self, keep: &[&str]) -> Table {
        let mut entries = Vec::new();
        for entry in &self.entries {
            match &entry.node.value {
                Value::Table(below) if !keep.contains(&entry.key.as_str()) => {
                    flatten(entry, &entry.key, below, &mut entries);
                }
                _ => entries.push(entry.clone()),
            }
        }
        Table { entries, place: self.place }
    }

    /// Puts a value at a path, making tables on the way; a list of tables gets it in each of its tables. A quoted key
    /// `"a.b"` gives way to the path `a.b`.
    ///
    /// # Errors
    /// A sentence that says which part of the path is no table.
    pub fn set(&mut self, path: &[&str], place: Place, value: &Value) -> Result<(), String> {
        let Some((first, rest)) = path.split_first() else {
            return Err("the key is empty".to_owned());
        };
        let new = |value| Node { value, place };
        let quoted = path.join(".");
        self.entries.retain(|entry| rest.is_empty() || entry.key != quoted);
        if rest.is_empty() {
            self.entries.retain(|entry| entry.key != *first);
            let (key, key_place) = ((*first).to_owned(), place);
            self.entries.push(Entry { key, key_place, node: new(value.clone()) });
            return Ok(());
        }
        if self.get(first).is_none() {
            let table = Value::Table(Table { entries: Vec::new(), place });
            self.entries.push(Entry { key: (*first).to_owned(), key_place: place, node: new(table) });
        }
        let below =
            self.entries.iter_mut().filter(|entry| entry.key == *first).map(|entry| &mut entry.node.value);
        for found in below {
            match found {
                Value::Table(table) => table.set(rest, place, value)?,
                Value::List(items) => set_in_each(items, first, rest, place, value)?,
                other => return Err(format!("`{first}` is {}, not a table", other.kind())),
            }
        }
        Ok(())
    }
}

/// Quotes and blanks that a dotted key may have between its parts.
const DOTTED_SLACK: usize = 8;

fn flatten(first: &Entry, prefix: &str, table: &Table, flat: &mut Vec<Entry>) {
    for entry in &table.entries {
        let key = format!("{prefix}.{}", entry.key);
        match &entry.node.value {
            Value::Table(below) => flatten(first, &key, below, flat),
            _ => {
                let key_place = first.key_place.joined(entry.key_place, key.len() + DOTTED_SLACK);
                flat.push(Entry { key, key_place, node: entry.node.clone() });
            }
        }
    }
}

fn set_in_each(
    items: &mut [Node],
    key: &str,
    path: &[&str],
    place: Place,
    value: &Value,
) -> Result<(), String> {
    for item in items {
        match &mut item.value {
            Value::Table(table) => table.set(path, place, value)?,
            other => return Err(format!("`{key}` is a list with {}, not with tables", other.kind())),
        }
    }
    Ok(())
}

/// Parses a document. With syntax errors, the tree holds what could be understood.
pub fn parse(sources: &Sources, id: SourceId) -> (Table, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(sources.text(id));
    let problems = errors.iter().map(|error| syntax_problem(sources, id, error)).collect();
    let place = sources.place(id, 0, 0);
    (table(sources, id, place, document.get_ref()), problems)
}

fn syntax_problem(sources: &Sources, id: SourceId, error: &toml::de::Error) -> Problem {
    let (what, expected) = match error.message().split_once(", expected ") {
        Some((what, expected)) => (what, format!("expected {expected}")),
        None => (error.message(), String::new()),
    };
    let message = format!("this is not TOML: {what}");
    match error.span() {
        Some(span) => Problem::at(sources.place(id, span.start, span.end), message).label(expected),
        // The parser gives up on keys of hundreds of parts without a word about where they are.
        None => Problem::at(sources.place(id, 0, 0), message).help("keys may have at most about 80 parts"),
    }
}

fn table(sources: &Sources, id: SourceId, place: Place, raw: &DeTable<'_>) -> Table {
    let mut entries: Vec<Entry> = raw
        .iter()
        .map(|(key, value)| {
            let span = value.span();
            Entry {
                key: key.get_ref().clone().into_owned(),
                key_place: sources.place(id, key.span().start, key.span().end),
                node: node(sources, id, sources.place(id, span.start, span.end), value.get_ref()),
            }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_place);
    Table { entries, place }
}

fn node(sources: &Sources, id: SourceId, place: Place, raw: &DeValue<'_>) -> Node {
    let value = match raw {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => match number.radix() {
            10 => Value::Integer(number.as_str().to_owned()),
            radix => Value::Integer(decimal(number.as_str(), radix)),
        },
        DeValue::Float(number) => Value::Float(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| {
                    let span = item.span();
                    node(sources, id, sources.place(id, span.start, span.end), item.get_ref())
                })
                .collect(),
        ),
        DeValue::Table(entries) => Value::Table(table(sources, id, place, entries)),
    };
    Node { value, place }
}

/// Digits of another radix in decimal; what does not fit 128 bits stays too large for every key.
fn decimal(digits: &str, radix: u32) -> String {
    u128::from_str_radix(digits, radix).unwrap_or(u128::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Sources, Table, Vec<Problem>) {
        let mut sources = Sources::default();
        let id = sources.add_file("a.toml", text.to_owned());
        let (table, problems) = parse(&sources, id);
        (sources, table, problems)
    }

    #[test]
    fn keys_and_values_know_their_places() {
        let (sources, table, problems) = parsed("[network]\nlatency = \"5ms\"\njitter = 0x10\n");
        assert!(problems.is_empty());
        let Some(Entry { node: Node { value: Value::Table(network), .. }, .. }) = table.get("network") else {
            panic!("no table in {table:?}");
        };
        let keys: Vec<&str> = network.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["latency", "jitter"]);
        let places = network.entries.iter().map(|entry| sources.slice(entry.node.place)).collect::<Vec<_>>();
        assert_eq!(places, ["\"5ms\"", "0x10"]);
        assert_eq!(network.entries[1].node.value, Value::Integer("16".to_owned()));
    }

    #[test]
    fn all_syntax_errors_are_found() {
        let (_, table, problems) = parsed("a = \nb = 1\nc = \"x\n");
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(table.get("b").is_some());
    }

    #[test]
    fn an_argument_reaches_every_table_of_a_list() {
        let (sources, mut table, _) = parsed("[[producer]]\nacks = 1\n[[producer]]\n");
        let place = sources.place(SourceId::default(), 0, 0);
        let value = Value::Argument("7".to_owned());
        assert_eq!(table.set(&["producer", "linger", "ms"], place, &value), Ok(()));
        let Value::List(groups) = &table.entries[0].node.value else { panic!("{table:?}") };
        for group in groups {
            let Value::Table(group) = &group.value else { panic!("{group:?}") };
            let Some(Entry { node: Node { value: Value::Table(linger), .. }, .. }) = group.get("linger")
            else {
                panic!("{group:?}")
            };
            assert_eq!(linger.entries[0].node.value, value);
        }
        assert_eq!(
            table.set(&["producer", "acks", "x"], place, &value),
            Err("`acks` is a whole number, not a table".to_owned())
        );
    }
}
