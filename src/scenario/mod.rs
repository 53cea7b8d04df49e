//! Floor 6: scenario files: raw TOML, and the checked scenario that the world accepts.

mod check_section;
mod cluster_section;
mod compression_section;
mod controller_section;
pub mod defaults;
mod distribution_section;
pub mod fault;
mod fault_section;
mod fault_target;
pub mod gate;
mod gate_section;
mod input;
mod intake;
mod kafka_keys;
pub mod lesson;
pub mod lesson_field;
mod lesson_section;
pub mod lesson_term;
mod lesson_translation;
pub mod limits;
pub mod load;
pub mod manual;
mod network_section;
mod overrides;
mod payload_fields;
mod payload_section;
pub mod preparation;
mod preparation_section;
pub mod problem;
mod producer_section;
mod registry_section;
mod responses_file;
mod retention_section;
mod run_section;
mod schema_files;
mod section;
mod source;
pub mod sweep;
mod sweep_section;
mod topic_section;
mod trace_topics;
mod tree;
mod workload_section;

pub use intake::Setting;
pub use problem::ScenarioError;
pub use producer_section::OWN_KEYS;

use std::sync::Arc;

use self::preparation::{Preparation, RegistrySpec};
use crate::cluster::spec::ClusterSpec;
use crate::config::producer::ProducerConfig;
use crate::producer::RatioCurve;
use crate::values::time::{Span, Time};
use crate::workload::spec::Source;

/// A complete, checked description of one run. It cannot be invalid.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Short name, the file's stem.
    pub name: String,
    /// One line that says what it shows.
    pub title: String,
    /// The master seed.
    pub seed: u64,
    /// The brokers.
    pub cluster: ClusterSpec,
    /// Groups of equal producers, in file order; never empty.
    pub producers: Vec<ProducerGroup>,
    /// The network between clients and brokers.
    pub network: NetworkSpec,
    /// The schema registry that serializers ask.
    pub registry: Option<RegistrySpec>,
    /// What goes wrong, in order of the earliest time.
    pub faults: Vec<fault::Fault>,
    /// When the run ends.
    pub end: End,
    /// From where the latency of a record counts.
    pub latency_from: LatencyFrom,
}

/// From where the latency of a record counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatencyFrom {
    /// From the time at which it was due: what waits before `send` is called counts.
    #[default]
    Intended,
    /// From the call of `send`, as most load generators count. What a stalled application did not send in time is left
    /// out (coordinated omission).
    Call,
}

/// Equal producers.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerGroup {
    /// How many, at least 1.
    pub count: u32,
    /// Application threads of each, at least 1; the workload is that of one thread.
    pub threads: u32,
    /// The effective configuration. Copies get `-2`, `-3`, … behind the client id.
    pub config: ProducerConfig,
    /// What each thread sends.
    pub source: Source,
    /// How a thread sends.
    pub send_mode: SendMode,
    /// How application threads sleep.
    pub application: ApplicationSleep,
    /// The sender thread's own time, outside the pipeline.
    pub sender: SenderCost,
    /// What the codec makes of batches; nothing without one.
    pub compressing: Compressing,
    /// What happens to records before the pipeline gets them; `None`: nothing that could be seen.
    pub preparation: Option<Arc<Preparation>>,
    /// `flush()` after every n records of a thread, 0: never.
    pub flush_every_records: u64,
}

/// How the size of a batch after compression comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compressing {
    /// Always so many permille of the uncompressed size.
    Ratio(u32),
    /// By the size of the batch.
    Curve(RatioCurve),
}

/// How an application thread sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendMode {
    /// Does not look at results.
    FireAndForget,
    /// Waits for the result of each record before the next.
    Synchronous,
    /// Gives a callback and goes on.
    Callback,
}

/// What the machine does to an application thread that sleeps until its next record is due. A trace says itself when
/// its thread really sent, and is not delayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplicationSleep {
    /// A sleep ends so much later, at least. What has become due meanwhile is then sent at once.
    pub timer: Span,
    /// Mean of what comes to that, exponentially distributed.
    pub timer_jitter: Span,
    /// Mean time between two moments in which the machine stands still for the thread; 0: never.
    pub stall_every: Span,
    /// How long such a moment lasts on average. Both are exponentially distributed.
    pub stall: Span,
}

/// Processor time that the sender thread takes; it delays what the sender does next, never its decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderCost {
    /// From a wake-up (or a deadline) to the moment the thread runs, at least.
    pub wake: Span,
    /// Mean of what comes to that, exponentially distributed.
    pub wake_jitter: Span,
    /// More of it after a sleep that ends by itself: timers are late.
    pub timer: Span,
    /// An application thread that has less than this until its next record does not sleep but spins. One that
    /// [`ApplicationSleep`] delays sleeps always.
    pub spin: Span,
    /// In how many of 1000 cases the sender then has to wait, as the application keeps the core that it would run on.
    /// Tried anew after each record; below 1000.
    pub held_permille: u32,
    /// One turn of the loop.
    pub turn: Span,
    /// More for each request written in the turn.
    pub per_request: Span,
}

/// Links between clients and brokers. Each connection has one link each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    /// One way.
    pub latency: Span,
    /// Up to this much is added, uniformly; messages of one connection never overtake.
    pub jitter: Span,
    /// Bits per second of one connection, 0: no limit.
    pub bits_per_second: u64,
    /// Time to set up a connection.
    pub connect: Span,
}

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// No new records from this time on.
    pub at: Option<Time>,
    /// No new records after this many per thread-set in all.
    pub records: Option<u64>,
    /// Producers are closed after the last record, with this timeout; `None`: without limit.
    pub close_timeout: Option<Span>,
}
