//! What a reader cannot read, in Java's words.

use std::fmt;

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
