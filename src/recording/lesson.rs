//! What a lesson asks of a recorded run: whether something happens at a time, and facts of batches, requests, records and
//! partitions.

use std::collections::BTreeMap;

use super::Recording;
use super::fact::{Fact, of_batch, of_record, of_request};
use super::step::{Kind, Step};
use super::story::BatchStory;
use crate::cluster::Standing;
use crate::scenario::Scenario;
use crate::scenario::lesson::{Highlight, LessonStep};
use crate::scenario::lesson_field::{BatchField, PartitionField};
use crate::scenario::lesson_term::Meaning;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;
use crate::world::happening::Event;

/// A recorded run that can be asked.
#[derive(Debug)]
pub struct Lecture<'a> {
    scenario: &'a Scenario,
    recording: &'a Recording,
    /// All steps of it.
    steps: Vec<Step>,
    /// How partitions stood first, by their place in steps.
    first: BTreeMap<u32, Standing>,
}

impl<'a> Lecture<'a> {
    /// Of a run that was recorded as a whole.
    pub fn new(scenario: &'a Scenario, recording: &'a Recording) -> Lecture<'a> {
        let steps = recording.steps().parts.into_iter().flatten().collect();
        let mut first = BTreeMap::new();
        for happening in recording.events() {
            if let Event::Moved { tp, standing } = &happening.what {
                let place = recording.totals.place(*tp) as u32;
                first.entry(place).or_insert_with(|| (**standing).clone());
            }
        }
        Lecture { scenario, recording, steps, first }
    }

    /// How many steps of the run have happened by a step of a lesson, its event included.
    ///
    /// # Errors
    /// There is no such event at that time; the nearest times at which there is one, before and after.
    pub fn index(&self, lesson: &LessonStep) -> Result<usize, Vec<Time>> {
        let Some(event) = lesson.event else {
            return Ok(self.steps.partition_point(|step| step.at <= lesson.at));
        };
        let is_meant = |step: &Step| {
            step.kind.word() == event
                && lesson.highlight.as_ref().is_none_or(|highlight| self.happens_to(step, highlight))
        };
        let meant = || self.steps.iter().enumerate().filter(|(_, step)| is_meant(step));
        if let Some((place, _)) = meant().find(|(_, step)| step.at == lesson.at) {
            return Ok(place + 1);
        }
        let before = meant().map(|(_, step)| step.at).take_while(|at| *at < lesson.at).last();
        let after = meant().map(|(_, step)| step.at).find(|at| *at > lesson.at);
        Err(before.into_iter().chain(after).collect())
    }

    fn happens_to(&self, step: &Step, highlight: &Highlight) -> bool {
        let batch = is_of_batch(step.kind).then_some(step.subject);
        let request = is_of_request(step.kind).then(|| self.recording.requests.get(&step.subject)).flatten();
        match highlight {
            Highlight::Batch(number) => {
                batch == Some(*number) || request.is_some_and(|request| request.batches.contains(number))
            }
            Highlight::Request(number) => {
                request.is_some_and(|request| request.number == *number)
                    || step.kind == Kind::Sent && step.value == i64::from(*number)
            }
            Highlight::Record(number) => match step.kind {
                Kind::Append => step.value == *number as i64,
                _ => batch
                    .and_then(|batch| self.batch(batch))
                    .is_some_and(|batch| batch.records.iter().any(|record| record.number == *number)),
            },
            Highlight::Partition(tp, _) => match batch {
                Some(batch) => self.batch(batch).is_some_and(|batch| batch.tp == *tp),
                None => {
                    is_of_partition(step.kind) && step.subject as usize == self.recording.totals.place(*tp)
                }
            },
            Highlight::Broker(number) => self.happens_at(step, NodeId(*number as i32)),
            Highlight::Part(_) => true,
        }
    }

    /// Whether something happens at, or to, a broker.
    fn happens_at(&self, step: &Step, node: NodeId) -> bool {
        let id = i64::from(node.0);
        let requests = &self.recording.requests;
        match step.kind {
            Kind::Written | Kind::Duplicate | Kind::Rejected => step.other == id,
            Kind::Connect | Kind::Connected | Kind::Disconnected | Kind::Fault | Kind::Leader => {
                step.value == id
            }
            Kind::Sent => requests.get(&(step.value as u32)).is_some_and(|request| request.node == node),
            Kind::Replicated => {
                let replicas = self.first.get(&step.subject).map(|standing| &standing.replicas);
                let replica = replicas.and_then(|replicas| replicas.get(step.value as usize));
                replica.is_some_and(|replica| replica.broker == node)
            }
            kind if is_of_request(kind) => {
                requests.get(&step.subject).is_some_and(|request| request.node == node)
            }
            kind if is_of_partition(kind) => {
                let replicas = self.first.get(&step.subject).map(|standing| &standing.replicas);
                replicas.is_some_and(|replicas| replicas.iter().any(|replica| replica.broker == node))
            }
            _ => false,
        }
    }

    /// Something of the run; of partitions, after so many steps of it. `None`: there is no such thing, or it has none.
    pub fn fact(&self, meaning: &Meaning, index: usize) -> Option<Fact> {
        match meaning {
            Meaning::Batch(number, BatchField::Written) => self.written(*number),
            Meaning::Batch(number, field) => of_batch(self.batch(*number)?, *field),
            Meaning::Request(number, field) => of_request(self.recording.requests.get(number)?, *field),
            Meaning::Record(number, field) => {
                let (batch, record) = self.recording.record(*number)?;
                of_record(batch, record, *field)
            }
            Meaning::Partition(tp, field) => self.of_partition(*tp, *field, index),
            Meaning::Figure(_) | Meaning::Setting(_) => None,
        }
    }

    /// Of the steps: with acks=0, or after a timeout, a batch has ended before it is in the log.
    fn written(&self, batch: u32) -> Option<Fact> {
        let mut written =
            self.steps.iter().filter(|step| step.kind == Kind::Written && step.subject == batch);
        Some(Fact::At(written.next()?.at))
    }

    fn batch(&self, number: u32) -> Option<&'a BatchStory> {
        self.recording.batches.get(&number)
    }

    fn of_partition(&self, tp: TopicPartition, field: PartitionField, index: usize) -> Option<Fact> {
        let topic = self.scenario.cluster.topics.get(tp.topic.index()).map(|topic| topic.name.as_str())?;
        let result = self.recording.result.partitions.iter();
        let mut result = result.filter(|other| other.topic == topic && other.partition == tp.partition);
        let number = |number: u64| Some(Fact::Number(number as i64));
        match field {
            PartitionField::Records => return number(result.next().map_or(0, |result| result.records)),
            PartitionField::Batches => return number(result.next().map_or(0, |result| result.batches)),
            _ => {}
        }
        let standing = self.standing(tp, index)?;
        let leader = || {
            standing
                .leader
                .and_then(|leader| standing.replicas.iter().find(|replica| replica.broker == leader))
        };
        match field {
            PartitionField::Records | PartitionField::Batches => None,
            PartitionField::Leader => Some(Fact::Brokers(standing.leader.into_iter().collect())),
            PartitionField::Isr => {
                let in_sync = standing.replicas.iter().filter(|replica| replica.in_sync);
                Some(Fact::Brokers(in_sync.map(|replica| replica.broker).collect()))
            }
            PartitionField::HighWatermark => number(standing.high_watermark),
            PartitionField::LogEnd => number(leader()?.log_end),
            PartitionField::Epoch => Some(Fact::Number(i64::from(standing.epoch))),
        }
    }

    /// How a partition stands after so many steps of the run.
    fn standing(&self, tp: TopicPartition, index: usize) -> Option<Standing> {
        let place = self.recording.totals.place(tp) as u32;
        let mut standing = self.first.get(&place)?.clone();
        for step in &self.steps[..index.min(self.steps.len())] {
            if step.kind == Kind::Written {
                let Some(batch) = self.batch(step.subject).filter(|batch| batch.tp == tp) else { continue };
                let broker = NodeId(step.other as i32);
                for replica in standing.replicas.iter_mut().filter(|replica| replica.broker == broker) {
                    replica.log_end = step.value as u64 + batch.records.len() as u64;
                }
            }
            if !is_of_partition(step.kind) || step.subject != place {
                continue;
            }
            match step.kind {
                Kind::Leader => {
                    standing.leader = (step.value > 0).then_some(NodeId(step.value as i32));
                    standing.epoch = step.other as i32;
                }
                Kind::Replicated => {
                    if let Some(replica) = standing.replicas.get_mut(step.value as usize) {
                        replica.log_end = step.other as u64;
                    }
                }
                Kind::Isr => {
                    for (slot, replica) in standing.replicas.iter_mut().enumerate() {
                        replica.in_sync = slot < 63 && step.value >> slot & 1 == 1;
                    }
                }
                Kind::HighWatermark => standing.high_watermark = step.value as u64,
                _ => {}
            }
        }
        Some(standing)
    }

    /// The name of a partition: `events-0`.
    pub fn name(&self, tp: TopicPartition) -> String {
        let topic =
            self.scenario.cluster.topics.get(tp.topic.index()).map_or("?", |topic| topic.name.as_str());
        format!("{topic}-{}", tp.partition)
    }
}

fn is_of_batch(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Open | Append
            | Full
            | Ready
            | Held
            | Sent
            | Written
            | Duplicate
            | Rejected
            | Acked
            | Failed
            | Retried
            | Split
    )
}

fn is_of_request(kind: Kind) -> bool {
    matches!(kind, Kind::Request | Kind::Arrived | Kind::Answered | Kind::Response)
}

fn is_of_partition(kind: Kind) -> bool {
    matches!(kind, Kind::Replicated | Kind::HighWatermark | Kind::Isr | Kind::Leader)
}

#[cfg(test)]
mod tests {
    use super::Kind;
    use crate::scenario::lesson::EVENT_KINDS;

    #[test]
    fn lessons_know_all_kinds_of_steps() {
        assert_eq!(EVENT_KINDS, Kind::ALL.map(Kind::word));
    }
}
