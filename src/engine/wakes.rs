//! One pending wake-up for each of a fixed number of components, and which of them comes first.

use crate::values::time::Time;

/// A tournament: each inner node holds the earlier of two wake-ups, the root the earliest of all. Moving a wake-up
/// costs one path to the root, and nothing stale is left behind as it would be in a heap.
#[derive(Clone, Debug)]
pub struct Wakes {
    /// Leaves from `leaves` on; node n has the children 2n and 2n + 1. Each entry is (time, component).
    nodes: Vec<(Time, u32)>,
    leaves: usize,
}

impl Wakes {
    /// `count` components, none of which has a wake-up.
    pub fn new(count: usize) -> Wakes {
        let leaves = count.next_power_of_two();
        let component = |node: usize| node.saturating_sub(leaves) as u32;
        Wakes { nodes: (0..2 * leaves).map(|node| (Time::NEVER, component(node))).collect(), leaves }
    }

    /// The earliest wake-up, of equal ones that of the component with the smallest number; [`Time::NEVER`]: none.
    #[inline]
    pub fn first(&self) -> (Time, u32) {
        self.nodes[1]
    }

    /// The earliest wake-up of all components but `component`.
    #[inline]
    pub fn first_but(&self, component: u32) -> Time {
        let mut node = self.leaves + component as usize;
        let mut first = Time::NEVER;
        while node > 1 {
            first = first.min(self.nodes[node ^ 1].0);
            node /= 2;
        }
        first
    }

    /// Sets the wake-up of a component.
    #[inline]
    pub fn set(&mut self, component: u32, at: Time) {
        let mut node = self.leaves + component as usize;
        let mut earlier = (at, component);
        self.nodes[node] = earlier;
        while node > 1 {
            earlier = earlier.min(self.nodes[node ^ 1]);
            node /= 2;
            if self.nodes[node] == earlier {
                return;
            }
            self.nodes[node] = earlier;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_single_component_is_its_own_root() {
        let mut wakes = Wakes::new(1);
        assert_eq!(wakes.first().0, Time::NEVER);
        wakes.set(0, Time(5));
        assert_eq!((wakes.first(), wakes.first_but(0)), ((Time(5), 0), Time::NEVER));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_search(moves in proptest::collection::vec((0u32..7, 0u64..20), 1..60)) {
            let mut wakes = Wakes::new(7);
            let mut times = [Time::NEVER; 7];
            for (component, at) in moves {
                wakes.set(component, Time(at));
                times[component as usize] = Time(at);
                let first = (0..7u32).map(|n| (times[n as usize], n)).min().expect("seven");
                prop_assert_eq!(wakes.first(), first);
                let others = (0..7u32).filter(|n| *n != component).map(|n| times[n as usize]).min();
                prop_assert_eq!(wakes.first_but(component), others.expect("six"));
            }
        }
    }
}
