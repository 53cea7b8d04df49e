//! Everything that the page's script needs of a run, as one JSON value.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::PageRun;
use super::columns::{self, Errors};
use crate::cluster::Standing;
use crate::producer::{HeldBack, Reason};
use crate::recording::focus;
use crate::recording::series::Bin;
use crate::recording::stages::Stage;
use crate::recording::step::Kind;
use crate::recording::story::BatchStory;
use crate::recording::{Part, Recording};
use crate::report::fault_spans::fault_results;
use crate::report::lesson::TourStep;
use crate::scenario::Scenario;
use crate::scenario::fault::Fault;
use crate::values::ids::{TopicId, TopicPartition};
use crate::values::time::Time;
use crate::world::MODEL_VERSION;
use crate::world::happening::{Event, Link};
use crate::world::observe::client_id;
use crate::world::result::FaultResult;

/// The data of one run.
pub(super) fn of(run: &PageRun<'_>) -> Value {
    let PageRun { scenario, recording, command, name, .. } = run;
    let steps = recording.steps();
    let mut errors = Errors(steps.errors);
    let (batches, attempts) =
        (columns::batches(recording, &mut errors), columns::attempts(recording, &mut errors));
    let parts = recording.parts.iter().zip(&steps.parts);
    json!({
        "meta": {
            "name": name,
            "title": scenario.title,
            "seed": scenario.seed,
            "digest": format!("{:016x}", recording.result.digest),
            "model": MODEL_VERSION,
            "ended": recording.result.ended_at.0,
            "whole": recording.is_whole(),
            "happenings": recording.happenings,
            "kept": recording.events().count(),
            "rule": focus::RULE,
            "command": command,
            "changesLeftOut": recording.totals.changes_left_out,
        },
        "clients": clients(scenario),
        "brokers": scenario.cluster.brokers.iter().map(|broker| json!({
            "id": broker.node.0,
            "rack": broker.rack,
        })).collect::<Vec<_>>(),
        "partitions": partitions(scenario),
        "faults": faults(run),
        "kinds": Kind::ALL.map(Kind::word).to_vec(),
        "reasons": Reason::ALL.map(Reason::code),
        "helds": HeldBack::ALL.map(HeldBack::code),
        "stages": Stage::ALL.map(|stage| [stage.code(), stage.words()]),
        "batches": batches,
        "attempts": attempts,
        "requests": columns::requests(recording),
        "records": columns::records(recording),
        "parts": parts.map(|(part, steps)| json!({
            "from": part.from.0,
            "until": part.until.min(Time(recording.result.ended_at.0 + 1)).0,
            "scene": scene(recording, part),
            "steps": columns::steps(recording, steps),
        })).collect::<Vec<_>>(),
        "errors": errors.0,
        "series": series(run),
        "changes": changes(recording),
        "lessons": run.tour.steps.iter().map(|step| lesson(run, step)).collect::<Vec<_>>(),
    })
}

fn clients(scenario: &Scenario) -> Vec<Value> {
    let groups = scenario.producers.iter();
    let of = groups.flat_map(|group| std::iter::repeat_n(&group.config, group.count as usize));
    of.zip(0..)
        .map(|(config, client)| {
            json!({
                "id": client_id(scenario, client),
                "linger": config.linger_ms,
                "inFlight": config.max_in_flight,
                "buffer": config.buffer_memory,
            })
        })
        .collect()
}

/// In the order of [`crate::recording::totals::Totals::place`].
fn all_partitions(scenario: &Scenario) -> impl Iterator<Item = TopicPartition> {
    scenario.cluster.topics.iter().zip(0..).flat_map(|(topic, id)| {
        (0..topic.assignment.len() as u32).map(move |partition| TopicPartition::new(TopicId(id), partition))
    })
}

fn partitions(scenario: &Scenario) -> Vec<Value> {
    let of = |tp: TopicPartition| {
        let topic = &scenario.cluster.topics[tp.topic.index()];
        let replicas = &topic.assignment[tp.partition as usize];
        json!({
            "topic": topic.name,
            "partition": tp.partition,
            "replicas": replicas.iter().map(|node| node.0).collect::<Vec<_>>(),
        })
    };
    all_partitions(scenario).map(of).collect()
}

/// The scenario's faults in its order, by which steps call them; -1: one that did not happen, or is not undone.
fn faults(run: &PageRun<'_>) -> Vec<Value> {
    let results = fault_results(run.scenario, &run.recording.result);
    let of = |(fault, happened): (&Fault, Option<&FaultResult>)| {
        let happened = happened.filter(|happened| happened.at <= run.recording.result.ended_at);
        let until = happened.and_then(|happened| Some(happened.at + fault.lasts?));
        json!({
            "at": happened.map_or(-1, |happened| happened.at.0 as i64),
            "until": until.map_or(-1, |until| until.0 as i64),
            "said": fault.said,
            "node": happened.and_then(|happened| happened.node).map_or(0, |node| node.0),
        })
    };
    run.scenario.faults.iter().zip(results).map(of).collect()
}

/// What is under way when a part begins. How partitions stand at the very start comes with its first happenings.
fn scene(recording: &Recording, part: &Part) -> Value {
    let mut standings: Vec<(TopicPartition, &Standing)> =
        part.before.standings.iter().map(|(tp, standing)| (*tp, standing)).collect();
    let mut known: BTreeSet<TopicPartition> = standings.iter().map(|(tp, _)| *tp).collect();
    for event in &part.events {
        if let Event::Moved { tp, standing } = &event.what
            && known.insert(*tp)
        {
            standings.push((*tp, standing));
        }
    }
    let partition = |(tp, standing): &(TopicPartition, &Standing)| {
        json!([
            recording.totals.place(*tp),
            standing.leader.map_or(0, |node| node.0),
            standing.epoch,
            standing.high_watermark,
            standing.in_sync(),
            standing.replicas.iter().map(|replica| replica.log_end).collect::<Vec<_>>(),
        ])
    };
    let batch = |batch: &BatchStory| {
        let in_flight = batch.attempts.last().is_some_and(|attempt| attempt.failed.is_none());
        let place = i32::from(in_flight);
        json!([batch.number, place, batch.records.len(), batch.estimated, batch.attempts.len()])
    };
    let requests = part.before.requests.iter().map(|request| {
        let place = match (request.arrived, request.answered, request.response) {
            (_, _, Some(_)) => 3,
            (_, Some(_), _) => 2,
            (Some(_), ..) => 1,
            _ => 0,
        };
        json!([request.number, place])
    });
    json!({
        "partitions": standings.iter().map(partition).collect::<Vec<_>>(),
        "batches": part.before.batches.iter().map(batch).collect::<Vec<_>>(),
        "requests": requests.collect::<Vec<_>>(),
        "links": part.before.links.iter().map(|(client, node, link)| json!([client, node, match link {
            Link::Connecting => "connecting",
            Link::Connected => "up",
            Link::Disconnected => "down",
        }])).collect::<Vec<_>>(),
        "closed": part.before.closed,
    })
}

fn series(run: &PageRun<'_>) -> Value {
    let series = &run.recording.totals.series;
    let of = |get: &dyn Fn(&Bin) -> i64| series.bins().iter().map(get).collect::<Vec<i64>>();
    let latency = |permille| of(&|bin| bin.latency_ns(permille).map_or(-1, |ns| ns as i64));
    let reasons: Vec<Vec<i64>> = (0..6).map(|place| of(&|bin| bin.reasons[place] as i64)).collect();
    let count = all_partitions(run.scenario).count();
    let partition = |place| of(&|bin: &Bin| bin.partitions.get(place).copied().unwrap_or(0) as i64);
    json!({
        "width": series.width().0,
        "events": of(&|bin| bin.events as i64),
        "appended": of(&|bin| bin.appended as i64),
        "acked": of(&|bin| bin.acked as i64),
        "failed": of(&|bin| bin.failed as i64),
        "reasons": reasons,
        "fill": of(&|bin| bin.fill_permille.checked_div(bin.batches()).map_or(-1, |fill| fill as i64)),
        "buffer": of(&|bin| bin.buffer as i64),
        "inFlight": of(&|bin| bin.in_flight as i64),
        "p50": latency(500),
        "p99": latency(990),
        "max": latency(1000),
        // A heat map of more would be grey.
        "partitions": if count <= 128 { (0..count).map(partition).collect() } else { Vec::new() },
    })
}

fn changes(recording: &Recording) -> Vec<Value> {
    let of = |change: &crate::recording::totals::Change| {
        json!({
            "at": change.at.0,
            "partition": recording.totals.place(change.tp),
            "leader": change.leader.map(|node| node.0),
            "inSync": change.in_sync.iter().map(|node| node.0).collect::<Vec<_>>(),
        })
    };
    recording.totals.changes.iter().map(of).collect()
}

/// A step of a lesson, in English and, under names with the language behind them, in others.
fn lesson(run: &PageRun<'_>, step: &TourStep) -> Value {
    let mut value = json!({
        "id": step.id,
        "at": step.at.0,
        "index": step.index,
        "highlight": step.highlight.as_ref().map(|name| entity(run, name)),
        "answer": step.answer,
        "right": step.right.map_or(-1, |right| right as i64),
    });
    let english = [(String::new(), &step.words)];
    let others = step.translations.iter().map(|(language, words)| (format!("_{language}"), words));
    for (suffix, words) in english.into_iter().chain(others) {
        value[format!("title{suffix}")] = json!(words.title);
        value[format!("text{suffix}")] = json!(words.text);
        value[format!("question{suffix}")] = json!(words.question);
        value[format!("choices{suffix}")] = json!(words.choices);
        value[format!("why{suffix}")] = json!(words.why);
    }
    value
}

/// What the page calls a thing that a lesson points at: `batch-3`, `partition-7`.
fn entity(run: &PageRun<'_>, name: &str) -> String {
    let Some(partition) = name.strip_prefix("partition ") else { return name.replace(' ', "-") };
    let is_it = |tp: &TopicPartition| {
        let topic = &run.scenario.cluster.topics[tp.topic.index()].name;
        format!("{topic}-{}", tp.partition) == partition
    };
    let place = all_partitions(run.scenario).position(|tp| is_it(&tp)).unwrap_or(0);
    format!("partition-{place}")
}
