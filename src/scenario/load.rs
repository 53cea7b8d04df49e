//! From files and arguments to a checked [`Scenario`].

use std::path::Path;

use super::fault::FaultKind;
use super::fault_target::Around;
use super::gate::{CheckSpec, Gate};
use super::gate_section::{self, Subjects};
use super::input::{self, InputError};
use super::intake::{Intake, Setting};
use super::lesson::Lesson;
use super::lesson_term;
use super::overrides;
pub use super::overrides::Overrides;
use super::payload_section::PayloadPool;
use super::problem::{Problem, ScenarioError};
use super::producer_section::{self, Common, KeyOverrides};
use super::section::Section;
use super::sweep::SweepSpec;
use super::tree::{self, Table, Value};
use super::workload_section::Surroundings;
use super::{
    Scenario, check_section, cluster_section, defaults, fault_section, lesson_section, limits,
    network_section, registry_section, run_section, sweep_section, trace_topics,
};
use crate::config::producer::ClientVersion;
use crate::workload::spec::Source;

/// A checked scenario with everything that was noted on the way.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// Every effective value with its origin, by section.
    pub settings: Vec<Setting>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// What a run is held to.
    pub guard: Guard,
    /// What it teaches. A lesson is true of the run that the file describes: with overrides there is none.
    pub lesson: Lesson,
}

/// What a run is held to, and what may be varied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard {
    /// Thresholds, then gates.
    pub gates: Vec<Gate>,
    /// How it is checked.
    pub check: CheckSpec,
    /// What a sweep of it varies.
    pub sweep: SweepSpec,
    /// Effective values of all that with their origins: how a run is judged is no part of what is run.
    pub settings: Vec<Setting>,
}

/// Reads a scenario file.
///
/// # Errors
/// All problems of the file and of the overrides at once.
pub fn from_file(path: &Path, overrides: &Overrides) -> Result<Loaded, ScenarioError> {
    let mut intake = Intake::default();
    let name = path.display().to_string();
    let text = match input::read_utf8(path, limits::SCENARIO_BYTES) {
        Ok(text) => text,
        Err(InputError { message, help }) => {
            intake.problem(Problem::somewhere(format!("the scenario {name} {message}")).help(help));
            return Err(intake.into_error());
        }
    };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    parse(intake, &name, text, stem, &folder, overrides)
}

/// Reads a scenario that is in no file; `name` stands for one in problems. Relative paths begin at the current folder.
///
/// # Errors
/// All problems of the text at once.
pub fn from_text(name: &str, text: String) -> Result<Loaded, ScenarioError> {
    parse(Intake::default(), name, text, name.to_owned(), Path::new(""), &Overrides::default())
}

fn parse(
    mut intake: Intake,
    name: &str,
    text: String,
    stem: String,
    folder: &Path,
    overrides: &Overrides,
) -> Result<Loaded, ScenarioError> {
    let id = intake.sources.add_file(name, text);
    let (root, problems) = tree::parse(&intake.sources, id);
    if !problems.is_empty() {
        // What could be understood of a broken file would only bring forth follow-up errors.
        intake.problems = problems;
        return Err(intake.into_error());
    }
    if root.entries.is_empty() && overrides.set.is_empty() {
        let help = "a small one: [workload] with rate = \"1000/s\", and [producer] with linger.ms = 5";
        intake.problem(Problem::somewhere(format!("the scenario {name} is empty")).help(help));
        return Err(intake.into_error());
    }
    check(stem, root, folder, overrides, intake)
}

/// A scenario that is only arguments: `overrides` say everything, the rest are defaults.
///
/// # Errors
/// All problems of the overrides at once.
pub fn from_arguments(name: &str, overrides: &Overrides) -> Result<Loaded, ScenarioError> {
    let mut intake = Intake::default();
    let id = intake.sources.add_argument("the command line", "");
    let root = Table { entries: Vec::new(), place: intake.sources.place(id, 0, 0) };
    check(name.to_owned(), root, Path::new(""), overrides, intake)
}

fn check(
    name: String,
    mut root: Table,
    folder: &Path,
    overrides: &Overrides,
    mut intake: Intake,
) -> Result<Loaded, ScenarioError> {
    let from_arguments = overrides::apply(overrides, &mut root, &mut intake);
    let keys = KeyOverrides {
        assumed: &from_arguments.assumed,
        given: &from_arguments.given,
        unset: &overrides.unset,
    };
    let scenario = scenario(name, &root, folder, overrides.own_workload.as_deref(), keys, &mut intake);
    match scenario {
        Some((scenario, guard, lesson)) if intake.problems.is_empty() => {
            intake.settings.dedup();
            let is_as_in_the_file = *overrides == Overrides::default();
            let lesson = if is_as_in_the_file { lesson } else { Lesson::default() };
            Ok(Loaded { scenario, settings: intake.settings, notes: intake.notes, guard, lesson })
        }
        _ => Err(intake.into_error()),
    }
}

fn scenario(
    name: String,
    root: &Table,
    folder: &Path,
    topic: Option<&str>,
    keys: KeyOverrides<'_>,
    intake: &mut Intake,
) -> Option<(Scenario, Guard, Lesson)> {
    let mut top = Section::root(root, intake);
    let title = top.optional_text("title").unwrap_or_else(|| name.clone());
    let seed = top.count("seed", 0..=u64::MAX, defaults::SEED);
    let mut kafka = top.section("kafka");
    let version = kafka.choice("version", &ClientVersion::ALL.map(|version| (version.name(), version)), 0);
    kafka.finish();

    let workload = below(root, "workload");
    let has_topics = below(root, "cluster").is_some_and(names_topics);
    let names = match topic {
        _ if has_topics => Vec::new(),
        Some(topic) => vec![topic.to_owned()],
        None => topic_names(workload, folder),
    };
    let mut cluster = cluster_section::read(&mut top, &names, folder);
    let network = network_section::read(top.section("network"), &cluster);

    let topics: Vec<String> = cluster.topics.iter().map(|topic| topic.name.clone()).collect();
    let partitions: Vec<u32> = cluster.topics.iter().map(|topic| topic.assignment.len() as u32).collect();
    let pool = PayloadPool::default();
    let around = Surroundings { topics: &topics, partitions: &partitions, folder, pool: &pool };
    let registry = registry_section::read(top.section("registry"), folder);
    let generation = registry.as_ref().map(|(_, generation)| *generation);
    let registry = registry.map(|(registry, _)| registry);
    let brokers = cluster.brokers.len() as u64;
    let common = Common { version, workload, keys, brokers, registry: generation, around };
    top.section("workload");
    let producers = producer_section::read(&mut top, &common);
    let finite = producers.iter().all(|group| matches!(group.source, Source::Trace(_)));
    let clients: Vec<String> = producers.iter().map(|group| group.config.client_id.clone()).collect();
    let around = Around {
        brokers: cluster.brokers.len() as u64,
        has_registry: registry.is_some(),
        topics: &topics,
        partitions: &partitions,
        clients: &clients,
        controller_is_broker: cluster.controller.broker.is_some(),
    };
    let faults = fault_section::read(&mut top, &around);
    cluster.reassigns = faults.iter().any(|fault| matches!(fault.kind, FaultKind::Reassign { .. }));
    cluster.logs_can_be_lost =
        faults.iter().any(|fault| matches!(fault.kind, FaultKind::Crash { loses_unflushed: true, .. }));
    let (end, latency_from) = run_section::read(top.section("run"), finite);
    let clients: Vec<(String, u32)> =
        producers.iter().map(|group| (group.config.client_id.clone(), group.count)).collect();
    let subjects = Subjects { topics: &topics, partitions: &partitions, clients: &clients, faults: &faults };
    let first = top.intake.settings.len();
    let gates = gate_section::read(&mut top, &subjects);
    let check = check_section::read(top.section("check"));
    let sweep = sweep_section::read(top.section("sweep"));
    let settings = top.intake.settings.split_off(first);
    let named: Vec<(String, String)> =
        top.intake.settings.iter().map(|setting| (setting.name.clone(), setting.value.clone())).collect();
    let brokers = cluster.brokers.len() as u64;
    let subjects =
        lesson_term::Subjects { topics: &topics, partitions: &partitions, brokers, settings: &named };
    let lesson = lesson_section::read(&mut top, &subjects, folder);
    // What is told of a run is no setting of it.
    top.intake.settings.truncate(first);
    top.finish();
    (!producers.is_empty()).then_some((
        Scenario { name, title, seed, cluster, producers, network, registry, faults, end, latency_from },
        Guard { gates, check, sweep, settings },
        lesson,
    ))
}

/// The table below a key, if it is one.
fn below<'t>(table: &'t Table, key: &str) -> Option<&'t Table> {
    match &table.get(key)?.node.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

/// Whether there are `[[cluster.topic]]` tables; an empty list of them is none.
fn names_topics(cluster: &Table) -> bool {
    cluster.get("topic").is_some_and(|entry| match &entry.node.value {
        Value::List(items) => !items.is_empty(),
        _ => true,
    })
}

/// Topics of a scenario that names none: those of its trace, else the usual one.
fn topic_names(workload: Option<&Table>, folder: &Path) -> Vec<String> {
    let trace = workload.and_then(|workload| workload.get("trace"));
    let mut topics = match trace.map(|entry| &entry.node.value) {
        Some(Value::Text(file) | Value::Argument(file)) => trace_topics::topics(&folder.join(file)),
        _ => Vec::new(),
    };
    if topics.is_empty() {
        topics.push(defaults::TOPIC.to_owned());
    }
    topics
}
