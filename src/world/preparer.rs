//! What a client does with a record before the pipeline gets it: interceptors, serializers, processor time.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::record_bytes::{self, Made};
use super::registry_node::RegistryNode;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::producer::interceptor::{
    Acknowledged, AddHeader, Chain, Count, Draft, Interceptor, Part, Rekey, Sample, Stumble, Tally,
};
use crate::producer::{Exception, Producer};
use crate::protocol::compression::Compression;
use crate::protocol::record::Key;
use crate::protocol::size;
use crate::registry::avro;
use crate::registry::client::{Client as RegistryClient, Failure, Known, Request, Step};
use crate::registry::exception::Exception as RegistryException;
use crate::registry::schema::Schema;
use crate::registry::types::Kind;
use crate::scenario::preparation::{InterceptorSpec, Preparation, SchemaFormat, ValueSerializer};
use crate::serializer::datum::Datum;
use crate::serializer::error::SerializerError;
use crate::serializer::object::Object;
use crate::serializer::producer_serializer::ProducerSerializer;
use crate::serializer::{Serialized, json_text, wire_format};
use crate::values::time::{Span, Time};
use crate::workload::spec::Handed;
use crate::workload::thread::ThreadWorkload;

/// A record on its way through interceptors and serializers.
#[derive(Debug)]
pub(super) struct InPreparation {
    pub(super) draft: Draft,
    key: Vec<u8>,
    value: Vec<u8>,
    stage: Stage,
    /// Why the call under way will have no answer.
    lost: Option<Failure>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing has been serialized.
    Key,
    /// The key is, and the value's schema is not resolved.
    Schema,
    /// Another thread of the client asks the registry.
    Locked,
    /// The registry has been asked.
    Asked(Request),
    /// It will be asked again after a wait.
    AskAgain(Request, Span),
    /// The schema is known, or none is needed.
    Value(Option<Known>),
    /// All is done, but for the time that it takes.
    Busy,
}

/// How far a record has come.
#[derive(Debug)]
pub(super) enum Prepared {
    /// It is in [`InPreparation::draft`], as the pipeline takes it.
    Ready,
    /// A serializer has thrown.
    Failed(Exception),
    /// Look again at this time; [`Time::NEVER`]: when the client's lock is free.
    Wait(Time),
}

/// What a record's preparation touches.
pub(super) struct Around<'a> {
    pub(super) workload: &'a ThreadWorkload,
    pub(super) registry: Option<&'a mut RegistryNode>,
    pub(super) producer: &'a mut Producer,
}

impl Around<'_> {
    /// The name of the record's topic.
    fn topic(&self, record: &InPreparation) -> &str {
        self.producer.topic_name(record.draft.record.topic)
    }
}

/// What a producer has before its pipeline.
#[derive(Debug)]
pub(super) struct Preparer {
    plan: Arc<Preparation>,
    handed: Handed,
    chain: Chain,
    key: Option<ProducerSerializer>,
    value: Option<ProducerSerializer>,
    registry: Option<RegistryClient>,
    /// A thread asks the registry and holds the client's lock.
    is_locked: bool,
    retry_waits: Stream,
    is_compressed: bool,
    /// Somebody needs the bytes of records: the codec, or an observer.
    pub(super) keeps_bytes: bool,
    /// Exceptions of serializers with their first messages, in order.
    errors: Vec<(&'static str, String)>,
    scratch: Vec<u8>,
}

/// Different exceptions whose messages are kept.
const MOST_MESSAGES: usize = 20;

impl Preparer {
    pub(super) fn new(
        plan: &Arc<Preparation>,
        handed: &Handed,
        compression: Compression,
        streams: &Streams,
        client: u32,
    ) -> Preparer {
        let settings = |name: &str| plan.property(name);
        // A checked scenario has no serializer that cannot be configured.
        let configured = |is_key| ProducerSerializer::configured(is_key, &settings).ok();
        let is_plain = matches!(plan.value_serializer, ValueSerializer::Plain(_));
        Preparer {
            handed: handed.clone(),
            chain: Chain::new(plan.interceptors.iter().map(interceptor).collect()),
            key: plan.key_object.and_then(|_| configured(true)),
            value: if is_plain && plan.value_object.is_some() { configured(false) } else { None },
            registry: match &plan.value_serializer {
                ValueSerializer::Schema(_, settings) => Some(RegistryClient::new((**settings).clone())),
                _ => None,
            },
            is_locked: false,
            retry_waits: streams.stream(Purpose::SchemaRegistry, client + 1),
            is_compressed: compression != Compression::None,
            keeps_bytes: plan.keeps_bytes,
            errors: Vec::new(),
            scratch: Vec::new(),
            plan: Arc::clone(plan),
        }
    }

    /// SEND-0: the record that was taken last, as the interceptors leave it.
    pub(super) fn draft(&mut self, workload: &ThreadWorkload) -> InPreparation {
        let mut draft = Draft::of(*workload.last());
        if let Some(object) = self.plan.key_object {
            self.scratch.clear();
            match workload.key_bytes(&mut self.scratch) {
                Some(_) if draft.record.key == Key::NULL => draft.key = Part::Object(Datum::Null),
                Some(_) => {
                    draft.key = match object.of_key(workload.key_number(), &self.scratch) {
                        // What is no text is what a serializer of text is said to have made.
                        Datum::Bytes(_) if object == Object::Text => Part::Opaque,
                        key => Part::Object(key),
                    };
                }
                // A trace that has only hashes.
                None => {}
            }
        }
        if let Some(object) = self.plan.value_object {
            self.scratch.clear();
            workload.value_bytes(&mut self.scratch);
            draft.value = match draft.record.value_len {
                ..0 => Part::Object(Datum::Null),
                _ => Part::Object(object.of_text(&self.scratch)),
            };
        }
        self.chain.on_send(&mut draft);
        InPreparation { draft, key: Vec::new(), value: Vec::new(), stage: Stage::Key, lost: None }
    }

    /// SEND-5, as far as it goes at `now`.
    pub(super) fn advance(&mut self, now: Time, record: &mut InPreparation, at: Around<'_>) -> Prepared {
        self.try_advance(now, record, at).unwrap_or_else(|Thrown { exception, message }| {
            let is_new = !self.errors.iter().any(|(name, _)| *name == exception.name());
            if is_new && self.errors.len() < MOST_MESSAGES {
                self.errors.push((exception.name(), message));
            }
            Prepared::Failed(exception)
        })
    }

    fn try_advance(
        &mut self,
        now: Time,
        record: &mut InPreparation,
        mut at: Around<'_>,
    ) -> Result<Prepared, Thrown> {
        loop {
            let stage = match std::mem::replace(&mut record.stage, Stage::Key) {
                Stage::Key => {
                    self.serialize_key(record, &at)?;
                    Stage::Schema
                }
                Stage::Schema => self.look_up(now, record, &at)?,
                Stage::Asked(request) => self.hear(now, request, record.lost.take(), &mut at)?,
                Stage::AskAgain(request, _) => Stage::Asked(request),
                Stage::Value(known) => {
                    self.serialize_value(record, known.as_ref(), &at)?;
                    self.keep_bytes(record, &mut at);
                    Stage::Busy
                }
                Stage::Locked | Stage::Busy => return Ok(Prepared::Ready),
            };
            let wait = match (&stage, &mut at.registry) {
                (Stage::Asked(request), Some(registry)) => {
                    self.is_locked |= request.holds_lock();
                    let (over, lost) = registry.call(now);
                    record.lost = lost;
                    Some(over)
                }
                (Stage::AskAgain(_, wait), _) => Some(now + *wait),
                (Stage::Locked, _) => Some(Time::NEVER),
                (Stage::Busy, _) => {
                    let takes = self.plan.cpu.of(record.draft.record.fixed_bytes(), self.is_compressed);
                    (takes > Span::ZERO).then(|| now + takes)
                }
                _ => None,
            };
            record.stage = match stage {
                // It looks anew when the lock is free.
                Stage::Locked => Stage::Schema,
                stage => stage,
            };
            if let Some(until) = wait {
                return Ok(Prepared::Wait(until));
            }
        }
    }

    /// Whether threads wait for the one that asks the registry.
    pub(super) fn is_locked(&self) -> bool {
        self.is_locked
    }

    fn look_up(&mut self, now: Time, record: &InPreparation, at: &Around<'_>) -> Result<Stage, Thrown> {
        let (Some(client), Some(schema)) = (&mut self.registry, schema_at(&self.handed, at.workload)) else {
            return Ok(Stage::Value(None));
        };
        if self.is_locked {
            return Ok(Stage::Locked);
        }
        let step = client.resolve(now, at.topic(record), false, &schema)?;
        Ok(self.follow(step))
    }

    /// The registry's answer has come, or will not.
    fn hear(
        &mut self,
        now: Time,
        request: Request,
        lost: Option<Failure>,
        at: &mut Around<'_>,
    ) -> Result<Stage, Thrown> {
        let (Some(client), Some(registry)) = (&mut self.registry, &mut at.registry) else {
            return Err(Thrown::new(Exception::SerializationException, "there is no schema registry"));
        };
        let holds_lock = request.holds_lock();
        let answer = registry.answer(&request.call, lost);
        let step = client.answered(now, request, answer);
        if holds_lock {
            // The wait before another attempt is within the call.
            self.is_locked = matches!(step, Ok(Step::NeedsAfter(..)));
        }
        Ok(self.follow(step?))
    }

    fn follow(&mut self, step: Step) -> Stage {
        match step {
            Step::Known(known) => Stage::Value(Some(known)),
            Step::Needs(request) => Stage::Asked(request),
            Step::NeedsAfter(request, most_ms) => {
                let word = self.retry_waits.next_u64();
                let wait_ms = 1 + ((u128::from(word) * u128::from(most_ms)) >> 64) as u64;
                Stage::AskAgain(request, Span::from_millis(if most_ms == 0 { 0 } else { wait_ms }))
            }
        }
    }

    fn serialize_key(&mut self, record: &mut InPreparation, at: &Around<'_>) -> Result<(), Thrown> {
        let topic = at.topic(record);
        let InPreparation { draft, key: bytes, .. } = record;
        let Part::Object(datum) = &draft.key else { return Ok(()) };
        let serialized = match (&mut self.key, datum) {
            (Some(serializer), _) => serializer.serialize(topic, &mut draft.headers, datum, bytes)?,
            (None, Datum::Null) => Serialized::Null,
            // Without a serializer of its own, a key is text, or bytes.
            (None, Datum::Bytes(key)) => put(key, bytes),
            (None, Datum::Text(key)) => put(key.as_bytes(), bytes),
            (None, other) => put(format!("{other:?}").as_bytes(), bytes),
        };
        draft.record.key = match serialized {
            Serialized::Null => Key::NULL,
            Serialized::Bytes => Key::of(bytes),
        };
        Ok(())
    }

    fn serialize_value(
        &mut self,
        record: &mut InPreparation,
        known: Option<&Known>,
        at: &Around<'_>,
    ) -> Result<(), Thrown> {
        let topic = at.topic(record);
        let InPreparation { draft, value: bytes, .. } = record;
        let serialized = match (&draft.value, known, &mut self.value) {
            (Part::Opaque, ..) => return Ok(()),
            (Part::Object(Datum::Null), Some(_), _) => Serialized::Null,
            (Part::Object(datum), Some(known), _) => {
                with_schema(self.format(), known, datum, bytes)?;
                Serialized::Bytes
            }
            (Part::Object(datum), None, Some(serializer)) => {
                serializer.serialize(topic, &mut draft.headers, datum, bytes)?
            }
            (Part::Object(_), None, None) => return Ok(()),
        };
        draft.record.value_len = match serialized {
            Serialized::Null => -1,
            Serialized::Bytes => i32::try_from(bytes.len()).unwrap_or(i32::MAX),
        };
        Ok(())
    }

    fn format(&self) -> SchemaFormat {
        match self.plan.value_serializer {
            ValueSerializer::Schema(format, _) => format,
            _ => SchemaFormat::Avro,
        }
    }

    /// Its sizes are final now; its bytes are kept if somebody needs them.
    fn keep_bytes(&mut self, record: &mut InPreparation, at: &mut Around<'_>) {
        let InPreparation { draft, key, value, .. } = record;
        for (name, value) in draft.headers.iter() {
            let value_len = value.map(|value| value.len() as u32);
            draft.record.headers_count += 1;
            draft.record.headers_bytes += size::header(name.len() as u32, value_len) as u32;
        }
        if self.keeps_bytes {
            let made = Made {
                key: (draft.key != Part::Opaque).then_some(&key[..]),
                value: (draft.value != Part::Opaque).then_some(&value[..]),
                headers: &draft.headers,
            };
            draft.record.tail = record_bytes::keep(at.producer, at.workload, &draft.record, made);
        }
    }

    /// CB-1: a record has been acknowledged, or has failed.
    pub(super) fn acknowledged(&mut self, record: &Acknowledged) {
        self.chain.on_acknowledgement(record);
    }

    /// Whether somebody wants to hear of results.
    pub(super) fn listens(&self) -> bool {
        !self.chain.is_empty()
    }

    /// What the interceptors did.
    pub(super) fn tallies(&self) -> Vec<(String, Tally, Vec<String>)> {
        self.chain.tallies()
    }

    /// The exceptions of serializers with their first messages.
    pub(super) fn errors(&self) -> &[(&'static str, String)] {
        &self.errors
    }
}

/// What a serializer throws.
struct Thrown {
    exception: Exception,
    message: String,
}

impl Thrown {
    fn new(exception: Exception, message: impl Into<String>) -> Thrown {
        Thrown { exception, message: message.into() }
    }
}

impl From<SerializerError> for Thrown {
    fn from(error: SerializerError) -> Thrown {
        Thrown::new(exception_of(error.class), error.message)
    }
}

impl From<RegistryException> for Thrown {
    fn from(error: RegistryException) -> Thrown {
        // What is said of a schema ends with its text, which may be long.
        let doing = error.message.find(" schema").map_or(&error.message[..], |end| &error.message[..end]);
        let message = match &error.cause {
            Some(cause) if doing.len() < error.message.len() => format!("{doing} schema, caused by {cause}"),
            Some(cause) => format!("{doing}, caused by {cause}"),
            None => error.message,
        };
        Thrown::new(exception_of(error.class), message)
    }
}

/// The exception by its Java class.
fn exception_of(class: &str) -> Exception {
    match class.rsplit('.').next().unwrap_or(class) {
        "SerializationException" => Exception::SerializationException,
        "TimeoutException" => Exception::TimeoutException,
        "InvalidConfigurationException" => Exception::InvalidConfigurationException,
        "IllegalArgumentException" => Exception::IllegalArgumentException,
        _ if class.starts_with("org.apache.kafka.") => Exception::KafkaException,
        _ => Exception::RuntimeException,
    }
}

/// The schema of the application that runs when the record is due.
fn schema_at(handed: &Handed, workload: &ThreadWorkload) -> Option<Arc<Schema>> {
    let due = workload.due();
    let known = handed.schemas.partition_point(|(from, _)| *from <= due);
    handed.schemas[..known].last().map(|(_, schema)| Arc::clone(schema))
}

/// Appends what a serializer with a schema writes.
fn with_schema(format: SchemaFormat, known: &Known, datum: &Datum, out: &mut Vec<u8>) -> Result<(), Thrown> {
    match (format, datum) {
        (SchemaFormat::Avro, Datum::Json(value)) => {
            let value = only_fields(&known.writer, value);
            let written = avro::serialize(&known.writer, known.id, &value, out);
            written.map_err(|error| RegistryException::not_written(error.to_string()).into())
        }
        (SchemaFormat::Json, Datum::Json(value)) => {
            wire_format::write_schema_id(known.id as i32, out);
            json_text::node(value, out).map_err(Thrown::from)
        }
        // A schema that is a single type takes a single value.
        (SchemaFormat::Avro, Datum::Text(text)) => {
            let value = Value::String(text.clone());
            let written = avro::serialize(&known.writer, known.id, &value, out);
            written.map_err(|error| RegistryException::not_written(error.to_string()).into())
        }
        (SchemaFormat::Protobuf, Datum::Bytes(message)) => {
            wire_format::write_schema_id(known.id as i32, out);
            wire_format::write_message_indexes(&[0], out);
            out.extend_from_slice(message);
            Ok(())
        }
        (_, other) => {
            let message = format!("Unsupported type of class {}", other.java_class());
            Err(Thrown::new(Exception::IllegalArgumentException, message))
        }
    }
}

/// The application fills in the fields that its schema has; a payload may have others, for a later schema.
fn only_fields<'v>(schema: &Schema, value: &'v Value) -> Cow<'v, Value> {
    let record = schema.types().and_then(|types| match types.kind(types.root()) {
        Kind::Record(record) => Some(record),
        _ => None,
    });
    let (Some(record), Value::Object(given)) = (record, value) else { return Cow::Borrowed(value) };
    let has = |name: &String| record.fields.iter().any(|field| field.name == *name);
    if given.keys().all(has) {
        return Cow::Borrowed(value);
    }
    let known = given.iter().filter(|(name, _)| has(name));
    Cow::Owned(Value::Object(known.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn put(bytes: &[u8], out: &mut Vec<u8>) -> Serialized {
    out.extend_from_slice(bytes);
    Serialized::Bytes
}

fn interceptor(spec: &InterceptorSpec) -> Box<dyn Interceptor> {
    match spec {
        InterceptorSpec::AddHeader { name, value_bytes } => {
            Box::new(AddHeader::new(name.clone(), *value_bytes))
        }
        InterceptorSpec::Count => Box::new(Count::default()),
        InterceptorSpec::Sample { every } => Box::new(Sample::new(*every)),
        InterceptorSpec::KeyTo(text) => Box::new(Rekey::To(text.clone())),
        InterceptorSpec::KeyFirst(characters) => Box::new(Rekey::First(*characters)),
        InterceptorSpec::KeyNull => Box::new(Rekey::Null),
        InterceptorSpec::Throw { every } => Box::new(Stumble::new(*every)),
    }
}
