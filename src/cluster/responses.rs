//! Results of produce requests, from the answer until the client has read it.

use crate::protocol::message::BatchResult;

/// The results of one produce response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseId(u32);

/// A slab of results that is used again.
#[derive(Debug, Default)]
pub(super) struct Responses {
    slab: Vec<Vec<BatchResult>>,
    free: Vec<ResponseId>,
}

impl Responses {
    /// Empty results to be filled.
    pub(super) fn open(&mut self) -> ResponseId {
        let response = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Vec::new());
            ResponseId(self.slab.len() as u32 - 1)
        });
        self.slab[response.0 as usize].clear();
        response
    }

    pub(super) fn push(&mut self, response: ResponseId, result: BatchResult) {
        self.slab[response.0 as usize].push(result);
    }

    pub(super) fn set(&mut self, response: ResponseId, at: usize, result: BatchResult) {
        self.slab[response.0 as usize][at] = result;
    }

    pub(super) fn results(&self, response: ResponseId) -> &[BatchResult] {
        &self.slab[response.0 as usize]
    }

    pub(super) fn release(&mut self, response: ResponseId) {
        self.free.push(response);
    }
}
