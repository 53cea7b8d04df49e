//! One step of the sender thread: what it says goes to the world and into the trace.

use super::event::{BatchLine, Event, SequenceLine};
use super::replay::Replay;
use crate::producer::{Batch, BatchId, Exception, Outcome, Output, RecordEntry, RequestId};
use crate::protocol::compression::Compression;
use crate::protocol::error::ErrorCode;
use crate::protocol::message::ProduceBatch;
use crate::values::ids::NodeId;

/// The name of an error in a trace.
fn error_name(error: ErrorCode) -> Option<&'static str> {
    (error != ErrorCode::None).then(|| error.name())
}

impl Replay<'_> {
    /// Lets the sender thread run until it yields.
    pub(super) fn run_sender(&mut self) {
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.clear();
        self.producer.poll(self.now, &mut outputs);
        for output in &outputs {
            self.output(output);
        }
        self.outputs = outputs;
    }

    fn output(&mut self, output: &Output) {
        match *output {
            Output::Connect { node } => {
                self.connection_event(node, |conn, node| Event::Connect { conn, node });
                self.network.connect(node, self.now);
            }
            Output::Connected { node } => {
                self.connection_event(node, |conn, node| Event::Connected { conn, node });
            }
            Output::Disconnected { node } => {
                self.connection_event(node, |conn, node| Event::Disconnected { conn, node });
            }
            Output::Close { node } => {
                self.connection_event(node, |conn, node| Event::Close { conn, node });
                self.network.close(node);
            }
            Output::MetadataRequest { node, request } => self.metadata_request(node, request),
            Output::MetadataResponse { node } => {
                self.connection_event(node, |conn, node| Event::MetadataResponse { conn, node });
            }
            Output::InitProducerIdRequest { node } => self.init_producer_id_request(node),
            Output::InitProducerIdResponse { node, producer_id, error } => {
                let error = error_name(error);
                self.connection_event(node, |conn, node| Event::InitPidResponse {
                    conn,
                    node,
                    pid: producer_id,
                    error,
                });
            }
            Output::ProduceRequest { node, request } => self.produce_request(node, request),
            Output::ProduceResponse { node, request } => self.produce_response(node, request),
            Output::Completed { batch, outcome } => self.completed(batch, &outcome),
            // Invisible: the records of a batch that was split or goes back have not ended.
            Output::Split { .. } | Output::Retried { .. } => {}
        }
    }

    fn connection_event(&mut self, conn: NodeId, event: impl FnOnce(i32, i32) -> Event) {
        let node = self.script.broker(conn);
        self.trace.event(self.now, event(conn.0, node.0));
    }

    fn metadata_request(&mut self, node: NodeId, request: RequestId) {
        if !self.network.is_open(node) {
            return;
        }
        let topics = self.producer.request(request).topics();
        let names = topics.iter().map(|&topic| self.producer.topic_name(topic).to_owned()).collect();
        self.network.metadata_request(node, topics, self.now);
        self.connection_event(node, |conn, node| Event::MetadataRequest { conn, node, topics: names });
    }

    fn init_producer_id_request(&mut self, node: NodeId) {
        if self.network.is_open(node) {
            self.connection_event(node, |conn, node| Event::InitPidRequest { conn, node });
            self.network.init_producer_id_request(node, self.now);
        }
    }

    fn produce_request(&mut self, node: NodeId, id: RequestId) {
        if !self.network.is_open(node) {
            return;
        }
        let ordinal = self.network.produce_requests + 1;
        if self.ordinals.len() <= id.index() {
            self.ordinals.resize(id.index() + 1, 0);
        }
        self.ordinals[id.index()] = ordinal;
        let request = self.producer.request(id);
        let batches = request.batches().iter().map(|&batch| self.producer.batch(batch));
        let on_wire: Vec<ProduceBatch> = batches.clone().map(Batch::on_wire).collect();
        let acks = request.acks();
        let event = Event::Request {
            req: ordinal,
            node: self.script.broker(node).0,
            acks: acks.wire(),
            timeout_ms: request.timeout_ms(),
            bytes: request.bytes(),
            batches: batches.map(|batch| self.batch_line(batch)).collect(),
        };
        self.trace.event(self.now, event);
        self.network.produce_request(node, acks, &on_wire, self.now, &mut self.producer);
    }

    fn batch_line(&self, batch: &Batch) -> BatchLine {
        let on_wire = batch.on_wire();
        let tag = |record: Option<&RecordEntry>| record.map_or(0, |record| record.tag);
        BatchLine {
            topic: self.producer.topic_name(on_wire.tp.topic).to_owned(),
            partition: on_wire.tp.partition,
            records: on_wire.records,
            size: on_wire.bytes,
            raw: (self.producer.config().compression != Compression::None)
                .then(|| batch.uncompressed_bytes()),
            sequence: (on_wire.producer_id >= 0).then_some(SequenceLine {
                base_seq: on_wire.base_sequence,
                pid: on_wire.producer_id,
                epoch: on_wire.producer_epoch,
            }),
            attempt: batch.attempts(),
            recs: (tag(batch.records().first()), tag(batch.records().last())),
        }
    }

    fn produce_response(&mut self, node: NodeId, id: RequestId) {
        let request = self.producer.request(id);
        let answers = request.batches().iter().zip(request.results());
        let errors = answers.filter_map(|(&batch, result)| {
            let tp = self.producer.batch(batch).partition();
            let topic = self.producer.topic_name(tp.topic).to_owned();
            error_name(result.error).map(|error| (topic, tp.partition, error))
        });
        let event = Event::Response {
            req: self.ordinals.get(id.index()).copied().unwrap_or(0),
            node: self.script.broker(node).0,
            errors: errors.collect(),
        };
        self.trace.event(self.now, event);
    }

    /// The callbacks of a batch, one record after the other.
    fn completed(&mut self, id: BatchId, outcome: &Outcome) {
        let batch = self.producer.batch(id);
        let tp = batch.partition();
        for (at, record) in (0..).zip(batch.records()) {
            let exception = self.producer.record_exception(outcome, at);
            let offset = match *outcome {
                Outcome::Acked { base_offset } if base_offset >= 0 => base_offset + i64::from(at),
                _ => -1,
            };
            let event = Event::Complete {
                topic: self.producer.topic_name(tp.topic).to_owned(),
                partition: tp.partition as i32,
                offset,
                recs: vec![record.tag],
                error: exception.map(Exception::name),
            };
            self.trace.event(self.now, event);
            self.ledger.complete(record.tag, exception.is_none());
        }
    }
}
