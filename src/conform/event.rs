//! The vocabulary of a trace.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::values::time::Time;

/// Something that is visible from outside the client.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub(super) enum Event {
    /// Calls of `send` that returned without anything else happening in between.
    Send {
        thread: u32,
        rec: u64,
        partitions: Vec<u32>,
    },
    /// A call of `send` in which something else happens begins.
    SendBegin {
        thread: u32,
        rec: u64,
    },
    /// It ends; `error`: what it throws, or why its future has failed.
    SendEnd {
        thread: u32,
        rec: u64,
        partition: i32,
        error: Option<&'static str>,
    },
    /// A thread starts to wait.
    Blocked {
        thread: u32,
        why: Why,
    },
    /// It goes on.
    Unblocked {
        thread: u32,
        why: Why,
    },
    FlushBegin {
        thread: u32,
    },
    FlushEnd {
        thread: u32,
    },
    CloseBegin {
        thread: u32,
    },
    CloseEnd {
        thread: u32,
    },
    /// The client tries to connect.
    Connect {
        conn: i32,
        node: i32,
    },
    /// The client has seen that it worked.
    Connected {
        conn: i32,
        node: i32,
    },
    /// The client has seen that the connection is gone.
    Disconnected {
        conn: i32,
        node: i32,
    },
    /// The client gives a connection up.
    Close {
        conn: i32,
        node: i32,
    },
    MetadataRequest {
        conn: i32,
        node: i32,
        topics: Vec<String>,
    },
    MetadataResponse {
        conn: i32,
        node: i32,
    },
    InitPidRequest {
        conn: i32,
        node: i32,
    },
    InitPidResponse {
        conn: i32,
        node: i32,
        pid: i64,
        error: Option<&'static str>,
    },
    /// A produce request is written.
    Request {
        req: u64,
        node: i32,
        acks: i16,
        timeout_ms: i64,
        bytes: u64,
        batches: Vec<BatchLine>,
    },
    /// The client has taken its answer.
    Response {
        req: u64,
        node: i32,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        errors: Vec<(String, u32, &'static str)>,
    },
    /// Callbacks of records.
    Complete {
        topic: String,
        partition: i32,
        offset: i64,
        recs: Vec<u64>,
        error: Option<&'static str>,
    },
    /// The run is over.
    End(Box<End>),
}

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Metadata,
    Buffer,
    Flush,
    Sync,
    Close,
    ForceClose,
}

/// A batch of a produce request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct BatchLine {
    pub(super) topic: String,
    pub(super) partition: u32,
    pub(super) records: u32,
    pub(super) size: u32,
    /// Bytes of the records before compression, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw: Option<u64>,
    #[serde(flatten)]
    pub(super) sequence: Option<SequenceLine>,
    pub(super) attempt: u32,
    /// First and last record.
    pub(super) recs: (u64, u64),
}

/// Producer id, epoch and sequence of a batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct SequenceLine {
    pub(super) base_seq: i32,
    pub(super) pid: i64,
    pub(super) epoch: i16,
}

/// Totals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct End {
    #[serde(flatten)]
    pub(super) totals: Totals,
    pub(super) requests: u64,
    /// Next offsets by topic and partition.
    pub(super) log_end: Map<String, Value>,
    pub(super) metrics: Map<String, Value>,
}

/// What became of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    /// Calls of `send`.
    pub(super) records: u64,
    /// Callbacks without exception.
    pub(super) ok: u64,
    /// Callbacks with one.
    pub(super) failed: u64,
    /// Calls that threw.
    pub(super) thrown: u64,
    /// Callbacks of records whose call had thrown.
    pub(super) late: u64,
    /// Records that are still under way.
    pub(super) open: u64,
}

impl Event {
    /// Takes over an event that the trace has on the same line; whether it has been taken.
    pub(super) fn absorb(&mut self, next: &Event) -> bool {
        match (self, next) {
            (
                Event::Send { thread, rec, partitions },
                Event::Send { thread: next_thread, rec: next_rec, partitions: more },
            ) if thread == next_thread && *rec + partitions.len() as u64 == *next_rec => {
                partitions.extend_from_slice(more);
                true
            }
            (
                Event::Complete { topic, partition, offset, recs, error },
                Event::Complete {
                    topic: next_topic,
                    partition: next_partition,
                    offset: next_offset,
                    recs: more,
                    error: next_error,
                },
            ) if (&*partition, &*error, &*topic) == (next_partition, next_error, next_topic)
                && follows(*offset, recs.len(), *next_offset) =>
            {
                recs.extend_from_slice(more);
                true
            }
            _ => false,
        }
    }

    /// As a line of a trace.
    pub(super) fn line(&self, at: Time) -> Value {
        let mut line = Map::new();
        line.insert("t".to_owned(), at.as_millis().into());
        if let Ok(Value::Object(mut fields)) = serde_json::to_value(self) {
            line.append(&mut fields);
        }
        Value::Object(line)
    }
}

/// Whether `next` is the offset behind `count` records; unknown offsets follow unknown ones.
fn follows(offset: i64, count: usize, next: i64) -> bool {
    next == if offset < 0 { -1 } else { offset + count as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(offset: i64, rec: u64, error: Option<&'static str>) -> Event {
        Event::Complete { topic: "a".to_owned(), partition: 0, offset, recs: vec![rec], error }
    }

    #[test]
    fn callbacks_share_a_line_while_their_offsets_go_on() {
        let mut first = complete(4, 0, None);
        assert!(first.absorb(&complete(5, 9, None)));
        assert!(!first.absorb(&complete(7, 1, None)));
        assert!(!first.absorb(&complete(6, 1, Some("TimeoutException"))));
        let mut failed = complete(-1, 0, Some("TimeoutException"));
        assert!(failed.absorb(&complete(-1, 1, Some("TimeoutException"))));
    }

    #[test]
    fn sends_share_a_line_within_a_thread() {
        let send = |thread, rec| Event::Send { thread, rec, partitions: vec![rec as u32] };
        let mut first = send(0, 3);
        assert!(first.absorb(&send(0, 4)) && !first.absorb(&send(0, 6)) && !first.absorb(&send(1, 5)));
        assert_eq!(first, Event::Send { thread: 0, rec: 3, partitions: vec![3, 4] });
    }

    #[test]
    fn lines_have_the_fields_of_the_format() {
        let batch = BatchLine {
            topic: "a".to_owned(),
            partition: 1,
            records: 2,
            size: 90,
            raw: None,
            sequence: Some(SequenceLine { base_seq: 0, pid: 1_000, epoch: 0 }),
            attempt: 0,
            recs: (3, 4),
        };
        let request = Event::Request {
            req: 1,
            node: 2,
            acks: -1,
            timeout_ms: 30_000,
            bytes: 145,
            batches: vec![batch],
        };
        let expected = serde_json::json!({"t": 5, "ev": "request", "req": 1, "node": 2, "acks": -1,
            "timeout_ms": 30000, "bytes": 145, "batches": [{"topic": "a", "partition": 1, "records": 2, "size": 90,
            "base_seq": 0, "pid": 1000, "epoch": 0, "attempt": 0, "recs": [3, 4]}]});
        assert_eq!(request.line(Time::from_millis(5)), expected);
        let answered = Event::Response { req: 1, node: 2, errors: Vec::new() };
        assert_eq!(
            answered.line(Time::START),
            serde_json::json!({"t": 0, "ev": "response", "req": 1, "node": 2})
        );
        let force = Event::Blocked { thread: 0, why: Why::ForceClose };
        assert_eq!(force.line(Time::START)["why"], "force_close");
    }
}
