//! Requests from the time they are written, over their way to a broker, to the answer.

use super::Cluster;
use super::quota::Use;
use crate::audit::Auditor;
use crate::protocol::message::{Acks, ProduceBatch};
use crate::values::ids::{ConnId, TopicId};
use crate::values::time::{Span, Time};

/// A request that has been written; small numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestIx(u32);

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
    /// Time of a handler and of a network thread.
    pub(super) thread_time: Span,
    pub(super) batches: Vec<ProduceBatch>,
    pub(super) topics: Vec<TopicId>,
}

impl Request {
    /// What its client has had of the broker with it.
    pub(super) fn had(&self) -> Use {
        Use { bytes: self.bytes(), time: self.thread_time }
    }

    /// Bytes of all batches.
    pub(super) fn bytes(&self) -> u64 {
        self.batches.iter().map(|batch| u64::from(batch.bytes)).sum()
    }
}

/// A client writes a request, fills it, and hands it over with [`Cluster::arrive`] when it reaches the broker, or
/// [`Cluster::forget`]s it if it never does. The content is copied: the client may have forgotten it long before.
impl Cluster {
    /// A produce request, to be filled with [`Cluster::add_batch`]. The answer will carry `token`.
    #[inline]
    pub fn write_produce(&mut self, token: u64, acks: Acks, timeout_ms: i64) -> RequestIx {
        self.requests.open(token, RequestKind::Produce { acks, timeout_ms })
    }

    /// A further batch of a produce request that is being written.
    #[inline]
    pub fn add_batch(&mut self, request: RequestIx, batch: ProduceBatch) {
        self.requests[request].batches.push(batch);
    }

    /// A metadata request for these topics.
    pub fn write_metadata(&mut self, token: u64, topics: &[TopicId]) -> RequestIx {
        let request = self.requests.open(token, RequestKind::Metadata);
        self.requests[request].topics.extend_from_slice(topics);
        request
    }

    /// An InitProducerId request.
    pub fn write_init_producer_id(&mut self, token: u64) -> RequestIx {
        self.requests.open(token, RequestKind::InitProducerId)
    }

    /// The mark that a request carries.
    pub fn token(&self, request: RequestIx) -> u64 {
        self.requests[request].token
    }

    /// A request was lost on its way.
    pub fn forget(&mut self, request: RequestIx) {
        self.requests.release(request, &mut self.auditor);
    }

    /// A produce request arrives as soon as it has been written.
    pub fn produce(
        &mut self,
        now: Time,
        conn: ConnId,
        token: u64,
        acks: Acks,
        timeout_ms: i64,
        batches: &[ProduceBatch],
    ) {
        let request = self.write_produce(token, acks, timeout_ms);
        batches.iter().for_each(|batch| self.add_batch(request, *batch));
        self.arrive(now, conn, request);
    }

    /// So does a metadata request.
    pub fn metadata(&mut self, now: Time, conn: ConnId, token: u64, topics: &[TopicId]) {
        let request = self.write_metadata(token, topics);
        self.arrive(now, conn, request);
    }

    /// So does an InitProducerId request.
    pub fn init_producer_id(&mut self, now: Time, conn: ConnId, token: u64) {
        let request = self.write_init_producer_id(token);
        self.arrive(now, conn, request);
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
                thread_time: Span::ZERO,
                batches: Vec::new(),
                topics: Vec::new(),
            });
            RequestIx(self.slab.len() as u32 - 1)
        });
        let fields = &mut self.slab[request.0 as usize];
        (fields.token, fields.kind, fields.thread_time) = (token, kind, Span::ZERO);
        fields.batches.clear();
        fields.topics.clear();
        request
    }

    /// Nothing comes of a request any more.
    #[inline]
    pub(super) fn release(&mut self, request: RequestIx, auditor: &mut Auditor) {
        for batch in &self[request].batches {
            auditor.attempt_ended(batch.mark);
        }
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
