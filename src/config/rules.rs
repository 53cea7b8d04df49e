//! What the client makes of the values after it has parsed them: rules between keys (9.3).

use super::effective::Effective;
use super::rejection::{Exception, Rejection};
use super::value::Value;
use super::version::ClientVersion::{V2_3, V4_3};

const IDEMPOTENCE: &str = "enable.idempotence";
const TRANSACTIONAL_ID: &str = "transactional.id";
const RETRIES: &str = "retries";
const ACKS: &str = "acks";
const IN_FLIGHT: &str = "max.in.flight.requests.per.connection";

/// More requests in flight than this, and brokers could not tell whether a batch is missing (V-3).
const MAX_IN_FLIGHT_IDEMPOTENT: i64 = 5;

/// All rules of `ProducerConfig`, in the order of V-13.
pub(super) fn after_parsing(effective: &mut Effective, rejections: &mut Vec<Rejection>) {
    reconnect_backoff(effective);
    if effective.version == V2_3 {
        // Acks, retries and requests in flight are left to the constructor.
        return;
    }
    sasl_mechanism(effective, rejections);
    acks_as_number(effective);
    idempotence(effective, rejections);
    two_phase_commit(effective, rejections);
    client_id(effective);
}

/// V-8: whoever gives only the first pause wants a constant one.
fn reconnect_backoff(effective: &mut Effective) {
    if effective.is_given("reconnect.backoff.ms")
        && !effective.is_given("reconnect.backoff.max.ms")
        && let Some(pause_ms) = effective.integer("reconnect.backoff.ms")
    {
        effective.set("reconnect.backoff.max.ms", Value::Integer(pause_ms), "equal to reconnect.backoff.ms");
    }
}

/// V-9.
fn sasl_mechanism(effective: &Effective, rejections: &mut Vec<Rejection>) {
    let protocol = effective.text("security.protocol").unwrap_or_default().to_ascii_uppercase();
    let is_empty = effective.get("sasl.mechanism").is_some_and(|entry| match &entry.value {
        Value::Text(mechanism) => mechanism.is_empty(),
        value => *value == Value::Null,
    });
    if protocol.starts_with("SASL_") && is_empty {
        let message = format!("`sasl.mechanism` is empty, but `security.protocol` is {protocol}");
        rejections.push(Rejection::of("sasl.mechanism", Exception::ConfigException, message));
    }
}

/// `all` is another word for -1.
pub(super) fn acks_as_number(effective: &mut Effective) {
    if effective.text(ACKS) == Some("all") {
        effective.normalise(ACKS, Value::Text("-1".to_owned()));
    }
}

/// V-1 to V-4, all evaluated (V-12).
fn idempotence(effective: &mut Effective, rejections: &mut Vec<Rejection>) {
    let mut off_because = None;
    if effective.boolean(IDEMPOTENCE) == Some(true) {
        let is_wanted = effective.is_given(IDEMPOTENCE);
        for obstacle in obstacles(effective) {
            let is_error = is_wanted || obstacle.key == IN_FLIGHT && effective.version >= V4_3;
            match is_error {
                true => rejections.push(obstacle.rejection()),
                false => off_because = Some(obstacle.rule),
            }
        }
    }
    if let Some(rule) = off_because {
        effective.set(IDEMPOTENCE, Value::Boolean(false), rule);
    }
    if effective.boolean(IDEMPOTENCE) == Some(false) && effective.is_given(TRANSACTIONAL_ID) {
        let why = off_because.unwrap_or("false");
        rejections.push(transactions_need_idempotence(why));
    }
}

pub(super) fn transactions_need_idempotence(idempotence: &str) -> Rejection {
    let message = format!("`{TRANSACTIONAL_ID}` is given, but `{IDEMPOTENCE}` is {idempotence}");
    Rejection::of(TRANSACTIONAL_ID, Exception::ConfigException, message)
        .help("transactions need idempotence: remove one of them")
}

/// A value with which idempotence does not work.
pub(super) struct Obstacle {
    pub(super) key: &'static str,
    value: String,
    help: &'static str,
    /// What it does to idempotence that is only the default.
    rule: &'static str,
}

impl Obstacle {
    pub(super) fn rejection(&self) -> Rejection {
        let Obstacle { key, value, help, .. } = self;
        let message = format!("`{key}` is {value}, but `{IDEMPOTENCE}` is true");
        Rejection::of(key, Exception::ConfigException, message).help(*help)
    }
}

/// Everything in the way of idempotence, in the order in which the client looks for it.
fn obstacles(effective: &Effective) -> Vec<Obstacle> {
    [retries_obstacle(effective), acks_obstacle(effective), in_flight_obstacle(effective)]
        .into_iter()
        .flatten()
        .collect()
}

pub(super) fn retries_obstacle(effective: &Effective) -> Option<Obstacle> {
    (effective.integer(RETRIES) == Some(0)).then(|| Obstacle {
        key: RETRIES,
        value: "0".to_owned(),
        help: "expected a number above 0, or enable.idempotence=false",
        rule: "off because retries is 0",
    })
}

pub(super) fn acks_obstacle(effective: &Effective) -> Option<Obstacle> {
    let acks = effective.text(ACKS).filter(|acks| !matches!(*acks, "all" | "-1"))?;
    Some(Obstacle {
        key: ACKS,
        value: acks.to_owned(),
        help: "expected all, or enable.idempotence=false",
        rule: "off because acks is not all",
    })
}

pub(super) fn in_flight_obstacle(effective: &Effective) -> Option<Obstacle> {
    let in_flight = effective.integer(IN_FLIGHT).filter(|&n| n > MAX_IN_FLIGHT_IDEMPOTENT)?;
    Some(Obstacle {
        key: IN_FLIGHT,
        value: in_flight.to_string(),
        help: "expected at most 5, or enable.idempotence=false",
        rule: "off because of more than 5 requests in flight",
    })
}

/// A transaction that an outside coordinator decides about has no time limit (KIP-939).
fn two_phase_commit(effective: &Effective, rejections: &mut Vec<Rejection>) {
    if effective.boolean("transaction.two.phase.commit.enable") == Some(true)
        && effective.is_given("transaction.timeout.ms")
    {
        let message = "`transaction.timeout.ms` is given, but `transaction.two.phase.commit.enable` is true";
        let rejection = Rejection::of("transaction.timeout.ms", Exception::ConfigException, message);
        rejections.push(rejection.help("remove one of them"));
    }
}

/// The name of a producer that has none follows from its transactional id; numbers are given in the constructor.
fn client_id(effective: &mut Effective) {
    if effective.is_given("client.id") {
        return;
    }
    if let Some(id) = effective.text(TRANSACTIONAL_ID) {
        let name = format!("producer-{id}");
        effective.set("client.id", Value::Text(name), "follows from transactional.id");
    }
}
