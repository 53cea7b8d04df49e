//! The serializer's settings (`AbstractKafkaSchemaSerDeConfig`, `SchemaRegistryClientConfig`).

use super::error::Generation;
use super::naming::SubjectNameStrategy;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// The settings that are known here.
pub const KEYS: [&str; 11] = [
    "auto.register.schemas",
    "use.latest.version",
    "normalize.schemas",
    "latest.compatibility.strict",
    "max.schemas.per.subject",
    "latest.cache.ttl.sec",
    "key.subject.name.strategy",
    "value.subject.name.strategy",
    "max.retries",
    "retries.wait.ms",
    "retries.max.wait.ms",
];

/// What `KafkaAvroSerializer` goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which release the client is of.
    pub generation: Generation,
    /// `auto.register.schemas`: an unknown schema is registered; otherwise it is only looked up.
    pub auto_register_schemas: bool,
    /// `use.latest.version`: the subject's latest version writes the record. Only without `auto.register.schemas`.
    pub use_latest_version: bool,
    /// `normalize.schemas`: the registry is to normalize what it is sent.
    pub normalize_schemas: bool,
    /// `latest.compatibility.strict`: the latest version must be able to read what the record's own schema writes.
    pub latest_compatibility_strict: bool,
    /// `max.schemas.per.subject`: how many subjects, and schemas of each, the client remembers.
    pub max_schemas_per_subject: u32,
    /// `latest.cache.ttl.sec`, as far as it is set: how long a latest version counts, in seconds, for ever if negative.
    /// Where it is not set, the serializer keeps it for ever for each schema, and the client 60 s for each subject.
    pub latest_cache_ttl_sec: Option<i64>,
    /// `key.subject.name.strategy`.
    pub key_subject_name_strategy: SubjectNameStrategy,
    /// `value.subject.name.strategy`.
    pub value_subject_name_strategy: SubjectNameStrategy,
    /// `max.retries` of a call that failed.
    pub max_retries: u32,
    /// `retries.wait.ms`: the longest wait before the first retry; it doubles.
    pub retries_wait_ms: u32,
    /// `retries.max.wait.ms`: the longest wait before any retry.
    pub retries_max_wait_ms: u32,
}

impl Settings {
    /// The defaults of a release. Platform 7 has no retries here: they came with its last minor releases.
    pub fn of(generation: Generation) -> Settings {
        Settings {
            generation,
            auto_register_schemas: true,
            use_latest_version: false,
            normalize_schemas: false,
            latest_compatibility_strict: true,
            max_schemas_per_subject: 1000,
            latest_cache_ttl_sec: None,
            key_subject_name_strategy: SubjectNameStrategy::TopicName,
            value_subject_name_strategy: SubjectNameStrategy::TopicName,
            max_retries: match generation {
                Generation::Seven => 0,
                Generation::Eight => 3,
            },
            retries_wait_ms: 1000,
            retries_max_wait_ms: 20_000,
        }
    }

    /// Sets one of [`KEYS`] as a properties file has it.
    ///
    /// # Errors
    /// An unknown key, or a value that Java would refuse: what is wrong, and what would be right.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let value = value.trim();
        match key {
            "auto.register.schemas" => self.auto_register_schemas = boolean(key, value)?,
            "use.latest.version" => self.use_latest_version = boolean(key, value)?,
            "normalize.schemas" => self.normalize_schemas = boolean(key, value)?,
            "latest.compatibility.strict" => self.latest_compatibility_strict = boolean(key, value)?,
            "max.schemas.per.subject" => self.max_schemas_per_subject = number(key, value)?,
            "latest.cache.ttl.sec" => self.latest_cache_ttl_sec = Some(whole(key, value)?),
            "key.subject.name.strategy" => self.key_subject_name_strategy = strategy(key, value)?,
            "value.subject.name.strategy" => self.value_subject_name_strategy = strategy(key, value)?,
            "max.retries" => self.max_retries = number(key, value)?,
            "retries.wait.ms" => self.retries_wait_ms = number(key, value)?,
            "retries.max.wait.ms" => self.retries_max_wait_ms = number(key, value)?,
            _ => {
                let hint = did_you_mean(&nearest(key, KEYS));
                let known = hint.unwrap_or_else(|| format!("known are {}", KEYS.join(", ")));
                return Err(format!("no setting `{}`; {known}", short(key)));
            }
        }
        Ok(())
    }

    /// Sets all of `pairs`.
    ///
    /// # Errors
    /// Everything that [`Settings::set`] refuses, in order.
    pub fn set_all<'a>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), Vec<String>> {
        let wrong: Vec<String> =
            pairs.into_iter().filter_map(|(key, value)| self.set(key, value).err()).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

fn boolean(key: &str, value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{key}: `{}` is neither true nor false", short(value))),
    }
}

fn whole(key: &str, value: &str) -> Result<i64, String> {
    let number: Option<i32> = value.parse().ok();
    number.map(i64::from).ok_or_else(|| format!("{key}: `{}` is no whole number of 32 bits", short(value)))
}

fn number(key: &str, value: &str) -> Result<u32, String> {
    let number = whole(key, value)?;
    u32::try_from(number).map_err(|_| format!("{key}: {number} is negative; 0 or more is right"))
}

fn strategy(key: &str, value: &str) -> Result<SubjectNameStrategy, String> {
    SubjectNameStrategy::named(value).map_err(|why| format!("{key}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_can_be_set_and_changes_something() {
        for key in KEYS {
            let defaults = Settings::of(Generation::Eight);
            let changed = ["true", "false", "17", "RecordNameStrategy"].into_iter().any(|value| {
                let mut settings = defaults.clone();
                settings.set(key, value).is_ok() && settings != defaults
            });
            assert!(changed, "{key}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let mut settings = Settings::of(Generation::Eight);
        let pairs = [("auto.register.schema", "true"), ("use.latest.version", "yes"), ("max.retries", "-1")];
        let wrong = settings.set_all(pairs).expect_err("all wrong");
        assert_eq!(wrong.len(), 3);
        assert!(wrong[0].contains("did you mean `auto.register.schemas`"), "{}", wrong[0]);
        assert!(wrong[1].contains("neither true nor false"), "{}", wrong[1]);
        assert!(wrong[2].contains("0 or more"), "{}", wrong[2]);
    }
}
