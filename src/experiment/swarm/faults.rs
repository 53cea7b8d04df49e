//! `[[fault]]` of a drawn scenario: the one list to extend.

use toml::{Table, Value};

use super::draw::Draw;
use super::scenario::Shape;
use super::table::{ms, number, put};

/// A kind of fault: its key in a `[[fault]]`, and what comes beside `at`.
type Kind = (&'static str, fn(&mut Draw, &Shape, &mut Table));

/// All kinds that are drawn.
const KINDS: &[Kind] = &[
    ("crash", crash),
    ("shutdown", shutdown),
    ("pause", pause),
    ("slow", slow),
    ("isolate", isolate),
    ("cut", cut),
    ("delay", delay),
    ("loss", loss),
    ("bandwidth", bandwidth),
    ("drop-requests", drop_requests),
    ("drop-responses", drop_responses),
    ("error", error),
    ("controller-loss", controller_loss),
    ("pause-client", pause_client),
    ("elect", elect),
    ("reassign", reassign),
];

/// Errors that a broker may answer with; those behind the bar also after an append.
const ERRORS: [&str; 16] = [
    "NOT_ENOUGH_REPLICAS",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "MESSAGE_TOO_LARGE",
    "CORRUPT_MESSAGE",
    "INVALID_RECORD",
    "TOPIC_AUTHORIZATION_FAILED",
    "CLUSTER_AUTHORIZATION_FAILED",
    "INVALID_REQUIRED_ACKS",
    "UNKNOWN_PRODUCER_ID",
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    "INVALID_PRODUCER_EPOCH",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "REQUEST_TIMED_OUT",
    "NOT_LEADER_OR_FOLLOWER",
    "KAFKA_STORAGE_ERROR",
    "UNKNOWN_SERVER_ERROR",
];
const AFTER_APPEND: usize = 11;

/// The kinds of faults, for the coverage.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(key, _)| *key).chain(["restart"])
}

/// Several faults at once, or none.
pub fn drawn(draw: &mut Draw, shape: &Shape) -> Vec<Table> {
    let count = draw.pick(&[0, 1, 1, 1, 2, 2, 3, 5]);
    let faults = (0..count).map(|_| {
        let (_, kind) = draw.pick(KINDS);
        let mut fault = Table::new();
        // Most runs are over long before their time: their records are sent.
        let at_ms = match draw.chance(75) {
            true => draw.magnitude(1, shape.duration_ms),
            false => draw.between(0, shape.duration_ms + 1_000),
        };
        match draw.chance(25) {
            true => put(&mut fault, "at", vec![ms(at_ms), ms(at_ms + draw.magnitude(1, 5_000))]),
            false => put(&mut fault, "at", ms(at_ms)),
        }
        kind(draw, shape, &mut fault);
        fault
    });
    let mut faults: Vec<Table> = faults.collect();
    if draw.chance(10) {
        faults.extend(outage(draw, shape));
    }
    if draw.chance(10) {
        faults.extend(last_in_sync(draw, shape));
    }
    take_turns(faults)
}

/// A crash, and later the start of the same broker as a fault of its own.
fn outage(draw: &mut Draw, shape: &Shape) -> [Table; 2] {
    let (id, at_ms) = (draw.between(1, shape.brokers), draw.magnitude(1, shape.duration_ms));
    let later_ms = draw.magnitude(1, 15_000);
    [("crash", at_ms), ("restart", at_ms + later_ms)].map(|(key, at_ms)| {
        let mut fault = Table::new();
        put(&mut fault, "at", ms(at_ms));
        put(&mut fault, key, number(id));
        fault
    })
}

/// A leader that its followers cannot reach, until the ISR may be the leader alone; then it dies.
fn last_in_sync(draw: &mut Draw, shape: &Shape) -> [Table; 2] {
    let leader = format!("leader of {}", partition(draw, shape));
    let (at_ms, alone_ms) = (draw.magnitude(1, shape.duration_ms), draw.magnitude(50, 10_000));
    let (mut isolate, mut crash) = (Table::new(), Table::new());
    put(&mut isolate, "at", ms(at_ms));
    put(&mut isolate, "isolate", leader.as_str());
    put(&mut isolate, "from", draw.pick(&["brokers", "cluster"]));
    put(&mut isolate, "for", ms(alone_ms + draw.magnitude(1, 5_000)));
    put(&mut crash, "at", ms(at_ms + alone_ms));
    put(&mut crash, "crash", leader.as_str());
    ends(draw, &mut crash, 80);
    [isolate, crash]
}

/// A scenario in which it is known beforehand who is down when may not crash a broker that is down, or start one that is
/// not. So the last outage is the only one without an end.
fn take_turns(mut faults: Vec<Table>) -> Vec<Table> {
    let ends = |fault: &Table| {
        !["crash", "shutdown"].iter().any(|key| fault.contains_key(*key)) || fault.contains_key("for")
    };
    let last = faults.iter().rposition(|fault| !ends(fault));
    let mut at = 0;
    faults.retain(|fault| {
        at += 1;
        ends(fault) || Some(at - 1) == last
    });
    faults
}

/// A broker, by its id or by what it does.
fn broker(draw: &mut Draw, shape: &Shape) -> Value {
    let partition = partition(draw, shape);
    match draw.between(0, 4) {
        0 => Value::String(format!("leader of {partition}")),
        1 => Value::String(format!("follower of {partition}")),
        _ => number(draw.between(1, shape.brokers)),
    }
}

fn broker_or_all(draw: &mut Draw, shape: &Shape) -> Value {
    if draw.chance(50) { Value::String("all".to_owned()) } else { broker(draw, shape) }
}

fn partition(draw: &mut Draw, shape: &Shape) -> String {
    let topic = &shape.topics[draw.between(0, shape.topics.len() as u64 - 1) as usize];
    format!("{}-{}", topic.name, draw.between(0, topic.partitions - 1))
}

/// Mostly it ends.
fn ends(draw: &mut Draw, fault: &mut Table, percent: u32) {
    if draw.chance(percent) {
        put(fault, "for", ms(draw.magnitude(1, 15_000)));
    }
}

fn crash(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "crash", broker(draw, shape));
    if draw.chance(20) {
        put(fault, "lose-unflushed", true);
    }
    ends(draw, fault, 80);
}

fn shutdown(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "shutdown", broker(draw, shape));
    ends(draw, fault, 80);
}

fn pause(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "pause", broker(draw, shape));
    ends(draw, fault, 100);
}

fn slow(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "slow", broker(draw, shape));
    put(fault, "factor", draw.magnitude(1, 2_000) as f64 / 2.0);
    ends(draw, fault, 80);
}

fn isolate(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "isolate", broker(draw, shape));
    put(fault, "from", draw.pick(&["all", "clients", "brokers", "controller", "cluster"]));
    put(fault, "direction", draw.pick(&["both", "in", "out"]));
    ends(draw, fault, 100);
}

fn cut(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "cut", broker(draw, shape));
}

fn delay(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "delay", broker_or_all(draw, shape));
    put(fault, "by", ms(draw.magnitude(1, 2_000)));
    put(fault, "jitter", ms(draw.magnitude(1, 500)));
    ends(draw, fault, 80);
}

fn loss(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "loss", broker_or_all(draw, shape));
    put(fault, "chance", chance(draw));
    ends(draw, fault, 80);
}

fn bandwidth(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "bandwidth", broker_or_all(draw, shape));
    put(fault, "limit", format!("{}kbit/s", draw.magnitude(50, 10_000)));
    ends(draw, fault, 80);
}

fn chance(draw: &mut Draw) -> f64 {
    draw.magnitude(1, 1_000) as f64 / 1_000.0
}

/// How often a mishap of requests happens, and where.
fn how_often(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    if draw.chance(60) {
        put(fault, "chance", chance(draw));
    }
    if draw.chance(40) {
        put(fault, "count", number(draw.magnitude(1, 10)));
    }
    if draw.chance(30) {
        put(fault, "partition", partition(draw, shape));
    }
    ends(draw, fault, 60);
}

fn drop_requests(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "drop-requests", broker_or_all(draw, shape));
    how_often(draw, shape, fault);
}

fn drop_responses(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "drop-responses", broker_or_all(draw, shape));
    how_often(draw, shape, fault);
}

fn error(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    let error = draw.between(0, ERRORS.len() as u64 - 1) as usize;
    put(fault, "error", ERRORS[error]);
    if error >= AFTER_APPEND && draw.chance(50) {
        put(fault, "after-append", true);
    }
    how_often(draw, shape, fault);
}

fn controller_loss(_: &mut Draw, _: &Shape, fault: &mut Table) {
    put(fault, "controller-loss", true);
}

fn pause_client(draw: &mut Draw, _: &Shape, fault: &mut Table) {
    put(fault, "pause-client", "producer-1");
    ends(draw, fault, 100);
}

fn elect(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    if draw.chance(30) {
        put(fault, "elect", "preferred");
        return;
    }
    put(fault, "elect", partition(draw, shape));
    put(fault, "to", number(draw.between(1, shape.brokers)));
}

fn reassign(draw: &mut Draw, shape: &Shape, fault: &mut Table) {
    put(fault, "reassign", partition(draw, shape));
    let first = draw.between(0, shape.brokers - 1);
    let count = draw.between(1, shape.brokers.min(3));
    let to: Vec<Value> = (0..count).map(|n| number(1 + (first + n) % shape.brokers)).collect();
    put(fault, "to", to);
}

/// The kind of a fault, by its key.
pub fn kind_of(fault: &Table) -> Option<&'static str> {
    kinds().find(|kind| fault.contains_key(*kind))
}
