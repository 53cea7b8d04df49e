//! A script that has been checked: nothing in it can be out of range.

use std::collections::BTreeMap;

use super::case::Case;
use super::fault::Fault;
use super::fill::Fill;
use super::happening::ScriptedEvent;
use super::op::Op;
use super::raw::{RawCluster, RawLatency, RawScript, RawTopic};
use crate::config::producer::ClientVersion;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::Endpoint;
use crate::values::ids::{NodeId, TopicId};
use crate::values::time::{Span, Time};

/// Every broker's port.
const PORT: u16 = 9092;

/// The largest time in a script, in ms: 30 years.
pub(super) const MAX_MS: u64 = 1_000_000_000_000;

/// More threads, nodes, topics or partitions of a topic than this are not looked at.
const MAX_COUNT: usize = 10_000;

/// More records than this in a script are refused.
const MAX_RECORDS: u64 = 1_000_000;

/// So many bytes of records are made when they are wanted.
const MAX_RECORD_BYTES: u64 = 1 << 30;

/// What applications, brokers and network do.
#[derive(Debug)]
pub(super) struct Script {
    /// The client's release.
    pub(super) version: ClientVersion,
    /// Kafka's clock at the start, in epoch ms.
    pub(super) start_ms: i64,
    /// Configuration keys and values, verbatim.
    pub(super) config: Vec<(String, String)>,
    /// Brokers.
    pub(super) nodes: Vec<Endpoint>,
    /// The topics that exist at the start.
    pub(super) topics: Vec<TopicSpec>,
    /// Names of all topics; their place is their id.
    pub(super) topic_names: TopicNames,
    /// Whether brokers tell who leads instead of them.
    pub(super) leader_hints: bool,
    /// Whether brokers check sequences, if the script says so.
    pub(super) broker_checks_sequences: Option<bool>,
    /// How long answers take.
    pub(super) latency: Latency,
    /// What happens to produce requests.
    pub(super) faults: Vec<Fault>,
    /// What happens in the cluster, in the order of the script.
    pub(super) events: Vec<ScriptedEvent>,
    /// Answer to the k-th InitProducerId request; none for those behind the last.
    pub(super) init_pid_errors: Vec<ErrorCode>,
    /// When the run ends at the latest.
    pub(super) until: Time,
    /// How values are filled.
    pub(super) fill: Fill,
    /// What each application thread does.
    pub(super) threads: Vec<Vec<Op>>,
}

/// A topic at the start, or when it is added.
#[derive(Clone, Debug)]
pub(super) struct TopicSpec {
    /// The topic.
    pub(super) topic: TopicId,
    /// Leader of each partition.
    pub(super) leaders: Vec<Option<NodeId>>,
    /// Size in bytes that no batch may exceed.
    pub(super) max_message_bytes: Option<u32>,
}

/// How long answers take.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    pub(super) connect: Span,
    pub(super) metadata: Span,
    pub(super) init_pid: Span,
    produce: Span,
    per_node: BTreeMap<i32, Span>,
    per_request: BTreeMap<u64, Span>,
}

impl Latency {
    /// That of a produce request: by ordinal, by node, or the general one.
    pub(super) fn produce(&self, ordinal: u64, node: NodeId) -> Span {
        let special = self.per_request.get(&ordinal).or_else(|| self.per_node.get(&node.0));
        special.copied().unwrap_or(self.produce)
    }
}

/// Names of topics in order of first mention.
#[derive(Clone, Debug, Default)]
pub(super) struct TopicNames(Vec<String>);

impl TopicNames {
    /// The id of a topic, given out now if the name is new.
    pub(super) fn intern(&mut self, name: &str) -> TopicId {
        self.find(name).unwrap_or_else(|| {
            self.0.push(name.to_owned());
            TopicId(self.0.len() as u32 - 1)
        })
    }

    /// The id of a topic that has been mentioned.
    pub(super) fn find(&self, name: &str) -> Option<TopicId> {
        self.0.iter().position(|known| known == name).map(|at| TopicId(at as u32))
    }

    /// The name of a topic.
    pub(super) fn name(&self, topic: TopicId) -> &str {
        &self.0[topic.index()]
    }

    /// All names in order of their ids.
    pub(super) fn all(&self) -> &[String] {
        &self.0
    }
}

impl Script {
    /// Reads and checks the script of a case.
    ///
    /// # Errors
    /// A sentence with the place of the script.
    pub(super) fn parse(case: &Case) -> Result<Script, String> {
        let raw = serde_json::from_str(&case.script).map_err(|error| error.to_string());
        raw.and_then(Script::check).map_err(|problem| case.in_script(&problem))
    }

    fn check(raw: RawScript) -> Result<Script, String> {
        let mut names = TopicNames::default();
        let nodes = endpoints(&raw.cluster)?;
        let mut topics = Vec::new();
        for topic in &raw.cluster.topics {
            if names.find(&topic.name).is_some() {
                return Err(format!("topic `{}` is there twice", topic.name));
            }
            topics.push(topic_spec(topic, &nodes, &mut names)?);
        }
        let events = raw.events.into_iter();
        let events =
            events.map(|event| ScriptedEvent::check(event, &nodes, &mut names)).collect::<Result<_, _>>()?;
        at_most("threads", raw.threads.len())?;
        let mut threads = Vec::new();
        for ops in raw.threads {
            let ops = ops.into_iter().map(|op| Op::check(op, raw.start_ms, &mut names));
            threads.push(ops.collect::<Result<Vec<_>, _>>()?);
        }
        let records = threads.iter().flatten().fold(0u64, |sum, op| sum.saturating_add(op.records()));
        if records > MAX_RECORDS {
            return Err(format!("the script sends {records} records; at most {MAX_RECORDS} are replayed"));
        }
        let init_pid_errors = raw.init_pid_errors.iter();
        let init_pid_errors = init_pid_errors
            .map(|name| name.as_deref().map_or(Ok(ErrorCode::None), error_code))
            .collect::<Result<_, _>>()?;
        Ok(Script {
            version: version(&raw.client)?,
            start_ms: start_ms(raw.start_ms)?,
            config: config(raw.config)?,
            latency: latency(raw.latency)?,
            faults: raw.faults.iter().map(|fault| Fault::check(fault, &names)).collect::<Result<_, _>>()?,
            until: raw.until_ms.map_or(Ok(Time::NEVER), |ms| time("until_ms", ms))?,
            leader_hints: raw.cluster.leader_hints,
            broker_checks_sequences: raw.cluster.broker_checks_sequences,
            topic_names: names,
            nodes,
            topics,
            events,
            init_pid_errors,
            fill: raw.fill,
            threads,
        })
    }

    /// Whether its records may have more bytes than anybody wants to keep.
    pub(super) fn is_too_large_for_bytes(&self) -> bool {
        let bytes = self.threads.iter().flatten().fold(0u64, |sum, op| sum.saturating_add(op.most_bytes()));
        bytes > MAX_RECORD_BYTES
    }

    /// The broker behind a node id of the client: bootstrap addresses are -1, -2, … in the order of the brokers.
    pub(super) fn broker(&self, node: NodeId) -> NodeId {
        let bootstrap = usize::try_from(-1 - i64::from(node.0)).ok();
        bootstrap.and_then(|at| self.nodes.get(at)).map_or(node, |endpoint| endpoint.node)
    }
}

fn version(client: &str) -> Result<ClientVersion, String> {
    match client {
        "4.3.0" => Ok(ClientVersion::V4_3),
        "3.9.1" => Ok(ClientVersion::V3_9),
        "3.1.2" => Ok(ClientVersion::V3_1),
        "2.3.1" => Ok(ClientVersion::V2_3),
        _ => Err(format!("`client` is \"{client}\"; known are 4.3.0, 3.9.1, 3.1.2 and 2.3.1")),
    }
}

fn start_ms(ms: i64) -> Result<i64, String> {
    match u64::try_from(ms) {
        Ok(positive) if positive <= 100 * MAX_MS => Ok(ms),
        _ => Err(format!("`start_ms` is {ms}; it is an epoch time from 0 to {} ms", 100 * MAX_MS)),
    }
}

fn config(raw: serde_json::Map<String, serde_json::Value>) -> Result<Vec<(String, String)>, String> {
    let pairs = raw.into_iter().map(|(key, value)| match value {
        serde_json::Value::String(value) => Ok((key, value)),
        other => Err(format!("`config` key `{key}` is {other}; values are strings")),
    });
    pairs.collect()
}

fn endpoints(cluster: &RawCluster) -> Result<Vec<Endpoint>, String> {
    at_most("nodes", cluster.nodes.len())?;
    if cluster.nodes.is_empty() {
        return Err("`cluster.nodes` is empty; a producer needs a broker to start from".to_owned());
    }
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for &id in &cluster.nodes {
        if id < 0 || endpoints.iter().any(|known| known.node == NodeId(id)) {
            return Err(format!("`cluster.nodes` has {id}; broker ids are different and not negative"));
        }
        let rack = cluster.racks.get(&id).cloned();
        endpoints.push(Endpoint { node: NodeId(id), host: format!("10.0.0.{id}"), port: PORT, rack });
    }
    Ok(endpoints)
}

/// A topic of the cluster or one to be added.
pub(super) fn topic_spec(
    raw: &RawTopic,
    nodes: &[Endpoint],
    names: &mut TopicNames,
) -> Result<TopicSpec, String> {
    at_most("partitions", raw.partitions.len())?;
    let leaders = raw.partitions.iter().map(|&leader| leader_of(leader, nodes)).collect::<Result<_, _>>()?;
    Ok(TopicSpec { topic: names.intern(&raw.name), leaders, max_message_bytes: raw.max_message_bytes })
}

/// A leader: a broker, or -1 for none.
pub(super) fn leader_of(id: i32, nodes: &[Endpoint]) -> Result<Option<NodeId>, String> {
    if id == -1 {
        return Ok(None);
    }
    known_node(id, nodes).map(Some)
}

/// A broker of the cluster.
pub(super) fn known_node(id: i32, nodes: &[Endpoint]) -> Result<NodeId, String> {
    match nodes.iter().find(|endpoint| endpoint.node == NodeId(id)) {
        Some(endpoint) => Ok(endpoint.node),
        None => Err(format!("node {id} is not in `cluster.nodes`")),
    }
}

fn latency(raw: RawLatency) -> Result<Latency, String> {
    let per_node = raw.per_node.into_iter().map(|(node, ms)| Ok((node, span("latency.per_node", ms)?)));
    let per_request = raw.per_request.into_iter().map(|(at, ms)| Ok((at, span("latency.per_request", ms)?)));
    Ok(Latency {
        connect: span("latency.connect_ms", raw.connect_ms)?,
        metadata: span("latency.metadata_ms", raw.metadata_ms)?,
        init_pid: span("latency.init_pid_ms", raw.init_pid_ms)?,
        produce: span("latency.produce_ms", raw.produce_ms)?,
        per_node: per_node.collect::<Result<_, String>>()?,
        per_request: per_request.collect::<Result<_, String>>()?,
    })
}

/// An error by its Kafka name.
pub(super) fn error_code(name: &str) -> Result<ErrorCode, String> {
    ErrorCode::from_name(name).ok_or_else(|| format!("\"{name}\" is not the name of a Kafka error"))
}

/// An instant of `field`.
pub(super) fn time(field: &str, ms: u64) -> Result<Time, String> {
    span(field, ms).map(|span| Time::START + span)
}

/// A duration of `field`.
pub(super) fn span(field: &str, ms: u64) -> Result<Span, String> {
    if ms > MAX_MS {
        return Err(format!("`{field}` is {ms}; times go up to {MAX_MS} ms"));
    }
    Ok(Span::from_millis(ms))
}

fn at_most(what: &str, count: usize) -> Result<(), String> {
    if count > MAX_COUNT {
        return Err(format!("{count} {what}; at most {MAX_COUNT} are replayed"));
    }
    Ok(())
}
