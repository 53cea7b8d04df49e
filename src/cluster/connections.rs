//! Client connections, as their broker sees them: requests come up one at a time, in order (NETB-2).

use std::collections::VecDeque;

use super::network_threads::Unwritten;
use super::requests::RequestIx;
use crate::values::ids::ConnId;

/// A connection in the broker; small numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionIx(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Open,
    /// The client has closed it. What it sent before is still served, until the second answer finds that nobody hears.
    Abandoned,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) conn: ConnId,
    pub(super) broker: u32,
    /// Whose it is.
    pub(super) client: u32,
    /// The network thread that reads and writes it.
    pub(super) thread: u32,
    /// What that is about to write.
    pub(super) unwritten: Option<Unwritten>,
    /// Counts uses of this place.
    pub(super) used: u32,
    state: State,
    /// From the time a request comes up until it has been answered.
    pub(super) muted: bool,
    /// An answer has met a client that is gone: the next one finds the connection reset.
    pub(super) is_reset: bool,
    /// It breaks when the next answer is about to leave.
    pub(super) loses_answer: bool,
    /// Requests that have not come up.
    pub(super) requests: VecDeque<RequestIx>,
}

/// A slab of connections that is used again.
#[derive(Debug, Default)]
pub(super) struct Connections {
    slab: Vec<Connection>,
    free: Vec<ConnectionIx>,
    /// Open connections by the client's number.
    by_conn: Vec<Option<ConnectionIx>>,
}

impl Connection {
    /// Whether somebody waits for answers.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }
}

impl Connections {
    /// A number that is in use already is taken from its former connection, as if the client had closed that.
    pub(super) fn open(&mut self, conn: ConnId, client: u32, broker: u32, thread: u32) {
        self.abandon(conn);
        let at = conn.0 as usize;
        if self.by_conn.len() <= at {
            self.by_conn.resize(at + 1, None);
        }
        let ix = self.free.pop().unwrap_or_else(|| {
            let (state, requests) = (State::Free, VecDeque::new());
            let (muted, is_reset, loses_answer) = (false, false, false);
            let (used, unwritten) = (0, None);
            self.slab.push(Connection {
                conn,
                broker,
                client,
                thread,
                unwritten,
                used,
                state,
                muted,
                is_reset,
                loses_answer,
                requests,
            });
            ConnectionIx(self.slab.len() as u32 - 1)
        });
        let connection = &mut self[ix];
        (connection.conn, connection.client, connection.broker) = (conn, client, broker);
        (connection.used, connection.thread) = (connection.used + 1, thread);
        (connection.state, connection.muted) = (State::Open, false);
        (connection.is_reset, connection.loses_answer) = (false, false);
        self.by_conn[at] = Some(ix);
    }

    /// The open connection of this number.
    pub(super) fn find(&self, conn: ConnId) -> Option<ConnectionIx> {
        self.by_conn.get(conn.0 as usize).copied().flatten()
    }

    /// The client is gone.
    pub(super) fn abandon(&mut self, conn: ConnId) {
        let Some(ix) = self.find(conn) else { return };
        self.by_conn[conn.0 as usize] = None;
        self[ix].state = State::Abandoned;
        self.free_if_done(ix);
    }

    /// Nothing is left to be done for an abandoned connection.
    pub(super) fn free_if_done(&mut self, ix: ConnectionIx) {
        let connection = &self[ix];
        if connection.state == State::Abandoned && !connection.muted && connection.requests.is_empty() {
            self.free(ix);
        }
    }

    /// The broker is gone, or wants no more of this connection, whose requests must have been released.
    pub(super) fn free(&mut self, ix: ConnectionIx) {
        let conn = self[ix].conn;
        if self.find(conn) == Some(ix) {
            self.by_conn[conn.0 as usize] = None;
        }
        (self[ix].state, self[ix].muted) = (State::Free, false);
        self.free.push(ix);
    }

    /// All connections of a broker, abandoned ones as well.
    pub(super) fn of_broker(&self, broker: u32) -> Vec<ConnectionIx> {
        let its = |connection: &Connection| connection.state != State::Free && connection.broker == broker;
        let all = (0..self.slab.len() as u32).map(ConnectionIx);
        all.filter(|ix| its(&self[*ix])).collect()
    }
}

impl std::ops::Index<ConnectionIx> for Connections {
    type Output = Connection;
    fn index(&self, ix: ConnectionIx) -> &Connection {
        &self.slab[ix.0 as usize]
    }
}

impl std::ops::IndexMut<ConnectionIx> for Connections {
    fn index_mut(&mut self, ix: ConnectionIx) -> &mut Connection {
        &mut self.slab[ix.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_connection_lives_until_its_requests_are_done() {
        let mut connections = Connections::default();
        connections.open(ConnId(3), 0, 0, 0);
        let old = connections.find(ConnId(3)).expect("it is open");
        connections[old].muted = true;
        connections.open(ConnId(3), 0, 1, 0);
        let new = connections.find(ConnId(3)).expect("it is open");
        assert_ne!(old, new);
        assert_eq!((connections[old].is_open(), connections[new].is_open()), (false, true));
        assert_eq!(connections.of_broker(0), [old]);
        connections[old].muted = false;
        connections.free_if_done(old);
        assert!(connections.of_broker(0).is_empty());
        assert_eq!(connections.find(ConnId(3)), Some(new), "its successor keeps the number");
        connections.open(ConnId(0), 0, 0, 0);
        assert_eq!(connections.find(ConnId(0)), Some(old), "the place is used again");
    }
}
