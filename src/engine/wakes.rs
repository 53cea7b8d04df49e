//! One pending wake-up for each of a fixed number of components, and which of them comes first.

use crate::values::time::Time;

/// A tournament: each inner node holds the earlier of two wake-ups, the root the earliest of all. Moving a wake-up
/// costs one path to the root, and nothing stale is left behind as it would be in a heap.
#[derive(Clone, Debug)]
pub struct Wakes {
    earliest: Time,
    /// Pair n holds the nodes 2n and 2n + 1, which are the children of node n; node 1 is the root. The components'
    /// wake-ups are the nodes from `leaves` on.
    pairs: Vec<[Time; 2]>,
    leaves: usize,
}

impl Wakes {
    /// `count` components, none of which has a wake-up.
    pub fn new(count: usize) -> Wakes {
        let leaves = count.next_power_of_two().max(2);
        Wakes { earliest: Time::NEVER, pairs: vec![[Time::NEVER; 2]; leaves], leaves }
    }

    /// The earliest wake-up, [`Time::NEVER`]: none.
    #[inline]
    pub fn earliest(&self) -> Time {
        self.earliest
    }

    /// The component with the earliest wake-up, of equal ones the one with the smallest number, and the earliest
    /// wake-up of all others.
    #[inline]
    pub fn first(&self) -> (u32, Time) {
        let (earliest, mut others) = (self.earliest(), Time::NEVER);
        let mut node = 1;
        while node < self.leaves {
            let [left, right] = self.pairs[node];
            let is_right = left != earliest;
            others = others.min(if is_right { left } else { right });
            node = 2 * node + usize::from(is_right);
        }
        ((node - self.leaves) as u32, others)
    }

    /// The earliest wake-up of all components but `component`.
    #[inline]
    pub fn first_but(&self, component: u32) -> Time {
        let mut node = self.leaves + component as usize;
        if self.pairs[node / 2][node % 2] > self.earliest() {
            return self.earliest();
        }
        let mut first = Time::NEVER;
        while node > 1 {
            first = first.min(self.pairs[node / 2][1 - node % 2]);
            node /= 2;
        }
        first
    }

    /// Sets the wake-up of a component.
    #[inline]
    pub fn set(&mut self, component: u32, at: Time) {
        let mut node = self.leaves + component as usize;
        let mut earlier = at;
        while node > 1 {
            let pair = &mut self.pairs[node / 2];
            if pair[node % 2] == earlier {
                return;
            }
            pair[node % 2] = earlier;
            earlier = pair[0].min(pair[1]);
            node /= 2;
        }
        self.earliest = earlier;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_single_component_has_no_others() {
        let mut wakes = Wakes::new(1);
        assert_eq!(wakes.earliest(), Time::NEVER);
        wakes.set(0, Time(5));
        assert_eq!((wakes.earliest(), wakes.first()), (Time(5), (0, Time::NEVER)));
        assert_eq!(wakes.first_but(0), Time::NEVER);
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_search(moves in proptest::collection::vec((0u32..7, 0u64..20), 1..60)) {
            let mut wakes = Wakes::new(7);
            let mut times = [Time::NEVER; 7];
            for (component, at) in moves {
                wakes.set(component, Time(at));
                times[component as usize] = Time(at);
                let (earliest, first) = (0..7u32).map(|n| (times[n as usize], n)).min().expect("seven");
                let all_but = |left_out| {
                    (0..7u32).filter(|n| *n != left_out).map(|n| times[n as usize]).min().expect("six")
                };
                prop_assert_eq!(wakes.earliest(), earliest);
                prop_assert_eq!(wakes.first(), (first, all_but(first)));
                for component in 0..7 {
                    prop_assert_eq!(wakes.first_but(component), all_but(component));
                }
            }
        }
    }
}
