//! The queue of future events: earliest first, and in the order they were pushed when times are equal.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

use crate::values::time::Time;

/// Future events of one run. Nothing can be cancelled or moved: who schedules a wake-up checks at its arrival
/// whether it still applies.
#[derive(Clone, Debug)]
pub struct EventQueue<E: Copy> {
    /// Ascending. Equal delays make for events that are scheduled in the order of their times, or nearly so: most of
    /// them join this line at its end.
    line: VecDeque<Entry<E>>,
    /// Those that would have to jump far ahead in the line.
    heap: BinaryHeap<Reverse<Entry<E>>>,
    /// Time of the head, kept apart because the main loop compares it with every arrival.
    head: Time,
    pushed: u64,
}

/// How many others a new event may jump ahead of in the line. Moving a few aside is cheaper than the heap.
const JUMP: usize = 8;

/// One event under its place in the order.
#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: Time,
    /// Counts pushes.
    number: u64,
    event: E,
}

impl<E: Copy> EventQueue<E> {
    /// An empty queue.
    pub fn new() -> EventQueue<E> {
        EventQueue::with_capacity(0)
    }

    /// An empty queue that holds `capacity` events without allocating.
    pub fn with_capacity(capacity: usize) -> EventQueue<E> {
        EventQueue {
            line: VecDeque::with_capacity(capacity),
            heap: BinaryHeap::with_capacity(capacity),
            head: Time::NEVER,
            pushed: 0,
        }
    }

    /// Schedules `event`, behind all events already scheduled for the same time.
    #[inline]
    pub fn push(&mut self, at: Time, event: E) {
        let entry = Entry { at, number: self.pushed, event };
        self.pushed += 1;
        self.head = self.head.min(at);
        match self.line.back() {
            Some(last) if at < last.at => self.push_ahead(entry),
            _ => self.line.push_back(entry),
        }
    }

    /// Schedules an event that comes before the last one in line.
    #[inline(never)]
    fn push_ahead(&mut self, entry: Entry<E>) {
        let later = self.line.iter().rev().take(JUMP + 1).take_while(|other| other.at > entry.at).count();
        match later <= JUMP {
            true => self.line.insert(self.line.len() - later, entry),
            false => self.heap.push(Reverse(entry)),
        }
    }

    /// Time of the next event, [`Time::NEVER`] when there is none.
    #[inline]
    pub fn peek_time(&self) -> Time {
        self.head
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, E)> {
        let entry = match (self.line.front(), self.heap.peek()) {
            (Some(first), Some(Reverse(other))) if other.place() < first.place() => self.heap.pop()?.0,
            (None, Some(_)) => self.heap.pop()?.0,
            _ => self.line.pop_front()?,
        };
        let first_in_line = self.line.front().map_or(Time::NEVER, |first| first.at);
        self.head = self.heap.peek().map_or(first_in_line, |Reverse(other)| other.at.min(first_in_line));
        Some((entry.at, entry.event))
    }

    /// Number of scheduled events.
    pub fn len(&self) -> usize {
        self.line.len() + self.heap.len()
    }

    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<E: Copy> Default for EventQueue<E> {
    fn default() -> EventQueue<E> {
        EventQueue::new()
    }
}

impl<E> Entry<E> {
    #[inline]
    fn place(&self) -> u128 {
        (u128::from(self.at.0) << 64) | u128::from(self.number)
    }
}

impl<E> Ord for Entry<E> {
    #[inline]
    fn cmp(&self, other: &Entry<E>) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl<E> PartialOrd for Entry<E> {
    #[inline]
    fn partial_cmp(&self, other: &Entry<E>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    #[inline]
    fn eq(&self, other: &Entry<E>) -> bool {
        self.place() == other.place()
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_queue_has_no_next_time() {
        let mut queue = EventQueue::<u8>::new();
        assert_eq!(queue.peek_time(), Time::NEVER);
        assert_eq!(queue.pop(), None);
        queue.push(Time(3), 1);
        assert_eq!(queue.pop(), Some((Time(3), 1)));
        assert_eq!(queue.peek_time(), Time::NEVER);
    }

    proptest! {
        /// Any mix of pushes and pops gives what a stable sort of the list would give. Few distinct times, so
        /// that ties are the rule.
        #[test]
        fn it_agrees_with_a_stable_sort(steps in prop::collection::vec(prop::option::weighted(0.6, 0u64..8), 1..200)) {
            let mut queue = EventQueue::with_capacity(4);
            let mut list: Vec<(Time, usize)> = Vec::new();
            for (id, step) in steps.into_iter().enumerate() {
                match step {
                    Some(time) => {
                        queue.push(Time(time), id);
                        list.push((Time(time), id));
                        list.sort_by_key(|&(time, _)| time);
                    }
                    None => {
                        let expected = if list.is_empty() { None } else { Some(list.remove(0)) };
                        prop_assert_eq!(queue.pop(), expected);
                    }
                }
                prop_assert_eq!(queue.peek_time(), list.first().map_or(Time::NEVER, |&(time, _)| time));
                prop_assert_eq!(queue.len(), list.len());
                prop_assert_eq!(queue.is_empty(), list.is_empty());
            }
        }
    }
}
