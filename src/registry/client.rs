//! What a serializer does for a record's schema: `KafkaAvroSerializer`, `CachedSchemaRegistryClient`, `RestService`.
//!
//! A serializer of keys and one of values are two clients. A driver asks [`Client::resolve`] for every record; when the
//! answer is a [`Request`], it carries it to a registry and gives what comes back to [`Client::answered`], until one of
//! them knows or throws. The thread that sends waits meanwhile, as it does in `KafkaProducer.send`.
//!
//! Registering and looking up hold the client's lock ([`Request::holds_lock`]): another thread's [`Client::resolve`]
//! waits for it and then asks anew. Asking for the latest version holds none, so that two threads may both ask.

use super::cache::Cache;
use super::compatibility::cannot_read;
use super::error::RestError;
use super::exception::{Exception, is_retriable};
use super::naming::SubjectNameStrategy;
use super::registered::Registered;
use super::schema::Schema;
use super::settings::Settings;
use crate::values::time::Time;
use std::sync::Arc;

/// How long the client takes a subject's latest version for the latest, in seconds
/// (`SchemaRegistryClientConfig.LATEST_CACHE_TTL_DEFAULT`).
const LATEST_TTL_SEC: i64 = 60;

/// How many latest versions the serializer remembers (`latest.cache.size`).
const LATEST_CACHE_SIZE: u32 = 1000;

/// One call of the registry's REST interface.
#[derive(Clone, Debug)]
pub enum Call {
    /// `POST /subjects/SUBJECT/versions`.
    Register {
        /// Under which subject.
        subject: String,
        /// What.
        schema: Arc<Schema>,
        /// `?normalize=true`.
        normalize: bool,
    },
    /// `POST /subjects/SUBJECT`.
    Lookup {
        /// Under which subject.
        subject: String,
        /// What.
        schema: Arc<Schema>,
        /// `?normalize=true`.
        normalize: bool,
    },
    /// `GET /subjects/SUBJECT/versions/latest`.
    Latest {
        /// Of which subject.
        subject: String,
    },
}

/// A call, and for what record's schema it is made.
#[derive(Clone, Debug)]
pub struct Request {
    /// The call.
    pub call: Call,
    schema: Arc<Schema>,
    retries: u32,
}

impl Request {
    /// Whether other threads of the same client wait while it is under way.
    pub fn holds_lock(&self) -> bool {
        !matches!(self.call, Call::Latest { .. })
    }

    /// How often the call has been repeated before.
    pub fn retries(&self) -> u32 {
        self.retries
    }
}

/// Why there is no answer to take a schema from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The registry, or something before it, answered with an error status.
    Rest(RestError),
    /// No connection.
    Refused,
    /// No connection or no answer in time.
    TimedOut,
}

/// What a record is written with.
#[derive(Clone, Debug)]
pub struct Known {
    /// The id that stands before the bytes.
    pub id: u32,
    /// The schema that the bytes follow; with `use.latest.version` not the record's own.
    pub writer: Arc<Schema>,
}

/// What comes next for a record.
#[derive(Clone, Debug)]
pub enum Step {
    /// It can be written.
    Known(Known),
    /// The registry must be asked.
    Needs(Request),
    /// The registry must be asked again after a wait, which Java draws evenly from 1 to this many ms; 0 is no wait.
    NeedsAfter(Request, u64),
}

/// A serializer's client with its caches.
#[derive(Clone, Debug)]
pub struct Client {
    settings: Settings,
    /// `schemaToResponseCache`: id by subject and schema.
    ids: Cache<String, Cache<Arc<str>, u32>>,
    /// `AbstractKafkaSchemaSerDe.latestVersions`: the latest version by subject and the record's schema.
    latest_by_schema: Cache<(String, Arc<str>), Registered>,
    /// `latestVersionCache`: the latest version by subject.
    latest_by_subject: Cache<String, Registered>,
}

impl Client {
    /// A client that knows no schema.
    pub fn new(settings: Settings) -> Client {
        let capacity = settings.max_schemas_per_subject;
        let ttl_sec = settings.latest_cache_ttl_sec;
        Client {
            ids: Cache::new(capacity, -1),
            latest_by_schema: Cache::new(LATEST_CACHE_SIZE, ttl_sec.unwrap_or(-1)),
            latest_by_subject: Cache::new(capacity, ttl_sec.unwrap_or(LATEST_TTL_SEC)),
            settings,
        }
    }

    /// What the client goes by.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a record needs whose key (`is_key`) or value has this schema.
    ///
    /// # Errors
    /// What the serializer throws without asking anyone: a strategy that needs a record, or a latest version that is
    /// known and not compatible.
    pub fn resolve(
        &mut self,
        now: Time,
        topic: &str,
        is_key: bool,
        schema: &Arc<Schema>,
    ) -> Result<Step, Exception> {
        let subject = self.strategy(is_key).subject(topic, is_key, schema)?;
        if self.settings.use_latest_version && !self.settings.auto_register_schemas {
            return self.resolve_latest(now, subject, schema);
        }
        let known = self.ids.get(now, &subject).and_then(|ids| ids.get(now, schema.identity()).copied());
        if let Some(id) = known {
            return Ok(Step::Known(Known { id, writer: schema.clone() }));
        }
        let (schema, normalize) = (schema.clone(), self.settings.normalize_schemas);
        let call = match self.settings.auto_register_schemas {
            true => Call::Register { subject, schema: schema.clone(), normalize },
            false => Call::Lookup { subject, schema: schema.clone(), normalize },
        };
        Ok(Step::Needs(Request { call, schema, retries: 0 }))
    }

    /// What follows from the registry's answer.
    ///
    /// # Errors
    /// What the serializer throws: the registry refused, or could not be reached and there are no retries left, or its
    /// latest version is not compatible.
    pub fn answered(
        &mut self,
        now: Time,
        request: Request,
        answer: Result<Registered, Failure>,
    ) -> Result<Step, Exception> {
        match answer {
            Err(failure) => self.failed(request, &failure),
            Ok(found) => match request.call {
                Call::Latest { subject } => {
                    self.latest_by_subject.put(now, subject.clone(), found.clone());
                    self.take_latest(now, subject, &request.schema, found)
                }
                Call::Register { subject, .. } | Call::Lookup { subject, .. } => {
                    Ok(self.remember(now, subject, request.schema, found.id))
                }
            },
        }
    }

    fn strategy(&self, is_key: bool) -> SubjectNameStrategy {
        match is_key {
            true => self.settings.key_subject_name_strategy,
            false => self.settings.value_subject_name_strategy,
        }
    }

    fn remember(&mut self, now: Time, subject: String, schema: Arc<Schema>, id: u32) -> Step {
        let capacity = self.settings.max_schemas_per_subject;
        match self.ids.get(now, &subject) {
            Some(ids) => ids.put(now, schema.identity().clone(), id),
            None => {
                let mut ids = Cache::new(capacity, -1);
                ids.put(now, schema.identity().clone(), id);
                self.ids.put(now, subject, ids);
            }
        }
        Step::Known(Known { id, writer: schema })
    }

    fn resolve_latest(
        &mut self,
        now: Time,
        subject: String,
        schema: &Arc<Schema>,
    ) -> Result<Step, Exception> {
        let key = (subject.clone(), schema.identity().clone());
        if let Some(found) = self.latest_by_schema.get(now, &key) {
            return Ok(Step::Known(Known { id: found.id, writer: found.schema.clone() }));
        }
        match self.latest_by_subject.get(now, &subject).cloned() {
            Some(found) => self.take_latest(now, subject, schema, found),
            None => {
                let call = Call::Latest { subject };
                Ok(Step::Needs(Request { call, schema: schema.clone(), retries: 0 }))
            }
        }
    }

    /// `AbstractKafkaSchemaSerDe.lookupLatestVersion`, once the latest version is known.
    fn take_latest(
        &mut self,
        now: Time,
        subject: String,
        schema: &Arc<Schema>,
        found: Registered,
    ) -> Result<Step, Exception> {
        let other_type = found.schema.schema_type() != schema.schema_type();
        let readable = !other_type && cannot_read(&found.schema, schema).is_empty();
        if self.settings.latest_compatibility_strict && !readable {
            return Err(Exception::latest_incompatible(found.schema.schema_type()));
        }
        self.latest_by_schema.put(now, (subject, schema.identity().clone()), found.clone());
        Ok(Step::Known(Known { id: found.id, writer: found.schema }))
    }

    fn failed(&self, mut request: Request, failure: &Failure) -> Result<Step, Exception> {
        let retriable = match failure {
            Failure::Rest(error) => is_retriable(error.status),
            Failure::Refused | Failure::TimedOut => true,
        };
        if retriable && request.retries < self.settings.max_retries {
            let wait_ms = self.wait_ms(request.retries);
            request.retries += 1;
            return Ok(Step::NeedsAfter(request, wait_ms));
        }
        Err(match failure {
            Failure::Rest(error) => {
                let doing = match request.call {
                    Call::Register { .. } => "registering",
                    Call::Lookup { .. } => "retrieving",
                    Call::Latest { .. } => "retrieving latest version of",
                };
                let kind = request.schema.schema_type().in_messages();
                let doing = format!("Error {doing} {kind} schema{}", request.schema.canonical());
                Exception::refusal(self.settings.generation, error, doing)
            }
            Failure::Refused => Exception::refused(request.schema.schema_type()),
            Failure::TimedOut => Exception::timed_out(request.schema.schema_type()),
        })
    }

    /// `RetryExecutor.calculateExponentialDelay`.
    fn wait_ms(&self, retries: u32) -> u64 {
        let wait = u64::from(self.settings.retries_wait_ms) << retries.min(30);
        wait.min(u64::from(self.settings.retries_max_wait_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::Generation;
    use super::super::parse::Strictness;
    use super::super::schema::SchemaType;
    use super::*;

    fn client(settings: &[(&str, &str)]) -> Client {
        let mut own = Settings::of(Generation::Eight);
        own.set_all(settings.iter().copied()).expect("settings");
        Client::new(own)
    }

    fn schema(fields: &str) -> Arc<Schema> {
        let text = format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#);
        Arc::new(Schema::avro(&text).expect("a schema"))
    }

    fn ask(client: &mut Client, now: Time, schema: &Arc<Schema>) -> Option<Request> {
        match client.resolve(now, "t", false, schema) {
            Ok(Step::Needs(request)) => Some(request),
            _ => None,
        }
    }

    fn found(schema: &Arc<Schema>) -> Result<Registered, Failure> {
        Ok(Registered { id: 7, version: 2, schema: schema.clone() })
    }

    const LATEST: [(&str, &str); 2] = [("auto.register.schemas", "false"), ("use.latest.version", "true")];

    #[test]
    fn a_schema_is_registered_once_for_each_subject() {
        let (mut client, own) = (client(&[]), schema(""));
        let request = ask(&mut client, Time(0), &own).expect("a request");
        assert!(
            matches!(&request.call, Call::Register { subject, normalize: false, .. } if subject == "t-value")
        );
        assert!(request.holds_lock());
        let step = client.answered(Time(0), request, found(&own));
        assert!(matches!(step, Ok(Step::Known(Known { id: 7, .. }))), "{step:?}");
        let copy = schema("");
        assert!(ask(&mut client, Time::NEVER, &copy).is_none(), "equal schemas are one");
        assert!(matches!(client.resolve(Time(0), "other", false, &own), Ok(Step::Needs(_))));
    }

    #[test]
    fn the_latest_version_writes_and_is_kept_for_the_schema_for_ever_and_for_others_a_minute() {
        let (mut client, own, wider) =
            (client(&LATEST), schema(""), schema(r#"{"name":"a","type":"int","default":1}"#));
        let request = ask(&mut client, Time(0), &own).expect("a request");
        assert!(matches!(request.call, Call::Latest { .. }) && !request.holds_lock());
        let step = client.answered(Time(0), request, found(&wider));
        assert!(matches!(step, Ok(Step::Known(known)) if known.writer.identity() == wider.identity()));
        assert!(ask(&mut client, Time::NEVER, &own).is_none());
        let third = schema(r#"{"name":"b","type":"int"}"#);
        assert!(ask(&mut client, Time::from_millis(59_999), &third).is_none());
        assert!(
            ask(&mut client, Time::from_millis(60_000), &schema(r#"{"name":"c","type":"int"}"#)).is_some()
        );
    }

    #[test]
    fn a_latest_version_that_cannot_read_the_record_is_refused_if_strict() {
        let latest = schema(r#"{"name":"a","type":"int"}"#);
        for (strict, known) in [("true", false), ("false", true)] {
            let settings = [LATEST[0], LATEST[1], ("latest.compatibility.strict", strict)];
            let mut client = client(&settings);
            let request = ask(&mut client, Time(0), &schema("")).expect("a request");
            let step = client.answered(Time(0), request, found(&latest));
            assert_eq!(step.is_ok(), known, "{step:?}");
            let request =
                ask(&mut client, Time::from_millis(60_000), &schema(r#"{"name":"x","type":"int"}"#))
                    .expect("one");
            let json = Schema::new(SchemaType::Json, "{}", Vec::new(), Strictness::New).expect("JSON");
            let step = client.answered(Time::from_millis(60_000), request, found(&Arc::new(json)));
            assert_eq!(step.is_ok(), known, "another type: {step:?}");
        }
    }

    #[test]
    fn auto_register_goes_before_the_latest_version() {
        let request =
            ask(&mut client(&[("use.latest.version", "true")]), Time(0), &schema("")).expect("a request");
        assert!(matches!(request.call, Call::Register { .. }));
        let request =
            ask(&mut client(&[("auto.register.schemas", "false")]), Time(0), &schema("")).expect("a request");
        assert!(matches!(request.call, Call::Lookup { .. }));
    }

    #[test]
    fn failures_are_repeated_with_waits_that_double_and_then_thrown() {
        let mut client = client(&[("retries.max.wait.ms", "3000")]);
        let mut request = ask(&mut client, Time(0), &schema("")).expect("a request");
        let mut waits = Vec::new();
        let thrown = loop {
            match client.answered(Time(0), request, Err(Failure::TimedOut)) {
                Ok(Step::NeedsAfter(again, wait_ms)) => {
                    waits.push(wait_ms);
                    request = again;
                }
                other => break other,
            }
        };
        assert_eq!(waits, [1000, 2000, 3000]);
        let thrown = thrown.expect_err("an exception");
        assert_eq!(thrown.class, "org.apache.kafka.common.errors.TimeoutException");
        assert_eq!(thrown.message, "Error serializing Avro message");
    }

    #[test]
    fn refusals_are_thrown_at_once_and_nothing_is_remembered() {
        let (mut client, own) = (client(&[]), schema(""));
        let request = ask(&mut client, Time(0), &own).expect("a request");
        let refusal = RestError { status: 409, code: 40901, message: "no".to_string() };
        let thrown =
            client.answered(Time(0), request, Err(Failure::Rest(refusal))).expect_err("an exception");
        assert_eq!(thrown.class, "org.apache.kafka.common.errors.SerializationException");
        assert_eq!(thrown.message, format!("Error registering Avro schema{}", own.canonical()));
        assert_eq!(thrown.cause.as_deref(), Some("RestClientException: no; error code: 40901"));
        assert!(ask(&mut client, Time(0), &own).is_some(), "the next record asks again");
    }

    #[test]
    fn a_small_cache_asks_again_for_what_it_has_dropped() {
        let mut client = client(&[("max.schemas.per.subject", "1")]);
        for fields in ["", r#"{"name":"a","type":"int"}"#] {
            let request = ask(&mut client, Time(0), &schema(fields)).expect("a request");
            client.answered(Time(0), request, found(&schema(fields))).expect("known");
        }
        assert!(ask(&mut client, Time(0), &schema("")).is_some());
    }
}
