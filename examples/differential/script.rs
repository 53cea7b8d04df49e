//! Random scripts: any topology, any faults, any order of operations, all at once.

use serde_json::{Map, Value, json};

use crate::draw::Draw;
use crate::settings::{self, Drawn};

/// Every run ends by then, in ms.
const UNTIL_MS: u64 = 30_000;

/// Errors that a broker can answer to a produce request.
const ERRORS: [&str; 22] = [
    "NOT_ENOUGH_REPLICAS",
    "NOT_ENOUGH_REPLICAS",
    "REQUEST_TIMED_OUT",
    "NOT_LEADER_OR_FOLLOWER",
    "KAFKA_STORAGE_ERROR",
    "LEADER_NOT_AVAILABLE",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "NETWORK_EXCEPTION",
    "CORRUPT_MESSAGE",
    "UNKNOWN_SERVER_ERROR",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "CLUSTER_AUTHORIZATION_FAILED",
    "INVALID_TOPIC_EXCEPTION",
    "DUPLICATE_SEQUENCE_NUMBER",
    "RECORD_LIST_TOO_LARGE",
    "MESSAGE_TOO_LARGE",
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    "INVALID_PRODUCER_EPOCH",
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    "TOPIC_AUTHORIZATION_FAILED",
    "INVALID_REQUIRED_ACKS",
    "UNKNOWN_PRODUCER_ID",
];

const NAMES: [&str; 6] = ["my-topic", "orders", "a", "events-2", "Zeta_9", "user.clicks"];

/// A topic of the script.
struct Topic {
    name: &'static str,
    leaders: Vec<i64>,
}

/// The script of a seed.
pub fn draw(client: &str, seed: u64) -> Value {
    let mut draw = Draw::new(seed);
    let draw = &mut draw;
    let drawn = settings::draw(draw, client);
    let nodes = nodes(draw);
    let mut topics = topics(draw, &nodes);
    let mut cluster = json!({ "nodes": nodes });
    cluster["topics"] = topics.iter().map(|topic| described(draw, topic)).collect();
    if matches!(client, "4.3.0" | "3.9.1") && draw.chance(25) {
        cluster["leader_hints"] = true.into();
    }
    if draw.chance(15) {
        cluster["broker_checks_sequences"] = (!drawn.idempotent).into();
    }
    if draw.chance(5) {
        let rack = |node: &i64| (node.to_string(), Value::from(format!("rack-{}", node % 2)));
        cluster["racks"] = nodes.iter().map(rack).collect::<Map<_, _>>().into();
    }
    let present = topics.len();
    // A topic that records are sent to and nobody has; an event may add it.
    let absent = NAMES.into_iter().find(|name| topics.iter().all(|topic| topic.name != *name));
    if let Some(name) = absent.filter(|_| draw.chance(8)) {
        topics.push(Topic { name, leaders: vec![leader(draw, &nodes)] });
    }
    let mut script = json!({
        "name": format!("{client}/differential/{seed}"), "family": "differential", "client": client,
        "seed": seed, "random_seed": draw.number(0, 1 << 30),
    });
    let latency = latency(draw, &nodes, drawn.retries_at_once);
    let threads: Vec<Value> = (0..draw.one(&[1, 1, 1, 2, 3])).map(|_| thread(draw, &topics)).collect();
    let faults: Vec<Value> =
        (0..draw.one(&[0, 0, 1, 2, 4, 8])).map(|_| fault(draw, client, &topics)).collect();
    let mut events: Vec<Value> =
        (0..draw.one(&[0, 0, 0, 1, 2, 4])).map(|_| event(draw, &nodes, &topics[..present])).collect();
    if let Some(added) = topics.get(present).filter(|_| draw.chance(70)) {
        let at = draw.number(0, 1500);
        events.push(json!({ "at": at, "add_topic": { "name": added.name, "partitions": added.leaders } }));
    }
    if drawn.idempotent && draw.chance(5) {
        script["init_pid_errors"] = init_pid_errors(draw);
    }
    let Drawn { config, compressed, .. } = drawn;
    script["sender_random"] = true.into();
    if compressed {
        script["fill"] = draw.one(&["text", "bytes"]).into();
    }
    script["config"] = config.into();
    script["cluster"] = cluster;
    script["latency"] = latency;
    script["threads"] = threads.into();
    if !faults.is_empty() {
        script["faults"] = faults.into();
    }
    if !events.is_empty() {
        script["events"] = events.into();
    }
    script["until_ms"] = UNTIL_MS.into();
    script
}

fn nodes(draw: &mut Draw) -> Vec<i64> {
    let mut nodes = Vec::new();
    for _ in 0..draw.one(&[1, 1, 2, 3, 3, 5]) {
        let id = draw.one(&[1, 2, 3, 4, 5, 10, 17, 101]);
        if !nodes.contains(&id) {
            nodes.push(id);
        }
    }
    nodes
}

fn leader(draw: &mut Draw, nodes: &[i64]) -> i64 {
    if draw.chance(6) { -1 } else { draw.one(nodes) }
}

fn topics(draw: &mut Draw, nodes: &[i64]) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for _ in 0..draw.one(&[1, 1, 1, 2, 3]) {
        let name = draw.one(&NAMES);
        if topics.iter().all(|topic| topic.name != name) {
            let partitions = draw.one(&[1, 2, 3, 3, 5, 8, 13]);
            topics.push(Topic { name, leaders: (0..partitions).map(|_| leader(draw, nodes)).collect() });
        }
    }
    topics
}

fn described(draw: &mut Draw, topic: &Topic) -> Value {
    let mut value = json!({ "name": topic.name, "partitions": topic.leaders });
    if draw.chance(12) {
        value["max_message_bytes"] = draw.one(&[200, 500, 1000, 3000]).into();
    }
    value
}

fn latency(draw: &mut Draw, nodes: &[i64], retries_at_once: bool) -> Value {
    let least = u64::from(retries_at_once);
    let mut latency = json!({
        "connect_ms": draw.one(&[0, 0, 1, 7, 30]),
        "metadata_ms": draw.one(&[0, 0, 4, 20, 60]).max(least),
        "init_pid_ms": draw.one(&[0, 0, 2, 15]).max(least),
        "produce_ms": draw.one(&[0, 1, 3, 10, 10, 50, 120]).max(least),
    });
    if draw.chance(25) {
        let slow = draw.one(nodes).to_string();
        latency["per_node"] = json!({ slow: draw.one(&[0, 25, 80, 400]) });
    }
    if draw.chance(25) {
        let late: Map<String, Value> = (0..draw.number(1, 3))
            .map(|_| (draw.number(1, 15).to_string(), draw.one(&[0, 40, 200, 600]).into()))
            .collect();
        latency["per_request"] = late.into();
    }
    latency
}

/// One value, or a list of some.
fn one_or_many(draw: &mut Draw, mut value: impl FnMut(&mut Draw) -> Value) -> Value {
    match draw.one(&[1, 3, 7]) {
        1 => value(draw),
        most => (0..draw.number(1, most)).map(|_| value(draw)).collect(),
    }
}

fn send(draw: &mut Draw, topics: &[Topic]) -> Value {
    let topic = |draw: &mut Draw| draw.number(0, topics.len() as u64 - 1) as usize;
    let only = topic(draw);
    let mut send = json!({ "topic": topics[only].name });
    if draw.chance(15) {
        send["topic"] = one_or_many(draw, |draw| topics[topic(draw)].name.into());
    } else if draw.chance(15) {
        let partitions = topics[only].leaders.len() as u64;
        send["partition"] = one_or_many(draw, |draw| match draw.chance(80) {
            true => draw.number(0, partitions - 1).into(),
            false => Value::Null,
        });
    }
    let largest = draw.one(&[60, 400, 400, 1500]);
    send["value_len"] = one_or_many(draw, |draw| match draw.chance(4) {
        true => Value::Null,
        false => draw.number(0, largest).into(),
    });
    match draw.number(0, 9) {
        0..=3 => send["key"] = one_or_many(draw, |draw| format!("k{}", draw.number(0, 999)).into()),
        4 => send["key_len"] = one_or_many(draw, |draw| draw.number(0, 40).into()),
        _ => {}
    }
    if draw.chance(8) {
        send["headers"] = json!([["trace-id", draw.number(0, 30)], ["empty", null]]);
    }
    if draw.chance(5) {
        send["timestamp"] = one_or_many(draw, |draw| draw.number(0, 100_000).into());
    }
    send
}

fn thread(draw: &mut Draw, topics: &[Topic]) -> Value {
    let mut ops = Vec::new();
    let mut at = draw.one(&[0, 0, 0, 5]);
    for _ in 0..draw.number(1, 8) {
        let (count, every) = (draw.one(&[1, 1, 2, 5, 20, 20, 60]), draw.one(&[0, 0, 1, 2, 7, 40]));
        ops.push(match draw.number(0, 19) {
            0 | 1 => json!({ "at": at, "flush": true }),
            2 | 3 => json!({ "at": at, "send_sync": send(draw, topics), "n": count.min(5), "every": every }),
            _ => json!({ "at": at, "send": send(draw, topics), "n": count, "every": every }),
        });
        at += draw.one(&[0, 1, 2, 10, 50, 200, 700]);
    }
    match draw.number(0, 9) {
        0 => ops.push(json!({ "at": at, "close": {} })),
        1 => ops.push(json!({ "at": at, "close": { "timeout_ms": draw.one(&[0, 1, 20, 300]) } })),
        _ => {}
    }
    ops.into()
}

fn fault(draw: &mut Draw, client: &str, topics: &[Topic]) -> Value {
    let first = draw.number(1, 20);
    let mut fault = json!({ "request": first });
    if draw.chance(12) {
        fault["to"] = (first + draw.number(1, 10)).into();
    }
    let end = draw.number(0, 9);
    match end {
        0 => fault["drop"] = true.into(),
        1 => fault["lost"] = true.into(),
        2 => fault["disconnect"] = true.into(),
        _ => {}
    }
    match end {
        // An error that nobody hears of: it decides whether the data is there.
        0 | 2 if draw.chance(80) => {}
        1 => {}
        _ => {
            fault["error"] = draw.one(&ERRORS).into();
            if draw.chance(15) {
                fault["append"] = true.into();
            }
            if draw.chance(25) {
                let topic = &topics[draw.number(0, topics.len() as u64 - 1) as usize];
                let partition = draw.number(0, topic.leaders.len() as u64 - 1);
                fault["partitions"] = json!([format!("{}-{partition}", topic.name)]);
            }
            // An error that 2.3 does not know.
            if draw.chance(5) && client != "2.3.1" {
                fault["error"] = "INVALID_RECORD".into();
                fault["record_errors"] = json!([0]);
            }
        }
    }
    fault
}

fn event(draw: &mut Draw, nodes: &[i64], topics: &[Topic]) -> Value {
    let at = draw.number(0, 1500);
    let topic = draw.number(0, topics.len() as u64 - 1) as usize;
    let topic = &topics[topic];
    match draw.number(0, 9) {
        0..=5 => {
            let partition = draw.number(0, topic.leaders.len() as u64 - 1);
            json!({ "at": at, "set_leader": { "topic": topic.name, "partition": partition, "leader": leader(draw, nodes) } })
        }
        6 | 7 => {
            let until = at + draw.one(&[0, 1, 30, 200, 900]);
            json!({ "at": at, "disconnect": draw.one(nodes), "until": until })
        }
        _ => {
            let leaders: Vec<i64> = (0..draw.number(1, 3)).map(|_| leader(draw, nodes)).collect();
            json!({ "at": at, "add_partitions": { "topic": topic.name, "leaders": leaders } })
        }
    }
}

fn init_pid_errors(draw: &mut Draw) -> Value {
    const POSSIBLE: [Option<&str>; 6] = [
        Some("COORDINATOR_LOAD_IN_PROGRESS"),
        Some("COORDINATOR_NOT_AVAILABLE"),
        Some("NOT_COORDINATOR"),
        Some("CONCURRENT_TRANSACTIONS"),
        Some("CLUSTER_AUTHORIZATION_FAILED"),
        None,
    ];
    (0..draw.number(1, 3)).map(|_| draw.one(&POSSIBLE)).collect()
}
