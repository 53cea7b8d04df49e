//! The table of keys and the checking of values, compared with what the Java client itself says.

use lingersim::config::check::Checked;
use lingersim::config::key::{Definition, Key, Kind, Preset, Valid};
use lingersim::config::keys;
use lingersim::config::producer::{ClientVersion, ProducerConfig};
use lingersim::config::value::{Raw, Value};
use serde_json::{Map, Value as Json};

const TABLE: &str = include_str!("vectors/config_table.tsv");
const VALIDATION: &str = include_str!("vectors/config_validation.jsonl");

/// Lines of the table, as the vectors write them, for one version.
fn expected_lines(version: ClientVersion) -> Vec<String> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut lines: Vec<String> = rows
        .filter_map(|row| row.split_once('\t'))
        .filter(|(versions, _)| versions.split(' ').any(|name| name == version.name()))
        .map(|(_, rest)| rest.to_owned())
        .collect();
    lines.sort();
    lines
}

fn line(key: &Key, definition: &Definition) -> String {
    let preset = match definition.preset {
        Preset::Required => "!",
        Preset::Null => "~",
        Preset::Text(text) => text,
    };
    let kind = key.kind.name().to_uppercase();
    let importance = definition.importance.to_string().to_uppercase();
    format!("{}\t{kind}\t{preset}\t{}\t{importance}", key.name, client_text(definition.valid))
}

/// The client's own words for valid values.
fn client_text(valid: Valid) -> String {
    match valid {
        Valid::Any => "~".to_owned(),
        Valid::AtLeast(low) => format!("[{low},...]"),
        Valid::Between(low, high) => format!("[{low},...,{high}]"),
        Valid::BetweenOr(low, high, other) => format!("[{low},...,{high}] or {other}"),
        Valid::Fraction(low, high) => format!("[{low:?},...,{high:?}]"),
        Valid::OneOf(words) => format!("[{}]", words.join(", ")),
        // The client lists these in the order of a hash table.
        Valid::OneOfAnyCase(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]) => {
            "(case insensitive) [SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT]".to_owned()
        }
        Valid::OneOfAnyCase(words) => format!("(case insensitive) [{}]", words.join(", ")),
        Valid::NonEmpty => "non-empty string".to_owned(),
        Valid::NonNull => "non-null string".to_owned(),
        Valid::Distinct | Valid::DistinctNonEmpty => String::new(),
    }
}

#[test]
fn every_version_has_the_keys_of_the_client() {
    for version in ClientVersion::ALL {
        let lines = |key: &Key| key.definition(version).map(|definition| line(key, definition));
        let mut actual: Vec<String> = keys::all().filter_map(lines).collect();
        actual.sort();
        let expected = expected_lines(version);
        assert!(expected.len() >= 62, "{version}");
        for (actual, expected) in actual.iter().zip(&expected) {
            assert_eq!(actual, expected, "client {version}");
        }
        assert_eq!(actual.len(), expected.len(), "client {version}");
    }
}

#[test]
fn every_default_is_a_value_of_its_key() {
    for version in ClientVersion::ALL {
        for key in keys::of_version(version) {
            let Some(&Definition { preset: Preset::Text(text), .. }) = key.definition(version) else {
                continue;
            };
            let checked = Checked::parsed(version, &[(key.name, Raw::Text(text))]);
            assert!(checked.effective.get(key.name).is_some(), "{} in {version}", key.name);
        }
    }
}

/// What every case gives unless it says otherwise.
const BASE: [(&str, &str); 3] = [
    ("bootstrap.servers", "127.0.0.1:1"),
    ("key.serializer", "org.apache.kafka.common.serialization.StringSerializer"),
    ("value.serializer", "org.apache.kafka.common.serialization.StringSerializer"),
];

/// Cases about classes that only a Java process can look for: one that is in no jar, and a serializer that needs
/// another one inside. (Before 3.1 the second is no class of the client, which is known here.)
fn is_about_java(id: u64, version: ClientVersion) -> bool {
    id == 104 || id == 108 && version > ClientVersion::V2_3
}

fn raw(json: &Json) -> Raw<'_> {
    match json {
        Json::String(text) => Raw::Text(text),
        Json::Bool(flag) => Raw::Boolean(*flag),
        Json::Number(number) if number.is_i64() => Raw::Integer(number.as_i64().expect("64 bits")),
        Json::Number(number) => Raw::Double(number.as_f64().expect("a number")),
        _ => Raw::Null,
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => (*flag).into(),
        Value::Integer(number) => (*number).into(),
        Value::Double(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.clone().into(),
        Value::Hidden => "[hidden]".into(),
    }
}

/// What a running producer uses, in the order of the vectors.
fn runs(config: &ProducerConfig) -> Json {
    serde_json::json!([
        config.acks.wire(),
        config.retries,
        config.max_in_flight == 1,
        config.delivery_timeout_ms,
        config.linger_ms,
        config.batch_size,
        config.enable_idempotence,
        config.transactional_id.is_some(),
    ])
}

/// One case in one version.
struct Case<'a> {
    name: String,
    version: ClientVersion,
    given: Vec<(&'a str, Raw<'a>)>,
    result: &'a Map<String, Json>,
}

impl Case<'_> {
    fn check(&self, defaults: &Map<String, Json>) {
        let parsed = Checked::parsed(self.version, &self.given);
        let constructed = parsed.clone().constructed(1);
        match self.result.get("throws") {
            Some(class) => self.check_rejection(&parsed, &constructed, class.as_str().expect("a class")),
            None => self.check_values(&parsed, &constructed, defaults),
        }
    }

    fn check_rejection(&self, parsed: &Checked, constructed: &Checked, class: &str) {
        let name = &self.name;
        let message = self.result["message"].as_str().expect("a message");
        let is_parsed = self.result["stage"] == "config";
        assert_eq!(parsed.rejections.is_empty(), !is_parsed, "{name}: {:?}", parsed.rejections);
        let Some(first) = constructed.rejections.first() else { panic!("{name} is accepted") };
        assert!(first.exception.class().ends_with(class), "{name}: {class}, but {first:?}");
        assert!(constructed.config().is_none(), "{name}");
        // Messages that name a key name ours.
        let named =
            keys::all().map(|key| key.name).filter(|key| message.contains(key)).max_by_key(|key| key.len());
        let is_same = named.is_none_or(|_| message.contains(first.key.name));
        assert!(is_same && first.message.contains(first.key.name), "{name}: {message}, but {first:?}");
    }

    fn check_values(&self, parsed: &Checked, constructed: &Checked, defaults: &Map<String, Json>) {
        let name = &self.name;
        let Some(config) = constructed.config() else { panic!("{name}: {:?}", constructed.rejections) };
        assert_eq!(runs(&config), self.result["runs"], "{name}");
        let mut expected = defaults.clone();
        expected.extend(self.result["effective"].as_object().expect("values").clone());
        for (key, value) in expected {
            if value == "producer-<n>" {
                assert_eq!(config.client_id, "producer-1", "{name}");
                continue;
            }
            let Some(entry) = parsed.effective.get(&key) else { panic!("{name} has no {key}") };
            assert_eq!(json(&entry.value), value, "{name}: {key}");
        }
    }
}

/// CON-2, CON-3, CON-4, V-1 to V-8, V-10, V-12, V-13.
#[test]
fn values_are_accepted_and_rejected_as_by_the_client() {
    let cases: Vec<Json> =
        VALIDATION.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let (mut checked, mut left_out) = (0, 0);
    for case in &cases {
        let id = case["id"].as_u64().expect("a number");
        let without =
            |key: &str| case["without"].as_array().is_some_and(|keys| keys.iter().any(|k| k == key));
        let base =
            BASE.into_iter().filter(|(key, _)| !without(key)).map(|(key, text)| (key, Raw::Text(text)));
        let props = case["given"].as_object().expect("properties");
        let given: Vec<(&str, Raw<'_>)> =
            base.chain(props.iter().map(|(key, value)| (key.as_str(), raw(value)))).collect();
        for result in case["results"].as_array().expect("results") {
            let result = result.as_object().expect("a result");
            for name in result["in"].as_str().expect("versions").split(' ') {
                let version = ClientVersion::named(name).expect("a version");
                if is_about_java(id, version) {
                    left_out += 1;
                    continue;
                }
                let name = format!("case {id} in {version}");
                let defaults = effective_defaults(&cases[0], version);
                Case { name, version, given: given.clone(), result }.check(defaults);
                checked += 1;
            }
        }
    }
    assert_eq!((checked, left_out), (4 * 300 - 7, 7));
}

/// The values of the first case, for which nothing but the base is given.
fn effective_defaults(first: &Json, version: ClientVersion) -> &Map<String, Json> {
    let results = first["results"].as_array().expect("results");
    let of_version = |result: &&Json| result["in"].as_str().expect("versions").contains(version.name());
    let result = results.iter().find(of_version).expect("every version is there");
    result["effective"].as_object().expect("values")
}

/// V-9.
#[test]
fn sasl_needs_a_mechanism() {
    let accepted = |protocol, mechanism| {
        let given = [("security.protocol", Raw::Text(protocol)), ("sasl.mechanism", Raw::Text(mechanism))];
        let base = BASE.into_iter().map(|(key, text)| (key, Raw::Text(text)));
        let given: Vec<(&str, Raw<'_>)> = base.chain(given).collect();
        Checked::parsed(ClientVersion::V4_3, &given).rejections.is_empty()
    };
    assert!(!accepted("SASL_SSL", ""));
    assert!(accepted("SASL_SSL", "PLAIN") && accepted("SSL", ""));
}

#[test]
fn passwords_are_forgotten() {
    for version in ClientVersion::ALL {
        for key in keys::of_version(version).filter(|key| key.kind == Kind::Password) {
            let checked = Checked::parsed(version, &[(key.name, Raw::Text("hunter2"))]).constructed(1);
            assert!(!format!("{checked:?}").contains("hunter2"), "{} in {version}", key.name);
            let checked = Checked::parsed(version, &[(key.name, Raw::Integer(4_711))]);
            assert!(!format!("{checked:?}").contains("4711"), "{} in {version}", key.name);
        }
    }
}
