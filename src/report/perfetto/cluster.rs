//! What concerns the whole cluster as a process of its own: faults, and what the controller decides.

use std::collections::BTreeMap;

use serde_json::json;

use super::events::{Events, Slice, Track};
use super::lanes;
use super::names::Names;
use crate::recording::Recording;
use crate::recording::totals::Change;
use crate::report::fault_spans::fault_spans;
use crate::values::ids::TopicPartition;

/// Draws faults and decisions. Gives the process.
pub fn draw(events: &mut Events, recording: &Recording, names: &Names<'_>) -> u32 {
    let pid = events.process("cluster");
    faults(events, recording, names, pid);
    let track = events.thread(pid, "controller");
    let mut known: BTreeMap<TopicPartition, &Change> = BTreeMap::new();
    for change in &recording.totals.changes {
        events.counter(
            change.at,
            pid,
            &format!("in-sync replicas {}", names.partition(change.tp)),
            "replicas",
            change.in_sync.len() as u64,
        );
        // How everything stood at the beginning is no news.
        if let Some(before) = known.insert(change.tp, change) {
            decided(events, names, track, before, change);
        }
    }
    pid
}

fn faults(events: &mut Events, recording: &Recording, names: &Names<'_>, pid: u32) {
    let spans = fault_spans(names.0, &recording.result);
    let end = recording.result.ended_at;
    let until = |span: &crate::report::fault_spans::FaultSpan| span.until.unwrap_or(span.from).min(end);
    let lanes = lanes::lanes(spans.iter().map(|span| (span.from, until(span))));
    let tracks: Vec<Track> =
        (0..lanes::count(&lanes)).map(|lane| events.thread(pid, &lanes::name("faults", lane))).collect();
    for (span, lane) in spans.iter().zip(lanes) {
        let (from, track, name) = (span.from, tracks[lane], span.name.clone());
        let args = json!({ "fault": span.said, "is_undone": span.until.is_some() });
        events.instant_for_all(from, track, &format!("fault: {name}"), "fault", &args);
        events.slice(&Slice { track, from, to: until(span), name, category: "fault", args });
    }
}

fn decided(events: &mut Events, names: &Names<'_>, track: Track, before: &Change, now: &Change) {
    let partition = names.partition(now.tp);
    let args = json!({
        "partition": partition,
        "leader": now.leader.map(|node| node.0),
        "in_sync": now.in_sync.iter().map(|node| node.0).collect::<Vec<_>>(),
    });
    if before.leader != now.leader {
        let name = match now.leader {
            Some(leader) => format!("{partition}: broker {leader} leads"),
            None => format!("{partition}: nobody leads"),
        };
        events.instant(now.at, track, &name, "election", &args);
    }
    if before.in_sync != now.in_sync {
        let nodes: Vec<String> = now.in_sync.iter().map(ToString::to_string).collect();
        events.instant(now.at, track, &format!("{partition}: in sync {}", nodes.join(", ")), "isr", &args);
    }
}
