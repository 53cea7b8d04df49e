//! How long batches wait before they are sent again: the cadence of retries that a log of the client would show.

use super::result::RetryWait;

/// Waits by the number of the retry.
#[derive(Debug, Default)]
pub(super) struct Cadence {
    waits: Vec<RetryWait>,
}

impl Cadence {
    /// A batch is sent for the `retry`th time again, `waited_ms` after its last transmission had failed.
    #[cold]
    pub(super) fn sent_again(&mut self, retry: u32, waited_ms: u64) {
        let at = retry.clamp(1, RetryWait::LAST) as usize - 1;
        while self.waits.len() <= at {
            let retry = self.waits.len() as u32 + 1;
            self.waits.push(RetryWait { retry, batches: 0, sum_ms: 0, min_ms: u64::MAX, max_ms: 0 });
        }
        let wait = &mut self.waits[at];
        wait.batches += 1;
        wait.sum_ms += waited_ms;
        (wait.min_ms, wait.max_ms) = (wait.min_ms.min(waited_ms), wait.max_ms.max(waited_ms));
    }

    pub(super) fn into_waits(mut self) -> Vec<RetryWait> {
        self.waits.retain(|wait| wait.batches > 0);
        self.waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_apart_by_their_number_up_to_the_last() {
        let mut cadence = Cadence::default();
        for (retry, waited_ms) in [(3, 400), (1, 90), (1, 110), (10, 1_000), (700, 950)] {
            cadence.sent_again(retry, waited_ms);
        }
        let found: Vec<_> = (cadence.into_waits().iter())
            .map(|wait| (wait.retry, wait.batches, wait.min_ms, wait.sum_ms, wait.max_ms))
            .collect();
        assert_eq!(found, [(1, 2, 90, 200, 110), (3, 1, 400, 400, 400), (10, 2, 950, 1_950, 1_000)]);
    }
}
