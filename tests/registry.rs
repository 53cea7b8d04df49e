//! The schema registry: Avro as Java has it, levels over histories, exports, the client with a registry.
//!
//! `registry/*.json` hold what Avro 1.12.2 said, written by `oracle/registry/AvroVectors.java`.

use lingersim::registry::avro::encode;
use lingersim::registry::compatibility::avro::differences;
use lingersim::registry::schema::Schema;
use serde_json::Value;

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
