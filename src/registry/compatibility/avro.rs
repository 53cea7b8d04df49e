//! Whether a reader's Avro schema understands a writer's data: `SchemaCompatibility` of Avro 1.12 rule for rule.

use super::super::types::{Enum, Field, Kind, Record, TypeId, Types};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most differences that are listed; Java lists all, and some of them more than once.
const MAX_DIFFERENCES: usize = 100;

/// How deep pairs of types may lead to each other. Java's stack would end not far behind.
const MAX_DEPTH: usize = 400;

/// Most pairs of types that are compared.
const MAX_PAIRS: usize = 1_000_000;

/// Which rule is broken (`SchemaIncompatibilityType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Record, enum or fixed of another name, and no alias of the reader says that it is the same.
    NameMismatch,
    /// Fixed of another size.
    FixedSizeMismatch,
    /// The writer's enum has symbols that the reader's has not, and the reader's has no default.
    MissingEnumSymbols,
    /// A field that the writer has not, and for which the reader has no default.
    ReaderFieldMissingDefaultValue,
    /// Another type, and none that can be promoted.
    TypeMismatch,
    /// A branch of the writer's union, or its type, that no branch of the reader's union takes.
    MissingUnionBranch,
    /// No rule of Java: an alias fits two fields of the writer, where Java throws, or the schemas are too entangled to
    /// compare them in bounded time.
    NotCompared,
}

impl Rule {
    /// Java's word.
    pub fn word(self) -> &'static str {
        match self {
            Rule::NameMismatch => "NAME_MISMATCH",
            Rule::FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
            Rule::MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
            Rule::ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
            Rule::TypeMismatch => "TYPE_MISMATCH",
            Rule::MissingUnionBranch => "MISSING_UNION_BRANCH",
            Rule::NotCompared => "NOT_COMPARED",
        }
    }
}

/// One thing that a reader cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which rule.
    pub rule: Rule,
    /// Where in the reader's schema, as a JSON pointer.
    pub location: String,
    /// The field, the symbols, the names or the sizes in question.
    pub message: String,
}

impl Difference {
    /// The registry's line, where `reader` and `writer` are `new` and `old` or the other way round (`Difference.error`).
    pub fn line(&self, reader: &str, writer: &str) -> String {
        let Difference { location, message, .. } = self;
        let description = match self.rule {
            Rule::FixedSizeMismatch => format!(
                "The size of FIXED type field at path '{location}' in the {reader} schema does not match with the \
                 {writer} schema"
            ),
            Rule::TypeMismatch => format!(
                "The type (path '{location}') of a field in the {reader} schema does not match with the {writer} schema"
            ),
            Rule::NameMismatch => format!("The name of the schema has changed (path '{location}')"),
            Rule::MissingEnumSymbols => format!(
                "The {reader} schema is missing enum symbols '{message}' at path '{location}' in the {writer} schema"
            ),
            Rule::MissingUnionBranch => format!(
                "The {reader} schema is missing a type inside a union field at path '{location}' in the {writer} schema"
            ),
            Rule::ReaderFieldMissingDefaultValue => format!(
                "The field '{message}' at path '{location}' in the {reader} schema has no default value and is missing \
                 in the {writer} schema"
            ),
            Rule::NotCompared => {
                format!("The {reader} schema and the {writer} schema were not compared to the end")
            }
        };
        format!(
            "{{errorType:'{}', description:'{description}', additionalInfo:'{message}'}}",
            self.rule.word()
        )
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.rule.word(), self.location, self.message)
    }
}

/// What `reader` cannot read of data that was written with `writer`; none if it can read all.
pub fn differences(reader: &Types, writer: &Types) -> Vec<Difference> {
    let mut checker =
        Checker { reader, writer, known: BTreeMap::new(), place: Vec::new(), depth: 0, gave_up: false };
    let mut found = checker.pair(reader.root(), writer.root());
    if checker.gave_up {
        let message = format!("more than {MAX_DEPTH} types deep, or more than {MAX_PAIRS} pairs of types");
        found = vec![Difference { rule: Rule::NotCompared, location: "/".to_string(), message }];
    }
    found
}

/// What is known of a pair: `None` while it is being compared, which then counts as no difference.
type Known = Option<Vec<Difference>>;

struct Checker<'a> {
    reader: &'a Types,
    writer: &'a Types,
    known: BTreeMap<(TypeId, TypeId), Known>,
    place: Vec<String>,
    depth: usize,
    gave_up: bool,
}

impl Checker<'_> {
    fn pair(&mut self, reader: TypeId, writer: TypeId) -> Vec<Difference> {
        if let Some(known) = self.known.get(&(reader, writer)) {
            return known.clone().unwrap_or_default();
        }
        if self.gave_up || self.depth > MAX_DEPTH || self.known.len() >= MAX_PAIRS {
            self.gave_up = true;
            return Vec::new();
        }
        self.known.insert((reader, writer), None);
        self.depth += 1;
        let mut found = self.compare(reader, writer);
        self.depth -= 1;
        found.truncate(MAX_DIFFERENCES);
        self.known.insert((reader, writer), Some(found.clone()));
        found
    }

    fn pair_at(&mut self, step: impl ToString, reader: TypeId, writer: TypeId) -> Vec<Difference> {
        self.place.push(step.to_string());
        let found = self.pair(reader, writer);
        self.place.pop();
        found
    }

    /// A pair of which only it counts whether it differs. Java begins its places anew here, and so the place that is
    /// remembered for the pair is a short one.
    fn differs(&mut self, reader: TypeId, writer: TypeId) -> bool {
        let place = std::mem::take(&mut self.place);
        let differs = !self.pair(reader, writer).is_empty();
        self.place = place;
        differs
    }

    fn compare(&mut self, reader_id: TypeId, writer_id: TypeId) -> Vec<Difference> {
        let (reader, writer) = (self.reader.kind(reader_id), self.writer.kind(writer_id));
        match (reader, writer) {
            (Kind::Array(reader), Kind::Array(writer)) => self.pair_at("items", *reader, *writer),
            (Kind::Map(reader), Kind::Map(writer)) => self.pair_at("values", *reader, *writer),
            (Kind::Fixed(own), Kind::Fixed(other)) => {
                let mut found = self.names(reader, writer);
                if own.size != other.size {
                    let message = format!("expected: {}, found: {}", other.size, own.size);
                    found.push(self.difference_at("size", Rule::FixedSizeMismatch, message));
                }
                found
            }
            (Kind::Enum(own), Kind::Enum(other)) => {
                let mut found = self.names(reader, writer);
                found.extend(self.symbols(own, other));
                found
            }
            (Kind::Record(own), Kind::Record(other)) => {
                let mut found = self.names(reader, writer);
                found.extend(self.fields(own, other, writer_id));
                found
            }
            (Kind::Union(_), Kind::Union(branches)) => {
                let mut found = Vec::new();
                for (i, branch) in branches.iter().enumerate() {
                    if self.differs(reader_id, *branch) {
                        found.push(self.lacks(Some(i), self.writer.kind(*branch)));
                    }
                }
                found
            }
            (_, Kind::Union(branches)) => {
                let mut found = Vec::new();
                for (i, branch) in branches.iter().enumerate() {
                    found.extend(self.pair_at(i, reader_id, *branch));
                }
                found
            }
            (Kind::Union(branches), _) => {
                if branches.iter().any(|branch| !self.differs(*branch, writer_id)) {
                    return Vec::new();
                }
                vec![self.lacks(None, writer)]
            }
            (reader, writer) if is_read_as(reader, writer) => Vec::new(),
            (reader, writer) => {
                let (reader, writer) = (reader.word().to_uppercase(), writer.word().to_uppercase());
                let message = format!("reader type: {reader} not compatible with writer type: {writer}");
                vec![self.difference(Rule::TypeMismatch, message)]
            }
        }
    }

    /// `schemaNameEquals`: the names without namespaces, or an alias of the reader that is the writer's full name.
    fn names(&self, reader: &Kind, writer: &Kind) -> Vec<Difference> {
        let (Some(own), Some(other)) = (reader.name(), writer.name()) else { return Vec::new() };
        let aliases = match reader {
            Kind::Record(record) => &record.aliases,
            Kind::Enum(symbols) => &symbols.aliases,
            Kind::Fixed(fixed) => &fixed.aliases,
            _ => return Vec::new(),
        };
        if own.name == other.name || aliases.contains(other) {
            return Vec::new();
        }
        vec![self.difference_at("name", Rule::NameMismatch, format!("expected: {}", other.full()))]
    }

    fn symbols(&self, reader: &Enum, writer: &Enum) -> Option<Difference> {
        let known: BTreeSet<&str> = reader.symbols.iter().map(String::as_str).collect();
        let written: BTreeSet<&str> = writer.symbols.iter().map(String::as_str).collect();
        let missing: Vec<&str> = written.difference(&known).copied().collect();
        if missing.is_empty() || reader.default.is_some() {
            return None;
        }
        Some(self.difference_at("symbols", Rule::MissingEnumSymbols, format!("[{}]", missing.join(", "))))
    }

    fn fields(&mut self, reader: &Record, writer: &Record, writer_id: TypeId) -> Vec<Difference> {
        let written: BTreeMap<&str, &Field> =
            writer.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        let mut found = Vec::new();
        self.place.push("fields".to_string());
        for (i, field) in reader.fields.iter().enumerate() {
            self.place.push(i.to_string());
            let names = std::iter::once(field.name.as_str()).chain(field.aliases.iter().map(String::as_str));
            let sources: Vec<&Field> = names.filter_map(|name| written.get(name).copied()).collect();
            let has_enum_default =
                matches!(self.reader.kind(field.kind), Kind::Enum(symbols) if symbols.default.is_some());
            match sources.as_slice() {
                [source] => found.extend(self.pair_at("type", field.kind, source.kind)),
                [] if field.default.is_some() => {}
                // Java compares the enum with the writer's record here, and that never fits.
                [] if has_enum_default => found.extend(self.pair_at("type", field.kind, writer_id)),
                [] => found.push(self.difference(Rule::ReaderFieldMissingDefaultValue, field.name.clone())),
                // Java throws, and the registry then says so in place of a list of differences.
                _ => {
                    let message =
                        format!("Reader record field {} matches multiple fields in writer", field.name);
                    found.push(self.difference(Rule::NotCompared, message));
                }
            }
            self.place.pop();
        }
        self.place.pop();
        found
    }

    fn lacks(&self, branch: Option<usize>, writer: &Kind) -> Difference {
        let message = format!("reader union lacking writer type: {}", writer.word().to_uppercase());
        match branch {
            Some(i) => self.difference_at(&i.to_string(), Rule::MissingUnionBranch, message),
            None => self.difference(Rule::MissingUnionBranch, message),
        }
    }

    fn difference_at(&self, step: &str, rule: Rule, message: String) -> Difference {
        let place = self.place.iter().map(String::as_str).chain([step]).collect::<Vec<_>>().join("/");
        Difference { rule, location: format!("/{place}"), message }
    }

    fn difference(&self, rule: Rule, message: String) -> Difference {
        Difference { rule, location: format!("/{}", self.place.join("/")), message }
    }
}

/// The same primitive type, or one that is promoted to it.
fn is_read_as(reader: &Kind, writer: &Kind) -> bool {
    match reader {
        Kind::Long => matches!(writer, Kind::Int | Kind::Long),
        Kind::Float => matches!(writer, Kind::Int | Kind::Long | Kind::Float),
        Kind::Double => matches!(writer, Kind::Int | Kind::Long | Kind::Float | Kind::Double),
        Kind::Bytes | Kind::String => matches!(writer, Kind::Bytes | Kind::String),
        _ => reader == writer,
    }
}
