//! Levels of compatibility, and what the registry says when a schema does not keep to one.
//!
//! The crate apache-avro 0.22 is not used for it. Its `SchemaCompatibility` has no places and ends at the first difference,
//! and of the 192 pairs of `tests/registry/compatibility.json` it judges 26 otherwise than Java: unions narrowed, symbols
//! removed and changes within a union pass; aliases of types do not, nor does another precision of a decimal. Its parser
//! differs in 14 of the 112 schemas of `tests/registry/schemas.json`.

pub mod avro;
pub mod difference;

use super::schema::{Schema, SchemaType};
use avro::differences;
use difference::Difference;
use std::sync::Arc;

/// Longest old schema that a message quotes, in bytes (`SchemaValidatorBuilder.MAX_SCHEMA_SIZE_FOR_LOGGING`).
const MAX_QUOTED_BYTES: usize = 10 * 1024;

/// What a new version of a subject must be able to do (`CompatibilityLevel`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Anything.
    None,
    /// Read what was written with the version before. The registry's default.
    #[default]
    Backward,
    /// Read what was written with any version before.
    BackwardTransitive,
    /// Be read by the version before.
    Forward,
    /// Be read by any version before.
    ForwardTransitive,
    /// Both, with the version before.
    Full,
    /// Both, with any version before.
    FullTransitive,
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 7] = [
        Level::None,
        Level::Backward,
        Level::BackwardTransitive,
        Level::Forward,
        Level::ForwardTransitive,
        Level::Full,
        Level::FullTransitive,
    ];

    /// The registry's word.
    pub fn word(self) -> &'static str {
        match self {
            Level::None => "NONE",
            Level::Backward => "BACKWARD",
            Level::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Level::Forward => "FORWARD",
            Level::ForwardTransitive => "FORWARD_TRANSITIVE",
            Level::Full => "FULL",
            Level::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// The level of a word, in any case (`CompatibilityLevel.forName`).
    pub fn named(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(word))
    }

    fn reads_old(self) -> bool {
        matches!(self, Level::Backward | Level::BackwardTransitive | Level::Full | Level::FullTransitive)
    }

    fn read_by_old(self) -> bool {
        matches!(self, Level::Forward | Level::ForwardTransitive | Level::Full | Level::FullTransitive)
    }

    fn is_transitive(self) -> bool {
        matches!(self, Level::BackwardTransitive | Level::ForwardTransitive | Level::FullTransitive)
    }
}

/// A version that stands against a new schema.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The version.
    pub version: u32,
    /// Its schema.
    pub schema: Arc<Schema>,
    /// The types differ, so that nothing else was compared.
    pub other_type: bool,
    /// What the old schema cannot read of the new one's data.
    pub old_cannot_read: Vec<Difference>,
    /// What the new schema cannot read of the old one's data.
    pub new_cannot_read: Vec<Difference>,
}

/// The first version, from the latest back, that `new` does not keep `level` with; `history` from the oldest.
///
/// Of JSON Schema and Protobuf nothing is compared but the type.
pub fn conflict(level: Level, new: &Schema, history: &[(u32, Arc<Schema>)]) -> Option<Conflict> {
    if level == Level::None {
        return None;
    }
    let compared = if level.is_transitive() { history.len() } else { 1 };
    history.iter().rev().take(compared).find_map(|(version, old)| {
        let found = Conflict {
            version: *version,
            schema: old.clone(),
            other_type: new.schema_type() != old.schema_type(),
            old_cannot_read: if level.read_by_old() { cannot_read(old, new) } else { Vec::new() },
            new_cannot_read: if level.reads_old() { cannot_read(new, old) } else { Vec::new() },
        };
        let any = found.other_type || !found.old_cannot_read.is_empty() || !found.new_cannot_read.is_empty();
        any.then_some(found)
    })
}

/// What `reader` cannot read of data written with `writer`; nothing where one of them is no Avro schema.
pub fn cannot_read(reader: &Schema, writer: &Schema) -> Vec<Difference> {
    match (reader.types(), writer.types()) {
        (Some(reader), Some(writer)) => differences(reader, writer),
        _ => Vec::new(),
    }
}

/// Whether the registry compares schemas of this type here; the real one does for all three.
pub fn is_checked(schema_type: SchemaType) -> bool {
    schema_type == SchemaType::Avro
}

impl Conflict {
    /// The lines of the registry's answer (`SchemaValidatorBuilder`, `AbstractSchemaRegistry.isCompatibleWithPrevious`).
    pub fn lines(&self, level: Level) -> Vec<String> {
        let mut lines = Vec::new();
        if self.other_type {
            lines.push("Incompatible because of different schema type".to_string());
        }
        lines.extend(self.old_cannot_read.iter().map(|difference| difference.line("old", "new")));
        if !level.reads_old() && !lines.is_empty() && !self.other_type {
            self.quote(&mut lines);
        }
        lines.extend(self.new_cannot_read.iter().map(|difference| difference.line("new", "old")));
        if !self.new_cannot_read.is_empty() {
            self.quote(&mut lines);
        }
        lines.push(format!("{{validateFields: 'false', compatibility: '{}'}}", level.word()));
        lines
    }

    fn quote(&self, lines: &mut Vec<String>) {
        let text = self.schema.canonical();
        lines.push(format!("{{oldSchemaVersion: {}}}", self.version));
        lines.push(match text.get(..MAX_QUOTED_BYTES).filter(|_| text.len() > MAX_QUOTED_BYTES) {
            Some(start) => format!("{{oldSchema: <truncated> '{start}...'}}"),
            None => format!("{{oldSchema: '{text}'}}"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;

    fn lines(level: Level, new: &str) -> Vec<String> {
        let new = Schema::avro(new).expect("a schema");
        let history = [(3, Arc::new(Schema::avro(OLD).expect("a schema")))];
        conflict(level, &new, &history).map_or_else(Vec::new, |conflict| conflict.lines(level))
    }

    #[test]
    fn the_words_are_the_registrys() {
        let new =
            r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}"#;
        let description = "The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema";
        let expected = [
            format!(
                "{{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'{description}', additionalInfo:'b'}}"
            ),
            "{oldSchemaVersion: 3}".to_string(),
            format!("{{oldSchema: '{OLD}'}}"),
            "{validateFields: 'false', compatibility: 'BACKWARD'}".to_string(),
        ];
        assert_eq!(lines(Level::Backward, new), expected);
        assert!(lines(Level::Forward, new).is_empty());
    }

    #[test]
    fn full_quotes_the_old_schema_only_behind_what_the_new_one_cannot_read() {
        let fewer = r#"{"type":"record","name":"R","fields":[]}"#;
        let full = lines(Level::Full, fewer);
        assert!(full[0].contains("'a' at path '/fields/0' in the old schema"), "{}", full[0]);
        assert_eq!(full.len(), 2, "{full:?}");
        assert_eq!(lines(Level::Forward, fewer).len(), 4);
    }

    #[test]
    fn another_type_is_another_schema() {
        let json = Schema::new(SchemaType::Json, "{}", Vec::new(), super::super::parse::Strictness::New)
            .expect("JSON");
        let history = [(1, Arc::new(Schema::avro(OLD).expect("a schema")))];
        let found = conflict(Level::Backward, &json, &history).expect("a conflict");
        assert_eq!(found.lines(Level::Backward)[0], "Incompatible because of different schema type");
        assert!(conflict(Level::None, &json, &history).is_none());
    }

    #[test]
    fn levels_are_found_by_their_words() {
        for level in Level::ALL {
            assert_eq!(Level::named(&level.word().to_lowercase()), Some(level));
        }
        assert_eq!(Level::named("BACKWARDS"), None);
    }
}
