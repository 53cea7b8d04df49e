//! A script as it is written, before anything about it has been checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::fill::Fill;

/// The whole script. Fields that only identify it, or whose effect a replay takes from the trace, are not looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScript {
    #[serde(rename = "name")]
    _name: IgnoredAny,
    #[serde(rename = "family")]
    _family: IgnoredAny,
    #[serde(rename = "seed", default)]
    _seed: IgnoredAny,
    #[serde(rename = "random_seed", default)]
    _random_seed: IgnoredAny,
    #[serde(default)]
    pub(super) fill: Fill,
    #[serde(rename = "sender_random", default)]
    _sender_random: IgnoredAny,
    pub(super) client: String,
    #[serde(default = "default_start_ms")]
    pub(super) start_ms: i64,
    pub(super) config: serde_json::Map<String, serde_json::Value>,
    pub(super) cluster: RawCluster,
    #[serde(default)]
    pub(super) latency: RawLatency,
    #[serde(default)]
    pub(super) faults: Vec<RawFault>,
    #[serde(default)]
    pub(super) events: Vec<RawEvent>,
    #[serde(default)]
    pub(super) init_pid_errors: Vec<Option<String>>,
    pub(super) until_ms: Option<u64>,
    pub(super) threads: Vec<Vec<RawOp>>,
}

fn default_start_ms() -> i64 {
    crate::producer::START_MS
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCluster {
    pub(super) nodes: Vec<i32>,
    pub(super) topics: Vec<RawTopic>,
    #[serde(default)]
    pub(super) racks: BTreeMap<i32, String>,
    #[serde(default)]
    pub(super) leader_hints: bool,
    pub(super) broker_checks_sequences: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTopic {
    pub(super) name: String,
    /// Leader of each partition, -1 for none.
    pub(super) partitions: Vec<i32>,
    pub(super) max_message_bytes: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLatency {
    pub(super) connect_ms: u64,
    pub(super) metadata_ms: u64,
    pub(super) init_pid_ms: u64,
    pub(super) produce_ms: u64,
    pub(super) per_node: BTreeMap<i32, u64>,
    pub(super) per_request: BTreeMap<u64, u64>,
}

impl Default for RawLatency {
    fn default() -> RawLatency {
        RawLatency {
            connect_ms: 0,
            metadata_ms: 0,
            init_pid_ms: 0,
            produce_ms: 10,
            per_node: BTreeMap::new(),
            per_request: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFault {
    pub(super) request: u64,
    pub(super) to: Option<u64>,
    pub(super) partitions: Option<Vec<String>>,
    pub(super) error: Option<String>,
    #[serde(default)]
    pub(super) append: bool,
    #[serde(default)]
    pub(super) record_errors: Vec<u32>,
    #[serde(default)]
    pub(super) drop: bool,
    #[serde(default)]
    pub(super) lost: bool,
    #[serde(default)]
    pub(super) disconnect: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) at: u64,
    pub(super) set_leader: Option<RawSetLeader>,
    pub(super) disconnect: Option<i32>,
    pub(super) until: Option<u64>,
    pub(super) add_partitions: Option<RawAddPartitions>,
    pub(super) add_topic: Option<RawTopic>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSetLeader {
    pub(super) topic: String,
    pub(super) partition: u32,
    pub(super) leader: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAddPartitions {
    pub(super) topic: String,
    pub(super) leaders: Vec<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOp {
    pub(super) at: u64,
    pub(super) send: Option<RawSend>,
    pub(super) send_sync: Option<RawSend>,
    pub(super) flush: Option<bool>,
    pub(super) close: Option<RawClose>,
    pub(super) n: Option<u64>,
    pub(super) every: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClose {
    pub(super) timeout_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSend {
    pub(super) topic: OneOrMany<String>,
    pub(super) key: Option<OneOrMany<Option<String>>>,
    pub(super) key_len: Option<OneOrMany<Option<u32>>>,
    pub(super) value_len: Option<OneOrMany<Option<u32>>>,
    pub(super) partition: Option<OneOrMany<Option<u32>>>,
    pub(super) timestamp: Option<OneOrMany<Option<i64>>>,
    #[serde(default)]
    pub(super) headers: Vec<(String, Option<u32>)>,
}

/// A value for all repetitions of a send, or a list of which repetition k takes element k mod length.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a value of the right type or a list of such values")]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// Every value turned into another; `None` for an empty list.
    pub(super) fn try_map<U>(
        &self,
        mut map: impl FnMut(&T) -> Result<U, String>,
    ) -> Result<Option<OneOrMany<U>>, String> {
        Ok(match self {
            OneOrMany::One(value) => Some(OneOrMany::One(map(value)?)),
            OneOrMany::Many(values) if values.is_empty() => None,
            OneOrMany::Many(values) => {
                Some(OneOrMany::Many(values.iter().map(map).collect::<Result<_, _>>()?))
            }
        })
    }
}

impl<T> OneOrMany<T> {
    /// The value of repetition `k`. The list is not empty.
    pub(super) fn get_ref(&self, k: u64) -> &T {
        match self {
            OneOrMany::One(value) => value,
            OneOrMany::Many(values) => &values[(k % values.len() as u64) as usize],
        }
    }

    /// All values.
    pub(super) fn all(&self) -> &[T] {
        match self {
            OneOrMany::One(value) => std::slice::from_ref(value),
            OneOrMany::Many(values) => values,
        }
    }
}

impl<T: Copy> OneOrMany<T> {
    /// The value of repetition `k`. The list is not empty.
    pub(super) fn get(&self, k: u64) -> T {
        *self.get_ref(k)
    }
}
