//! Response times of a recorded run, which a broker uses in place of its own service times.

use std::sync::Arc;

use crate::values::time::{Span, Time};

/// When produce requests were sent to one broker, and how long each took until its response was there. Copies share
/// the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedResponses {
    /// Ascending by the time of sending; never empty.
    requests: Arc<[(Time, Span)]>,
}

impl RecordedResponses {
    /// Of requests in any order, each with the time from sending to response; `None` without any. Of requests sent at
    /// the same time the slowest counts.
    pub fn new(mut requests: Vec<(Time, Span)>) -> Option<RecordedResponses> {
        requests.sort_unstable();
        (!requests.is_empty()).then(|| RecordedResponses { requests: requests.into() })
    }

    /// The response time for a request that is sent at `sent`: that of the last recorded one sent by then, or of the
    /// first.
    pub fn of_request(&self, sent: Time) -> Span {
        let sent_by_then = self.requests.partition_point(|(recorded, _)| *recorded <= sent);
        self.requests[sent_by_then.saturating_sub(1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_request_sent_by_then_counts() {
        let requests = [(30, 3), (10, 1), (20, 2), (20, 9)].map(|(sent, took)| (Time(sent), Span(took)));
        let recorded = RecordedResponses::new(requests.to_vec()).expect("requests");
        let took = [0, 10, 19, 20, 29, 30, 999].map(|sent| recorded.of_request(Time(sent)).0);
        assert_eq!(took, [1, 1, 1, 9, 9, 3, 3]);
        assert_eq!(RecordedResponses::new(Vec::new()), None);
    }
}
