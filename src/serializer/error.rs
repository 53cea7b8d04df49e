//! What a serializer throws.

use std::fmt;

use super::datum::Datum;

/// When a serializer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// In `configure`, while the producer is made.
    Configure,
    /// In `serialize`, within `send`.
    Serialize,
}

/// An exception of a serializer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerializerError {
    /// When it was thrown.
    pub phase: Phase,
    /// Simple name of the exception's class.
    pub class: &'static str,
    /// The message as Java has it. Empty where Java has none.
    pub message: String,
    /// What would be right, a sentence each. Java does not say this.
    pub help: Vec<String>,
}

/// Class of [`SerializerError::wrong_class`].
pub(super) const CLASS_CAST: &str = "ClassCastException";

impl SerializerError {
    /// An exception without help.
    pub fn new(phase: Phase, class: &'static str, message: impl Into<String>) -> SerializerError {
        SerializerError { phase, class, message: message.into(), help: Vec::new() }
    }

    /// A `SerializationException` while a record is serialized.
    pub fn serialization(message: impl Into<String>) -> SerializerError {
        SerializerError::new(Phase::Serialize, "SerializationException", message)
    }

    /// The object is not of the class that the serializer takes, given by its full name.
    ///
    /// The modules and class loaders that Java adds in brackets are left out.
    pub fn wrong_class(datum: &Datum, wanted: &str) -> SerializerError {
        let message = format!("class {} cannot be cast to class {wanted}", datum.java_class());
        SerializerError::new(Phase::Serialize, CLASS_CAST, message)
    }

    /// A `ConfigException` while the serializer is configured.
    pub(super) fn config(message: impl Into<String>) -> SerializerError {
        SerializerError::new(Phase::Configure, "ConfigException", message)
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> SerializerError {
        self.help.push(help.into());
        self
    }

    pub(super) fn maybe_help(mut self, help: Option<String>) -> SerializerError {
        self.help.extend(help);
        self
    }
}

impl fmt::Display for SerializerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl std::error::Error for SerializerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_java_prints_it_and_then_helps() {
        let error = SerializerError::wrong_class(&Datum::Int(1), "java.lang.String");
        let java = "ClassCastException: class java.lang.Integer cannot be cast to class java.lang.String";
        assert_eq!(error.to_string(), java);
        assert_eq!(error.help("give it text").to_string(), format!("{java}; give it text"));
        assert_eq!(
            SerializerError::new(Phase::Configure, "StackOverflowError", "").to_string(),
            "StackOverflowError"
        );
    }
}
