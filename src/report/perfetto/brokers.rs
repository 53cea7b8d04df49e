//! A broker as a process: the requests that it has, from their arrival to their answers.

use std::collections::BTreeMap;

use serde_json::json;

use super::events::{Events, Slice, Track};
use super::flight::last_stored;
use super::lanes;
use super::names::Names;
use crate::recording::Recording;
use crate::recording::story::RequestStory;
use crate::values::ids::NodeId;
use crate::values::time::Time;

/// The brokers as they are drawn.
#[derive(Debug, Default)]
pub struct Brokers {
    /// Their processes.
    pub pids: BTreeMap<NodeId, u32>,
    /// By request: its slice.
    pub handled: BTreeMap<u32, Slice>,
}

/// Draws all brokers.
pub fn draw(events: &mut Events, recording: &Recording, names: &Names<'_>) -> Brokers {
    let mut brokers = Brokers::default();
    for broker in &names.0.cluster.brokers {
        let rack = broker.rack.as_ref().map_or_else(String::new, |rack| format!(" in {rack}"));
        let pid = events.process(&format!("broker {}{rack}", broker.node));
        brokers.pids.insert(broker.node, pid);
        requests(events, recording, names, (pid, broker.node), &mut brokers.handled);
    }
    brokers
}

fn requests(
    events: &mut Events,
    recording: &Recording,
    names: &Names<'_>,
    (pid, node): (u32, NodeId),
    handled: &mut BTreeMap<u32, Slice>,
) {
    let mut here: Vec<(Time, Time, &RequestStory)> = recording
        .requests
        .values()
        .filter(|request| request.node == node)
        .filter_map(|request| {
            let from = request.arrived?;
            // Without an answer all that is known is what the leaders did.
            let to = request.answered.or_else(|| last_stored(recording, request)).unwrap_or(from);
            Some((from, to.max(from), request))
        })
        .collect();
    here.sort_by_key(|(from, _, request)| (*from, request.number));
    let lanes = lanes::lanes(here.iter().map(|(from, to, _)| (*from, *to)));
    let tracks: Vec<Track> =
        (0..lanes::count(&lanes)).map(|lane| events.thread(pid, &lanes::name("requests", lane))).collect();
    for ((from, to, request), lane) in here.into_iter().zip(lanes) {
        let args = json!({
            "request": request.number,
            "producer": names.client(request.client),
            "bytes": request.bytes,
            "batches": request.batches.len(),
            "answered": request.answered.is_some(),
        });
        let name = format!("produce {}", request.number);
        let slice = Slice { track: tracks[lane], from, to, name, category: "handling", args };
        events.slice(&slice);
        handled.insert(request.number, slice);
    }
}
