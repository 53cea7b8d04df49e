//! What became of each record, and the totals.

use super::event::Totals;

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Its `send` has not returned.
    Sending,
    /// In the accumulator or on its way.
    Accepted,
    /// Its callback has run.
    Completed,
    /// Its `send` has thrown.
    Thrown,
}

/// All records in order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    fates: Vec<Fate>,
    totals: Totals,
}

impl Ledger {
    /// A `send` is entered: the number of its record.
    pub(super) fn enter(&mut self) -> u64 {
        self.fates.push(Fate::Sending);
        self.totals.records += 1;
        self.fates.len() as u64 - 1
    }

    /// The record has been appended and its `send` has returned.
    pub(super) fn accept(&mut self, record: u64) {
        self.fates[record as usize] = Fate::Accepted;
        self.totals.open += 1;
    }

    /// Its `send` has thrown.
    pub(super) fn throw(&mut self, record: u64) {
        self.fates[record as usize] = Fate::Thrown;
        self.totals.thrown += 1;
    }

    /// Its callback has run.
    pub(super) fn complete(&mut self, record: u64, ok: bool) {
        let fate = &mut self.fates[record as usize];
        match *fate {
            Fate::Thrown | Fate::Completed => {
                self.totals.late += 1;
                return;
            }
            Fate::Accepted => self.totals.open -= 1,
            Fate::Sending => {}
        }
        *fate = Fate::Completed;
        if ok {
            self.totals.ok += 1;
        } else {
            self.totals.failed += 1;
        }
    }

    /// Whether its future is done.
    pub(super) fn is_completed(&self, record: u64) -> bool {
        self.fates[record as usize] == Fate::Completed
    }

    /// The totals so far.
    pub(super) fn totals(&self) -> Totals {
        self.totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_after_an_exception_or_a_callback_is_late() {
        let mut ledger = Ledger::default();
        for record in 0..3 {
            assert_eq!(ledger.enter(), record);
        }
        ledger.accept(0);
        ledger.throw(1);
        assert_eq!(ledger.totals().open, 1);
        ledger.complete(0, true);
        ledger.complete(0, false);
        ledger.complete(1, false);
        ledger.complete(2, false);
        assert!(ledger.is_completed(0) && !ledger.is_completed(1) && ledger.is_completed(2));
        let totals = Totals { records: 3, ok: 1, failed: 1, thrown: 1, late: 2, open: 0 };
        assert_eq!(ledger.totals(), totals);
    }
}
