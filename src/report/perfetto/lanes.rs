//! Lanes: what overlaps in time cannot be on one track.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::values::time::Time;

/// For each span the first lane that is free when it begins; spans are sorted by their beginnings. Something without
/// length takes its lane for a nanosecond.
pub fn lanes(spans: impl Iterator<Item = (Time, Time)>) -> Vec<usize> {
    let mut busy: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut free: BTreeSet<usize> = BTreeSet::new();
    let mut lanes = Vec::new();
    for (from, to) in spans {
        while let Some(&Reverse((end, lane))) = busy.peek()
            && end <= from.0
        {
            busy.pop();
            free.insert(lane);
        }
        let lane = free.pop_first().unwrap_or(busy.len());
        busy.push(Reverse((to.0.max(from.0 + 1), lane)));
        lanes.push(lane);
    }
    lanes
}

/// How many lanes there are.
pub fn count(lanes: &[usize]) -> usize {
    lanes.iter().max().map_or(0, |last| last + 1)
}

/// The name of a lane: the first one has that of its kind.
pub fn name(kind: &str, lane: usize) -> String {
    if lane == 0 { kind.to_owned() } else { format!("{kind} ({})", lane + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_lane_is_taken() {
        let of = |spans: &[(u64, u64)]| lanes(spans.iter().map(|&(from, to)| (Time(from), Time(to))));
        assert_eq!(of(&[(0, 10), (5, 8), (8, 12), (10, 11), (10, 10), (11, 20)]), [0, 1, 1, 0, 2, 0]);
        assert_eq!(of(&[(3, 3), (3, 9), (4, 5)]), [0, 1, 0], "nothing begins where something has no length");
        assert_eq!(count(&[0, 2, 1]), 3);
    }
}
