//! Kafka's own keys in a scenario: where they were given, and what the client makes of them.

use std::ops::Range;
use std::path::Path;

use super::input::{self, InputError};
use super::intake::{Intake, Setting};
use super::limits;
use super::preparation::Preparation;
use super::problem::Problem;
use super::producer_section::OWN_KEYS;
use super::section::{Section, value_text};
use super::source::Place;
use super::tree::{self, Value};
use crate::config::check::Checked;
use crate::config::effective::{Effective, Entry, Origin};
use crate::config::keys;
use crate::config::producer::{ClientVersion, ENDLESS_BATCH_SIZE, PartitionerKind, ProducerConfig};
use crate::config::properties;
use crate::config::rejection::Rejection;
use crate::config::value::Raw;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// A Kafka key that was given, with its value as a properties file would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where the key stands.
    pub key_place: Place,
    /// Where the value stands.
    pub value_place: Place,
    /// Whether it stands in properties, not in the scenario or on the command line.
    pub is_property: bool,
}

/// Keys that stand in the scenario itself.
pub fn from_entries(intake: &mut Intake, entries: Vec<&tree::Entry>) -> Vec<Given> {
    let mut given = Vec::new();
    for entry in entries {
        match value_as_property(&entry.node.value) {
            Some(value) => given.push(Given {
                key: entry.key.clone(),
                value,
                key_place: entry.key_place,
                value_place: entry.node.place,
                is_property: false,
            }),
            None => {
                if keys::is_secret(&entry.key) {
                    intake.sources.hide(entry.node.place);
                }
                let message = format!("`{}` is {}", short(&entry.key), value_text(&entry.node.value));
                let help = "expected a string, a number, a boolean or a list of strings";
                intake.problem(Problem::at(entry.node.place, message).help(help));
            }
        }
    }
    given
}

/// A value as a properties file would have it; a list is joined by commas.
fn value_as_property(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Integer(text) | Value::Float(text) | Value::Argument(text) => {
            Some(text.clone())
        }
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::List(items) => {
            let items: Option<Vec<String>> =
                items.iter().map(|item| value_as_property(&item.value)).collect();
            items.map(|items| items.join(","))
        }
        Value::Table(_) | Value::Datetime => None,
    }
}

/// The keys of `properties = """..."""`.
pub fn from_block(intake: &mut Intake, place: Place, text: &str) -> Vec<Given> {
    // Without escapes, the text stands in the scenario as it is; with them, problems point at the whole block.
    match intake.sources.slice(place).find(text) {
        Some(offset) => parse(intake, text, place.part(offset, offset + text.len()), true),
        None => parse(intake, text, place, false),
    }
}

/// The keys of `properties-file = "FILE"`, which stands at `place`.
pub fn from_file(intake: &mut Intake, place: Place, file: &str, folder: &Path) -> Vec<Given> {
    let path = folder.join(file);
    match input::read_latin1(&path, limits::PROPERTIES_BYTES) {
        Ok(text) if text.contains(is_binary) => {
            let line =
                text.split('\n').position(|line| line.contains(is_binary)).map_or(1, |index| index + 1);
            let message = format!("the properties file {} has binary data in line {line}", path.display());
            intake.problem(Problem::at(place, message).help("expected lines like linger.ms=5"));
            Vec::new()
        }
        Ok(text) => {
            let id = intake.sources.add_file(&path.display().to_string(), text.clone());
            let whole = intake.sources.place(id, 0, text.len());
            parse(intake, &text, whole, true)
        }
        Err(InputError { message, help }) => {
            let message = format!("the properties file {} {message}", path.display());
            intake.problem(Problem::at(place, message).help(help));
            Vec::new()
        }
    }
}

/// Control characters other than blanks and line ends.
fn is_binary(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\x0c' | '\r')
}

/// Splits properties into keys. `whole` is the place of the text, or of what contains it in some other form.
fn parse(intake: &mut Intake, text: &str, whole: Place, is_verbatim: bool) -> Vec<Given> {
    let place = |bytes: Range<usize>| if is_verbatim { whole.part(bytes.start, bytes.end) } else { whole };
    let (entries, bad_escapes) = properties::parse(text);
    if entries.len() > limits::PROPERTIES {
        let message =
            format!("there are {} keys, but at most {} are read", entries.len(), limits::PROPERTIES);
        intake.problem(Problem::at(place(0..0), message).help("is it another kind of file?"));
        return Vec::new();
    }
    for bad in bad_escapes.into_iter().take(limits::UNKNOWN_KEYS) {
        let problem = Problem::at(place(bad.bytes), "`\\u` needs four hexadecimal digits");
        intake.problem(problem.help("write a backslash as \\\\"));
    }
    let given = |entry: properties::Entry| Given {
        key_place: place(entry.key_bytes),
        value_place: place(entry.value_bytes),
        key: entry.key,
        value: entry.value,
        is_property: true,
    };
    entries.into_iter().map(given).collect()
}

/// What a scenario need not give although the client requires it: nothing in a simulation depends on it.
const ASSUMED: [(&str, Raw<'static>); 3] = [
    ("bootstrap.servers", Raw::Text("localhost:9092")),
    ("key.serializer", Raw::Text("org.apache.kafka.common.serialization.ByteArraySerializer")),
    ("value.serializer", Raw::Text("org.apache.kafka.common.serialization.ByteArraySerializer")),
];

/// What the client makes of the keys of one group, the last of equal keys counting. Problems and values are noted;
/// `number` is that of the group among several.
pub fn effective(
    section: &mut Section<'_, '_>,
    version: ClientVersion,
    given: &[Given],
    number: Option<usize>,
) -> Option<ProducerConfig> {
    hide_secrets(section.intake, given);
    note_strangers(section.intake, version, given);
    let pairs: Vec<(&str, Raw<'_>)> = ASSUMED
        .into_iter()
        .chain(given.iter().map(|given| (given.key.as_str(), Raw::Text(&given.value))))
        .collect();
    let checked = Checked::parsed(version, &pairs).constructed(number.unwrap_or(1));
    for rejection in &checked.rejections {
        note_rejection(section.intake, version, given, rejection);
    }
    note_values(section, given, &checked.effective);
    let config = checked.config()?;
    note_limits_of_the_model(section, &config);
    refuse_endless_batches(section.intake, given, &config);
    Some(config)
}

/// What the client accepts, and then hangs in.
fn refuse_endless_batches(intake: &mut Intake, given: &[Given], config: &ProducerConfig) {
    if config.batch_size < ENDLESS_BATCH_SIZE {
        return;
    }
    let message = format!("`batch.size` is {}: the client's own arithmetic overflows", config.batch_size);
    let problem = match given.iter().rfind(|given| given.key == "batch.size") {
        Some(given) => Problem::at(given.value_place, message),
        None => Problem::somewhere(message),
    };
    intake.problem(problem.help(format!("expected at most {}", ENDLESS_BATCH_SIZE - 1)));
}

/// Overwrites secrets in the texts, so that no problem can show them.
fn hide_secrets(intake: &mut Intake, given: &[Given]) {
    let (known, unknown): (Vec<&Given>, Vec<&Given>) =
        given.iter().partition(|given| keys::key(&given.key).is_some());
    for given in known.into_iter().chain(unknown.into_iter().take(limits::UNKNOWN_KEYS)) {
        if keys::is_secret(&given.key) {
            intake.sources.hide(given.value_place);
        }
    }
}

/// Keys that the version does not know: the client passes over them; here, a misspelt key is an error.
fn note_strangers(intake: &mut Intake, version: ClientVersion, given: &[Given]) {
    let unknown = |given: &&Given| keys::key(&given.key).is_none() && !keys::is_guest(&given.key);
    for given in given.iter().filter(unknown).take(limits::UNKNOWN_KEYS) {
        let problem =
            Problem::at(given.key_place, format!("there is no producer key `{}`", short(&given.key)));
        let own = OWN_KEYS.into_iter().filter(|_| !given.is_property);
        let names = keys::of_version(version).map(|key| key.name).chain(own);
        let help = did_you_mean(&nearest(&given.key, names));
        let help = help.unwrap_or_else(|| "`lingersim config list` shows all keys".to_owned());
        intake.problem(problem.label("unknown key").help(help));
    }
    let mut named: Vec<&str> = Vec::new();
    for given in given {
        if let Some(key) = keys::key(&given.key).filter(|key| key.definition(version).is_none())
            && !named.contains(&key.name)
        {
            named.push(key.name);
            let others: Vec<&str> = key.versions().map(ClientVersion::name).collect();
            let know = if others.len() == 1 { "knows" } else { "know" };
            let others = others.join(" and ");
            let place = intake.sources.origin(given.key_place);
            let name = key.name;
            intake.notes.push(format!("{place}: client {version} ignores `{name}`, which {others} {know}"));
        }
    }
}

/// Keys of what the producer would load, and nothing here reads.
pub fn note_guests(intake: &mut Intake, given: &[Given], preparation: Option<&Preparation>) {
    let is_read = |name: &str| preparation.is_some_and(|preparation| preparation.reads(name));
    let guests: Vec<&Given> =
        given.iter().filter(|given| keys::is_guest(&given.key) && !is_read(&given.key)).collect();
    let Some(first) = guests.first() else { return };
    let place = intake.sources.origin(first.key_place);
    let names: Vec<String> =
        guests.iter().take(limits::UNKNOWN_KEYS).map(|given| short(&given.key).to_string()).collect();
    let names = names.join(", ");
    intake.notes.push(format!("{place}: keys of serializers and interceptors have no effect here: {names}"));
}

fn note_rejection(intake: &mut Intake, version: ClientVersion, given: &[Given], rejection: &Rejection) {
    let culprit = given.iter().rfind(|given| given.key == rejection.key.name);
    let problem = match culprit {
        Some(given) => Problem::at(given.value_place, &rejection.message),
        None => Problem::somewhere(&rejection.message),
    };
    let problem = problem.label(format!("{} in client {version}", rejection.exception));
    let problem = rejection.help.iter().fold(problem, Problem::help);
    intake.problem(problem.maybe_help(culprit.and_then(slip_of_syntax).map(str::to_owned)));
}

/// What looks right in other files, but is part of the value in a properties file.
fn slip_of_syntax(given: &Given) -> Option<&'static str> {
    match given.value.as_str() {
        _ if !given.is_property => None,
        value if value.starts_with(['"', '\'']) => Some("in a properties file, quotes are part of the value"),
        value if value.contains([' ', '\t']) && value.contains(['#', '!']) => {
            Some("in a properties file, a comment needs a line of its own")
        }
        _ => None,
    }
}

/// Notes every value that is given or matters, with its origin.
fn note_values(section: &mut Section<'_, '_>, given: &[Given], effective: &Effective) {
    for Entry { key, value, origin } in effective.entries() {
        let origin = match origin {
            Origin::Given(index) if *index >= ASSUMED.len() => {
                section.intake.sources.origin(given[index - ASSUMED.len()].value_place)
            }
            _ if !key.is_modelled => continue,
            Origin::Given(_) | Origin::Default => format!("default of client {}", effective.version),
            Origin::Rule(rule) => (*rule).to_owned(),
        };
        let name = section.name(key.name);
        section.intake.settings.push(Setting { name, value: value.to_string(), origin });
    }
}

/// What the client would do and the simulation does not.
fn note_limits_of_the_model(section: &mut Section<'_, '_>, config: &ProducerConfig) {
    if let PartitionerKind::Custom(class) = &config.partitioner {
        let name = section.name("partitioner.class");
        let class = short(class);
        section
            .intake
            .notes
            .push(format!("`{name}` is {class}, whose code is not here: the built-in rules choose"));
    }
    if config.transactional_id.is_some() {
        let name = section.name("transactional.id");
        section.intake.notes.push(format!("`{name}` is given, but records are sent outside transactions"));
    }
}
