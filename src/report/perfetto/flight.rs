//! Requests in flight: a track for each slot of a connection, so that requests on their way together never share one.

use std::collections::BTreeMap;

use serde_json::json;

use super::events::{Events, Slice, Track};
use super::lanes;
use super::producers::Places;
use crate::recording::Recording;
use crate::recording::stages::Stage;
use crate::recording::story::RequestStory;
use crate::values::ids::NodeId;
use crate::values::time::Time;

/// Draws the requests of a producer.
pub fn draw(events: &mut Events, recording: &Recording, (pid, client): (u32, u32), places: &mut Places) {
    let mut by_node: BTreeMap<NodeId, Vec<&RequestStory>> = BTreeMap::new();
    for request in recording.requests.values().filter(|request| request.client == client) {
        by_node.entry(request.node).or_default().push(request);
    }
    for (node, mut requests) in by_node {
        requests.sort_by_key(|request| (request.sent, request.number));
        let end = recording.result.ended_at;
        let lanes = lanes::lanes(requests.iter().map(|request| (request.sent, done(request, end))));
        let tracks: Vec<Track> = (0..lanes::count(&lanes))
            .map(|lane| events.thread(pid, &lanes::name(&format!("in flight to broker {node}"), lane)))
            .collect();
        for (request, lane) in requests.into_iter().zip(lanes) {
            let track = tracks[lane];
            let (from, to) = (request.sent, done(request, end));
            let args = json!({
                "request": request.number,
                "broker": node.0,
                "bytes": request.bytes,
                "batches": request.batches.len(),
                "answered": request.response.is_some(),
            });
            let name = format!("request {}", request.number);
            let slice = Slice { track, from, to, name, category: "request", args };
            events.slice(&slice);
            inside(events, recording, request, &slice);
            places.flights.insert(request.number, slice);
        }
    }
}

/// When a request is over. One that wants no answer is done as it is written, and then on its way to the broker.
fn done(request: &RequestStory, end: Time) -> Time {
    match request.done.filter(|at| *at > request.sent) {
        Some(at) => at,
        None => request.response.or(request.arrived).or(request.done).unwrap_or(end).max(request.sent),
    }
}

/// Where the request was meanwhile, as far as it is known.
fn inside(events: &mut Events, recording: &Recording, request: &RequestStory, whole: &Slice) {
    let ways = [
        (Stage::ToBroker, request.arrived),
        (Stage::Broker, last_stored(recording, request)),
        (Stage::Replication, request.answered),
        (Stage::ToClient, request.response),
        (Stage::Sender, request.response.and(request.done)),
    ];
    let mut from = request.sent;
    for (stage, to) in ways {
        let Some(to) = to.map(|to| to.min(whole.to)).filter(|to| *to > from) else { continue };
        events.inner(&Slice {
            track: whole.track,
            from,
            to,
            name: stage.words().to_owned(),
            category: "stage",
            args: json!({ "request": request.number, "stage": stage.code() }),
        });
        from = to;
    }
}

/// When the leaders had looked at all batches of a request that they have looked at.
pub fn last_stored(recording: &Recording, request: &RequestStory) -> Option<Time> {
    let batches = request.batches.iter().filter_map(|number| recording.batches.get(number));
    let attempts = batches.flat_map(|batch| &batch.attempts).filter(|one| one.request == request.number);
    attempts.filter_map(|attempt| Some(attempt.stored?.0)).max()
}
