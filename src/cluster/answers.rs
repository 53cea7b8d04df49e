//! Answers leave a broker, and how its connections end: in order, broken, or thrown away.

use super::connections::ConnectionIx;
use super::purgatory::Answer;
use super::quota::Use;
use super::{Cluster, ClusterOutput, Event};
use crate::values::time::{Span, Time};

impl Cluster {
    /// Sends the answer to a produce request. If the client is over its quota it is told so, and its
    /// connection is served no further for that time (QUO-4, ACK-4).
    pub(super) fn answer_produce(&mut self, now: Time, answer: Answer) {
        let Answer { connection, token, response, had, .. } = answer;
        let conn = self.connections[connection].conn;
        let throttle_ms = self.throttle_ms(now, connection, had);
        let output = ClusterOutput::Produced { conn, token, response, throttle_ms };
        self.answer(now, connection, output, throttle_ms);
    }

    /// For how many ms the client of a connection is over its quota with what it has had more.
    #[inline]
    pub(super) fn throttle_ms(&mut self, now: Time, connection: ConnectionIx, had: Use) -> u64 {
        if self.quotas.are_unlimited() {
            return 0;
        }
        let (broker, client) = (self.connections[connection].broker, self.connections[connection].client);
        self.quotas.throttle_ms(now, broker, client, had)
    }

    /// The connection stays muted.
    #[cold]
    pub(super) fn throttle(&mut self, now: Time, connection: ConnectionIx, throttle_ms: u64) {
        self.counters.throttled_responses += 1;
        let used = self.connections[connection].used;
        let at = now + Span::from_millis(throttle_ms);
        self.events.push(at, Event::ThrottleEnds { connection, used });
    }

    /// If it is still the same, it is served again.
    pub(super) fn throttle_ends(&mut self, now: Time, connection: ConnectionIx, used: u32) {
        let state = &self.connections[connection];
        if state.used == used && state.muted {
            self.unmute(now, connection);
        }
    }

    /// Sends an answer as soon as the connection's network thread has written it.
    pub(super) fn answer(
        &mut self,
        now: Time,
        connection: ConnectionIx,
        output: ClusterOutput,
        throttle_ms: u64,
    ) {
        match self.brokers[self.connections[connection].broker as usize].network.cost_time {
            true => self.write(now, connection, output, throttle_ms),
            false => self.answer_now(now, connection, output, throttle_ms),
        }
    }

    /// Sends an answer, and lets the connection's next request come up, at once or when the throttle ends.
    #[inline]
    pub(super) fn answer_now(
        &mut self,
        now: Time,
        connection: ConnectionIx,
        output: ClusterOutput,
        throttle_ms: u64,
    ) {
        self.send_answer(connection, output);
        match throttle_ms {
            0 => self.unmute(now, connection),
            _ => self.throttle(now, connection, throttle_ms),
        }
    }

    fn send_answer(&mut self, connection: ConnectionIx, output: ClusterOutput) {
        if std::mem::take(&mut self.connections[connection].loses_answer) {
            self.break_connection(connection);
        }
        if self.connections[connection].is_open() {
            self.outbox.push(output);
        } else {
            if let ClusterOutput::Produced { response, .. } = output {
                self.responses.release(response);
            }
            self.meet_nobody(connection);
        }
    }

    /// An answer goes to a client that is gone. Its machine resets the connection; the broker, which can still read what
    /// it was sent before, notices when it writes once more, and throws away the rest.
    fn meet_nobody(&mut self, connection: ConnectionIx) {
        if !std::mem::replace(&mut self.connections[connection].is_reset, true) {
            return;
        }
        while let Some(request) = self.connections[connection].requests.pop_front() {
            self.requests.release(request, &mut self.auditor);
        }
    }

    /// A request is done with.
    pub(super) fn unmute(&mut self, now: Time, connection: ConnectionIx) {
        self.connections[connection].muted = false;
        if self.connections[connection].requests.is_empty() {
            self.connections.free_if_done(connection);
        } else {
            self.come_up(now, connection);
        }
    }

    /// The connection breaks under both ends. What has come up is still served, but nobody hears of it; the rest is lost.
    pub(super) fn break_connection(&mut self, connection: ConnectionIx) {
        if !self.connections[connection].is_open() {
            return;
        }
        while let Some(request) = self.connections[connection].requests.pop_front() {
            self.requests.release(request, &mut self.auditor);
        }
        let conn = self.connections[connection].conn;
        self.outbox.push(ClusterOutput::Disconnected { conn });
        self.connections.abandon(conn);
    }

    /// The broker closes a connection on its own. What has come up and waits for a handler must be gone already.
    pub(super) fn drop_connection(&mut self, connection: ConnectionIx) {
        while let Some(request) = self.connections[connection].requests.pop_front() {
            self.requests.release(request, &mut self.auditor);
        }
        if self.connections[connection].is_open() {
            self.outbox.push(ClusterOutput::Disconnected { conn: self.connections[connection].conn });
        }
        self.forget_unwritten(connection);
        self.connections.free(connection);
    }
}
