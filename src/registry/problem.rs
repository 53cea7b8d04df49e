//! What is wrong with a schema, and where.

use std::fmt;

/// Most problems that are told of one schema or one export.
pub const MAX_PROBLEMS: usize = 20;

/// One thing that is wrong with a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as steps from the top: `fields.price.type`, or record and field; empty for the schema as a whole.
    pub place: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// A text that is no schema: at least one problem, at most [`MAX_PROBLEMS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// In the order of the text.
    pub problems: Vec<Problem>,
}

impl SchemaError {
    pub(super) fn new(problems: Vec<Problem>) -> SchemaError {
        SchemaError { problems }
    }

    pub(super) fn one(place: &str, what: impl Into<String>) -> SchemaError {
        SchemaError { problems: vec![Problem { place: place.to_string(), what: what.into() }] }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            match problem.place.as_str() {
                "" => write!(f, "{separator}{}", problem.what)?,
                place => write!(f, "{separator}{place}: {}", problem.what)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for SchemaError {}
