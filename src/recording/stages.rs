//! Where the time of a record went: stages that add up to its latency to the nanosecond.

use super::story::{Attempt, BatchStory, RecordStory, RequestStory};
use crate::values::time::Time;

/// A part of a record's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It was due, but the application had not called `send` yet.
    Late,
    /// Inside `send`: waiting for metadata or `buffer.memory`.
    Blocked,
    /// In its batch, which was not ready.
    InBatch,
    /// Its batch was ready, and stayed.
    Ready,
    /// A transmission that came to nothing.
    Failed,
    /// Between such a transmission and the next one.
    RetryWait,
    /// The request is on its way to the broker.
    ToBroker,
    /// It waits for the broker's threads, and is appended.
    Broker,
    /// The answer waits: for followers, or for a network thread.
    Replication,
    /// The answer is on its way back.
    ToClient,
    /// The answer waits for the sender thread.
    Sender,
    /// In flight without anything being known of it: there is no answer.
    InFlight,
}

impl Stage {
    /// All of them, in the order of a record's way.
    pub const ALL: [Stage; 12] = [
        Stage::Late,
        Stage::Blocked,
        Stage::InBatch,
        Stage::Ready,
        Stage::Failed,
        Stage::RetryWait,
        Stage::ToBroker,
        Stage::Broker,
        Stage::Replication,
        Stage::ToClient,
        Stage::Sender,
        Stage::InFlight,
    ];

    /// Its place in [`Stage::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// A name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Stage::Late => "late",
            Stage::Blocked => "blocked",
            Stage::InBatch => "in-batch",
            Stage::Ready => "ready",
            Stage::Failed => "failed-attempt",
            Stage::RetryWait => "retry-wait",
            Stage::ToBroker => "to-broker",
            Stage::Broker => "broker",
            Stage::Replication => "replication",
            Stage::ToClient => "to-client",
            Stage::Sender => "sender",
            Stage::InFlight => "in-flight",
        }
    }

    /// What happens in it, in a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Stage::Late => "due, not sent yet by the application",
            Stage::Blocked => "blocked in send",
            Stage::InBatch => "in the batch, which was not ready",
            Stage::Ready => "ready, until it was sent",
            Stage::Failed => "a transmission that failed",
            Stage::RetryWait => "waiting to be sent again",
            Stage::ToBroker => "on the wire to the broker",
            Stage::Broker => "in the broker, until appended",
            Stage::Replication => "appended, until answered",
            Stage::ToClient => "the answer on the wire",
            Stage::Sender => "the answer waiting for the sender",
            Stage::InFlight => "in flight, without an answer",
        }
    }
}

/// A part of a record's way with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The stage.
    pub stage: Stage,
    /// When it began.
    pub from: Time,
    /// When it ended.
    pub to: Time,
}

/// Makes legs of points in time: each begins where the one before ended, and none goes beyond the end.
struct Way {
    legs: Vec<Leg>,
    now: Time,
    end: Time,
}

impl Way {
    fn go(&mut self, stage: Stage, to: Time) {
        let to = to.min(self.end);
        if to > self.now {
            self.legs.push(Leg { stage, from: self.now, to });
            self.now = to;
        }
    }
}

/// The legs of a record's way, from where its latency counts to the end of its batch (or to `now`, if it has none): they
/// follow each other without gaps. `request` finds requests by their number.
pub fn legs<'a>(
    record: &RecordStory,
    batch: &BatchStory,
    request: impl Fn(u32) -> Option<&'a RequestStory>,
    now: Time,
) -> Vec<Leg> {
    let end = batch.ended.map_or(now, |(at, _)| at);
    let mut way = Way { legs: Vec::with_capacity(8), now: record.since, end };
    way.go(Stage::Late, record.called);
    way.go(Stage::Blocked, record.appended);
    let sent = batch.earlier.first().map(|(sent, _)| *sent).or(batch.first_sent());
    match (batch.ready, sent) {
        (Some((ready, _)), _) => way.go(Stage::InBatch, ready),
        (None, Some(sent)) => way.go(Stage::InBatch, sent),
        (None, None) => way.go(Stage::InBatch, end),
    }
    way.go(Stage::Ready, sent.unwrap_or(end));
    for (sent, failed) in &batch.earlier {
        way.go(Stage::RetryWait, *sent);
        way.go(Stage::Failed, *failed);
    }
    for Attempt { request: number, sent, stored, failed, .. } in &batch.attempts {
        way.go(Stage::RetryWait, *sent);
        if let Some((failed, _)) = failed {
            way.go(Stage::Failed, *failed);
            continue;
        }
        let Some(request) = request(*number) else { continue };
        if let Some(arrived) = request.arrived {
            way.go(Stage::ToBroker, arrived);
        }
        if let Some((stored, _)) = stored {
            way.go(Stage::Broker, *stored);
        }
        if let Some(answered) = request.answered {
            way.go(Stage::Replication, answered);
        }
        if let Some(response) = request.response {
            way.go(Stage::ToClient, response);
            way.go(Stage::Sender, end);
        }
    }
    // Behind a failed attempt it waits to be sent again; else no answer has come.
    let is_waiting = match batch.attempts.last() {
        Some(last) => last.failed.is_some(),
        None => !batch.earlier.is_empty(),
    };
    way.go(if is_waiting { Stage::RetryWait } else { Stage::InFlight }, end);
    way.legs
}

/// Sums of stages in ns, by [`Stage::index`].
pub type Sums = [u64; Stage::ALL.len()];

/// The sum of the legs of each stage.
pub fn sums(legs: &[Leg]) -> Sums {
    let mut sums = [0; Stage::ALL.len()];
    for leg in legs {
        sums[leg.stage.index()] += (leg.to - leg.from).0;
    }
    sums
}
