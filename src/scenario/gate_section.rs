//! `[thresholds]` and `[[gate]]`: what a run is held to.

use super::fault::Fault;
use super::gate::{During, Gate, GatePlaces, Level, OverSeeds, Spot};
use super::limits;
use super::problem::Problem;
use super::section::{Section, value_text};
use super::source::Place;
use super::tree::{Entry, Node, Table, Value};
use crate::metric::{Expression, MetricRef, Stat};
use crate::producer::{Exception, Reason};
use crate::protocol::error::ErrorCode;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::quantity::Measure;
use crate::values::time::{Span, Time};
use crate::values::units::Permille;

/// What a gate can speak about.
pub struct Subjects<'a> {
    /// Topic names, by id.
    pub topics: &'a [String],
    /// Partitions of each.
    pub partitions: &'a [u32],
    /// `client.id` and number of copies of each group.
    pub clients: &'a [(String, u32)],
    /// In order of time.
    pub faults: &'a [Fault],
}

/// Reads all gates of a scenario, in the order of the file: thresholds first.
pub fn read(root: &mut Section<'_, '_>, subjects: &Subjects<'_>) -> Vec<Gate> {
    let mut gates = Vec::new();
    if let Some(entry) = root.entry("thresholds") {
        match &entry.node.value {
            Value::Table(table) => {
                for entry in &table.entries {
                    threshold(root, entry, subjects, &mut gates);
                }
            }
            other => {
                let help = "expected a table: [thresholds]";
                root.problem("thresholds", format_args!("is {}", value_text(other)), help);
            }
        }
    }
    for (path, table) in root.tables("gate", limits::GATES) {
        long_form(Section::new(path, Some(table), root.intake), subjects, &mut gates);
    }
    if gates.len() > limits::GATES {
        let help = format!("at most {} are allowed", limits::GATES);
        root.problem("thresholds", format_args!("and gates are {}", gates.len()), help);
    }
    gates
}

/// `"metric" = "p(99) < 25ms"`, a list of such texts, or a table with one.
fn threshold(root: &mut Section<'_, '_>, entry: &Entry, subjects: &Subjects<'_>, gates: &mut Vec<Gate>) {
    match &entry.node.value {
        Value::List(items) => {
            for item in items {
                short_form(root, entry, item, subjects, gates);
            }
        }
        Value::Table(table) => {
            let path = format!("thresholds.\"{}\"", short(&entry.key));
            let mut section = Section::new(path, Some(table), root.intake);
            let named = Named { text: &entry.key, place: entry.key_place };
            gate(&mut section, Some(named), subjects, gates);
            section.finish();
        }
        _ => short_form(root, entry, &entry.node, subjects, gates),
    }
}

/// A metric as it was named, and where.
struct Named<'a> {
    text: &'a str,
    place: Place,
}

fn short_form(
    root: &mut Section<'_, '_>,
    entry: &Entry,
    node: &Node,
    subjects: &Subjects<'_>,
    gates: &mut Vec<Gate>,
) {
    let (Value::Text(text) | Value::Argument(text)) = &node.value else {
        let message = format!("the threshold of `{}` is {}", short(&entry.key), value_text(&node.value));
        let help = "expected a condition in quotes, for example \"p(99) < 25ms\"";
        root.intake.problem(Problem::at(node.place, message).help(help));
        return;
    };
    let named = Named { text: &entry.key, place: entry.key_place };
    let Some(metric) = metric(root, &named) else { return };
    let Some(expression) = expression(root, &metric, text, node.place) else { return };
    let Some(places) = labels(root, &metric, subjects, named.place) else { return };
    gates.push(Gate {
        metric,
        expression,
        during: None,
        places,
        level: Level::Error,
        seeds: OverSeeds::Worst,
        allow_empty: false,
        why: None,
        spot: spot(root, entry.key_place),
    });
}

fn long_form(mut section: Section<'_, '_>, subjects: &Subjects<'_>, gates: &mut Vec<Gate>) {
    let labels = match section.entry("where").map(|entry| &entry.node.value) {
        Some(Value::Table(table)) => Some(table),
        Some(other) => {
            let help = "expected labels, for example where = { partition = \"0..5\" }";
            section.problem("where", format_args!("is {}", value_text(other)), help);
            None
        }
        None => None,
    };
    let name = section.optional_text("metric").map(|name| with_labels(&name, labels));
    let named = match (&name, section.place("metric")) {
        (Some(text), Some(place)) => Some(Named { text, place }),
        (None, None) => {
            section.problem("metric", "is missing", "say which: metric = \"sim-record-latency\"");
            None
        }
        _ => None,
    };
    gate(&mut section, named, subjects, gates);
    section.finish();
}

/// `metric{labels}` with the labels of `where` put in.
fn with_labels(name: &str, labels: Option<&Table>) -> String {
    let Some(labels) = labels else { return name.to_owned() };
    let label = |entry: &Entry| format!("{}={}", entry.key, value_text(&entry.node.value).trim_matches('"'));
    let labels: Vec<String> = labels.entries.iter().map(label).collect();
    match name.strip_suffix('}') {
        Some(open) => format!("{open},{}}}", labels.join(",")),
        None => format!("{name}{{{}}}", labels.join(",")),
    }
}

/// A gate with everything that can be said about it; `None`: there is no name of a metric, which has been noted.
fn gate(
    section: &mut Section<'_, '_>,
    named: Option<Named<'_>>,
    subjects: &Subjects<'_>,
    gates: &mut Vec<Gate>,
) {
    let during = during(section, subjects);
    let level =
        section.choice("level", &[("error", Level::Error), ("warn", Level::Warn), ("off", Level::Off)], 0);
    let seeds = seeds(section);
    let allow_empty = section.flag("allow-empty", false);
    let why = section.optional_text("why");
    let text = section.optional_text("expr");
    let Some(named) = named else { return };
    let Some(metric) = metric(section, &named) else { return };
    let Some(place) = section.place("expr") else {
        section.problem("expr", "is missing", "say what has to hold: expr = \"p(99) < 25ms\"");
        return;
    };
    let Some(expression) = text.and_then(|text| expression(section, &metric, &text, place)) else { return };
    let Some(places) = labels(section, &metric, subjects, named.place) else { return };
    let Ok(during) = during else { return };
    if during.is_some() && metric.metric.whole_run {
        let message = format!("is {}, which only a whole run has", metric.metric.name);
        section.problem("metric", message, "remove `during`");
        return;
    }
    if during.is_some() && metric.metric.is_kafka() && expression.stat == Stat::Rate {
        let help = "the client counts from the start of the run: use `value`, or a sim- metric";
        section.problem(
            "expr",
            format_args!("asks for the rate of {} in a part of the run", metric.metric.name),
            help,
        );
        return;
    }
    let spot = spot(section, named.place);
    gates.push(Gate { metric, expression, during, places, level, seeds, allow_empty, why, spot });
}

fn spot(section: &Section<'_, '_>, place: Place) -> Spot {
    section.intake.sources.spot(place)
}

fn metric(section: &mut Section<'_, '_>, named: &Named<'_>) -> Option<MetricRef> {
    MetricRef::parse(named.text)
        .map_err(|error| section.intake.problem(Problem::at(named.place, error.message).help(error.help)))
        .ok()
}

fn expression(
    section: &mut Section<'_, '_>,
    metric: &MetricRef,
    text: &str,
    place: Place,
) -> Option<Expression> {
    Expression::parse(metric.metric, text)
        .map_err(|error| section.intake.problem(Problem::at(place, error.message).help(error.help)))
        .ok()
}

/// The partitions that the labels of a metric mean; `None` after a problem.
fn labels(
    section: &mut Section<'_, '_>,
    metric: &MetricRef,
    subjects: &Subjects<'_>,
    place: Place,
) -> Option<Option<GatePlaces>> {
    let mut wrong = |message: String, help: String| {
        section.intake.problem(Problem::at(place, message).help(help));
        None
    };
    for (key, value) in &metric.labels {
        let known: Vec<String> = match key.as_str() {
            "client-id" => subjects.clients.iter().flat_map(|(id, count)| ids(id, *count)).collect(),
            "reason" => Reason::ALL.iter().map(|reason| reason.code().to_owned()).collect(),
            "fault" => {
                (subjects.faults.iter().enumerate()).flat_map(|(at, fault)| names(at, fault)).collect()
            }
            "topic" => subjects.topics.to_vec(),
            "error" => ErrorCode::ALL.iter().map(|code| code.name().to_owned()).collect(),
            "exception" => Exception::names().map(str::to_owned).collect(),
            _ => continue,
        };
        if !known.contains(value) {
            let near = did_you_mean(&nearest(value, known.iter().map(String::as_str)));
            let some: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
            let help = near.unwrap_or_else(|| match &some[..] {
                [] => format!("this scenario has no {key}"),
                some => format!("known are {}", some.join(", ")),
            });
            return wrong(format!("there is no {key} \"{}\"", short(value)), help);
        }
    }
    let topic = metric.label("topic").and_then(|name| subjects.topics.iter().position(|topic| topic == name));
    let Some(text) = metric.label("partition") else {
        // Figures of whole topics are read from the run itself.
        let all = GatePlaces { topic: topic.map(|at| at as u32), partitions: 0..=u32::MAX, each: false };
        return Some((topic.is_some() && !metric.metric.whole_run).then_some(all));
    };
    let most = match topic {
        Some(at) => subjects.partitions.get(at).copied(),
        None => subjects.partitions.iter().copied().max(),
    };
    let last = most.unwrap_or(0).saturating_sub(1);
    let (range, each) = if text == "*" {
        (Some(0..=last), true)
    } else {
        let (first, end) = text.split_once("..").unwrap_or((text, text));
        (first.parse::<u32>().ok().zip(end.parse::<u32>().ok()).map(|(first, end)| first..=end), false)
    };
    match range {
        Some(partitions) if partitions.start() <= partitions.end() && *partitions.end() <= last => {
            if each && partitions.end() - partitions.start() >= limits::EACH_PARTITION {
                let help = format!("at most {} partitions can be gated one by one", limits::EACH_PARTITION);
                return wrong(format!("there are {} partitions", last + 1), help);
            }
            Some(Some(GatePlaces { topic: topic.map(|at| at as u32), partitions, each }))
        }
        _ => wrong(
            format!("there is no partition \"{}\"", short(text)),
            format!(
                "expected a number up to {last}, a range such as 0..{last} (both included), or * for each"
            ),
        ),
    }
}

/// How a fault can be called: its name, or its number from 1.
fn names(at: usize, fault: &Fault) -> impl Iterator<Item = String> {
    fault.name.clone().into_iter().chain([(at + 1).to_string()])
}

/// `during = "10s..30s"`, `"10s.."`, `"fault:NAME"`, `"recovery:NAME"`; an error has been noted.
fn during(section: &mut Section<'_, '_>, subjects: &Subjects<'_>) -> Result<Option<During>, ()> {
    let Some(text) = section.optional_text("during") else { return Ok(None) };
    let fault = |name: &str| {
        let found =
            subjects.faults.iter().enumerate().find(|(at, fault)| names(*at, fault).any(|n| n == name));
        found.map(|(at, _)| at)
    };
    let (found, name) = if let Some(name) = text.strip_prefix("fault:") {
        (fault(name).map(During::Fault), Some(name))
    } else if let Some(name) = text.strip_prefix("recovery:") {
        (fault(name).map(During::Recovery), Some(name))
    } else {
        (time_range(&text), None)
    };
    if let Some(During::Recovery(at)) = found
        && subjects.faults.get(at).is_some_and(|fault| fault.lasts.is_none())
    {
        let help = "give the fault an end: for = \"5s\"";
        section.problem("during", "is the time after a fault that does not end", help);
        return Err(());
    }
    if found.is_some() {
        return Ok(found);
    }
    let message = format!("is \"{}\"", short(&text));
    let help = match name {
        None => "expected \"10s..30s\", \"10s..\", \"fault:NAME\" or \"recovery:NAME\"".to_owned(),
        Some(name) => {
            let known: Vec<String> =
                subjects.faults.iter().enumerate().flat_map(|(at, fault)| names(at, fault)).collect();
            let near = did_you_mean(&nearest(name, known.iter().map(String::as_str)));
            near.unwrap_or_else(|| match known.is_empty() {
                true => "this scenario has no [[fault]]".to_owned(),
                false => format!("faults are called by their `name` or number: {}", known.join(", ")),
            })
        }
    };
    section.problem("during", message, help);
    Err(())
}

/// `10s..30s`, `10s..`, `..30s`.
fn time_range(text: &str) -> Option<During> {
    let (start, end) = text.split_once("..")?;
    let time = |text: &str| Span::parse(text.trim()).ok().map(|span| Time::START + span);
    let start = if start.trim().is_empty() { Time::START } else { time(start)? };
    if end.trim().is_empty() {
        return Some(During::Between(start, None));
    }
    let end = time(end)?;
    (start < end).then_some(During::Between(start, Some(end)))
}

/// `seeds = "worst"`, `"all"`, `"median"`, `"95%"`.
fn seeds(section: &mut Section<'_, '_>) -> OverSeeds {
    let Some(text) = section.optional_text("seeds") else { return OverSeeds::Worst };
    match text.as_str() {
        "worst" | "all" => return OverSeeds::Worst,
        "median" => return OverSeeds::Median,
        _ => {}
    }
    match Permille::parse(&text) {
        Ok(Permille(share)) if (1..=1_000).contains(&share) => OverSeeds::Share(share),
        _ => {
            let help = "expected \"all\" (the worst counts), \"median\", or a share such as \"95%\"";
            section.problem("seeds", format_args!("is \"{}\"", short(&text)), help);
            OverSeeds::Worst
        }
    }
}

/// The client ids of a group: copies have their number behind it.
fn ids(id: &str, count: u32) -> impl Iterator<Item = String> {
    (1..=count).map(move |copy| if copy == 1 { id.to_owned() } else { format!("{id}-{copy}") })
}
