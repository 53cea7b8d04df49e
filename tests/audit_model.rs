//! The audit against a model that keeps everything and looks at it in the end.

use lingersim::audit::{Auditor, Breach, Decision, Fate, LogCopy, NewBatch, Session};
use lingersim::values::ids::{BatchMark, TopicId, TopicPartition};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

const REPLICAS: usize = 3;

/// What may happen; numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send {
        client: u32,
        records: u32,
    },
    Retry {
        batch: usize,
        new_session: bool,
    },
    /// A replica that believes to lead serves a request.
    Append {
        request: usize,
        replica: usize,
    },
    LoseRequest {
        request: usize,
    },
    End {
        batch: usize,
        acked: bool,
    },
    /// A follower takes over so many entries that it lacks, and cuts off what the leader has not.
    Fetch {
        follower: usize,
        entries: usize,
    },
    /// Any replica may be elected, whatever it has.
    Elect {
        replica: usize,
    },
    Sweep,
}

#[derive(Clone, Debug)]
struct Batch {
    new: NewBatch,
    mark: BatchMark,
    session: Session,
    fate: Fate,
    was_appended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    batch: usize,
    copy: LogCopy,
}

#[derive(Clone, Debug, Default)]
struct Replica {
    log: Vec<Entry>,
    /// The epoch in which it believes to lead.
    leads: Option<i32>,
}

impl Replica {
    fn end(&self) -> u64 {
        self.log.last().map_or(0, |entry| entry.copy.end())
    }

    fn has(&self, copy: &LogCopy) -> bool {
        self.log.iter().any(|entry| entry.copy == *copy)
    }

    fn common(&self, other: &Replica) -> usize {
        self.log.iter().zip(&other.log).take_while(|(one, two)| one == two).count()
    }
}

struct Model {
    auditor: Auditor,
    batches: Vec<Batch>,
    /// Requests that are open: the batch, and the session it was sent in.
    requests: Vec<(usize, Session)>,
    replicas: Vec<Replica>,
    leader: usize,
    epoch: i32,
}

impl Model {
    fn new() -> Model {
        let mut replicas = vec![Replica::default(); REPLICAS];
        replicas[0].leads = Some(0);
        Model {
            auditor: Auditor::new(1),
            batches: Vec::new(),
            requests: Vec::new(),
            replicas,
            leader: 0,
            epoch: 0,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Send { client, records } => {
                let number = self.batches.len() as u64;
                let new =
                    NewBatch { client, tp: TopicPartition::new(TopicId(0), 0), number, first: 0, records };
                // Client 0 is not idempotent.
                let session = match client {
                    0 => Session::NONE,
                    _ => Session { producer_id: i64::from(client), epoch: 0 },
                };
                let mark = self.auditor.first_attempt(new);
                self.requests.push((self.batches.len(), session));
                self.batches.push(Batch { new, mark, session, fate: Fate::Open, was_appended: false });
            }
            Step::Retry { batch, new_session } => {
                let Some(at) = pick(batch, self.batches.len()) else { return };
                let batch = &mut self.batches[at];
                if batch.fate == Fate::Open {
                    batch.session.epoch += i16::from(new_session && batch.new.client > 0);
                    self.auditor.attempt(batch.mark);
                    self.requests.push((at, batch.session));
                }
            }
            Step::Append { request, replica } => {
                let Some(epoch) = self.replicas[replica].leads else { return };
                let Some(at) = pick(request, self.requests.len()) else { return };
                let (batch, session) = self.requests.remove(at);
                self.append(batch, session, replica, epoch);
                self.auditor.attempt_ended(self.batches[batch].mark);
            }
            Step::LoseRequest { request } => {
                let Some(at) = pick(request, self.requests.len()) else { return };
                let (batch, _) = self.requests.remove(at);
                self.auditor.attempt_ended(self.batches[batch].mark);
            }
            Step::End { batch, acked } => {
                let Some(at) = pick(batch, self.batches.len()) else { return };
                if self.batches[at].fate == Fate::Open {
                    let in_doubt =
                        self.batches[at].was_appended || self.requests.iter().any(|(other, _)| *other == at);
                    let fate = if acked {
                        Fate::Acked
                    } else {
                        [Fate::Failed, Fate::Unknown][usize::from(in_doubt)]
                    };
                    self.batches[at].fate = fate;
                    self.auditor.ended(self.batches[at].mark, fate);
                }
            }
            Step::Fetch { follower, entries } => {
                if follower != self.leader {
                    let leader = &self.replicas[self.leader];
                    let end = self.replicas[follower].common(leader) + entries;
                    let log = leader.log[..end.min(leader.log.len())].to_vec();
                    self.replicas[follower] = Replica { log, leads: None };
                }
            }
            Step::Elect { replica } => {
                self.epoch += 1;
                self.leader = replica;
                self.replicas[replica].leads = Some(self.epoch);
            }
            Step::Sweep => self.sweep(),
        }
    }

    fn append(&mut self, at: usize, session: Session, replica: usize, leader_epoch: i32) {
        let batch = &mut self.batches[at];
        batch.was_appended = true;
        let (offset, records) = (self.replicas[replica].end(), batch.new.records);
        let copy = LogCopy { mark: batch.mark, leader_epoch, offset, records, base_sequence: 0, session };
        self.replicas[replica].log.push(Entry { batch: at, copy });
        if self.auditor.appended(0, copy) {
            self.sweep();
        }
    }

    fn sweep(&mut self) {
        let (replicas, leader) = (&self.replicas, &self.replicas[self.leader]);
        let common = replicas.iter().map(|replica| replica.common(leader)).min().unwrap_or(0);
        let settled = &leader.log[..common];
        let settled_end = settled.last().map_or(0, |entry| entry.copy.end());
        self.auditor.sweep(0, |copy| {
            if settled.iter().any(|entry| entry.copy == *copy) {
                Decision::Present
            } else if copy.end() > settled_end && replicas.iter().any(|replica| replica.has(copy)) {
                Decision::Open
            } else {
                Decision::Absent
            }
        });
    }

    /// Everything at the end, by looking at everything: lost, duplicates (of them in one session), reordered, failed
    /// but present, under way.
    fn expected(&self) -> [u64; 6] {
        let log = &self.replicas[self.leader].log;
        let [mut lost, mut doubled, mut session_doubled, mut reordered, mut present, mut under_way] = [0; 6];
        for (at, batch) in self.batches.iter().enumerate() {
            let records = u64::from(batch.new.records);
            let places: Vec<usize> = (0..log.len()).filter(|place| log[*place].batch == at).collect();
            let is_on_its_way = self.requests.iter().any(|(other, _)| *other == at);
            match (batch.fate, places.first()) {
                (Fate::Acked, None) if is_on_its_way => under_way += records,
                (Fate::Acked, None) => lost += records,
                (Fate::Unknown, Some(_)) => present += records,
                _ => {}
            }
            let Some(&first) = places.first() else { continue };
            for place in &places[1..] {
                doubled += records;
                let (one, other) = (log[first].copy.session, log[*place].copy.session);
                session_doubled += if one == other && one != Session::NONE { records } else { 0 };
            }
            let is_later = |entry: &Entry| {
                let other = &self.batches[entry.batch].new;
                other.client == batch.new.client && other.number > batch.new.number
            };
            reordered += if log[..first].iter().any(is_later) { records } else { 0 };
        }
        [lost, doubled, session_doubled, reordered, present, under_way]
    }

    fn found(mut self) -> [u64; 6] {
        let leader = self.replicas[self.leader].clone();
        self.auditor.sweep(0, |copy| [Decision::Absent, Decision::Present][usize::from(leader.has(copy))]);
        self.auditor.close_log(0, leader.end());
        let ledger = self.auditor.finish();
        assert_eq!(ledger.contradiction(), None);
        let count = |breach| ledger.count(breach);
        [
            count(Breach::Lost),
            count(Breach::Duplicate) + count(Breach::SessionDuplicate),
            count(Breach::SessionDuplicate),
            count(Breach::Reordered) + count(Breach::AckedReordered) + count(Breach::SessionReordered),
            count(Breach::FailedButPresent),
            ledger.under_way,
        ]
    }
}

fn pick(number: usize, count: usize) -> Option<usize> {
    number.checked_rem(count)
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0usize..1_000;
    let replica = 0..REPLICAS;
    prop_oneof![
        8 => (0u32..3, 1u32..4).prop_map(|(client, records)| Step::Send { client, records }),
        2 => (number.clone(), any::<bool>()).prop_map(|(batch, new_session)| Step::Retry { batch, new_session }),
        9 => (number.clone(), replica.clone()).prop_map(|(request, replica)| Step::Append { request, replica }),
        1 => number.clone().prop_map(|request| Step::LoseRequest { request }),
        5 => (number, any::<bool>()).prop_map(|(batch, acked)| Step::End { batch, acked }),
        6 => (replica.clone(), 0usize..6).prop_map(|(follower, entries)| Step::Fetch { follower, entries }),
        1 => replica.prop_map(|replica| Step::Elect { replica }),
        2 => Just(Step::Sweep),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_audit_finds_what_is_there(steps in prop::collection::vec(step(), 1..150)) {
        let mut model = Model::new();
        steps.into_iter().for_each(|step| model.step(step));
        let expected = model.expected();
        prop_assert_eq!(model.found(), expected, "lost, duplicates (in a session), reordered, present, under way");
    }
}

/// A model in which nothing ever happens would prove nothing.
#[test]
fn the_model_meets_everything() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(step(), 100..150);
    let mut sums = [0; 6];
    for _ in 0..200 {
        let steps = strategy.new_tree(&mut runner).expect("steps").current();
        let mut model = Model::new();
        steps.into_iter().for_each(|step| model.step(step));
        sums.iter_mut().zip(model.expected()).for_each(|(sum, count)| *sum += count);
    }
    assert!(sums.iter().all(|sum| *sum > 20), "{sums:?}");
}
