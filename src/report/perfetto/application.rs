//! What the application does with a producer: threads that wait in `send`, records that it would not take, flush, close.

use std::collections::BTreeMap;

use serde_json::json;

use super::events::{Events, Slice, Track};
use crate::producer::BlockedOn;
use crate::recording::Recording;
use crate::values::time::Time;
use crate::world::happening::Event;

/// Tracks of an application's threads, made when they are needed.
struct Threads {
    pid: u32,
    tracks: BTreeMap<u32, Track>,
    /// By thread: since when it waits, and for what.
    waits: BTreeMap<u32, (Time, &'static str)>,
}

/// Draws the application of a producer.
pub fn draw(events: &mut Events, recording: &Recording, pid: u32, client: u32) {
    let mut threads = Threads { pid, tracks: BTreeMap::new(), waits: BTreeMap::new() };
    for part in &recording.parts {
        threads.waits.clear();
        for happening in &part.events {
            threads.follow(events, recording, client, (happening.at, &happening.what));
        }
        let end = part.until.min(recording.result.ended_at);
        for thread in threads.waits.keys().copied().collect::<Vec<u32>>() {
            threads.goes_on(events, end, thread);
        }
    }
    flushes(events, recording, pid, client);
}

impl Threads {
    fn follow(
        &mut self,
        events: &mut Events,
        recording: &Recording,
        client: u32,
        (at, what): (Time, &Event),
    ) {
        match what {
            Event::Blocked { client: its, thread, on } if *its == client => {
                self.goes_on(events, at, *thread);
                let on = match on {
                    BlockedOn::Metadata => "send waits for metadata",
                    BlockedOn::Buffer => "send waits for buffer.memory",
                    BlockedOn::Serializers => "send waits for its serializers",
                };
                self.waits.insert(*thread, (at, on));
            }
            Event::Appended(appended) if self.waits.contains_key(&appended.thread) => {
                let batch = recording.batches.get(&appended.batch);
                if batch.is_some_and(|batch| batch.client == client) {
                    self.goes_on(events, at, appended.thread);
                }
            }
            Event::Refused { client: its, thread, exception } if *its == client => {
                self.goes_on(events, at, *thread);
                let track = self.track(events, *thread);
                let args = json!({ "exception": exception });
                events.instant(at, track, &format!("send throws {exception}"), "error", &args);
            }
            _ => {}
        }
    }

    fn track(&mut self, events: &mut Events, thread: u32) -> Track {
        let pid = self.pid;
        *self.tracks.entry(thread).or_insert_with(|| events.thread(pid, &format!("application {thread}")))
    }

    /// A thread does not wait any more.
    fn goes_on(&mut self, events: &mut Events, at: Time, thread: u32) {
        let Some((from, name)) = self.waits.remove(&thread) else { return };
        let (track, name) = (self.track(events, thread), name.to_owned());
        let args = json!({ "thread": thread });
        events.slice(&Slice { track, from, to: at.max(from), name, category: "blocked", args });
    }
}

/// Times in which some thread waits in `flush`, and the end of it all.
fn flushes(events: &mut Events, recording: &Recording, pid: u32, client: u32) {
    let mut track = None;
    for part in &recording.parts {
        let (mut count, mut since) = (0u32, part.from);
        for happening in &part.events {
            match happening.what {
                Event::Flush { client: its } if its == client => {
                    since = if count == 0 { happening.at } else { since };
                    count += 1;
                }
                // One that began before the part is not drawn.
                Event::FlushEnds { client: its } if its == client && count > 0 => {
                    count -= 1;
                    if count == 0 {
                        let track = *track.get_or_insert_with(|| events.thread(pid, "flush and close"));
                        let (from, to, name) = (since, happening.at, "flush".to_owned());
                        events.slice(&Slice { track, from, to, name, category: "flush", args: json!({}) });
                    }
                }
                Event::Close { client: its } if its == client => {
                    let track = *track.get_or_insert_with(|| events.thread(pid, "flush and close"));
                    events.instant(happening.at, track, "close", "close", &json!({}));
                }
                _ => {}
            }
        }
    }
}
