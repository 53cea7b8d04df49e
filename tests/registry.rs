//! The schema registry: Avro as Java has it, levels over histories, exports, the client with a registry.
//!
//! `registry/*.json` hold what Avro 1.12.2 said, written by `oracle/registry/AvroVectors.java`.

use lingersim::registry::avro::encode;
use lingersim::registry::client::{Client, Failure, Step};
use lingersim::registry::compatibility::Level;
use lingersim::registry::compatibility::avro::differences;
use lingersim::registry::error::Generation;
use lingersim::registry::exception::Exception;
use lingersim::registry::export;
use lingersim::registry::parse::{Strictness, read_json};
use lingersim::registry::schema::{Reference, Schema, SchemaType};
use lingersim::registry::settings::Settings;
use lingersim::registry::store::Registry;
use lingersim::values::time::Time;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn vectors(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("vectors")
}

fn schema(json: &Value) -> Schema {
    Schema::avro(&json.to_string()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn schemas_are_read_and_written_as_java_does() {
    let mut wrong = Vec::new();
    for case in vectors(include_str!("registry/schemas.json")) {
        let own = Schema::avro(&case["schema"].to_string());
        match (own, case["canonical"].as_str()) {
            (Ok(own), Some(expected)) if own.canonical() == expected => {}
            (Err(_), None) => {}
            (own, expected) => wrong.push((
                case["schema"].to_string(),
                own.map(|own| own.canonical().to_string()),
                expected.map(str::to_string),
            )),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn readers_and_writers_are_compared_as_java_does() {
    let mut wrong = Vec::new();
    for case in vectors(include_str!("registry/compatibility.json")) {
        let (reader, writer) = (schema(&case["reader"]), schema(&case["writer"]));
        let found = differences(reader.types().expect("types"), writer.types().expect("types"));
        let own: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected: Vec<&str> =
            case["differences"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        let throws = expected == ["throws"] && own.len() == 1 && own[0].starts_with("NOT_COMPARED");
        if own != expected && !throws {
            wrong.push((case["name"].to_string(), own, expected.join(" | ")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_have_the_bytes_of_java() {
    for case in vectors(include_str!("registry/values.json")) {
        let mut out = Vec::new();
        let written = encode(&schema(&case["schema"]), &case["value"], &mut out);
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((written, Some(hex.as_str())), (Ok(()), case["bytes"].as_str()), "{case}");
    }
}

/// Histories of three versions, and at which levels the third is taken. The first two are registered at NONE.
const HISTORIES: [(&str, [&str; 3], &[Level]); 9] = [
    ("nothing changes", ["a", "a b=", "a b="], &Level::ALL),
    ("a field with a default comes", ["a", "a", "a b="], &Level::ALL),
    (
        "a field without a default comes",
        ["a", "a", "a b"],
        &[Level::None, Level::Forward, Level::ForwardTransitive],
    ),
    (
        "a field without a default goes",
        ["a b", "a b", "a"],
        &[Level::None, Level::Backward, Level::BackwardTransitive],
    ),
    ("a field with a default goes", ["a b=", "a b=", "a"], &Level::ALL),
    (
        "a default goes that the first version needs",
        ["a", "a b=", "a b"],
        &[Level::None, Level::Backward, Level::Forward, Level::ForwardTransitive, Level::Full],
    ),
    (
        "a field goes that the first version needs",
        ["a b", "a b=", "a"],
        &[Level::None, Level::Backward, Level::BackwardTransitive, Level::Forward, Level::Full],
    ),
    ("a field goes and another comes", ["a b", "a b", "a c"], &[Level::None]),
    (
        "a field that was there comes back",
        ["a b", "a", "a b"],
        &[Level::None, Level::Forward, Level::ForwardTransitive],
    ),
];

/// A record with the fields that are listed; `=` gives a default.
fn record(fields: &str) -> Schema {
    let fields: Vec<Value> = fields
        .split(' ')
        .filter(|field| !field.is_empty())
        .map(|field| match field.strip_suffix('=') {
            Some(name) => json!({"name": name, "type": "int", "default": 0}),
            None => json!({"name": field, "type": "int"}),
        })
        .collect();
    schema(&json!({"type": "record", "name": "R", "fields": fields}))
}

#[test]
fn levels_hold_over_histories() {
    for (name, [first, second, third], taken) in HISTORIES {
        for level in Level::ALL {
            let mut registry = Registry::new(Generation::Eight);
            registry.set_global_level(Level::None);
            for fields in [first, second] {
                registry.register("s", &record(fields)).expect("anything goes at NONE");
            }
            registry.set_level("s", Some(level));
            // A version that is there again is found and not compared; a doc makes it a new one.
            let text = record(third).canonical().replacen("{", r#"{"doc":"third","#, 1);
            let result = registry.register("s", &Schema::avro(&text).expect("a schema"));
            assert_eq!(result.is_ok(), taken.contains(&level), "{name} at {}: {result:?}", level.word());
        }
    }
}

#[test]
fn a_registry_is_the_same_after_an_export() {
    let mut registry = Registry::new(Generation::Eight);
    registry.set_level("orders", Some(Level::None));
    for case in
        vectors(include_str!("registry/schemas.json")).iter().filter(|case| case["canonical"].is_string())
    {
        registry.register("orders", &schema(&case["schema"])).expect("anything goes at NONE");
    }
    let line = schema(&json!({"type": "record", "name": "shop.Line", "fields": []}));
    registry.register("line", &line).expect("the first");
    let reference = Reference { name: "shop.Line".to_string(), subject: "line".to_string(), version: 1 };
    let bill = registry.parse(SchemaType::Avro, r#"["null","shop.Line"]"#, &[reference]).expect("a schema");
    registry.register("bill", &bill).expect("the first");
    registry
        .register(
            "proto",
            &Schema::new(SchemaType::Protobuf, "message A {}", Vec::new(), Strictness::New).expect("one"),
        )
        .expect("the first");

    let (mut listed, mut lines) = (Vec::new(), String::new());
    for subject in registry.subjects() {
        for stored in registry.versions(subject) {
            let references: Vec<Value> = stored
                .schema
                .references()
                .iter()
                .map(|resolved| {
                    let Reference { name, subject, version } = &resolved.reference;
                    json!({"name": name, "subject": subject, "version": version})
                })
                .collect();
            let entry = json!({
                "subject": subject, "version": stored.version, "id": stored.id, "schema": stored.schema.canonical(),
                "schemaType": stored.schema.schema_type().word(), "references": references,
            });
            let key = json!({"keytype": "SCHEMA", "subject": subject, "version": stored.version, "magic": 1});
            lines.push_str(&format!("{key}\t{entry}\n"));
            listed.push(entry);
        }
    }
    for text in [lines, Value::from(listed).to_string()] {
        let again = export::read(&text, Generation::Eight).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.subjects(), registry.subjects());
        for subject in registry.subjects() {
            let told = |registry: &Registry| -> Vec<(u32, u32, Arc<str>)> {
                registry
                    .versions(subject)
                    .iter()
                    .map(|s| (s.version, s.id, s.schema.identity().clone()))
                    .collect()
            };
            assert_eq!(told(&again), told(&registry), "{subject}");
        }
    }
}

/// What a serializer comes to with a registry that always answers, and how many calls it made.
fn written(
    client: &mut Client,
    registry: &mut Registry,
    own: &Arc<Schema>,
) -> Result<(u32, usize), Exception> {
    let mut step = client.resolve(Time::START, "orders", false, own)?;
    for calls in 0.. {
        let request = match step {
            Step::Known(known) => return Ok((known.id, calls)),
            Step::Needs(request) | Step::NeedsAfter(request, _) => request,
        };
        let answer = registry.serve(&request.call).map_err(Failure::Rest);
        step = client.answered(Time::START, request, answer)?;
    }
    unreachable!("each turn returns or asks");
}

#[test]
fn serializers_agree_with_the_registry() {
    let mut registry = Registry::new(Generation::Eight);
    let client = |pairs: &[(&str, &str)]| {
        let mut settings = Settings::of(Generation::Eight);
        settings.set_all(pairs.iter().copied()).expect("settings");
        Client::new(settings)
    };
    let (plain, wide, bad) = (Arc::new(record("a")), Arc::new(record("a b=")), Arc::new(record("a c")));
    let mut registering = client(&[]);
    assert_eq!(written(&mut registering, &mut registry, &plain), Ok((1, 1)));
    assert_eq!(written(&mut registering, &mut registry, &plain), Ok((1, 0)));
    let mut looking = client(&[("auto.register.schemas", "false")]);
    assert_eq!(written(&mut looking, &mut registry, &plain), Ok((1, 1)));
    let unknown = written(&mut looking, &mut registry, &wide).expect_err("nobody registered it");
    assert_eq!(unknown.cause.as_deref(), Some("RestClientException: Schema not found; error code: 40403"));
    assert!(unknown.message.starts_with("Error retrieving Avro schema{\"type\""), "{}", unknown.message);
    let refused = written(&mut registering, &mut registry, &bad).expect_err("no default");
    assert!(
        refused.cause.is_some_and(|cause| cause.ends_with("compatibility: 'BACKWARD'}]; error code: 40901"))
    );
    assert_eq!(written(&mut registering, &mut registry, &wide), Ok((2, 1)));
    let mut latest = client(&[("auto.register.schemas", "false"), ("use.latest.version", "true")]);
    assert_eq!(written(&mut latest, &mut registry, &plain), Ok((2, 1)));
    assert_eq!(written(&mut latest, &mut registry, &plain), Ok((2, 0)));
}

/// Any schema of a few levels, with names that are all different.
fn any_schema() -> impl Strategy<Value = Value> {
    let words = vec!["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    let leaf = prop_oneof![
        proptest::sample::select(words).prop_map(|word| json!(word)),
        (0..9u32).prop_map(|size| json!({"type": "fixed", "name": "?", "size": size})),
        (1..4usize).prop_map(|n| json!({"type": "enum", "name": "?", "symbols": (["A", "B", "C"][..n])})),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            inner.clone().prop_map(|values| json!({"type": "map", "values": values})),
            inner
                .clone()
                .prop_filter("a union in a union", |t| !t.is_array() && t != "null")
                .prop_map(|t| json!(["null", t])),
            proptest::collection::vec(inner, 0..4).prop_map(|types| {
                let fields: Vec<Value> = types
                    .iter()
                    .enumerate()
                    .map(|(i, t)| json!({"name": format!("f{i}"), "type": t}))
                    .collect();
                json!({"type": "record", "name": "?", "fields": fields})
            }),
        ]
    })
}

/// Numbers the names in their order.
fn named(json: &mut Value, next: &mut u32) {
    match json {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if key == "name" && value == "?" {
                    *next += 1;
                    *value = json!(format!("N{next}"));
                }
                named(value, next);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| named(value, next)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_schema_is_compatible_with_itself_and_has_one_id(mut json in any_schema()) {
        named(&mut json, &mut 0);
        let own = schema(&json);
        let types = own.types().expect("types");
        prop_assert_eq!(differences(types, types), []);
        let mut registry = Registry::new(Generation::Eight);
        registry.set_global_level(Level::FullTransitive);
        let first = registry.register("a", &own).expect("the first");
        let text = read_json(own.text()).expect("JSON").to_string();
        let second = registry.register("a", &Schema::avro(&text).expect("a schema")).expect("the same");
        prop_assert_eq!((first.id, first.version), (second.id, second.version));
        prop_assert_eq!(registry.register("b", &own).expect("elsewhere").id, first.id);
        let again = Schema::avro(own.canonical()).expect("a schema");
        prop_assert_eq!(again.canonical(), own.canonical());
        let normal = own.normalized().expect("a schema");
        let again = normal.normalized().expect("a schema");
        prop_assert_eq!(again.canonical(), normal.canonical());
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"[\[\]{}",:a-z0-9 \\ ]{0,80}"#) {
        let _ = Schema::avro(&text);
        let _ = export::read(&text, Generation::Eight);
        let _ = Schema::avro(&format!(r#"{{"type":"record","name":"{text}","fields":[{text}]}}"#));
    }
}
