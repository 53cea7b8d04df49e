//! Brokers and topics.

use super::kind::{DURATION, Kind, MILLIS, PER_BYTE};
use super::{Section, row};
use crate::scenario::limits;

/// The largest `int` of Java.
const MAX_INT: u64 = i32::MAX as u64;

/// Brokers, replication, the controller, and what holds for topics that do not say.
pub const CLUSTER: Section = Section::new(
    "cluster",
    "Brokers, replication, the controller, and what holds for topics that do not say.",
    &[
        row("brokers", Kind::Count(1, limits::BROKERS), "their ids are 1, 2, …").preset("3"),
        row("broker", Kind::Tables, "what single brokers have of their own"),
        row("topic", Kind::Tables, "without them one topic `events`, or those that the trace names"),
        row("partitions", Kind::Count(1, limits::PARTITIONS), "of topics that do not say").preset("6"),
        row(
            "replication",
            Kind::Count(1, limits::BROKERS),
            "of topics that do not say; at most one for each broker",
        )
        .preset("3")
        .said("1 to the number of brokers"),
        row("min.insync.replicas", Kind::Count(1, limits::BROKERS), "of topics that do not say; Kafka's 1")
            .said("1 to `replication`"),
        row("message.max.bytes", Kind::Count(61, MAX_INT), "`max.message.bytes` of topics that do not say")
            .preset("1048588"),
        row("log.segment.bytes", Kind::Count(14, MAX_INT), "`segment.bytes` of topics that do not say")
            .preset("1073741824"),
        row("log.roll.ms", MILLIS, "`segment.ms` of topics that do not say").preset("604800000"),
        row("log.retention.bytes", Kind::Limit, "`retention.bytes` of topics that do not say").preset("-1"),
        row("log.retention.ms", Kind::Limit, "`retention.ms` of topics that do not say").preset("604800000"),
        row("log.retention.check.interval.ms", MILLIS, "how often a broker looks for segments to delete")
            .preset("300000"),
        row("segment-roll", DURATION, "a partition that begins a new segment takes nothing for so long")
            .preset("0ms"),
        row(
            "producer-state",
            Kind::Words(&["kept", "with-records"]),
            "`with-records`, as before 2.4: a broker forgets an idempotent producer whose last record has \
             been deleted, or cut off, and answers UNKNOWN_PRODUCER_ID",
        )
        .preset("kept"),
        row("num.io.threads", Kind::Count(1, 1_000), "handlers of requests in each broker").preset("8"),
        row(
            "num.network.threads",
            Kind::Count(1, 1_000),
            "each connection belongs to one of them, which reads its requests and writes its answers",
        )
        .preset("3"),
        row(
            "network-per-request",
            DURATION,
            "time of a network thread for a request that it reads, and for an answer that it writes",
        )
        .preset("0ms"),
        row("network-per-byte", PER_BYTE, "more for each byte of a request").preset("0ns/B"),
        row("service", DURATION, "fixed part of a produce request").preset("100us"),
        row("service-per-byte", PER_BYTE, "more for each byte of it").preset("2ns/B"),
        row("service-per-batch", DURATION, "more for each batch after the first").preset("8us"),
        row("service-other", DURATION, "of requests that are not produce requests").preset("100us"),
        row(
            "service-distribution",
            Kind::Words(&["fixed", "exponential"]),
            "`exponential`: the time of a produce request is drawn, with what the keys above say as its \
             mean",
        )
        .preset("fixed"),
        row(
            "responses",
            Kind::File,
            "recorded response times: CSV with `node`, `sent_us`, `received_us` of each produce request; \
             they replace service and network times",
        ),
        row("broker-latency", DURATION, "one way between two brokers").preset("100us"),
        row(
            "rack-latency",
            DURATION,
            "more of it between brokers of different `broker.rack`: other zones or data centres",
        )
        .preset("0ms"),
        row("follower-append", DURATION, "fixed part of a follower's append").preset("100us"),
        row("follower-per-byte", PER_BYTE, "more for each byte of it").preset("3ns/B"),
        row(
            "metadata-propagation",
            DURATION,
            "from the controller's decision to the cache of a broker, at least",
        )
        .preset("50ms"),
        row(
            "metadata-propagation-jitter",
            DURATION,
            "up to this much more, drawn for each broker and decision",
        )
        .preset("20ms"),
        row("replica.lag.time.max.ms", MILLIS, "a follower that is behind for longer leaves the ISR")
            .preset("30000"),
        row("replica.fetch.wait.max.ms", MILLIS, "how long an empty fetch of a follower waits")
            .preset("500")
            .said("1 to `replica.lag.time.max.ms`"),
        row(
            "replica.fetch.backoff.ms",
            MILLIS,
            "a follower that was turned away, or found nobody, tries again after this",
        )
        .preset("1000"),
        row(
            "os-flush-interval",
            DURATION,
            "the operating system writes logs to disk so often; see `lose-unflushed`",
        )
        .preset("5s"),
        row(
            "broker.session.timeout.ms",
            MILLIS,
            "a broker without heartbeat for so long is dead to the controller",
        )
        .preset("9000"),
        row("broker.heartbeat.interval.ms", MILLIS, "between two heartbeats")
            .preset("2000")
            .said("1 to below the session timeout"),
        row(
            "producer_byte_rate",
            Kind::Count(0, limits::BYTES_PER_SECOND),
            "quota: bytes per second of each client at each broker, measured over 11 s; above it answers \
             carry a throttle time; 0: no limit",
        )
        .preset("0")
        .said("0 to 10^12"),
        row(
            "request_percentage",
            Kind::Count(0, 100_000),
            "quota: time of handler and network threads that each client may take at each broker, in \
             percent of one thread; above it answers carry a throttle time of at most 1 s; 0: no limit",
        )
        .preset("0"),
        row(
            "mode",
            Kind::Words(&["kraft", "zookeeper"]),
            "with ZooKeeper, as up to 3.9, sessions are 18 s, a lost controller is replaced after one, \
             and there is no KIP-966: below the minimum ISR the high watermark moves, and acks=all gets \
             NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        )
        .preset("kraft"),
        row(
            "controller",
            Kind::Count(0, limits::BROKERS),
            "the broker that is the active controller as well; 0: it runs apart",
        )
        .preset("0")
        .said("0 to `brokers`"),
        row(
            "controller-failover",
            DURATION,
            "from the loss of the controller to the first decision of the next one",
        )
        .preset("2s"),
        row("broker-startup", DURATION, "from the start of a broker's process to its registration")
            .preset("3s"),
        row(
            "broker-shutdown",
            DURATION,
            "in a controlled shutdown, from the controller's consent to the end of the process; a broker \
             that leads something gets it a heartbeat later than others",
        )
        .preset("500ms"),
        row("resignation", DURATION, "a broker that gives up a leadership serves nothing for so long")
            .preset("0ms"),
        row(
            "unclean.leader.election.enable",
            Kind::Flag,
            "a replica that is not in sync may lead when no other can",
        )
        .preset("false"),
        row(
            "eligible-leader-replicas",
            Kind::Flag,
            "replicas that left an ISR below the minimum may lead (KIP-966); never with ZooKeeper",
        )
        .preset("true"),
        row("auto.leader.rebalance.enable", Kind::Flag, "preferred replicas lead again after a while")
            .preset("true"),
        row(
            "leader.imbalance.check.interval.seconds",
            Kind::Count(1, 31_536_000),
            "how often the controller looks for that",
        )
        .preset("300")
        .said("1 to a year"),
    ],
);

/// What a single broker has of its own.
pub const BROKER: Section = Section::new(
    "cluster.broker",
    "What a single broker has of its own.",
    &[
        row("id", Kind::Count(1, limits::BROKERS), "which broker").said("1 to `brokers`").needed(),
        row("broker.rack", Kind::Text, "its rack"),
        row("num.io.threads", Kind::Count(1, 1_000), "of this broker"),
        row("num.network.threads", Kind::Count(1, 1_000), "of this broker"),
        row("service", DURATION, "of this broker"),
        row("service-per-byte", PER_BYTE, "of this broker"),
        row("service-per-batch", DURATION, "of this broker"),
        row("service-other", DURATION, "of this broker"),
        row(
            "distance",
            DURATION,
            "one way between clients and this broker, on top of `network.latency`: another rack, zone or \
             region",
        ),
        row("slowdown", Kind::Decimal(1, 1_000_000_000), "multiplies all four service times"),
    ],
);

/// A topic; partition p is led by broker 1 + p mod brokers.
pub const TOPIC: Section = Section::new(
    "cluster.topic",
    "A topic; partition p is led by broker 1 + p mod brokers.",
    &[
        row("name", Kind::Text, "as Kafka allows it").needed(),
        row("partitions", Kind::Count(1, limits::PARTITIONS), "else that of the cluster"),
        row("replication", Kind::Count(1, limits::BROKERS), "else that of the cluster")
            .said("1 to the number of brokers"),
        row("min.insync.replicas", Kind::Count(1, limits::BROKERS), "else that of the cluster")
            .said("1 to `replication`"),
        row("max.message.bytes", Kind::Count(61, MAX_INT), "else `message.max.bytes` of the cluster"),
        row("segment.bytes", Kind::Count(14, MAX_INT), "else `log.segment.bytes` of the cluster"),
        row("segment.ms", MILLIS, "else `log.roll.ms` of the cluster"),
        row("retention.bytes", Kind::Limit, "else `log.retention.bytes` of the cluster"),
        row("retention.ms", Kind::Limit, "else `log.retention.ms` of the cluster"),
    ],
);
