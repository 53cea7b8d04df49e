//! Fields of JSON objects, read with every problem.

use super::quoted;
use crate::values::excerpt::short;
use serde_json::{Map, Value};

/// An object and what is wrong with the fields that were asked for.
pub(super) struct Fields<'a> {
    what: &'static str,
    object: &'a Map<String, Value>,
    pub(super) problems: Vec<String>,
}

impl<'a> Fields<'a> {
    /// The fields of an object, which is the `what` of messages.
    pub(super) fn of(what: &'static str, value: &'a Value) -> Result<Fields<'a>, Vec<String>> {
        match value {
            Value::Object(object) => Ok(Fields { what, object, problems: Vec::new() }),
            other => Err(vec![format!("the {what} is {}, and must be an object", short(&other.to_string()))]),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.object.contains_key(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// A string that must be there.
    pub(super) fn text(&mut self, key: &str) -> &'a str {
        let found = self.get(key).and_then(Value::as_str);
        if found.is_none() {
            self.wrong(key, "a string");
        }
        found.unwrap_or_default()
    }

    /// A string that may be absent or null.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<&'a str> {
        let value = self.get(key)?;
        if value.as_str().is_none() {
            self.wrong(key, "a string");
        }
        value.as_str()
    }

    /// A whole number from `least` that must be there.
    pub(super) fn number(&mut self, key: &str, least: i32) -> i32 {
        let found = self.get(key).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
        let found = found.filter(|number| *number >= least);
        if found.is_none() {
            self.wrong(key, &format!("a whole number from {least}"));
        }
        found.unwrap_or(least)
    }

    pub(super) fn wrong(&mut self, key: &str, wanted: &str) {
        let what = self.what;
        let problem = match self.object.get(key) {
            None => format!("the {what} has no {}; it must be {wanted}", quoted(key)),
            Some(value) => {
                format!("{} of the {what} is {}; it must be {wanted}", quoted(key), short(&value.to_string()))
            }
        };
        self.problems.push(problem);
    }
}
