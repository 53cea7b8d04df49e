//! Why a client does not start with a configuration.

use std::fmt;

use super::key::Key;
use super::keys;

/// One thing the client does not accept.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The key that is wrong, or that is to be changed.
    pub key: &'static Key,
    /// What the client throws; in its constructor, the cause of the `KafkaException` that wraps it.
    pub exception: Exception,
    /// A sentence that names key and value. Secrets are not in it.
    pub message: String,
    /// What would be right, a sentence each.
    pub help: Vec<String>,
}

/// Classes of exceptions that a configuration can make the client throw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// `org.apache.kafka.common.config.ConfigException`.
    ConfigException,
    /// `org.apache.kafka.common.KafkaException`.
    KafkaException,
    /// `java.lang.IllegalArgumentException`.
    IllegalArgumentException,
    /// `java.lang.ClassCastException`.
    ClassCastException,
}

impl Rejection {
    pub(super) fn new(key: &'static Key, exception: Exception, message: impl Into<String>) -> Rejection {
        Rejection { key, exception, message: message.into(), help: Vec::new() }
    }

    /// A key without default that is not given.
    pub(super) fn missing(key: &'static Key) -> Rejection {
        let message = format!("`{}` is not given", key.name);
        Rejection::new(key, Exception::ConfigException, message).help("it has no default")
    }

    /// About the key with this name, which the table has.
    pub(super) fn of(name: &str, exception: Exception, message: impl Into<String>) -> Rejection {
        let key = keys::key(name).expect("rules speak of keys of the table");
        Rejection::new(key, exception, message)
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Rejection {
        self.help.push(help.into());
        self
    }

    pub(super) fn maybe_help(mut self, help: Option<String>) -> Rejection {
        self.help.extend(help);
        self
    }
}

impl Exception {
    /// The full name of the class.
    pub const fn class(self) -> &'static str {
        match self {
            Exception::ConfigException => "org.apache.kafka.common.config.ConfigException",
            Exception::KafkaException => "org.apache.kafka.common.KafkaException",
            Exception::IllegalArgumentException => "java.lang.IllegalArgumentException",
            Exception::ClassCastException => "java.lang.ClassCastException",
        }
    }
}

impl fmt::Display for Exception {
    /// The name of the class without its package.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.class();
        f.write_str(class.rsplit('.').next().unwrap_or(class))
    }
}
