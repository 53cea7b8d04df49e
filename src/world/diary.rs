//! Writes down everything that happens, with numbers that stay: the client's own are used again.

use std::collections::BTreeMap;

use super::happening::{Appended, Departure, Ending, Event, Happening, Link};
use crate::cluster::{Cluster, Served, Standing};
use crate::producer::{BatchId, BlockedOn, Held, Outcome, Producer, Request, RequestId, Sent};
use crate::protocol::record::Record;
use crate::scenario::Scenario;
use crate::values::ids::{NodeId, TopicId, TopicPartition};
use crate::values::time::Time;

/// Requests that are remembered until a broker has looked at them; those that were lost never are.
const MOST_UNDER_WAY: usize = 1 << 16;

/// No number.
const NONE: u32 = 0;

/// The numbers of a client's batches and requests, by their own.
#[derive(Debug, Default)]
struct Numbers {
    batches: Vec<u32>,
    requests: Vec<u32>,
    /// Why a batch was held back when it was last, so that it is not said at every turn.
    held: Vec<Option<Held>>,
}

/// The diary of a run.
#[derive(Debug)]
pub(super) struct Diary {
    pub(super) happenings: Vec<Happening>,
    records: u64,
    batches: u32,
    requests: u32,
    clients: Vec<Numbers>,
    /// By partition.
    standings: Vec<(TopicPartition, Standing)>,
    /// Batches of the requests on their way, by number: a broker names their places.
    under_way: BTreeMap<u32, Vec<u32>>,
}

/// A call of `send`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) client: u32,
    pub(super) thread: u32,
    pub(super) called: Time,
    pub(super) record: &'a Record,
}

fn number(of: &mut Vec<u32>, index: usize) -> &mut u32 {
    if of.len() <= index {
        of.resize(index + 1, NONE);
    }
    &mut of[index]
}

impl Diary {
    pub(super) fn new(scenario: &Scenario) -> Diary {
        let clients = scenario.producers.iter().map(|group| group.count as usize).sum();
        let topics = scenario.cluster.topics.iter().zip(0..);
        let partitions = topics.flat_map(|(topic, id)| {
            (0..topic.assignment.len() as u32).map(move |at| TopicPartition::new(TopicId(id), at))
        });
        Diary {
            happenings: Vec::new(),
            records: 0,
            batches: 0,
            requests: 0,
            clients: (0..clients).map(|_| Numbers::default()).collect(),
            standings: partitions.map(|tp| (tp, Standing::default())).collect(),
            under_way: BTreeMap::new(),
        }
    }

    fn note(&mut self, at: Time, what: Event) {
        self.happenings.push(Happening { at, what });
    }

    fn batch(&mut self, client: u32, id: BatchId) -> u32 {
        *number(&mut self.clients[client as usize].batches, id.index())
    }

    fn open(&mut self, client: u32, id: BatchId) -> u32 {
        self.batches += 1;
        let numbers = &mut self.clients[client as usize];
        *number(&mut numbers.batches, id.index()) = self.batches;
        if numbers.held.len() <= id.index() {
            numbers.held.resize(id.index() + 1, None);
        }
        numbers.held[id.index()] = None;
        self.batches
    }

    /// What a call of `send`, or its continuation, came to.
    pub(super) fn sent(&mut self, now: Time, producer: &Producer, call: Call<'_>, sent: Sent) {
        let Call { client, thread, called, record } = call;
        match sent {
            Sent::Appended { batch: id, tp, .. } => {
                let batch = producer.batch(id);
                if batch.records().len() == 1 {
                    let number = self.open(client, id);
                    let limit = batch.room_bytes();
                    self.note(now, Event::Opened { batch: number, client, tp, limit });
                }
                self.records += 1;
                let appended = Appended {
                    record: self.records,
                    batch: self.batch(client, id),
                    thread,
                    since: Time(record.tag),
                    called,
                    fixed_bytes: batch.records().last().map_or(0, |entry| entry.fixed_bytes),
                    key: record.key,
                    estimated: batch.expected_bytes(),
                    full: batch.has_no_room(),
                };
                self.note(now, Event::Appended(appended));
            }
            Sent::Blocked { on, .. } => self.blocked(now, client, thread, on),
            Sent::Rejected { exception, .. } => {
                self.note(now, Event::Refused { client, thread, exception: exception.name() });
            }
        }
    }

    fn blocked(&mut self, now: Time, client: u32, thread: u32, on: BlockedOn) {
        self.note(now, Event::Blocked { client, thread, on });
    }

    pub(super) fn flush(&mut self, now: Time, client: u32) {
        self.note(now, Event::Flush { client });
    }

    pub(super) fn flush_ends(&mut self, now: Time, client: u32) {
        self.note(now, Event::FlushEnds { client });
    }

    pub(super) fn close(&mut self, now: Time, client: u32) {
        self.note(now, Event::Close { client });
    }

    /// What stayed in the accumulator in a turn of the sender: said when it is new.
    pub(super) fn held(&mut self, now: Time, client: u32, held: &[Held]) {
        for &held in held {
            let batch = self.batch(client, held.batch);
            let last = &mut self.clients[client as usize].held[held.batch.index()];
            if *last != Some(held) {
                *last = Some(held);
                self.note(now, Event::Held { batch, why: held.why });
            }
        }
    }

    /// A produce request is written. Gives its number, which it carries to the broker.
    pub(super) fn requested(
        &mut self,
        now: Time,
        client: u32,
        producer: &Producer,
        (node, id): (NodeId, RequestId),
    ) -> u32 {
        self.requests += 1;
        let request = self.requests;
        *number(&mut self.clients[client as usize].requests, id.index()) = request;
        let content: &Request = producer.request(id);
        self.note(now, Event::Requested { request, client, node, bytes: content.bytes() });
        let mut batches = Vec::with_capacity(content.batches().len());
        for &id in content.batches() {
            let (number, batch) = (self.batch(client, id), producer.batch(id));
            batches.push(number);
            self.clients[client as usize].held[id.index()] = None;
            let wire = batch.on_wire();
            self.note(
                now,
                Event::Sent(Departure {
                    batch: number,
                    request,
                    records: wire.records,
                    bytes: wire.bytes,
                    reason: batch.reason(),
                    attempts: batch.attempts(),
                    sequence: wire.base_sequence,
                    waited_ms: producer.waited_ms(now, batch),
                }),
            );
        }
        self.under_way.insert(request, batches);
        if self.under_way.len() > MOST_UNDER_WAY {
            self.under_way.pop_first();
        }
        request
    }

    /// `request`: 0 for one that carries no records.
    pub(super) fn arrived(&mut self, now: Time, request: u64) {
        if request > 0 {
            self.note(now, Event::Arrived { request: request as u32 });
        }
    }

    /// The cluster has done something.
    pub(super) fn cluster_moved(&mut self, now: Time, served: &[Served], cluster: &Cluster) {
        for &Served { token, broker, at, stored, .. } in served {
            let request = token as u32;
            let batch = self.under_way.get(&request).and_then(|batches| batches.get(at as usize));
            if let Some(&batch) = batch {
                self.note(now, Event::Stored { request, batch, broker, stored });
            }
        }
        for at in 0..self.standings.len() {
            let (tp, known) = &mut self.standings[at];
            if cluster.has_moved(*tp, known) {
                let (tp, standing) = (*tp, Box::new(known.clone()));
                self.note(now, Event::Moved { tp, standing });
            }
        }
    }

    /// An answer leaves its broker.
    pub(super) fn answered(&mut self, now: Time, request: u64) {
        self.under_way.remove(&(request as u32));
        self.note(now, Event::Answered { request: request as u32 });
    }

    /// It is at the client's machine.
    pub(super) fn responded(&mut self, now: Time, request: u32) {
        self.note(now, Event::Response { request });
    }

    pub(super) fn completed(
        &mut self,
        now: Time,
        producer: &Producer,
        client: u32,
        id: BatchId,
        outcome: Outcome,
    ) {
        let ending = match outcome {
            Outcome::Acked { base_offset } => Ending::Acked(base_offset),
            Outcome::Failed { exception } | Outcome::FailedByRecord { exception, .. } => Ending::Failed {
                exception: exception.name(),
                may_be_logged: producer.batch(id).may_be_logged(),
            },
        };
        let batch = self.batch(client, id);
        self.note(now, Event::Ended { batch, ending });
    }

    pub(super) fn retried(&mut self, now: Time, client: u32, id: BatchId, error: &'static str) {
        let batch = self.batch(client, id);
        self.note(now, Event::Retried { batch, error });
    }

    pub(super) fn split(
        &mut self,
        now: Time,
        producer: &Producer,
        client: u32,
        (parent, child, first): (BatchId, BatchId, u32),
    ) {
        let batch = self.batch(client, parent);
        let records = producer.batch(child).records().len() as u32;
        let child = self.open(client, child);
        self.note(now, Event::Split { batch, child, first, records });
    }

    pub(super) fn connection(&mut self, now: Time, client: u32, node: NodeId, link: Link) {
        self.note(now, Event::Connection { client, node, link });
    }

    pub(super) fn metadata(&mut self, now: Time, client: u32) {
        self.note(now, Event::Metadata { client });
    }

    pub(super) fn producer_id(&mut self, now: Time, client: u32, id: i64) {
        self.note(now, Event::ProducerId { client, id });
    }

    pub(super) fn fault(&mut self, now: Time, number: u32, node: Option<NodeId>) {
        self.note(now, Event::Fault { number, node });
    }

    pub(super) fn fault_ends(&mut self, now: Time, number: u32) {
        self.note(now, Event::FaultEnds { number });
    }
}
