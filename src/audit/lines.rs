//! What one client has in one partition's log so far: its newest record, and the sequence that comes next.

use super::copies::{LogCopy, Session};
use super::ledger::Breach;

/// Where the first copy of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    InOrder,
    /// A record that was sent later is before it.
    BehindLater,
    /// So it is, and both have their numbers from the same session.
    BehindLaterOfSession,
}

/// One client's part of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Order of the newest batch.
    newest: (u64, u32),
    /// Of the newest batch.
    newest_session: Session,
    /// The newest session, and its next sequence.
    session: Session,
    next_sequence: i32,
}

impl Line {
    const EMPTY: Line =
        Line { newest: (0, 0), newest_session: Session::NONE, session: Session::NONE, next_sequence: 0 };

    /// The log goes on with a copy of a batch of this order. Gives its place, and whether sequences are missing before
    /// it.
    #[inline]
    pub(super) fn follow(
        &mut self,
        copy: &LogCopy,
        order: (u64, u32),
        is_first: bool,
    ) -> (Place, Option<Breach>) {
        let is_numbered = !copy.session.is_none();
        let is_gap = if is_numbered { self.follow_sequence(copy, is_first) } else { None };
        if order >= self.newest {
            self.newest = order;
            if is_numbered {
                self.newest_session = copy.session;
            }
            return (Place::InOrder, is_gap);
        }
        let same = is_numbered && copy.session == self.newest_session;
        (if same { Place::BehindLaterOfSession } else { Place::BehindLater }, is_gap)
    }

    /// A session begins at 0. What comes from an earlier one, or a second time, says nothing.
    fn follow_sequence(&mut self, copy: &LogCopy, is_first: bool) -> Option<Breach> {
        if copy.session < self.session {
            return None;
        }
        let is_new = copy.session > self.session;
        let expected = if is_new { 0 } else { self.next_sequence };
        let is_next = copy.base_sequence == expected;
        if is_next || is_new || is_first {
            self.session = copy.session;
            self.next_sequence = after(copy);
        }
        let kind = if is_new { Breach::LateStart } else { Breach::SequenceGap };
        (!is_next && is_first).then_some(kind)
    }
}

/// Sequences wrap from 2^31 - 1 to 0.
fn after(copy: &LogCopy) -> i32 {
    let after = i64::from(copy.base_sequence) + i64::from(copy.records);
    (after % (i64::from(i32::MAX) + 1)) as i32
}

/// The clients of one partition's log.
#[derive(Debug, Default)]
pub(super) struct Lines {
    by_client: Vec<Line>,
}

impl Lines {
    #[inline]
    pub(super) fn of(&mut self, client: u32) -> &mut Line {
        let at = client as usize;
        if at >= self.by_client.len() {
            self.grow(at);
        }
        &mut self.by_client[at]
    }

    /// A client's log goes on with a batch of this order; true unless it has never had one, or it is not the newest.
    #[inline(always)]
    pub(super) fn extend(&mut self, client: u32, order: (u64, u32)) -> bool {
        match self.by_client.get_mut(client as usize) {
            Some(line) if order >= line.newest => {
                line.newest = order;
                true
            }
            _ => false,
        }
    }

    #[cold]
    fn grow(&mut self, at: usize) {
        self.by_client.resize(at + 1, Line::EMPTY);
    }
}
