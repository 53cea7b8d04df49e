//! What a serializer throws to the application, class and message (`AbstractKafkaSchemaSerDe.toKafkaException`,
//! `AbstractKafkaAvroSerializer.serializeImpl`).

use super::error::{Generation, RestError};
use super::schema::SchemaType;
use std::fmt;

/// An exception of the Java client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The class with its package.
    pub class: &'static str,
    /// `getMessage()`.
    pub message: String,
    /// The cause's class without package, and its message.
    pub cause: Option<String>,
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)?;
        match &self.cause {
            Some(cause) => write!(f, ", caused by {cause}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Exception {}

const SERIALIZATION: &str = "org.apache.kafka.common.errors.SerializationException";
const TIMEOUT: &str = "org.apache.kafka.common.errors.TimeoutException";

impl Exception {
    pub(super) fn serialization(message: String) -> Exception {
        Exception { class: SERIALIZATION, message, cause: None }
    }

    /// A record that cannot be written with its schema; `details` say why.
    pub fn not_written(details: String) -> Exception {
        Exception::around(SchemaType::Avro, SERIALIZATION, format!("AvroTypeException: {details}"))
    }

    /// No connection: an `IOException`.
    pub(super) fn refused(kind: SchemaType) -> Exception {
        Exception::around(kind, SERIALIZATION, "ConnectException: Connection refused".to_string())
    }

    /// No answer in time: an `InterruptedIOException`.
    pub(super) fn timed_out(kind: SchemaType) -> Exception {
        Exception::around(kind, TIMEOUT, "SocketTimeoutException: Read timed out".to_string())
    }

    /// The latest version cannot read what the application's schema writes, and `latest.compatibility.strict` is set.
    pub(super) fn latest_incompatible(schema_type: SchemaType) -> Exception {
        let cause = format!(
            "IOException: Incompatible schema of type '{}'. Set latest.compatibility.strict=false to disable \
             this check. See log file for more details.",
            schema_type.word()
        );
        Exception::around(schema_type, SERIALIZATION, cause)
    }

    /// The registry refused. `doing` is the serializer's sentence for the call, which ends with the schema.
    pub(super) fn refusal(generation: Generation, error: &RestError, doing: String) -> Exception {
        let cause = format!("RestClientException: {error}");
        match generation {
            Generation::Seven if error.code / 100 == 4 => Exception {
                class: "org.apache.kafka.common.errors.InvalidConfigurationException",
                message: error.to_string(),
                cause: None,
            },
            Generation::Seven => Exception { class: SERIALIZATION, message: doing, cause: Some(cause) },
            Generation::Eight => match error.status {
                429 => Exception {
                    class: "org.apache.kafka.common.errors.ThrottlingQuotaExceededException",
                    message: error.to_string(),
                    cause: None,
                },
                status => Exception { class: class_of(status), message: doing, cause: Some(cause) },
            },
        }
    }

    fn around(kind: SchemaType, class: &'static str, cause: String) -> Exception {
        let message = format!("Error serializing {} message", kind.in_messages());
        Exception { class, message, cause: Some(cause) }
    }
}

fn class_of(status: u16) -> &'static str {
    match status {
        401 => "org.apache.kafka.common.errors.AuthenticationException",
        403 => "org.apache.kafka.common.errors.AuthorizationException",
        408 | 500 | 503 | 504 => TIMEOUT,
        502 => "org.apache.kafka.common.errors.DisconnectException",
        _ => SERIALIZATION,
    }
}

/// Whether the client repeats a call that was answered so (`RestService.isRestClientExceptionRetriable`).
pub fn is_retriable(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(generation: Generation, status: u16, code: u32) -> &'static str {
        let error = RestError { status, code, message: "why".to_string() };
        let class = Exception::refusal(generation, &error, "doing".to_string()).class;
        class.strip_prefix("org.apache.kafka.common.errors.").expect("a class of Kafka")
    }

    #[test]
    fn platform_8_goes_by_the_status() {
        for (status, expected) in [
            (401, "AuthenticationException"),
            (403, "AuthorizationException"),
            (404, "SerializationException"),
            (408, "TimeoutException"),
            (409, "SerializationException"),
            (422, "SerializationException"),
            (429, "ThrottlingQuotaExceededException"),
            (500, "TimeoutException"),
            (502, "DisconnectException"),
            (503, "TimeoutException"),
            (504, "TimeoutException"),
        ] {
            assert_eq!(class(Generation::Eight, status, u32::from(status)), expected, "{status}");
        }
    }

    #[test]
    fn platform_7_goes_by_the_code_and_knows_only_three_digits() {
        assert_eq!(class(Generation::Seven, 409, 409), "InvalidConfigurationException");
        assert_eq!(class(Generation::Seven, 404, 40403), "SerializationException");
        assert_eq!(class(Generation::Seven, 503, 503), "SerializationException");
    }
}
