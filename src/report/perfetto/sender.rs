//! What a producer's sender thread does and hears: requests, retries, errors, connections, metadata, producer ids.

use serde_json::{Value, json};

use super::events::Events;
use crate::recording::Recording;
use crate::world::happening::{Ending, Event, Link};

/// Draws the sender of a producer.
pub fn draw(events: &mut Events, recording: &Recording, pid: u32, client: u32) {
    let track = events.thread(pid, "sender");
    for happening in recording.events() {
        if let Some((name, category, args)) = told(recording, client, &happening.what) {
            events.instant(happening.at, track, &name, category, &args);
        }
    }
}

fn told(recording: &Recording, client: u32, event: &Event) -> Option<(String, &'static str, Value)> {
    let is_mine = |batch: &u32| recording.batches.get(batch).is_some_and(|story| story.client == client);
    let told = match event {
        Event::Requested { request, client: its, node, bytes } if *its == client => {
            let args = json!({ "request": request, "broker": node.0, "bytes": bytes });
            ("writes a request".to_owned(), "write", args)
        }
        Event::Retried { batch, error } if is_mine(batch) => {
            (format!("retry after {error}"), "retry", json!({ "batch": batch, "error": error }))
        }
        Event::Ended { batch, ending: Ending::Failed { exception, may_be_logged } } if is_mine(batch) => {
            let args = json!({ "batch": batch, "exception": exception, "may_be_in_the_log": may_be_logged });
            (format!("batch fails: {exception}"), "error", args)
        }
        Event::Split { batch, child, records, .. } if is_mine(batch) => {
            let args = json!({ "batch": batch, "part": child, "records": records });
            ("splits a batch".to_owned(), "split", args)
        }
        Event::Connection { client: its, node, link } if *its == client => {
            let word = match link {
                Link::Connecting => "connects to",
                Link::Connected => "is connected to",
                Link::Disconnected => "has no connection to",
            };
            let to = if node.0 < 0 { "a bootstrap address".to_owned() } else { format!("broker {node}") };
            (format!("{word} {to}"), "connection", json!({ "node": node.0 }))
        }
        Event::Metadata { client: its } if *its == client => {
            ("takes metadata".to_owned(), "metadata", json!({}))
        }
        Event::ProducerId { client: its, id } if *its == client => {
            ("takes a producer id".to_owned(), "producer-id", json!({ "producer_id": id }))
        }
        _ => return None,
    };
    Some(told)
}
