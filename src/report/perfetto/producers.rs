//! A producer as a process: what its sender hears and does, its application threads, its accumulator, what is in flight.

use std::collections::BTreeMap;

use serde_json::json;

use super::events::{Events, FlowPoint, Slice, Track};
use super::names::Names;
use super::stays::{self, Stay};
use super::{application, flight, lanes, sender};
use crate::recording::Recording;

/// Where the slices of the producers are, for arrows.
#[derive(Debug, Default)]
pub struct Places {
    /// By batch and request: where the batch waited before it left with it.
    pub stays: BTreeMap<(u32, u32), FlowPoint>,
    /// By request: its slice.
    pub flights: BTreeMap<u32, Slice>,
}

/// Draws all producers. Gives the process of each, and where things are.
pub fn draw(events: &mut Events, recording: &Recording, names: &Names<'_>) -> (Vec<u32>, Places) {
    let mut places = Places::default();
    let pids = (0..names.clients())
        .map(|client| {
            let pid = events.process(&format!("producer {}", names.client(client)));
            sender::draw(events, recording, pid, client);
            application::draw(events, recording, pid, client);
            accumulator(events, recording, names, (pid, client), &mut places);
            flight::draw(events, recording, (pid, client), &mut places);
            pid
        })
        .collect();
    (pids, places)
}

/// A track for each partition, and more where batches overlap.
fn accumulator(
    events: &mut Events,
    recording: &Recording,
    names: &Names<'_>,
    (pid, client): (u32, u32),
    places: &mut Places,
) {
    for (tp, stays) in stays::of_client(recording, client) {
        let lanes = lanes::lanes(stays.iter().map(|stay| (stay.from, stay.to)));
        let partition = names.partition(tp);
        let tracks: Vec<Track> = (0..lanes::count(&lanes))
            .map(|lane| events.thread(pid, &lanes::name(&format!("accumulator {partition}"), lane)))
            .collect();
        for (stay, lane) in stays.iter().zip(lanes) {
            draw_stay(events, stay, tracks[lane], places);
        }
    }
}

fn draw_stay(events: &mut Events, stay: &Stay<'_>, track: Track, places: &mut Places) {
    let (from, to) = (stay.from, stay.to);
    events.slice(&Slice { track, from, to, name: stay.name(), category: "batch", args: stay.args() });
    if let Some(attempt) = stay.attempt {
        places.stays.insert((stay.batch.number, attempt.request), FlowPoint { track, at: from });
    }
    // When it became ready, if that was not when it left.
    if let Some((ready, reason)) = stay.batch.ready
        && from <= ready
        && ready < to
    {
        let args = json!({ "batch": stay.batch.number });
        events.instant(ready, track, &format!("ready by {}", reason.code()), "ready", &args);
    }
}
