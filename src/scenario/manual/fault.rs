//! What goes wrong.

use super::kind::{BANDWIDTH, BROKER_OR_ALL, DURATION, Kind};
use super::{Section, row};
use crate::scenario::limits;

/// Faults that strike single requests.
const INJECTED: &[&str] = &["drop-requests", "drop-responses", "error"];

/// Something that goes wrong: one of the kinds, with `at`.
pub const FAULT: Section = Section::new(
    "fault",
    "Something that goes wrong: one of the kinds, with `at`.",
    &[
        row(
            "at",
            Kind::Either(&[DURATION, Kind::List(&DURATION, 2, 2)]),
            "when; `[\"2s\", \"8s\"]`: any time between, drawn from the seed",
        )
        .said("duration, or two in a list")
        .needed(),
        row("name", Kind::Text, "what gates call it"),
        row(
            "for",
            DURATION,
            "how long; `pause`, `isolate` and `pause-client` need it, other faults last if it is missing",
        ),
        row(
            "crash",
            Kind::Broker,
            "its process dies (`kill -9`), its log survives; with `for` it starts again then",
        )
        .one_of(),
        row(
            "restart",
            Kind::BrokerId,
            "one that is down starts again, and takes part once it has registered",
        )
        .one_of(),
        row(
            "shutdown",
            Kind::Broker,
            "a controlled shutdown: what it leads is moved, then its process ends; with `for` it starts \
             again then",
        )
        .one_of(),
        row(
            "pause",
            Kind::Broker,
            "its process stands still (SIGSTOP, a long garbage collection); connections stay",
        )
        .one_of(),
        row("slow", Kind::Broker, "its service times are multiplied by `factor`").one_of(),
        row("isolate", Kind::Broker, "a network partition: messages wait until it is over").one_of(),
        row("cut", Kind::Broker, "all client connections to it are reset").one_of(),
        row(
            "delay",
            BROKER_OR_ALL,
            "messages between clients and it are late by `by`, and up to `jitter` more",
        )
        .one_of(),
        row(
            "loss",
            BROKER_OR_ALL,
            "lost TCP segments: with `chance`, a message is late by a retransmission (200 ms, doubled for \
             each loss in a row)",
        )
        .one_of(),
        row("bandwidth", BROKER_OR_ALL, "of one connection, no more than `limit`").one_of(),
        row(
            "drop-requests",
            BROKER_OR_ALL,
            "a produce request is lost with its connection before it is read",
        )
        .one_of(),
        row(
            "drop-responses",
            BROKER_OR_ALL,
            "the connection breaks after the append, when the answer is about to leave",
        )
        .one_of(),
        row("error", Kind::ErrorName, "produce batches are answered with it").one_of(),
        row(
            "controller-loss",
            Kind::True,
            "the active controller dies; if it is a broker, the broker lives on",
        )
        .one_of(),
        row("pause-client", Kind::Text, "the processes of that group of producers stand still")
            .said("`client.id`")
            .one_of(),
        row(
            "registry",
            Kind::Words(&["down", "slow"]),
            "the schema registry refuses connections, or takes `factor` times as long",
        )
        .one_of(),
        row(
            "elect",
            Kind::Either(&[Kind::Words(&["preferred"]), Kind::Partition]),
            "a planned move: preferred replicas lead, or the partition's replica on broker `to`",
        )
        .one_of(),
        row(
            "reassign",
            Kind::Partition,
            "it gets the replicas `to`: new ones are added, catch up, and the others go",
        )
        .one_of(),
        row(
            "lose-unflushed",
            Kind::Flag,
            "the machine dies: what the operating system had not written to disk (`os-flush-interval`) is \
             gone",
        )
        .beside(&["crash"]),
        row("factor", Kind::Decimal(1, 1_000_000_000), "10 if missing").beside(&["slow", "registry"]),
        row(
            "from",
            Kind::Words(&["all", "clients", "brokers", "controller", "cluster"]),
            "whom it cannot reach; `\"cluster\"` is brokers and controller",
        )
        .beside(&["isolate"]),
        row("direction", Kind::Words(&["both", "in", "out"]), "which messages of clients do not pass")
            .beside(&["isolate"]),
        row("by", DURATION, "so much later, each way").needed().beside(&["delay"]),
        row("jitter", DURATION, "and up to so much more, each way").beside(&["delay"]),
        row("chance", Kind::Chance, "so many messages are late").needed().beside(&["loss"]),
        row("limit", BANDWIDTH, "what is left").needed().beside(&["bandwidth"]),
        row("chance", Kind::Chance, "in so many cases; always, if missing").beside(INJECTED),
        row(
            "count",
            Kind::Count(1, limits::RECORDS),
            "at most so often; once, if neither `chance` nor `for` is given",
        )
        .said("1 or more")
        .beside(INJECTED),
        row("partition", Kind::Partition, "only requests, or batches, for this one").beside(INJECTED),
        row("broker", BROKER_OR_ALL, "where; anywhere, if missing").beside(&["error"]),
        row("after-append", Kind::Flag, "the batch is in the log nevertheless").beside(&["error"]),
        row("to", Kind::BrokerId, "needed with a partition").beside(&["elect"]),
        row("to", Kind::List(&Kind::BrokerId, 1, limits::BROKERS as usize), "the preferred leader first")
            .said("list of broker ids")
            .needed()
            .beside(&["reassign"]),
    ],
);
