//! Fetching metadata: when, from whom, and what the answer changes (6.11).

use super::{NodeIx, RequestKind};
use crate::config::producer::RecoveryStrategy;
use crate::producer::view::{Entry, Leader, NO_EPOCH};
use crate::producer::{Output, Producer};
use crate::protocol::error::ErrorCode;
use crate::protocol::message::{MetadataResponse, TopicMetadata};
use crate::values::ids::TopicId;

impl Producer {
    /// MDU-3: sends or prepares a metadata request if one is due; gives the bound for the poll, in ms.
    #[inline]
    pub(crate) fn maybe_update_metadata(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        let to_next = self.metadata.time_to_next_update(now_ms, &mut self.sender_draws);
        let in_progress =
            if self.network.metadata_in_flight.is_some() { self.config.request_timeout_ms } else { 0 };
        let wait_ms = to_next.max(in_progress);
        if wait_ms > 0 { wait_ms } else { self.update_metadata(now_ms, out) }
    }

    #[cold]
    fn update_metadata(&mut self, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        self.network.metadata_attempt_since_ms.get_or_insert(now_ms);
        let mut choice = self.least_loaded_node(now_ms);
        if self.rebootstraps() && choice.node.is_none() && !choice.any_connection_ready {
            self.rebootstrap(now_ms);
            choice = self.least_loaded_node(now_ms);
        }
        match choice.node {
            Some(node) => self.update_metadata_from(node, now_ms, out),
            None => self.config.reconnect_backoff_ms,
        }
    }

    /// MDU-4.
    fn update_metadata_from(&mut self, node: NodeIx, now_ms: i64, out: &mut Vec<Output>) -> i64 {
        if self.network[node].can_send(now_ms, self.max_in_flight) {
            let fetch = self.metadata.new_request(now_ms, &self.topics);
            let request = self.network.requests.open(RequestKind::Metadata, node, now_ms);
            self.network.requests[request].topics.extend_from_slice(&fetch.topics);
            self.network.metadata_in_flight = Some(fetch);
            self.send_request(request);
            return self.config.request_timeout_ms;
        }
        let connecting = |node: &NodeIx| self.network[*node].state == super::ConnectionState::Connecting;
        if self.view.nodes.iter().any(connecting) {
            return self.config.reconnect_backoff_ms;
        }
        if self.network[node].can_connect(now_ms) {
            self.connect(node, now_ms, out);
            return self.config.reconnect_backoff_ms;
        }
        i64::MAX
    }

    fn rebootstraps(&self) -> bool {
        self.personality.can_rebootstrap
            && self.config.metadata_recovery_strategy == RecoveryStrategy::Rebootstrap
    }

    fn rebootstrap(&mut self, now_ms: i64) {
        self.metadata.rebootstrapped();
        self.view.bootstrap(self.network.bootstrap.clone(), &self.topics);
        self.accumulator.index_leaders(&self.view);
        self.network.metadata_attempt_since_ms = Some(now_ms);
    }

    /// MDU-3: without success for `metadata.recovery.rebootstrap.trigger.ms` every connection is given up.
    pub(crate) fn maybe_rebootstrap_after_trigger(&mut self, now_ms: i64, out: &mut Vec<Output>) {
        let trigger_ms = self.config.metadata_recovery_rebootstrap_trigger_ms;
        let Some(since_ms) = self.network.metadata_attempt_since_ms else { return };
        if !self.rebootstraps() || now_ms - since_ms <= trigger_ms {
            return;
        }
        for node in self.view.nodes.clone() {
            if matches!(
                self.network[node].state,
                super::ConnectionState::Connecting | super::ConnectionState::Ready
            ) {
                out.push(Output::Close { node: self.network.id(node) });
                self.connection_lost(node, now_ms, super::Ending::Disconnected);
            }
        }
        self.rebootstrap(now_ms);
    }

    /// A metadata request failed.
    pub(crate) fn metadata_failed(&mut self, now_ms: i64) {
        self.metadata.failed(now_ms);
        self.network.metadata_in_flight = None;
    }

    /// MDU-6, MDU-7.
    pub(crate) fn metadata_response(&mut self, response: &MetadataResponse, now_ms: i64) {
        let Some(fetch) = self.network.metadata_in_flight.take() else { return };
        if response.brokers.is_empty() {
            self.metadata.failed(now_ms);
            return;
        }
        self.metadata.begin_update(&fetch, now_ms);
        self.network.metadata_attempt_since_ms = None;
        let nodes =
            response.brokers.iter().map(|broker| (self.network.node(broker), broker.node.0)).collect();
        let entries = self.entries_of(response, now_ms);
        if fetch.partial {
            let (metadata, view) = (&mut self.metadata, &mut self.view);
            let answered = |topic: TopicId| response.topics.iter().any(|answer| answer.topic == topic);
            let kept: Vec<bool> = (0..self.topics.len() as u32)
                .map(TopicId)
                .map(|topic| {
                    view.partition_count(topic).is_some()
                        && !answered(topic)
                        && metadata.retain(topic, now_ms)
                })
                .collect();
            view.merge(&entries, |topic| kept[topic.index()], &self.topics);
        } else {
            self.view.replace(&entries, &self.topics);
            self.view.invalid_topics.clear();
            self.view.unauthorized_topics.clear();
        }
        self.view.set_nodes(nodes, self.personality.nodes_are_a_map);
        self.forget_absent_topic_ids(response);
        self.note_topic_errors(response);
        for answer in &response.topics {
            self.metadata.no_longer_new(answer.topic);
        }
        self.accumulator.index_leaders(&self.view);
    }

    /// MDU-8 to MDU-10, MDU-15: what of the response enters the snapshot.
    fn entries_of(&mut self, response: &MetadataResponse, now_ms: i64) -> Vec<Entry> {
        let mut entries = Vec::new();
        for answer in &response.topics {
            let id_is_new = answer.error == ErrorCode::None && self.metadata.note_topic_id(answer.topic);
            if !self.metadata.retain(answer.topic, now_ms) {
                continue;
            }
            if answer.error == ErrorCode::None {
                self.topic_entries(answer, id_is_new, &mut entries);
            } else if self.personality.is_invalid_metadata(answer.error) {
                self.metadata.request_update();
            }
        }
        entries
    }

    fn topic_entries(&mut self, answer: &TopicMetadata, id_is_new: bool, entries: &mut Vec<Entry>) {
        for partition in &answer.partitions {
            let tp = crate::values::ids::TopicPartition::new(answer.topic, partition.partition);
            let slot = self.topics.slot(tp);
            let node = partition.leader.and_then(|leader| self.network.find(leader));
            let epoch = if partition.leader_epoch < 0 { NO_EPOCH } else { partition.leader_epoch };
            let old = self.view.leader(slot);
            entries.extend(self.metadata.newest(slot, partition, Leader { node, epoch }, id_is_new, old));
            if self.personality.is_invalid_metadata(partition.error) {
                self.metadata.request_update();
            }
        }
    }

    /// MDU-7: a topic that comes back after it was gone has a new id in the client's eyes, whatever its epochs say.
    fn forget_absent_topic_ids(&mut self, response: &MetadataResponse) {
        for topic in (0..self.topics.len() as u32).map(TopicId) {
            let is_there = match response.topics.iter().find(|answer| answer.topic == topic) {
                Some(answer) => answer.error == ErrorCode::None,
                None => self.view.partition_count(topic).is_some(),
            };
            if !is_there {
                self.metadata.forget_topic_id(topic);
            }
        }
    }

    fn note_topic_errors(&mut self, response: &MetadataResponse) {
        for answer in &response.topics {
            self.view.invalid_topics.retain(|topic| *topic != answer.topic);
            self.view.unauthorized_topics.retain(|topic| *topic != answer.topic);
            match answer.error {
                ErrorCode::InvalidTopicException => self.view.invalid_topics.push(answer.topic),
                ErrorCode::TopicAuthorizationFailed => self.view.unauthorized_topics.push(answer.topic),
                _ => {}
            }
        }
    }
}
