//! `[workload.payload]`: what values consist of.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::input::{self, InputError};
use super::problem::Problem;
use super::section::{Section, value_text};
use super::source::Place;
use super::tree::{Entry, Value};
use super::workload_section::Surroundings;
use super::{limits, payload_fields, schema_files};
use crate::registry::schema::{Schema, SchemaType};
use crate::registry::types::Kind;
use crate::values::excerpt::short;
use crate::workload::payload::file::{FileError, Order, Payloads, plain_delimiter};
use crate::workload::payload::fill::Fill;
use crate::workload::payload::json;
use crate::workload::payload::template::{Fault, FaultPlace, Template};
use crate::workload::spec::{Handed, KeyForm, Keys, Sizes};

/// What a payload table says.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Bytes for values whose sizes are drawn.
    Filled(Fill),
    /// Values with their sizes.
    Written(Sizes),
}

/// The files and templates of a scenario: groups of producers with the same workload share them.
#[derive(Debug, Default)]
pub struct PayloadPool {
    files: RefCell<Vec<(PathBuf, String, Payloads)>>,
    templates: RefCell<Vec<Arc<Template>>>,
}

/// The four kinds of content, of which a table has one.
const KINDS: [&str; 4] = ["content", "template", "template-file", "file"];

/// Reads `[workload.payload]`; zeros without it.
pub fn read(section: &mut Section<'_, '_>, keys: &Keys, around: &Surroundings<'_>) -> (Payload, Handed) {
    if !section.has("payload") {
        return (Payload::Filled(Fill::Zeros), Handed::default());
    }
    let mut table = section.section("payload");
    let handed = schema_files::read(&mut table, around.folder);
    let payload = content(&mut table, keys, (around, needs_json(&handed)));
    table.finish();
    (payload, handed)
}

/// Whether there is a payload whose size is its own.
pub fn has_sizes(section: &mut Section<'_, '_>) -> bool {
    match section.entry("payload").map(|entry| &entry.node.value) {
        Some(Value::Table(table)) => KINDS[1..].iter().any(|kind| table.get(kind).is_some()),
        _ => false,
    }
}

/// Reads `[workload.payload]` beside a trace, which has the sizes of its values.
pub fn read_fill(section: &mut Section<'_, '_>) -> Fill {
    if !section.has("payload") {
        return Fill::Zeros;
    }
    let mut table = section.section("payload");
    table.refuse(&KINDS[1..], "a trace, which says how long values are");
    table.refuse(&["fields", "json", "delimiter", "order"], "a trace, whose values have a `content` only");
    if !table.has("content") {
        no_content(&mut table, "say which: content = \"words\"");
    }
    let fill = table.choice("content", &Fill::NAMES, 0);
    table.finish();
    fill
}

/// Whether a serializer will read values as JSON: their schema is of records, or of JSON.
fn needs_json(handed: &Handed) -> bool {
    let is_record = |schema: &Schema| {
        schema.types().is_some_and(|types| matches!(types.kind(types.root()), Kind::Record(_)))
    };
    let reads_json = |schema: &Schema| schema.schema_type() == SchemaType::Json || is_record(schema);
    handed.schemas.iter().any(|(_, schema)| reads_json(schema))
}

fn content(
    table: &mut Section<'_, '_>,
    keys: &Keys,
    (around, needs_json): (&Surroundings<'_>, bool),
) -> Payload {
    let nothing = Payload::Filled(Fill::Zeros);
    let given: Vec<&'static str> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
    let [kind] = given[..] else {
        // Which other keys belong here is unknown: look at none of them, so that no follow-up problems arise.
        for key in ["fields", "json", "delimiter", "order"] {
            table.entry(key);
        }
        match given.last() {
            Some(last) => {
                table.problem(last, format_args!("stands beside `{}`", given[0]), "keep one of them")
            }
            None => no_content(table, "expected one of `content`, `template`, `template-file` and `file`"),
        }
        return nothing;
    };
    if kind != "file" {
        table.refuse(&["delimiter", "order"], &format!("`{kind}`; it belongs to `file`"));
    }
    if !kind.starts_with("template") {
        table.refuse(&["fields", "json"], &format!("`{kind}`; it belongs to `template`"));
    }
    match kind {
        "content" => Payload::Filled(table.choice("content", &Fill::NAMES, 0)),
        "file" => payloads(table, around).map_or(nothing, Payload::Written),
        _ => template(table, kind, keys, (around, needs_json)).map_or(nothing, Payload::Written),
    }
}

/// Notes that a table, if it is one, has no content.
fn no_content(table: &mut Section<'_, '_>, help: &str) {
    let Some(place) = table.table().map(|table| table.place) else { return };
    let message = format!("`{}` has no content", table.name("").trim_end_matches('.'));
    table.intake.problem(Problem::at(place, message).help(help));
}

/// A text with any characters in it.
fn text<'t>(table: &mut Section<'t, '_>, key: &'static str) -> Option<(&'t str, &'t Entry)> {
    let entry = table.entry(key)?;
    match &entry.node.value {
        Value::Text(text) | Value::Argument(text) => {
            let name = table.name(key);
            table.intake.given(name, short(text), entry.node.place);
            Some((text, entry))
        }
        other => {
            table.problem(key, format_args!("is {}", value_text(other)), "expected a string in quotes");
            None
        }
    }
}

fn payloads(table: &mut Section<'_, '_>, around: &Surroundings<'_>) -> Option<Sizes> {
    let order = table.choice("order", &[("random", Order::Random), ("in-turn", Order::InTurn)], 0);
    let delimiter = match text(table, "delimiter") {
        Some((delimiter, _)) => delimiter,
        None => "\n",
    };
    let delimiter = plain_delimiter(delimiter);
    if let Err(FileError { message, help }) = &delimiter {
        table.problem("delimiter", message, *help);
    }
    let file = around.folder.join(table.optional_text("file")?);
    let delimiter = delimiter.unwrap_or_else(|_| "\n".to_owned());
    match around.pool.file(&file, &delimiter) {
        Ok(payloads) => Some(Sizes::Chosen { payloads, order }),
        Err(FileError { message, help }) => {
            let shown = short(&file.display().to_string());
            let (message, help) = match file.exists() {
                true => (message, help.to_owned()),
                false => ("does not exist".to_owned(), input::neighbours(&file)),
            };
            table.problem("file", format_args!("\"{shown}\" {message}"), help);
            None
        }
    }
}

impl PayloadPool {
    fn file(&self, file: &Path, delimiter: &str) -> Result<Payloads, FileError> {
        let mut files = self.files.borrow_mut();
        let known = files.iter().find(|(path, divided_by, _)| path == file && divided_by == delimiter);
        if let Some((_, _, payloads)) = known {
            return Ok(payloads.clone());
        }
        let payloads = Payloads::read(file, delimiter, limits::PAYLOAD_MIB)?;
        let all: usize = files.iter().map(|(_, _, payloads)| payloads.file_bytes()).sum();
        if (all + payloads.file_bytes()) as u64 > u64::from(limits::PAYLOAD_MIB) << 20 {
            let message = format!("and the files before it are larger than {} MiB", limits::PAYLOAD_MIB);
            return Err(FileError { message, help: "take parts of them" });
        }
        files.push((file.to_owned(), delimiter.to_owned(), payloads.clone()));
        Ok(payloads)
    }

    fn template(&self, template: Template) -> Arc<Template> {
        let mut templates = self.templates.borrow_mut();
        if let Some(known) = templates.iter().find(|known| ***known == template) {
            return Arc::clone(known);
        }
        let template = Arc::new(template);
        templates.push(Arc::clone(&template));
        template
    }
}

/// The text of a template and where it stands.
struct TemplateText {
    text: String,
    place: Place,
    /// Where its first byte is from the start of the place; `None` if the place has other characters than the text.
    first: Option<usize>,
}

fn template(
    table: &mut Section<'_, '_>,
    key: &'static str,
    keys: &Keys,
    (around, needs_json): (&Surroundings<'_>, bool),
) -> Option<Sizes> {
    let found = if key == "template" { inline(table) } else { from_file(table, around) };
    let fields = payload_fields::read(table);
    let is_json = table.flag("json", needs_json) || needs_json;
    let found = found?;
    let (fields, places) = fields?;
    let template = match Template::new(&found.text, fields) {
        Ok(template) => template,
        Err(faults) => {
            report(table, key, &found, &places, faults);
            return None;
        }
    };
    if is_json {
        let prefix = match keys.form() {
            KeyForm::Text(prefix) => Some(prefix.as_str()),
            KeyForm::BigEndian8 => None,
        };
        report(table, key, &found, &places, json::faults(&found.text, &template, prefix));
    }
    Some(Sizes::Rendered(around.pool.template(template)))
}

fn inline(table: &mut Section<'_, '_>) -> Option<TemplateText> {
    let (text, entry) = text(table, "template")?;
    if text.len() > limits::TEMPLATE_BYTES {
        let help = format!("at most {} bytes are allowed", limits::TEMPLATE_BYTES);
        table.problem("template", format_args!("is a text of {} bytes", text.len()), help);
        return None;
    }
    let place = entry.node.place;
    let first = table.intake.sources.slice(place).find(text);
    Some(TemplateText { text: text.to_owned(), place, first })
}

fn from_file(table: &mut Section<'_, '_>, around: &Surroundings<'_>) -> Option<TemplateText> {
    let file = around.folder.join(table.optional_text("template-file")?);
    match input::read_utf8(&file, limits::TEMPLATE_BYTES as u64) {
        Ok(text) => {
            let id = table.intake.sources.add_file(&file.display().to_string(), text.clone());
            let place = table.intake.sources.place(id, 0, text.len());
            Some(TemplateText { text, place, first: Some(0) })
        }
        Err(InputError { message, help }) => {
            let shown = short(&file.display().to_string());
            table.problem("template-file", format_args!("\"{shown}\" {message}"), help);
            None
        }
    }
}

/// Notes what is wrong with a template where it is.
fn report(
    table: &mut Section<'_, '_>,
    key: &str,
    found: &TemplateText,
    fields: &[(String, Place)],
    faults: Vec<Fault>,
) {
    let name = table.name(key);
    for Fault { at, message, help } in faults {
        let problem = match at {
            FaultPlace::Field(number) => {
                let (field, place) = &fields[number];
                Problem::at(*place, format!("`{}.{}` {message}", table.name("fields"), short(field)))
            }
            FaultPlace::Text(range) => {
                let place = match found.first {
                    Some(first) => found.place.part(first + range.start, first + range.end),
                    None => found.place,
                };
                Problem::at(place, format!("`{name}` {message}"))
            }
        };
        table.intake.problem(problem.help(help));
    }
}
