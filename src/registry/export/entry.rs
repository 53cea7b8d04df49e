//! A line or an entry of an export as a change of the registry.

use super::super::compatibility::Level;
use super::super::schema::{Reference, SchemaType};
use super::fields::Fields;
use super::quoted;
use serde_json::Value;

/// What a line does.
pub(super) enum Change {
    /// A version is there, perhaps deleted.
    Version(Entry),
    /// A version is gone for good: subject and version.
    Gone(String, u32),
    /// The level of a subject, or the global one.
    Level(Option<String>, Option<Level>),
    /// All versions of a subject up to this one are deleted.
    DeleteSubject(String, u32),
    /// All deleted versions of a subject are gone for good.
    ClearSubject(String),
}

/// A version as it stands in the text.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) subject: String,
    pub(super) version: u32,
    pub(super) id: u32,
    pub(super) schema_type: SchemaType,
    pub(super) schema: String,
    pub(super) references: Vec<Reference>,
    pub(super) deleted: bool,
    /// The value alone was printed, or it is an entry of a list: a second one of the same version is none that replaces.
    pub(super) is_listed: bool,
}

type Read = Result<Option<Change>, Vec<String>>;

/// An entry of the array that `GET /schemas` answers.
pub(super) fn of_listed(entry: &Value) -> Read {
    let mut fields = Fields::of("entry", entry)?;
    let entry = entry_of(&mut fields);
    finished(fields, Some(Change::Version(Entry { is_listed: true, ..entry })))
}

/// A line: key, tab and value, or a value alone.
pub(super) fn of_line(line: &str) -> Read {
    match line.split_once('\t') {
        Some((key, value)) => of_key(&json("key", key)?, &json("value", value)?),
        None => of_value(&json("value", line)?),
    }
}

fn json(what: &str, text: &str) -> Result<Value, Vec<String>> {
    serde_json::from_str(text.trim()).map_err(|error| {
        vec![format!(
            "column {} of the {what}: no JSON: {error}; a line is the key's JSON, a tab and the value's JSON, or the value's \
             JSON alone",
            error.column()
        )]
    })
}

fn of_key(key: &Value, value: &Value) -> Read {
    let mut fields = Fields::of("key", key)?;
    let keytype = fields.text("keytype");
    let change = match keytype {
        "SCHEMA" => {
            let (subject, version) = (fields.text("subject").to_string(), number_of(&mut fields, "version"));
            if value.is_null() {
                Some(Change::Gone(subject, version))
            } else {
                let mut values = Fields::of("value", value)?;
                let entry = entry_of(&mut values);
                if values.problems.is_empty() && (&entry.subject, entry.version) != (&subject, version) {
                    let (own, other) = (quoted(&subject), quoted(&entry.subject));
                    let what = format!(
                        "the key says version {version} of {own}, the value version {} of {other}; both must say the same",
                        entry.version
                    );
                    values.problems.push(what);
                }
                fields.problems.append(&mut values.problems);
                Some(Change::Version(entry))
            }
        }
        "CONFIG" => {
            let subject = fields.optional_text("subject").map(str::to_string);
            let level = if value.is_null() {
                None
            } else {
                let mut values = Fields::of("value", value)?;
                let level = level_of(&mut values);
                fields.problems.append(&mut values.problems);
                level
            };
            Some(Change::Level(subject, level))
        }
        "DELETE_SUBJECT" if value.is_null() => None,
        "DELETE_SUBJECT" => {
            let mut values = Fields::of("value", value)?;
            let version = number_of(&mut values, "version");
            fields.problems.append(&mut values.problems);
            Some(Change::DeleteSubject(fields.text("subject").to_string(), version))
        }
        "CLEAR_SUBJECT" => Some(Change::ClearSubject(fields.text("subject").to_string())),
        "NOOP" | "MODE" | "CONTEXT" | "ASSOC" | "" => None,
        _ => {
            fields.wrong(
                "keytype",
                "SCHEMA, CONFIG, DELETE_SUBJECT, CLEAR_SUBJECT, NOOP, MODE, CONTEXT or ASSOC",
            );
            None
        }
    };
    finished(fields, change)
}

/// A value without its key: what it has tells what it is.
fn of_value(value: &Value) -> Read {
    if value.is_null() {
        return Ok(None);
    }
    let mut fields = Fields::of("value", value)?;
    let change = if fields.has("schema") || fields.has("id") {
        Some(Change::Version(Entry { is_listed: true, ..entry_of(&mut fields) }))
    } else if fields.has("compatibilityLevel") {
        let subject = fields.optional_text("subject").map(str::to_string);
        Some(Change::Level(subject, level_of(&mut fields)))
    } else if fields.has("subject") && fields.has("version") {
        let subject = fields.text("subject").to_string();
        Some(Change::DeleteSubject(subject, number_of(&mut fields, "version")))
    } else if fields.has("subject") || fields.has("mode") || fields.has("keytype") {
        None
    } else {
        let what = "neither a schema (subject, version, id, schema) nor a level (compatibilityLevel) nor a deletion \
                    (subject, version)";
        return Err(vec![what.to_string()]);
    };
    finished(fields, change)
}

fn finished(fields: Fields<'_>, change: Option<Change>) -> Read {
    if fields.problems.is_empty() { Ok(change) } else { Err(fields.problems) }
}

fn entry_of(fields: &mut Fields<'_>) -> Entry {
    let schema_type = match fields.optional_text("schemaType") {
        None => SchemaType::Avro,
        Some(word) => SchemaType::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or_else(|| {
            fields.wrong("schemaType", "AVRO, JSON or PROTOBUF, or absent for AVRO");
            SchemaType::Avro
        }),
    };
    Entry {
        subject: fields.text("subject").to_string(),
        version: number_of(fields, "version"),
        id: number_of(fields, "id"),
        schema_type,
        schema: fields.text("schema").to_string(),
        references: references_of(fields),
        deleted: fields.get("deleted").and_then(Value::as_bool).unwrap_or(false),
        is_listed: false,
    }
}

fn references_of(fields: &mut Fields<'_>) -> Vec<Reference> {
    let Some(listed) = fields.get("references") else { return Vec::new() };
    let Some(listed) = listed.as_array() else {
        fields.wrong("references", "a list of {name, subject, version}");
        return Vec::new();
    };
    let mut references = Vec::new();
    for reference in listed {
        match Fields::of("reference", reference) {
            Err(mut wrong) => fields.problems.append(&mut wrong),
            Ok(mut inner) => {
                let (name, subject) = (inner.text("name").to_string(), inner.text("subject").to_string());
                references.push(Reference { name, subject, version: inner.number("version", -1) });
                fields.problems.append(&mut inner.problems);
            }
        }
    }
    references
}

fn level_of(fields: &mut Fields<'_>) -> Option<Level> {
    let word = fields.optional_text("compatibilityLevel")?;
    let level = Level::named(word);
    if level.is_none() {
        let words = Level::ALL.map(Level::word).join(", ");
        fields.wrong("compatibilityLevel", &format!("one of {words}"));
    }
    level
}

fn number_of(fields: &mut Fields<'_>, key: &str) -> u32 {
    fields.number(key, 1).unsigned_abs()
}
