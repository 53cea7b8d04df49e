//! The sender thread (section 6): a loop cut open where it sleeps, so that one [`Producer::poll`] goes from the inside
//! of one network poll to the inside of the next.

mod complete;
mod dispatch;
mod expire;
mod fail;
mod produce;
mod stand_still;

use self::complete::Part;
use crate::producer::accumulator::HeldBack;
use crate::producer::accumulator::{Drained, ReadyCheck};
use crate::producer::batch::BatchId;
use crate::producer::exception::Exception;
use crate::producer::idempotence::{Call, Idempotence};
use crate::producer::network::NodeIx;
use crate::producer::{Output, Producer};
use crate::protocol::jvm;
use crate::values::time::{Span, Time};

/// Where the loop goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Resume {
    /// At the top (6.2).
    #[default]
    Turn,
    /// Behind the first, empty poll of the wait for a node (6.6 step 5).
    AwaitFirst(Waiting),
    /// Inside the loop of that wait.
    AwaitAgain(Waiting),
    /// Behind the sleep before a repeated call (6.6 step 8).
    SendAfterSleep { node: NodeIx, call: Call },
    /// Behind the sleep after a node did not become ready (6.6 step 7).
    RetryAfterSleep(Call),
    /// Before 2.5: nothing else happens as long as there is no producer id.
    NeedProducerId,
    /// Likewise, behind a poll in which its answer may have come.
    AwaitProducerId,
}

/// The wait for a node that a call goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    node: NodeIx,
    call: Call,
    is_retry: bool,
    started_ms: i64,
}

/// What a piece of the loop leads to.
enum Flow {
    Continue(Resume),
    Poll { timeout_ms: i64, then: Resume },
    Sleep { ms: i64, then: Resume },
    End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sleep {
    /// Before its first step.
    #[default]
    Start,
    InPoll,
    /// Nothing wakes it.
    Until(Time),
    Ended,
}

impl Sleep {
    /// When a sleep outside of a poll ends.
    #[cold]
    fn ends(self) -> Time {
        match self {
            Sleep::Start | Sleep::InPoll => Time::START,
            Sleep::Until(until) => until,
            Sleep::Ended => Time::NEVER,
        }
    }
}

/// What one pass over the accumulator finds and takes (6.3).
#[derive(Debug, Default)]
struct Pass {
    check: ReadyCheck,
    drained: Drained,
}

/// The sender thread's own state.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    resume: Resume,
    sleep: Sleep,
    closing: bool,
    forced: bool,
    /// Lists of the pass under way; kept for their room.
    pass: Option<Box<Pass>>,
    /// Batches of a request in another order than the request's; kept for its room.
    parts: Vec<Part>,
    /// By slot: batches in flight, and since which drain there has been one.
    in_flight: Vec<InFlight>,
    /// The client's map of them (HSH-6).
    in_flight_map: jvm::Table,
    /// Batches drained so far.
    drained_count: u64,
}

/// An entry of the client's map of batches in flight.
#[derive(Clone, Copy, Debug, Default)]
struct InFlight {
    batches: u32,
    since: u64,
}

impl Sender {
    #[inline]
    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    pub(crate) fn close(&mut self) {
        self.closing = true;
    }

    pub(crate) fn force_close(&mut self) {
        self.forced = true;
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.sleep == Sleep::Ended
    }
}

impl Producer {
    /// When the sender thread has something to do: not after now means now; [`Time::NEVER`] once it has ended.
    #[inline]
    pub fn next_poll(&self) -> Time {
        if self.sender.sleep == Sleep::InPoll { self.poll_ends } else { self.sender.sleep.ends() }
    }

    /// One step of the sender thread, from where it slept to where it sleeps again; appends what it did to `out`, and
    /// gives [`Producer::next_poll`]. Before that time it does nothing.
    ///
    /// Batches and requests that ended in this step can be looked at until the next one.
    pub fn poll(&mut self, now: Time, out: &mut Vec<Output>) -> Time {
        if self.next_poll() > now {
            return self.next_poll();
        }
        self.release_tails();
        self.accumulator.batches.recycle();
        self.network.requests.recycle();
        self.forget_held();
        let now_ms = self.millis(now);
        if self.sender.sleep == Sleep::InPoll {
            self.leave_poll(now_ms, out);
        }
        if self.has_only_data_to_send() {
            let timeout_ms = self.send_producer_data(now_ms, out);
            self.enter_poll(timeout_ms, (now, now_ms), out);
        } else {
            self.run(now, out);
        }
        self.next_poll()
    }

    /// Whether the next turn of the loop is the usual one: [`Producer::run`] would do nothing but send data, and poll.
    #[inline]
    fn has_only_data_to_send(&self) -> bool {
        self.sender.sleep == Sleep::InPoll
            && matches!(self.sender.resume, Resume::Turn)
            && !self.sender.closing
            && self.idempotence.as_ref().is_none_or(Idempotence::is_settled)
    }

    #[inline(never)]
    fn run(&mut self, now: Time, out: &mut Vec<Output>) {
        let mut resume = self.sender.resume;
        loop {
            match self.go_on(resume, now, out) {
                Flow::Continue(next) => resume = next,
                Flow::Poll { timeout_ms, then } => {
                    self.enter_poll(timeout_ms, (now, self.millis(now)), out);
                    (self.sender.sleep, self.sender.resume) = (Sleep::InPoll, then);
                    return;
                }
                Flow::Sleep { ms, then } => {
                    let until = now + Span::from_millis(ms.max(0) as u64);
                    (self.sender.sleep, self.sender.resume) = (Sleep::Until(until), then);
                    return;
                }
                Flow::End => {
                    self.end(out);
                    return;
                }
            }
        }
    }

    fn go_on(&mut self, resume: Resume, now: Time, out: &mut Vec<Output>) -> Flow {
        match resume {
            Resume::Turn if self.is_finished() => Flow::End,
            Resume::Turn => self.run_once(now, out),
            Resume::AwaitFirst(waiting) => self.awaited_first(waiting, now, out),
            Resume::AwaitAgain(waiting) => self.await_node(waiting, now),
            Resume::SendAfterSleep { node, call } => self.send_call(node, call, now),
            Resume::RetryAfterSleep(call) => self.retry_call(call),
            Resume::NeedProducerId => self.need_producer_id(now, out),
            Resume::AwaitProducerId => self.await_producer_id(now, out),
        }
    }

    /// CLO-5.
    fn is_finished(&self) -> bool {
        let busy = self.accumulator.has_undrained() || self.network.in_flight_count > 0;
        self.sender.closing && (self.sender.forced || !busy)
    }

    /// 6.2.
    fn run_once(&mut self, now: Time, out: &mut Vec<Output>) -> Flow {
        let now_ms = self.millis(now);
        if self.idempotence.is_some() {
            self.resolve_sequences();
            if self.personality.stands_still_for_producer_id {
                return Flow::Continue(Resume::NeedProducerId);
            }
            if let Some(flow) = self.stop_on_fatal_error(out) {
                return flow;
            }
            if self.recover_from_abortable(out) {
                return Flow::Continue(Resume::Turn);
            }
            self.bump_epoch_if_needed();
            if let Some(flow) = self.dispatch(now) {
                self.note_all_held(HeldBack::NoProducerId, now_ms);
                return flow;
            }
        }
        let timeout_ms = self.send_producer_data(now_ms, out);
        Flow::Poll { timeout_ms, then: Resume::Turn }
    }

    /// 6.2 step 2.
    fn stop_on_fatal_error(&mut self, out: &mut Vec<Output>) -> Option<Flow> {
        let manager = self.idempotence.as_ref().filter(|manager| manager.has_fatal_error())?;
        if let Some(error) = manager.last_error {
            self.abort_incomplete(error, out);
        }
        Some(Flow::Poll { timeout_ms: self.config.retry_backoff_ms, then: Resume::Turn })
    }

    /// CLO-7, CLO-8.
    fn end(&mut self, out: &mut Vec<Output>) {
        if self.sender.forced {
            self.abort_incomplete(Exception::KafkaException, out);
        }
        self.metadata.closed = true;
        self.sender.sleep = Sleep::Ended;
    }

    /// A drained batch is on its way to the broker.
    #[inline(always)]
    fn enter_flight(&mut self, batch: BatchId) {
        let (sender, drained) = (&mut self.sender, &mut self.accumulator.batches[batch]);
        sender.drained_count += 1;
        drained.in_flight = true;
        drained.drain_number = sender.drained_count;
        self.note_in_flight(batch);
    }

    /// The sender waits for the answer to a batch.
    #[inline(always)]
    fn note_in_flight(&mut self, batch: BatchId) {
        let sender = &mut self.sender;
        let slot = self.accumulator.batches[batch].slot.index();
        if sender.in_flight.len() <= slot {
            sender.in_flight.resize(slot + 1, InFlight::default());
        }
        let is_new = sender.in_flight[slot].batches == 0;
        if self.personality.computes_in_flight_maps {
            sender.in_flight_map.compute_if_absent(is_new);
        } else if is_new {
            sender.in_flight_map.put();
        }
        if is_new {
            sender.in_flight[slot].since = sender.drained_count;
        }
        sender.in_flight[slot].batches += 1;
    }

    /// The sender no longer waits for a batch that is in flight.
    fn forget_in_flight(&mut self, batch: BatchId) {
        let slot = self.accumulator.batches[batch].slot.index();
        self.sender.in_flight[slot].batches -= 1;
        if self.sender.in_flight[slot].batches == 0 {
            self.sender.in_flight_map.remove();
        }
    }
}
