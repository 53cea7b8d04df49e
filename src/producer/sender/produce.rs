//! `sendProducerData` (6.3): who is ready, what is drained, and one produce request per node (6.5).

use super::Pass;
use crate::producer::accumulator::{Drained, LoneBatch, ReadyCheck};
use crate::producer::batch::BatchId;
use crate::producer::network::{NodeIx, RequestId, RequestKind};
use crate::producer::{Output, Producer};
use crate::protocol::jvm;
use crate::protocol::message::Acks;
use crate::protocol::size::RequestSize;

impl Producer {
    /// SND-1 to SND-12; gives the time that the poll behind it may take, in ms.
    #[inline(always)]
    pub(super) fn send_producer_data(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        if !self.accumulator.has_undrained() {
            self.look_at_empty_queues(now_ms, out)
        } else if let Some(lone) = self.lone_batch(now_ms) {
            self.send_lone_batch(lone, now_ms, out)
        } else {
            self.send_what_is_ready(now_ms, out)
        }
    }

    /// The whole pass.
    fn send_what_is_ready(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        let mut pass = self.sender.pass.take().unwrap_or_default();
        let Pass { check, drained } = &mut *pass;
        self.check_ready(check, now_ms);
        self.ask_for_unknown_leaders(check, now_ms);
        let not_ready_ms = self.keep_ready_nodes(check, now_ms, out);
        self.drain(check, drained, now_ms);
        let next_expiry_ms = self.expire_batches(now_ms, out);
        for (_, range) in &drained.nodes {
            self.record_drained(&drained.batches[range.clone()], now_ms);
        }
        for (node, range) in drained.nodes.iter().filter(|(_, range)| !range.is_empty()) {
            self.send_to(*node, &drained.batches[range.clone()], now_ms);
        }
        let timeout_ms = if check.nodes.is_empty() {
            check.next_check_ms.min(not_ready_ms).min(next_expiry_ms.saturating_sub(now_ms)).max(0)
        } else {
            0
        };
        self.sender.pass = Some(pass);
        timeout_ms
    }

    /// The same pass when all there is to look at is a batch that may leave. At a low rate nearly every pass is.
    fn send_lone_batch(&mut self, lone: LoneBatch, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        if self.adaptive {
            self.update_load();
        }
        let node = lone.node;
        let ready = self.ready_or_connect(node, now_ms, out);
        self.update_node_latency(node, now_ms, ready);
        let drained = if ready { self.drain_lone_batch(lone, now_ms) } else { None };
        if let Some(batch) = drained {
            self.let_go(batch);
        }
        let next_expiry_ms = self.expire_batches(now_ms, out);
        if !ready {
            self.note_unready_node(node, now_ms);
            let not_ready_ms = self.network[node].poll_delay_ms(now_ms);
            return not_ready_ms.min(next_expiry_ms.saturating_sub(now_ms)).max(0);
        }
        self.record_drained(drained.as_slice(), now_ms);
        if let Some(batch) = drained {
            self.send_to(node, &[batch], now_ms);
        }
        0
    }

    /// The same pass when every queue is empty: only what is in flight can expire.
    #[inline]
    fn look_at_empty_queues(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        if self.adaptive {
            self.update_load();
        }
        self.expire_batches(now_ms, out).saturating_sub(now_ms).max(0)
    }

    /// SND-3.
    fn ask_for_unknown_leaders(&mut self, check: &ReadyCheck, now_ms: i64) {
        for &topic in &check.unknown_leader {
            self.metadata.add(topic, now_ms);
        }
        if !check.unknown_leader.is_empty() {
            self.metadata.request_update();
        }
    }

    /// SND-4: leaves only nodes that can be sent to; gives the shortest delay of the others, in ms.
    fn keep_ready_nodes(&mut self, check: &mut ReadyCheck, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        let mut not_ready_ms = i64::MAX;
        check.nodes.retain(|&node| {
            let ready = self.ready_or_connect(node, now_ms, out);
            self.update_node_latency(node, now_ms, ready);
            if !ready {
                self.note_unready_node(node, now_ms);
                not_ready_ms = not_ready_ms.min(self.network[node].poll_delay_ms(now_ms));
            }
            ready
        });
        not_ready_ms
    }

    /// SND-5 to SND-7.
    fn drain(&mut self, check: &ReadyCheck, drained: &mut Drained, now_ms: i64) {
        drained.clear();
        for &node in &check.nodes {
            let from = drained.batches.len();
            self.drain_node(node, &mut drained.batches, now_ms);
            drained.nodes.push((node, from..drained.batches.len()));
        }
        if drained.nodes.len() > 1 {
            // HSH-3.
            let network = &self.network;
            jvm::sort_as_table(&mut drained.nodes, jvm::DEFAULT_CAPACITY, |(node, _)| {
                network.id(*node).0 as u32
            });
        }
        for (_, range) in &drained.nodes {
            for &batch in &drained.batches[range.clone()] {
                self.let_go(batch);
            }
        }
    }

    #[inline(always)]
    fn let_go(&mut self, batch: BatchId) {
        self.enter_flight(batch);
        if self.max_in_flight == 1 {
            let slot = self.accumulator.batches[batch].slot;
            self.accumulator.queues[slot.index()].muted_until_ms = i64::MAX;
        }
    }

    /// SND-10, for one node.
    #[inline(always)]
    fn record_drained(&mut self, drained: &[BatchId], now_ms: i64) {
        let mut records = 0;
        for batch in drained {
            let batch = &self.accumulator.batches[*batch];
            records += u64::from(batch.count());
            self.metrics.batch_drained(batch, now_ms);
        }
        self.metrics.node_drained(records, now_ms);
    }

    /// SND-12, PRQ-1.
    fn send_to(&mut self, node: NodeIx, batches: &[BatchId], now_ms: i64) {
        let request = self.network.requests.open(RequestKind::Produce, node, now_ms);
        if let &[batch] = batches {
            let content = &mut self.network.requests[request];
            content.batches.push(batch);
            content.topics.push(self.accumulator.batches[batch].partition().topic);
        } else {
            self.network.requests[request].batches.extend_from_slice(batches);
            self.group_by_topic(request);
        }
        let bytes = self.request_bytes(request);
        let fields = &mut self.network.requests[request];
        (fields.acks, fields.timeout_ms, fields.bytes) =
            (self.config.acks, self.config.request_timeout_ms, bytes);
        if self.config.acks == Acks::None {
            self.network.unacknowledged.push(request);
        }
        self.send_request(request);
    }

    /// Wire order: topics as they first occur, partitions of a topic as they were drained. `topics` lists the former.
    fn group_by_topic(&mut self, request: RequestId) {
        let maps = self.personality.messages_are_maps;
        let (names, batches) = (&self.topics, &self.accumulator.batches);
        let request = &mut self.network.requests[request];
        if maps {
            let capacity = jvm::capacity_for(request.batches.len());
            let hash = |batch: &BatchId| names.partition_hash(batches[*batch].slot);
            jvm::sort_as_table(&mut request.batches, capacity, hash);
        }
        for batch in &request.batches {
            let topic = batches[*batch].partition().topic;
            if !request.topics.contains(&topic) {
                request.topics.push(topic);
            }
        }
        if maps {
            jvm::sort_as_computed_table(&mut request.topics, jvm::DEFAULT_CAPACITY, |topic| {
                names.hash(*topic)
            });
        }
        if request.topics.len() > 1 {
            let topics = &request.topics;
            let place = |batch| topics.iter().position(|topic| *topic == batches[batch].partition().topic);
            request.batches.sort_by_key(|batch| place(*batch));
        }
        if maps {
            let topic = |batch: &BatchId| batches[*batch].partition().topic;
            for of_topic in request.batches.chunk_by_mut(|one, next| topic(one) == topic(next)) {
                let partition = |batch: &BatchId| batches[*batch].partition().partition;
                jvm::sort_as_table(of_topic, jvm::DEFAULT_CAPACITY, partition);
            }
        }
    }

    /// PRQ-5.
    fn request_bytes(&self, request: RequestId) -> u64 {
        let request = &self.network.requests[request];
        let transactional_id = self.config.transactional_id.as_ref().map(String::len);
        let (names, client_id) = (self.personality.topic_names, self.config.client_id.len());
        let mut size = RequestSize::new(names, client_id, transactional_id, request.topics.len());
        let batches = request.batches.iter().map(|batch| &self.accumulator.batches[*batch]);
        for topic in &request.topics {
            let partitions = match request.topics.len() {
                1 => request.batches.len(),
                _ => batches.clone().filter(|batch| batch.partition().topic == *topic).count(),
            };
            size.topic(self.topics.name(*topic).len(), partitions);
        }
        for batch in batches {
            size.batch(batch.encoded_bytes);
        }
        size.total()
    }
}
