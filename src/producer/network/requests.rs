//! Requests from the moment they are written to the poll after the one that ended them.

use crate::producer::batch::BatchId;
use crate::producer::network::NodeIx;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{Acks, BatchResult, MetadataResponse};
use crate::values::ids::TopicId;

/// A request, valid from the output that wrote it until the `poll` after the one that ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub(crate) u32);

impl RequestId {
    /// A dense index; small numbers are used again.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The answer has no such field.
const NO_THROTTLE_TIME: i64 = -1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Produce,
    Metadata,
    InitProducerId,
}

/// One request and, once it has come, its answer.
#[derive(Debug)]
pub struct Request {
    pub(crate) kind: RequestKind,
    pub(crate) node: NodeIx,
    pub(crate) created_ms: i64,
    pub(crate) throttled_ms: i64,
    pub(crate) throttle_time_ms: i64,
    pub(crate) acks: Acks,
    pub(crate) timeout_ms: i64,
    pub(crate) bytes: u64,
    pub(crate) batches: Vec<BatchId>,
    pub(crate) results: Vec<BatchResult>,
    /// (batch of the request, record of the batch) pairs that the broker rejected one by one.
    pub(crate) record_errors: Vec<(u32, u32)>,
    pub(crate) topics: Vec<TopicId>,
    pub(crate) metadata: Option<Box<MetadataResponse>>,
    pub(crate) producer_id: (i64, i16, ErrorCode),
}

impl Request {
    /// `acks` of a produce request.
    pub fn acks(&self) -> Acks {
        self.acks
    }

    /// The broker's own time limit, in ms.
    pub fn timeout_ms(&self) -> i64 {
        self.timeout_ms
    }

    /// Size on the wire with the 4-byte length prefix.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Batches of a produce request in wire order.
    pub fn batches(&self) -> &[BatchId] {
        &self.batches
    }

    /// Answers to a produce request, one per batch.
    pub fn results(&self) -> &[BatchResult] {
        &self.results
    }

    /// Topics of a metadata request.
    pub fn topics(&self) -> &[TopicId] {
        &self.topics
    }

    /// An answer that had arrived, and that nobody will look at since the connection is gone.
    pub(crate) fn forget_answer(&mut self) {
        self.results.clear();
        self.record_errors.clear();
        self.throttle_time_ms = NO_THROTTLE_TIME;
    }
}

/// A slab of requests that is used again.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    slab: Vec<Request>,
    free: Vec<RequestId>,
    ended: Vec<RequestId>,
}

impl Requests {
    #[inline(always)]
    pub(crate) fn open(&mut self, kind: RequestKind, node: NodeIx, created_ms: i64) -> RequestId {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Request {
                kind,
                node,
                created_ms,
                throttled_ms: 0,
                throttle_time_ms: NO_THROTTLE_TIME,
                acks: Acks::All,
                timeout_ms: 0,
                bytes: 0,
                batches: Vec::new(),
                results: Vec::new(),
                record_errors: Vec::new(),
                topics: Vec::new(),
                metadata: None,
                producer_id: (-1, -1, ErrorCode::None),
            });
            RequestId(self.slab.len() as u32 - 1)
        });
        let request = &mut self.slab[id.index()];
        (request.kind, request.node, request.created_ms) = (kind, node, created_ms);
        (request.throttled_ms, request.throttle_time_ms) = (0, NO_THROTTLE_TIME);
        request.batches.clear();
        request.results.clear();
        request.record_errors.clear();
        request.topics.clear();
        // An answer that came, and whose connection was lost before it was looked at.
        request.metadata = None;
        id
    }

    pub(crate) fn release(&mut self, id: RequestId) {
        self.ended.push(id);
    }

    #[inline]
    pub(crate) fn recycle(&mut self) {
        match self.ended[..] {
            [] => {}
            [only] => {
                self.free.push(only);
                self.ended.clear();
            }
            _ => self.free.append(&mut self.ended),
        }
    }
}

impl std::ops::Index<RequestId> for Requests {
    type Output = Request;
    #[inline]
    fn index(&self, id: RequestId) -> &Request {
        &self.slab[id.index()]
    }
}

impl std::ops::IndexMut<RequestId> for Requests {
    #[inline]
    fn index_mut(&mut self, id: RequestId) -> &mut Request {
        &mut self.slab[id.index()]
    }
}
