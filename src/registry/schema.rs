//! A checked schema: its text, and what makes it the same schema as another.

use super::canonical::{Form, write};
use super::parse::{Strictness, parse, read_json};
use super::problem::SchemaError;
use super::types::{Kind, Types};
use super::{MAX_NESTING, MAX_SCHEMA_BYTES};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a schema is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaType {
    /// Avro, the default of every interface of the registry.
    #[default]
    Avro,
    /// JSON Schema; of it only identity is known here.
    Json,
    /// Protocol Buffers; of it only identity is known here.
    Protobuf,
}

impl SchemaType {
    /// All of them.
    pub const ALL: [SchemaType; 3] = [SchemaType::Avro, SchemaType::Json, SchemaType::Protobuf];

    /// What Confluent's serializers call it in their messages.
    pub fn in_messages(self) -> &'static str {
        match self {
            SchemaType::Avro => "Avro",
            SchemaType::Json => "JSON",
            SchemaType::Protobuf => "Protobuf",
        }
    }

    /// The registry's word.
    pub fn word(self) -> &'static str {
        match self {
            SchemaType::Avro => "AVRO",
            SchemaType::Json => "JSON",
            SchemaType::Protobuf => "PROTOBUF",
        }
    }
}

/// A pointer to another subject's schema, whose types may be named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What the schema calls it; for Avro the full name of its type.
    pub name: String,
    /// Under which subject it is registered.
    pub subject: String,
    /// Which version; -1 is the latest.
    pub version: i32,
}

/// A reference with the schema behind it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The pointer, with the version that it meant.
    pub reference: Reference,
    /// What it points to.
    pub schema: Arc<Schema>,
}

/// A schema that has been checked.
#[derive(Clone, Debug)]
pub struct Schema {
    schema_type: SchemaType,
    text: String,
    canonical: String,
    identity: Arc<str>,
    /// [`Form::Resolved`], where it is not the canonical text.
    resolved: Option<String>,
    references: Vec<Resolved>,
    /// How long the longest chain of references is that begins here.
    chain: usize,
    types: Option<Types>,
}

impl Schema {
    /// A new Avro schema without references.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn avro(text: &str) -> Result<Schema, SchemaError> {
        Schema::new(SchemaType::Avro, text, Vec::new(), Strictness::New)
    }

    /// A schema whose references have been resolved.
    ///
    /// # Errors
    /// What is wrong with an Avro schema, and where; a JSON Schema that is no JSON; an empty text.
    pub fn new(
        schema_type: SchemaType,
        text: &str,
        references: Vec<Resolved>,
        strictness: Strictness,
    ) -> Result<Schema, SchemaError> {
        let chain = references.iter().map(|resolved| resolved.schema.chain + 1).max().unwrap_or(0);
        if chain > MAX_NESTING {
            let what = format!("references lead to references more than {MAX_NESTING} times");
            return Err(SchemaError::one("", what));
        }
        let mut schema = Schema {
            schema_type,
            text: text.to_string(),
            canonical: String::new(),
            identity: Arc::from(""),
            resolved: None,
            references,
            chain,
            types: None,
        };
        match schema_type {
            SchemaType::Avro => {
                let json = read_json(text)?;
                let needed = schema.needed()?;
                let texts = needed
                    .iter()
                    .map(|needed| read_json(&needed.canonical))
                    .collect::<Result<Vec<_>, _>>()?;
                let types = parse(&json, &texts, strictness)?;
                schema.canonical = write(&types, &schema.known_names()?, Form::Canonical)?;
                schema.resolved =
                    Some(write(&types, &[], Form::Resolved)?).filter(|text| *text != schema.canonical);
                schema.types = Some(types);
            }
            SchemaType::Json => schema.canonical = read_json(text)?.to_string(),
            SchemaType::Protobuf => schema.canonical = read_plain(text)?,
        }
        schema.identity = schema.identified();
        Ok(schema)
    }

    /// What it is written in.
    pub fn schema_type(&self) -> SchemaType {
        self.schema_type
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that the registry keeps and compares: for Avro Java's `Schema.toString`, for JSON Schema the same JSON
    /// without spaces, for Protobuf the text itself. `doc`, `default` and `aliases` are part of it.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// What it refers to.
    pub fn references(&self) -> &[Resolved] {
        &self.references
    }

    /// The types of an Avro schema.
    pub fn types(&self) -> Option<&Types> {
        self.types.as_ref()
    }

    /// The full name of an Avro record (`AvroSchema.name`); nothing else has one.
    pub fn record_name(&self) -> Option<String> {
        let types = self.types.as_ref()?;
        match types.kind(types.root()) {
            Kind::Record(record) => Some(record.name.full()),
            _ => None,
        }
    }

    /// Two schemas with the same identity have the same id: type, canonical text and references
    /// (`MD5.ofSchema`, here without the hash).
    pub fn identity(&self) -> &Arc<str> {
        &self.identity
    }

    /// Whether the registry, asked for this schema, answers with `stored` (`ParsedSchema.canLookup`): equal in all but
    /// the order of properties, and either with the same references or with them written out.
    pub fn finds(&self, stored: &Schema) -> bool {
        let pointers = |schema: &Schema| -> Vec<Reference> {
            schema.references.iter().map(|resolved| resolved.reference.clone()).collect()
        };
        let written_out = self.references.is_empty() && !stored.references.is_empty();
        self.schema_type == stored.schema_type
            && self.resolved() == stored.resolved()
            && (written_out || pointers(self) == pointers(stored))
    }

    /// What `normalize.schemas` sends and stores (`AvroSchemaUtils.toNormalizedString`): properties and aliases sorted,
    /// empty `doc` gone, references sorted. Other types are as they were.
    ///
    /// # Errors
    /// None that [`Schema::new`] has not had before.
    pub fn normalized(&self) -> Result<Schema, SchemaError> {
        let Some(types) = &self.types else { return Ok(self.clone()) };
        let mut normal = self.clone();
        normal.references.sort_by(|a, b| a.reference.cmp(&b.reference));
        normal.references.dedup_by(|a, b| a.reference == b.reference);
        normal.canonical = write(types, &self.known_names()?, Form::Normal)?;
        normal.text.clone_from(&normal.canonical);
        normal.resolved = Some(write(types, &[], Form::Normal)?).filter(|text| *text != normal.canonical);
        normal.identity = normal.identified();
        Ok(normal)
    }

    fn identified(&self) -> Arc<str> {
        let mut identity = format!("{} {}", self.schema_type.word(), self.canonical);
        for Resolved { reference, .. } in &self.references {
            identity.push_str(&format!("\n{}\t{}\t{}", reference.name, reference.subject, reference.version));
        }
        Arc::from(identity)
    }

    fn resolved(&self) -> &str {
        self.resolved.as_deref().unwrap_or(&self.canonical)
    }

    /// All that is referred to, each after what it refers to itself, no name twice
    /// (`AbstractSchemaProvider.resolveReferences`).
    fn needed(&self) -> Result<Vec<Arc<Schema>>, SchemaError> {
        let mut needed = Vec::new();
        collect(&self.references, &mut BTreeSet::new(), &mut needed);
        let bytes: usize = needed.iter().map(|schema| schema.canonical.len()).sum();
        if bytes > 4 * MAX_SCHEMA_BYTES {
            let what = format!(
                "{bytes} bytes of schemas are referred to; at most {} are read",
                4 * MAX_SCHEMA_BYTES
            );
            return Err(SchemaError::one("", what));
        }
        Ok(needed)
    }

    /// The names that the canonical text does not define again: those of all that is referred to.
    fn known_names(&self) -> Result<Vec<String>, SchemaError> {
        let needed = self.needed()?;
        let types = needed.iter().filter_map(|schema| schema.types.as_ref());
        Ok(types.map(|types| types.kind(types.root()).full_name()).collect())
    }
}

fn collect(references: &[Resolved], seen: &mut BTreeSet<String>, needed: &mut Vec<Arc<Schema>>) {
    for Resolved { reference, schema } in references {
        if seen.insert(reference.name.clone()) {
            collect(&schema.references, seen, needed);
            needed.push(schema.clone());
        }
    }
}

fn read_plain(text: &str) -> Result<String, SchemaError> {
    if text.trim().is_empty() {
        return Err(SchemaError::one("", "the schema is empty"));
    }
    if text.len() > MAX_SCHEMA_BYTES {
        let what = format!("{} bytes of schema; at most {} are read", text.len(), MAX_SCHEMA_BYTES);
        return Err(SchemaError::one("", what));
    }
    Ok(text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn avro(text: &str) -> Schema {
        Schema::avro(text).expect("a schema")
    }

    #[test]
    fn spaces_do_not_count_and_docs_do() {
        let one = avro(r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#);
        let spaced = avro(
            r#"{ "name": "R", "type": "record", "fields": [ {"type": {"type": "int"}, "name": "a"} ] }"#,
        );
        let documented =
            avro(r#"{"type":"record","name":"R","doc":"d","fields":[{"name":"a","type":"int"}]}"#);
        assert_eq!(one.identity(), spaced.identity());
        assert_ne!(one.identity(), documented.identity());
        assert_eq!(one.record_name().as_deref(), Some("R"));
        assert_eq!(avro("\"int\"").record_name(), None);
    }

    #[test]
    fn the_order_of_properties_tells_ids_apart_but_not_schemas() {
        let one = avro(r#"{"type":"int","a":1,"b":2}"#);
        let other = avro(r#"{"type":"int","b":2,"a":1}"#);
        assert_ne!(one.identity(), other.identity());
        assert!(one.finds(&other));
        assert!(!one.finds(&avro(r#"{"type":"int","b":2,"a":2}"#)));
    }

    #[test]
    fn the_normal_form_sorts_properties_and_aliases() {
        let text = r#"{"type":"record","name":"R","doc":"","z":1,"a":2,"aliases":["y","x"],"fields":[
            {"name":"f","type":{"type":"long","connect":1,"logicalType":"timestamp-millis"},"aliases":["d","c"]}]}"#;
        let normal = avro(text).normalized().expect("a schema");
        let expected = r#"{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"long","logicalType":"timestamp-millis","connect":1},"aliases":["c","d"]}],"a":2,"z":1,"aliases":["x","y"]}"#;
        assert_eq!(normal.canonical(), expected);
        let again = normal.normalized().expect("a schema");
        assert_eq!(again.identity(), normal.identity());
    }

    #[test]
    fn what_is_referred_to_is_named_and_not_written() {
        let line = Arc::new(avro(r#"{"type":"record","name":"shop.Line","fields":[]}"#));
        let reference = Reference { name: "shop.Line".to_string(), subject: "line".to_string(), version: 1 };
        let references = vec![Resolved { reference, schema: line }];
        let text = r#"{"type":"record","name":"shop.Order","fields":[{"name":"l","type":"Line"}]}"#;
        let order = Schema::new(SchemaType::Avro, text, references, Strictness::New).expect("a schema");
        assert!(order.canonical().contains(r#""type":"Line""#), "{}", order.canonical());
        let whole = avro(
            r#"{"type":"record","name":"shop.Order","fields":[{"name":"l","type":{"type":"record","name":"Line","fields":[]}}]}"#,
        );
        assert!(
            whole.finds(&order),
            "the registry finds a schema that is sent with its references written out"
        );
        assert!(!order.finds(&whole));
        assert!(Schema::avro(text).is_err());
    }

    #[test]
    fn the_normal_form_sorts_references() {
        let point = |name: &str| {
            let text = format!(r#"{{"type":"record","name":"{name}","fields":[]}}"#);
            let reference = Reference { name: name.to_string(), subject: name.to_string(), version: 1 };
            Resolved { reference, schema: Arc::new(avro(&text)) }
        };
        let both = |references| {
            let schema = Schema::new(SchemaType::Avro, r#"["A","B"]"#, references, Strictness::New);
            schema.expect("a schema")
        };
        let (one, other) =
            (both(vec![point("A"), point("B")]), both(vec![point("B"), point("A"), point("A")]));
        assert_ne!(one.identity(), other.identity());
        let normal = |schema: &Schema| schema.normalized().expect("a schema").identity().clone();
        assert_eq!(normal(&one), normal(&other));
    }

    #[test]
    fn chains_of_references_are_bounded() {
        let mut last = Arc::new(avro(r#"{"type":"record","name":"R0","fields":[]}"#));
        let mut result = Ok(());
        for i in 1..100 {
            let name = format!("R{}", i - 1);
            let reference = Reference { subject: name.clone(), name: name.clone(), version: 1 };
            let text =
                format!(r#"{{"type":"record","name":"R{i}","fields":[{{"name":"f","type":"{name}"}}]}}"#);
            let references = vec![Resolved { reference, schema: last.clone() }];
            match Schema::new(SchemaType::Avro, &text, references, Strictness::New) {
                Ok(schema) => last = Arc::new(schema),
                Err(error) => result = result.and(Err(error)),
            }
        }
        assert!(result.is_err());
    }

    #[test]
    fn json_and_protobuf_are_known_by_their_text() {
        let schema = |kind, text| Schema::new(kind, text, Vec::new(), Strictness::New);
        let one = schema(SchemaType::Json, r#"{"type": "object"}"#).expect("a schema");
        assert_eq!(one.canonical(), r#"{"type":"object"}"#);
        assert!(schema(SchemaType::Json, "{").is_err());
        assert!(schema(SchemaType::Protobuf, "  ").is_err());
        assert!(schema(SchemaType::Protobuf, "message A {}").is_ok());
    }
}
