//! The table of all keys of the producer, in the order in which the client defines and therefore checks them.

mod client;
mod idempotence;
mod security;

use super::key::Key;
use super::version::ClientVersion;
use crate::values::nearest::nearest;

const PARTS: [&[Key]; 3] = [client::KEYS, security::KEYS, idempotence::KEYS];

/// All keys of all versions.
pub fn all() -> impl Iterator<Item = &'static Key> {
    PARTS.into_iter().flatten()
}

/// The keys of one version.
pub fn of_version(version: ClientVersion) -> impl Iterator<Item = &'static Key> {
    all().filter(move |key| key.definition(version).is_some())
}

/// The key with this name, in whichever version.
pub fn key(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name == name)
}

/// Beginnings of keys that serializers, interceptors and metrics reporters read from the same properties.
const GUESTS: [&str; 21] = [
    "serializer.encoding",
    "key.serializer.encoding",
    "value.serializer.encoding",
    "default.list.key.serde.inner",
    "default.list.value.serde.inner",
    "schema.registry.",
    "basic.auth.",
    "bearer.auth.",
    "auto.register.schemas",
    "use.latest.version",
    "normalize.schemas",
    "latest.compatibility.strict",
    "latest.cache.",
    "max.schemas.per.subject",
    "max.retries",
    "retries.wait.ms",
    "retries.max.wait.ms",
    "key.subject.name.strategy",
    "value.subject.name.strategy",
    "confluent.",
    "spring.json.",
];

/// Beginnings of keys that are no misspelt ones of the producer.
pub fn guests() -> impl Iterator<Item = &'static str> {
    GUESTS.into_iter()
}

/// Whether a key is no misspelt one of the producer, but belongs to what the producer loads.
pub fn is_guest(name: &str) -> bool {
    key(name).is_none() && GUESTS.iter().any(|guest| name.starts_with(guest))
}

/// Whether the value under this name may be a secret, be the name known or misspelt.
pub fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 7] = ["passw", "passphrase", "secret", "jaas", "credential", "keystore.key", "auth."];
    match key(name) {
        Some(key) => key.is_secret(),
        None => {
            let name = name.to_ascii_lowercase();
            WORDS.iter().any(|word| name.contains(word)) || resembles_secret(&name)
        }
    }
}

fn resembles_secret(name: &str) -> bool {
    nearest(name, all().map(|key| key.name)).iter().filter_map(|name| key(name)).any(Key::is_secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::key::Kind;

    #[test]
    fn names_are_unique_and_docs_are_sentences() {
        let mut names: Vec<&str> = all().map(|key| key.name).collect();
        assert_eq!(names.len(), 114);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 114);
        for key in all() {
            let first = key.doc.chars().next();
            assert!(first.is_some_and(char::is_uppercase) && key.doc.ends_with('.'), "{}", key.name);
            assert!(key.versions().next().is_some(), "{} is in no version", key.name);
        }
    }

    #[test]
    fn misspelt_secrets_are_secrets() {
        for name in ["ssl.key.password", "ssl.key.pasword", "sasl.jas.config", "my.client-secret"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["linger.ms", "lingr.ms", "ssl.keystore.location", "keys"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn keys_of_serializers_are_known_and_misspelt_ones_are_not() {
        for name in [
            "schema.registry.url",
            "max.retries",
            "value.serializer.encoding",
            "confluent.monitoring.interceptor.topic",
        ] {
            assert!(is_guest(name), "{name}");
        }
        for name in ["linger.ms", "lingr.ms", "schema", "key.serializer", "group.id"] {
            assert!(!is_guest(name), "{name}");
        }
        assert!(all().all(|key| GUESTS.iter().all(|guest| !key.name.starts_with(guest))));
    }

    #[test]
    fn every_password_is_a_secret_and_no_secret_is_modelled() {
        for key in all().filter(|key| key.name.contains("password") || key.name.contains("secret")) {
            assert!(key.kind == Kind::Password && key.is_secret() && !key.is_modelled, "{}", key.name);
        }
    }
}
