//! InitProducerId of an idempotent producer (6.6, 8.3). Transactional requests will take the same way.

use super::{Errand, Flow, Resume, Waiting};
use crate::producer::network::{ConnectionState, Ending, RequestId, RequestKind};
use crate::producer::{Output, Producer};
use crate::protocol::error::ErrorCode;
use crate::values::time::Time;

impl Producer {
    /// 6.6 steps 1 to 6. `None`: there is nothing to dispatch, data may be sent.
    pub(super) fn dispatch(&mut self, now: Time, _out: &mut Vec<Output>) -> Option<Flow> {
        let now_ms = self.millis(now);
        let manager = self.idempotence.as_mut()?;
        let backoff_ms = self.config.retry_backoff_ms;
        if manager.init_in_flight {
            return Some(Flow::Poll { timeout_ms: backoff_ms, then: Resume::Turn });
        }
        let (what, is_retry) = match manager.queued_lookup.take() {
            Some(is_retry) => (Errand::FindCoordinator, is_retry),
            None => (Errand::InitProducerId, manager.queued_init.take()?),
        };
        match self.least_loaded_node(now_ms).node {
            Some(node) => {
                let waiting = Waiting { node, what, is_retry, started_ms: now_ms };
                Some(Flow::Poll { timeout_ms: 0, then: Resume::AwaitFirst(waiting) })
            }
            None => {
                self.requeue(what);
                Some(Flow::Poll { timeout_ms: backoff_ms, then: Resume::Turn })
            }
        }
    }

    /// 6.6 step 5. The client looks at the clock once for this part, before its first poll.
    pub(super) fn awaited_first(&mut self, waiting: Waiting, now: Time, out: &mut Vec<Output>) -> Flow {
        let Waiting { node, started_ms, .. } = waiting;
        if self.is_ready(node, started_ms) || self.ready_or_connect(node, started_ms, out) {
            return self.node_is_ready(waiting, now);
        }
        self.await_node(waiting, now)
    }

    pub(super) fn await_node(&mut self, waiting: Waiting, now: Time) -> Flow {
        let now_ms = self.millis(now);
        let Waiting { node, started_ms, .. } = waiting;
        let elapsed_ms = now_ms - started_ms;
        if !self.is_ready(node, now_ms) && elapsed_ms < self.config.request_timeout_ms {
            if self.network[node].state == ConnectionState::Disconnected {
                return self.sleep_before_retry(waiting.what);
            }
            let left_ms = self.config.request_timeout_ms - elapsed_ms;
            let delay_ms = self.network[node].poll_delay_ms(started_ms);
            let looks_again = delay_ms > 0 && self.personality.looks_again_after_node_delay;
            let timeout_ms = if looks_again { left_ms.min(delay_ms) } else { left_ms };
            return Flow::Poll { timeout_ms, then: Resume::AwaitAgain(waiting) };
        }
        if self.is_ready(node, now_ms) {
            return self.node_is_ready(waiting, now);
        }
        self.sleep_before_retry(waiting.what)
    }

    /// 6.6 step 8.
    fn node_is_ready(&mut self, waiting: Waiting, now: Time) -> Flow {
        if waiting.is_retry {
            return Flow::Sleep { ms: self.config.retry_backoff_ms, then: Resume::SendAfterSleep(waiting) };
        }
        self.send_on_errand(waiting, now)
    }

    /// 6.6 step 9. A look-up without a transactional id throws when it is built, which ends the turn and the look-up.
    pub(super) fn send_on_errand(&mut self, waiting: Waiting, now: Time) -> Flow {
        if waiting.what == Errand::FindCoordinator {
            return Flow::Continue(Resume::Turn);
        }
        let now_ms = self.millis(now);
        let request = self.network.requests.open(RequestKind::InitProducerId, waiting.node, now_ms);
        self.send_request(request);
        self.network.init_to_write = Some(waiting.node);
        if let Some(manager) = &mut self.idempotence {
            manager.init_in_flight = true;
        }
        if self.personality.stands_still_for_producer_id {
            return Flow::Poll { timeout_ms: i64::MAX, then: Resume::AwaitProducerId };
        }
        Flow::Poll { timeout_ms: self.config.retry_backoff_ms, then: Resume::Turn }
    }

    /// 6.6 step 7.
    pub(super) fn sleep_before_retry(&mut self, what: Errand) -> Flow {
        Flow::Sleep { ms: self.config.retry_backoff_ms, then: Resume::RetryAfterSleep { what } }
    }

    pub(super) fn retry(&mut self, what: Errand) -> Flow {
        self.metadata.request_update();
        if self.personality.stands_still_for_producer_id {
            return Flow::Continue(Resume::NeedProducerId);
        }
        self.requeue(what);
        Flow::Continue(Resume::Turn)
    }

    fn requeue(&mut self, what: Errand) {
        let Some(manager) = &mut self.idempotence else { return };
        match what {
            Errand::InitProducerId => manager.queued_init = Some(true),
            Errand::FindCoordinator => manager.queued_lookup = Some(true),
        }
    }

    /// PID-2, PID-3.
    pub(crate) fn init_producer_id_ended(&mut self, request: RequestId, ending: Ending) {
        let (producer_id, epoch, error) = match ending {
            Ending::Answered => self.network.requests[request].producer_id,
            Ending::Written | Ending::Disconnected | Ending::TimedOut => {
                (-1, -1, ErrorCode::NetworkException)
            }
        };
        let Some(manager) = &mut self.idempotence else { return };
        manager.init_in_flight = false;
        match self.personality.known(error) {
            ErrorCode::None => manager.init_answered(producer_id, epoch),
            error => manager.init_failed(error, &self.personality),
        }
    }
}
