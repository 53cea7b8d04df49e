//! What happens to a group's records before the pipeline sees them: interceptors, serializers, processor time.

use std::sync::Arc;

use super::kafka_keys::Given;
use super::limits;
use super::preparation::{CpuCost, InterceptorSpec, Preparation, SchemaFormat, ValueSerializer};
use super::problem::Problem;
use super::section::Section;
use super::tree::Value;
use crate::protocol::compression::Compression;
use crate::registry::error::Generation;
use crate::registry::schema::SchemaType;
use crate::registry::settings::{self, Settings};
use crate::serializer::classes;
use crate::serializer::object::Object;
use crate::serializer::producer_serializer::ProducerSerializer;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::time::Span;
use crate::values::units::{Bytes, PerByte};
use crate::workload::spec::{Keys, Sizes, Source};

/// What of a group decides how its records are prepared.
pub struct Group<'g> {
    /// All its properties, later ones winning.
    pub given: &'g [Given],
    /// What its threads send.
    pub source: &'g Source,
    /// `compression.type`.
    pub compression: Compression,
    /// Which registry there is, if there is one.
    pub registry: Option<Generation>,
}

/// What the section says before the workload is known.
pub struct Said {
    interceptors: Vec<InterceptorSpec>,
    cpu: CpuCost,
    is_compression_real: bool,
}

/// Reads what stands in the group's own section.
pub fn read(section: &mut Section<'_, '_>) -> Said {
    Said {
        interceptors: interceptors(section),
        cpu: cpu(section.section("cpu")),
        is_compression_real: section.flag("real-compression", false),
    }
}

fn cpu(mut section: Section<'_, '_>) -> CpuCost {
    let cpu = CpuCost {
        serialize: section.span("serialize", Span::ZERO),
        serialize_per_byte: section.measure("serialize-per-byte", PerByte(0)),
        compress_per_byte: section.measure("compress-per-byte", PerByte(0)),
    };
    if cpu.serialize > limits::CPU {
        let help = format!("expected at most {}", limits::CPU);
        section.problem("serialize", format_args!("is {}", cpu.serialize), help);
    }
    section.finish();
    cpu
}

/// The kinds of interceptors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    AddHeader,
    Count,
    Sample,
    SetKey,
    Throw,
}

const KINDS: [(&str, Kind); 5] = [
    ("add-header", Kind::AddHeader),
    ("count", Kind::Count),
    ("sample", Kind::Sample),
    ("set-key", Kind::SetKey),
    ("throw", Kind::Throw),
];

fn interceptors(section: &mut Section<'_, '_>) -> Vec<InterceptorSpec> {
    let list = section.list("interceptors", |intake, name, node| {
        let Value::Table(table) = &node.value else {
            let message = format!("`{name}` has an item that is no table");
            let help =
                "expected interceptors: { kind = \"add-header\", name = \"trace-id\", value = \"16B\" }";
            intake.problem(Problem::at(node.place, message).help(help));
            return None;
        };
        let mut table = Section::new(name.to_owned(), Some(table), intake);
        let interceptor = interceptor(&mut table);
        table.finish();
        interceptor
    });
    if list.len() > limits::INTERCEPTORS {
        let help = format!("at most {} are allowed", limits::INTERCEPTORS);
        section.problem("interceptors", format_args!("has {} items", list.len()), help);
    }
    list
}

fn interceptor(table: &mut Section<'_, '_>) -> Option<InterceptorSpec> {
    const KEYS: [&str; 5] = ["name", "value", "every", "to", "first"];
    let kind = match table.has("kind") {
        true => table.checked_choice("kind", &KINDS, 0),
        false => {
            let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
            table.problem("kind", "is missing", format!("expected one of {}", words.join(", ")));
            None
        }
    };
    let Some(kind) = kind else {
        // Which other keys belong here is unknown: look at none of them, so that no follow-up problems arise.
        for key in KEYS {
            table.entry(key);
        }
        return None;
    };
    let belongs: &[&str] = match kind {
        Kind::AddHeader => &["name", "value"],
        Kind::Count => &[],
        Kind::Sample | Kind::Throw => &["every"],
        Kind::SetKey => &["to", "first"],
    };
    let others: Vec<&'static str> = KEYS.into_iter().filter(|key| !belongs.contains(key)).collect();
    table.refuse(&others, "this kind of interceptor");
    Some(match kind {
        Kind::AddHeader => InterceptorSpec::AddHeader {
            name: table.optional_text("name").unwrap_or_else(|| "trace-id".to_owned()),
            value_bytes: header_bytes(table),
        },
        Kind::Count => InterceptorSpec::Count,
        Kind::Sample => InterceptorSpec::Sample { every: table.count("every", 1..=limits::RECORDS, 1_000) },
        Kind::Throw => InterceptorSpec::Throw { every: table.count("every", 1..=limits::RECORDS, 1) },
        Kind::SetKey => match (table.optional_text("to"), table.optional_count("first", 1..=1_000)) {
            (Some(_), Some(_)) => {
                table.problem("first", "stands beside `to`", "keep one of them");
                return None;
            }
            (Some(text), None) => InterceptorSpec::KeyTo(text),
            (None, Some(first)) => InterceptorSpec::KeyFirst(first as usize),
            (None, None) => InterceptorSpec::KeyNull,
        },
    })
}

fn header_bytes(table: &mut Section<'_, '_>) -> u32 {
    let Bytes(bytes) = table.measure("value", Bytes(16));
    if bytes > limits::HEADER_BYTES {
        let most = Bytes(limits::HEADER_BYTES);
        table.problem("value", format_args!("is {}", Bytes(bytes)), format!("at most {most} are allowed"));
    }
    bytes.min(limits::HEADER_BYTES) as u32
}

/// How records are prepared; `None`: nothing of it can be seen from outside, and records go as sizes.
pub fn preparation(section: &mut Section<'_, '_>, said: Said, group: &Group<'_>) -> Option<Arc<Preparation>> {
    // Without a codec there is nothing to compress: comparisons of codecs have one arm without.
    let is_compression_real = said.is_compression_real && group.compression != Compression::None;
    let key_class = property(group, "key.serializer").filter(|given| classes::is_known(&given.value));
    let has_keys = match group.source {
        Source::Synthetic(synthetic) => synthetic.keys != Keys::None,
        Source::Trace(trace) => !trace.ignore_keys,
    };
    let value_serializer = value_serializer(section, group);
    let written = |sizes: &Sizes| matches!(sizes, Sizes::Rendered(_) | Sizes::Chosen { .. });
    let has_values = matches!(group.source, Source::Synthetic(synthetic) if written(&synthetic.value_bytes));
    let handed = group.source.handed();
    let changes_values = match &value_serializer {
        ValueSerializer::Opaque => false,
        ValueSerializer::Plain(class) => {
            handed.object.is_some() || has_values && !is_transparent(group, class, "value")
        }
        ValueSerializer::Schema(..) => true,
    };
    let changes_keys = has_keys && key_class.is_some_and(|given| !is_transparent(group, &given.value, "key"));
    let has_interceptors = !said.interceptors.is_empty();
    let is_seen = changes_keys
        || changes_values
        || has_interceptors
        || is_compression_real
        || said.cpu != CpuCost::NONE;
    if !is_seen {
        return None;
    }
    let key_serializer = key_class.map(|given| given.value.clone());
    let key_object = match &key_serializer {
        Some(class) if changes_keys || has_interceptors => Some(Object::of_serializer(class)),
        None if has_interceptors => Some(Object::Text),
        _ => None,
    };
    let value_object = match &value_serializer {
        ValueSerializer::Opaque => None,
        _ if !changes_values => None,
        ValueSerializer::Plain(class) => Some(handed.object.unwrap_or(Object::of_serializer(class))),
        ValueSerializer::Schema(SchemaFormat::Protobuf, _) => Some(Object::Bytes),
        ValueSerializer::Schema(..) => Some(handed.object.unwrap_or(Object::Json)),
    };
    let preparation = Preparation {
        interceptors: said.interceptors,
        key_object,
        key_serializer,
        value_object,
        value_serializer,
        properties: group.given.iter().map(|given| (given.key.clone(), given.value.clone())).collect(),
        cpu: said.cpu,
        keeps_bytes: is_compression_real,
    };
    check_configured(section, group, &preparation);
    Some(Arc::new(preparation))
}

/// What the serializers say to their own settings.
fn check_configured(section: &mut Section<'_, '_>, group: &Group<'_>, preparation: &Preparation) {
    let settings = |name: &str| preparation.property(name);
    let is_plain = matches!(preparation.value_serializer, ValueSerializer::Plain(_));
    for (is_key, is_used) in [(true, preparation.key_object.is_some()), (false, is_plain)] {
        let name = if is_key { "key.serializer" } else { "value.serializer" };
        let Some(given) = property(group, name).filter(|given| is_used && classes::is_known(&given.value))
        else {
            continue;
        };
        if let Err(error) = ProducerSerializer::configured(is_key, &settings) {
            let problem =
                Problem::at(given.value_place, format!("`{name}`: {}: {}", error.class, error.message));
            section
                .intake
                .problem(error.help.iter().fold(problem, |problem, help| problem.help(help.clone())));
        }
    }
}

fn property<'g>(group: &Group<'g>, name: &str) -> Option<&'g Given> {
    group.given.iter().rfind(|given| given.key == name)
}

/// Whether the bytes are those that the workload names, whatever they mean.
fn is_transparent(group: &Group<'_>, class: &str, what: &str) -> bool {
    match class.rsplit('.').next() {
        Some("ByteArraySerializer" | "BytesSerializer" | "ByteBufferSerializer") => true,
        Some("StringSerializer") => {
            let names = [format!("{what}.serializer.encoding"), "serializer.encoding".to_owned()];
            names.iter().all(|name| property(group, name).is_none())
        }
        _ => false,
    }
}

const CONFLUENT: &str = "io.confluent.kafka.serializers.";

/// Confluent's serializers that ask a registry.
fn schema_format(class: &str) -> Option<SchemaFormat> {
    match class.strip_prefix(CONFLUENT).unwrap_or(class) {
        "KafkaAvroSerializer" => Some(SchemaFormat::Avro),
        "json.KafkaJsonSchemaSerializer" | "KafkaJsonSchemaSerializer" => Some(SchemaFormat::Json),
        "protobuf.KafkaProtobufSerializer" | "KafkaProtobufSerializer" => Some(SchemaFormat::Protobuf),
        _ => None,
    }
}

fn value_serializer(section: &mut Section<'_, '_>, group: &Group<'_>) -> ValueSerializer {
    let has_schema = !group.source.handed().schemas.is_empty();
    let given = property(group, "value.serializer");
    let format = given.and_then(|given| schema_format(&given.value));
    match (given, format, has_schema) {
        (Some(given), Some(format), true) => {
            check_type(section, group, given, format);
            with_schema(section, group, format)
        }
        (Some(given), None, true) => {
            let class = given.value.rsplit('.').next().unwrap_or_default();
            let message = format!("`value.serializer` is {}, which needs no schema", short(class));
            let close = nearest(
                class,
                ["KafkaAvroSerializer", "KafkaJsonSchemaSerializer", "KafkaProtobufSerializer"],
            );
            let help = format!("remove workload.payload.schema, or set {CONFLUENT}KafkaAvroSerializer");
            let problem = Problem::at(given.value_place, message).maybe_help(did_you_mean(&close));
            section.intake.problem(problem.help(help));
            ValueSerializer::Opaque
        }
        (None, _, true) => {
            let help = format!("value.serializer = \"{CONFLUENT}KafkaAvroSerializer\"");
            section.problem("value.serializer", "is missing, and the payload has a schema", help);
            ValueSerializer::Opaque
        }
        (Some(given), None, false) if classes::is_known(&given.value) => {
            ValueSerializer::Plain(given.value.clone())
        }
        // What it makes of values is not known: their lengths are those of its bytes.
        _ => ValueSerializer::Opaque,
    }
}

/// A serializer takes schemas of its own type.
fn check_type(section: &mut Section<'_, '_>, group: &Group<'_>, given: &Given, format: SchemaFormat) {
    let (wanted, file) = match format {
        SchemaFormat::Avro => (SchemaType::Avro, "a file .avsc"),
        SchemaFormat::Json => (SchemaType::Json, "a file .json"),
        SchemaFormat::Protobuf => (SchemaType::Protobuf, "a file .proto"),
    };
    let types = group.source.handed().schemas.iter().map(|(_, schema)| schema.schema_type());
    if let Some(other) = types.into_iter().find(|other| *other != wanted) {
        let message =
            format!("`value.serializer` writes {}, and the schema is {}", wanted.word(), other.word());
        let help =
            format!("expected as workload.payload.schema {file}, or the serializer of {}", other.word());
        section.intake.problem(Problem::at(given.value_place, message).help(help));
    }
}

fn with_schema(section: &mut Section<'_, '_>, group: &Group<'_>, format: SchemaFormat) -> ValueSerializer {
    let Some(generation) = group.registry else {
        section.problem(
            "value.serializer",
            "asks a schema registry, and there is none",
            "add a section [registry]; it may be empty",
        );
        return ValueSerializer::Opaque;
    };
    let mut settings = Settings::of(generation);
    for given in group.given.iter().filter(|given| settings::KEYS.contains(&given.key.as_str())) {
        if let Err(why) = settings.set(&given.key, &given.value) {
            section.intake.problem(Problem::at(given.value_place, why));
        }
    }
    if settings.max_retries > limits::REGISTRY_RETRIES {
        let most = limits::REGISTRY_RETRIES;
        section.problem(
            "max.retries",
            format_args!("is {}", settings.max_retries),
            format!("expected at most {most}"),
        );
    }
    ValueSerializer::Schema(format, Box::new(settings))
}
