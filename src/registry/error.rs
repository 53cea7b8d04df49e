//! What the registry answers when it refuses, in its own numbers and words (`rest.exceptions.Errors`).

use std::fmt;

/// Which of Confluent's releases registry and client are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Platform 7: an incompatible schema is error 409; the client does not repeat a call that failed.
    Seven,
    /// Platform 8 (checked against 8.5.0): an incompatible schema is error 40901; the client repeats by `max.retries`.
    #[default]
    Eight,
}

/// A refusal: an HTTP status, a code and a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestError {
    /// HTTP status, 404 or 409 or the like.
    pub status: u16,
    /// The registry's number, which is the status itself or the status with two digits more.
    pub code: u32,
    /// The registry's words.
    pub message: String,
}

impl RestError {
    /// An answer that no method of the registry here gives, such as 503.
    pub fn of_status(status: u16, message: impl Into<String>) -> RestError {
        RestError { status, code: u32::from(status), message: message.into() }
    }

    pub(super) fn subject_not_found(subject: &str) -> RestError {
        RestError { status: 404, code: 40401, message: format!("Subject '{subject}' not found.") }
    }

    pub(super) fn version_not_found(version: i32) -> RestError {
        RestError { status: 404, code: 40402, message: format!("Version {version} not found.") }
    }

    pub(super) fn schema_not_found() -> RestError {
        RestError { status: 404, code: 40403, message: "Schema not found".to_string() }
    }

    pub(super) fn id_not_found(id: u32) -> RestError {
        RestError { status: 404, code: 40403, message: format!("Schema {id} not found") }
    }

    pub(super) fn invalid_schema(message: String) -> RestError {
        RestError { status: 422, code: 42201, message }
    }

    pub(super) fn reference_exists(subject: &str, version: u32) -> RestError {
        let key = format!("{{magic=1,keytype=SCHEMA,subject={subject},version={version}}}");
        RestError {
            status: 422,
            code: 42206,
            message: format!("One or more references exist to the schema {key}."),
        }
    }

    pub(super) fn incompatible(generation: Generation, subject: &str, lines: &[String]) -> RestError {
        let code = match generation {
            Generation::Seven => 409,
            Generation::Eight => 40901,
        };
        let message = format!(
            "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{}]",
            lines.join(", ")
        );
        RestError { status: 409, code, message }
    }

    pub(super) fn full(limit: usize) -> RestError {
        RestError {
            status: 500,
            code: 50001,
            message: format!("This registry holds {limit} schemas and takes no more"),
        }
    }
}

impl fmt::Display for RestError {
    /// As Java's `RestClientException.getMessage` has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; error code: {}", self.message, self.code)
    }
}

impl std::error::Error for RestError {}
