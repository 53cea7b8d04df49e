//! `schema` and `schema-changes` of `[workload.payload]`: what an application hands to a serializer with schemas.

use std::path::Path;
use std::sync::Arc;

use super::input::{self, InputError};
use super::intake::Intake;
use super::limits;
use super::problem::Problem;
use super::section::{Section, measure_of};
use super::source::Place;
use super::tree::Value;
use crate::registry::MAX_SCHEMA_BYTES;
use crate::registry::parse::Strictness;
use crate::registry::schema::{Schema, SchemaType};
use crate::serializer::object::Object;
use crate::values::excerpt::short;
use crate::values::time::{Span, Time};
use crate::workload::spec::Handed;

/// Reads what the application hands over.
pub fn read(table: &mut Section<'_, '_>, folder: &Path) -> Handed {
    let object = table.has("object").then(|| table.choice("object", &Object::NAMES, 0));
    let first = table.optional_text("schema").and_then(|file| {
        let place = table.place("schema")?;
        schema(table.intake, place, &file, folder)
    });
    let mut changes = table.list("schema-changes", |intake, name, node| {
        let Value::Table(inner) = &node.value else {
            let message = format!("`{name}` has an item that is no table");
            let help = "expected schema-changes: { at = \"10s\", schema = \"order-v2.avsc\" }";
            intake.problem(Problem::at(node.place, message).help(help));
            return None;
        };
        let mut inner = Section::new(name.to_owned(), Some(inner), intake);
        let at = inner.entry("at").map(|entry| &entry.node);
        let at = at.and_then(|node| measure_of::<Span>(inner.intake, &format!("{name}.at"), node));
        let file = inner.optional_text("schema");
        for (key, is_there) in [("at", at.is_some()), ("schema", file.is_some())] {
            if !is_there && !inner.has(key) {
                inner.problem(key, "is missing", "expected { at = \"10s\", schema = \"order-v2.avsc\" }");
            }
        }
        let place = inner.place("schema");
        inner.finish();
        Some((Time::START + at?, schema(intake, place?, &file?, folder)?))
    });
    if changes.len() > limits::SCHEMA_CHANGES {
        let help = format!("at most {} are allowed", limits::SCHEMA_CHANGES);
        table.problem("schema-changes", format_args!("has {} items", changes.len()), help);
    }
    if !changes.is_empty() && !table.has("schema") {
        table.problem(
            "schema-changes",
            "has nothing to change",
            "say what comes first: schema = \"order.avsc\"",
        );
    }
    changes.sort_by_key(|(at, _)| *at);
    let schemas = first.map(|schema| (Time::START, schema)).into_iter().chain(changes);
    Handed { object, schemas: schemas.collect() }
}

/// A schema in a file, whose type its name says.
fn schema(intake: &mut Intake, place: Place, file: &str, folder: &Path) -> Option<Arc<Schema>> {
    let path = folder.join(file);
    let shown = short(&path.display().to_string()).to_string();
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("avsc") => SchemaType::Avro,
        Some("json") => SchemaType::Json,
        Some("proto") => SchemaType::Protobuf,
        _ => {
            let problem = Problem::at(place, format!("\"{shown}\" does not say what kind of schema it is"));
            intake.problem(problem.help("expected a name that ends in .avsc (Avro), .json or .proto"));
            return None;
        }
    };
    let text = match input::read_utf8(&path, MAX_SCHEMA_BYTES as u64) {
        Ok(text) => text,
        Err(InputError { message, help }) => {
            let problem = Problem::at(place, format!("the schema \"{shown}\" {message}"));
            intake.problem(problem.help(help));
            return None;
        }
    };
    match Schema::new(kind, &text, Vec::new(), Strictness::New) {
        Ok(schema) => Some(Arc::new(schema)),
        Err(error) => {
            for problem in error.problems {
                let within = match problem.place.as_str() {
                    "" => String::new(),
                    step => format!(" at {step}"),
                };
                intake
                    .problem(Problem::at(place, format!("the schema \"{shown}\"{within}: {}", problem.what)));
            }
            None
        }
    }
}
