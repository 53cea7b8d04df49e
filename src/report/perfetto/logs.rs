//! The logs of replicas: a track each, with what is appended, replicated, cut off, and how far the high watermark is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::events::{Events, Track};
use super::names::Names;
use crate::cluster::{Standing, Stored};
use crate::recording::Recording;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;
use crate::world::happening::{Event, Happening};

/// Something that happens to a log.
struct Mark {
    log: (NodeId, TopicPartition),
    at: Time,
    name: String,
    category: &'static str,
    args: Value,
}

/// Draws the logs to which something happens, as tracks of their brokers.
pub fn draw(events: &mut Events, recording: &Recording, names: &Names<'_>, pids: &BTreeMap<NodeId, u32>) {
    let marks = marks(recording);
    let mut tracks: BTreeMap<(NodeId, TopicPartition), Option<Track>> =
        marks.iter().map(|mark| (mark.log, None)).collect();
    for ((node, tp), track) in &mut tracks {
        let name = format!("log {}", names.partition(*tp));
        *track = pids.get(node).map(|pid| events.thread(*pid, &name));
    }
    for Mark { log, at, name, category, args } in &marks {
        if let Some(Some(track)) = tracks.get(log) {
            events.instant(*at, *track, name, category, args);
        }
    }
}

fn marks(recording: &Recording) -> Vec<Mark> {
    let mut marks = Vec::new();
    for part in &recording.parts {
        let mut known: BTreeMap<TopicPartition, Standing> = part.before.standings.iter().cloned().collect();
        for Happening { at, what } in &part.events {
            match what {
                Event::Stored { batch, broker, stored, .. } => {
                    marks.extend(stored_mark(recording, *at, (*batch, *broker), *stored));
                }
                Event::Moved { tp, standing } => {
                    let before = known.insert(*tp, (**standing).clone()).unwrap_or_default();
                    moved(&mut marks, (*at, *tp), &before, standing);
                }
                _ => {}
            }
        }
    }
    marks
}

fn stored_mark(
    recording: &Recording,
    at: Time,
    (batch, broker): (u32, NodeId),
    stored: Stored,
) -> Option<Mark> {
    let story = recording.batches.get(&batch)?;
    let (name, category) = match stored {
        Stored::Appended(offset) => (format!("append at {offset}"), "append"),
        Stored::Duplicate(offset) => (format!("duplicate of {offset}"), "duplicate"),
        Stored::Rejected(error) => (format!("rejects: {}", error.name()), "error"),
    };
    let args = json!({ "batch": batch, "records": story.records.len() });
    Some(Mark { log: (broker, story.tp), at, name, category, args })
}

/// What a partition's replicas have now.
fn moved(marks: &mut Vec<Mark>, (at, tp): (Time, TopicPartition), before: &Standing, now: &Standing) {
    for replica in now.replicas.iter().filter(|replica| Some(replica.broker) != now.leader) {
        let earlier = before.replicas.iter().find(|one| one.broker == replica.broker);
        let earlier = earlier.map_or(0, |one| one.log_end);
        let name = match replica.log_end {
            end if end > earlier => format!("replicated to {end}"),
            end if end < earlier => format!("truncated to {end}"),
            _ => continue,
        };
        let args = json!({ "log_end": replica.log_end });
        marks.push(Mark { log: (replica.broker, tp), at, name, category: "replica", args });
    }
    if let Some(leader) = now.leader
        && now.high_watermark != before.high_watermark
    {
        let name = format!("high watermark {}", now.high_watermark);
        let args = json!({ "high_watermark": now.high_watermark });
        marks.push(Mark { log: (leader, tp), at, name, category: "high-watermark", args });
    }
}
