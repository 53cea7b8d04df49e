//! What the client's constructor makes of an accepted configuration: limits, raised times, and what it still rejects.

use super::classes::{self, Role};
use super::effective::Effective;
use super::rejection::{Exception, Rejection};
use super::rules;
use super::value::Value;
use super::version::ClientVersion::{V2_3, V3_9};
use crate::values::excerpt::{excerpt, short};

const MAX_INT: i64 = i32::MAX as i64;

/// Everything the constructor does, in its order; `number` counts the producers of the process from 1.
pub(super) fn construct(effective: &mut Effective, number: usize, rejections: &mut Vec<Rejection>) {
    client_id(effective, number);
    roles(effective, rejections);
    compression(effective, rejections);
    batch_size(effective);
    linger(effective);
    if effective.version == V2_3 {
        transactions_2_3(effective, rejections);
    }
    delivery_timeout(effective, rejections);
    addresses(effective, rejections);
    security_protocol(effective, rejections);
    if effective.version == V2_3 {
        idempotence_2_3(effective, rejections);
    }
}

/// A producer without a name gets a number; in 2.3 an empty name is none.
fn client_id(effective: &mut Effective, number: usize) {
    let is_nameless = effective.text("client.id") == Some("");
    if is_nameless && (effective.version == V2_3 || !effective.is_given("client.id")) {
        let name = format!("producer-{number}");
        effective.set("client.id", Value::Text(name), "numbered by the client");
    }
}

/// Classes that the client instantiates must be what their keys need.
fn roles(effective: &Effective, rejections: &mut Vec<Rejection>) {
    for (key, role, kind) in [
        ("partitioner.class", Role::Partitioner, "partitioner"),
        ("key.serializer", Role::Serializer, "serializer"),
        ("value.serializer", Role::Serializer, "serializer"),
    ] {
        if let Some(class) = effective.text(key)
            && classes::role(effective.version, class).is_some_and(|actual| actual != role)
        {
            let message = format!("`{key}` is {}, which is no {kind}", excerpt(class, 100));
            rejections.push(Rejection::of(key, Exception::KafkaException, message));
        }
    }
    for class in effective.list("interceptor.classes").unwrap_or_default() {
        if classes::role(effective.version, class).is_some() {
            let message =
                format!("`interceptor.classes` has {}, which is no interceptor", excerpt(class, 100));
            rejections.push(Rejection::of("interceptor.classes", Exception::ClassCastException, message));
        }
    }
}

/// 3.1 and 2.3 parse any word, and only the constructor looks for the codec.
fn compression(effective: &Effective, rejections: &mut Vec<Rejection>) {
    const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
    if let Some(codec) = effective.text("compression.type").filter(|codec| !CODECS.contains(codec)) {
        let message = format!("`compression.type` is \"{}\"", short(codec));
        let rejection = Rejection::of("compression.type", Exception::IllegalArgumentException, message);
        rejections.push(rejection.help(format!("expected one of {}", CODECS.join(", "))));
    }
}

/// CON-3: from 3.3 on a batch of 0 bytes counts as 1 (KAFKA-14303).
fn batch_size(effective: &mut Effective) {
    if effective.version >= V3_9 && effective.integer("batch.size") == Some(0) {
        effective.set("batch.size", Value::Integer(1), "0 counts as 1");
    }
}

/// CON-4.
fn linger(effective: &mut Effective) {
    if effective.integer("linger.ms").is_some_and(|linger_ms| linger_ms > MAX_INT) {
        effective.set("linger.ms", Value::Integer(MAX_INT), "larger values count as this");
    }
}

/// V-6.
fn delivery_timeout(effective: &mut Effective, rejections: &mut Vec<Rejection>) {
    let key = "delivery.timeout.ms";
    let (Some(delivery_ms), Some(linger_ms), Some(request_ms)) =
        (effective.integer(key), effective.integer("linger.ms"), effective.integer("request.timeout.ms"))
    else {
        return;
    };
    let least_ms = (linger_ms + request_ms).min(MAX_INT);
    if delivery_ms >= least_ms {
        return;
    }
    if effective.is_given(key) {
        let message = format!(
            "`{key}` is {delivery_ms}, less than `linger.ms` + `request.timeout.ms` = {linger_ms} + {request_ms}"
        );
        let rejection = Rejection::of(key, Exception::ConfigException, message);
        rejections
            .push(rejection.help(format!("expected at least {least_ms}, or one of the others smaller")));
    } else {
        effective.set(key, Value::Integer(least_ms), "raised to linger.ms + request.timeout.ms");
    }
}

/// Addresses need a port; names are not looked up.
fn addresses(effective: &Effective, rejections: &mut Vec<Rejection>) {
    let key = "bootstrap.servers";
    let Some(servers) = effective.list(key) else { return };
    let mut addresses = servers.iter().filter(|server| !server.is_empty()).peekable();
    if addresses.peek().is_none() {
        let rejection = Rejection::of(key, Exception::ConfigException, format!("`{key}` has no address"));
        rejections.push(rejection.help("expected host:port, for example localhost:9092"));
    }
    for address in addresses {
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none() {
            let message = format!("`{key}` has \"{}\", which is no address", short(address));
            let rejection = Rejection::of(key, Exception::ConfigException, message);
            rejections.push(rejection.help("expected host:port, for example localhost:9092"));
        }
    }
}

/// 3.1 and 2.3 parse any word, and only the constructor looks for the protocol.
fn security_protocol(effective: &Effective, rejections: &mut Vec<Rejection>) {
    const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
    let Some(protocol) = effective.text("security.protocol") else { return };
    if !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
        let message = format!("`security.protocol` is \"{}\"", short(protocol));
        let rejection = Rejection::of("security.protocol", Exception::IllegalArgumentException, message);
        rejections.push(rejection.help(format!("expected one of {}", PROTOCOLS.join(", "))));
    }
}

/// V-4 in 2.3: a transactional id switches idempotence on, unless that was refused.
fn transactions_2_3(effective: &mut Effective, rejections: &mut Vec<Rejection>) {
    let is_idempotent = effective.boolean("enable.idempotence") == Some(true);
    if is_idempotent || !effective.is_given("transactional.id") {
        return;
    }
    if effective.is_given("enable.idempotence") {
        rejections.push(rules::transactions_need_idempotence("false"));
    } else {
        effective.set("enable.idempotence", Value::Boolean(true), "on because transactional.id is given");
    }
}

/// V-1 to V-3 in 2.3, in the order of its constructor. There, acks that are only the default follow idempotence.
fn idempotence_2_3(effective: &mut Effective, rejections: &mut Vec<Rejection>) {
    rules::acks_as_number(effective);
    if effective.boolean("enable.idempotence") != Some(true) {
        return;
    }
    if !effective.is_given("acks") {
        effective.set("acks", Value::Text("-1".to_owned()), "all because of enable.idempotence");
    }
    let obstacles = [
        rules::in_flight_obstacle(effective),
        rules::retries_obstacle(effective),
        rules::acks_obstacle(effective),
    ];
    rejections.extend(obstacles.iter().flatten().map(rules::Obstacle::rejection));
}
