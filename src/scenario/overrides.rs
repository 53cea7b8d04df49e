//! What the command line says beside a scenario, and how it gets into its tree.

use std::path::Path;

use super::intake::Intake;
use super::kafka_keys::{self, Given};
use super::problem::Problem;
use super::source::Place;
use super::tree::{Table, Value};
use super::{producer_section, topic_section};
use crate::values::excerpt::short;

/// What the command line says beside the scenario, each with the flag that said it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set KEY=VALUE`: a Kafka key, for every producer, or a path of the scenario.
    pub set: Vec<String>,
    /// Kafka keys that are taken out of every producer, whoever has set them.
    pub unset: Vec<String>,
    /// Paths with values from other flags: `("--seed", "seed", "7")`.
    pub flags: Vec<(&'static str, &'static str, String)>,
    /// Properties files for every producer, with their flags: `("--producer.config", "producer.properties")`. They win
    /// over the scenario.
    pub properties_files: Vec<(&'static str, String)>,
    /// Kafka keys for every producer from other flags: `("--producer-props", "linger.ms=5")`. They win over files.
    pub properties: Vec<(&'static str, String)>,
    /// Kafka keys of every producer where nothing else says them, with who does: `("perf-test", "client.id=perf")`.
    pub assumed: Vec<(&'static str, &'static str)>,
    /// The command has a workload of its own, which sends to this topic: `[workload]` and `[run]` of the scenario do not
    /// count, and one that names no topics has this one.
    pub own_workload: Option<String>,
}

/// The tables and plain keys at the top of a scenario.
const TOP: [&str; 16] = [
    "title",
    "seed",
    "kafka",
    "run",
    "cluster",
    "network",
    "producer",
    "workload",
    "registry",
    "fault",
    "thresholds",
    "gate",
    "sweep",
    "check",
    "lesson",
    "lesson-translations",
];

/// Kafka keys that arguments give to every producer.
#[derive(Debug, Default)]
pub(super) struct ArgumentKeys {
    /// They count where nothing else says something.
    pub(super) assumed: Vec<Given>,
    /// They win, the last of equal ones.
    pub(super) given: Vec<Given>,
}

/// Puts overrides into the tree; those that are Kafka keys come back.
pub(super) fn apply(overrides: &Overrides, root: &mut Table, intake: &mut Intake) -> ArgumentKeys {
    if let Some(topic) = &overrides.own_workload {
        leave_out_workloads(root);
        if let Some((message, help)) = topic_section::refusal(topic) {
            let id = intake.sources.add_argument("--topic", topic);
            let place = intake.sources.place(id, 0, topic.len());
            intake.problem(Problem::at(place, message).help(help));
        }
    }
    for (flag, path, value) in &overrides.flags {
        let id = intake.sources.add_argument(flag, value);
        let place = intake.sources.place(id, 0, value.len());
        set(root, path, place, value, intake);
    }
    let mut keys = ArgumentKeys::default();
    for (by, argument) in &overrides.assumed {
        keys.assumed.extend(property(by, argument, intake));
    }
    for (flag, file) in &overrides.properties_files {
        let id = intake.sources.add_argument(flag, file);
        let place = intake.sources.place(id, 0, file.len());
        keys.given.extend(kafka_keys::from_file(intake, place, file, Path::new("")));
    }
    for (flag, argument) in &overrides.properties {
        keys.given.extend(property(flag, argument, intake));
    }
    for argument in &overrides.set {
        let Some(mut given) = pair("--set", argument, SET_HELP, intake) else { continue };
        match producer_key(&given.key) {
            Some(key) => {
                given.key = key.to_owned();
                keys.given.push(given);
            }
            None => set(root, &given.key, given.value_place, &given.value, intake),
        }
    }
    keys
}

fn leave_out_workloads(root: &mut Table) {
    root.entries.retain(|entry| !["workload", "run"].contains(&entry.key.as_str()));
    let Some(producers) = root.entries.iter_mut().find(|entry| entry.key == "producer") else { return };
    let groups = match &mut producers.node.value {
        Value::List(groups) => groups.as_mut_slice(),
        _ => std::slice::from_mut(&mut producers.node),
    };
    for group in groups {
        if let Value::Table(group) = &mut group.value {
            group.entries.retain(|entry| entry.key != "workload");
        }
    }
}

const SET_HELP: &str = "write --set linger.ms=10, or --set network.latency=2ms";

/// A key of Kafka's producer with its value, as a properties file would have it.
fn property(flag: &str, argument: &str, intake: &mut Intake) -> Option<Given> {
    let given = pair(flag, argument, "write for example linger.ms=10", intake)?;
    Some(Given { is_property: true, ..given })
}

/// `KEY=VALUE`.
fn pair(flag: &str, argument: &str, help: &str, intake: &mut Intake) -> Option<Given> {
    let id = intake.sources.add_argument(flag, argument);
    let Some((key, value)) = argument.split_once('=') else {
        let place = intake.sources.place(id, 0, argument.len());
        intake.problem(Problem::at(place, format!("`{flag}` needs a key and a value")).help(help));
        return None;
    };
    Some(Given {
        key: key.trim().to_owned(),
        value: value.trim().to_owned(),
        key_place: intake.sources.place(id, 0, key.len()),
        value_place: intake.sources.place(id, key.len() + 1, argument.len()),
        is_property: false,
    })
}

/// The Kafka key that `key` of `--set` is, `None` if it is a path of the scenario.
fn producer_key(key: &str) -> Option<&str> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    match first {
        "producer" => {
            let own = rest.split('.').next().unwrap_or("");
            (!rest.is_empty() && !producer_section::OWN_KEYS.contains(&own)).then_some(rest)
        }
        _ if TOP.contains(&first) => None,
        _ => Some(key),
    }
}

fn set(root: &mut Table, path: &str, place: Place, value: &str, intake: &mut Intake) {
    // Kafka's broker and topic keys have dots themselves; they are read from nested tables just as well.
    let segments: Vec<&str> = path.split('.').collect();
    if segments.iter().any(|segment| segment.is_empty()) || segments.len() > 20 {
        let problem = Problem::at(place, format!("`{}` is no path of a scenario", short(path)));
        intake.problem(problem.help("write for example --set network.latency=2ms"));
        return;
    }
    if let Err(message) = root.set(&segments, place, &Value::Argument(value.to_owned())) {
        intake.problem(Problem::at(place, format!("`{}` cannot be set: {message}", short(path))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::manual;
    use super::*;

    #[test]
    fn what_stands_at_the_top_of_a_scenario_is_no_key_of_kafka() {
        let mut of_manual: Vec<&str> =
            manual::sections("").flat_map(|section| section.rows).map(|row| row.key).collect();
        let mut own = TOP.to_vec();
        of_manual.sort_unstable();
        own.sort_unstable();
        assert_eq!(own, of_manual);
    }
}
