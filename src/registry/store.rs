//! The registry itself: subjects, versions, ids (`KafkaSchemaRegistry`).

use super::MAX_SCHEMAS;
use super::client::Call;
use super::compatibility::{Conflict, Level, conflict};
use super::error::{Generation, RestError};
use super::parse::Strictness;
use super::registered::{Registered, Version};
use super::schema::{Reference, Resolved, Schema, SchemaType};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
struct Subject {
    /// In ascending order.
    versions: Vec<Version>,
}

/// A schema registry.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    generation: Generation,
    schemas: BTreeMap<u32, Arc<Schema>>,
    ids: BTreeMap<Arc<str>, u32>,
    subjects: BTreeMap<String, Subject>,
    levels: BTreeMap<String, Level>,
    global_level: Level,
}

impl Registry {
    /// An empty registry with the global level BACKWARD.
    pub fn new(generation: Generation) -> Registry {
        Registry { generation, ..Registry::default() }
    }

    /// Sets the global level.
    pub fn set_global_level(&mut self, level: Level) {
        self.global_level = level;
    }

    /// Sets the level of one subject, or with `None` takes it back to the global one.
    pub fn set_level(&mut self, subject: &str, level: Option<Level>) {
        match level {
            Some(level) => self.levels.insert(subject.to_string(), level),
            None => self.levels.remove(subject),
        };
    }

    /// The level that holds for a subject.
    pub fn level(&self, subject: &str) -> Level {
        self.levels.get(subject).copied().unwrap_or(self.global_level)
    }

    /// Reads a schema as if it were sent to this registry, with its references.
    ///
    /// # Errors
    /// 42201 for a text that is no schema, and for a reference to what is not there.
    pub fn parse(
        &self,
        schema_type: SchemaType,
        text: &str,
        references: &[Reference],
    ) -> Result<Schema, RestError> {
        let resolved =
            references.iter().map(|reference| self.resolve(reference)).collect::<Result<Vec<_>, _>>()?;
        Schema::new(schema_type, text, resolved, Strictness::New).map_err(|error| {
            RestError::invalid_schema(format!(
                "Invalid schema of type {}, details: {error}",
                schema_type.word()
            ))
        })
    }

    pub(super) fn resolve(&self, reference: &Reference) -> Result<Resolved, RestError> {
        let versions = self.live(&reference.subject);
        let mut versions = versions.iter().rev();
        let found = match u32::try_from(reference.version) {
            Ok(version) => versions.find(|stored| stored.version == version),
            Err(_) if reference.version == -1 => versions.next(),
            Err(_) => None,
        };
        let found = found.ok_or_else(|| {
            let Reference { subject, version, .. } = reference;
            let missing =
                format!("No schema reference found for subject \"{subject}\" and version {version}");
            RestError::invalid_schema(missing)
        })?;
        let version = i32::try_from(found.version).unwrap_or(i32::MAX);
        Ok(Resolved { reference: Reference { version, ..reference.clone() }, schema: found.schema.clone() })
    }

    /// Registers a schema, or finds it where it is already registered under the subject.
    ///
    /// # Errors
    /// 409 or 40901 if it is not compatible with the subject's level; 50001 if the registry is full.
    pub fn register(&mut self, subject: &str, schema: &Schema) -> Result<Registered, RestError> {
        if let Ok(found) = self.lookup(subject, schema) {
            return Ok(found);
        }
        if let Some(conflict) = self.conflict(subject, schema) {
            let lines = conflict.lines(self.level(subject));
            return Err(RestError::incompatible(self.generation, subject, &lines));
        }
        let known = self.ids.get(schema.identity()).copied();
        let id =
            known.unwrap_or_else(|| self.schemas.last_key_value().map_or(1, |(id, _)| id.saturating_add(1)));
        let version = self.subjects.get(subject).and_then(|subject| subject.versions.last());
        let version = version.map_or(1, |last| last.version.saturating_add(1));
        if known.is_none() {
            self.add_schema(id, Arc::new(schema.clone()))?;
        }
        self.put_version(subject, Version { version, id, deleted: false });
        self.known(id, version)
    }

    /// The first version from the latest back that a schema does not fit; nothing is registered.
    pub fn conflict(&self, subject: &str, schema: &Schema) -> Option<Conflict> {
        let history: Vec<(u32, Arc<Schema>)> =
            self.live(subject).into_iter().map(|stored| (stored.version, stored.schema)).collect();
        conflict(self.level(subject), schema, &history)
    }

    /// The version of a subject that has this schema.
    ///
    /// # Errors
    /// 40401 if the subject has no version, 40403 if none of them has this schema.
    pub fn lookup(&self, subject: &str, schema: &Schema) -> Result<Registered, RestError> {
        let live = self.live(subject);
        if live.is_empty() {
            return Err(RestError::subject_not_found(subject));
        }
        let id = self.ids.get(schema.identity());
        let same = live.iter().find(|stored| Some(&stored.id) == id);
        let found = same.or_else(|| live.iter().rev().find(|stored| schema.finds(&stored.schema)));
        found.cloned().ok_or_else(RestError::schema_not_found)
    }

    /// The latest version of a subject.
    ///
    /// # Errors
    /// 40401 if it has none.
    pub fn latest(&self, subject: &str) -> Result<Registered, RestError> {
        self.live(subject).pop().ok_or_else(|| RestError::subject_not_found(subject))
    }

    /// One version of a subject.
    ///
    /// # Errors
    /// 40401 if the subject has no version, 40402 if it has not this one.
    pub fn version(&self, subject: &str, version: u32) -> Result<Registered, RestError> {
        let live = self.live(subject);
        if live.is_empty() {
            return Err(RestError::subject_not_found(subject));
        }
        let missing = RestError::version_not_found(i32::try_from(version).unwrap_or(i32::MAX));
        live.into_iter().find(|stored| stored.version == version).ok_or(missing)
    }

    /// The schema with an id, under whichever subject, deleted or not.
    ///
    /// # Errors
    /// 40403 if there is none.
    pub fn by_id(&self, id: u32) -> Result<Arc<Schema>, RestError> {
        self.schemas.get(&id).cloned().ok_or_else(|| RestError::id_not_found(id))
    }

    /// Deletes a version softly: its id goes on to be known, its number is not given again.
    ///
    /// # Errors
    /// 40401 and 40402 as for [`Registry::version`], 42206 if a schema that is not deleted refers to it.
    pub fn delete_version(&mut self, subject: &str, version: u32) -> Result<(), RestError> {
        self.version(subject, version)?;
        self.check_unreferenced(subject, version, None)?;
        self.mark_deleted(subject, |stored| stored.version == version);
        Ok(())
    }

    /// Deletes all versions of a subject softly, and says which.
    ///
    /// # Errors
    /// 40401 if it has none, 42206 if a schema of another subject refers to one of them.
    pub fn delete_subject(&mut self, subject: &str) -> Result<Vec<u32>, RestError> {
        let versions: Vec<u32> = self.live(subject).iter().map(|stored| stored.version).collect();
        if versions.is_empty() {
            return Err(RestError::subject_not_found(subject));
        }
        for version in &versions {
            self.check_unreferenced(subject, *version, Some(subject))?;
        }
        self.mark_deleted(subject, |_| true);
        Ok(versions)
    }

    /// The subjects that have a version, in order.
    pub fn subjects(&self) -> Vec<&str> {
        let live = |subject: &Subject| subject.versions.iter().any(|stored| !stored.deleted);
        self.subjects.iter().filter(|(_, subject)| live(subject)).map(|(name, _)| name.as_str()).collect()
    }

    /// The versions of a subject, from the oldest, without deleted ones.
    pub fn versions(&self, subject: &str) -> Vec<Registered> {
        self.live(subject)
    }

    /// Answers a call of the client.
    ///
    /// # Errors
    /// As the method that the call names.
    pub fn serve(&mut self, call: &Call) -> Result<Registered, RestError> {
        let normal = |schema: &Schema, normalize: bool| match normalize {
            true => schema.normalized().map_err(|error| RestError::invalid_schema(error.to_string())),
            false => Ok(schema.clone()),
        };
        match call {
            Call::Register { subject, schema, normalize } => {
                self.register(subject, &normal(schema, *normalize)?)
            }
            Call::Lookup { subject, schema, normalize } => self.lookup(subject, &normal(schema, *normalize)?),
            Call::Latest { subject } => self.latest(subject),
        }
    }

    pub(super) fn add_schema(&mut self, id: u32, schema: Arc<Schema>) -> Result<(), RestError> {
        if self.schemas.len() >= MAX_SCHEMAS {
            return Err(RestError::full(MAX_SCHEMAS));
        }
        self.ids.entry(schema.identity().clone()).or_insert(id);
        self.schemas.insert(id, schema);
        Ok(())
    }

    /// Enters a version whose number the subject has not.
    pub(super) fn put_version(&mut self, subject: &str, version: Version) {
        let versions = &mut self.subjects.entry(subject.to_string()).or_default().versions;
        let place = versions.partition_point(|old| old.version < version.version);
        versions.insert(place, version);
    }

    fn mark_deleted(&mut self, subject: &str, which: impl Fn(&Version) -> bool) {
        let versions = self.subjects.get_mut(subject).into_iter().flat_map(|subject| &mut subject.versions);
        versions.filter(|stored| which(stored)).for_each(|stored| stored.deleted = true);
    }

    fn check_unreferenced(
        &self,
        subject: &str,
        version: u32,
        besides: Option<&str>,
    ) -> Result<(), RestError> {
        let refers = |schema: &Schema| {
            schema.references().iter().any(|resolved| {
                resolved.reference.subject == subject
                    && u32::try_from(resolved.reference.version) == Ok(version)
            })
        };
        let others = self.subjects.iter().filter(|(name, _)| Some(name.as_str()) != besides);
        let live = others.flat_map(|(_, holder)| &holder.versions).filter(|stored| !stored.deleted);
        match live.filter_map(|stored| self.schemas.get(&stored.id)).any(|schema| refers(schema)) {
            true => Err(RestError::reference_exists(subject, version)),
            false => Ok(()),
        }
    }

    fn live(&self, subject: &str) -> Vec<Registered> {
        let versions = self.subjects.get(subject).into_iter().flat_map(|subject| &subject.versions);
        versions
            .filter(|stored| !stored.deleted)
            .filter_map(|stored| self.known(stored.id, stored.version).ok())
            .collect()
    }

    fn known(&self, id: u32, version: u32) -> Result<Registered, RestError> {
        Ok(Registered { id, version, schema: self.by_id(id)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &str) -> Schema {
        Schema::avro(&format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)).expect("a schema")
    }

    const A: &str = r#"{"name":"a","type":"int"}"#;

    #[test]
    fn ids_are_global_and_versions_are_not() {
        let mut registry = Registry::default();
        let mut put = |subject: &str, fields: &str| {
            let stored = registry.register(subject, &record(fields)).expect("registered");
            (stored.id, stored.version)
        };
        assert_eq!(put("x", A), (1, 1));
        assert_eq!(put("y", ""), (2, 1));
        assert_eq!(put("x", ""), (2, 2));
        assert_eq!(put("y", ""), (2, 1));
    }

    #[test]
    fn what_is_deleted_keeps_id_and_number_and_comes_back_under_a_new_one() {
        let mut registry = Registry::default();
        registry.register("x", &record(A)).expect("registered");
        registry.register("x", &record("")).expect("registered");
        assert_eq!(registry.delete_version("x", 2), Ok(()));
        assert_eq!(registry.latest("x").map(|latest| latest.version), Ok(1));
        assert_eq!(registry.lookup("x", &record("")).map(|found| found.id).map_err(|e| e.code), Err(40403));
        assert!(registry.by_id(2).is_ok());
        let again = registry.register("x", &record("")).expect("registered");
        assert_eq!((again.id, again.version), (2, 3));
        assert_eq!(registry.delete_subject("x"), Ok(vec![1, 3]));
        assert_eq!(registry.latest("x").map(|_| ()).map_err(|e| e.code), Err(40401));
        assert!(registry.subjects().is_empty());
    }

    #[test]
    fn refusals_have_the_codes_of_the_release() {
        for (generation, code) in [(Generation::Seven, 409), (Generation::Eight, 40901)] {
            let mut registry = Registry::new(generation);
            registry.register("x", &record("")).expect("registered");
            let error = registry.register("x", &record(A)).expect_err("no default");
            assert_eq!((error.status, error.code), (409, code));
            assert!(
                error.message.starts_with(
                    "Schema being registered is incompatible with an earlier schema for subject"
                )
            );
            assert!(error.message.contains("READER_FIELD_MISSING_DEFAULT_VALUE"), "{}", error.message);
        }
        let registry = Registry::default();
        assert_eq!(registry.by_id(9).map(|_| ()).map_err(|e| e.code), Err(40403));
        let invalid = registry.parse(SchemaType::Avro, "{", &[]).map(|_| ()).expect_err("no schema");
        assert_eq!((invalid.status, invalid.code), (422, 42201));
    }

    #[test]
    fn a_version_that_is_referred_to_cannot_be_deleted() {
        let mut registry = Registry::default();
        registry
            .register("line", &Schema::avro(r#"{"type":"record","name":"L","fields":[]}"#).expect("one"))
            .expect("one");
        let reference = Reference { name: "L".to_string(), subject: "line".to_string(), version: -1 };
        let order = registry.parse(SchemaType::Avro, r#"["null","L"]"#, &[reference]).expect("a schema");
        assert_eq!(order.references()[0].reference.version, 1);
        registry.register("order", &order).expect("registered");
        assert_eq!(registry.delete_version("line", 1).map_err(|error| error.code), Err(42206));
        assert_eq!(registry.delete_subject("line").map_err(|error| error.code), Err(42206));
        registry.delete_subject("order").expect("deleted");
        assert_eq!(registry.delete_subject("line"), Ok(vec![1]));
    }

    #[test]
    fn a_subjects_level_goes_before_the_global_one() {
        let mut registry = Registry::default();
        registry.set_global_level(Level::None);
        registry.set_level("x", Some(Level::Full));
        assert_eq!((registry.level("x"), registry.level("y")), (Level::Full, Level::None));
        registry.set_level("x", None);
        assert_eq!(registry.level("x"), Level::None);
    }

    #[test]
    fn what_is_not_checked_is_said() {
        let mut registry = Registry::default();
        for text in ["{}", "true"] {
            let schema = registry.parse(SchemaType::Json, text, &[]).expect("JSON");
            let stored = registry.register("x", &schema).expect("nothing is compared");
            assert!(stored.note().is_some_and(|note| note.contains("not checked here")));
        }
        let avro = registry.register("y", &record("")).expect("registered");
        assert_eq!(avro.note(), None);
    }
}
