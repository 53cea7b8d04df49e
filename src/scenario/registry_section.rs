//! `[registry]`: the schema registry that serializers ask.

use std::path::Path;
use std::sync::Arc;

use super::input::{self, InputError};
use super::limits;
use super::preparation::RegistrySpec;
use super::problem::Problem;
use super::section::Section;
use super::tree::Value;
use crate::registry::compatibility::Level;
use crate::registry::error::Generation;
use crate::registry::export;
use crate::registry::store::Registry;
use crate::values::excerpt::short;
use crate::values::time::Span;

/// The words of `platform`.
const PLATFORMS: [(&str, Generation); 2] = [("8", Generation::Eight), ("7", Generation::Seven)];

/// The words of `compatibility`.
fn levels() -> [(&'static str, Level); 7] {
    Level::ALL.map(|level| (level.word(), level))
}

/// Reads the section, if there is one.
pub fn read(mut section: Section<'_, '_>, folder: &Path) -> Option<(RegistrySpec, Generation)> {
    section.table()?;
    let generation = section.choice("platform", &PLATFORMS, 0);
    let latency = section.span("latency", Span::from_millis(5));
    let jitter = section.span("jitter", Span::ZERO);
    let mut registry = match section.optional_text("export") {
        Some(file) => exported(&mut section, &file, folder, generation),
        None => Registry::new(generation),
    };
    if section.has("compatibility") {
        registry.set_global_level(section.choice("compatibility", &levels(), 0));
    }
    for (subject, level) in subjects(&mut section) {
        registry.set_level(&subject, Some(level));
    }
    section.finish();
    Some((RegistrySpec { initial: Arc::new(registry), latency, jitter }, generation))
}

/// `subjects = { orders-value = "FULL" }`.
fn subjects(section: &mut Section<'_, '_>) -> Vec<(String, Level)> {
    let Some(entry) = section.entry("subjects") else { return Vec::new() };
    let Value::Table(table) = &entry.node.value else {
        let help = "expected subjects with levels: { orders-value = \"FULL\" }";
        section.problem("subjects", "is no table", help);
        return Vec::new();
    };
    let mut levels = Vec::new();
    for entry in &table.entries {
        let word = match &entry.node.value {
            Value::Text(word) => word.as_str(),
            _ => "",
        };
        match Level::named(word) {
            Some(level) => {
                let name = section.name(&format!("subjects.{}", entry.key));
                section.intake.given(name, level.word().to_owned(), entry.node.place);
                levels.push((entry.key.clone(), level));
            }
            None => {
                let words = Level::ALL.map(Level::word).join(", ");
                let name = section.name(&format!("subjects.{}", short(&entry.key)));
                let message = format!("`{name}` is no level of compatibility");
                let problem = Problem::at(entry.node.place, message);
                section.intake.problem(problem.help(format!("expected one of {words}")));
            }
        }
    }
    levels
}

fn exported(section: &mut Section<'_, '_>, file: &str, folder: &Path, generation: Generation) -> Registry {
    let path = folder.join(file);
    let shown = short(&path.display().to_string()).to_string();
    let text = match input::read_utf8(&path, limits::EXPORT_BYTES) {
        Ok(text) => text,
        Err(InputError { message, help }) => {
            section.problem("export", format_args!("\"{shown}\" {message}"), help);
            return Registry::new(generation);
        }
    };
    if text.trim().is_empty() {
        let help = "expected what `GET /schemas` answers, or lines of the topic _schemas";
        section.problem("export", format_args!("\"{shown}\" is empty"), help);
    }
    match export::read(&text, generation) {
        Ok(registry) => registry,
        Err(error) => {
            let help = "expected what `GET /schemas` answers, or lines of the topic _schemas";
            for problem in error.problems {
                section.problem("export", format_args!("\"{shown}\": {problem}"), help);
            }
            Registry::new(generation)
        }
    }
}
