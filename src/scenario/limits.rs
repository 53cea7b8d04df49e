//! How large a scenario may be, so that no input takes more memory or time than a machine has.

use crate::values::time::Span;

/// Bytes of a scenario file.
pub const SCENARIO_BYTES: u64 = 1 << 20;
/// Bytes of a properties file.
pub const PROPERTIES_BYTES: u64 = 1 << 20;
/// Keys of one properties file or block.
pub const PROPERTIES: usize = 10_000;
/// Unknown keys of one producer that are looked into: a file with more is something else.
pub const UNKNOWN_KEYS: usize = 500;
/// Brokers.
pub const BROKERS: u64 = 1_000;
/// Topics.
pub const TOPICS: usize = 10_000;
/// Partitions of one topic, and of all topics.
pub const PARTITIONS: u64 = 200_000;
/// Replicas of all partitions.
pub const REPLICAS: u64 = 600_000;
/// Groups of producers.
pub const GROUPS: usize = 1_000;
/// Producers of a group, threads of a producer, threads of all producers.
pub const THREADS: u64 = 100_000;
/// Producers times partitions: each producer keeps a queue for each partition.
pub const QUEUES: u64 = 20_000_000;
/// Connections: producers times brokers and bootstrap addresses.
pub const CONNECTIONS: u64 = 2_000_000;
/// Keys of all workloads together.
pub const KEYS: u64 = 10_000_000;
/// Records of a run.
pub const RECORDS: u64 = 1_000_000_000_000;
/// Bytes of a value: what an array of Java can hold.
pub const VALUE_BYTES: u64 = i32::MAX as u64;
/// Headers of a record.
pub const HEADERS: usize = 1_000;
/// Processor time of one record.
pub const CPU: Span = Span::from_secs(10);
/// `max.retries` of the schema registry's client.
pub const REGISTRY_RETRIES: u32 = 10_000;
/// Bytes of the value of a header that an interceptor adds.
pub const HEADER_BYTES: u64 = 1 << 20;
/// Interceptors of a producer.
pub const INTERCEPTORS: usize = 100;
/// Schemas that follow each other in a workload.
pub const SCHEMA_CHANGES: usize = 1_000;
/// Bytes of a schema registry's export.
pub const EXPORT_BYTES: u64 = 64 << 20;
/// MiB of all files with payloads, which are held in memory.
pub const PAYLOAD_MIB: u32 = 64;
/// Bytes of a template.
pub const TEMPLATE_BYTES: usize = 1 << 16;
/// Fields of a template.
pub const FIELDS: usize = 1_000;
/// Bytes of a text field.
pub const FIELD_BYTES: u64 = 1 << 20;
/// Different sizes of a weighted list.
pub const WEIGHTS: usize = 10_000;
/// Compressed size of a batch in permille of the uncompressed one.
pub const COMPRESSION_PERMILLE: u32 = 2_000;
/// Rows of a file with recorded response times, which are all held in memory.
pub const RECORDED_RESPONSES: usize = 1_000_000;
/// Gates, thresholds included.
pub const GATES: usize = 1_000;
/// Partitions that are gated one by one.
pub const EACH_PARTITION: u32 = 1_000;
/// Runs of one check.
pub const CHECK_SEEDS: u64 = 1_000;
/// Points of a sweep.
pub const POINTS: u64 = 1_000_000;
/// Axes of a sweep.
pub const AXES: usize = 8;
/// Planned faults.
pub const FAULTS: usize = 10_000;
/// Records per second of one thread, in records per 1000 s: one each nanosecond.
pub const RATE_PER_1000_S: u64 = 1_000_000_000_000;
/// Any duration: one year.
pub const SPAN: Span = Span::from_secs(365 * 86_400);
/// Bytes per second of a quota.
pub const BYTES_PER_SECOND: u64 = 1_000_000_000_000;
/// Steps of a lesson.
pub const LESSON_STEPS: usize = 100;
/// Bytes of one of its texts.
pub const LESSON_TEXT: usize = 4_000;
/// Choices of one of its questions.
pub const LESSON_CHOICES: usize = 8;
/// Files with translations of a lesson.
pub const LESSON_TRANSLATIONS: usize = 20;
