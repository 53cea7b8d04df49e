//! The events of a trace as they are collected and written: in order of their times, times in µs with three decimals.

use serde_json::Value;

use crate::values::time::Time;

/// A line of a trace: a thread of a process, as the format has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// The process.
    pub pid: u32,
    /// The thread; no other process has one with this number.
    pub tid: u32,
}

/// What begins at the same time: a slice, arrows from and to it, the slices inside it, and then what has no length. An
/// arrow belongs to the slice that was begun last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Slice,
    Flow,
    Inner,
    Instant,
    Counter,
}

/// A place of an arrow from slice to slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowPoint {
    /// Where.
    pub track: Track,
    /// When: within a slice there.
    pub at: Time,
}

/// A slice: something that takes time.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Where.
    pub track: Track,
    /// When it begins.
    pub from: Time,
    /// When it ends, not earlier.
    pub to: Time,
    /// What it is.
    pub name: String,
    /// The kind of thing, which queries select by.
    pub category: &'static str,
    /// More of it: an object.
    pub args: Value,
}

impl Slice {
    /// Whether a time is in it, its ends included.
    pub fn has(&self, at: Time) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// Events of a trace.
#[derive(Debug, Default)]
pub struct Events {
    /// Names of processes and threads.
    names: Vec<String>,
    timed: Vec<(Time, Rank, String)>,
    ids: u32,
    flows: u32,
}

/// Microseconds with exactly three decimals.
fn micros(ns: u64) -> String {
    format!("{}.{:03}", ns / 1_000, ns % 1_000)
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Events {
    /// A process, below those before it.
    pub fn process(&mut self, name: &str) -> u32 {
        self.ids += 1;
        let pid = self.ids;
        self.name("process_name", pid, pid, "name", &quoted(name));
        self.name("process_sort_index", pid, pid, "sort_index", &pid.to_string());
        pid
    }

    /// A thread of a process, below those before it.
    pub fn thread(&mut self, pid: u32, name: &str) -> Track {
        self.ids += 1;
        let tid = self.ids;
        self.name("thread_name", pid, tid, "name", &quoted(name));
        self.name("thread_sort_index", pid, tid, "sort_index", &tid.to_string());
        Track { pid, tid }
    }

    fn name(&mut self, what: &str, pid: u32, tid: u32, key: &str, value: &str) {
        self.names.push(format!(
            r#"{{"name":"{what}","ph":"M","pid":{pid},"tid":{tid},"args":{{"{key}":{value}}}}}"#
        ));
    }

    /// A slice that no other one of its track overlaps.
    pub fn slice(&mut self, slice: &Slice) {
        self.complete(Rank::Slice, slice);
    }

    /// A slice within another one of its track.
    pub fn inner(&mut self, slice: &Slice) {
        self.complete(Rank::Inner, slice);
    }

    fn complete(&mut self, rank: Rank, slice: &Slice) {
        let Slice { track: Track { pid, tid }, from, to, name, category, args } = slice;
        let (name, ts, dur) = (quoted(name), micros(from.0), micros((*to - *from).0));
        let text = format!(
            r#"{{"name":{name},"cat":"{category}","ph":"X","ts":{ts},"dur":{dur},"pid":{pid},"tid":{tid},"args":{args}}}"#
        );
        self.timed.push((*from, rank, text));
    }

    /// Something on a track that takes no time.
    pub fn instant(&mut self, at: Time, track: Track, name: &str, category: &str, args: &Value) {
        self.mark(at, track, (name, category, 't'), args);
    }

    /// Something that concerns everybody: a line through all tracks.
    pub fn instant_for_all(&mut self, at: Time, track: Track, name: &str, category: &str, args: &Value) {
        self.mark(at, track, (name, category, 'g'), args);
    }

    fn mark(&mut self, at: Time, track: Track, (name, category, scope): (&str, &str, char), args: &Value) {
        let (Track { pid, tid }, name, ts) = (track, quoted(name), micros(at.0));
        let text = format!(
            r#"{{"name":{name},"cat":"{category}","ph":"i","s":"{scope}","ts":{ts},"pid":{pid},"tid":{tid},"args":{args}}}"#
        );
        self.timed.push((at, Rank::Instant, text));
    }

    /// A figure of a process has this value from now on.
    pub fn counter(&mut self, at: Time, pid: u32, name: &str, unit: &str, value: u64) {
        let (name, ts) = (quoted(name), micros(at.0));
        let text = format!(r#"{{"name":{name},"ph":"C","ts":{ts},"pid":{pid},"args":{{"{unit}":{value}}}}}"#);
        self.timed.push((at, Rank::Counter, text));
    }

    /// Arrows from each point to the next one; nothing if there are fewer than two.
    pub fn flow(&mut self, name: &str, points: &[FlowPoint]) {
        if points.len() < 2 {
            return;
        }
        self.flows += 1;
        for (place, FlowPoint { track: Track { pid, tid }, at }) in points.iter().enumerate() {
            let phase = match place {
                0 => r#""s""#,
                _ if place + 1 == points.len() => r#""f","bp":"e""#,
                _ => r#""t""#,
            };
            let (id, ts) = (self.flows, micros(at.0));
            let text = format!(
                r#"{{"name":"{name}","cat":"flow","ph":{phase},"id":{id},"ts":{ts},"pid":{pid},"tid":{tid}}}"#
            );
            self.timed.push((*at, Rank::Flow, text));
        }
    }

    /// The trace: an object, an event a line.
    pub fn finish(mut self, metadata: &Value) -> String {
        self.timed.sort_by_key(|(at, rank, _)| (*at, *rank));
        let lines = self.names.into_iter().chain(self.timed.into_iter().map(|(.., text)| text));
        let mut text = String::from("{\"traceEvents\":[");
        for (place, line) in lines.enumerate() {
            text.push_str(if place == 0 { "\n" } else { ",\n" });
            text.push_str(&line);
        }
        text + &format!("\n],\n\"displayTimeUnit\":\"ms\",\n\"metadata\":{metadata}}}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_have_three_decimals_and_names_are_escaped() {
        let mut events = Events::default();
        let pid = events.process("a \"b\"\n");
        let track = events.thread(pid, "lane");
        let slice = |from, to| Slice {
            track,
            from: Time(from),
            to: Time(to),
            name: "x".to_owned(),
            category: "batch",
            args: json!({ "n": 1 }),
        };
        events.counter(Time(1_000_001), pid, "buffer", "bytes", 7);
        events.inner(&slice(1_000_001, 1_000_002));
        events.slice(&slice(1_000_001, 2_000_000));
        events.flow("f", &[FlowPoint { track, at: Time(1_000_001) }]);
        let text = events.finish(&json!({}));
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["traceEvents"][0]["args"]["name"], "a \"b\"\n");
        let phases: Vec<&str> =
            (4..7).map(|at| value["traceEvents"][at]["ph"].as_str().expect("one")).collect();
        assert_eq!(phases, ["X", "X", "C"], "a single point is no arrow");
        assert!(text.contains("\"ts\":1000.001,\"dur\":999.999"), "the outer slice comes first: {text}");
    }
}
