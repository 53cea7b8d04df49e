//! A registry from the changes that an export tells.

use super::super::MAX_SCHEMAS;
use super::super::compatibility::Level;
use super::super::error::Generation;
use super::super::parse::Strictness;
use super::super::problem::MAX_PROBLEMS;
use super::super::registered::Version;
use super::super::schema::{Reference, Resolved, Schema};
use super::super::store::Registry;
use super::entry::{Change, Entry};
use super::{ExportProblem, Place, quoted};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Versions by subject and number, as the last of their lines has them.
type Versions = BTreeMap<(String, u32), (Place, Entry)>;

/// Schemas that have been read, by subject and version.
type Parsed = BTreeMap<(String, u32), Arc<Schema>>;

/// The registry, complete if nothing was added to `problems`.
pub(super) fn registry(
    changes: Vec<(Place, Change)>,
    generation: Generation,
    problems: &mut Vec<ExportProblem>,
) -> Registry {
    let mut registry = Registry::new(generation);
    let mut versions = Versions::new();
    for (place, change) in changes {
        apply(&mut registry, &mut versions, place, change, problems);
    }
    let parsed = parse_all(&versions, problems);
    for (key, (place, entry)) in versions {
        let Some(schema) = parsed.get(&key) else { continue };
        if let Err(what) = add(&mut registry, &entry, schema)
            && problems.len() < MAX_PROBLEMS
        {
            problems.push(ExportProblem { place, what });
        }
    }
    registry
}

fn apply(
    registry: &mut Registry,
    versions: &mut Versions,
    place: Place,
    change: Change,
    problems: &mut Vec<ExportProblem>,
) {
    match change {
        Change::Version(entry) => {
            let key = (entry.subject.clone(), entry.version);
            let before =
                versions.get(&key).filter(|(_, before)| entry.is_listed && before.schema != entry.schema);
            if before.is_some() && problems.len() < MAX_PROBLEMS {
                let what = format!(
                    "version {} of {} stands twice, with two schemas",
                    entry.version,
                    quoted(&entry.subject)
                );
                problems.push(ExportProblem { place, what });
            }
            versions.insert(key, (place, entry));
        }
        Change::Gone(subject, version) => {
            versions.remove(&(subject, version));
        }
        Change::Level(None, level) => registry.set_global_level(level.unwrap_or(Level::Backward)),
        Change::Level(Some(subject), level) => registry.set_level(&subject, level),
        Change::DeleteSubject(subject, last) => {
            for (_, (_, entry)) in versions.range_mut((subject.clone(), 0)..=(subject, last)) {
                entry.deleted = true;
            }
        }
        Change::ClearSubject(subject) => {
            let all = versions.range((subject.clone(), 0)..=(subject, u32::MAX));
            let deleted: Vec<(String, u32)> =
                all.filter(|(_, (_, entry))| entry.deleted).map(|(key, _)| key.clone()).collect();
            for key in deleted {
                versions.remove(&key);
            }
        }
    }
}

/// Reads each schema after those that it refers to. Chains of references are short, so that few rounds are enough.
fn parse_all(versions: &Versions, problems: &mut Vec<ExportProblem>) -> Parsed {
    let mut parsed = Parsed::new();
    let mut waiting: Vec<&(Place, Entry)> = versions.values().collect();
    loop {
        let before = waiting.len();
        let mut later = Vec::new();
        for (place, entry) in waiting {
            let Some(references) = resolved(entry, versions, &parsed) else {
                later.push(&versions[&(entry.subject.clone(), entry.version)]);
                continue;
            };
            match Schema::new(entry.schema_type, &entry.schema, references, Strictness::Stored) {
                Ok(schema) => {
                    parsed.insert((entry.subject.clone(), entry.version), Arc::new(schema));
                }
                Err(error) if problems.len() < MAX_PROBLEMS => {
                    let (version, subject) = (entry.version, quoted(&entry.subject));
                    let what = format!(
                        "version {version} of {subject} is no {} schema: {error}",
                        entry.schema_type.word()
                    );
                    problems.push(ExportProblem { place: *place, what });
                }
                Err(_) => {}
            }
        }
        waiting = later;
        if waiting.is_empty() || waiting.len() == before || problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    for (place, entry) in waiting {
        if problems.len() < MAX_PROBLEMS {
            let missing = entry
                .references
                .iter()
                .find(|reference| key(reference, versions).is_none_or(|key| !parsed.contains_key(&key)));
            let missing = missing.map_or_else(String::new, |reference| {
                format!("version {} of {}", reference.version, quoted(&reference.subject))
            });
            let what = format!(
                "refers to {missing}, which is not in the export, not readable, or refers back to it"
            );
            problems.push(ExportProblem { place: *place, what });
        }
    }
    parsed
}

fn resolved(entry: &Entry, versions: &Versions, parsed: &Parsed) -> Option<Vec<Resolved>> {
    let mut resolved = Vec::new();
    for reference in &entry.references {
        let key = key(reference, versions)?;
        let schema = parsed.get(&key)?.clone();
        let version = i32::try_from(key.1).ok()?;
        resolved.push(Resolved { reference: Reference { version, ..reference.clone() }, schema });
    }
    Some(resolved)
}

/// What a reference means; -1 is the latest version of its subject.
fn key(reference: &Reference, versions: &Versions) -> Option<(String, u32)> {
    let subject = reference.subject.clone();
    match u32::try_from(reference.version) {
        Ok(version) => Some((subject, version)),
        Err(_) => {
            let last = versions.range((subject.clone(), 0)..=(subject, u32::MAX)).next_back();
            last.map(|(key, _)| key.clone())
        }
    }
}

fn add(registry: &mut Registry, entry: &Entry, schema: &Arc<Schema>) -> Result<(), String> {
    match registry.by_id(entry.id) {
        Ok(known) if known.identity() != schema.identity() => {
            return Err(format!(
                "id {} has another schema in an entry before; an id has one schema",
                entry.id
            ));
        }
        Ok(_) => {}
        Err(_) => registry
            .add_schema(entry.id, schema.clone())
            .map_err(|_| format!("more than {MAX_SCHEMAS} schemas; no more are read"))?,
    }
    registry.put_version(
        &entry.subject,
        Version { version: entry.version, id: entry.id, deleted: entry.deleted },
    );
    Ok(())
}
