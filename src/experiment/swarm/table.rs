//! Tables of a scenario under construction.

use toml::{Table, Value};

/// Puts a value under a key, which may have dots and is one key all the same.
pub fn put(table: &mut Table, key: &str, value: impl Into<Value>) {
    table.insert(key.to_owned(), value.into());
}

/// A whole number, as TOML has them.
pub fn number(n: u64) -> Value {
    Value::Integer(n as i64)
}

/// `"250ms"`.
pub fn ms(n: u64) -> Value {
    Value::String(format!("{n}ms"))
}

/// `"250us"`.
pub fn us(n: u64) -> Value {
    Value::String(format!("{n}us"))
}

/// `"100B"`.
pub fn bytes(n: u64) -> Value {
    Value::String(format!("{n}B"))
}

/// A list of tables; nothing at all if there are none.
pub fn put_tables(table: &mut Table, key: &str, tables: Vec<Table>) {
    if !tables.is_empty() {
        put(table, key, Value::Array(tables.into_iter().map(Value::Table).collect()));
    }
}
