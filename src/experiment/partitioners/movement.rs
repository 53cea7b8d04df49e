//! What happens to keys when partitions are added: a key's partition is its hash modulo their number, so most keys move.

use crate::protocol::murmur2::{murmur2, to_positive};
use crate::scenario::Scenario;
use crate::workload::spec::Source;

/// Keys before and after partitions were added to the first topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Partitions before.
    pub before: u32,
    /// Partitions after.
    pub after: u32,
    /// Keys of the first producer.
    pub keys: u32,
    /// Those of them that are in another partition after it.
    pub moved: u32,
}

/// What adding partitions does to the keys of the first producer; `None` if it has none, or brings recorded ones.
pub fn moved_keys(scenario: &Scenario, added: u32) -> Option<Movement> {
    let before = scenario.cluster.topics.first()?.assignment.len() as u32;
    let Source::Synthetic(source) = &scenario.producers[0].source else { return None };
    let (keys, after) = (source.keys.count(), before + added);
    if keys == 0 || before == 0 {
        return None;
    }
    let is_moved = |number: &u32| {
        let hash = to_positive(murmur2(&source.keys.bytes(*number)));
        hash % before != hash % after
    };
    let moved = (0..keys).filter(is_moved).count() as u32;
    Some(Movement { before, after, keys, moved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::from_text;

    #[test]
    fn most_keys_move_if_one_partition_is_added_and_half_if_their_number_doubles() {
        let text = "[cluster]\npartitions = 12\n[workload]\nkeys = { dist = \"uniform\", count = 100000 }\n";
        let scenario = from_text("test", text.to_owned()).unwrap_or_else(|error| panic!("{error}")).scenario;
        let share = |added| {
            let movement = moved_keys(&scenario, added).expect("keys");
            f64::from(movement.moved) / f64::from(movement.keys)
        };
        // A key stays if its hash has the same remainder by both: 12 of 156 remainders by their least common multiple.
        assert!((share(1) - 12.0 / 13.0).abs() < 0.01, "{}", share(1));
        assert!((share(12) - 0.5).abs() < 0.01, "{}", share(12));
        assert_eq!(share(0), 0.0);
    }
}
