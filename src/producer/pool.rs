//! `buffer.memory` (section 4): bytes are counted, not allocated. A waiting `send` keeps what it has gathered so far.

use std::collections::VecDeque;

/// Who waits: an application thread.
pub(crate) type Waiter = u32;

#[derive(Debug)]
struct Waiting {
    who: Waiter,
    size: u64,
    accumulated: u64,
    signalled: bool,
}

/// Kafka's `BufferPool`.
#[derive(Debug)]
pub(crate) struct BufferPool {
    total: u64,
    poolable: u64,
    /// Returned buffers of exactly `poolable` bytes.
    free_buffers: u64,
    /// Bytes that are neither handed out nor in a returned buffer.
    non_pooled: u64,
    waiting: VecDeque<Waiting>,
    pub(crate) closed: bool,
}

/// Answer to a request for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allocation {
    Granted,
    MustWait,
    /// More than the pool has in all (BUF-1).
    Impossible,
    Closed,
}

impl BufferPool {
    pub(crate) fn new(total: u64, poolable: u64) -> BufferPool {
        BufferPool {
            total,
            poolable,
            free_buffers: 0,
            non_pooled: total,
            waiting: VecDeque::new(),
            closed: false,
        }
    }

    /// BUF-1 to BUF-3: at once if the memory is there, even past those who wait.
    #[inline]
    pub(crate) fn allocate(&mut self, size: u64) -> Allocation {
        if size > self.total {
            return Allocation::Impossible;
        }
        if self.closed {
            return Allocation::Closed;
        }
        if size == self.poolable && self.free_buffers > 0 {
            self.free_buffers -= 1;
        } else if self.available() >= size {
            self.free_up(size);
            self.non_pooled -= size;
        } else {
            return Allocation::MustWait;
        }
        self.signal();
        Allocation::Granted
    }

    /// BUF-4: joins the end of the queue.
    pub(crate) fn wait(&mut self, who: Waiter, size: u64) {
        self.waiting.push_back(Waiting { who, size, accumulated: 0, signalled: false });
    }

    pub(crate) fn is_signalled(&self, who: Waiter) -> bool {
        self.waiting.iter().any(|waiting| waiting.who == who && waiting.signalled)
    }

    /// BUF-6: a signalled waiter takes what there is. If it then has all it asked for, it leaves the queue with it.
    pub(crate) fn take(&mut self, who: Waiter) -> Option<u64> {
        let at = self.waiting.iter().position(|waiting| waiting.who == who)?;
        let (size, accumulated) = (self.waiting[at].size, self.waiting[at].accumulated);
        self.waiting[at].signalled = false;
        if accumulated == 0 && size == self.poolable && self.free_buffers > 0 {
            self.free_buffers -= 1;
            self.waiting[at].accumulated = size;
        } else {
            self.free_up(size - accumulated);
            let got = (size - accumulated).min(self.non_pooled);
            self.non_pooled -= got;
            self.waiting[at].accumulated += got;
        }
        if self.waiting[at].accumulated < size {
            return None;
        }
        self.waiting.remove(at);
        self.signal();
        Some(size)
    }

    /// BUF-7: a waiter gives up; what it had gathered goes back.
    pub(crate) fn give_up(&mut self, who: Waiter) {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.who == who) {
            self.non_pooled += self.waiting[at].accumulated;
            self.waiting.remove(at);
            self.signal();
        }
    }

    /// BUF-11: memory comes back.
    #[inline]
    pub(crate) fn deallocate(&mut self, size: u64) {
        if size == self.poolable {
            self.free_buffers += 1;
        } else {
            self.non_pooled += size;
        }
        if let Some(first) = self.waiting.front_mut() {
            first.signalled = true;
        }
    }

    /// BUF-15.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        for waiting in &mut self.waiting {
            waiting.signalled = true;
        }
    }

    /// BUF-8: returned buffers are broken up, the newest first.
    fn free_up(&mut self, size: u64) {
        while self.free_buffers > 0 && self.non_pooled < size {
            self.free_buffers -= 1;
            self.non_pooled += self.poolable;
        }
    }

    /// BUF-9: whoever leaves with memory still there wakes the next.
    fn signal(&mut self) {
        if (self.non_pooled > 0 || self.free_buffers > 0)
            && let Some(first) = self.waiting.front_mut()
        {
            first.signalled = true;
        }
    }

    /// What those who wait have so far.
    pub(crate) fn gathered(&self) -> u64 {
        self.waiting.iter().map(|waiting| waiting.accumulated).sum()
    }

    /// BUF-14.
    pub(crate) fn available(&self) -> u64 {
        self.non_pooled + self.free_buffers * self.poolable
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// BUF-16: threads that wait.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buf_1_more_than_everything_is_an_error_and_everything_is_not() {
        let mut pool = BufferPool::new(100, 10);
        assert_eq!(pool.allocate(101), Allocation::Impossible);
        assert_eq!(pool.allocate(100), Allocation::Granted);
        assert_eq!(pool.available(), 0);
    }

    #[test]
    fn buf_6_a_waiter_gathers_piece_by_piece_and_keeps_it() {
        let mut pool = BufferPool::new(30, 10);
        for _ in 0..3 {
            assert_eq!(pool.allocate(10), Allocation::Granted);
        }
        assert_eq!(pool.allocate(25), Allocation::MustWait);
        pool.wait(1, 25);
        pool.deallocate(10);
        assert!(pool.is_signalled(1) && pool.take(1).is_none());
        assert_eq!(pool.available(), 0, "the waiter holds what came back");
        pool.deallocate(10);
        assert_eq!(pool.take(1), None);
        pool.deallocate(10);
        assert_eq!(pool.take(1), Some(25));
        assert_eq!((pool.available(), pool.queued()), (5, 0));
    }

    #[test]
    fn buf_10_a_newcomer_may_overtake_a_signalled_waiter() {
        let mut pool = BufferPool::new(10, 10);
        assert_eq!(pool.allocate(10), Allocation::Granted);
        pool.wait(1, 10);
        pool.deallocate(10);
        assert_eq!(pool.allocate(10), Allocation::Granted);
        assert!(pool.is_signalled(1) && pool.take(1).is_none());
        pool.give_up(1);
        assert_eq!(pool.queued(), 0);
    }

    fn all_handed_out() -> BufferPool {
        let mut pool = BufferPool::new(30, 10);
        for _ in 0..3 {
            assert_eq!(pool.allocate(10), Allocation::Granted);
        }
        pool
    }

    /// BUF-2, BUF-3: whatever its size.
    #[test]
    fn a_newcomer_takes_what_it_finds_past_those_who_wait() {
        for size in [10, 7] {
            let mut pool = all_handed_out();
            pool.wait(1, 25);
            pool.deallocate(10);
            assert_eq!(pool.allocate(size), Allocation::Granted);
        }
    }

    #[test]
    fn buf_7_who_gives_up_gives_back_what_it_had() {
        let mut pool = all_handed_out();
        pool.wait(1, 25);
        pool.wait(2, 10);
        pool.deallocate(10);
        assert_eq!((pool.take(1), pool.available()), (None, 0));
        pool.give_up(1);
        assert_eq!((pool.available(), pool.queued()), (10, 1));
        assert!(pool.is_signalled(2), "BUF-9: who leaves with memory still there wakes the next");
    }

    #[test]
    fn buf_8_returned_buffers_are_broken_up() {
        let mut pool = all_handed_out();
        (0..3).for_each(|_| pool.deallocate(10));
        assert_eq!((pool.allocate(25), pool.available()), (Allocation::Granted, 5));
    }

    /// BUF-9, BUF-11.
    #[test]
    fn one_wakes_the_other() {
        let mut pool = all_handed_out();
        pool.wait(1, 10);
        pool.wait(2, 10);
        pool.deallocate(10);
        pool.deallocate(10);
        assert!(pool.is_signalled(1) && !pool.is_signalled(2), "only the first is woken");
        assert_eq!(pool.take(1), Some(10));
        assert!(pool.is_signalled(2));
    }

    #[test]
    fn buf_15_close_wakes_everybody() {
        let mut pool = BufferPool::new(10, 10);
        pool.allocate(10);
        pool.wait(1, 10);
        pool.wait(2, 10);
        pool.close();
        assert!(pool.is_signalled(1) && pool.is_signalled(2));
        assert_eq!(pool.allocate(1), Allocation::Closed);
    }
}
