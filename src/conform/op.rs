//! What an application thread does, and the records that it sends.

use std::borrow::Cow;

use super::fill::{self, Fill};
use super::raw::{OneOrMany, RawOp, RawSend};
use super::script::{MAX_MS, TopicNames, span, time};
use crate::protocol::record::{Key, Record, TailId};
use crate::protocol::size;
use crate::values::ids::TopicId;
use crate::values::time::{Span, Time};
use crate::wire::record;

/// Longer keys than this are not filled in.
const MAX_KEY_LEN: u32 = 1 << 20;

/// Java's arrays, and so keys, values and headers, are shorter.
const MAX_LEN: u32 = i32::MAX as u32 - 1_024;

/// One entry of a thread's list.
#[derive(Clone, Debug)]
pub(super) struct Op {
    at: Time,
    /// Between repetitions.
    every: Span,
    /// Repetitions.
    pub(super) count: u64,
    /// What is done.
    pub(super) action: Action,
}

/// What a thread can do.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// `send`; `wait`: and wait for the record's future.
    Send {
        /// The records.
        records: Records,
        /// Wait for each.
        wait: bool,
    },
    /// `flush`.
    Flush,
    /// `close`, without limit if there is no timeout.
    Close {
        /// The limit.
        timeout: Option<Span>,
    },
}

/// The records of an op: repetition k takes element k mod length of each list.
#[derive(Clone, Debug)]
pub(super) struct Records {
    topics: OneOrMany<TopicId>,
    keys: Keys,
    value_lens: OneOrMany<i32>,
    partitions: OneOrMany<i32>,
    /// Epoch ms, -1 for the time of the send.
    timestamps_ms: OneOrMany<i64>,
    headers: Vec<(String, Option<u32>)>,
    headers_bytes: u32,
}

#[derive(Clone, Debug)]
enum Keys {
    Given(OneOrMany<Option<String>>),
    /// Lengths of keys whose bytes depend on the record's number.
    Filled(OneOrMany<Option<u32>>),
}

impl Op {
    /// Checks an op of a script.
    pub(super) fn check(raw: RawOp, start_ms: i64, names: &mut TopicNames) -> Result<Op, String> {
        let problem = |what: String| format!("the op at {}: {what}", raw.at);
        let mut records = |send: &RawSend| Records::check(send, start_ms, names).map_err(problem);
        let action = match (&raw.send, &raw.send_sync, raw.flush, &raw.close) {
            (Some(send), None, None, None) => Action::Send { records: records(send)?, wait: false },
            (None, Some(send), None, None) => Action::Send { records: records(send)?, wait: true },
            (None, None, Some(true), None) => Action::Flush,
            (None, None, None, Some(close)) => {
                let timeout = close.timeout_ms.map(|ms| span("timeout_ms", ms));
                Action::Close { timeout: timeout.transpose().map_err(problem)? }
            }
            _ => return Err(problem("it has one of `send`, `send_sync`, `flush` and `close`".to_owned())),
        };
        if !matches!(action, Action::Send { .. }) && (raw.n.is_some() || raw.every.is_some()) {
            return Err(problem("only sends are repeated with `n` and `every`".to_owned()));
        }
        let count = raw.n.unwrap_or(1);
        let every = span("every", raw.every.unwrap_or(0)).map_err(problem)?;
        let at = time("at", raw.at).map_err(problem)?;
        Ok(Op { at, every, count, action })
    }

    /// When repetition `k` is due.
    pub(super) fn due(&self, k: u64) -> Time {
        self.at + Span(self.every.0.saturating_mul(k))
    }

    /// No more bytes than these are in its records.
    pub(super) fn most_bytes(&self) -> u64 {
        match &self.action {
            Action::Send { records, .. } => self.count.saturating_mul(records.longest()),
            Action::Flush | Action::Close { .. } => 0,
        }
    }

    /// How many records it sends.
    pub(super) fn records(&self) -> u64 {
        if matches!(self.action, Action::Send { .. }) { self.count } else { 0 }
    }
}

impl Records {
    fn check(raw: &RawSend, start_ms: i64, names: &mut TopicNames) -> Result<Records, String> {
        let keys = match (&raw.key, &raw.key_len) {
            (Some(_), Some(_)) => return Err("it has both `key` and `key_len`".to_owned()),
            (Some(texts), None) => Keys::Given(checked("key", texts, |text| Ok(text.clone()))?),
            (None, Some(lens)) => Keys::Filled(checked("key_len", lens, |len| match len {
                Some(len) if *len > MAX_KEY_LEN => {
                    Err(format!("`key_len` is {len}; at most {MAX_KEY_LEN} bytes are filled"))
                }
                len => Ok(*len),
            })?),
            (None, None) => Keys::Given(OneOrMany::One(None)),
        };
        let mut headers_bytes = 0;
        for (name, value_len) in &raw.headers {
            headers_bytes += size::header(length("headers", Some(name.len() as u32))? as u32, *value_len);
        }
        let headers_bytes = u32::try_from(headers_bytes).ok().filter(|bytes| *bytes <= MAX_LEN);
        Ok(Records {
            topics: checked("topic", &raw.topic, |name| Ok(names.intern(name)))?,
            keys,
            value_lens: optional("value_len", &raw.value_len, -1, |len| length("value_len", *len))?,
            partitions: optional("partition", &raw.partition, -1, |partition| {
                length("partition", *partition)
            })?,
            timestamps_ms: optional("timestamp", &raw.timestamp, -1, |ms| timestamp(*ms, start_ms))?,
            headers: raw.headers.clone(),
            headers_bytes: headers_bytes.ok_or("its `headers` are too long")?,
        })
    }

    /// The record of repetition `k` with this number.
    pub(super) fn record(&self, k: u64, number: u64) -> Record {
        Record {
            topic: self.topics.get(k),
            partition: self.partitions.get(k),
            key: self.key_bytes(k, number).map_or(Key::NULL, |bytes| Key::of(&bytes)),
            value_len: self.value_lens.get(k),
            headers_bytes: self.headers_bytes,
            headers_count: self.headers.len() as u32,
            tail: TailId::NONE,
            timestamp_ms: self.timestamps_ms.get(k),
            tag: number,
        }
    }

    /// Bytes that no record of it exceeds.
    fn longest(&self) -> u64 {
        let key = match &self.keys {
            Keys::Given(keys) => keys.all().iter().flatten().map(String::len).max().unwrap_or(0) as u64,
            Keys::Filled(lens) => lens.all().iter().flatten().max().copied().unwrap_or(0).into(),
        };
        let value = self.value_lens.all().iter().max().copied().unwrap_or(0).max(0) as u64;
        key + value + u64::from(self.headers_bytes)
    }

    fn key_bytes(&self, k: u64, number: u64) -> Option<Cow<'_, [u8]>> {
        match &self.keys {
            Keys::Given(keys) => keys.get_ref(k).as_deref().map(|text| Cow::Borrowed(text.as_bytes())),
            Keys::Filled(lens) => lens.get(k).map(|len| Cow::Owned(fill::key(number, len))),
        }
    }

    /// Appends the bytes of the record of repetition `k` with this number, as they are encoded behind its deltas.
    pub(super) fn put_tail(&self, k: u64, number: u64, fill: Fill, out: &mut Vec<u8>) {
        let value = u32::try_from(self.value_lens.get(k)).ok().map(|len| fill.value(number, len));
        let longest = self.headers.iter().filter_map(|(_, len)| *len).max().unwrap_or(0);
        let zeros = vec![0; longest as usize];
        let headers = self.headers.iter().map(|(name, len)| {
            let value = len.map(|len| &zeros[..len as usize]);
            (name.as_str(), value)
        });
        record::put_tail(out, self.key_bytes(k, number).as_deref(), value.as_deref(), headers);
    }
}

/// Checks every value of a field.
fn checked<T, U>(
    field: &str,
    raw: &OneOrMany<T>,
    check: impl FnMut(&T) -> Result<U, String>,
) -> Result<OneOrMany<U>, String> {
    raw.try_map(check)?.ok_or_else(|| format!("`{field}` is an empty list"))
}

/// Likewise for a field that may be absent.
fn optional<T, U>(
    field: &str,
    raw: &Option<OneOrMany<T>>,
    absent: U,
    check: impl FnMut(&T) -> Result<U, String>,
) -> Result<OneOrMany<U>, String> {
    match raw {
        Some(raw) => checked(field, raw, check),
        None => Ok(OneOrMany::One(absent)),
    }
}

/// A length or number that Java keeps in an int, -1 for null.
fn length(field: &str, len: Option<u32>) -> Result<i32, String> {
    match len {
        None => Ok(-1),
        Some(len) if len <= MAX_LEN => Ok(len as i32),
        Some(len) => Err(format!("`{field}` is {len}; it is at most {MAX_LEN}")),
    }
}

fn timestamp(ms: Option<i64>, start_ms: i64) -> Result<i64, String> {
    let Some(ms) = ms else { return Ok(-1) };
    let epoch_ms =
        Some(ms).filter(|ms| ms.unsigned_abs() <= 100 * MAX_MS).map(|ms| start_ms.saturating_add(ms));
    epoch_ms
        .filter(|epoch_ms| *epoch_ms >= 0)
        .ok_or_else(|| format!("`timestamp` is {ms}; it is ms from the start, and not before the epoch"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(json: &str) -> Result<Op, String> {
        let raw = serde_json::from_str(json).map_err(|error| error.to_string())?;
        Op::check(raw, 1_000, &mut TopicNames::default())
    }

    #[test]
    fn repetition_k_takes_element_k_modulo_length() {
        let op = op(r#"{"at":5,"n":4,"every":10,"send":{"topic":["a","b"],"value_len":[1,2,null],"key":"k",
                      "timestamp":[-7,null]}}"#)
        .expect("an op");
        assert_eq!((op.due(3), op.records()), (Time::from_millis(35), 4));
        let Action::Send { records, wait: false } = &op.action else { panic!("a send") };
        let record = records.record(3, 11);
        assert_eq!(
            (record.topic, record.value_len, record.timestamp_ms, record.tag),
            (TopicId(1), 1, -1, 11)
        );
        assert_eq!((records.record(2, 0).value_len, records.record(2, 0).timestamp_ms), (-1, 993));
        assert_eq!(record.key, Key::of(b"k"));
    }

    #[test]
    fn a_records_bytes_are_as_many_as_it_says() {
        for fill in [Fill::Bytes, Fill::Text] {
            let op = op(
                r#"{"at":5,"send":{"topic":"a","value_len":[0,7,300],"key_len":9,"headers":[["h",3],["",null]]}}"#,
            );
            let Action::Send { records, .. } = op.expect("an op").action else { panic!("a send") };
            for k in 0..3 {
                let mut tail = Vec::new();
                records.put_tail(k, 40 + k, fill, &mut tail);
                assert_eq!(tail.len() as u64 + 1, records.record(k, 40 + k).fixed_bytes());
            }
        }
    }

    #[test]
    fn wrong_ops_are_refused() {
        for (json, problem) in [
            (r#"{"at":1}"#, "the op at 1: it has one of"),
            (r#"{"at":1,"flush":false}"#, "the op at 1: it has one of"),
            (r#"{"at":1,"flush":true,"close":{}}"#, "the op at 1: it has one of"),
            (r#"{"at":1,"send":{"topic":[]}}"#, "the op at 1: `topic` is an empty list"),
            (r#"{"at":1,"send":{"topic":"a","key":"b","key_len":1}}"#, "the op at 1: it has both"),
            (r#"{"at":1,"send":{"topic":"a","key_len":4000000000}}"#, "the op at 1: `key_len` is 4000000000"),
            (r#"{"at":1,"send":{"topic":"a","value_len":4000000000}}"#, "the op at 1: `value_len`"),
            (r#"{"at":1,"send":{"topic":"a","timestamp":-1001}}"#, "the op at 1: `timestamp` is -1001"),
            (r#"{"at":1,"send":{"topic":"a","valuelen":1}}"#, "unknown field `valuelen`"),
            (
                r#"{"at":1,"send":{"topic":"a","headers":[["h",4294967295],["i",4294967295]]}}"#,
                "the op at 1: its `headers`",
            ),
            (r#"{"at":18446744073709551615,"flush":true}"#, "the op at 18446744073709551615: `at` is"),
        ] {
            let error = op(json).expect_err(json);
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
