//! A recorded run as a trace in the JSON format that ui.perfetto.dev opens.
//!
//! Every producer, every broker and the cluster are processes; what overlaps is on tracks of its own. Arrows lead from a
//! batch to its request, the leader's append, and the answer.

mod application;
mod brokers;
mod cluster;
mod counters;
mod events;
mod flight;
mod lanes;
mod logs;
mod names;
mod producers;
mod sender;
mod stays;

use serde_json::{Value, json};

use self::brokers::Brokers;
use self::events::{Events, FlowPoint};
use self::names::Names;
use self::producers::Places;
use crate::recording::story::{Attempt, BatchStory};
use crate::recording::{Recording, focus};
use crate::scenario::Scenario;
use crate::world::MODEL_VERSION;

/// Happenings that a trace has in detail unless more are asked for: more make the viewer slow.
pub const MOST_HAPPENINGS: u64 = 200_000;

/// The trace: one JSON object, the same bytes for the same run.
pub fn trace(scenario: &Scenario, recording: &Recording) -> String {
    let names = Names(scenario);
    let mut events = Events::default();
    let cluster = cluster::draw(&mut events, recording, &names);
    let (pids, places) = producers::draw(&mut events, recording, &names);
    let brokers = brokers::draw(&mut events, recording, &names);
    logs::draw(&mut events, recording, &names, &brokers.pids);
    counters::draw(&mut events, recording, &names, &pids, cluster);
    for batch in recording.batches.values() {
        for attempt in &batch.attempts {
            events.flow("batch", &way(recording, (batch, attempt), &places, &brokers));
        }
    }
    events.finish(&metadata(scenario, recording))
}

/// Where a batch goes in one transmission, as far as it is drawn: its wait, its request, the append, the answer.
fn way(
    recording: &Recording,
    (batch, attempt): (&BatchStory, &Attempt),
    places: &Places,
    brokers: &Brokers,
) -> Vec<FlowPoint> {
    let Some(stay) = places.stays.get(&(batch.number, attempt.request)) else { return Vec::new() };
    let Some(flight) = places.flights.get(&attempt.request) else { return Vec::new() };
    let mut way = vec![*stay, FlowPoint { track: flight.track, at: flight.from }];
    let handling = brokers.handled.get(&attempt.request);
    if let (Some((at, _)), Some(handling)) = (attempt.stored, handling)
        && handling.has(at)
    {
        way.push(FlowPoint { track: handling.track, at });
    }
    let answer = recording.requests.get(&attempt.request).and_then(|request| request.response);
    // A client that has given up is not there any more when the answer comes.
    way.extend(answer.filter(|at| flight.has(*at)).map(|at| FlowPoint { track: flight.track, at }));
    way
}

fn metadata(scenario: &Scenario, recording: &Recording) -> Value {
    let kept = recording.events().count() as u64;
    json!({
        "made-by": "lingersim",
        "scenario": scenario.name,
        "title": scenario.title,
        "seed": scenario.seed,
        "digest": format!("{:016x}", recording.result.digest),
        "model-version": MODEL_VERSION,
        "happenings": recording.happenings,
        "happenings-left-out": recording.happenings - kept,
        "what-is-left-out": if recording.is_whole() { "nothing" } else { focus::RULE },
        "leader-and-isr-changes-left-out": recording.totals.changes_left_out,
    })
}
