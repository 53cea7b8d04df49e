//! Whether a reader's Avro schema understands a writer's data: `SchemaCompatibility` of Avro 1.12 rule for rule.

use super::super::types::{Enum, Field, Kind, Record, TypeId, Types};
use super::difference::{Difference, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// Most differences that are listed; Java lists all, and some of them more than once.
const MAX_DIFFERENCES: usize = 100;

/// How deep pairs of types may lead to each other. Java's stack would end not far behind.
const MAX_DEPTH: usize = 400;

/// Most pairs of types that are compared.
const MAX_PAIRS: usize = 1_000_000;

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

#[cfg(test)]
mod tests {
    use super::super::super::schema::Schema;
    use super::*;

    fn rules(reader: &str, writer: &str) -> Vec<Rule> {
        let (reader, writer) =
            (Schema::avro(reader).expect("a schema"), Schema::avro(writer).expect("a schema"));
        differences(reader.types().expect("types"), writer.types().expect("types"))
            .iter()
            .map(|d| d.rule)
            .collect()
    }

    /// A ring of records, the last of which leads to the first.
    fn ring(length: usize, last: &str) -> String {
        let link = |i: usize| {
            let next = (i + 1) % length;
            let extra =
                if i + 1 == length { format!(r#",{{"name":"v","type":"{last}"}}"#) } else { String::new() };
            format!(
                r#"{{"name":"f{i}","type":{{"type":"record","name":"R{i}","fields":[{{"name":"n","type":["null","R{next}"]}}{extra}]}}}}"#
            )
        };
        // From the last to the first, so that each record but one names a record that is there.
        let fields: Vec<String> = (0..length).rev().map(link).collect();
        format!(r#"{{"type":"record","name":"All","fields":[{}]}}"#, fields.join(","))
    }

    #[test]
    fn rings_end() {
        assert_eq!(rules(&ring(30, "long"), &ring(30, "int")), []);
        assert!(rules(&ring(30, "int"), &ring(30, "string")).contains(&Rule::TypeMismatch));
    }

    #[test]
    fn what_is_too_entangled_is_said_to_be_not_compared() {
        assert_eq!(rules(&ring(30, "int"), &ring(29, "int")), [Rule::NotCompared]);
    }
}
