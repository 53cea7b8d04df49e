//! Keys of idempotence and transactions.

use crate::config::key::Preset::{Null, Text};
use crate::config::key::{Area, Change, Key, Kind, Preset, Valid};
use crate::config::version::ClientVersion::{V3_1, V4_3};

const fn key(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Delivery, name, kind, preset, doc)
}

pub(super) const KEYS: &[Key] = &[
    key(
        "enable.idempotence",
        Kind::Boolean,
        Text("false"),
        "Numbers each batch, so that brokers drop copies that retries make and keep the order. Needs acks=all, \
         retries above 0 and at most 5 requests in flight; where it is only the default, acks and retries against it \
         switch it off without an error.",
    )
    .changed(V3_1, Change::Preset(Text("true")))
    .modelled(),
    key(
        "transaction.timeout.ms",
        Kind::Int,
        Text("60000"),
        "How long a transaction may stay open before the coordinator aborts it.",
    ),
    key(
        "transactional.id",
        Kind::String,
        Null,
        "The identity under which transactions survive a restart of the producer. Needs idempotence.",
    )
    .valid(Valid::NonEmpty),
    key(
        "transaction.two.phase.commit.enable",
        Kind::Boolean,
        Text("false"),
        "Lets an outside coordinator decide about prepared transactions, which then never time out.",
    )
    .since(V4_3),
];
