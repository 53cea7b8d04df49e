//! The effective configuration: one value for each key of a version, and where it comes from.

use super::key::{Key, Preset};
use super::keys;
use super::rejection::Rejection;
use super::value::{self, Raw, Value};
use super::version::ClientVersion;

/// The value of one key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: &'static Key,
    /// Its value.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The version's default.
    Default,
    /// Given: the index among what was given.
    Given(usize),
    /// A rule of the client, in words.
    Rule(&'static str),
}

/// All values of one version, in the order of the table. Keys whose value was rejected are missing.
#[derive(Clone, Debug)]
pub struct Effective {
    /// The version.
    pub version: ClientVersion,
    entries: Vec<Entry>,
    /// Names that were given, whatever became of their values.
    given: Vec<&'static str>,
}

impl Effective {
    /// Understands what was given and fills in defaults. Of equal keys the last one counts; keys that the version
    /// does not know are left out.
    pub(super) fn read(
        version: ClientVersion,
        given: &[(&str, Raw<'_>)],
        rejections: &mut Vec<Rejection>,
    ) -> Effective {
        let mut effective = Effective { version, entries: Vec::new(), given: Vec::new() };
        for key in keys::all() {
            let Some(definition) = key.definition(version) else { continue };
            let last = given.iter().rposition(|(name, _)| *name == key.name);
            let (raw, origin) = match (last, definition.preset) {
                (Some(index), _) => {
                    effective.given.push(key.name);
                    (given[index].1, Origin::Given(index))
                }
                (None, Preset::Text(text)) => (Raw::Text(text), Origin::Default),
                (None, Preset::Null) => {
                    effective.entries.push(Entry { key, value: Value::Null, origin: Origin::Default });
                    continue;
                }
                (None, Preset::Required) => {
                    rejections.push(Rejection::missing(key));
                    continue;
                }
            };
            match value::read(version, key, definition, raw) {
                Ok(value) => effective.entries.push(Entry { key, value, origin }),
                Err(rejection) => rejections.push(rejection),
            }
        }
        effective
    }

    /// All values, in the order of the table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of a key; `None` if the version does not know it or it was rejected.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.name == name)
    }

    /// Whether the key was given, be it with a wrong value.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.given.contains(&name)
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)?.value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name)?.value {
            Value::Boolean(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self, name: &str) -> Option<&[String]> {
        match &self.get(name)?.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Replaces a value because of a rule.
    pub(super) fn set(&mut self, name: &str, value: Value, rule: &'static str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key.name == name) {
            entry.value = value;
            entry.origin = Origin::Rule(rule);
        }
    }

    /// Writes a value in the client's own form; its origin stays.
    pub(super) fn normalise(&mut self, name: &str, value: Value) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key.name == name) {
            entry.value = value;
        }
    }
}
