//! What is on its way between a client and a broker.

use crate::cluster::ResponseId;
use crate::protocol::message::{Acks, MetadataResponse, ProduceBatch};
use crate::values::ids::TopicId;

/// Bytes of a request or response that does not carry records: header and a few fields.
pub(super) const SMALL_BYTES: u64 = 60;
/// Bytes of one partition in a produce response.
pub(super) const RESULT_BYTES: u64 = 30;

/// A request on its way; small numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WireIx(u32);

/// A message of a link.
#[derive(Debug)]
pub(super) enum Message {
    /// To the broker.
    Request(WireIx),
    /// To the broker: the client has closed the connection.
    Close,
    /// To the client.
    Produced(ResponseId),
    /// To the client.
    Metadata(Box<MetadataResponse>),
    /// To the client.
    ProducerId(i64),
    /// To the client: the broker has closed the connection.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireKind {
    Produce { acks: Acks, timeout_ms: i64 },
    Metadata,
    InitProducerId,
}

/// A request's content, copied: the client may have forgotten it before it arrives.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) kind: WireKind,
    pub(super) batches: Vec<ProduceBatch>,
    pub(super) topics: Vec<TopicId>,
}

/// A slab of requests on their way.
#[derive(Debug, Default)]
pub(super) struct Wires {
    slab: Vec<Wire>,
    free: Vec<WireIx>,
}

impl Wires {
    pub(super) fn open(&mut self, kind: WireKind) -> WireIx {
        let wire = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Wire { kind, batches: Vec::new(), topics: Vec::new() });
            WireIx(self.slab.len() as u32 - 1)
        });
        let content = &mut self.slab[wire.0 as usize];
        content.kind = kind;
        content.batches.clear();
        content.topics.clear();
        wire
    }

    pub(super) fn release(&mut self, wire: WireIx) {
        self.free.push(wire);
    }
}

impl std::ops::Index<WireIx> for Wires {
    type Output = Wire;
    fn index(&self, wire: WireIx) -> &Wire {
        &self.slab[wire.0 as usize]
    }
}

impl std::ops::IndexMut<WireIx> for Wires {
    fn index_mut(&mut self, wire: WireIx) -> &mut Wire {
        &mut self.slab[wire.0 as usize]
    }
}
