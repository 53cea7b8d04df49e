//! What applications do, as plain checked values.

use std::path::PathBuf;
use std::sync::Arc;

use super::payload::file::{Order, Payloads};
use super::payload::fill::Fill;
use super::payload::template::Template;
use crate::protocol::key_hash::KeyHash;
use crate::registry::schema::Schema;
use crate::serializer::object::Object;
use crate::values::ids::TopicId;
use crate::values::time::{Span, Time};

/// Where records come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Drawn from distributions.
    Synthetic(Synthetic),
    /// Read from a CSV file as the run goes.
    Trace(TraceFile),
}

impl Source {
    /// What the application hands over as values.
    pub fn handed(&self) -> &Handed {
        match self {
            Source::Synthetic(synthetic) => &synthetic.handed,
            Source::Trace(_) => &NOTHING_SAID,
        }
    }

    /// How many keys its table holds.
    pub fn key_count(&self) -> u64 {
        match self {
            Source::Synthetic(Synthetic { keys, .. }) => u64::from(keys.count()),
            Source::Trace(_) => 0,
        }
    }
}

/// What an application hands to its serializer of values.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The class of the objects; `None`: what the serializer takes.
    pub object: Option<Object>,
    /// The schemas of values, each from a time on, in their order; without any, none is needed.
    pub schemas: Vec<(Time, Arc<Schema>)>,
}

static NOTHING_SAID: Handed = Handed { object: None, schemas: Vec::new() };

impl PartialEq for Handed {
    fn eq(&self, other: &Handed) -> bool {
        let schemas = |handed: &Handed| -> Vec<(Time, Arc<str>)> {
            handed.schemas.iter().map(|(from, schema)| (*from, Arc::clone(schema.identity()))).collect()
        };
        self.object == other.object && schemas(self) == schemas(other)
    }
}

/// A recorded trace: a CSV file whose columns are found by their header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceFile {
    /// The file.
    pub path: PathBuf,
    /// The topic of rows that name none.
    pub default_topic: TopicId,
    /// Names of all topics, by [`TopicId`]: a row may name any of these.
    pub topics: Vec<String>,
    /// Number of partitions of each of them: no row may name another.
    pub partitions: Vec<u32>,
    /// An optional second CSV file whose row i has `late_us`: microseconds to add to the time of row i.
    pub late: Option<PathBuf>,
    /// Records get null keys, whatever the trace says.
    pub ignore_keys: bool,
    /// What values consist of.
    pub fill: Fill,
}

/// Records drawn from distributions, for one application thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthetic {
    /// When records come.
    pub pace: Pace,
    /// Value sizes in bytes, or what values are if their sizes follow from it.
    pub value_bytes: Sizes,
    /// What values consist of whose sizes say nothing about it.
    pub fill: Fill,
    /// What the application hands over.
    pub handed: Handed,
    /// Keys.
    pub keys: Keys,
    /// Topics with their weights; never empty, weights above 0.
    pub topics: Vec<(TopicId, u32)>,
    /// Explicit partition for every record, if any.
    pub partition: Option<u32>,
    /// Another client's way from keys to partitions, if it is not Java's.
    pub placement: Option<Placement>,
    /// Headers of every record: (name length, value length or `None` for null) in bytes.
    pub headers: Vec<(u32, Option<u32>)>,
}

/// Keys choose partitions as another client would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// How.
    pub hash: KeyHash,
    /// Partitions of each topic, by id.
    pub partitions: Vec<u32>,
}

/// When records come.
#[derive(Clone, Debug, PartialEq)]
pub enum Pace {
    /// Open loop: intended times do not depend on completions.
    Open(Arrivals),
    /// Closed loop: the next record follows the previous completion after a pause.
    Closed {
        /// Pause between a completion and the next send.
        think: Span,
    },
}

/// Open-loop arrivals of one application thread. All rates in records per 1000 seconds, above 0 unless said
/// otherwise, at most 10^12 (one record a nanosecond).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Equal gaps from the first record on.
    Constant {
        /// Rate.
        per_1000_s: u64,
        /// Offset of the first record in thousandths of a gap, at most 1000.
        phase_permille: u32,
    },
    /// Exponential gaps.
    Poisson {
        /// Mean rate.
        per_1000_s: u64,
    },
    /// Poisson at `on` for `on_for`, then at `off` (may be 0) for `off_for`, and so on.
    OnOff {
        /// Rate while on.
        on_per_1000_s: u64,
        /// Rate while off, may be 0.
        off_per_1000_s: u64,
        /// Length of the on phase, above 0.
        on_for: Span,
        /// Length of the off phase.
        off_for: Span,
    },
    /// Poisson with a rate that grows in a straight line from `from` to `to` within `over`, then stays.
    Ramp {
        /// Rate at the start, may be 0.
        from_per_1000_s: u64,
        /// Rate at the end.
        to_per_1000_s: u64,
        /// Length of the ramp.
        over: Span,
    },
    /// Poisson with a sinusoidal rate.
    Wave {
        /// Mean rate.
        mean_per_1000_s: u64,
        /// Largest deviation from the mean, in permille of the mean, at most 1000.
        swing_permille: u32,
        /// Length of one wave.
        period: Span,
    },
}

/// Sizes in bytes, at most 2^31 - 1, and what they follow from.
#[derive(Clone, Debug, PartialEq)]
pub enum Sizes {
    /// Always the same.
    Constant(u32),
    /// Uniform, both ends included.
    Uniform {
        /// Smallest.
        min: u32,
        /// Largest.
        max: u32,
    },
    /// Log-normal with this median and this 99th percentile, cut at `max`.
    LogNormal {
        /// Median.
        median: u32,
        /// 99th percentile, above the median.
        p99: u32,
        /// Largest.
        max: u32,
    },
    /// One of these (size, weight), by weight; never empty.
    Empirical(Vec<(u32, u32)>),
    /// As many bytes as the number of the record, from 0, has decimal digits.
    Digits,
    /// Those of a file's payloads, chosen as Kafka's performance test chooses them.
    Payloads {
        /// Never empty.
        sizes: Arc<[u32]>,
        /// What it draws with.
        generator: Generator,
    },
    /// Those of the values that a template makes.
    Rendered(Arc<Template>),
    /// Those of a file's payloads, which the values are.
    Chosen {
        /// The payloads.
        payloads: Payloads,
        /// Which one comes next.
        order: Order,
    },
}

/// Java's generators of random numbers, seeded with 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// `java.util.Random`.
    Random,
    /// `java.util.SplittableRandom`.
    SplittableRandom,
}

/// Keys, at least 1. Every key takes 8 bytes, or 16 if weights are not all alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Keys {
    /// Null keys.
    None,
    /// `count` keys, all alike.
    Uniform {
        /// Number of keys.
        count: u32,
        /// How keys look.
        form: KeyForm,
    },
    /// `count` keys, key k with weight (k+1)^-s.
    Zipf {
        /// Number of keys.
        count: u32,
        /// Exponent s in thousandths.
        exponent_permille: u32,
        /// How keys look.
        form: KeyForm,
    },
    /// `hot` keys take `hot_permille` of the records, the others share the rest.
    HotSet {
        /// Number of keys.
        count: u32,
        /// Number of hot ones: keys 0 to `hot` - 1. With 0 or all of them hot, all are alike.
        hot: u32,
        /// Their share of the records in permille, at most 1000.
        hot_permille: u32,
        /// How keys look.
        form: KeyForm,
    },
}

impl Keys {
    /// How keys look; of no keys, anything.
    pub fn form(&self) -> &KeyForm {
        match self {
            Keys::None => &KeyForm::BigEndian8,
            Keys::Uniform { form, .. } | Keys::Zipf { form, .. } | Keys::HotSet { form, .. } => form,
        }
    }

    /// The bytes of key `number`.
    pub fn bytes(&self, number: u32) -> Vec<u8> {
        match self.form() {
            KeyForm::BigEndian8 => u64::from(number).to_be_bytes().to_vec(),
            KeyForm::Text(prefix) => format!("{prefix}{number}").into_bytes(),
        }
    }

    /// How many different keys there are.
    pub fn count(&self) -> u32 {
        match self {
            Keys::None => 0,
            Keys::Uniform { count, .. } | Keys::Zipf { count, .. } | Keys::HotSet { count, .. } => *count,
        }
    }
}

/// The bytes of key k.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// 8 bytes, big-endian.
    BigEndian8,
    /// The prefix followed by k in decimal, as UTF-8: `user-17`.
    Text(String),
}
