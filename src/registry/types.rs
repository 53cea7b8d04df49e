//! A checked Avro schema as a table of types that name each other by index, so that recursion is no special case.

use serde_json::{Map, Value};

/// Index of a type in its [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// All types of one schema. Each record, enum and fixed stands here once, however often it is named.
#[derive(Clone, Debug, PartialEq)]
pub struct Types {
    pub(super) nodes: Vec<Node>,
    pub(super) root: TypeId,
}

impl Types {
    /// The schema's own type.
    pub fn root(&self) -> TypeId {
        self.root
    }

    /// The type behind an index that came from these types.
    pub fn node(&self, id: TypeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// What the type behind an index is.
    pub fn kind(&self, id: TypeId) -> &Kind {
        &self.node(id).kind
    }
}

/// A type with its properties: every attribute that Avro does not reserve, in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// `logicalType`, `precision`, `connect.name` and the like.
    pub properties: Map<String, Value>,
}

/// The types of Avro. A logical type is a property of its base.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// No bytes.
    Null,
    /// One byte.
    Boolean,
    /// 32 bits, zigzag.
    Int,
    /// 64 bits, zigzag.
    Long,
    /// IEEE 754, 4 bytes.
    Float,
    /// IEEE 754, 8 bytes.
    Double,
    /// Length and bytes.
    Bytes,
    /// Length and UTF-8.
    String,
    /// Items of one type.
    Array(TypeId),
    /// Strings to values of one type.
    Map(TypeId),
    /// One of several.
    Union(Vec<TypeId>),
    /// Fields in order.
    Record(Record),
    /// One of several names.
    Enum(Enum),
    /// Bytes of a known number.
    Fixed(Fixed),
}

impl Kind {
    /// The word of the specification: `int`, `record`.
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Bytes => "bytes",
            Kind::String => "string",
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
            Kind::Record(_) => "record",
            Kind::Enum(_) => "enum",
            Kind::Fixed(_) => "fixed",
        }
    }

    /// The name of a record, enum or fixed.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Kind::Record(record) => Some(&record.name),
            Kind::Enum(symbols) => Some(&symbols.name),
            Kind::Fixed(fixed) => Some(&fixed.name),
            _ => None,
        }
    }

    /// What Java's `Schema.getFullName` says: the full name of a named type, otherwise the word.
    pub fn full_name(&self) -> String {
        self.name().map_or_else(|| self.word().to_string(), Name::full)
    }
}

/// The word of a primitive type, or `None`.
pub fn primitive(word: &str) -> Option<Kind> {
    let kinds = [
        Kind::Null,
        Kind::Boolean,
        Kind::Int,
        Kind::Long,
        Kind::Float,
        Kind::Double,
        Kind::Bytes,
        Kind::String,
    ];
    kinds.into_iter().find(|kind| kind.word() == word)
}

/// A name with its namespace (`Schema.Name`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What stands before the last dot; `None` for the empty namespace.
    pub namespace: Option<String>,
    /// What stands behind it.
    pub name: String,
}

impl Name {
    /// A name as it is written, where a name without a dot belongs to `namespace`.
    pub fn new(written: &str, namespace: Option<&str>) -> Name {
        let (namespace, name) = match written.rsplit_once('.') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (namespace, written),
        };
        let namespace = namespace.filter(|space| !space.is_empty()).map(str::to_string);
        Name { namespace, name: name.to_string() }
    }

    /// Namespace, dot, name.
    pub fn full(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The shortest form that means this name inside `namespace` (`Name.getQualified`).
    pub fn within(&self, namespace: Option<&str>) -> String {
        let looks_like_a_type = primitive(&self.name).is_some()
            || ["record", "enum", "array", "map", "union", "fixed"].contains(&self.name.as_str());
        let same = self.namespace.is_some() && self.namespace.as_deref() == namespace;
        if same && !looks_like_a_type { self.name.clone() } else { self.full() }
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its name.
    pub name: Name,
    /// What its author says of it.
    pub doc: Option<String>,
    /// Names of writers that it can read as well.
    pub aliases: Vec<Name>,
    /// Written as `error`; nothing else differs.
    pub is_error: bool,
    /// In the order of their bytes.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: TypeId,
    /// What its author says of it.
    pub doc: Option<String>,
    /// What a reader takes when the writer has no such field. For a writer it means nothing.
    pub default: Option<Value>,
    /// How values are sorted.
    pub order: Order,
    /// Names of the writer's fields that it can read as well.
    pub aliases: Vec<String>,
    /// Every attribute that Avro does not reserve.
    pub properties: Map<String, Value>,
}

/// How values of a field are sorted. It has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The default.
    Ascending,
    /// The other way round.
    Descending,
    /// Not looked at.
    Ignore,
}

/// An enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// What its author says of it.
    pub doc: Option<String>,
    /// Names of writers that it can read as well.
    pub aliases: Vec<Name>,
    /// In the order of their numbers.
    pub symbols: Vec<String>,
    /// What a reader takes for a symbol that it does not know.
    pub default: Option<String>,
}

/// Bytes of a known number.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// Its name.
    pub name: Name,
    /// What its author says of it.
    pub doc: Option<String>,
    /// Names of writers that it can read as well.
    pub aliases: Vec<Name>,
    /// How many bytes.
    pub size: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_in_a_name_beats_the_namespace() {
        assert_eq!(Name::new("a.b.C", Some("x")).full(), "a.b.C");
        assert_eq!(Name::new("C", Some("x")).full(), "x.C");
        assert_eq!(Name::new("C", Some("")), Name { namespace: None, name: "C".to_string() });
    }

    #[test]
    fn a_name_is_short_only_in_its_own_namespace_and_only_if_it_is_no_type() {
        assert_eq!(Name::new("x.C", None).within(Some("x")), "C");
        assert_eq!(Name::new("x.C", None).within(Some("y")), "x.C");
        assert_eq!(Name::new("x.record", None).within(Some("x")), "x.record");
        assert_eq!(Name::new("C", None).within(None), "C");
    }
}
