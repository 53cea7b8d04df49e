//! Records drawn from distributions.

use std::sync::Arc;

use super::arrivals::{Pace, PacePlan};
use super::keys::{KeyPlan, Keys};
use super::payload::fill::Fill;
use super::sizes::{SizePlan, Sizes};
use super::spec;
use crate::engine::alias::Alias;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::protocol::record::Record;
use crate::protocol::size;
use crate::values::ids::TopicId;
use crate::values::time::Time;

/// What all threads of a synthetic source share: the distributions' tables.
#[derive(Debug)]
pub(super) struct SyntheticPlan {
    pace: PacePlan,
    sizes: SizePlan,
    keys: KeyPlan,
    topics: TopicPlan,
    fill: Fill,
    /// A record of this source; each one differs in what is drawn.
    model: Record,
}

/// The records of one thread. Each quantity has a stream of its own, so that a change of one leaves the others alone.
#[derive(Clone, Debug)]
pub(super) struct SyntheticThread {
    pace: Pace,
    sizes: Sizes,
    keys: Keys,
    topics: Topics,
}

#[derive(Debug)]
enum TopicPlan {
    One(TopicId),
    Mixed(Arc<TopicMix>),
}

#[derive(Debug)]
struct TopicMix {
    topics: Vec<TopicId>,
    choice: Alias,
}

#[derive(Clone, Debug)]
enum Topics {
    One(TopicId),
    Mixed { mix: Arc<TopicMix>, stream: Box<Stream> },
}

impl SyntheticPlan {
    pub(super) fn new(source: &spec::Synthetic) -> SyntheticPlan {
        let headers_bytes: u64 = source.headers.iter().map(|&(name, value)| size::header(name, value)).sum();
        SyntheticPlan {
            pace: PacePlan::new(&source.pace),
            sizes: SizePlan::new(&source.value_bytes),
            keys: KeyPlan::placed(&source.keys, source.placement.as_ref()),
            topics: TopicPlan::new(&source.topics),
            fill: source.fill,
            model: Record {
                partition: source.partition.map_or(-1, |partition| partition as i32),
                headers_bytes: u32::try_from(headers_bytes).unwrap_or(u32::MAX),
                headers_count: source.headers.len() as u32,
                ..Record::EMPTY
            },
        }
    }

    /// Thread `entity`, and the time of its first record.
    pub(super) fn start(&self, streams: &Streams, entity: u32) -> (SyntheticThread, Time) {
        let (pace, first) = self.pace.start(streams, entity);
        let thread = SyntheticThread {
            pace,
            sizes: self.sizes.start(streams, entity),
            keys: self.keys.start(streams, entity),
            topics: self.topics.start(streams, entity),
        };
        (thread, first)
    }

    /// What values consist of whose sizes say nothing about it.
    pub(super) fn fill(&self) -> Fill {
        self.fill
    }

    /// A record before anything has been drawn.
    pub(super) fn model(&self) -> Record {
        self.model
    }
}

impl SyntheticThread {
    /// Draws what differs from record to record. Its tag is its intended time in ns.
    #[inline]
    pub(super) fn draw(&mut self, record: &mut Record) {
        record.topic = self.topics.next();
        self.keys.draw(record);
        record.value_len = self.sizes.next(Time(record.tag), &self.keys);
    }

    /// The last record's value, if its size followed from it.
    pub(super) fn value(&self) -> Option<&[u8]> {
        self.sizes.value()
    }

    /// The number of the last record's key.
    pub(super) fn key_number(&self) -> Option<u32> {
        self.keys.number()
    }

    /// Appends the bytes of the last record's key; nothing of a null key.
    pub(super) fn write_key(&self, out: &mut Vec<u8>) {
        self.keys.write(out);
    }

    /// Time of the record after the one at `time`.
    #[inline]
    pub(super) fn after(&mut self, time: Time) -> Time {
        self.pace.after(time)
    }

    /// Whether each record waits for the completion of the one before.
    pub fn is_closed_loop(&self) -> bool {
        matches!(self.pace, Pace::Closed { .. })
    }

    /// Time of the next record of a closed loop whose last one completed at `now`; `None` for an open loop.
    pub(super) fn after_completion(&self, now: Time) -> Option<Time> {
        match self.pace {
            Pace::Closed { think } => Some(now + think),
            _ => None,
        }
    }
}

impl TopicPlan {
    fn new(weighted: &[(TopicId, u32)]) -> TopicPlan {
        if let [(only, _)] = *weighted {
            return TopicPlan::One(only);
        }
        TopicPlan::Mixed(Arc::new(TopicMix {
            topics: weighted.iter().map(|&(topic, _)| topic).collect(),
            choice: Alias::new(weighted.iter().map(|&(_, weight)| u64::from(weight)).collect()),
        }))
    }

    fn start(&self, streams: &Streams, entity: u32) -> Topics {
        match self {
            TopicPlan::One(topic) => Topics::One(*topic),
            TopicPlan::Mixed(mix) => Topics::Mixed {
                mix: Arc::clone(mix),
                stream: Box::new(streams.stream(Purpose::TopicChoice, entity)),
            },
        }
    }
}

impl Topics {
    #[inline]
    fn next(&mut self) -> TopicId {
        match self {
            Topics::One(topic) => *topic,
            Topics::Mixed { mix, stream } => mix.topics[mix.choice.draw(stream.next_u64()) as usize],
        }
    }
}
