//! Produce requests as bytes (`ProduceRequest`, `RequestHeader`), versions 3 to 13.

use crate::protocol::message::Acks;
use crate::protocol::varint::put_unsigned;

/// The key of the API.
const PRODUCE: i16 = 0;

/// The first version with compact lengths and tagged fields.
const FIRST_FLEXIBLE: i16 = 9;

/// The first version that names topics by their ids (KIP-516).
const FIRST_WITH_IDS: i16 = 13;

/// A produce request, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct ProduceRequest<'r> {
    /// Version of the API, 3 to 13.
    pub version: i16,
    /// Number of the request on its connection.
    pub correlation_id: i32,
    /// `client.id`.
    pub client_id: Option<&'r str>,
    /// `transactional.id`.
    pub transactional_id: Option<&'r str>,
    /// `acks`.
    pub acks: Acks,
    /// `request.timeout.ms`.
    pub timeout_ms: i32,
    /// The topics, in wire order.
    pub topics: &'r [TopicBatches<'r>],
}

/// The batches for one topic.
#[derive(Clone, Debug)]
pub struct TopicBatches<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its id.
    pub id: [u8; 16],
    /// Partition numbers with their batches, in wire order.
    pub partitions: Vec<(i32, &'r [u8])>,
}

impl ProduceRequest<'_> {
    /// Header and body, without the length before them, and how many of these bytes are the header.
    pub fn encode(&self) -> (Vec<u8>, usize) {
        let mut writer = Writer { out: Vec::new(), is_flexible: self.version >= FIRST_FLEXIBLE };
        writer.header(self);
        let header = writer.out.len();
        writer.body(self);
        (writer.out, header)
    }
}

struct Writer {
    out: Vec<u8>,
    is_flexible: bool,
}

impl Writer {
    /// Versions 1 and 2 of the request header: the client's id keeps its plain length in both.
    fn header(&mut self, request: &ProduceRequest<'_>) {
        self.put(&PRODUCE.to_be_bytes());
        self.put(&request.version.to_be_bytes());
        self.put(&request.correlation_id.to_be_bytes());
        match request.client_id {
            Some(id) => {
                self.put(&(id.len() as i16).to_be_bytes());
                self.put(id.as_bytes());
            }
            None => self.put(&(-1i16).to_be_bytes()),
        }
        self.end_structure();
    }

    fn body(&mut self, request: &ProduceRequest<'_>) {
        self.text(request.transactional_id);
        self.put(&request.acks.wire().to_be_bytes());
        self.put(&request.timeout_ms.to_be_bytes());
        self.count(request.topics.len());
        for topic in request.topics {
            if request.version >= FIRST_WITH_IDS {
                self.put(&topic.id);
            } else {
                self.text(Some(topic.name));
            }
            self.count(topic.partitions.len());
            for (partition, batch) in &topic.partitions {
                self.put(&partition.to_be_bytes());
                self.count(batch.len());
                self.put(batch);
                self.end_structure();
            }
            self.end_structure();
        }
        self.end_structure();
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A number of elements, or of bytes of records.
    fn count(&mut self, count: usize) {
        if self.is_flexible {
            put_unsigned(&mut self.out, count as u64 + 1);
        } else {
            self.put(&(count as i32).to_be_bytes());
        }
    }

    fn text(&mut self, text: Option<&str>) {
        match (text, self.is_flexible) {
            (Some(text), true) => put_unsigned(&mut self.out, text.len() as u64 + 1),
            (None, true) => put_unsigned(&mut self.out, 0),
            (Some(text), false) => self.put(&(text.len() as i16).to_be_bytes()),
            (None, false) => self.put(&(-1i16).to_be_bytes()),
        }
        self.put(text.unwrap_or_default().as_bytes());
    }

    /// A structure of a flexible version ends with its tagged fields, of which there are none.
    fn end_structure(&mut self) {
        if self.is_flexible {
            self.out.push(0);
        }
    }
}
