//! Who leads a partition: the controller's decisions, as far back as a broker has not heard of the next one.

use crate::planted::{PlantedBug, planted};

/// A leader in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Election {
    /// Number of the controller's decision.
    decision: u32,
    pub(super) leader: Option<u32>,
    pub(super) epoch: i32,
}

/// The elections of a partition.
#[derive(Debug)]
pub(super) struct Elections {
    newest: Election,
    /// Ascending.
    older: Vec<Election>,
}

impl Elections {
    pub(super) fn new(leader: Option<u32>) -> Elections {
        Elections { newest: Election { decision: 0, leader, epoch: 0 }, older: Vec::new() }
    }

    /// What the controller has decided last.
    pub(super) fn newest(&self) -> Election {
        self.newest
    }

    /// What a broker knows that has heard of the decisions up to `heard`.
    #[inline]
    pub(super) fn known_at(&self, heard: u32) -> Election {
        if self.newest.decision <= heard {
            return self.newest;
        }
        let known = self.older.iter().rev().find(|election| election.decision <= heard);
        *known.or(self.older.first()).unwrap_or(&self.newest)
    }

    /// A new election. What every broker knows to be over, up to decision `heard_by_all`, is forgotten.
    pub(super) fn elect(&mut self, decision: u32, leader: Option<u32>, heard_by_all: u32) {
        self.older.push(self.newest);
        let epoch = self.newest.epoch + i32::from(!planted(PlantedBug::EpochNotRaised));
        self.newest = Election { decision, leader, epoch };
        let known_by_all = self.older.iter().rposition(|election| election.decision <= heard_by_all);
        self.older.drain(..known_by_all.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_knows_what_it_has_heard_of() {
        let mut elections = Elections::new(Some(0));
        elections.elect(3, Some(1), 0);
        elections.elect(5, None, 0);
        let known = |elections: &Elections, heard| {
            let election = elections.known_at(heard);
            (election.leader, election.epoch)
        };
        for (heard, expected) in
            [(0, (Some(0), 0)), (2, (Some(0), 0)), (3, (Some(1), 1)), (4, (Some(1), 1)), (5, (None, 2))]
        {
            assert_eq!(known(&elections, heard), expected, "{heard}");
        }
        elections.elect(9, Some(2), 4);
        assert_eq!(elections.older.len(), 2, "nobody needs the first one any more");
        assert_eq!(known(&elections, 4), (Some(1), 1));
        assert_eq!(known(&elections, 9), (Some(2), 3));
    }
}
