//! InitProducerId of an idempotent producer (6.6, 8.3). Transactional requests will take the same way.

use super::{Flow, Resume, Waiting};
use crate::producer::idempotence::Call;
use crate::producer::network::{ConnectionState, Ending, NodeIx, RequestId, RequestKind};
use crate::producer::{Output, Producer};
use crate::protocol::error::ErrorCode;
use crate::values::time::Time;

impl Producer {
    /// 6.6 steps 1 to 6. `None`: there is nothing to dispatch, data may be sent.
    pub(super) fn dispatch(&mut self, now: Time) -> Option<Flow> {
        let now_ms = self.millis(now);
        let manager = self.idempotence.as_mut()?;
        let backoff_ms = self.config.retry_backoff_ms;
        if manager.init_in_flight {
            return Some(Flow::Poll { timeout_ms: backoff_ms, then: Resume::Turn });
        }
        let (call, is_retry) = manager.next_call()?;
        match self.least_loaded_node(now_ms).node {
            Some(node) => {
                let waiting = Waiting { node, call, is_retry, started_ms: now_ms };
                Some(Flow::Poll { timeout_ms: 0, then: Resume::AwaitFirst(waiting) })
            }
            None => {
                self.requeue(call);
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
        let Waiting { node, call, started_ms, .. } = waiting;
        let elapsed_ms = now_ms - started_ms;
        if !self.is_ready(node, now_ms) && elapsed_ms < self.config.request_timeout_ms {
            if self.network[node].state == ConnectionState::Disconnected {
                return self.sleep_before_retry(call);
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
        self.sleep_before_retry(call)
    }

    /// 6.6 step 8.
    fn node_is_ready(&mut self, waiting: Waiting, now: Time) -> Flow {
        let Waiting { node, call, is_retry, .. } = waiting;
        if is_retry {
            return Flow::Sleep {
                ms: self.config.retry_backoff_ms,
                then: Resume::SendAfterSleep { node, call },
            };
        }
        self.send_call(node, call, now)
    }

    /// 6.6 step 9.
    pub(super) fn send_call(&mut self, node: NodeIx, call: Call, now: Time) -> Flow {
        if call == Call::FindCoordinator {
            // Without a transactional id the request cannot be encoded, and the turn ends with an exception.
            return Flow::Continue(Resume::Turn);
        }
        let now_ms = self.millis(now);
        let request = self.network.requests.open(RequestKind::InitProducerId, node, now_ms);
        self.send_request(request);
        if let Some(manager) = &mut self.idempotence {
            manager.init_in_flight = true;
        }
        if self.personality.stands_still_for_producer_id {
            return Flow::Poll { timeout_ms: i64::MAX, then: Resume::AwaitProducerId };
        }
        Flow::Poll { timeout_ms: self.config.retry_backoff_ms, then: Resume::Turn }
    }

    /// 6.6 step 7.
    pub(super) fn sleep_before_retry(&mut self, call: Call) -> Flow {
        Flow::Sleep { ms: self.config.retry_backoff_ms, then: Resume::RetryAfterSleep(call) }
    }

    pub(super) fn retry_call(&mut self, call: Call) -> Flow {
        self.metadata.request_update();
        if self.personality.stands_still_for_producer_id {
            return Flow::Continue(Resume::NeedProducerId);
        }
        self.requeue(call);
        Flow::Continue(Resume::Turn)
    }

    fn requeue(&mut self, call: Call) {
        if let Some(manager) = &mut self.idempotence {
            manager.queue_again(call);
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
            ErrorCode::None => manager.init_answered(producer_id, epoch, &self.personality),
            error => manager.init_failed(error, &self.personality),
        }
    }
}
