//! Keys of the producer itself, from addresses to partitioners.

use crate::config::key::Importance::{High, Low, Medium};
use crate::config::key::Preset::{Null, Required, Text};
use crate::config::key::{Area, Change, Key, Kind, Preset, Valid};
use crate::config::version::ClientVersion::{V3_1, V3_9, V4_3};

const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];
const ACKS: &[&str] = &["all", "-1", "0", "1"];
const LOOKUPS_2_3: &[&str] = &["default", "use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"];
const LOOKUPS: &[&str] = &["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"];
const RECOVERIES: &[&str] = &["REBOOTSTRAP", "NONE"];
const PROTOCOLS: &[&str] = &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
const MAX_INT: i64 = i32::MAX as i64;

const fn batching(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Batching, name, kind, preset, doc)
}

const fn delivery(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Delivery, name, kind, preset, doc)
}

const fn partitioning(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Partitioning, name, kind, preset, doc)
}

const fn application(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Application, name, kind, preset, doc)
}

const fn connection(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Connection, name, kind, preset, doc)
}

const fn metadata(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Metadata, name, kind, preset, doc)
}

const fn metrics(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Metrics, name, kind, preset, doc)
}

const fn security(name: &'static str, kind: Kind, preset: Preset, doc: &'static str) -> Key {
    Key::new(Area::Security, name, kind, preset, doc)
}

pub(super) const KEYS: &[Key] = &[
    connection(
        "bootstrap.servers",
        Kind::List,
        Text(""),
        "Brokers to ask first, as host:port between commas. In a scenario the simulated brokers stand behind them, \
         so it may be left out.",
    )
    .importance(High)
    .valid(Valid::NonNull)
    .changed(V4_3, Change::Preset(Required))
    .changed(V4_3, Change::Valid(Valid::DistinctNonEmpty)),
    connection(
        "client.dns.lookup",
        Kind::String,
        Text("default"),
        "Whether all addresses of a host name are tried in turn, and whether bootstrap names are made canonical.",
    )
    .importance(Medium)
    .valid(Valid::OneOf(LOOKUPS_2_3))
    .changed(V3_1, Change::Preset(Text("use_all_dns_ips")))
    .changed(V3_1, Change::Valid(Valid::OneOf(LOOKUPS))),
    batching(
        "buffer.memory",
        Kind::Long,
        Text("33554432"),
        "Memory for batches that are not yet acknowledged. When it is used up, send waits for max.block.ms and then \
         fails.",
    )
    .importance(High)
    .valid(Valid::AtLeast(0))
    .modelled(),
    delivery(
        "retries",
        Kind::Int,
        Text("2147483647"),
        "How often a batch is sent again after an error that may pass. delivery.timeout.ms usually ends it first; 0 \
         also switches idempotence off unless that was asked for.",
    )
    .importance(High)
    .valid(Valid::Between(0, MAX_INT))
    .modelled(),
    delivery(
        "acks",
        Kind::String,
        Text("1"),
        "Who must have a batch before it counts as sent: nobody (0), the leader (1), or all replicas in sync (all, \
         the same as -1).",
    )
    .importance(High)
    .valid(Valid::OneOf(ACKS))
    .changed(V3_1, Change::Preset(Text("all")))
    .changed(V3_1, Change::Importance(Low))
    .modelled(),
    batching(
        "compression.type",
        Kind::String,
        Text("none"),
        "The codec of batches: none, gzip, snappy, lz4 or zstd. Room in a batch is judged by the ratio seen so far.",
    )
    .importance(High)
    .changed(V3_9, Change::Valid(Valid::OneOf(CODECS)))
    .modelled(),
    batching("compression.gzip.level", Kind::Int, Text("-1"), "Effort of gzip; -1 is the codec's own choice.")
        .importance(Medium)
        .valid(Valid::BetweenOr(1, 9, -1))
        .since(V3_9)
        .modelled(),
    batching("compression.lz4.level", Kind::Int, Text("9"), "Effort of lz4.")
        .importance(Medium)
        .valid(Valid::Between(1, 17))
        .since(V3_9)
        .modelled(),
    batching("compression.zstd.level", Kind::Int, Text("3"), "Effort of zstd.")
        .importance(Medium)
        .valid(Valid::Between(-131_072, 22))
        .since(V3_9)
        .modelled(),
    batching(
        "batch.size",
        Kind::Int,
        Text("16384"),
        "How large a batch may grow before it is sent at once. A record that is larger gets a batch of its own; 0 \
         gives every record one.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .modelled(),
    partitioning(
        "partitioner.adaptive.partitioning.enable",
        Kind::Boolean,
        Text("true"),
        "The built-in partitioner gives more records without key to partitions whose queues are short.",
    )
    .since(V3_9)
    .modelled(),
    partitioning(
        "partitioner.availability.timeout.ms",
        Kind::Long,
        Text("0"),
        "The built-in partitioner avoids partitions whose broker has taken no batch for this long; 0 switches that \
         off.",
    )
    .valid(Valid::AtLeast(0))
    .since(V3_9)
    .modelled(),
    partitioning(
        "partitioner.ignore.keys",
        Kind::Boolean,
        Text("false"),
        "The built-in partitioner treats records with a key like those without.",
    )
    .importance(Medium)
    .since(V3_9)
    .modelled(),
    batching(
        "linger.ms",
        Kind::Long,
        Text("0"),
        "How long a batch that is not full waits for more records. It leaves earlier if it fills up, if memory runs \
         out, or on flush and close. Above 2147483647 it counts as that.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .changed(V4_3, Change::Preset(Text("5")))
    .modelled(),
    delivery(
        "delivery.timeout.ms",
        Kind::Int,
        Text("120000"),
        "How long after its batch was opened a record must be acknowledged, retries included. Must be at least \
         linger.ms + request.timeout.ms; where it is only the default, it is raised to that.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .modelled(),
    application(
        "client.id",
        Kind::String,
        Text(""),
        "The name under which brokers and metrics know the producer. If none is given, the client numbers its \
         producers: producer-1.",
    )
    .importance(Medium)
    .modelled(),
    connection("send.buffer.bytes", Kind::Int, Text("131072"), "TCP send buffer; -1 is the system's choice.")
        .importance(Medium)
        .valid(Valid::AtLeast(-1)),
    connection(
        "receive.buffer.bytes",
        Kind::Int,
        Text("32768"),
        "TCP receive buffer; -1 is the system's choice.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(-1)),
    batching(
        "max.request.size",
        Kind::Int,
        Text("1048576"),
        "Bytes of batches that one request takes, and the largest record that send accepts, before compression.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .modelled(),
    connection(
        "reconnect.backoff.ms",
        Kind::Long,
        Text("50"),
        "Pause before connecting again to a broker; it doubles with each failure.",
    )
    .valid(Valid::AtLeast(0))
    .modelled(),
    connection(
        "reconnect.backoff.max.ms",
        Kind::Long,
        Text("1000"),
        "The longest pause before connecting again. If only reconnect.backoff.ms is given, it is that too: the pause \
         is constant.",
    )
    .valid(Valid::AtLeast(0))
    .modelled(),
    delivery(
        "retry.backoff.ms",
        Kind::Long,
        Text("100"),
        "Pause before a batch is sent again. From 3.7 on it doubles with each failure.",
    )
    .valid(Valid::AtLeast(0))
    .modelled(),
    delivery(
        "retry.backoff.max.ms",
        Kind::Long,
        Text("1000"),
        "The longest pause before a batch is sent again. Below retry.backoff.ms it is the pause itself.",
    )
    .valid(Valid::AtLeast(0))
    .since(V3_9)
    .modelled(),
    metrics("enable.metrics.push", Kind::Boolean, Text("true"), "Sends metrics to brokers that subscribe to them.")
        .since(V3_9),
    batching(
        "max.block.ms",
        Kind::Long,
        Text("60000"),
        "How long send waits for metadata and memory together before it fails.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .modelled(),
    delivery(
        "request.timeout.ms",
        Kind::Int,
        Text("30000"),
        "How long a request may go without an answer. Then the connection is closed and its batches are retried.",
    )
    .importance(Medium)
    .valid(Valid::AtLeast(0))
    .modelled(),
    metadata(
        "metadata.max.age.ms",
        Kind::Long,
        Text("300000"),
        "Metadata older than this is asked for again, even if nothing has failed.",
    )
    .valid(Valid::AtLeast(0))
    .modelled(),
    metadata(
        "metadata.max.idle.ms",
        Kind::Long,
        Text("300000"),
        "A topic to which nothing was sent for this long is dropped from the metadata.",
    )
    .valid(Valid::AtLeast(5_000))
    .since(V3_1)
    .modelled(),
    metrics(
        "metrics.sample.window.ms",
        Kind::Long,
        Text("30000"),
        "Length of one window over which rates and averages are measured.",
    )
    .valid(Valid::AtLeast(0))
    .modelled(),
    metrics("metrics.num.samples", Kind::Int, Text("2"), "Windows that a rate or an average looks back on.")
        .valid(Valid::AtLeast(1))
        .modelled(),
    metrics(
        "metrics.recording.level",
        Kind::String,
        Text("INFO"),
        "How detailed the metrics are that the client records.",
    )
    .valid(Valid::OneOf(&["INFO", "DEBUG"]))
    .changed(V3_1, Change::Valid(Valid::OneOf(&["INFO", "DEBUG", "TRACE"]))),
    metrics("metric.reporters", Kind::List, Text(""), "Classes that are told about every metric.")
        .valid(Valid::NonNull)
        .changed(V4_3, Change::Preset(Text("org.apache.kafka.common.metrics.JmxReporter")))
        .changed(V4_3, Change::Valid(Valid::Distinct)),
    metrics(
        "auto.include.jmx.reporter",
        Kind::Boolean,
        Text("true"),
        "Reports metrics through JMX even if metric.reporters does not name that reporter.",
    )
    .since(V3_9)
    .removed_in(V4_3),
    delivery(
        "max.in.flight.requests.per.connection",
        Kind::Int,
        Text("5"),
        "Requests to one broker that may be unanswered at a time. With 1, retries keep the order even without \
         idempotence; idempotence allows at most 5.",
    )
    .valid(Valid::AtLeast(1))
    .modelled(),
    application(
        "key.serializer",
        Kind::Class,
        Required,
        "The class that turns keys into bytes. Scenarios give keys as bytes, so it may be left out.",
    )
    .importance(High),
    application(
        "value.serializer",
        Kind::Class,
        Required,
        "The class that turns values into bytes. Scenarios give sizes in bytes, so it may be left out.",
    )
    .importance(High),
    connection(
        "socket.connection.setup.timeout.ms",
        Kind::Long,
        Text("10000"),
        "How long connecting may take; it doubles with each failure.",
    )
    .importance(Medium)
    .since(V3_1)
    .modelled(),
    connection(
        "socket.connection.setup.timeout.max.ms",
        Kind::Long,
        Text("30000"),
        "The longest time that connecting may take.",
    )
    .importance(Medium)
    .since(V3_1)
    .modelled(),
    connection(
        "connections.max.idle.ms",
        Kind::Long,
        Text("540000"),
        "A connection without traffic for this long is closed.",
    )
    .importance(Medium),
    partitioning(
        "partitioner.class",
        Kind::Class,
        Text("org.apache.kafka.clients.producer.internals.DefaultPartitioner"),
        "The class that chooses partitions. If none is given, 3.3 and later use the built-in rules: hash of the key, \
         otherwise one partition for batch.size bytes at a time.",
    )
    .importance(Medium)
    .changed(V3_9, Change::Preset(Null))
    .modelled(),
    application("interceptor.classes", Kind::List, Text(""), "Classes that see each record before it is serialized.")
        .valid(Valid::NonNull)
        .changed(V4_3, Change::Valid(Valid::Distinct)),
    security("security.protocol", Kind::String, Text("PLAINTEXT"), "How connections are encrypted and authenticated.")
        .importance(Medium)
        .changed(V3_9, Change::Valid(Valid::OneOfAnyCase(PROTOCOLS))),
    security("security.providers", Kind::String, Null, "Classes that provide security algorithms to Java.")
        .since(V3_1),
    metadata(
        "metadata.recovery.strategy",
        Kind::String,
        Text("none"),
        "What to do when no known broker answers any more: nothing, or begin again with bootstrap.servers.",
    )
    .valid(Valid::OneOfAnyCase(RECOVERIES))
    .since(V3_9)
    .changed(V4_3, Change::Preset(Text("rebootstrap")))
    .modelled(),
    metadata(
        "metadata.recovery.rebootstrap.trigger.ms",
        Kind::Long,
        Text("300000"),
        "After this long without metadata, the client begins again with bootstrap.servers.",
    )
    .valid(Valid::AtLeast(0))
    .since(V4_3)
    .modelled(),
    application(
        "config.providers",
        Kind::List,
        Text(""),
        "Names of providers that fill in values from elsewhere, such as secrets.",
    )
    .valid(Valid::Distinct)
    .since(V4_3),
];
