//! A schema under a subject.

use super::compatibility::is_checked;
use super::schema::{Schema, SchemaType};
use std::sync::Arc;

/// What the registry says of a schema that it has under a subject.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The schema's id, the same under every subject.
    pub id: u32,
    /// Its version under the subject, from 1.
    pub version: u32,
    /// As it is stored.
    pub schema: Arc<Schema>,
}

impl Registered {
    /// What this registry does not know of the schema and the real one does, for whoever shows the answer.
    pub fn note(&self) -> Option<&'static str> {
        match self.schema.schema_type() {
            kind if is_checked(kind) => None,
            SchemaType::Json => Some(
                "compatibility of JSON schemas is not checked here; the real registry checks it and may refuse",
            ),
            _ => Some(
                "compatibility of Protobuf schemas is not checked here; the real registry checks it and may refuse",
            ),
        }
    }
}

/// A version of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) version: u32,
    pub(super) id: u32,
    pub(super) deleted: bool,
}
