//! Requests from their arrival to the answer.

use crate::protocol::message::{Acks, ProduceBatch};
use crate::values::ids::TopicId;
use crate::values::time::Time;

/// A request in the cluster; small numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestIx(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Produce { acks: Acks, timeout_ms: i64 },
    Metadata,
    InitProducerId,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) token: u64,
    pub(super) kind: RequestKind,
    /// When it reached the broker.
    pub(super) arrived: Time,
    pub(super) batches: Vec<ProduceBatch>,
    pub(super) topics: Vec<TopicId>,
}

impl Request {
    /// Bytes of all batches.
    pub(super) fn bytes(&self) -> u64 {
        self.batches.iter().map(|batch| u64::from(batch.bytes)).sum()
    }
}

/// A slab of requests that is used again.
#[derive(Debug, Default)]
pub(super) struct Requests {
    slab: Vec<Request>,
    free: Vec<RequestIx>,
}

impl Requests {
    pub(super) fn open(&mut self, token: u64, kind: RequestKind) -> RequestIx {
        let request = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Request {
                token,
                kind,
                arrived: Time::START,
                batches: Vec::new(),
                topics: Vec::new(),
            });
            RequestIx(self.slab.len() as u32 - 1)
        });
        let fields = &mut self.slab[request.0 as usize];
        (fields.token, fields.kind) = (token, kind);
        fields.batches.clear();
        fields.topics.clear();
        request
    }

    pub(super) fn release(&mut self, request: RequestIx) {
        self.free.push(request);
    }
}

impl std::ops::Index<RequestIx> for Requests {
    type Output = Request;
    fn index(&self, request: RequestIx) -> &Request {
        &self.slab[request.0 as usize]
    }
}

impl std::ops::IndexMut<RequestIx> for Requests {
    fn index_mut(&mut self, request: RequestIx) -> &mut Request {
        &mut self.slab[request.0 as usize]
    }
}
