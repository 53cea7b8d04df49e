//! Numbered work on several threads. Which thread does what is up to the machine, and must not show in a result.

use std::sync::atomic::{AtomicU64, Ordering};

/// No machine has more processors.
const MOST_THREADS: usize = 1_024;

/// Does `work(part, n)` for every n below `count`, on `threads` threads, each with a part of the result of its own.
/// The parts come in no order, and each has seen its numbers in ascending order.
pub fn share_out<P, W>(count: u64, threads: usize, work: W) -> Vec<P>
where
    P: Default + Send,
    W: Fn(&mut P, u64) + Sync,
{
    let next = AtomicU64::new(0);
    let part = || {
        let mut part = P::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return part;
            }
            work(&mut part, n);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, MOST_THREADS)).map(|_| scope.spawn(part)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, P>| worker.join();
        workers
            .into_iter()
            .map(|worker| join(worker).unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_done_once() {
        for threads in [0, 1, 3] {
            let parts: Vec<Vec<u64>> = share_out(1_000, threads, |part: &mut Vec<u64>, n| part.push(n));
            assert_eq!(parts.len(), threads.max(1));
            assert!(parts.iter().all(|part| part.is_sorted()));
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, (0..1_000).collect::<Vec<u64>>());
        }
    }
}
