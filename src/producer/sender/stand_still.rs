//! How an idempotent producer up to 2.4 gets its producer id: the sender thread does nothing else until it has one.

use super::{Flow, Resume, Waiting};
use crate::producer::accumulator::HeldBack;
use crate::producer::idempotence::Call;
use crate::producer::{Output, Producer};
use crate::values::time::Time;

impl Producer {
    /// Asks for a producer id unless there is one, or no need for it any more.
    pub(super) fn need_producer_id(&mut self, now: Time, out: &mut Vec<Output>) -> Flow {
        let Some(manager) = &self.idempotence else { return Flow::Continue(Resume::Turn) };
        if self.sender.forced || manager.has_producer_id() || manager.has_error() {
            return self.send_with_producer_id(now, out);
        }
        let now_ms = self.millis(now);
        self.note_all_held(HeldBack::NoProducerId, now_ms);
        match self.least_loaded_node(now_ms).node {
            Some(node) => {
                let waiting =
                    Waiting { node, call: Call::InitProducerId, is_retry: false, started_ms: now_ms };
                Flow::Poll { timeout_ms: 0, then: Resume::AwaitFirst(waiting) }
            }
            None => self.sleep_before_retry(Call::InitProducerId),
        }
    }

    /// Polls until the answer has come, or the connection is gone.
    pub(super) fn await_producer_id(&mut self, now: Time, out: &mut Vec<Output>) -> Flow {
        let Some(manager) = &self.idempotence else { return Flow::Continue(Resume::Turn) };
        if manager.init_in_flight {
            return Flow::Poll { timeout_ms: i64::MAX, then: Resume::AwaitProducerId };
        }
        if manager.has_producer_id() || manager.has_error() {
            return self.send_with_producer_id(now, out);
        }
        self.sleep_before_retry(Call::InitProducerId)
    }

    /// The rest of the turn.
    fn send_with_producer_id(&mut self, now: Time, out: &mut Vec<Output>) -> Flow {
        if let Some(flow) = self.stop_on_fatal_error(out) {
            return flow;
        }
        if self.idempotence.as_ref().is_some_and(|manager| !manager.has_producer_id()) {
            return Flow::Poll { timeout_ms: self.config.retry_backoff_ms, then: Resume::Turn };
        }
        let timeout_ms = self.send_producer_data(self.millis(now), out);
        Flow::Poll { timeout_ms, then: Resume::Turn }
    }
}
